"""Deletion requests of the reader's company, and the one he decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import reflex as rx

from portal_app.domain.grants import StaffFeature
from portal_app.domain.privacy import DeletionRequest, RequestState
from portal_app.services import privacy
from portal_app.services.rules import STAFF, permitted
from portal_app.ui import formats
from portal_app.ui.components.status_badge import AMBER, GRAY, JADE
from portal_app.ui.session import ask, attempt, current, opens_to
from portal_app.ui.texts import say

_TONES: Final = {
    RequestState.ASKED: AMBER,
    RequestState.DONE: JADE,
    RequestState.REFUSED: GRAY,
}


@dataclass(frozen=True)
class Line:
    """A request in words; `who` is his login and customer. Whoever was forgotten has no login."""

    id: int = 0
    name: str = ""
    who: str = ""
    asked: str = ""
    kept: str = ""
    state: str = ""
    tone: str = ""
    reason: str = ""
    is_waiting: bool = False

    @classmethod
    def of(cls, request: DeletionRequest) -> Line:
        is_gone = request.state is RequestState.DONE
        return cls(
            id=request.id,
            name=say("audit.removed") if is_gone else request.name or request.login,
            who=" · ".join(filter(None, ("" if is_gone else request.login, request.customer_name))),
            asked=_day(request.asked_at),
            kept=_kept(request),
            state=say(f"privacy_desk.state.{request.state}"),
            tone=_TONES[request.state],
            reason=request.reason,
            is_waiting=request.state is RequestState.ASKED,
        )


@opens_to(permitted(StaffFeature.WORK_PRIVACY), load=STAFF)
class PrivacyDeskState(rx.State):
    """`deciding` is the request before the reader, `said` what became of his last decision."""

    status: str = "loading"
    requests: list[Line] = []
    deciding: Line = Line()
    title: str = ""
    said: str = ""

    @rx.event
    async def load(self) -> None:
        self.said, self.deciding = "", Line()
        await self._show()

    @rx.event
    async def decide(self, request: int) -> None:
        found = (line for line in self.requests if line.id == request and line.is_waiting)
        self.deciding = next(found, Line())
        name = self.deciding.name
        self.title = say("privacy_desk.decide.title", name=name) if name else ""

    @rx.event
    async def back(self) -> None:
        self.deciding = Line()

    @rx.event
    async def carry_out(self) -> None:
        await ask(self, privacy.carry_out, self.deciding.id)
        await self._done("privacy_desk.done")

    @rx.event
    async def refuse(self, form: dict[str, Any]) -> None:
        reason = form.get("reason")
        await ask(self, privacy.refuse, self.deciding.id, reason if isinstance(reason, str) else "")
        await self._done("privacy_desk.refused")

    async def _done(self, key: str) -> None:
        self.said, self.deciding = say(key), Line()
        await self._show()

    async def _show(self) -> None:
        answer = await attempt(self, privacy.list_requests)
        self.status = answer.status
        self.requests = [Line.of(request) for request in answer.value or ()]


def _kept(request: DeletionRequest) -> str:
    kept = request.kept
    if not kept.binds:
        return say("privacy_desk.kept.none")
    return say("privacy_desk.kept.until", count=kept.documents, until=formats.day(kept.until))


def _day(moment: datetime) -> str:
    return formats.day(moment.astimezone(ZoneInfo(current().company.zone)).date())
