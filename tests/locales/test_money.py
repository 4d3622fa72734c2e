"""Amounts are written as Babel writes them, without asking it each time."""

from decimal import Decimal

import pytest
from babel.numbers import format_currency, format_decimal
from hypothesis import example, given
from hypothesis import strategies as st

from portal_app import locales
from portal_app.domain.money import Money

LANGUAGES = ("pt_BR", "pt_PT", "en", "es", "de_CH", "fr", "hi", "ar")


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("currency", ["BRL", "EUR", "USD", "JPY", "BHD"])
@given(cents=st.integers(0, 10**13))
@example(cents=0)
@example(cents=99_999)
@example(cents=100_000)
@example(cents=999_999)
@example(cents=1_000_000)
def test_an_amount_is_written_as_babel_writes_it(locale: str, currency: str, cents: int) -> None:
    written = locales.money(Money(cents, currency), locale)

    assert written == format_currency(Decimal(cents).scaleb(-2), currency, locale=locale)


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("currency", ["BRL", "EUR", "JPY"])
@given(cents=st.integers(-(10**13), 10**13))
@example(cents=-1)
@example(cents=-123_456)
@example(cents=999_999)
@example(cents=1_000_000)
def test_an_amount_without_currency_is_written_as_babel_writes_it(
    locale: str, currency: str, cents: int
) -> None:
    written = locales.amount(Money(cents, currency), locale)

    assert written == format_decimal(Decimal(cents).scaleb(-2), "#,##0.00", locale=locale)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_what_is_owed_the_other_way_has_a_minus_that_never_breaks_the_line(locale: str) -> None:
    owed, other = (locales.money(Money(cents, "BRL"), locale) for cents in (123_456, -123_456))

    assert other == f"−\u00a0{owed}"
