"""The staff's first page: tasks in words, tried again or done."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import reflex as rx

from portal_app import locales
from portal_app.domain.tasks import Task
from portal_app.services.actors import Actor
from portal_app.ui import session
from portal_app.ui.staff.home import state as page
from portal_app.ui.staff.home.state import StaffHomeState
from tests.ui.conftest import Services

MOMENT = datetime(2026, 11, 23, 1, tzinfo=UTC)
FAILED = Task(
    3,
    "receipt_failed",
    "payment:7",
    {"kind": "receipt.issue", "key": "7", "reason": "UNBALANCED_ENTRY"},
    MOMENT,
)
OVER = Task(4, "payment_over", "payment:8", {"paid": {"cents": 500, "currency": "BRL"}}, MOMENT)
KINDS = (
    *("receipt_failed", "payment_late", "payment_over", "payment_short", "payment_credited"),
    *(
        "payment_disputed",
        "dispute_lost",
        "refund_failed",
        "refund_exceeds",
        "refund_refused",
        "provider_access",
    ),
    *("payment_still_open", "job_dead"),
)


@pytest.fixture(autouse=True)
def answers(services: Services, reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setattr(page, "attempt", services.attempt)
    monkeypatch.setattr(page, "ask", services.ask)
    services.say(lambda *asked: asked[0] == FAILED.id if asked else (FAILED, OVER))
    return services


@pytest.fixture
def in_english(reader: Actor) -> Iterator[None]:
    token = session._locale.set("en")
    yield
    session._locale.reset(token)


async def test_a_task_says_what_happened_and_what_to_do(root: rx.State) -> None:
    state = await root.get_state(StaffHomeState)

    await StaffHomeState.load.fn(state)

    failed, over = state.tasks
    assert (failed.kind, failed.can_retry) == ("Recibo não emitido", True)
    assert failed.todo == "O pagamento está confirmado. Veja o motivo e tente de novo."
    assert (failed.subject, failed.facts) == ("payment:7", "motivo UNBALANCED_ENTRY")
    assert failed.since == "22/11/2026"
    assert (over.kind, over.can_retry) == ("Pago a mais", False)
    assert over.facts.replace("\u00a0", " ") == "recebido R$ 5,00"


async def test_in_english_too(root: rx.State, in_english: None) -> None:
    state = await root.get_state(StaffHomeState)

    await StaffHomeState.load.fn(state)

    assert state.tasks[0].kind == "Receipt not issued"
    assert state.tasks[0].todo == "The payment stands. Look at the reason and try again."


@pytest.mark.parametrize("locale", locales.COMPLETE)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_words(kind: str, locale: str) -> None:
    assert locales.has(f"staff.kind.{kind}", locale)
    assert locales.has(f"staff.todo.{kind}", locale)


async def test_trying_again_says_so_and_loads_the_list_anew(
    root: rx.State, answers: Services
) -> None:
    state = await root.get_state(StaffHomeState)
    await StaffHomeState.load.fn(state)

    follows = await StaffHomeState.retry.fn(state, FAILED.id)

    assert answers.asked == [(), (FAILED.id,), ()]
    assert state.said == "Tentando de novo. A tarefa some quando der certo."
    assert follows[0] is StaffHomeState.look_again


async def test_a_job_under_way_says_that_it_is(root: rx.State) -> None:
    state = await root.get_state(StaffHomeState)

    await StaffHomeState.retry.fn(state, OVER.id)

    assert state.said == "Já está em andamento ou concluído."


async def test_a_task_done_leaves_the_list(root: rx.State, answers: Services) -> None:
    state = await root.get_state(StaffHomeState)
    await StaffHomeState.load.fn(state)
    answers.say(lambda *asked: None if asked else (OVER,))

    await StaffHomeState.close.fn(state, FAILED.id)

    assert [line.id for line in state.tasks] == [OVER.id]
    assert state.said == "Tarefa concluída."


async def test_a_kind_of_a_later_version_is_for_support(root: rx.State, answers: Services) -> None:
    state = await root.get_state(StaffHomeState)
    answers.say(lambda: (replace(OVER, kind="from_the_future"),))

    await StaffHomeState.load.fn(state)

    assert (state.tasks[0].kind, state.tasks[0].todo) == ("Ver com o suporte", "")


async def test_what_was_done_is_still_there_without_anything_to_do(
    root: rx.State, answers: Services
) -> None:
    state = await root.get_state(StaffHomeState)
    done = replace(FAILED, closed_at=datetime(2026, 11, 24, 15, tzinfo=UTC))
    answers.say(lambda *_: (done,))

    await StaffHomeState.show.fn(state, "closed")

    (line,) = state.tasks
    assert state.which == "closed"
    assert (line.is_closed, line.can_retry, line.since) == (True, False, "24/11/2026")
    await StaffHomeState.show.fn(state, "anything else")
    assert state.which == "open"
