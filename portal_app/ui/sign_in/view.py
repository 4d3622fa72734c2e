"""Signing in: the first page most people see, and the one that must be there at once."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.components.form import field, language_form, passkey_button, post_form
from portal_app.ui.sign_in.state import SignInState
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("sign_in.title"),
        description=t("product.line"),
        on_load=[LanguageState.load, SignInState.load],
    )


def page() -> rx.Component:
    return door(
        rx.el.h1(t("product.name")),
        rx.el.p(t("product.line"), class_name="muted"),
        _refused(),
        post_form(routes.POST_SIGN_IN, *_fields()),
        rx.el.a(t("sign_in.forgotten"), href=routes.NEW_PASSWORD, class_name="small"),
        rx.el.div(class_name="sep or"),
        post_form(
            routes.POST_PASSKEY_SIGN_IN,
            passkey_button(
                t("sign_in.passkey"),
                routes.POST_PASSKEY_CHALLENGE,
                class_name="btn s w lg",
                data_testid="sign-in-passkey",
            ),
        ),
        rx.el.a(
            rx.icon("mail", aria_hidden="true"),
            t("sign_in.code"),
            href=routes.SIGN_IN_CODE,
            class_name="btn s w lg",
            data_testid="sign-in-code",
        ),
        back=routes.SIGN_IN,
    )


def door(*content: rx.Component, back: str) -> rx.Component:
    """A page without a session: one card in the middle, the languages beneath."""
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


def _fields() -> list[rx.Component]:
    return [
        field(
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
                # A new key puts the login that was refused back into the field.
                default_value=SignInState.login,
                key=SignInState.login,
                class_name="input",
                data_testid="sign-in-login",
            ),
        ),
        field(
            t("sign_in.password"),
            rx.el.input(
                id="password",
                name="password",
                type="password",
                auto_complete="current-password",
                required=True,
                max_length=1000,
                class_name="input",
                data_testid="sign-in-password",
            ),
        ),
        rx.el.button(
            t("sign_in.submit"),
            type="submit",
            class_name="btn p w lg",
            data_testid="sign-in-submit",
        ),
    ]


def _refused() -> rx.Component:
    return rx.cond(
        SignInState.error,
        rx.el.p(
            SignInState.error,
            role="alert",
            class_name="note red",
            data_testid="sign-in-error",
            data_code=SignInState.code,
        ),
    )
