"""Sharing money out: oldest first, nothing lost."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.allocation import Allocation, Charged, allocate
from portal_app.domain.money import Money

TODAY = date(2026, 11, 22)


def money(cents: int) -> Money:
    return Money(cents, "BRL")


def charged(
    number: int, days: int | None, principal: int, fine: int = 0, interest: int = 0
) -> Charged:
    due = None if days is None else TODAY + timedelta(days=days)
    return Charged(number, due, money(principal), money(fine), money(interest))


@st.composite
def owed_documents(draw: st.DrawFn) -> list[Charged]:
    cents = st.integers(0, 10**6)
    rows = st.tuples(st.integers(-99, 99) | st.none(), cents, cents, cents)
    return [charged(i, *row) for i, row in enumerate(draw(st.lists(rows, max_size=20)))]


@given(st.integers(0, 10**8), owed_documents())
def test_nothing_is_lost_and_nobody_gets_more_than_is_owed(cents: int, owed: list[Charged]) -> None:
    allocations, credit = allocate(money(cents), owed)

    given_out = Money.total((share.total for share in allocations), "BRL")
    assert given_out + credit == money(cents)
    by_document = {each.document: each for each in owed}
    for share in allocations:
        asked = by_document[share.document]
        assert share.total
        assert money(0) <= share.principal <= asked.principal
        assert money(0) <= share.fine <= asked.fine
        assert money(0) <= share.interest <= asked.interest
    if credit:
        everything = Money.total((c.principal + c.fine + c.interest for c in owed), "BRL")
        assert given_out == everything


@given(st.integers(0, 10**8), owed_documents())
def test_a_younger_document_gets_something_only_when_the_older_has_all(
    cents: int, owed: list[Charged]
) -> None:
    allocations, _ = allocate(money(cents), owed)

    by_document = {each.document: each for each in owed}
    for share in allocations[:-1]:
        asked = by_document[share.document]
        assert share.total == asked.principal + asked.fine + asked.interest


def test_money_pays_interest_then_fine_then_principal() -> None:
    allocations, credit = allocate(money(15), [charged(1, -10, 100, fine=10, interest=8)])

    assert allocations == [Allocation(1, money(0), money(7), money(8))]
    assert credit == money(0)


def test_the_oldest_due_date_is_paid_first_and_none_last() -> None:
    owed = [charged(1, None, 10), charged(2, 5, 10), charged(3, -5, 10)]

    allocations, _ = allocate(money(25), owed)

    assert [(share.document, share.principal.cents) for share in allocations] == [
        (3, 10),
        (2, 10),
        (1, 5),
    ]
