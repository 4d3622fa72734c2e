"""What the list of a customer's people remembers, on his own account page and on his page for staff."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import reflex as rx

from portal_app.domain.errors import NotFound
from portal_app.domain.grants import Feature, MemberKind, StaffFeature
from portal_app.domain.people import Switch, UserState, shown_login
from portal_app.services import people
from portal_app.services.actors import Actor
from portal_app.services.people import OWN, Shown
from portal_app.services.rules import SIGNED_IN, Rule, Who, permitted
from portal_app.ui import formats, routes
from portal_app.ui.choices import chosen, day_of, identity_from, typed
from portal_app.ui.components.status_badge import AMBER, GRAY, JADE
from portal_app.ui.session import Answer, attempt, opens_to
from portal_app.ui.texts import say, why

INVITE: Final = "invite"
PERSON: Final = "person"
FACTOR: Final = "factor"
TABLE: Final = "people"

TONES: Final = {UserState.INVITED: AMBER, UserState.ACTIVE: JADE, UserState.DISABLED: GRAY}
# An owner of the customer, or one of the company's people who may.
_MANAGES: Final = Rule(Who.SIGNED_IN, frozenset({Feature.INVITE, StaffFeature.INVITE_CUSTOMERS}))
_INVITES: Final = permitted(StaffFeature.INVITE_CUSTOMERS)
_SAVED: Final = "people.said.saved"


@dataclass(frozen=True)
class PersonLine:
    """One of a customer's people, in words. `ends` is what a date field holds."""

    id: int = 0
    name: str = ""
    login: str = ""
    kind: str = ""
    kind_name: str = ""
    ends: str = ""
    term: str = ""
    state: str = ""
    state_name: str = ""
    tone: str = ""
    is_self: bool = False
    has_switches: bool = False
    may_pay: bool = False
    may_email: bool = False
    has_factor: bool = False

    @classmethod
    def of(cls, shown: Shown) -> PersonLine:
        person, switches = shown.person, shown.switches or frozenset[Switch]()
        return cls(
            id=person.user,
            name=person.name,
            login=shown_login(person.login),
            kind=person.kind.value,
            kind_name=say(f"member.{person.kind}"),
            ends=person.ends.isoformat() if person.ends else "",
            term=_term(shown),
            state=person.state.value,
            state_name=say(f"user.state.{person.state}"),
            tone=TONES[person.state],
            is_self=shown.is_self,
            has_switches=shown.switches is not None,
            may_pay=Switch.PAY in switches,
            may_email=Switch.EMAIL in switches,
            has_factor=shown.has_factor,
        )


def _term(shown: Shown) -> str:
    if shown.person.ends is None:
        return ""
    key = "member.ended" if shown.is_over else "member.until"
    return say(key, day=formats.day(shown.person.ends))


def customer_on(path: str) -> str:
    """The public id of the customer whose page this is for staff; OWN on any other page."""
    start = f"{routes.STAFF_CUSTOMERS}/"
    return path.removeprefix(start).rstrip("/") if path.startswith(start) else OWN


@opens_to(_MANAGES, load=SIGNED_IN, ask_to_remove_factor=_INVITES, remove_factor=_INVITES)
class PeopleState(rx.State):
    """The list and its dialog. The fields are the browser's own: a new `version` draws them anew."""

    status: str = "loading"
    people: list[PersonLine] = []
    by_staff: bool = False
    said: str = ""
    dialog: str = ""
    chosen: PersonLine = PersonLine()
    removal: str = ""
    error: str = ""
    code: str = ""
    version: int = 0

    @rx.event
    async def load(self) -> None:
        self.said = self.dialog = ""
        self.by_staff = self._customer() != OWN
        await self._show()

    @rx.event
    async def open_invite(self) -> None:
        self._open(INVITE)

    @rx.event
    async def open_person(self, person_id: int) -> None:
        found = next((each for each in self.people if each.id == person_id), None)
        if found is not None and not found.is_self:
            self.chosen = found
            self._open(PERSON)

    @rx.event
    async def close(self) -> None:
        self.dialog = ""

    @rx.event
    async def invite(self, form: dict[str, Any]) -> None:
        answer = await attempt(self, _invite, self._customer(), form)
        await self._take(answer, "people.said.invited", login=typed(form, "login").strip())

    @rx.event
    async def save(self, form: dict[str, Any]) -> None:
        answer = await attempt(self, _save, self._customer(), self.chosen.id, form)
        await self._take(answer, _SAVED)

    @rx.event
    async def act(self, action: str) -> None:
        service = _ACTIONS.get(str(action))
        if service is None:
            raise NotFound(kind="action")
        answer = await attempt(self, service, self._customer(), self.chosen.id)
        await self._take(answer, f"people.said.{action}")

    @rx.event
    async def ask_to_remove_factor(self) -> None:
        if self.chosen.has_factor:
            self._open(FACTOR)

    @rx.event
    async def remove_factor(self, form: dict[str, Any]) -> None:
        answer = await attempt(self, _remove_factor, self._customer(), self.chosen.id, form)
        await self._take(answer, "people.said.remove_factor")

    def _customer(self) -> str:
        return customer_on(self.router.url.path)

    def _open(self, dialog: str) -> None:
        self.dialog, self.error, self.code = dialog, "", ""
        self.removal = say("factor_removal.title", name=self.chosen.name)
        self.version += 1

    async def _show(self) -> None:
        answer = await attempt(self, people.list_people, self._customer())
        self.status = answer.status
        self.people = [PersonLine.of(shown) for shown in answer.value or ()]

    async def _take(self, answer: Answer[None], key: str, **facts: str) -> None:
        """What became of it, in the dialog where it was refused."""
        if answer.status != "ready":
            self.error, self.code = why(answer.refusal)
            return
        self.dialog, self.said = "", say(key, name=self.chosen.name, **facts)
        await self._show()


def _invite(actor: Actor, customer: str, form: Mapping[str, object]) -> None:
    kind = chosen(MemberKind, form.get("kind"))
    login, name, ends = typed(form, "login"), typed(form, "name"), _ends(kind, form)
    people.invite(actor, customer, login, name, kind, ends)


def _save(actor: Actor, customer: str, user: int, form: Mapping[str, object]) -> None:
    """What he is and until when, and the switches he has."""
    kind = chosen(MemberKind, form.get("kind"))
    people.change(actor, customer, user, kind, _ends(kind, form))
    shown = [switch for switch in Switch if f"has_{switch}" in form]
    if kind is MemberKind.MEMBER:
        for switch in shown:
            people.switch(actor, customer, user, switch, on=bool(form.get(switch.value)))


def _remove_factor(actor: Actor, customer: str, user: int, form: Mapping[str, object]) -> None:
    people.remove_factor(actor, customer, user, identity_from(form))


def _ends(kind: MemberKind, form: Mapping[str, object]) -> date | None:
    """An owner's access has no end, whatever day stands in the field."""
    return None if kind is MemberKind.OWNER else day_of(form, "ends")


def _disable(actor: Actor, customer: str, user: int) -> None:
    people.set_active(actor, customer, user, active=False)


def _enable(actor: Actor, customer: str, user: int) -> None:
    people.set_active(actor, customer, user, active=True)


_ACTIONS: Final[Mapping[str, Callable[[Actor, str, int], None]]] = {
    "end_sessions": people.end_sessions,
    "invite_again": people.invite_again,
    "remove": people.remove,
    "disable": _disable,
    "enable": _enable,
}
