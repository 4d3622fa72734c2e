"""A customer for staff: who he is, what he paid, who gets in for him, his portal links."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.copy import copy_button
from portal_app.ui.components.empty import could_not_load, empty, loading_rows, not_enabled
from portal_app.ui.components.staff_shell import CUSTOMERS, staff_shell
from portal_app.ui.components.status_badge import status_badge
from portal_app.ui.people.state import PeopleState
from portal_app.ui.people.view import people_card
from portal_app.ui.shell import ShellState
from portal_app.ui.staff.customer.payments_state import PaidState
from portal_app.ui.staff.customer.payments_view import payments_card
from portal_app.ui.staff.customer.state import ContractLine, CustomerState, LinkLine, LinksState
from portal_app.ui.texts import LanguageState, t

_MADE = "made-link"


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("customer.title.page"),
        on_load=[
            LanguageState.load,
            ShellState.load,
            CustomerState.load,
            PaidState.load,
            PeopleState.load,
            LinksState.load,
        ],
    )


def page() -> rx.Component:
    return staff_shell(
        CUSTOMERS,
        rx.el.a(
            rx.icon("chevron-left", size=16, aria_hidden="true"),
            t("customers.title"),
            href=routes.STAFF_CUSTOMERS,
            class_name="back",
        ),
        rx.el.h1(
            rx.cond(CustomerState.customer.name, CustomerState.customer.name, t("customer.title")),
            class_name="wrap-any",
        ),
        rx.fragment(
            rx.match(
                CustomerState.status,
                ("loading", _card(loading_rows())),
                ("ready", _ready()),
                ("not_granted", _card(not_enabled(contact_line()))),
                (
                    "not_found",
                    _card(
                        empty("search-x", t("not_found.title"), t("not_found.text"), tone="gray")
                    ),
                ),
                _card(could_not_load(CustomerState.load)),
            ),
        ),
    )


def _card(*content: rx.Component) -> rx.Component:
    return rx.el.div(*content, class_name="card mt2")


def _ready() -> rx.Component:
    return rx.fragment(
        rx.el.div(_facts(), _contracts(), class_name="halves mt2"),
        payments_card(),
        people_card(),
        _links(),
    )


def _facts() -> rx.Component:
    customer = CustomerState.customer
    return rx.el.section(
        rx.el.h2(t("customer.facts")),
        rx.el.dl(
            _fact("account.code", customer.code),
            _fact("account.tax_id", customer.tax_id),
            _fact("account.email", customer.email),
            _fact("customer.phone", customer.phone),
            _fact("customer.address", customer.address),
            class_name="facts",
        ),
        rx.cond(customer.by_himself, rx.el.p(customer.by_himself, class_name="hint")),
        class_name="card block",
    )


def _fact(key: str, value: str) -> rx.Component:
    return rx.cond(value, rx.el.div(rx.el.dt(t(key)), rx.el.dd(value)))


def _contracts() -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("account.contracts")),
        rx.cond(
            CustomerState.contracts,
            rx.el.dl(rx.foreach(CustomerState.contracts, _contract), class_name="facts"),
            rx.el.p(t("customer.no_contracts"), class_name="muted"),
        ),
        class_name="card block",
    )


def _contract(contract: ContractLine) -> rx.Component:
    return rx.el.div(rx.el.dt(contract.number, class_name="num"), rx.el.dd(contract.description))


def _links() -> rx.Component:
    return rx.cond(
        LinksState.status == "ready",
        rx.el.section(
            rx.el.div(
                rx.el.div(
                    rx.el.h2(t("links.title")), rx.el.p(t("links.sub"), class_name="small muted")
                ),
                rx.el.button(
                    rx.icon("link", aria_hidden="true"),
                    t("links.make"),
                    type="button",
                    on_click=LinksState.make,
                    class_name="btn s",
                    data_testid="link-make",
                ),
                class_name="head part-head",
            ),
            rx.el.p(LinksState.said, class_name="small muted said", role="status"),
            rx.cond(LinksState.made, _made()),
            rx.cond(
                LinksState.links,
                rx.el.table(
                    rx.el.caption(t("links.title"), class_name="hide"),
                    rx.el.thead(
                        rx.el.tr(
                            rx.el.th(t("links.made"), scope="col"),
                            rx.el.th(t("links.until"), scope="col"),
                            rx.el.th(t("links.use"), scope="col"),
                            rx.el.th(t("people.state"), scope="col"),
                            rx.el.th(
                                rx.el.span(t("staff.actions"), class_name="hide"), scope="col"
                            ),
                        )
                    ),
                    rx.el.tbody(rx.foreach(LinksState.links, _link)),
                    class_name="table lines",
                ),
                rx.el.p(t("links.none"), class_name="muted part-empty"),
            ),
            class_name="card mt2",
            data_testid="links",
        ),
    )


def _made() -> rx.Component:
    return rx.el.div(
        rx.el.div(LinksState.made, id=_MADE, class_name="code-text", data_testid="link-made"),
        copy_button(_MADE, t("links.copy"), t("links.copied"), "link-copy"),
        rx.el.p(t("links.once"), class_name="hint"),
        class_name="made",
    )


def _link(link: LinkLine) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            link.made,
            rx.el.span(" · ", link.scope, class_name="muted small"),
            class_name="num l-what",
        ),
        rx.el.td(
            rx.el.span(t("links.until"), " ", class_name="only-phone"),
            link.until,
            class_name="num l-more",
        ),
        rx.el.td(link.opened, class_name="l-wide muted"),
        rx.el.td(status_badge(link.state, link.tone), class_name="l-amount"),
        rx.el.td(
            rx.cond(
                link.is_open,
                rx.el.button(
                    t("links.revoke"),
                    rx.el.span(": ", link.made, class_name="hide"),
                    type="button",
                    on_click=LinksState.revoke(link.id),
                    class_name="btn s sm danger nowrap",
                    data_testid="link-revoke",
                ),
            ),
            class_name="l-do",
        ),
        key=link.id,
        data_testid="link-row",
    )
