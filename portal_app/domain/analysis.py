"""Totals of a period and the ageing of the open balance: the words of the analysis, defined.

purchased   totals of non-cancelled debit documents issued in the period, minus
            credit notes issued in it
paid        money that came in with a value date in the period, reversals subtract
coming due  balance now of open debit documents due in the period, today or later
overdue     balance now of open debit documents due in the period, before today
last        the newest non-cancelled debit document of all, ties by number

All in the company's time zone and one currency at a time.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from portal_app.domain.documents import Period
from portal_app.domain.errors import InvalidPeriod
from portal_app.domain.money import Money

MONTHS_SHOWN: Final = 12


class Span(StrEnum):
    """The periods one tap away; CUSTOM is typed."""

    MONTH = "month"
    LAST_MONTH = "last_month"
    QUARTER = "quarter"
    YEAR = "year"
    CUSTOM = "custom"


class AgeBand(StrEnum):
    COMING_DUE = "coming_due"
    TO_30 = "1_30"
    TO_60 = "31_60"
    OVER_60 = "over_60"


@dataclass(frozen=True, slots=True)
class Figure:
    """A sum and how many documents or payments are behind it."""

    amount: Money
    count: int


@dataclass(frozen=True, slots=True)
class LastPurchase:
    day: date
    number: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Month:
    """`first` is the month's first day."""

    first: date
    purchased: Money
    paid: Money


@dataclass(frozen=True, slots=True)
class Panel:
    """The analysis of one customer, period and currency."""

    period: Period
    currency: str
    purchased: Figure
    paid: Figure
    coming_due: Figure
    overdue: Figure
    last: LastPurchase | None
    months: tuple[Month, ...]
    ageing: tuple[tuple[AgeBand, Money], ...]

    @property
    def is_empty(self) -> bool:
        """Nothing was ever bought, so there is nothing to count."""
        return self.last is None


@dataclass(frozen=True, slots=True)
class Behind:
    """One row behind a figure: a document, or a payment for `paid`."""

    number: str
    day: date
    amount: Money


def span_period(span: Span, today: date) -> Period:
    """The days of a span around today.

    >>> span_period(Span.QUARTER, date(2026, 11, 22)).first
    datetime.date(2026, 10, 1)
    """
    if span is Span.LAST_MONTH:
        return month_of(today.replace(day=1) - timedelta(days=1))
    if span is Span.QUARTER:
        first = 3 * ((today.month - 1) // 3) + 1
        last = month_of(date(today.year, first + 2, 1)).last
        return Period(date(today.year, first, 1), last)
    if span is Span.YEAR:
        return Period(date(today.year, 1, 1), date(today.year, 12, 31))
    return month_of(today)


def month_of(day: date) -> Period:
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def ensure_period(period: Period, today: date) -> None:
    """An analysis needs both ends and must not begin in the future."""
    if period.first is None or period.last is None or period.first > today:
        raise InvalidPeriod(
            first=period.first.isoformat() if period.first else None,
            last=period.last.isoformat() if period.last else None,
            reason="future" if period.first and period.first > today else "incomplete",
        )


def shown_months(today: date) -> list[date]:
    """First days of the last twelve months, the present one last."""
    first = today.replace(day=1)
    months: list[date] = []
    for _ in range(MONTHS_SHOWN):
        months.append(first)
        first = (first - timedelta(days=1)).replace(day=1)
    return months[::-1]


def age_bands(today: date) -> Sequence[tuple[AgeBand, Period]]:
    """Each band with the due dates that fall in it."""
    return (
        (AgeBand.COMING_DUE, Period(today, None)),
        (AgeBand.TO_30, Period(today - timedelta(days=30), today - timedelta(days=1))),
        (AgeBand.TO_60, Period(today - timedelta(days=60), today - timedelta(days=31))),
        (AgeBand.OVER_60, Period(None, today - timedelta(days=61))),
    )
