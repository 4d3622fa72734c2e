"""Finding customers: by name, code, contract, tax id or e-mail."""

import reflex as rx

from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.empty import could_not_load, empty, loading_rows, not_enabled
from portal_app.ui.components.staff_shell import CUSTOMERS, staff_shell
from portal_app.ui.components.table import pager
from portal_app.ui.shell import ShellState
from portal_app.ui.staff.customers.state import CustomersState, FoundLine
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("customers.title.page"),
        on_load=[LanguageState.load, ShellState.load, CustomersState.load],
    )


def page() -> rx.Component:
    return staff_shell(
        CUSTOMERS,
        rx.el.h1(t("customers.title")),
        rx.el.p(t("customers.sub"), class_name="sub"),
        rx.cond(CustomersState.status != "not_granted", _search()),
        rx.el.div(
            rx.match(
                CustomersState.status,
                ("loading", loading_rows()),
                ("ready", rx.cond(CustomersState.rows, _found(), _nobody())),
                ("not_granted", not_enabled(contact_line())),
                could_not_load(CustomersState.load),
            ),
            class_name="card mt2",
        ),
    )


def _search() -> rx.Component:
    return rx.el.form(
        rx.el.label(t("customers.search"), html_for="customer-search", class_name="hide"),
        rx.el.input(
            type="search",
            id="customer-search",
            name="typed",
            default_value=CustomersState.typed,
            placeholder=t("customers.search.hint"),
            max_length=100,
            auto_complete="off",
            class_name="input",
            data_testid="customer-search",
        ),
        rx.el.button(
            rx.icon("search", aria_hidden="true"),
            t("customers.find"),
            type="submit",
            class_name="btn s",
        ),
        on_submit=CustomersState.search,
        class_name="search mt2",
    )


def _found() -> rx.Component:
    return rx.fragment(
        rx.el.table(
            rx.el.caption(t("customers.title"), class_name="hide"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(t("account.customer"), scope="col"),
                    rx.el.th(t("account.code"), scope="col"),
                    rx.el.th(t("account.tax_id"), scope="col"),
                    rx.el.th(t("account.email"), scope="col"),
                )
            ),
            rx.el.tbody(rx.foreach(CustomersState.rows, _line)),
            class_name="table lines",
        ),
        pager(
            CustomersState.where,
            CustomersState.has_previous,
            CustomersState.has_next,
            CustomersState.previous,
            CustomersState.next,
        ),
    )


def _line(found: FoundLine) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.a(found.name, href=found.path, class_name="icon-free cover"),
            class_name="strong l-what",
        ),
        rx.el.td(found.code, class_name="num l-day"),
        rx.el.td(found.tax_id, class_name="num not-phone"),
        rx.el.td(found.email, class_name="l-more wrap-any"),
        key=found.path,
        class_name="opens",
        data_testid="customer-row",
    )


def _nobody() -> rx.Component:
    return empty("search-x", t("customers.nobody"), t("customers.nobody.hint"), tone="gray")
