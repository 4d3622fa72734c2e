"""What the company's own people see first: what waits for one of them, and what they do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec

from portal_app.domain.grants import StaffFeature
from portal_app.domain.money import Money
from portal_app.domain.tasks import Task, job_of
from portal_app.locales import has
from portal_app.services import tasks
from portal_app.services.rules import STAFF, permitted
from portal_app.ui import formats
from portal_app.ui.session import ask, attempt, current, locale, opens_to, still_here
from portal_app.ui.texts import say

# What of a task's facts is told in its line, in this order.
_TOLD: Final = (
    "bank",
    "nosso_numero",
    "document",
    "paid",
    "refund",
    "missing",
    "credit",
    "reasons",
    "refusal",
    "address",
    "reply",
    "reason",
    "error",
    "line",
)
# By then a job that was put back has run, unless it waits for others.
_TRIED_WITHIN: Final = 2.0
TABLE: Final = "tasks"
OPEN: Final = "open"
CLOSED: Final = "closed"


@dataclass(frozen=True)
class TaskLine:
    """A task in words. `todo` is what to do about it, '' where its name says so or nothing is.

    `since` is the day it was closed once it is.
    """

    id: int
    kind: str
    todo: str
    subject: str
    facts: str
    since: str
    is_closed: bool
    can_retry: bool

    @classmethod
    def of(cls, task: Task) -> TaskLine:
        zone, moment = ZoneInfo(current().company.zone), task.closed_at or task.created_at
        return cls(
            id=task.id,
            kind=_kind(task.kind),
            todo=_todo(task.kind) if task.closed_at is None else "",
            subject=task.subject,
            facts=_facts(task.details),
            since=formats.day(moment.astimezone(zone).date()),
            is_closed=task.closed_at is not None,
            can_retry=task.closed_at is None and job_of(task) is not None,
        )


def _kind(kind: str) -> str:
    """In words; a kind this version does not know is something for support."""
    key = f"staff.kind.{kind}"
    return say(key) if has(key, locale()) else say("staff.kind.other")


def _todo(kind: str) -> str:
    key = f"staff.todo.{kind}"
    return say(key) if has(key, locale()) else ""


def _facts(details: Mapping[str, object]) -> str:
    """'Banco 001 · 28831470000000001 · recebido 200.00'."""
    told = ((name, details.get(name)) for name in _TOLD)
    return " · ".join(
        say(f"staff.fact.{name}", value=_words(value)) for name, value in told if value
    )


def _words(value: object) -> str:
    if isinstance(value, dict) and value.keys() == {"cents", "currency"}:
        return formats.money(Money(**value))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@opens_to(permitted(StaffFeature.WORK_TASKS), load=STAFF)
class StaffHomeState(rx.State):
    """The tasks of the reader's company: OPEN or CLOSED. `said` tells what became of a click."""

    status: str = "loading"
    which: str = OPEN
    tasks: list[TaskLine] = []
    said: str = ""

    @rx.event
    async def load(self) -> None:
        self.said = ""
        await self._show()

    @rx.event
    async def show(self, which: str) -> None:
        self.said, self.which = "", CLOSED if which == CLOSED else OPEN
        await self._show()

    @rx.event
    async def retry(self, task_id: int) -> list[EventSpec]:
        again = await ask(self, tasks.retry, int(task_id))
        self.said = say("staff.retried" if again else "staff.under_way")
        await self._show()
        return [StaffHomeState.look_again, rx.set_focus(TABLE)]  # pyright: ignore[reportReturnType]

    @rx.event
    async def close(self, task_id: int) -> EventSpec:
        await ask(self, tasks.close, int(task_id))
        self.said = say("staff.closed")
        await self._show()
        # The button is gone: the cursor must not be lost with it.
        return rx.set_focus(TABLE)

    @rx.event(background=True)
    async def look_again(self) -> None:
        await asyncio.sleep(_TRIED_WITHIN)
        if await still_here(self):
            async with self:
                await self._show()

    async def _show(self) -> None:
        service = tasks.list_closed if self.which == CLOSED else tasks.list_open
        answer = await attempt(self, service)
        self.status = answer.status
        self.tasks = [TaskLine.of(task) for task in answer.value or ()]
