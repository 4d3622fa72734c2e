"""Open documents: what is owed, the boxes, the total. A table on a desk, cards on a phone."""

from typing import Final

import reflex as rx

from portal_app.domain.documents import Show, SortBy
from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.date_range import date_range
from portal_app.ui.components.empty import could_not_load, empty, loading_rows, not_enabled
from portal_app.ui.components.payment_bar import payment_bar
from portal_app.ui.components.shell import OPEN, shell
from portal_app.ui.components.status_badge import status_badge
from portal_app.ui.components.table import pager, sortable
from portal_app.ui.customer.choose_method.view import method_dialog
from portal_app.ui.customer.open_documents.rows import Row
from portal_app.ui.customer.open_documents.state import MarksState, OpenState, SelectionState
from portal_app.ui.customer.send_email.state import EmailState
from portal_app.ui.customer.send_email.view import email_dialog
from portal_app.ui.shell import ShellState
from portal_app.ui.texts import LanguageState, t

Text = str | rx.Var[str]

_CELL: Final = {"role": "cell"}


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("open.title"),
        on_load=[LanguageState.load, ShellState.load, OpenState.load],
    )


def page() -> rx.Component:
    return shell(
        OPEN,
        rx.el.div(
            rx.el.div(
                rx.el.h1(t("open.title")),
                rx.el.p(OpenState.whose.line, " · ", _order(), class_name="sub"),
            ),
            _chips(),
            class_name="head",
        ),
        rx.fragment(
            rx.match(
                OpenState.status,
                ("ready", rx.cond(OpenState.listing.all > 0, _list_and_total(), _nothing_open())),
                ("failed", _alone(could_not_load(OpenState.load, OpenState.problem))),
                ("not_granted", _alone(not_enabled(contact_line()))),
                rx.el.div(
                    rx.el.div(loading_rows(), class_name="card"),
                    rx.el.div(class_name="card bar side waiting"),
                    class_name="grid",
                ),
            )
        ),
        method_dialog(SelectionState.pay_group),
        email_dialog(),
    )


def _alone(content: rx.Component) -> rx.Component:
    return rx.el.div(content, class_name="card mt2")


def _order() -> rx.Component:
    """In words how the list is sorted."""
    sort = OpenState.listing.sort
    return rx.el.span(
        rx.match(
            sort,
            *(
                (
                    by.value,
                    rx.cond(
                        OpenState.listing.descending,
                        t(f"open.sorted.{by}.down"),
                        t(f"open.sorted.{by}.up"),
                    ),
                )
                for by in SortBy
            ),
            "",
        )
    )


def _chips() -> rx.Component:
    listing = OpenState.listing
    return rx.el.div(
        _chip(t("open.all"), Show.ALL),
        _chip(t("open.overdue"), Show.OVERDUE, "red", listing.overdue),
        _chip(
            rx.fragment(
                rx.el.span(t("open.soon"), class_name="not-phone"),
                rx.el.span(t("open.soon.short"), class_name="only-phone"),
            ),
            Show.SOON,
            "amber",
            listing.soon,
        ),
        rx.el.details(
            rx.el.summary(
                rx.cond(listing.period, listing.period, t("open.period")),
                class_name=rx.cond(listing.period, "chip on", "chip"),
            ),
            rx.el.div(
                date_range(OpenState.period, OpenState.set_period, "due"),
                class_name="card pad pop",
            ),
            # A period that was understood closes the panel: a new key draws it closed.
            key=listing.period,
            class_name="period",
        ),
        class_name="chips",
    )


def _chip(
    label: rx.Var[str] | rx.Component, show: Show, dot: str = "", count: int | None = None
) -> rx.Component:
    listing = OpenState.listing
    chosen = (listing.show == show.value) & (listing.period == "")
    return rx.el.button(
        rx.el.span(class_name=f"dot {dot}", aria_hidden="true") if dot else rx.fragment(),
        label,
        rx.el.b(count, class_name="num") if count is not None else rx.fragment(),
        type="button",
        aria_pressed=rx.cond(chosen, "true", "false"),
        on_click=OpenState.show(show.value),
        class_name="chip",
    )


def _nothing_open() -> rx.Component:
    return _alone(
        empty(
            "circle-check",
            t("open.nothing"),
            t("open.nothing.text"),
            rx.cond(
                OpenState.whose.last_payment,
                rx.el.p(OpenState.whose.last_payment, class_name="small"),
            ),
            data_testid="empty-open-documents",
        )
    )


def _list_and_total() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.div(
                _presets(),
                _table(),
                rx.cond(
                    OpenState.listing.is_empty,
                    empty(
                        "list-filter",
                        t("open.none_match"),
                        "",
                        rx.el.button(
                            t("open.show_all"),
                            type="button",
                            on_click=OpenState.show(Show.ALL.value),
                            class_name="btn s",
                        ),
                        tone="gray",
                    ),
                ),
                pager(
                    OpenState.listing.page,
                    OpenState.listing.has_previous,
                    OpenState.listing.has_next,
                    OpenState.previous,
                    OpenState.next,
                ),
                class_name="card list",
            ),
            contact_line(t("open.fixed")),
            class_name="list-side",
        ),
        _total(),
        class_name="grid",
    )


def _presets() -> rx.Component:
    return rx.el.div(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                default_checked=MarksState.everything,
                key=f"{MarksState.version}",
                on_change=SelectionState.everything,  # pyright: ignore[reportArgumentType]  a checkbox says whether it is ticked
                class_name="cb",
                data_testid="select-all",
            ),
            rx.el.span(t("select.all")),
            class_name="preset",
        ),
        rx.cond(
            OpenState.listing.overdue > 0,
            rx.el.button(
                t("select.overdue"),
                type="button",
                on_click=SelectionState.overdue,
                class_name="btn g sm",
                data_testid="select-overdue",
            ),
        ),
        class_name="presets",
    )


def _table() -> rx.Component:
    return rx.el.table(
        rx.el.caption(t("open.title"), class_name="hide"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th(
                    rx.el.span(t("select.column"), class_name="hide"),
                    scope="col",
                    class_name="pick",
                    custom_attrs={"role": "columnheader"},
                ),
                _heading(SortBy.NUMBER),
                _heading(SortBy.DUE),
                _heading(SortBy.TOTAL, "r"),
                _heading(SortBy.BALANCE, "r"),
                rx.el.th(
                    rx.el.span(t("open.actions"), class_name="hide"),
                    scope="col",
                    class_name="acts",
                    custom_attrs={"role": "columnheader"},
                ),
                custom_attrs={"role": "row"},
            ),
            custom_attrs={"role": "rowgroup"},
        ),
        rx.el.tbody(
            rx.foreach(OpenState.rows, _row),
            custom_attrs={"role": "rowgroup"},
        ),
        class_name="table docs",
        custom_attrs={"role": "table"},
    )


def _heading(by: SortBy, class_name: str = "") -> rx.Component:
    listing = OpenState.listing
    label = t(f"open.column.{by}")
    press = OpenState.sort_by(by.value)
    return sortable(label, by.value, listing.sort, listing.descending, press, class_name=class_name)


def _row(row: Row) -> rx.Component:
    return rx.el.tr(
        rx.el.td(_box(row), class_name="pick", custom_attrs=_CELL),
        rx.el.td(
            rx.el.div(row.number, class_name="name"),
            rx.cond(row.about, rx.el.div(row.about, class_name="small muted")),
            _reason(row),
            class_name="what",
            custom_attrs=_CELL,
        ),
        rx.el.td(
            rx.el.div(row.due, class_name="num due"),
            rx.cond(row.badge, status_badge(row.badge, row.tone)),
            class_name="when",
            custom_attrs=_CELL,
        ),
        rx.el.td(row.total, class_name="r num whole", custom_attrs=_CELL),
        rx.el.td(
            rx.el.div(row.balance, class_name="strong num"),
            rx.cond(row.today, rx.el.div(row.today, class_name="small muted num")),
            rx.cond(row.free, rx.el.div(row.free, class_name="small muted num")),
            rx.cond(row.paid, rx.el.div(row.paid, class_name="small muted num")),
            class_name="r owed",
            custom_attrs=_CELL,
        ),
        rx.el.td(_actions(row), class_name="acts", custom_attrs=_CELL),
        key=row.id,
        class_name=rx.cond(row.is_credit, "credit", ""),
        data_testid="document-row",
        custom_attrs={"role": "row", "data-document": row.number},
    )


def _box(row: Row) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            # The browser's own from here on: it answers before the server does.
            default_checked=MarksState.ticked.contains(row.id),  # pyright: ignore[reportAttributeAccessIssue]
            key=f"{MarksState.version}",
            disabled=rx.cond(row.can_tick, _other_currency(row), True),
            on_change=lambda ticked: SelectionState.tick(row.id, ticked),  # pyright: ignore[reportArgumentType]
            aria_label=f"{t('select.one')} {row.number}",
            class_name="cb",
            data_testid="document-select",
        ),
        class_name="tick",
    )


def _other_currency(row: Row) -> bool:
    return (MarksState.currency != "") & (MarksState.currency != row.currency)


def _reason(row: Row) -> rx.Component:
    return rx.cond(
        ~row.can_tick,
        _why(row.why, row.reason),
        rx.cond(_other_currency(row), _why(t("blocked.currency"), t("blocked.currency.reason"))),
    )


def _why(short: Text, reason: Text) -> rx.Component:
    """The short reason at once; the whole of it on hover, focus and tap."""
    return rx.el.button(
        rx.el.span(short),
        rx.el.span(reason, class_name="tip"),
        type="button",
        class_name="why",
        data_testid="document-blocked-reason",
    )


def _actions(row: Row) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.cond(
                row.pdf,
                rx.el.a(
                    rx.icon("download", aria_hidden="true"),
                    rx.el.span(t("open.pdf"), " ", row.number, class_name="hide"),
                    href=row.pdf,
                    target="_blank",
                    class_name="icon",
                    data_testid="document-pdf",
                ),
            ),
            rx.cond(
                OpenState.whose.can_email,
                rx.el.button(
                    rx.icon("mail", aria_hidden="true"),
                    rx.el.span(t("open.email"), " ", row.number, class_name="hide"),
                    type="button",
                    on_click=EmailState.open_document(row.public_id),
                    class_name="icon",
                    data_testid="document-email",
                ),
            ),
            class_name="icons",
        ),
        rx.cond(
            row.open,
            rx.el.a(
                row.open,
                rx.el.span(" ", row.number, class_name="hide"),
                href=row.href,
                class_name="btn g sm",
                data_testid="document-payment",
            ),
        ),
        class_name="row",
    )


def _total() -> rx.Component:
    total = SelectionState.total
    return payment_bar(
        total.amount,
        total.documents,
        total.principal,
        _charges(),
        rx.cond(
            OpenState.whose.can_pay,
            rx.fragment(
                rx.el.button(
                    t("total.pay"),
                    rx.cond(total.count > 0, rx.el.span(total.amount, class_name="num not-phone")),
                    type="button",
                    disabled=total.count == 0,
                    on_click=SelectionState.pay,
                    class_name="btn p w lg",
                    data_testid="pay-button",
                ),
                _clear(),
            ),
            rx.fragment(
                rx.el.div(
                    rx.cond(
                        ShellState.reader.viewing,
                        rx.el.p(t("view.total")),
                        contact_line(t("total.ask_to_pay")),
                    ),
                    class_name="note gray",
                ),
                _clear(),
            ),
        ),
        rx.cond(
            OpenState.whose.can_pay,
            rx.el.p(t("total.next"), class_name="small muted"),
        ),
    )


def _charges() -> rx.Component:
    total = SelectionState.total
    fine = rx.fragment(" (", total.fine_rate, ")")
    interest = rx.fragment(" (", total.interest_rate, " ", t("total.a_month"), ")")
    return rx.fragment(
        _part(t("total.fine"), rx.cond(total.fine_rate, fine), total.fine),
        _part(t("total.interest"), rx.cond(total.interest_rate, interest), total.interest),
    )


def _part(label: rx.Var[str], rate: rx.Component, amount: str) -> rx.Component:
    return rx.cond(
        amount,
        rx.el.div(
            rx.el.span(label, rate, class_name="muted"),
            rx.el.span(amount, class_name="num"),
            class_name="line",
        ),
    )


def _clear() -> rx.Component:
    return rx.el.button(
        rx.el.span(t("select.clear"), class_name="not-phone"),
        rx.icon("x", class_name="only-phone", aria_hidden="true"),
        type="button",
        on_click=SelectionState.clear,
        aria_label=t("select.clear"),
        class_name="btn s w clear",
        custom_attrs={"data-empty": rx.cond(SelectionState.total.count > 0, "false", "true")},
        data_testid="clear-selection",
    )
