"""How the company guards its own people's sign-ins, and who of them has a second factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from portal_app.domain.companies import SecondFactor
from portal_app.domain.errors import KeepsLess, OwnFactorMissing
from portal_app.domain.grants import StaffFeature
from portal_app.domain.people import UserState, shown_login
from portal_app.services import retention, security
from portal_app.services.actors import Actor
from portal_app.services.rules import STAFF, permitted
from portal_app.services.security import Guarded, Security
from portal_app.ui import formats
from portal_app.ui.choices import chosen, typed, whole
from portal_app.ui.components.status_badge import AMBER, GRAY, JADE
from portal_app.ui.session import attempt, current, opens_to
from portal_app.ui.texts import say, say_many, why


@dataclass(frozen=True)
class GuardedLine:
    """One of the company's own people, in words. `state` is empty for whoever gets in."""

    id: int = 0
    name: str = ""
    login: str = ""
    role: str = ""
    state: str = ""
    factor: str = ""
    tone: str = ""
    signed_in: str = ""

    @classmethod
    def of(cls, guarded: Guarded) -> GuardedLine:
        person = guarded.person
        gets_in = person.state is UserState.ACTIVE
        has_none = AMBER if gets_in else GRAY
        return cls(
            id=person.id,
            name=person.name,
            login=shown_login(person.login),
            role=person.staff_role_name or say(f"role.{person.role}"),
            state="" if gets_in else say(f"user.state.{person.state}"),
            factor=_factor(guarded),
            tone=JADE if guarded.kinds.has_any else has_none,
            signed_in=formats.moment(person.signed_in_at, current().company.zone),
        )


def _factor(guarded: Guarded) -> str:
    kinds = guarded.kinds
    parts = [
        *([say("security.app")] if kinds.has_app else []),
        *([say_many("security.passkeys", kinds.passkeys)] if kinds.passkeys else []),
    ]
    return " · ".join(parts) or say("security.none")


@opens_to(permitted(StaffFeature.CONFIGURE_SECURITY), load=STAFF)
class SecurityState(rx.State):
    """`rule` is what holds; a new `version` draws the browser's own choice anew.

    `asking`: what was chosen would bind its reader at once, and waits for his word.
    """

    status: str = "loading"
    rule: str = ""
    by_mode: bool = False
    people: list[GuardedLine] = []
    without: str = ""
    asking: bool = False
    said: str = ""
    error: str = ""
    code: str = ""
    version: int = 0
    _wanted: str = ""

    @rx.event
    async def load(self) -> None:
        self.said = self.error = ""
        self.asking = False
        await self._show()

    @rx.event
    async def save(self, form: dict[str, Any]) -> None:
        self._wanted = typed(form, "second_factor")
        await self._choose(confirmed=False)

    @rx.event
    async def confirm(self) -> None:
        await self._choose(confirmed=True)

    @rx.event
    async def back(self) -> None:
        self.asking = False
        self.version += 1

    async def _choose(self, *, confirmed: bool) -> None:
        answer = await attempt(self, _choose, self._wanted, confirmed=confirmed)
        self.asking = isinstance(answer.refusal, OwnFactorMissing)
        if self.asking:
            return
        is_done = answer.status == "ready"
        said = "security.said.bound" if confirmed else "security.said.saved"
        self.said = say(said) if is_done else ""
        self.error, self.code = ("", "") if is_done else why(answer.refusal)
        await self._show()

    async def _show(self) -> None:
        answer = await attempt(self, security.show)
        self.status = answer.status
        self.version += 1
        if answer.value is not None:
            self._say(answer.value)
            (await self.get_state(RetentionState))._show(answer.value)

    def _say(self, found: Security) -> None:
        self.rule, self.by_mode = found.second_factor.value, found.by_mode
        self.people = [GuardedLine.of(each) for each in found.people]
        getting_in = [each for each in found.people if each.person.state is UserState.ACTIVE]
        bare = sum(not each.kinds.has_any for each in getting_in)
        self.without = say("security.without", count=bare, of=len(getting_in))


@opens_to(permitted(StaffFeature.CONFIGURE_SECURITY))
class RetentionState(rx.State):
    """For how many months papers are kept. `shorter`: what a shorter time would delete, to be confirmed."""

    months: int = 0
    least: int = 0
    hint: str = ""
    shorter: str = ""
    said: str = ""
    error: str = ""
    code: str = ""
    version: int = 0
    _wanted: str = ""

    @rx.event
    async def save(self, form: dict[str, Any]) -> None:
        self._wanted = typed(form, "months")
        await self._keep(confirmed=False)

    @rx.event
    async def confirm(self) -> None:
        await self._keep(confirmed=True)

    @rx.event
    async def back(self) -> None:
        self.shorter = ""

    def _show(self, found: Security) -> None:
        self.months, self.least = found.months, found.least_months
        self.hint = say("security.keep.least", least=self.least)
        self.said = self.error = self.shorter = ""
        self.version += 1

    async def _keep(self, *, confirmed: bool) -> None:
        answer = await attempt(self, _keep_for, self._wanted, confirmed=confirmed)
        self.said = self.error = self.shorter = ""
        if isinstance(answer.refusal, KeepsLess):
            self.shorter = say("security.keep.shorter", **answer.refusal.details)
        elif answer.status != "ready":
            self.error, self.code = why(answer.refusal)
        else:
            self.said = say("security.said.kept")


def _choose(actor: Actor, wanted: str, *, confirmed: bool) -> None:
    security.choose_second_factor(actor, chosen(SecondFactor, wanted), confirmed=confirmed)


def _keep_for(actor: Actor, wanted: str, *, confirmed: bool) -> None:
    retention.keep_for(actor, whole(wanted, "months"), confirmed=confirmed)
