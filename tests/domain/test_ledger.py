"""Every entry sums to zero, whatever it is about."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.allocation import Allocation
from portal_app.domain.errors import UnbalancedEntry
from portal_app.domain.ledger import (
    Account,
    Entry,
    EntryKind,
    Line,
    ensure_balanced,
    issue,
    payment,
)
from portal_app.domain.money import Money

DAY = date(2026, 11, 22)
CENTS = st.integers(0, 10**9)


def money(cents: int) -> Money:
    return Money(cents, "BRL")


def entry(*lines: Line) -> Entry:
    return Entry(EntryKind.ISSUE, 1, DAY, ("document", 1), lines)


@given(st.integers(1, 10**12), st.booleans())
def test_issuing_a_document_is_balanced(cents: int, credit: bool) -> None:
    ensure_balanced(issue(1, 2, money(cents), DAY, credit=credit))


def test_a_credit_note_stands_on_its_own_account_against_revenue() -> None:
    lines = issue(7, 2, money(500), DAY, credit=True).lines

    assert lines == (
        Line(Account.CREDIT_NOTE, money(-500), 7),
        Line(Account.REVENUE, money(500)),
    )


@given(st.lists(st.tuples(CENTS, CENTS, CENTS), max_size=10), CENTS)
def test_a_payment_is_balanced_and_has_no_empty_line(
    parts: list[tuple[int, int, int]], credit: int
) -> None:
    shares = [Allocation(i, *map(money, part)) for i, part in enumerate(parts)]
    made = payment(1, 2, shares, money(credit), DAY)

    assert all(line.amount for line in made.lines)
    received = sum(map(sum, parts)) + credit
    assert [line.amount.cents for line in made.lines if line.account is Account.CLEARING] == (
        [received] if received else []
    )
    if received:
        ensure_balanced(made)


def test_lines_that_do_not_sum_to_zero_are_refused() -> None:
    with pytest.raises(UnbalancedEntry):
        ensure_balanced(entry(Line(Account.RECEIVABLE, money(1)), Line(Account.REVENUE, money(-2))))


def test_currencies_balance_one_by_one() -> None:
    with pytest.raises(UnbalancedEntry):
        ensure_balanced(
            entry(Line(Account.RECEIVABLE, money(1)), Line(Account.REVENUE, Money(-1, "EUR")))
        )


def test_an_entry_without_lines_says_nothing_and_is_refused() -> None:
    with pytest.raises(UnbalancedEntry):
        ensure_balanced(entry())
