"""The aggregate queries behind the analysis screen, each answered from one index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy.orm import Mapped, Session
from sqlmodel import col

from portal_app.db.documents import IS_OPEN, printed_number
from portal_app.db.models import (
    DisputeRow,
    DocumentRow,
    JournalEntryRow,
    JournalLineRow,
    PaymentRow,
    RefundRow,
)
from portal_app.domain.analysis import (
    MONTHS_SHOWN,
    AgeBand,
    Behind,
    Figure,
    LastPurchase,
    Month,
    Panel,
    age_bands,
    month_of,
    shown_months,
)
from portal_app.domain.documents import PAYABLE_TYPES, DocumentType, Period
from portal_app.domain.ledger import Account
from portal_app.domain.money import Money

# Said by what they are not: SQLite would take IN for an invitation to search by type.
_IS_COUNTED = col(DocumentRow.type).not_in(
    sorted(set(DocumentType) - PAYABLE_TYPES - {DocumentType.NC})
)
_IS_DEBIT = col(DocumentRow.type).not_in(sorted(set(DocumentType) - PAYABLE_TYPES))
_issue_date = col(DocumentRow.issue_date)
_due = col(DocumentRow.due_date)
_balance = col(DocumentRow.balance_cents)
_signed_total = case(
    (col(DocumentRow.type) == DocumentType.NC.value, -col(DocumentRow.total_cents)),
    else_=col(DocumentRow.total_cents),
)
_paid_on = col(JournalLineRow.value_date)
_paid_cents = col(JournalLineRow.amount_cents)

# The panel's statements are built once: building them takes longer than running them.
_COMPANY = bindparam("company", type_=Integer())
_CUSTOMER = bindparam("customer", type_=Integer())
_FIRST, _LAST, _TODAY, _SINCE, _UNTIL, _END = (
    bindparam(name, type_=Date()) for name in ("first", "last", "today", "since", "until", "end")
)
_MONTHS = [bindparam(f"month_{i}", type_=Date()) for i in range(MONTHS_SHOWN)]


@dataclass(slots=True)
class _Flow:
    """Money that went one way: within the period, and by month over the months shown."""

    cents: int = 0
    count: int = 0
    months: dict[date, int] = field(default_factory=dict[date, int])


@dataclass(frozen=True, slots=True)
class _Open:
    """What is owed now: cents and count within the period, cents of all of it by age."""

    coming_due: tuple[int, int]
    overdue: tuple[int, int]
    ageing: tuple[int, ...]


def panels(
    session: Session, company: int, customer: int, period: Period, own: str, today: date
) -> tuple[Panel, ...]:
    """All figures of the analysis, a panel a currency, the company's `own` first.

    Four statements, whatever the number of currencies.
    """
    asked = _asked(company, customer, period, today)
    last = _newest(session.execute(_LAST_PURCHASES, asked))
    purchased = _flows(session.execute(_PURCHASED, asked))
    paid = _flows(session.execute(_PAID, asked))
    owed = _owed(session.execute(_OPEN, asked))
    none, nothing = _Flow(), _Open((0, 0), (0, 0), tuple(0 for _ in age_bands(today)))
    return tuple(
        _panel(
            period,
            currency,
            today,
            (purchased.get(currency, none), paid.get(currency, none)),
            owed.get(currency, nothing),
            last.get(currency),
        )
        for currency in [own, *sorted(last.keys() - {own})]
    )


def behind_purchased(
    session: Session, company: int, customer: int, period: Period, currency: str
) -> list[Behind]:
    """Documents issued in the period, credit notes with a minus, oldest first."""
    query = (
        select(
            col(DocumentRow.type),
            col(DocumentRow.series),
            col(DocumentRow.number),
            _issue_date,
            _signed_total,
        )
        .where(
            *_purchases(company, customer),
            col(DocumentRow.currency) == currency,
            *_between(_issue_date, period),
        )
        .order_by(_issue_date, col(DocumentRow.sort_number))
    )
    return _documents(session.execute(query), currency)


def behind_open(
    session: Session, company: int, customer: int, period: Period, currency: str
) -> list[Behind]:
    """Open debit documents due in the period with their balances, oldest first."""
    query = (
        select(
            col(DocumentRow.type),
            col(DocumentRow.series),
            col(DocumentRow.number),
            _due,
            _balance,
        )
        .where(
            *_open(company, customer),
            col(DocumentRow.currency) == currency,
            *_between(_due, period),
        )
        .order_by(_due, col(DocumentRow.sort_number))
    )
    return _documents(session.execute(query), currency)


def behind_paid(
    session: Session, company: int, customer: int, period: Period, currency: str
) -> list[Behind]:
    """Payments of the period, what each brought; what went back is a negative row. Oldest first."""
    source_type, source_id = col(JournalEntryRow.source_type), col(JournalEntryRow.source_id)
    payment = case(
        (source_type == "payment", source_id),
        (source_type == "refund", col(RefundRow.payment_id)),
        (source_type == "dispute", col(DisputeRow.payment_id)),
    )
    query = (
        select(func.coalesce(PaymentRow.public_id, ""), _paid_on, _paid_cents)
        .join(JournalEntryRow, col(JournalEntryRow.id) == col(JournalLineRow.entry_id))
        .outerjoin(RefundRow, (source_type == "refund") & (col(RefundRow.id) == source_id))
        .outerjoin(DisputeRow, (source_type == "dispute") & (col(DisputeRow.id) == source_id))
        .outerjoin(
            PaymentRow,
            and_(col(PaymentRow.id) == payment, col(PaymentRow.company_id) == company),
        )
        .where(
            *_cash(company, customer),
            col(JournalLineRow.currency) == currency,
            *_between(_paid_on, period),
        )
        .order_by(_paid_on, col(JournalLineRow.id))
    )
    return [
        Behind(public_id, day, Money(cents, currency))
        for public_id, day, cents in session.execute(query)
    ]


_Id = int | BindParameter[int]


def _purchases(company: _Id, customer: _Id) -> list[ColumnElement[bool]]:
    return [
        col(DocumentRow.company_id) == company,
        col(DocumentRow.customer_id) == customer,
        ~col(DocumentRow.cancelled),
        _IS_COUNTED,
    ]


def _open(company: _Id, customer: _Id) -> list[ColumnElement[bool]]:
    return [
        col(DocumentRow.company_id) == company,
        col(DocumentRow.customer_id) == customer,
        *IS_OPEN,
        _IS_DEBIT,
    ]


def _cash(company: _Id, customer: _Id) -> list[ColumnElement[bool]]:
    return [
        col(JournalLineRow.company_id) == company,
        col(JournalLineRow.customer_id) == customer,
        # A literal: the words of the partial index (see db.documents.IS_OPEN).
        col(JournalLineRow.account) == literal_column(f"'{Account.CLEARING.value}'"),
    ]


def _between(day: Mapped[date] | Mapped[date | None], period: Period) -> list[ColumnElement[bool]]:
    return [
        *([day >= period.first] if period.first else []),
        *([day <= period.last] if period.last else []),
    ]


def _asked(company: int, customer: int, period: Period, today: date) -> dict[str, object]:
    """What the panel's statements ask for, by parameter."""
    months = shown_months(today)
    end = month_of(today).last or today
    first, last = period.first or date.min, period.last or date.max
    return {
        "company": company,
        "customer": customer,
        "today": today,
        "first": first,
        "last": last,
        "since": min(first, months[0]),
        "until": max(last, end),
        "end": end,
        **{f"month_{i}": month for i, month in enumerate(months)},
        **{
            f"{band}_{side}": day
            for band, days in age_bands(today)
            for side, day in (("first", days.first), ("last", days.last))
            if day is not None
        },
    }


def _flow_of(
    currency: Mapped[str],
    day: Mapped[date],
    cents: Mapped[int] | ColumnElement[int],
    where: Iterable[ColumnElement[bool]],
) -> Select[*tuple[Any, ...]]:
    """By currency and month shown: sum; sum and count of what lies within the period.

    One pass over the days of both; days of no month shown have the month NULL.
    """
    # The newest first: most rows are told by few comparisons.
    month = case((day > _END, null()), *((day >= first, first) for first in reversed(_MONTHS)))
    inside = day.between(_FIRST, _LAST)
    name: ColumnElement[str] = currency.label("currency")
    return (
        select(
            name,
            month.label("month"),
            func.sum(cents),
            func.coalesce(func.sum(cents).filter(inside), 0),
            func.count().filter(inside),
        )
        .where(*where, day.between(_SINCE, _UNTIL))
        .group_by("currency", "month")
    )


_PURCHASED = _flow_of(
    col(DocumentRow.currency), _issue_date, _signed_total, _purchases(_COMPANY, _CUSTOMER)
)
_PAID = _flow_of(col(JournalLineRow.currency), _paid_on, _paid_cents, _cash(_COMPANY, _CUSTOMER))


def _flows(rows: Iterable[Sequence[Any]]) -> dict[str, _Flow]:
    flows: dict[str, _Flow] = {}
    for currency, month, of_month, of_period, count in rows:
        flow = flows.setdefault(currency, _Flow())
        flow.cents += int(of_period)
        flow.count += count
        if month is not None:
            flow.months[month] = int(of_month)
    return flows


def _sum_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(_balance).filter(condition), 0)


def _aged(band: AgeBand, days: Period) -> ColumnElement[bool]:
    """Due in a band of ages; what is never due belongs to the one without end."""
    first, last = (bindparam(f"{band}_{side}", type_=Date()) for side in ("first", "last"))
    if days.last is None:
        return (_due >= first) | _due.is_(None)
    return _due <= last if days.first is None else _due.between(first, last)


def _open_by_currency() -> Select[*tuple[Any, ...]]:
    inside = _due.between(_FIRST, _LAST)
    coming, late = and_(inside, _due >= _TODAY), and_(inside, _due < _TODAY)
    return (
        select(
            col(DocumentRow.currency),
            _sum_of(coming),
            func.count().filter(coming),
            _sum_of(late),
            func.count().filter(late),
            # Any day: only which ends a band has matters here.
            *[_sum_of(_aged(band, days)) for band, days in age_bands(date(2000, 1, 1))],
        )
        .where(*_open(_COMPANY, _CUSTOMER))
        .group_by(col(DocumentRow.currency))
    )


_OPEN = _open_by_currency()


def _owed(rows: Iterable[Sequence[Any]]) -> dict[str, _Open]:
    return {
        currency: _Open((int(ahead), many), (int(behind), few), tuple(map(int, ages)))
        for currency, ahead, many, behind, few, *ages in rows
    }


def _last_by_currency() -> Select[*tuple[Any, ...]]:
    """All debit documents of the last day of purchase, in ascending order of number."""
    name: ColumnElement[str] = col(DocumentRow.currency).label("currency")
    newest = (
        select(
            name,
            func.max(_issue_date).filter(_IS_DEBIT).label("day"),
        )
        .where(*_purchases(_COMPANY, _CUSTOMER))
        .group_by(col(DocumentRow.currency))
        .subquery()
    )
    on_that_day = and_(
        *_purchases(_COMPANY, _CUSTOMER),
        _IS_DEBIT,
        col(DocumentRow.currency) == newest.c.currency,
        _issue_date == newest.c.day,
    )
    return (
        select(
            newest.c.currency,
            newest.c.day,
            col(DocumentRow.type),
            col(DocumentRow.series),
            col(DocumentRow.number),
            col(DocumentRow.total_cents),
        )
        .outerjoin(DocumentRow, on_that_day)
        .order_by(col(DocumentRow.sort_number))
    )


_LAST_PURCHASES = _last_by_currency()


def _newest(rows: Iterable[Sequence[Any]]) -> dict[str, LastPurchase | None]:
    """By every currency the customer was ever billed in; None: only credit notes."""
    return {
        currency: LastPurchase(day, printed_number(kind, series, number), Money(cents, currency))
        if day
        else None
        for currency, day, kind, series, number, cents in rows
    }


def _panel(
    period: Period,
    currency: str,
    today: date,
    flows: tuple[_Flow, _Flow],
    owed: _Open,
    last: LastPurchase | None,
) -> Panel:
    purchased, paid = flows

    def money(cents: int) -> Money:
        return Money(cents, currency)

    def figure(cents: int, count: int) -> Figure:
        return Figure(money(cents), count)

    return Panel(
        period=period,
        currency=currency,
        purchased=figure(purchased.cents, purchased.count),
        paid=figure(paid.cents, paid.count),
        coming_due=figure(*owed.coming_due),
        overdue=figure(*owed.overdue),
        last=last,
        months=tuple(
            Month(first, money(purchased.months.get(first, 0)), money(paid.months.get(first, 0)))
            for first in shown_months(today)
        ),
        ageing=tuple(
            (band, money(cents))
            for (band, _), cents in zip(age_bands(today), owed.ageing, strict=True)
        ),
    )


def _documents(rows: Iterable[Sequence[Any]], currency: str) -> list[Behind]:
    return [
        Behind(printed_number(kind, series, number), day, Money(int(cents), currency))
        for kind, series, number, day, cents in rows
    ]
