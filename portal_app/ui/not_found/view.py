"""An address that is none of ours."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.components.door import door
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(page, route=route, title=t("not_found.title.page"), on_load=LanguageState.load)


def page() -> rx.Component:
    return door(
        rx.el.h1(t("not_found.title")),
        rx.el.p(t("not_found.text"), class_name="muted"),
        rx.el.a(t("not_found.home"), href=routes.OPEN, class_name="btn p w lg"),
        back=routes.OPEN,
    )
