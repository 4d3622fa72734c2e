"""Whom to ask about money."""

import reflex as rx

from portal_app.ui.shell import ShellState
from portal_app.ui.texts import t


def contact_line(before: str | rx.Var[str] = "") -> rx.Component:
    """'Fale com Marta Reis · financeiro@… · (85) …', with links to write and to call."""
    asked = ShellState.contact
    return rx.el.p(
        before,
        " ",
        t("contact.ask"),
        " ",
        rx.el.span(asked.name, class_name="strong"),
        rx.cond(asked.email, rx.fragment(" · ", rx.el.a(asked.email, href=asked.mail_to))),
        rx.cond(asked.phone, rx.fragment(" · ", rx.el.a(asked.phone, href=asked.call))),
        ".",
        class_name="small muted contact",
    )
