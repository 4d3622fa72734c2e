"""Signing in: the first page most people see, and the one that must be there at once."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.components.door import door, login_field, turned_away
from portal_app.ui.components.form import field, passkey_button, post_form
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
        turned_away(SignInState.error, SignInState.code, data_testid="sign-in-error"),
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


def _fields() -> list[rx.Component]:
    return [
        login_field(
            # A new key puts the login that was refused back into the field.
            default_value=SignInState.login,
            key=SignInState.login,
            data_testid="sign-in-login",
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
