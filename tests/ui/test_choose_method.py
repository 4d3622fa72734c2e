"""How to pay: what is offered, what one press does, and why it does not go on."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any, cast

import pytest
import reflex as rx
from reflex.event import EventSpec

from portal_app.domain.errors import (
    InAttempt,
    InvalidField,
    MethodUnavailable,
    PayerIncomplete,
    PortalError,
    ProviderUnavailable,
    QuoteChanged,
)
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.domain.selection import Quote, QuoteItem
from portal_app.services.actors import Actor
from portal_app.services.boletos import BankOffer, Offer
from portal_app.services.payments import Started, Ways
from portal_app.ui.customer.choose_bank import state as bank_page
from portal_app.ui.customer.choose_bank.state import BANKS, ChoiceState
from portal_app.ui.customer.choose_bank.state import REFUSED as NO_BOLETO
from portal_app.ui.customer.choose_method import state as page
from portal_app.ui.customer.choose_method.state import (
    CHANGED,
    NONE,
    REFUSED,
    WAYS,
    MethodState,
)
from tests.ui.conftest import Services

TODAY = date(2026, 11, 22)
DUE = date(2026, 11, 25)
TOTAL = Money(34738, "BRL")
ALL = (PaymentMethod.PIX, PaymentMethod.CARD, PaymentMethod.BOLETO)
OURS = "http://localhost:8000/demo/p1"


class Desk(Services):
    """Offers some ways, and starts what is asked unless it is told to refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.methods: tuple[PaymentMethod, ...] = ALL
        self.at_bank = True
        self.total = TOTAL
        self.started = Started("p1", OURS)
        self.refuses: dict[str, PortalError] = {}

    async def ask(self, _state: object, _service: Callable[..., object], *args: Any) -> object:
        self.asked.append((_service.__name__, *args))
        if refusal := self.refuses.pop(_service.__name__, None):
            raise refusal
        return getattr(self, _service.__name__)(*args)

    def quote(self, ids: list[int]) -> Quote:
        zero = Money(0, "BRL")
        items = (QuoteItem(each, f"FT 2026/{each}", self.total, zero, zero) for each in ids[:1])
        return Quote(tuple(items), "BRL", TODAY)

    def ways(self, ids: list[int]) -> Ways:
        return Ways(self.quote(ids), self.methods, self.at_bank)

    def offer(self, ids: list[int]) -> Offer:
        bank = BankOffer(1, "001", "Banco do Brasil", "17", "2374", DUE, Money(34764, "BRL"), 30)
        return Offer(self.quote(ids), (bank,))

    def start(self, *_: object) -> Started:
        return self.started

    def issue(self, *_: object) -> str:
        return "p2"

    def count(self, name: str) -> int:
        return [asked for asked, *_ in self.asked].count(name)


@pytest.fixture
def desk(reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Desk:
    answers = Desk()
    for module in (page, bank_page):
        monkeypatch.setattr(module, "attempt", answers.attempt)
        monkeypatch.setattr(module, "attempt_outside", answers.attempt, raising=False)
    monkeypatch.setattr(bank_page, "ask", answers.ask)
    return answers


@pytest.fixture
async def choice(root: rx.State) -> MethodState:
    return await root.get_state(MethodState)


@pytest.fixture
async def banks(root: rx.State) -> ChoiceState:
    return await root.get_state(ChoiceState)


async def press(choice: MethodState, method: str) -> str:
    """Where pressing a tile leads; '' where it leads nowhere."""
    steps = cast("AsyncIterator[EventSpec | None]", MethodState.start.fn(choice, method))
    led = [event async for event in steps if event is not None]
    return led[0].args[0][1]._var_value if led else ""  # pyright: ignore[reportAttributeAccessIssue]


async def test_the_ways_are_offered_with_the_total_and_the_banks_beneath(
    choice: MethodState, banks: ChoiceState, desk: Desk
) -> None:
    await choice._start([1], TOTAL)

    assert (choice.step, banks.shown, choice.amount) == (WAYS, True, "R$\xa0347,38")
    assert [(way.method, way.leads_to_banks) for way in choice.ways] == [
        ("pix", False),
        ("card", False),
        ("boleto", True),
    ]
    assert (banks.step, len(banks.banks)) == (BANKS, 1)


async def test_one_press_pays_at_the_total_that_is_shown_and_leads_on(
    choice: MethodState, banks: ChoiceState, desk: Desk
) -> None:
    await choice._start([1, 2], TOTAL)

    leads_to = await press(choice, "pix")

    assert desk.asked[-1] == ("start", (1, 2), PaymentMethod.PIX, TOTAL, None)
    assert leads_to == "/demo/p1"
    assert (choice.step, banks.shown) == ("", False)


async def test_it_says_so_before_the_provider_has_answered(choice: MethodState, desk: Desk) -> None:
    await choice._start([1], TOTAL)

    steps = cast("AsyncIterator[EventSpec | None]", MethodState.start.fn(choice, "card"))

    assert await anext(steps) is None
    assert (choice.busy, desk.count("start")) == ("card", 0)


async def test_a_second_press_does_nothing(choice: MethodState, desk: Desk) -> None:
    await choice._start([1], TOTAL)

    await press(choice, "pix")
    assert await press(choice, "pix") == ""

    assert desk.count("start") == 1


@pytest.mark.parametrize(
    ("url", "leads_to"),
    [("https://checkout.example/c/1", "https://checkout.example/c/1"), ("", "/pay/p1")],
)
async def test_another_site_is_gone_to_whole_and_none_is_waited_for_here(
    choice: MethodState, desk: Desk, url: str, leads_to: str
) -> None:
    desk.started = Started("p1", url)
    await choice._start([1], TOTAL)

    assert await press(choice, "card") == leads_to


async def test_a_total_that_changed_before_pagar_is_shown_first(
    choice: MethodState, desk: Desk
) -> None:
    await choice._start([1], Money(34000, "BRL"))

    assert (choice.step, choice.before, choice.now) == (
        CHANGED,
        "R$\xa0340,00",
        "R$\xa0347,38",
    )
    await MethodState.accept.fn(choice)
    assert choice.step == WAYS


async def test_a_total_that_changed_before_the_press_is_asked_again(
    choice: MethodState, banks: ChoiceState, desk: Desk
) -> None:
    await choice._start([1], TOTAL)
    desk.total = Money(34740, "BRL")
    desk.refuses["start"] = QuoteChanged(shown=TOTAL, now=desk.total)

    assert await press(choice, "pix") == ""

    assert (choice.step, choice.now, choice.busy) == (CHANGED, "R$\xa0347,40", "")
    assert banks.shown
    await MethodState.accept.fn(choice)
    assert await press(choice, "pix") == "/demo/p1"
    assert desk.asked[-1] == ("start", (1,), PaymentMethod.PIX, desk.total, None)


async def test_without_a_boleto_the_other_ways_stay_open(
    choice: MethodState, banks: ChoiceState, desk: Desk
) -> None:
    desk.refuses["offer"] = PayerIncomplete(fields=["street"])

    await choice._start([1], TOTAL)

    assert (banks.step, banks.code) == (NO_BOLETO, "PAYER_INCOMPLETE")
    assert await press(choice, "pix") == "/demo/p1"


async def test_a_boleto_that_is_the_providers_is_pressed_like_the_others(
    choice: MethodState, banks: ChoiceState, desk: Desk
) -> None:
    desk.at_bank = False

    await choice._start([1], TOTAL)

    assert not choice.has_banks
    assert banks.step == ""
    assert await press(choice, "boleto") == "/demo/p1"


async def test_where_nothing_is_offered_it_says_so(choice: MethodState, desk: Desk) -> None:
    desk.methods = ()

    await choice._start([1], TOTAL)

    assert (choice.step, choice.problem) == (NONE, "")
    assert await press(choice, "pix") == ""


@pytest.mark.parametrize("refused", ["ways", "start"])
async def test_a_document_that_is_being_paid_leads_to_its_payment(
    choice: MethodState, desk: Desk, refused: str
) -> None:
    desk.refuses[refused] = InAttempt(document="FT 2026/1", payment="p9")

    await choice._start([1], TOTAL)
    await press(choice, "pix")

    assert (choice.step, choice.href) == (REFUSED, "/pay/p9")
    assert "FT 2026/1" in choice.problem


@pytest.mark.parametrize("refusal", [ProviderUnavailable(), MethodUnavailable(method="pix")])
async def test_a_way_that_was_refused_leaves_the_others(
    choice: MethodState, desk: Desk, refusal: PortalError
) -> None:
    desk.refuses["start"] = refusal
    await choice._start([1], TOTAL)

    assert await press(choice, "pix") == ""

    assert (choice.step, choice.code, choice.busy) == (WAYS, refusal.code, "")
    assert await press(choice, "card") == "/demo/p1"


async def test_what_it_is_made_in_place_of_is_passed_on(
    choice: MethodState, banks: ChoiceState, desk: Desk
) -> None:
    await choice._start([1], None, "p0")
    await ChoiceState.confirm.fn(banks)
    assert desk.asked[-1][-1] == "p0"

    await choice._start([1], None, "p0")
    await press(choice, "card")
    assert desk.asked[-1][-1] == "p0"


async def test_a_boleto_that_was_made_closes_the_dialog(
    choice: MethodState, banks: ChoiceState, desk: Desk
) -> None:
    await choice._start([1], TOTAL)

    await ChoiceState.confirm.fn(banks)

    assert not banks.shown


async def test_closed_it_forgets_everything(
    choice: MethodState, banks: ChoiceState, desk: Desk
) -> None:
    await choice._start([1], TOTAL)

    await MethodState.close.fn(choice)

    assert (choice.step, choice.ways, banks.shown, banks.banks) == ("", [], False, [])
    assert await press(choice, "pix") == ""


async def test_a_way_nobody_knows_is_refused(choice: MethodState, desk: Desk) -> None:
    await choice._start([1], TOTAL)

    with pytest.raises(InvalidField):
        await press(choice, "cheque")
