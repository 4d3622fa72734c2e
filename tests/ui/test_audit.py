"""The audit's page: filtered by what was typed, paged, and taken away by ids alone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import reflex as rx

from portal_app.domain.documents import Period
from portal_app.domain.errors import InvalidField
from portal_app.services.actors import Actor
from portal_app.services.audit_search import MOST_ROWS, Filter, Page, Typed
from portal_app.services.audit_words import Told
from portal_app.ui.staff.audit import state as page
from portal_app.ui.staff.audit.state import AuditState
from tests.ui.conftest import Services

FOUND = Filter(people=(7,), customers=(3,), abouts=("document:5",), action="link.made")


def told(number: int) -> Told:
    when = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
    return Told(number, when, "Ana", "Abriu um PDF", "FT 1", "Ana", "", "document.opened", "h")


def answer(matching: int, older: int | None = None):
    """What the services say: `understand` is asked for a filter, `page` for entries."""

    def of(first: object, *_: object) -> object:
        if isinstance(first, Typed):
            return FOUND if first != Typed() else Filter()
        return Page(tuple(told(n) for n in range(min(matching, 50))), matching, older)

    return of


@pytest.fixture(autouse=True)
def answers(services: Services, reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setattr(page, "attempt", services.attempt)
    services.say(answer(120, 71))
    return services


@pytest.fixture
async def state(root: rx.State) -> AuditState:
    return await root.get_state(AuditState)


async def test_the_latest_come_first_in_words(state: AuditState) -> None:
    await AuditState.load.fn(state)

    assert (state.entries[0].when, state.entries[0].what) == ("22/11/2026 09:05", "Abriu um PDF")
    assert (state.count, state.position) == ("120 registros", "1–50 de 120")
    assert (state.has_newer, state.has_older, state.is_filtered) == (False, True, False)
    assert (state.export, state.export_limit) == ("/files/audit.csv", "")


async def test_older_and_newer_go_there_and_back(state: AuditState, answers: Services) -> None:
    await AuditState.load.fn(state)

    await AuditState.older.fn(state)
    assert (answers.asked[-1][1], state.position, state.has_newer) == (71, "51–100 de 120", True)
    await AuditState.newer.fn(state)
    await AuditState.newer.fn(state)
    assert (answers.asked[-1][1], state.position, state.has_newer) == (None, "1–50 de 120", False)


async def test_what_was_typed_is_asked_and_stays_typed(
    state: AuditState, answers: Services
) -> None:
    await AuditState.load.fn(state)
    await AuditState.older.fn(state)

    await AuditState.choose.fn(
        state, {"person": "Ana", "customer": "10020030169", "first": "2026-11-01", "x": 1}
    )

    period = Period(date(2026, 11, 1), None)
    assert answers.asked[-2] == (Typed(person="Ana", customer="10020030169"), period)
    assert answers.asked[-1][1] is None
    assert (state.fields.person, state.is_filtered) == ("Ana", True)


async def test_the_files_address_has_nobodys_name_or_number(state: AuditState) -> None:
    await AuditState.choose.fn(state, {"person": "Ana", "customer": "10020030169"})

    assert "10020030169" not in state.export
    assert "Ana" not in state.export
    asked = "person=7&customer=3&about=document%3A5&action=link.made"
    assert state.export == f"/files/audit.csv?{asked}"


async def test_too_many_of_a_name_are_told_beside_the_filter(
    state: AuditState, answers: Services
) -> None:
    await AuditState.load.fn(state)

    def refuse(first: object, *_: object) -> object:
        raise InvalidField(field="customer", reason="too_many_found")

    answers.say(refuse)
    await AuditState.choose.fn(state, {"customer": "Silva"})

    assert state.error.startswith("Há clientes demais")
    assert (state.code, state.status, len(state.entries)) == ("FIELD_INVALID", "ready", 50)


async def test_a_day_that_is_none_asks_nothing(state: AuditState, answers: Services) -> None:
    await AuditState.choose.fn(state, {"first": "30/02/2026"})

    assert state.days.error
    assert answers.asked == []


@pytest.mark.parametrize("form", [{"person": 5, "action": None, "customer": ["x"]}, {}])
async def test_whatever_a_browser_sends_is_taken_for_nothing(
    state: AuditState, answers: Services, form: dict[str, object]
) -> None:
    await AuditState.choose.fn(state, form)

    assert answers.asked[0] == (Typed(), Period())


async def test_cleared_everything_is_shown_again(state: AuditState, answers: Services) -> None:
    await AuditState.choose.fn(state, {"person": "Ana"})

    await AuditState.forget.fn(state)

    assert (state.fields.person, state.is_filtered, state.cleared) == ("", False, 1)
    assert answers.asked[-2] == (Typed(), Period())


async def test_a_file_too_long_says_so_before(state: AuditState, answers: Services) -> None:
    answers.say(answer(MOST_ROWS + 1, 5))

    await AuditState.load.fn(state)

    assert str(MOST_ROWS) in state.export_limit


async def test_of_nothing_there_is_no_file(state: AuditState, answers: Services) -> None:
    answers.say(answer(0))

    await AuditState.load.fn(state)

    assert (state.is_empty, state.export, state.count) == (True, "", "")
