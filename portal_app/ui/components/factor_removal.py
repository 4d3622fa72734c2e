"""Before somebody's second factor is removed: make sure who asks, what will happen, how it was checked."""

import reflex as rx

from portal_app.domain.people import LONGEST_CHECK, IdentityCheck
from portal_app.ui.components.dialog import cancel_or
from portal_app.ui.components.form import Text, field
from portal_app.ui.texts import t

_FACTS = ("goes", "sessions", "told", "password")


def remove_factor_button(on_click: rx.event.EventType, test_id: str) -> rx.Component:
    """Leads to the question, never away with it."""
    return rx.el.button(
        rx.icon("shield-off", aria_hidden="true"),
        t("people.remove_factor"),
        type="button",
        on_click=on_click,
        class_name="btn s danger",
        data_testid=test_id,
    )


def factor_removal(
    login: Text, wrong: rx.Component, *, on_submit: rx.event.EventType, key: Text
) -> rx.Component:
    """What a dialog about one person holds; `wrong` says what is missing. A new `key` empties it."""
    return rx.fragment(
        rx.el.p(login, class_name="muted wrap-any"),
        rx.el.p(t("factor_removal.sure"), class_name="note mt2"),
        rx.el.h3(t("factor_removal.what"), class_name="h3 mt2"),
        rx.el.ul(*(rx.el.li(t(f"factor_removal.{fact}")) for fact in _FACTS), class_name="points"),
        rx.el.form(
            rx.el.fieldset(
                rx.el.legend(t("factor_removal.check"), class_name="label"),
                *(_choice(check) for check in IdentityCheck),
                class_name="switches",
            ),
            field(
                t("factor_removal.words"),
                rx.el.input(
                    id="removal-words",
                    name="words",
                    auto_complete="off",
                    max_length=LONGEST_CHECK,
                    class_name="input",
                    aria_describedby="removal-words-hint",
                    data_testid="removal-words",
                ),
                rx.el.p(t("factor_removal.words.hint"), id="removal-words-hint", class_name="hint"),
            ),
            wrong,
            cancel_or(t("factor_removal.do"), data_testid="removal-do"),
            on_submit=on_submit,
            key=key,
            class_name="form mt2",
            custom_attrs={"noValidate": True},
        ),
    )


def _choice(check: IdentityCheck) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="identity",
            value=check.value,
            class_name="cb round",
            data_testid=f"removal-{check}",
        ),
        rx.el.span(t(f"factor_removal.{check}")),
        class_name="row switch",
    )
