"""Signing in by a code that comes by e-mail."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.components.door import door, login_field, turned_away
from portal_app.ui.components.form import field, post_form
from portal_app.ui.sign_in.state import TYPE, CodeState
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
        turned_away(CodeState.error, CodeState.code),
        post_form(
            routes.POST_CODE,
            login_field(data_testid="code-login"),
            rx.el.button(t("code.send"), type="submit", class_name="btn p w lg"),
        ),
    )


def _type() -> rx.Component:
    return rx.fragment(
        rx.el.p(CodeState.sent_to, class_name="muted", role="status"),
        turned_away(CodeState.error, CodeState.code),
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
