"""The history page: two lists, a period, pages of fifty."""

from datetime import UTC, date, datetime

import pytest
import reflex as rx

from portal_app.domain.documents import Period
from portal_app.domain.money import Money
from portal_app.domain.payments import Payment, PaymentItem, PaymentMethod, PaymentState
from portal_app.services.access import Actor
from portal_app.services.history import PaymentsPage, SettledDocument, SettledPage
from portal_app.ui.customer.history import state as page
from portal_app.ui.customer.history.state import HistoryState
from tests.ui.conftest import Services


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
