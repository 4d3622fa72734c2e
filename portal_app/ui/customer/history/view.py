"""The history: payments, paid documents and receipts, a table on a desk and cards on a phone."""

import reflex as rx

from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.date_range import date_range
from portal_app.ui.components.empty import could_not_load, empty, loading_rows, not_enabled
from portal_app.ui.components.shell import HISTORY, shell
from portal_app.ui.components.status_badge import AMBER, status_badge
from portal_app.ui.components.table import pager
from portal_app.ui.customer.history.state import (
    DOCUMENTS,
    PAYMENTS,
    RECEIPTS,
    DocumentLine,
    HistoryState,
    PaymentLine,
    ReceiptLine,
)
from portal_app.ui.customer.send_email.state import EmailState
from portal_app.ui.customer.send_email.view import email_dialog
from portal_app.ui.shell import ShellState
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("history.title.page"),
        on_load=[LanguageState.load, ShellState.load, HistoryState.load],
    )


def page() -> rx.Component:
    return shell(
        HISTORY,
        rx.el.div(
            rx.el.div(rx.el.h1(t("history.title")), rx.el.p(t("history.sub"), class_name="sub")),
            rx.el.div(
                _tab(PAYMENTS),
                _tab(DOCUMENTS),
                _tab(RECEIPTS),
                class_name="chips",
                role="group",
                aria_label=t("history.views"),
            ),
            class_name="head",
        ),
        rx.cond(HistoryState.status != "not_granted", _period()),
        rx.el.div(
            rx.match(
                HistoryState.status,
                ("loading", loading_rows()),
                ("ready", _ready()),
                ("not_granted", not_enabled(contact_line())),
                could_not_load(HistoryState.load),
            ),
            class_name="card mt2",
        ),
        email_dialog(),
    )


def _tab(tab: str) -> rx.Component:
    return rx.el.button(
        t(f"history.tab.{tab}"),
        type="button",
        on_click=HistoryState.choose_tab(tab),
        aria_pressed=rx.cond(HistoryState.tab == tab, "true", "false"),
        class_name="chip",
    )


def _ready() -> rx.Component:
    return rx.fragment(
        rx.cond(
            HistoryState.is_empty,
            _nothing(),
            rx.match(
                HistoryState.tab,
                (DOCUMENTS, _documents()),
                (RECEIPTS, _receipts()),
                _payments(),
            ),
        ),
        _pager(),
    )


def _period() -> rx.Component:
    return rx.el.div(
        date_range(HistoryState.typed, HistoryState.choose_period, "history"),
        rx.cond(
            HistoryState.is_filtered,
            rx.el.button(
                t("period.clear"),
                type="button",
                on_click=HistoryState.forget_period,
                class_name="btn g",
            ),
        ),
        rx.el.p(HistoryState.count, class_name="muted small count-line", role="status"),
        class_name="filter",
    )


def _nothing() -> rx.Component:
    """Nothing yet, and nothing in the period, are two things."""
    return rx.cond(
        HistoryState.is_filtered,
        empty(
            "calendar-search",
            t("history.empty.period"),
            t("history.empty.period.hint"),
            tone="gray",
        ),
        empty(
            "receipt",
            rx.match(  # pyright: ignore[reportArgumentType]  of words it makes words
                HistoryState.tab,
                (DOCUMENTS, t("history.empty.documents")),
                (RECEIPTS, t("history.empty.receipts")),
                t("history.empty.payments"),
            ),
            t("history.empty.hint"),
            tone="gray",
        ),
    )


def _payments() -> rx.Component:
    return rx.el.table(
        rx.el.caption(t("history.tab.payments"), class_name="hide"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th(t("history.day"), scope="col"),
                rx.el.th(t("history.method"), scope="col"),
                rx.el.th(t("history.documents"), scope="col"),
                rx.el.th(t("history.amount"), scope="col", class_name="r"),
                rx.cond(HistoryState.has_papers, _unseen(t("history.receipt"))),
                _unseen(t("history.open_payment")),
            )
        ),
        rx.el.tbody(rx.foreach(HistoryState.payments, _payment)),
        class_name="table lines",
    )


def _unseen(name: rx.Var[str]) -> rx.Component:
    """The heading of a column of icons."""
    return rx.el.th(rx.el.span(name, class_name="hide"), scope="col")


def _payment(line: PaymentLine) -> rx.Component:
    return rx.el.tr(
        rx.el.td(_refunded(line, "only-phone"), line.day, class_name="num l-day"),
        rx.el.td(
            line.method,
            rx.cond(line.remark, status_badge(line.remark, AMBER)),
            class_name="l-what",
        ),
        rx.el.td(line.documents, class_name="l-more"),
        rx.el.td(
            line.amount,
            _refunded(line, "not-phone"),
            class_name="num r strong l-amount",
        ),
        rx.cond(
            HistoryState.has_papers,
            rx.el.td(
                rx.cond(
                    line.receipt,
                    rx.el.a(
                        rx.icon("receipt-text", aria_hidden="true"),
                        rx.el.span(
                            t("history.receipt"), " ", line.number, " (PDF)", class_name="hide"
                        ),
                        href=line.receipt,
                        target="_blank",
                        class_name="icon",
                        data_testid="receipt-pdf",
                    ),
                ),
                class_name="l-acts",
            ),
        ),
        rx.el.td(
            rx.el.a(
                rx.icon("chevron-right", aria_hidden="true"),
                rx.el.span(t("history.open_payment"), " ", line.documents, class_name="hide"),
                href=line.href,
                class_name="icon cover",
            ),
            class_name="l-open",
        ),
        key=line.id,
        class_name="opens",
        data_testid="history-payment",
    )


def _refunded(line: PaymentLine, where: str) -> rx.Component:
    """What went back, beneath the amount wherever that stands."""
    return rx.cond(
        line.refunded,
        rx.el.div(
            rx.el.span(t("history.refunded"), " ", class_name="hide"),
            line.refunded,
            class_name=f"small muted {where}",
        ),
    )  # pyright: ignore[reportReturnType]  of components it makes one


def _documents() -> rx.Component:
    return rx.el.table(
        rx.el.caption(t("history.tab.documents"), class_name="hide"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th(t("history.document"), scope="col"),
                rx.el.th(t("history.issued"), scope="col"),
                rx.el.th(t("history.paid_on"), scope="col"),
                rx.el.th(t("history.total"), scope="col", class_name="r"),
            )
        ),
        rx.el.tbody(rx.foreach(HistoryState.documents, _document)),
        class_name="table lines",
    )


def _document(line: DocumentLine) -> rx.Component:
    return rx.el.tr(
        rx.el.td(line.number, class_name="strong l-what"),
        rx.el.td(
            rx.el.span(t("history.issued"), " ", class_name="only-phone"),
            line.issued,
            class_name="num l-more",
        ),
        rx.el.td(
            rx.el.span(t("history.paid_on"), " ", class_name="only-phone"),
            line.paid_on,
            class_name="num l-day",
        ),
        rx.el.td(line.total, class_name="num r strong l-amount"),
        key=line.number,
        data_testid="history-document",
    )


def _receipts() -> rx.Component:
    return rx.el.table(
        rx.el.caption(t("history.tab.receipts"), class_name="hide"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th(t("history.day"), scope="col"),
                rx.el.th(t("history.receipt"), scope="col"),
                rx.el.th(t("history.documents"), scope="col"),
                rx.el.th(t("history.amount"), scope="col", class_name="r"),
                rx.cond(HistoryState.may_send, _unseen(t("pay.email"))),
                _unseen(t("history.open_receipt")),
            )
        ),
        rx.el.tbody(rx.foreach(HistoryState.receipts, _receipt)),
        class_name="table lines",
    )


def _receipt(line: ReceiptLine) -> rx.Component:
    return rx.el.tr(
        rx.el.td(line.day, class_name="num l-day"),
        rx.el.td(
            line.number,
            rx.cond(line.is_refund, status_badge(t("history.refund"), AMBER)),
            class_name="nowrap l-what",
        ),
        rx.el.td(line.documents, class_name="l-more"),
        rx.el.td(line.amount, class_name="num r strong l-amount"),
        rx.cond(HistoryState.may_send, rx.el.td(_send(line), class_name="l-acts")),
        rx.el.td(rx.cond(line.href, _open(line)), class_name="l-open"),
        key=line.id,
        class_name=rx.cond(line.href, "opens", ""),
        data_testid="history-receipt",
    )


def _send(line: ReceiptLine) -> rx.Component:
    return rx.el.button(
        rx.icon("mail", aria_hidden="true"),
        rx.el.span(t("open.email"), " ", line.number, class_name="hide"),
        type="button",
        on_click=EmailState.open_receipt(line.id),
        class_name="icon",
        data_testid="receipt-email",
    )


def _open(line: ReceiptLine) -> rx.Component:
    return rx.el.a(
        rx.icon("download", aria_hidden="true"),
        rx.el.span(t("history.open_receipt"), " ", line.number, " (PDF)", class_name="hide"),
        href=line.href,
        target="_blank",
        class_name="icon cover",
        data_testid="receipt-pdf",
    )


def _pager() -> rx.Component:
    return pager(
        HistoryState.position,
        HistoryState.has_newer,  # pyright: ignore[reportArgumentType]  a state's var
        HistoryState.has_older,  # pyright: ignore[reportArgumentType]  a state's var
        HistoryState.newer,
        HistoryState.older,
    )
