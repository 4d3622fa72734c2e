"""The demo provider's page. It looks like another site's on purpose: no frame of the portal's."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.components.notice import notice
from portal_app.ui.customer.choose_method.view import method_icon
from portal_app.ui.customer.demo_checkouts.state import DemoState
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page, route=route, title=t("demo.title"), on_load=[LanguageState.load, DemoState.load]
    )


def page() -> rx.Component:
    return rx.el.div(
        rx.el.header(
            rx.icon("flask-conical", size=16, aria_hidden="true"),
            t("demo.nothing_charged"),
            class_name="stage-banner",
        ),
        notice(),
        rx.el.main(
            rx.fragment(
                rx.match(
                    DemoState.status,
                    ("open", _checkout(_choices())),
                    ("over", _checkout(_over())),
                    ("not_found", _not_found()),
                    _loading(),
                )
            ),
            class_name="stage-main",
        ),
        class_name="stage",
        lang=t("language.tag"),
    )


def _loading() -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("demo.title"), class_name="hide"),
        rx.el.div(class_name="skeleton wide"),
        rx.el.div(class_name="skeleton tall"),
        class_name="loading-page",
        role="status",
    )


def _not_found() -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("not_found.title")),
        rx.el.p(t("not_found.text"), class_name="muted"),
        rx.el.a(t("not_found.home"), href=routes.OPEN, class_name="btn s lg"),
        class_name="stage-lost",
        data_testid="demo-not-found",
    )


def _checkout(what_next: rx.Component) -> rx.Component:
    played = DemoState.played
    return rx.el.div(
        rx.el.section(
            rx.el.p(
                rx.el.span(played.initial, class_name="logo", aria_hidden="true"),
                played.company,
                class_name="stage-payee",
            ),
            rx.el.h1(t("demo.pay_to"), " ", played.company, class_name="hide"),
            rx.el.p(played.amount, class_name="stage-amount num", data_testid="demo-amount"),
            rx.el.p(played.documents, class_name="small muted", data_testid="demo-documents"),
            rx.el.a(
                rx.icon("chevron-left", size=16, aria_hidden="true"),
                t("demo.back"),
                href=played.back,
                class_name="back",
            ),
            class_name="stage-bill",
        ),
        rx.el.section(what_next, class_name="stage-card"),
        class_name="stage-two",
    )


def _choices() -> rx.Component:
    played = DemoState.played
    return rx.fragment(
        rx.el.h2(
            rx.el.span(method_icon(played.method), class_name="bk method", aria_hidden="true"),
            played.name,
            class_name="stage-method",
        ),
        rx.el.p(played.stands_for, class_name="muted"),
        rx.el.div(
            _choice(t("demo.approve"), "approved", "btn stage-pay lg", "demo-approve"),
            _choice(t("demo.decline"), "declined", "btn s lg", "demo-decline"),
            _choice(played.later, "later", "btn s lg", "demo-later"),
            _choice(t("demo.never"), "never", "btn s lg", "demo-never"),
            class_name="stage-choices",
            role="group",
            aria_label=t("demo.choices"),
        ),
        rx.el.p(t("demo.choices.text"), class_name="small muted"),
    )


def _choice(label: str | rx.Var[str], decision: str, class_name: str, testid: str) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        on_click=DemoState.decide(decision),
        class_name=class_name,
        data_testid=testid,
    )


def _over() -> rx.Component:
    return rx.fragment(
        rx.el.div(rx.icon("circle-check", aria_hidden="true"), class_name="outcome gray"),
        rx.el.h2(t("demo.over"), class_name="c"),
        rx.el.p(t("demo.over.text"), class_name="muted c"),
        rx.el.a(
            t("demo.over.back"),
            href=DemoState.played.back,
            class_name="btn stage-pay w lg",
            data_testid="demo-back",
        ),
    )
