"""Privacy: one's own data as a file, the e-mails one wants, and asking to be forgotten."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.empty import could_not_load, loading_rows, not_enabled
from portal_app.ui.components.staff_shell import shared_shell
from portal_app.ui.customer.privacy.state import BOLETO_REGISTERED, REMINDER, PrivacyState
from portal_app.ui.shell import ShellState
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("privacy.title.page"),
        on_load=[LanguageState.load, ShellState.load, PrivacyState.load],
    )


def page() -> rx.Component:
    return shared_shell(
        rx.el.div(
            rx.el.h1(t("privacy.title")),
            rx.el.p(t("privacy.sub"), class_name="sub"),
            rx.match(
                PrivacyState.status,
                ("loading", _card(loading_rows(6))),
                ("ready", rx.fragment(_data(), _mails(), _deletion())),
                ("not_granted", _card(not_enabled(contact_line()))),
                _card(could_not_load(PrivacyState.load)),
            ),
            class_name="reading",
        )
    )


def _card(*content: rx.Component) -> rx.Component:
    return rx.el.section(*content, class_name="card block mt2")


def _data() -> rx.Component:
    return _card(
        rx.el.h2(t("privacy.data")),
        rx.el.p(t("privacy.data.text"), class_name="muted"),
        rx.el.a(
            rx.icon("download", aria_hidden="true"),
            t("privacy.data.download"),
            href=routes.MY_DATA,
            # Else the page's own router would look for a page of that name.
            target="_blank",
            class_name="btn s",
            data_testid="my-data",
        ),
        rx.el.p(t("privacy.data.hint"), class_name="hint"),
    )


def _mails() -> rx.Component:
    choices = PrivacyState.choices
    return _card(
        rx.el.h2(t("privacy.mails")),
        rx.el.p(t("privacy.mails.text"), class_name="muted"),
        rx.el.form(
            _choice(BOLETO_REGISTERED, choices.boleto_registered),
            _choice(REMINDER, choices.reminder),
            rx.el.button(t("privacy.mails.save"), type="submit", class_name="btn s"),
            on_submit=PrivacyState.save,
            class_name="form",
        ),
        rx.el.p(PrivacyState.saved, class_name="small good", role="status"),
        rx.cond(PrivacyState.history, _history()),
    )


def _choice(name: str, chosen: bool) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            name=name,
            default_checked=chosen,
            # Uncontrolled: a new key puts in what the server says.
            key=rx.cond(chosen, "on", "off"),
            class_name="cb",
            data_testid=f"choice-{name}",
        ),
        rx.el.span(t(f"privacy.mail.{name}")),
        class_name="choice",
    )


def _history() -> rx.Component:
    return rx.el.details(
        rx.el.summary(t("privacy.history"), class_name="small"),
        rx.el.ul(
            rx.foreach(PrivacyState.history, lambda line: rx.el.li(line)),
            class_name="small muted",
        ),
    )


def _deletion() -> rx.Component:
    return _card(
        rx.el.h2(t("privacy.deletion")),
        rx.cond(
            PrivacyState.request,
            rx.el.p(PrivacyState.request, class_name="note gray", role="status"),
        ),
        rx.cond(
            PrivacyState.is_waiting,
            rx.fragment(),
            rx.cond(PrivacyState.is_asking, _what_it_means(), _begin()),
        ),
    )


def _begin() -> rx.Component:
    return rx.fragment(
        rx.el.p(t("privacy.deletion.text"), class_name="muted"),
        rx.el.button(
            t("privacy.deletion.begin"),
            type="button",
            on_click=PrivacyState.begin,
            class_name="btn s",
            data_testid="deletion-begin",
        ),
    )


def _what_it_means() -> rx.Component:
    return rx.fragment(
        rx.el.p(t("privacy.deletion.goes")),
        rx.el.p(PrivacyState.stays, class_name="note", data_testid="deletion-stays"),
        rx.el.p(t("privacy.deletion.audit"), class_name="muted"),
        rx.el.div(
            rx.el.button(
                t("privacy.deletion.confirm"),
                type="button",
                on_click=PrivacyState.confirm,
                class_name="btn p",
                data_testid="deletion-confirm",
            ),
            rx.el.button(
                t("privacy.deletion.back"),
                type="button",
                on_click=PrivacyState.back,
                class_name="btn g",
            ),
            class_name="row",
        ),
    )
