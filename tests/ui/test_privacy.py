"""Privacy, on the person's page and on the company's."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import reflex as rx

from portal_app.domain.privacy import Choice, Consent, DeletionRequest, Kept, RequestState
from portal_app.services.actors import Actor
from portal_app.services.privacy import Privacy
from portal_app.ui.customer.privacy import state as own_page
from portal_app.ui.customer.privacy.state import PrivacyState
from portal_app.ui.staff.privacy import state as desk
from portal_app.ui.staff.privacy.state import PrivacyDeskState
from tests.ui.conftest import Services

MOMENT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
KEPT = Kept(5, date(2036, 11, 20))


def request(state: RequestState = RequestState.ASKED, id_: int = 4) -> DeletionRequest:
    return DeletionRequest(
        id=id_,
        user=1,
        name="Ana Lima",
        login="ana@nordeste.example",
        customer=1,
        customer_name="Ana Lima",
        state=state,
        kept=KEPT,
        reason="Há um processo." if state is RequestState.REFUSED else "",
        asked_at=MOMENT,
        decided_at=None,
    )


def privacy(asked: DeletionRequest | None = None, kept: Kept = KEPT) -> Privacy:
    said = Consent("mail.reminder", "2026-11", False, MOMENT)
    return Privacy(frozenset({Choice.REMINDER}), (said,), kept, asked)


@pytest.fixture(autouse=True)
def answers(services: Services, reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Services:
    for page in (own_page, desk):
        monkeypatch.setattr(page, "attempt", services.attempt)
        monkeypatch.setattr(page, "ask", services.ask)
    services.say(lambda *_: privacy())
    return services


async def test_what_the_law_keeps_is_said_before_anybody_asks(root: rx.State) -> None:
    state = await root.get_state(PrivacyState)

    await PrivacyState.load.fn(state)
    await PrivacyState.begin.fn(state)

    assert state.is_asking
    assert "5 documentos fiscais" in state.stays
    assert "20/11/2036" in state.stays
    assert "arts. 173 e 174" in state.stays
    assert (state.choices.boleto_registered, state.choices.reminder) == (True, False)
    assert state.history == [
        "21/11/2026: recusou “Lembretes antes do vencimento, quando a empresa os enviar”"
        " (texto de 2026-11)"
    ]


async def test_where_nothing_binds_that_is_said(root: rx.State, answers: Services) -> None:
    answers.say(lambda *_: privacy(kept=Kept()))
    state = await root.get_state(PrivacyState)

    await PrivacyState.load.fn(state)

    assert state.stays.startswith("Nenhum documento fiscal")


async def test_only_known_choices_are_saved(root: rx.State, answers: Services) -> None:
    state = await root.get_state(PrivacyState)

    await PrivacyState.save.fn(state, {"reminder": "on", "receipt": "on"})

    assert answers.asked[0] == ([Choice.REMINDER],)
    assert state.saved


@pytest.mark.parametrize(
    ("asked", "words", "waits"),
    [
        (request(), "Pedido feito em 21/11/2026. A empresa vai analisar e responder.", True),
        (
            request(RequestState.REFUSED),
            "O pedido de 21/11/2026 foi recusado: Há um processo.",
            False,
        ),
        (None, "", False),
    ],
)
async def test_what_became_of_a_request_is_told(
    root: rx.State, answers: Services, asked: DeletionRequest | None, words: str, waits: bool
) -> None:
    answers.say(lambda *_: privacy(asked))
    state = await root.get_state(PrivacyState)

    await PrivacyState.load.fn(state)

    assert (state.request, state.is_waiting) == (words, waits)


async def test_the_desk_decides_one_request(root: rx.State, answers: Services) -> None:
    answers.say(lambda *_: (request(), request(RequestState.DONE, 3)))
    state = await root.get_state(PrivacyDeskState)

    await PrivacyDeskState.load.fn(state)
    await PrivacyDeskState.decide.fn(state, 4)

    assert (state.title, state.deciding.is_waiting) == ("Pedido de Ana Lima", True)
    assert state.requests[0].who == "ana@nordeste.example · Ana Lima"
    assert (state.requests[1].name, state.requests[1].who) == ("removido", "Ana Lima")
    await PrivacyDeskState.carry_out.fn(state)
    assert answers.asked[-2] == (4,)
    assert (state.said, state.deciding.id) == ("Os dados foram apagados.", 0)


@pytest.mark.parametrize("id_", [3, 99])
async def test_what_is_decided_or_unknown_is_not_decided(
    root: rx.State, answers: Services, id_: int
) -> None:
    answers.say(lambda *_: (request(), request(RequestState.DONE, 3)))
    state = await root.get_state(PrivacyDeskState)
    await PrivacyDeskState.load.fn(state)

    await PrivacyDeskState.decide.fn(state, id_)

    assert state.deciding.id == 0


async def test_a_refusal_takes_its_reason(root: rx.State, answers: Services) -> None:
    answers.say(lambda *_: (request(),))
    state = await root.get_state(PrivacyDeskState)
    await PrivacyDeskState.load.fn(state)
    await PrivacyDeskState.decide.fn(state, 4)

    await PrivacyDeskState.refuse.fn(state, {"reason": "Há um processo."})

    assert answers.asked[-2] == (4, "Há um processo.")
    assert state.said == "O pedido foi recusado."
