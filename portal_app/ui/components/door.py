"""Pages for whoever has no session yet: one card in the middle, the languages beneath."""

from typing import Any

import reflex as rx

from portal_app.ui.components.form import Text, field, language_form
from portal_app.ui.texts import t


def door(*content: rx.Component, back: str) -> rx.Component:
    return rx.el.main(
        rx.el.section(
            rx.el.span(t("product.initial"), class_name="logo", aria_hidden="true"),
            *content,
            class_name="card",
        ),
        language_form(back),
        class_name="door",
        lang=t("language.tag"),
    )


def login_field(**props: Any) -> rx.Component:
    """The address somebody signs in with."""
    return field(
        t("sign_in.login"),
        rx.el.input(
            id="login",
            name="login",
            input_mode="email",
            auto_complete="username",
            auto_capitalize="none",
            spell_check=False,
            required=True,
            max_length=320,
            class_name="input",
            **props,
        ),
    )


def turned_away(text: Text, code: Text, **props: Any) -> rx.Component:
    """Why it does not go on; nothing while `text` is empty."""
    return rx.cond(
        text, rx.el.p(text, role="alert", class_name="note red", data_code=code, **props)
    )
