"""Whom to act for: the customers of a reader who has several. A choice is a form of the browser's own."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.accounts.state import AccountLine, AccountsState
from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.empty import could_not_load, empty, loading_rows, not_enabled
from portal_app.ui.components.form import post_form
from portal_app.ui.components.shell import NO_TAB, shell
from portal_app.ui.components.status_badge import JADE, status_badge
from portal_app.ui.shell import ShellState
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("accounts.title.page"),
        on_load=[LanguageState.load, ShellState.load, AccountsState.load],
    )


def page() -> rx.Component:
    return shell(
        NO_TAB,
        rx.el.h1(t("accounts.title")),
        rx.el.p(t("accounts.sub"), class_name="sub"),
        rx.el.div(
            rx.match(
                AccountsState.status,
                ("loading", loading_rows(2)),
                ("ready", rx.cond(AccountsState.accounts, _list(), _none())),
                ("not_granted", not_enabled(contact_line())),
                could_not_load(AccountsState.load),
            ),
            class_name="mt2",
        ),
        narrow=True,
    )


def _list() -> rx.Component:
    return post_form(
        routes.POST_ACCOUNT,
        rx.foreach(AccountsState.accounts, _account),
        class_name="choices",
    )


def _account(account: AccountLine) -> rx.Component:
    return rx.el.button(
        rx.el.span(account.initials, class_name="ava", aria_hidden="true"),
        rx.el.span(
            rx.el.b(account.name),
            rx.el.span(account.kind, class_name="small muted under"),
            class_name="wrap-any",
        ),
        rx.cond(
            account.is_present,
            rx.el.span(status_badge(t("accounts.present"), JADE), class_name="at-end"),
            rx.el.span(rx.icon("chevron-right", aria_hidden="true"), class_name="at-end muted"),
        ),
        type="submit",
        name="customer",
        value=f"{account.id}",
        key=account.id,
        class_name="bank",
        data_testid="account-option",
    )


def _none() -> rx.Component:
    return empty("user-x", t("accounts.none"), t("accounts.none.hint"), contact_line(), tone="gray")
