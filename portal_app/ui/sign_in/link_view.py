"""A portal link that does not open by itself: invalid, somebody else's, or asked for anew."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.components.door import door
from portal_app.ui.components.form import post_form
from portal_app.ui.sign_in.state import LINK_ASKED, LINK_INVALID, LINK_SWITCH, LinkState
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page, route=route, title=t("link.title"), on_load=[LanguageState.load, LinkState.load]
    )


def page() -> rx.Component:
    what_happened = rx.match(
        LinkState.page,
        (LINK_INVALID, _invalid()),
        (LINK_SWITCH, _switch()),
        (LINK_ASKED, _asked()),
        rx.el.h1(t("product.name")),
    )
    return door(rx.fragment(what_happened), back=routes.LINK)


def _invalid() -> rx.Component:
    return rx.fragment(
        rx.el.h1(t("link.invalid.title")),
        rx.el.p(t("LINK_INVALID"), class_name="muted"),
        post_form(
            routes.POST_NEW_LINK,
            rx.el.button(t("link.ask_new"), type="submit", class_name="btn p w lg"),
        ),
        _to_sign_in(),
    )


def _switch() -> rx.Component:
    return rx.fragment(
        rx.el.h1(t("link.switch.title")),
        rx.el.p(LinkState.question, class_name="muted"),
        post_form(
            routes.POST_LINK,
            rx.el.button(t("link.switch.go"), type="submit", class_name="btn p w lg"),
        ),
        rx.el.a(t("link.switch.stay"), href=routes.OPEN, class_name="btn s w lg"),
    )


def _asked() -> rx.Component:
    return rx.fragment(
        rx.el.h1(t("link.asked.title")),
        rx.el.p(t("link.asked"), class_name="muted", role="status"),
        _to_sign_in(),
    )


def _to_sign_in() -> rx.Component:
    return rx.el.a(t("link.sign_in"), href=routes.SIGN_IN, class_name="btn s w lg")
