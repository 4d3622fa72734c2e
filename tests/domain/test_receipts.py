"""What a receipt says is what the entry in the books says, whichever way the money went."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain import ledger
from portal_app.domain.allocation import Allocation, Returned, take_back
from portal_app.domain.errors import UnbalancedEntry
from portal_app.domain.ledger import Entry, Matter
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentItem, PaymentMethod
from portal_app.domain.receipts import (
    ReceiptFacts,
    ReceiptKind,
    ReceiptLine,
    Stated,
    series_of,
    stated,
)

DAY = date(2026, 11, 22)
MATTER = Matter(("refund", 3), 1, DAY, "demo")


def brl(cents: int) -> Money:
    return Money(cents, "BRL")


def share(document: int, principal: int, fine: int, interest: int, let_off: int = 0) -> Allocation:
    return Allocation(document, brl(principal), brl(fine), brl(interest), brl(let_off))


SHARES = (share(7, 12990, 260, 186), share(4, 12000, 0, 0, 990))
BALANCES = {7: brl(0), 4: brl(150)}


def item(document: int) -> PaymentItem:
    return PaymentItem(document, f"FT 2026/{document}", brl(12990), brl(0), brl(0))


def state_entry(entry: Entry, *documents: int) -> Stated:
    return stated(entry.lines, [item(d) for d in documents], BALANCES)


def test_money_that_came_is_stated_by_document_in_the_payment_s_order() -> None:
    entry = ledger.payment(1, 1, SHARES, brl(500), DAY, "demo")

    says = state_entry(entry, 4, 7, 9)

    assert says.lines == (
        ReceiptLine("FT 2026/4", brl(12000), brl(0), brl(990), brl(150)),
        ReceiptLine("FT 2026/7", brl(13436), brl(446), brl(0), brl(0)),
    )
    assert (says.total, says.credit, says.owed) == (brl(25936), brl(500), brl(150))


def test_money_taken_back_whole_states_the_same_amounts() -> None:
    came = ledger.payment(1, 1, SHARES, brl(500), DAY, "demo")
    gone = ledger.reversal(1, 1, came.lines, DAY)

    assert state_entry(gone, 4, 7) == state_entry(came, 4, 7)


def test_a_refund_of_a_part_states_that_part() -> None:
    returned = Returned((share(4, 2000, 0, 0),), brl(500))
    refund = ledger.refund(MATTER, returned)

    says = state_entry(refund, 4, 7)

    assert says.lines == (ReceiptLine("FT 2026/4", brl(2000), brl(0), brl(0), brl(150)),)
    assert (says.total, says.credit) == (brl(2500), brl(500))


def test_a_lost_dispute_states_what_is_gone_and_not_what_was_held_back() -> None:
    lost = ledger.dispute_lost(MATTER, Returned((share(7, 12990, 260, 186),), brl(0)), brl(99999))

    assert state_entry(lost, 7).total == brl(13436)


def test_money_that_fitted_nowhere_is_credit_alone() -> None:
    says = state_entry(ledger.payment(1, 1, (), brl(500), DAY))

    assert says == Stated((), brl(500), brl(500), brl(0))


def test_an_entry_of_documents_the_payment_does_not_know_is_refused() -> None:
    with pytest.raises(UnbalancedEntry):
        state_entry(ledger.payment(1, 1, SHARES, brl(0), DAY), 7)


CENTS = st.integers(0, 10**9)


@given(
    parts=st.lists(st.tuples(CENTS, CENTS, CENTS, CENTS), max_size=9),
    credit=CENTS,
    back=st.integers(1, 10**10),
)
def test_lines_and_credit_are_the_money_both_ways(
    parts: list[tuple[int, int, int, int]], credit: int, back: int
) -> None:
    shares = [share(n, *part) for n, part in enumerate(parts, 1)]
    items, balances = [item(s.document) for s in shares], {s.document: brl(1) for s in shares}
    came = Money.total((s.total for s in shares), "BRL") + brl(credit)
    taken = take_back(brl(back), shares, brl(credit))

    # An entry without money is posted by nobody.
    if came:
        says = stated(ledger.payment(1, 1, shares, brl(credit), DAY).lines, items, balances)
        assert says.total == came
        assert Money.total((line.charges for line in says.lines), "BRL") == Money.total(
            (s.fine + s.interest for s in shares), "BRL"
        )
    assert stated(ledger.refund(MATTER, taken).lines, items, balances).total == brl(back)


def test_facts_come_back_from_json_as_they_went() -> None:
    facts = ReceiptFacts(
        kind=ReceiptKind.REFUND,
        number="REC 2026/13",
        issued_on=DAY,
        paid_on=date(2026, 11, 20),
        method=PaymentMethod.MULTIBANCO,
        reference="11249 123 456 789",
        company="Lusitana",
        company_tax_id="509123473",
        company_address="",
        customer="Rui",
        customer_tax_id="234567813",
        lines=(ReceiptLine("FT 2026/4", brl(2000), brl(1), brl(2), brl(3)),),
        total=brl(2000),
        credit=brl(0),
        owed=brl(3),
        answers="REC 2026/12",
        company_contact="Contas",
        accent="#208368",
    )

    assert ReceiptFacts.from_facts(json.loads(json.dumps(facts.as_facts()))) == facts


def test_a_year_is_a_series() -> None:
    assert [series_of(date(2026, 12, 31)), series_of(date(2027, 1, 1))] == ["2026", "2027"]
