"""Signing in by a code that comes by e-mail."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.components.form import field, post_form
from portal_app.ui.sign_in.state import TYPE, CodeState
from portal_app.ui.sign_in.view import door
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("code.title.page"),
        on_load=[LanguageState.load, CodeState.load],
    )


def page() -> rx.Component:
    return door(
        rx.el.h1(t("code.title")),
        rx.cond(CodeState.page == TYPE, _type(), _ask()),
        rx.el.a(t("sign_in.back"), href=routes.SIGN_IN, class_name="btn s w lg"),
        back=routes.SIGN_IN_CODE,
    )


def _ask() -> rx.Component:
    return rx.fragment(
        rx.el.p(t("code.ask"), class_name="muted"),
        _refused(),
        post_form(
            routes.POST_CODE,
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
                    class_name="input",
                    data_testid="code-login",
                ),
            ),
            rx.el.button(t("code.send"), type="submit", class_name="btn p w lg"),
        ),
    )


def _type() -> rx.Component:
    return rx.fragment(
        rx.el.p(CodeState.sent_to, class_name="muted", role="status"),
        _refused(),
        post_form(
            routes.POST_CODE_SIGN_IN,
            field(
                t("code.code"),
                rx.el.input(
                    id="code",
                    name="code",
                    input_mode="numeric",
                    auto_complete="one-time-code",
                    required=True,
                    max_length=20,
                    class_name="input code-input",
                    data_testid="code-code",
                ),
            ),
            rx.el.button(t("sign_in.submit"), type="submit", class_name="btn p w lg"),
        ),
    )


def _refused() -> rx.Component:
    return rx.cond(
        CodeState.error,
        rx.el.p(CodeState.error, role="alert", class_name="note red", data_code=CodeState.code),
    )
