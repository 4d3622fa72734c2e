"""A table of people and what is done about one of them, whoever's they are."""

import reflex as rx

from portal_app.ui.components.form import Text
from portal_app.ui.texts import t


def who_cell(name: Text, login: Text) -> rx.Component:
    return rx.el.td(
        rx.el.div(name, class_name="strong"),
        rx.el.div(login, class_name="small muted"),
        class_name="l-what wrap-any",
    )


def manage_cell(
    name: Text, is_self: rx.Var[bool] | bool, on_click: rx.event.EventType, test_id: str
) -> rx.Component:
    """Opens what can be done about somebody; nobody does it to himself."""
    return rx.el.td(
        rx.cond(
            is_self,
            rx.el.span(t("people.you"), class_name="small muted nowrap"),
            rx.el.button(
                t("people.manage"),
                rx.el.span(": ", name, class_name="hide"),
                type="button",
                on_click=on_click,
                class_name="btn s sm nowrap",
                data_testid=test_id,
            ),
        ),
        class_name="l-do",
    )


def act_button(
    action: str, icon: str, on_click: rx.event.EventType, test_id: str, *, danger: bool = False
) -> rx.Component:
    """What is done about somebody at once; its words are `people.ACTION`."""
    return rx.el.button(
        rx.icon(icon, aria_hidden="true"),
        t(f"people.{action}"),
        type="button",
        on_click=on_click,
        class_name="btn s danger" if danger else "btn s",
        data_testid=test_id,
    )
