"""The company's own people: who they are, what they may do, when each was last here."""

from typing import Any

import reflex as rx

from portal_app.domain.people import UserState
from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.dialog import cancel_or, dialog
from portal_app.ui.components.empty import could_not_load, loading_rows, not_enabled
from portal_app.ui.components.factor_removal import factor_removal, remove_factor_button
from portal_app.ui.components.form import field, refused
from portal_app.ui.components.people import act_button, manage_cell, who_cell
from portal_app.ui.components.staff_shell import USERS, staff_shell
from portal_app.ui.components.status_badge import status_badge
from portal_app.ui.manager.users.state import FACTOR, INVITE, RoleChoice, StaffLine, StaffState
from portal_app.ui.shell import ShellState
from portal_app.ui.texts import LanguageState, t

_ERROR = "staff-error"


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("users.title.page"),
        on_load=[LanguageState.load, ShellState.load, StaffState.load],
    )


def page() -> rx.Component:
    return staff_shell(
        USERS,
        rx.el.div(
            rx.el.div(rx.el.h1(t("users.title")), rx.el.p(t("users.sub"), class_name="sub")),
            rx.cond(
                StaffState.status == "ready",
                rx.el.button(
                    rx.icon("user-plus", aria_hidden="true"),
                    t("users.invite"),
                    type="button",
                    on_click=StaffState.open_invite,
                    class_name="btn p",
                    data_testid="staff-invite",
                ),
            ),
            class_name="head",
        ),
        rx.el.p(StaffState.said, class_name="small muted mt", role="status"),
        rx.el.div(
            rx.match(
                StaffState.status,
                ("loading", loading_rows()),
                ("ready", _table()),
                ("not_granted", not_enabled(contact_line())),
                could_not_load(StaffState.load),
            ),
            class_name="card mt2",
        ),
        _dialog(),
    )


def _table() -> rx.Component:
    return rx.el.table(
        rx.el.caption(t("users.title"), class_name="hide"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th(t("people.name"), scope="col"),
                rx.el.th(t("users.role"), scope="col"),
                rx.el.th(t("users.signed_in"), scope="col"),
                rx.el.th(t("people.state"), scope="col"),
                rx.el.th(rx.el.span(t("staff.actions"), class_name="hide"), scope="col"),
            )
        ),
        rx.el.tbody(rx.foreach(StaffState.people, _line)),
        class_name="table lines",
    )


def _line(person: StaffLine) -> rx.Component:
    return rx.el.tr(
        who_cell(person.name, person.login),
        rx.el.td(person.role, class_name="l-more"),
        rx.el.td(person.signed_in, class_name="num muted l-day"),
        rx.el.td(status_badge(person.state_name, person.tone), class_name="l-amount"),
        manage_cell(person.name, person.is_self, StaffState.open_person(person.id), "staff-manage"),
        key=person.id,
        data_testid="staff-row",
    )


def _dialog() -> rx.Component:
    one = rx.cond(StaffState.dialog == FACTOR, StaffState.removal, StaffState.chosen.name)
    title = rx.cond(StaffState.dialog == INVITE, t("users.invite.title"), one)
    return dialog(
        "staff-dialog",
        title,
        rx.fragment(
            rx.match(
                StaffState.dialog, (INVITE, _invitation()), (FACTOR, _factor_removal()), _person()
            )
        ),
        shown=StaffState.dialog != "",
        on_close=StaffState.close,
    )


def _invitation() -> rx.Component:
    return rx.el.form(
        field(t("people.name"), _text("staff-name", "name", custom_attrs={"autofocus": "true"})),
        field(t("people.login"), _text("staff-login", "login", type="email")),
        _role("staff-new-role", StaffState.roles[0].name),
        _wrong(),
        cancel_or(t("people.invite.send"), data_testid="staff-submit"),
        on_submit=StaffState.invite,
        key=f"invite-{StaffState.version}",
        class_name="form mt2",
        custom_attrs={"noValidate": True},
    )


def _person() -> rx.Component:
    chosen = StaffState.chosen
    return rx.fragment(
        rx.el.p(chosen.login, class_name="muted wrap-any"),
        rx.el.form(
            _role("staff-role", chosen.choice),
            _wrong(),
            cancel_or(t("people.save"), data_testid="staff-submit"),
            on_submit=StaffState.save,
            key=f"person-{StaffState.version}",
            class_name="form mt2",
            custom_attrs={"noValidate": True},
        ),
        rx.el.hr(class_name="sep"),
        rx.el.div(
            rx.cond(chosen.state == UserState.INVITED.value, _act("invite_again", "mail")),
            rx.cond(chosen.state == UserState.ACTIVE.value, _act("end_sessions", "log-out")),
            rx.cond(
                chosen.has_factor,
                remove_factor_button(StaffState.ask_to_remove_factor, "staff-remove-factor"),
            ),
            rx.cond(
                chosen.state == UserState.DISABLED.value,
                _act("enable", "user-check"),
                _act("disable", "user-x", danger=True),
            ),
            class_name="deeds",
        ),
    )


def _factor_removal() -> rx.Component:
    return factor_removal(
        StaffState.chosen.login,
        _wrong(),
        on_submit=StaffState.remove_factor,
        key=f"factor-{StaffState.version}",
    )


def _text(id_: str, name: str, **props: Any) -> rx.Component:
    return rx.el.input(
        id=id_,
        name=name,
        auto_complete="off",
        max_length=254,
        required=True,
        class_name="input",
        data_testid=id_,
        **props,
    )


def _role(id_: str, present: str) -> rx.Component:
    return field(
        t("users.role"),
        rx.el.select(
            rx.foreach(StaffState.roles, _choice),
            id=id_,
            name="role",
            default_value=present,
            class_name="input",
            aria_describedby=f"{id_}-hint",
        ),
        rx.el.p(t("users.role.hint"), id=f"{id_}-hint", class_name="hint"),
    )


def _choice(role: RoleChoice) -> rx.Component:
    return rx.el.option(role.words, value=role.name, key=role.name)


def _act(action: str, icon: str, *, danger: bool = False) -> rx.Component:
    return act_button(action, icon, StaffState.act(action), f"staff-{action}", danger=danger)


def _wrong() -> rx.Component:
    return refused(StaffState.error, StaffState.code, id=_ERROR, role="alert", data_testid=_ERROR)
