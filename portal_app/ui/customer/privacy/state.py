"""What the privacy page shows of the person who asks: his choices, and what he asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from portal_app.domain.grants import OwnFeature
from portal_app.domain.privacy import (
    LAW_YEARS,
    Choice,
    Consent,
    DeletionRequest,
    Kept,
    RequestState,
)
from portal_app.services import privacy
from portal_app.services.privacy import Privacy
from portal_app.services.rules import SIGNED_IN, own
from portal_app.ui import formats
from portal_app.ui.session import ask, attempt, current, opens_to
from portal_app.ui.texts import say

BOLETO_REGISTERED = Choice.BOLETO_REGISTERED.value
REMINDER = Choice.REMINDER.value


@dataclass(frozen=True)
class Choices:
    """Which of the e-mails that may be declined he gets."""

    boleto_registered: bool = True
    reminder: bool = True

    @classmethod
    def of(cls, found: Privacy) -> Choices:
        return cls(
            Choice.BOLETO_REGISTERED not in found.declined, Choice.REMINDER not in found.declined
        )


@opens_to(own(OwnFeature.PRIVACY), load=SIGNED_IN)
class PrivacyState(rx.State):
    """`is_asking`: he wants his data deleted and is told first what that means."""

    status: str = "loading"
    choices: Choices = Choices()
    history: list[str] = []
    stays: str = ""
    request: str = ""
    is_waiting: bool = False
    is_asking: bool = False
    saved: str = ""

    @rx.event
    async def load(self) -> None:
        self.saved, self.is_asking = "", False
        await self._show()

    @rx.event
    async def save(self, form: dict[str, Any]) -> None:
        wanted = [choice for choice in Choice if form.get(choice.value)]
        await ask(self, privacy.choose_mails, wanted)
        self.saved = say("privacy.mails.saved")
        await self._show()

    @rx.event
    async def begin(self) -> None:
        self.is_asking = True

    @rx.event
    async def back(self) -> None:
        self.is_asking = False

    @rx.event
    async def confirm(self) -> None:
        await ask(self, privacy.ask_deletion)
        self.is_asking = False
        await self._show()

    async def _show(self) -> None:
        answer = await attempt(self, privacy.show)
        self.status = answer.status
        if answer.value is None:
            return
        found = answer.value
        self.choices = Choices.of(found)
        self.history = [_said(each) for each in found.history]
        self.stays = _stays(found.kept)
        self.request = _request(found.request)
        self.is_waiting = found.request is not None and found.request.state is RequestState.ASKED


def _said(consent: Consent) -> str:
    key = "privacy.history.given" if consent.given else "privacy.history.taken"
    purpose = say(f"privacy.{consent.purpose}")
    return say(key, day=_day(consent.at), purpose=purpose, version=consent.version)


def _stays(kept: Kept) -> str:
    if not kept.binds:
        return say("privacy.deletion.stays.none")
    country = current().company.country
    law = say(f"privacy.law.{country if country in LAW_YEARS else 'other'}")
    until = formats.day(kept.until)
    return say("privacy.deletion.stays", count=kept.documents, until=until, law=law)


def _request(request: DeletionRequest | None) -> str:
    if request is None or request.state is RequestState.DONE:
        return ""
    day = _day(request.asked_at)
    if request.state is RequestState.ASKED:
        return say("privacy.deletion.asked", day=day)
    return say("privacy.deletion.refused", day=day, reason=request.reason)


def _day(moment: datetime) -> str:
    return formats.day(moment.astimezone(ZoneInfo(current().company.zone)).date())
