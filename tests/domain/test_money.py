"""Whole cents, one currency, one place that rounds."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.errors import InvalidAmount, MixedCurrencies
from portal_app.domain.money import Money

CENTS = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("cents", "rate", "expected"),
    [(50, "0.01", 1), (49, "0.01", 0), (150, "0.01", 2), (250, "0.01", 3), (-50, "0.01", -1)],
)
def test_half_a_cent_rounds_away_from_zero(cents: int, rate: str, expected: int) -> None:
    assert Money(cents, "BRL").times(Decimal(rate)) == Money(expected, "BRL")


@pytest.mark.parametrize(
    "text",
    ["1.005", "1,00", "", "-", "1.", ".5", "1e3", "NaN", " 1", "1 ", "1_000", "٣", "9" * 14],
)
def test_what_is_not_an_amount_in_cents_is_refused(text: str) -> None:
    with pytest.raises(InvalidAmount):
        Money.parse(text, "BRL")


def test_a_third_decimal_is_refused_even_if_it_is_zero() -> None:
    with pytest.raises(InvalidAmount):
        Money.parse("10.500", "BRL")


@given(CENTS)
def test_an_amount_written_out_reads_back_the_same(cents: int) -> None:
    money = Money(cents, "BRL")

    assert Money.parse(f"{money.decimal():.2f}", "BRL") == money


@given(CENTS, CENTS)
def test_adding_and_taking_away_loses_nothing(one: int, other: int) -> None:
    assert Money(one, "EUR") + Money(other, "EUR") - Money(other, "EUR") == Money(one, "EUR")


def test_two_currencies_never_add_up() -> None:
    with pytest.raises(MixedCurrencies):
        _ = Money(1, "BRL") + Money(1, "EUR")
    with pytest.raises(MixedCurrencies):
        Money.total([Money(1, "EUR")], "BRL")
    with pytest.raises(MixedCurrencies):
        _ = Money(1, "BRL") - Money(1, "EUR")


def test_nothing_adds_up_to_zero_of_the_currency() -> None:
    assert Money.total([], "BRL") == Money.zero("BRL")


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_parts_by_weight_are_the_whole_and_fair_to_a_cent(cents: int, weights: list[int]) -> None:
    if not any(weights):
        return

    parts = Money(cents, "BRL").shared(weights)

    assert sum(part.cents for part in parts) == cents
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.cents * sum(weights) - cents * weight) < sum(weights)
