"""Choosing the bank: what is offered, what is agreed to, and why it does not go on."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import reflex as rx

from portal_app.domain.errors import (
    InAttempt,
    NoActiveBank,
    NotFound,
    PortalError,
    QuoteChanged,
    SeparatePayments,
)
from portal_app.domain.money import Money
from portal_app.domain.selection import Quote, QuoteItem
from portal_app.services.actors import Actor
from portal_app.services.boletos import BankOffer, Offer
from portal_app.ui.customer.choose_bank import state as page
from portal_app.ui.customer.choose_bank.state import BANKS, CHANGED, REFUSED, SEPARATE, ChoiceState
from tests.ui.conftest import Services

TODAY = date(2026, 11, 22)
DUE = date(2026, 11, 25)


def brl(cents: int) -> Money:
    return Money(cents, "BRL")


def bank(code: str, name: str, cents: int = 34764) -> BankOffer:
    return BankOffer(int(code), code, name, "17", "2374", DUE, brl(cents), 30)


class Desk(Services):
    """Offers two banks and issues what is asked, unless it is told to refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.banks: tuple[BankOffer, ...] = (bank("001", "Banco do Brasil"), bank("756", "Sicoob"))
        self.refuses: dict[str, PortalError] = {}
        self.today = brl(34738)

    async def ask(self, _state: object, _service: Callable[..., object], *args: Any) -> object:
        self.asked.append((_service.__name__, *args))
        if refusal := self.refuses.pop(_service.__name__, None):
            raise refusal
        return getattr(self, _service.__name__)(*args)

    def quote(self, ids: list[int]) -> Quote:
        zero = brl(0)
        items = (QuoteItem(each, f"FT 2026/{each}", self.today, zero, zero) for each in ids)
        return Quote(tuple(items), "BRL", TODAY)

    def offer(self, _ids: object) -> Offer:
        return Offer(self.quote([1]), self.banks)

    def issue(self, *_: object) -> str:
        return "p1"


@pytest.fixture
def desk(reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Desk:
    answers = Desk()
    monkeypatch.setattr(page, "ask", answers.ask)
    monkeypatch.setattr(page, "attempt", answers.attempt)
    return answers


@pytest.fixture
async def choice(root: rx.State) -> ChoiceState:
    return await root.get_state(ChoiceState)


async def test_banks_are_offered_with_their_own_total_and_due_date(
    choice: ChoiceState, desk: Desk
) -> None:
    await choice._begin([1, 2, 3], None)

    first = choice.banks[0]
    assert (choice.step, choice.picked.id) == (BANKS, 0)
    assert (first.terms, first.price) == (
        "Carteira 17 · convênio 2374",
        "R$\xa0347,64 · vence 25/11/2026",
    )
    assert choice.today.startswith("Hoje R$\xa0347,38")
    assert "30 minutos" in choice.picked.wait


async def test_one_bank_needs_no_choice(choice: ChoiceState, desk: Desk) -> None:
    desk.banks = desk.banks[1:]

    await choice._begin([1], None)

    assert (choice.picked.id, choice.picked.confirm) == (756, "Gerar boleto no Sicoob")


async def test_the_boleto_is_issued_at_the_price_that_was_shown(
    choice: ChoiceState, desk: Desk
) -> None:
    await choice._begin([1, 2], None)
    await ChoiceState.pick.fn(choice, 756)

    await ChoiceState.confirm.fn(choice)

    assert desk.asked[-1] == ("issue", (1, 2), 756, brl(34764), None)
    assert choice.step == ""


async def test_a_double_click_issues_once(choice: ChoiceState, desk: Desk) -> None:
    await choice._begin([1], None)
    await ChoiceState.pick.fn(choice, 756)

    await ChoiceState.confirm.fn(choice)
    await ChoiceState.confirm.fn(choice)

    assert [name for name, *_ in desk.asked].count("issue") == 1


async def test_a_bank_that_is_not_offered_is_not_found(choice: ChoiceState, desk: Desk) -> None:
    await choice._begin([1], None)

    with pytest.raises(NotFound):
        await ChoiceState.pick.fn(choice, 341)


async def test_a_total_that_changed_before_issuing_is_asked_again(
    choice: ChoiceState, desk: Desk
) -> None:
    await choice._begin([1], None)
    await ChoiceState.pick.fn(choice, 756)
    desk.refuses["issue"] = QuoteChanged(shown=brl(34764), now=brl(34770))
    desk.banks = (bank("756", "Sicoob", 34770),)

    await ChoiceState.confirm.fn(choice)

    assert (choice.step, choice.now) == (CHANGED, "R$\xa0347,70")
    await ChoiceState.accept.fn(choice)
    await ChoiceState.confirm.fn(choice)
    assert desk.asked[-1] == ("issue", (1,), 756, brl(34770), None)


async def test_documents_without_a_common_bank_are_paid_in_groups(
    choice: ChoiceState, desk: Desk
) -> None:
    desk.refuses["offer"] = SeparatePayments(groups=[["FT 2026/1", "FT 2026/3"], ["FT 2026/2"]])

    await choice._begin([1, 2, 3], None)

    assert choice.step == SEPARATE
    assert [group.numbers for group in choice.groups] == ["FT 2026/1, FT 2026/3", "FT 2026/2"]
    assert choice._group(0) == (1, 3)
    for unknown in (2, -1):
        with pytest.raises(NotFound):
            choice._group(unknown)


async def test_without_a_bank_the_reason_stands_in_their_place(
    choice: ChoiceState, desk: Desk
) -> None:
    desk.refuses["offer"] = NoActiveBank()

    await choice._begin([1], None)

    assert (choice.step, choice.code) == (REFUSED, "NO_ACTIVE_BANK")
    assert choice.problem


async def test_a_document_that_is_being_paid_leads_to_its_payment(
    choice: ChoiceState, desk: Desk
) -> None:
    desk.refuses["offer"] = InAttempt(document="FT 2026/1", payment="p9")

    await choice._begin([1], None)

    assert choice.href == "/pay/p9"


async def test_after_a_rejection_the_other_banks_are_offered(
    choice: ChoiceState, desk: Desk
) -> None:
    await choice._instead("p0", [1], "001")
    await ChoiceState.confirm.fn(choice)

    assert desk.asked[-1] == ("issue", (1,), 756, brl(34764), "p0")
