"""Forms that the browser posts itself, to a route of the API: they work before the page is live."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML

from portal_app import locales
from portal_app.ui import routes
from portal_app.ui.texts import LanguageState, t

Text = str | rx.Var[str]


class NativeForm(BaseHTML):
    """A form element left alone; Reflex's own ones always keep the browser from posting."""

    tag = "form"

    action: rx.Var[str]
    method: rx.Var[str]


def post_form(action: str, *children: rx.Component, class_name: str = "form") -> rx.Component:
    return NativeForm.create(*children, action=action, method="post", class_name=class_name)


def field(label: Text, control: rx.Component, *more: rx.Component) -> rx.Component:
    """A control under its label; `more` stands beneath, such as a hint or what is wrong with it."""
    return rx.el.div(rx.el.label(label, html_for=control.id), control, *more, class_name="field")


def refused(text: Text, code: Text, **props: Any) -> rx.Component:
    """What is wrong with a form, in its place; nothing while `text` is empty."""
    return rx.cond(
        text,
        rx.el.p(text, " ", rx.el.span(code, class_name="reference"), class_name="wrong", **props),
    )


def passkey_button(label: Text, options: str, **props: Any) -> rx.Component:
    """Lets the device answer and posts its form; nothing where the browser knows no passkeys.

    assets/passkeys.js does it: it asks `options` for what the device needs.
    """
    return rx.fragment(
        rx.el.input(type="hidden", name="credential", default_value=""),
        rx.el.button(
            rx.icon("fingerprint", aria_hidden="true"),
            label,
            type="button",
            custom_attrs={"data-passkey": options},
            **props,
        ),
    )


def sign_out_form(class_name: str = "btn s") -> rx.Component:
    return post_form(
        routes.POST_SIGN_OUT,
        rx.el.button(t("session.sign_out"), type="submit", class_name=class_name),
    )


def language_form(back: str) -> rx.Component:
    """Each language in its own words; choosing one loads `back` anew."""
    return post_form(
        routes.POST_LANGUAGE,
        rx.el.input(type="hidden", name="back", default_value=back),
        *(_language_button(language) for language in locales.COMPLETE),
        class_name="languages",
    )


def _language_button(language: str) -> rx.Component:
    return rx.el.button(
        locales.text("language.name", language),
        type="submit",
        name="language",
        value=language,
        lang=locales.text("language.tag", language),
        aria_pressed=rx.cond(LanguageState.language == language, "true", "false"),
        class_name="language",
    )
