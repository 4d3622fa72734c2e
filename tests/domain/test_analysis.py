"""Spans of days, the months shown, and the bands of age."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.analysis import (
    Span,
    age_bands,
    ensure_period,
    month_of,
    shown_months,
    span_period,
)
from portal_app.domain.documents import Period
from portal_app.domain.errors import InvalidPeriod

TODAY = date(2026, 11, 22)
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        (Span.MONTH, date(2026, 11, 1), date(2026, 11, 30)),
        (Span.LAST_MONTH, date(2026, 10, 1), date(2026, 10, 31)),
        (Span.QUARTER, date(2026, 10, 1), date(2026, 12, 31)),
        (Span.YEAR, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_the_spans_around_the_design_s_day(span: Span, first: date, last: date) -> None:
    assert span_period(span, TODAY) == Period(first, last)


def test_last_month_of_january_is_december() -> None:
    assert span_period(Span.LAST_MONTH, date(2026, 1, 31)) == Period(
        date(2025, 12, 1), date(2025, 12, 31)
    )


def test_february_of_a_leap_year_has_29_days() -> None:
    assert month_of(date(2028, 2, 10)).last == date(2028, 2, 29)


@given(DAYS, st.sampled_from([Span.MONTH, Span.QUARTER, Span.YEAR]))
def test_a_span_holds_its_day_and_may_be_analysed(today: date, span: Span) -> None:
    period = span_period(span, today)

    assert period.first is not None
    assert period.last is not None
    assert period.first <= today <= period.last
    ensure_period(period, today)


@pytest.mark.parametrize(
    ("period", "reason"),
    [
        (Period(date(2026, 11, 23), date(2026, 11, 30)), "future"),
        (Period(None, TODAY), "incomplete"),
        (Period(TODAY, None), "incomplete"),
        (Period(), "incomplete"),
    ],
)
def test_a_period_in_the_future_or_without_an_end_is_refused(period: Period, reason: str) -> None:
    with pytest.raises(InvalidPeriod) as refused:
        ensure_period(period, TODAY)

    assert refused.value.details["reason"] == reason


def test_a_period_may_reach_into_the_future() -> None:
    ensure_period(Period(TODAY, date(2030, 1, 1)), TODAY)


@given(DAYS)
def test_twelve_months_end_with_the_present_one_without_a_gap(today: date) -> None:
    firsts = shown_months(today)

    assert len(firsts) == 12
    assert firsts[-1] == today.replace(day=1)
    for month, following in pairwise(firsts):
        last = month_of(month).last
        assert last is not None
        assert last + timedelta(days=1) == following


@given(DAYS, DAYS)
def test_every_due_date_is_in_exactly_one_band(today: date, due: date) -> None:
    inside = [
        band
        for band, days in age_bands(today)
        if (days.first or date.min) <= due <= (days.last or date.max)
    ]

    assert len(inside) == 1
