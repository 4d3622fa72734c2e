"""The second factor, after a right password."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.components.door import door, turned_away
from portal_app.ui.components.form import field, passkey_button, post_form, sign_out_form
from portal_app.ui.sign_in.state import SecondFactorState
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("factor.title.page"),
        on_load=[LanguageState.load, SecondFactorState.load],
    )


def page() -> rx.Component:
    return door(
        rx.el.h1(t("factor.title")),
        rx.el.p(
            rx.cond(SecondFactorState.has_app, t("factor.ask"), t("factor.ask.passkey")),
            class_name="muted",
        ),
        turned_away(SecondFactorState.error, SecondFactorState.code, data_testid="factor-error"),
        rx.cond(SecondFactorState.has_passkey, _passkey()),
        post_form(
            routes.POST_SECOND_FACTOR,
            field(
                rx.cond(SecondFactorState.has_app, t("factor.code"), t("factor.recovery")),
                rx.el.input(
                    id="code",
                    name="code",
                    auto_complete="one-time-code",
                    auto_capitalize="none",
                    spell_check=False,
                    required=True,
                    max_length=40,
                    aria_describedby="code-hint",
                    class_name="input code-input",
                    data_testid="factor-code",
                ),
                rx.el.p(t("factor.lost"), id="code-hint", class_name="hint"),
            ),
            rx.el.button(
                t("factor.submit"),
                type="submit",
                class_name="btn p w lg",
                data_testid="factor-submit",
            ),
        ),
        sign_out_form("btn s w lg"),
        back=routes.SECOND_FACTOR,
    )


def _passkey() -> rx.Component:
    return post_form(
        routes.POST_PASSKEY_SIGN_IN,
        passkey_button(t("factor.passkey"), routes.POST_PASSKEY_CHALLENGE, class_name="btn s w lg"),
    )
