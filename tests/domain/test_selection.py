"""The live total: the figures of the design, and what cannot be ticked together."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.documents import Document, DocumentType
from portal_app.domain.errors import (
    MixedCurrencies,
    NoActiveBank,
    NothingSelected,
    NotPayable,
    SeparatePayments,
    TooManyDocuments,
)
from portal_app.domain.late_charges import LateTerms
from portal_app.domain.money import Money
from portal_app.domain.selection import (
    MOST_DOCUMENTS,
    boleto_due_date,
    common_banks,
    ensure_size,
    free_until,
    price,
)

TODAY = date(2026, 11, 22)
TERMS = LateTerms.of_basis_points(200, 100, "BR")


def document(id_: int, due: date | None, cents: int, **differently: Any) -> Document:
    facts: dict[str, Any] = {
        "id": id_,
        "public_id": f"d{id_}",
        "customer": 1,
        "type": DocumentType.FT,
        "number": f"FT 2026/{id_}",
        "description": "",
        "issued": date(2026, 9, 1),
        "due": due,
        "total": Money(cents, "BRL"),
        "balance": Money(cents, "BRL"),
    }
    return Document(**facts | differently)


def terms(*documents: Document) -> dict[int, LateTerms]:
    return {each.id: TERMS for each in documents}


@pytest.fixture
def three() -> list[Document]:
    """43 days late, 12 days late, due in three days."""
    return [
        document(1841, date(2026, 10, 10), 12_990),
        document(1990, date(2026, 11, 10), 12_990),
        document(77, date(2026, 11, 25), 8_000, type=DocumentType.ND),
    ]


def test_the_design_s_total_today(three: list[Document]) -> None:
    quote = price(three, terms(*three), TODAY)

    assert [item.total.cents for item in quote.items] == [13_436, 13_302, 8_000]
    assert quote.total == Money(34_738, "BRL")
    assert (quote.fine, quote.interest) == (Money(520, "BRL"), Money(238, "BRL"))
    assert quote.principal == Money(33_980, "BRL")
    assert quote.terms == TERMS


def test_the_design_s_total_by_boleto(three: list[Document]) -> None:
    due = boleto_due_date(three, TODAY, 3, "BR")
    quote = price(three, terms(*three), TODAY, due)

    assert due == date(2026, 11, 25)
    assert quote.total == Money(34_764, "BRL")
    assert quote.items[2].total == Money(8_000, "BRL")


def test_a_document_not_late_today_carries_no_charges_on_a_later_boleto() -> None:
    due_today = document(1, TODAY, 10_000)

    quote = price([due_today], terms(due_today), TODAY, TODAY + timedelta(days=30))

    assert quote.total == Money(10_000, "BRL")


def test_nothing_ticked_costs_nothing_in_no_currency() -> None:
    quote = price([], {}, TODAY)

    assert (quote.items, quote.currency, quote.total.cents) == ((), "", 0)


def test_two_currencies_have_no_price(three: list[Document]) -> None:
    euros = document(5, TODAY, 100, balance=Money(100, "EUR"), total=Money(100, "EUR"))

    with pytest.raises(MixedCurrencies):
        price([*three, euros], terms(*three, euros), TODAY)


def test_one_that_cannot_be_paid_refuses_all(three: list[Document]) -> None:
    credit = document(6, None, 100, type=DocumentType.NC)

    with pytest.raises(NotPayable):
        price([*three, credit], terms(*three, credit), TODAY)


def test_a_boleto_over_late_documents_leaves_the_carteira_s_days_after_the_next_business_day(
    three: list[Document],
) -> None:
    assert boleto_due_date(three[:2], TODAY, 3, "BR") == date(2026, 11, 26)


def test_a_boleto_is_due_on_the_next_business_day_at_the_soonest() -> None:
    due_today = document(1, TODAY, 100)

    assert boleto_due_date([due_today], TODAY, 3, "BR") == date(2026, 11, 23)


def test_a_payment_holds_something_and_not_too_much(three: list[Document]) -> None:
    ensure_size(three)
    ensure_size([three[0]] * MOST_DOCUMENTS)
    with pytest.raises(NothingSelected):
        ensure_size([])
    with pytest.raises(TooManyDocuments):
        ensure_size([three[0]] * (MOST_DOCUMENTS + 1))


def test_banks_offered_are_those_every_contract_has_in_the_first_one_s_order() -> None:
    assert common_banks([("a", (3, 1, 2)), ("b", (1, 3))]) == (3, 1)


def test_contracts_without_a_bank_in_common_are_paid_apart() -> None:
    with pytest.raises(SeparatePayments) as refused:
        common_banks([("a", (1,)), ("b", (2,)), ("c", (1,))])

    assert refused.value.details["groups"] == [["a", "c"], ["b"]]


def test_a_contract_without_any_bank_is_named() -> None:
    with pytest.raises(NoActiveBank) as refused:
        common_banks([("a", (1,)), ("b", ())])

    assert refused.value.details["documents"] == ["b"]


def test_within_grace_the_last_free_day_is_told() -> None:
    saturday = document(1, date(2026, 11, 21), 100)

    assert free_until(saturday, TERMS, TODAY) == date(2026, 11, 23)
    assert free_until(saturday, TERMS, date(2026, 11, 24)) is None
    assert free_until(document(2, TODAY, 100), TERMS, TODAY) is None
    assert free_until(document(3, None, 100), TERMS, TODAY) is None


@given(
    st.lists(
        st.tuples(st.integers(-400, 60) | st.none(), st.integers(1, 10**7)), min_size=1, max_size=30
    )
)
def test_the_total_is_the_sum_of_each_document_alone(
    made: list[tuple[int | None, int]],
) -> None:
    documents = [
        document(i, None if days is None else TODAY + timedelta(days=days), cents)
        for i, (days, cents) in enumerate(made)
    ]

    together = price(documents, terms(*documents), TODAY)

    alone = [price([each], terms(each), TODAY).total for each in documents]
    assert together.total == Money.total(alone, "BRL")
    assert together.total == together.principal + together.fine + together.interest
