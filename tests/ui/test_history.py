"""The history page: two lists, a period, pages of fifty."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import reflex as rx

from portal_app.domain.documents import Period
from portal_app.domain.grants import Feature
from portal_app.domain.money import Money
from portal_app.domain.payments import Payment, PaymentItem, PaymentMethod, PaymentState
from portal_app.domain.receipts import Receipt, ReceiptFacts, ReceiptKind, ReceiptLine, ReceiptName
from portal_app.services.actors import Actor
from portal_app.services.history import PaymentsPage, ReceiptsPage, SettledDocument, SettledPage
from portal_app.ui.customer.history import state as page
from portal_app.ui.customer.history.state import HistoryState
from tests.ui.conftest import Services, reading_as


@pytest.fixture(autouse=True)
def answers(services: Services, reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setattr(page, "attempt", services.attempt)
    services.say(lambda _, wanted: PaymentsPage((payment("FT 2026/1"),), 120, wanted, 3))
    return services


async def test_payments_come_first_with_their_documents_in_words(root: rx.State) -> None:
    state = await root.get_state(HistoryState)

    await HistoryState.load.fn(state)

    (line,) = state.payments
    assert (line.day, line.method, line.documents) == ("08/11/2026", "Boleto", "FT 2026/1")
    assert line.href == "/pay/p-1"
    assert line.remark == ""


async def test_a_payment_of_many_documents_names_three_and_counts_the_rest(
    root: rx.State, answers: Services
) -> None:
    state = await root.get_state(HistoryState)
    many = payment(*(f"FT 2026/{n}" for n in range(1, 8)))
    answers.say(lambda *_: PaymentsPage((many,), 1, 0, 1))

    await HistoryState.load.fn(state)

    assert state.payments[0].documents == "FT 2026/1, FT 2026/2, FT 2026/3 e mais 4"


async def test_a_refunded_payment_says_so(root: rx.State, answers: Services) -> None:
    state = await root.get_state(HistoryState)
    refunded = payment("FT 2026/1", state=PaymentState.REFUNDED)
    answers.say(lambda *_: PaymentsPage((refunded,), 1, 0, 1))

    await HistoryState.load.fn(state)

    assert state.payments[0].remark == "devolvido"


async def test_a_payment_with_a_receipt_links_its_paper_and_tells_what_went_back(
    root: rx.State, answers: Services
) -> None:
    state = await root.get_state(HistoryState)
    stated = (
        ReceiptName("r-1", ReceiptKind.RECEIPT, "REC 2026/1", Money(6001, "BRL")),
        ReceiptName("r-2", ReceiptKind.REFUND, "REC 2026/2", Money(1000, "BRL")),
        ReceiptName("r-3", ReceiptKind.REFUND, "REC 2026/3", Money(500, "BRL")),
    )
    answers.say(lambda *_: PaymentsPage((payment("FT 2026/1"),), 1, 0, 1, {1: stated}))

    await HistoryState.load.fn(state)

    (line,) = state.payments
    assert (line.receipt, line.number) == ("/files/receipts/r-1.pdf", "REC 2026/1")
    assert line.refunded.replace("\u00a0", " ") == "− R$ 15,00"
    assert state.has_papers


async def test_a_payment_without_a_receipt_offers_none(root: rx.State) -> None:
    state = await root.get_state(HistoryState)

    await HistoryState.load.fn(state)

    assert (state.payments[0].receipt, state.payments[0].refunded) == ("", "")
    assert not state.has_papers


async def test_what_came_in_is_shown_where_it_is_not_what_was_asked(
    root: rx.State, answers: Services
) -> None:
    state = await root.get_state(HistoryState)
    short = replace(payment("FT 2026/1"), received=Money(5000, "BRL"))
    answers.say(lambda *_: PaymentsPage((short,), 1, 0, 1))

    await HistoryState.load.fn(state)

    assert state.payments[0].amount.replace("\u00a0", " ") == "R$ 50,00"


async def test_receipts_show_money_that_went_back_with_its_minus(
    root: rx.State, answers: Services
) -> None:
    state = await root.get_state(HistoryState)
    await HistoryState.load.fn(state)
    refund = receipt(ReceiptKind.REFUND, "FT 2026/1")
    answers.say(lambda *_: ReceiptsPage((refund, receipt(ReceiptKind.RECEIPT)), 2, 0, 1))

    await HistoryState.choose_tab.fn(state, "receipts")

    gone, came = state.receipts
    assert (gone.amount.replace("\u00a0", " "), gone.is_refund) == ("− R$ 60,01", True)
    assert (came.amount.replace("\u00a0", " "), came.is_refund) == ("R$ 60,01", False)
    assert (gone.documents, came.documents) == ("FT 2026/1", "Crédito")
    assert (gone.href, gone.day) == ("/files/receipts/r-1.pdf", "08/11/2026")
    assert (state.count, state.may_send) == ("2 recibos", True)


async def test_whoever_may_not_print_sees_receipts_and_no_paper(
    root: rx.State, answers: Services, reader: Actor
) -> None:
    state = await root.get_state(HistoryState)
    answers.say(lambda *_: ReceiptsPage((receipt(ReceiptKind.RECEIPT),), 1, 0, 1))

    with reading_as(replace(reader, features=frozenset({Feature.HISTORY}))):
        await HistoryState.choose_tab.fn(state, "receipts")

    assert (state.receipts[0].href, state.may_send) == ("", False)


async def test_a_tab_that_does_not_exist_is_the_first(root: rx.State, answers: Services) -> None:
    state = await root.get_state(HistoryState)

    await HistoryState.choose_tab.fn(state, "somebody's")

    assert state.tab == "payments"


async def test_older_pages_are_turned_to_and_end(root: rx.State, answers: Services) -> None:
    state = await root.get_state(HistoryState)
    await HistoryState.load.fn(state)

    await HistoryState.older.fn(state)
    await HistoryState.older.fn(state)

    assert answers.asked[-1] == (Period(), 2)
    assert (state.has_newer, state.has_older) == (True, False)
    assert state.position == "Página 3 de 3"


async def test_another_tab_starts_at_its_newest_in_the_same_period(
    root: rx.State, answers: Services
) -> None:
    state = await root.get_state(HistoryState)
    await HistoryState.load.fn(state)
    await HistoryState.choose_period.fn(state, {"first": "2026-11-01", "last": ""})
    await HistoryState.older.fn(state)
    settled = SettledDocument("FT 2026/1", date(2026, 10, 1), date(2026, 11, 8), Money(1, "BRL"))
    answers.say(lambda *_: SettledPage((settled,), 1, 0, 1))

    await HistoryState.choose_tab.fn(state, "documents")

    assert answers.asked[-1] == (Period(date(2026, 11, 1), None), 0)
    assert [line.number for line in state.documents] == ["FT 2026/1"]


async def test_a_reversed_period_keeps_its_values_and_the_list(
    root: rx.State, answers: Services
) -> None:
    state = await root.get_state(HistoryState)
    await HistoryState.load.fn(state)
    asked = len(answers.asked)

    await HistoryState.choose_period.fn(state, {"first": "2026-11-20", "last": "01/11/2026"})

    assert (state.typed.first, state.typed.last) == ("2026-11-20", "01/11/2026")
    assert state.typed.code == "PERIOD_REVERSED"
    assert len(answers.asked) == asked
    assert len(state.payments) == 1


def payment(*numbers: str, state: PaymentState = PaymentState.CONFIRMED) -> Payment:
    nothing = Money(0, "BRL")
    items = tuple(
        PaymentItem(i, number, Money(6001, "BRL"), nothing, nothing)
        for i, number in enumerate(numbers)
    )
    return Payment(
        id=1,
        public_id="p-1",
        customer=1,
        method=PaymentMethod.BOLETO,
        state=state,
        amount=Money.total((item.total for item in items), "BRL"),
        created_at=datetime(2026, 11, 7, tzinfo=UTC),
        paid_on=date(2026, 11, 8),
        failure="",
        items=items,
    )


def receipt(kind: ReceiptKind, *numbers: str) -> Receipt:
    total, nothing = Money(6001, "BRL"), Money(0, "BRL")
    facts = ReceiptFacts(
        kind=kind,
        number="REC 2026/1",
        issued_on=date(2026, 11, 9),
        paid_on=date(2026, 11, 8),
        method=PaymentMethod.PIX,
        reference="",
        company="Nordeste Telecom",
        company_tax_id="",
        company_address="",
        customer="Ana Lima",
        customer_tax_id="",
        lines=tuple(ReceiptLine(number, total, nothing, nothing, nothing) for number in numbers),
        total=total,
        credit=nothing,
        owed=nothing,
    )
    return Receipt(1, "r-1", "p-1", 1, kind, facts.number, total, facts.paid_on, facts)
