"""What the company's own people see first: what waits for one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import reflex as rx

from portal_app.domain.tasks import Task
from portal_app.services import tasks
from portal_app.ui import formats
from portal_app.ui.session import attempt, current
from portal_app.ui.texts import say

_KINDS: Final = frozenset(
    {"link_requested", "boleto_silent", "job_dead", "no_active_bank", "numbering_exhausted"}
)


@dataclass(frozen=True)
class TaskLine:
    """A task in words."""

    id: str
    kind: str
    subject: str
    since: str

    @classmethod
    def of(cls, task: Task) -> TaskLine:
        zone = ZoneInfo(current().company.zone)
        return cls(
            id=str(task.id),
            kind=say(f"staff.kind.{task.kind if task.kind in _KINDS else 'other'}"),
            subject=task.subject,
            since=formats.day(task.created_at.astimezone(zone).date()),
        )


class StaffHomeState(rx.State):
    """The open tasks of the reader's company."""

    status: str = "loading"
    tasks: list[TaskLine] = []

    @rx.event
    async def load(self) -> None:
        answer = await attempt(self, tasks.list_open)
        self.status = answer.status
        self.tasks = [TaskLine.of(task) for task in answer.value or ()]
