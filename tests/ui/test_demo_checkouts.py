"""The demo provider's page: what is paid, each way it can end, over, and nobody else's."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import reflex as rx

from portal_app.domain.errors import NotFound
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.services.actors import Actor
from portal_app.services.demo_checkouts import DemoCheckout
from portal_app.ui.customer.demo_checkouts import state as page
from portal_app.ui.customer.demo_checkouts.state import DemoState
from tests.ui.conftest import Services

CHECKOUT = DemoCheckout(
    payment="p1",
    company="Nordeste Telecom",
    method=PaymentMethod.PIX,
    amount=Money(34738, "BRL"),
    numbers=("FT 2026/1841", "ND 2026/77"),
    seconds=20.0,
    is_open=True,
)


class Desk(Services):
    """Has one checkout, or none; deciding may come too late."""

    def __init__(self) -> None:
        super().__init__()
        self.checkout: DemoCheckout | None = CHECKOUT
        self.in_time = True

    async def ask(self, _state: object, _service: Callable[..., object], *args: Any) -> object:
        self.asked.append((_service.__name__, *args))
        if self.checkout is None:
            raise NotFound(kind="payment")
        return {"page": self.checkout, "decide": self.in_time}[_service.__name__]


@pytest.fixture
def desk(reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Desk:
    answers = Desk()
    monkeypatch.setattr(page, "ask", answers.ask)
    monkeypatch.setattr(page, "attempt", answers.attempt)
    monkeypatch.setattr(
        DemoState,
        "router",
        SimpleNamespace(url=SimpleNamespace(path="/demo/p1/")),
        raising=False,
    )
    return answers


@pytest.fixture
async def state(root: rx.State) -> DemoState:
    return await root.get_state(DemoState)


async def test_it_shows_what_is_paid_and_to_whom(state: DemoState, desk: Desk) -> None:
    await DemoState.load.fn(state)

    played = state.played
    assert (state.status, desk.asked) == ("open", [("page", "p1")])
    assert (played.company, played.amount, played.documents) == (
        "Nordeste Telecom",
        "R$\xa0347,38",
        "FT 2026/1841 · ND 2026/77",
    )
    assert (played.later, played.back) == ("Aprovar em 20 s", "/pay/p1")


@pytest.mark.parametrize("method", [m for m in PaymentMethod if m not in {"transfer", "counter"}])
async def test_it_says_what_it_stands_for(
    state: DemoState, desk: Desk, method: PaymentMethod
) -> None:
    desk.checkout = replace(CHECKOUT, method=method)

    await DemoState.load.fn(state)

    assert "no lugar" in state.played.stands_for


@pytest.mark.parametrize("decision", ["approved", "declined", "later", "never"])
async def test_each_decision_leads_back_to_the_payment(
    state: DemoState, desk: Desk, decision: str
) -> None:
    await DemoState.load.fn(state)

    assert await DemoState.decide.fn(state, decision) is not None

    assert desk.asked[-1] == ("decide", "p1", decision)


async def test_what_is_over_says_so_and_leads_back(state: DemoState, desk: Desk) -> None:
    await DemoState.load.fn(state)
    desk.in_time = False

    assert await DemoState.decide.fn(state, "approved") is None
    assert (state.status, state.played.back) == ("over", "/pay/p1")

    desk.checkout = replace(CHECKOUT, is_open=False)
    await DemoState.load.fn(state)
    assert state.status == "over"


async def test_nobody_else_finds_it(state: DemoState, desk: Desk) -> None:
    await DemoState.load.fn(state)
    desk.checkout = None

    await DemoState.load.fn(state)

    assert (state.status, state.played.amount) == ("not_found", "")
