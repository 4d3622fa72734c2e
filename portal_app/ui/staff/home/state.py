"""What the company's own people see first: what waits for one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import reflex as rx

from portal_app.domain.money import Money
from portal_app.domain.tasks import Task
from portal_app.locales import has
from portal_app.services import tasks
from portal_app.ui import formats
from portal_app.ui.session import attempt, current, locale
from portal_app.ui.texts import say

# What of a task's facts is told in its line, in this order.
_TOLD: Final = (
    "bank",
    "nosso_numero",
    "document",
    "paid",
    "missing",
    "credit",
    "reasons",
    "refusal",
    "address",
    "reply",
    "reason",
    "line",
)


@dataclass(frozen=True)
class TaskLine:
    """A task in words."""

    id: str
    kind: str
    subject: str
    facts: str
    since: str

    @classmethod
    def of(cls, task: Task) -> TaskLine:
        zone = ZoneInfo(current().company.zone)
        return cls(
            id=str(task.id),
            kind=_kind(task.kind),
            subject=task.subject,
            facts=_facts(task.details),
            since=formats.day(task.created_at.astimezone(zone).date()),
        )


def _kind(kind: str) -> str:
    """In words; a kind this version does not know is something for support."""
    key = f"staff.kind.{kind}"
    return say(key) if has(key, locale()) else say("staff.kind.other")


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


class StaffHomeState(rx.State):
    """The open tasks of the reader's company."""

    status: str = "loading"
    tasks: list[TaskLine] = []

    @rx.event
    async def load(self) -> None:
        answer = await attempt(self, tasks.list_open)
        self.status = answer.status
        self.tasks = [TaskLine.of(task) for task in answer.value or ()]
