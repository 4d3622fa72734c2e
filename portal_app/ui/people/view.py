"""A customer's people: who gets in, as what, until when; the dialog to invite and to change one."""

from typing import Any

import reflex as rx

from portal_app.domain.grants import MemberKind
from portal_app.domain.people import Switch, UserState
from portal_app.ui.components.dialog import cancel_or, dialog
from portal_app.ui.components.factor_removal import factor_removal, remove_factor_button
from portal_app.ui.components.form import field, refused
from portal_app.ui.components.people import act_button, manage_cell, who_cell
from portal_app.ui.components.status_badge import status_badge
from portal_app.ui.people.state import FACTOR, INVITE, TABLE, PeopleState, PersonLine
from portal_app.ui.texts import t

_ERROR = "people-error"


def people_card() -> rx.Component:
    """The list with its dialog; nothing for whoever may not say who the customer's people are."""
    return rx.cond(
        PeopleState.status == "ready",
        rx.el.section(
            rx.el.div(
                rx.el.div(
                    rx.el.h2(t("people.title")), rx.el.p(t("people.sub"), class_name="small muted")
                ),
                rx.el.button(
                    rx.icon("user-plus", aria_hidden="true"),
                    t("people.invite"),
                    type="button",
                    on_click=PeopleState.open_invite,
                    class_name="btn s",
                    data_testid="people-invite",
                ),
                class_name="head part-head",
            ),
            rx.el.p(PeopleState.said, class_name="small muted said", role="status"),
            rx.el.table(
                rx.el.caption(t("people.title"), class_name="hide"),
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th(t("people.name"), scope="col"),
                        rx.el.th(t("people.kind"), scope="col"),
                        rx.el.th(t("people.state"), scope="col"),
                        rx.el.th(rx.el.span(t("staff.actions"), class_name="hide"), scope="col"),
                    )
                ),
                rx.el.tbody(rx.foreach(PeopleState.people, _line)),
                class_name="table lines",
                id=TABLE,
            ),
            _dialog(),
            class_name="card mt2",
            data_testid="people",
        ),
    )


def _line(person: PersonLine) -> rx.Component:
    return rx.el.tr(
        who_cell(person.name, person.login),
        rx.el.td(
            person.kind_name,
            rx.cond(person.term, rx.el.span(" · ", person.term, class_name="muted")),
            class_name="l-more",
        ),
        rx.el.td(status_badge(person.state_name, person.tone), class_name="l-amount"),
        manage_cell(
            person.name, person.is_self, PeopleState.open_person(person.id), "people-manage"
        ),
        key=person.id,
        data_testid="person-row",
    )


def _dialog() -> rx.Component:
    chosen = PeopleState.chosen
    one = rx.cond(PeopleState.dialog == FACTOR, PeopleState.removal, chosen.name)
    title = rx.cond(PeopleState.dialog == INVITE, t("people.invite.title"), one)
    return dialog(
        "people-dialog",
        title,
        rx.fragment(
            rx.match(
                PeopleState.dialog, (INVITE, _invitation()), (FACTOR, _factor_removal()), _person()
            )
        ),
        shown=PeopleState.dialog != "",
        on_close=PeopleState.close,
    )


def _invitation() -> rx.Component:
    return rx.el.form(
        field(
            t("people.name"),
            _text("people-name", "name", "name", custom_attrs={"autofocus": "true"}),
        ),
        field(t("people.login"), _text("people-login", "login", "email", type="email")),
        _kind("people-new-kind", MemberKind.MEMBER.value),
        _ends("people-new-ends", ""),
        _wrong(),
        cancel_or(t("people.invite.send"), data_testid="people-submit"),
        on_submit=PeopleState.invite,
        key=f"invite-{PeopleState.version}",
        class_name="form mt2",
        custom_attrs={"noValidate": True},
    )


def _person() -> rx.Component:
    chosen = PeopleState.chosen
    return rx.fragment(
        rx.el.p(chosen.login, class_name="muted wrap-any"),
        rx.el.form(
            _kind("people-kind", chosen.kind),
            _ends("people-ends", chosen.ends),
            rx.cond(
                chosen.has_switches,
                rx.el.fieldset(
                    rx.el.legend(t("people.switches"), class_name="label"),
                    _switch(Switch.PAY, chosen.may_pay),
                    _switch(Switch.EMAIL, chosen.may_email),
                    class_name="switches",
                ),
            ),
            _wrong(),
            cancel_or(t("people.save"), data_testid="people-submit"),
            on_submit=PeopleState.save,
            key=f"person-{PeopleState.version}",
            class_name="form mt2",
            custom_attrs={"noValidate": True},
        ),
        rx.el.hr(class_name="sep"),
        rx.el.div(
            rx.cond(chosen.state == UserState.INVITED.value, _act("invite_again", "mail")),
            rx.cond(chosen.state == UserState.ACTIVE.value, _act("end_sessions", "log-out")),
            rx.cond(
                chosen.has_factor,
                remove_factor_button(PeopleState.ask_to_remove_factor, "people-remove-factor"),
            ),
            rx.cond(
                PeopleState.by_staff,
                rx.cond(
                    chosen.state == UserState.DISABLED.value,
                    _act("enable", "user-check"),
                    _act("disable", "user-x", danger=True),
                ),
            ),
            _act("remove", "user-minus", danger=True),
            class_name="deeds",
        ),
    )


def _factor_removal() -> rx.Component:
    return factor_removal(
        PeopleState.chosen.login,
        _wrong(),
        on_submit=PeopleState.remove_factor,
        key=f"factor-{PeopleState.version}",
    )


def _text(id_: str, name: str, complete: str, **props: Any) -> rx.Component:
    return rx.el.input(
        id=id_,
        name=name,
        auto_complete=complete if complete == "email" else "off",
        max_length=254,
        required=True,
        class_name="input",
        data_testid=id_,
        **props,
    )


def _kind(id_: str, present: str) -> rx.Component:
    return field(
        t("people.kind"),
        rx.el.select(
            *(rx.el.option(t(f"member.{kind}"), value=kind.value) for kind in MemberKind),
            id=id_,
            name="kind",
            default_value=present,
            class_name="input",
            aria_describedby=f"{id_}-hint",
        ),
        rx.el.p(t("people.kind.hint"), id=f"{id_}-hint", class_name="hint"),
    )


def _ends(id_: str, present: str) -> rx.Component:
    return field(
        t("people.ends"),
        rx.el.input(
            type="date",
            id=id_,
            name="ends",
            default_value=present,
            max="2999-12-31",
            class_name="input",
            aria_describedby=f"{id_}-hint",
        ),
        rx.el.p(t("people.ends.hint"), id=f"{id_}-hint", class_name="hint"),
    )


def _switch(switch: Switch, on: bool) -> rx.Component:
    return rx.el.label(
        # Whether the form showed the switch at all: a box that is off sends nothing.
        rx.el.input(type="hidden", name=f"has_{switch}", default_value="1"),
        rx.el.input(
            type="checkbox",
            name=switch.value,
            default_checked=on,
            class_name="cb",
            data_testid=f"people-switch-{switch}",
        ),
        rx.el.span(t(f"people.switch.{switch}")),
        class_name="row switch",
    )


def _act(action: str, icon: str, *, danger: bool = False) -> rx.Component:
    return act_button(action, icon, PeopleState.act(action), f"people-{action}", danger=danger)


def _wrong() -> rx.Component:
    return refused(PeopleState.error, PeopleState.code, id=_ERROR, role="alert", data_testid=_ERROR)
