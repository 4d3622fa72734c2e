"""Bank holidays against an independent table, and when a due date moves."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.calendar import (
    bank_holidays,
    business_day_after,
    business_day_from,
    is_business_day,
)

YEARS = range(2024, 2036)


@pytest.mark.parametrize("year", YEARS)
def test_brazilian_bank_holidays_are_those_of_the_exchange_but_for_its_own(year: int) -> None:
    """The exchange also closes on Christmas Eve and the year's last weekday; banks settle on both."""
    exchange = holidays.financial_holidays("BVMF", years=year)
    last = max(day for day in (date(year, 12, 29 + i) for i in range(3)) if day.weekday() < 5)
    of_its_own = {date(year, 12, 24), last}

    weekdays = {day for day in bank_holidays(year, "BR") if day.weekday() < 5}

    assert weekdays == {day for day in exchange if day.weekday() < 5 and day not in of_its_own}


@pytest.mark.parametrize("year", YEARS)
def test_portuguese_holidays_are_the_compulsory_ones(year: int) -> None:
    public = holidays.country_holidays("PT", years=year)

    # Easter Sunday is compulsory too, and no working day anyhow.
    assert {day for day in bank_holidays(year, "PT") if day.weekday() < 5} == {
        day for day in public if day.weekday() < 5
    }


def test_black_awareness_is_a_national_holiday_since_2024() -> None:
    assert date(2023, 11, 20) not in bank_holidays(2023, "BR")
    assert date(2024, 11, 20) in bank_holidays(2024, "BR")


def test_a_saturday_before_a_holiday_moves_past_both() -> None:
    # 15 November 2027 is a Monday.
    assert business_day_from(date(2027, 11, 13), "BR") == date(2027, 11, 16)


def test_a_business_day_stays_and_the_next_one_is_later() -> None:
    assert business_day_from(date(2026, 11, 23), "BR") == date(2026, 11, 23)
    assert business_day_after(date(2026, 11, 23), "BR") == date(2026, 11, 24)


@given(st.dates(date(2000, 1, 1), date(2080, 12, 31)), st.sampled_from(["BR", "PT"]))
def test_a_moved_day_is_the_first_business_day_not_before(day: date, country: str) -> None:
    moved = business_day_from(day, country)

    assert moved >= day
    assert is_business_day(moved, country)
    assert not any(
        is_business_day(day + timedelta(days=i), country) for i in range((moved - day).days)
    )
    assert (moved - day).days <= 5
