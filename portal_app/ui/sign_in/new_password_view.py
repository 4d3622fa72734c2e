"""A new password: asked for by whoever lost his, chosen by whoever has the link or was invited."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.components.door import door, login_field, turned_away
from portal_app.ui.components.form import field, post_form, refused
from portal_app.ui.sign_in.state import ASK, ASKED, CHOOSE, NewPasswordState
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("new_password.title.page"),
        on_load=[LanguageState.load, NewPasswordState.load],
    )


def page() -> rx.Component:
    what = rx.match(
        NewPasswordState.page,
        (ASK, _ask()),
        (ASKED, _asked()),
        (CHOOSE, _choose()),
        rx.el.h1(t("new_password.title")),
    )
    return door(rx.fragment(what), back=routes.NEW_PASSWORD)


def _ask() -> rx.Component:
    return rx.fragment(
        rx.el.h1(t("new_password.title")),
        rx.el.p(t("new_password.ask"), class_name="muted"),
        turned_away(NewPasswordState.error, NewPasswordState.code),
        post_form(
            routes.POST_RESET,
            login_field(),
            rx.el.button(t("new_password.send"), type="submit", class_name="btn p w lg"),
        ),
        _back(),
    )


def _asked() -> rx.Component:
    return rx.fragment(
        rx.el.h1(t("new_password.asked.title")),
        rx.el.p(t("new_password.asked"), class_name="muted", role="status"),
        _back(),
    )


def _choose() -> rx.Component:
    invited = NewPasswordState.is_invitation
    return rx.fragment(
        rx.el.h1(rx.cond(invited, t("new_password.invited.title"), t("new_password.title"))),
        rx.el.p(
            rx.cond(invited, t("new_password.invited"), t("new_password.choose")),
            class_name="muted",
        ),
        post_form(
            routes.POST_NEW_PASSWORD,
            # For the browser's own store of passwords, which wants to know whose it is.
            rx.el.input(
                name="username",
                value=NewPasswordState.login,
                auto_complete="username",
                read_only=True,
                tab_index=-1,
                aria_label=t("sign_in.login"),
                class_name="input quiet",
            ),
            field(
                t("account.password.wanted"),
                rx.el.input(
                    id="wanted",
                    name="wanted",
                    type="password",
                    auto_complete="new-password",
                    required=True,
                    max_length=1000,
                    aria_describedby="wanted-hint",
                    class_name="input",
                ),
                rx.el.p(NewPasswordState.hint, id="wanted-hint", class_name="hint"),
                refused(NewPasswordState.error, NewPasswordState.code, role="alert"),
            ),
            rx.el.button(t("new_password.submit"), type="submit", class_name="btn p w lg"),
        ),
    )


def _back() -> rx.Component:
    return rx.el.a(t("sign_in.back"), href=routes.SIGN_IN, class_name="btn s w lg")
