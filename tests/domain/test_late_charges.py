"""Multa and juros de mora."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.late_charges import LateTerms, late_charges
from portal_app.domain.money import Money

TERMS = LateTerms.of_basis_points(200, 100, "BR")
NONE = Money.zero("BRL")
# 13 November 2026 is a Friday, 14 a Saturday, 15 a Sunday and a holiday.
FRIDAY = date(2026, 11, 13)


def charges(due: date | None, on: date, cents: int = 12_990) -> tuple[int, int]:
    found = late_charges(Money(cents, "BRL"), due, on, TERMS)
    return found.fine.cents, found.interest.cents


def test_basis_points_are_hundredths_of_a_per_cent() -> None:
    assert LateTerms(Decimal("0.02"), Decimal("0.01"), "BR") == TERMS


def test_interest_runs_from_the_original_due_date() -> None:
    # Saturday 14, Monday 16 is the last day on time; on Tuesday three days have passed.
    assert charges(date(2026, 11, 14), date(2026, 11, 16)) == (0, 0)
    assert charges(date(2026, 11, 14), date(2026, 11, 17)) == (260, 13)


@pytest.mark.parametrize(
    ("due", "last_free"),
    [
        (FRIDAY, FRIDAY),
        (date(2026, 11, 14), date(2026, 11, 16)),
        (date(2026, 11, 15), date(2026, 11, 16)),
        (date(2026, 11, 20), date(2026, 11, 23)),
        (date(2026, 12, 25), date(2026, 12, 28)),
    ],
)
def test_paying_by_the_next_business_day_is_on_time(due: date, last_free: date) -> None:
    assert charges(due, last_free) == (0, 0)
    assert charges(due, last_free + timedelta(days=1))[0] == 260


def test_the_calendar_is_the_company_s_country_s() -> None:
    portugal = LateTerms.of_basis_points(200, 100, "PT")
    holiday_in_brazil = date(2026, 11, 20)

    found = late_charges(Money(10_000, "EUR"), holiday_in_brazil, date(2026, 11, 23), portugal)

    assert (found.fine.cents, found.interest.cents) == (200, 10)


def test_a_document_without_a_due_date_is_never_late() -> None:
    assert charges(None, date(2099, 1, 1)) == (0, 0)


def test_a_fine_already_paid_is_not_asked_again() -> None:
    found = late_charges(Money(10_000, "BRL"), FRIDAY, date(2026, 12, 13), TERMS, fine_paid=True)

    assert (found.fine, found.interest) == (NONE, Money(100, "BRL"))


def test_without_rates_lateness_costs_nothing() -> None:
    free = LateTerms.of_basis_points(0, 0, "PT")

    assert late_charges(Money(10_000, "EUR"), FRIDAY, date(2027, 1, 1), free).total == Money(
        0, "EUR"
    )


@given(st.integers(1, 10**9), st.integers(0, 3_000))
def test_waiting_longer_never_costs_less_and_the_fine_is_one(cents: int, days: int) -> None:
    fine, interest = charges(FRIDAY, FRIDAY + timedelta(days=days), cents)
    later_fine, later_interest = charges(FRIDAY, FRIDAY + timedelta(days=days + 1), cents)

    assert later_interest >= interest
    assert fine <= later_fine
    assert later_fine == Money(cents, "BRL").times(Decimal("0.02")).cents
