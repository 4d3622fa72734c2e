"""What the page of the company's own people remembers: who there is, and whom a dialog is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import reflex as rx

from portal_app.domain.errors import InvalidField, NotFound
from portal_app.domain.grants import Role, StaffFeature
from portal_app.domain.people import UserState, shown_login
from portal_app.services import staff, staff_roles
from portal_app.services.actors import Actor
from portal_app.services.rules import STAFF, permitted
from portal_app.services.staff import StaffPerson
from portal_app.services.staff_roles import StaffRole
from portal_app.ui import formats
from portal_app.ui.choices import identity_from, typed
from portal_app.ui.components.status_badge import AMBER, GRAY, JADE
from portal_app.ui.session import Answer, attempt, current, opens_to
from portal_app.ui.texts import say, why

INVITE: Final = "invite"
PERSON: Final = "person"
FACTOR: Final = "factor"

_TONES: Final = {UserState.INVITED: AMBER, UserState.ACTIVE: JADE, UserState.DISABLED: GRAY}
_OF_ROLE: Final = "role:"


@dataclass(frozen=True)
class RoleChoice:
    """What somebody can be made: a manager, staff without a role, or with one ('role:3')."""

    name: str
    words: str


@dataclass(frozen=True)
class StaffLine:
    """One of the company's own people, in words. `choice` names the present `RoleChoice`."""

    id: int = 0
    name: str = ""
    login: str = ""
    role: str = ""
    choice: str = ""
    state: str = ""
    state_name: str = ""
    tone: str = ""
    signed_in: str = ""
    is_self: bool = False
    has_factor: bool = False

    @classmethod
    def of(cls, person: StaffPerson) -> StaffLine:
        actor = current()
        return cls(
            id=person.id,
            name=person.name,
            login=shown_login(person.login),
            role=person.staff_role_name or say(f"role.{person.role}"),
            choice=_choice(person),
            state=person.state.value,
            state_name=say(f"user.state.{person.state}"),
            tone=_TONES[person.state],
            signed_in=formats.moment(person.signed_in_at, actor.company.zone),
            is_self=actor.subject == f"user:{person.id}",
            has_factor=person.has_factor,
        )


def _choice(person: StaffPerson) -> str:
    if person.role is Role.STAFF and person.staff_role is not None:
        return f"{_OF_ROLE}{person.staff_role}"
    return person.role.value


@opens_to(permitted(StaffFeature.MANAGE_USERS), load=STAFF)
class StaffState(rx.State):
    """The table and its dialog. The fields are the browser's own: a new `version` draws them anew."""

    status: str = "loading"
    people: list[StaffLine] = []
    roles: list[RoleChoice] = []
    said: str = ""
    dialog: str = ""
    chosen: StaffLine = StaffLine()
    removal: str = ""
    error: str = ""
    code: str = ""
    version: int = 0

    @rx.event
    async def load(self) -> None:
        self.said = self.dialog = ""
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
        answer = await attempt(self, _invite, form)
        await self._take(answer, "people.said.invited", login=typed(form, "login").strip())

    @rx.event
    async def save(self, form: dict[str, Any]) -> None:
        answer = await attempt(self, _save, self.chosen.id, form)
        await self._take(answer, "people.said.saved")

    @rx.event
    async def act(self, action: str) -> None:
        service = _ACTIONS.get(str(action))
        if service is None:
            raise NotFound(kind="action")
        answer = await attempt(self, service, self.chosen.id)
        await self._take(answer, f"people.said.{action}")

    @rx.event
    async def ask_to_remove_factor(self) -> None:
        if self.chosen.has_factor:
            self._open(FACTOR)

    @rx.event
    async def remove_factor(self, form: dict[str, Any]) -> None:
        answer = await attempt(self, _remove_factor, self.chosen.id, form)
        await self._take(answer, "people.said.remove_factor")

    def _open(self, dialog: str) -> None:
        self.dialog, self.error, self.code = dialog, "", ""
        self.removal = say("factor_removal.title", name=self.chosen.name)
        self.version += 1

    async def _show(self) -> None:
        answer = await attempt(self, staff.list_people)
        self.status = answer.status
        self.people = [StaffLine.of(person) for person in answer.value or ()]
        roles = await attempt(self, staff_roles.list_roles)
        self.roles = _choices(roles.value or [])

    async def _take(self, answer: Answer[None], key: str, **facts: str) -> None:
        """What became of it, in the dialog where it was refused."""
        if answer.status == "ready":
            self.dialog, self.said = "", say(key, name=self.chosen.name, **facts)
            await self._show()
            return
        self.error, self.code = why(answer.refusal)


def _choices(roles: list[StaffRole]) -> list[RoleChoice]:
    own = [RoleChoice(role.value, say(f"role.{role}")) for role in (Role.STAFF, Role.MANAGER)]
    return [*(RoleChoice(f"{_OF_ROLE}{role.id}", role.name) for role in roles), *own]


def _invite(actor: Actor, form: Mapping[str, object]) -> None:
    role, staff_role = _role(form)
    staff.invite(actor, typed(form, "login"), typed(form, "name"), role, staff_role)


def _save(actor: Actor, user: int, form: Mapping[str, object]) -> None:
    role, staff_role = _role(form)
    staff.set_role(actor, user, role, staff_role)


def _remove_factor(actor: Actor, user: int, form: Mapping[str, object]) -> None:
    staff.remove_factor(actor, user, identity_from(form))


def _role(form: Mapping[str, object]) -> tuple[Role, int | None]:
    choice = typed(form, "role")
    if choice in {Role.STAFF.value, Role.MANAGER.value}:
        return Role(choice), None
    number = choice.removeprefix(_OF_ROLE)
    if not choice.startswith(_OF_ROLE) or not (number.isascii() and number.isdecimal()):
        raise InvalidField(field="role")
    return Role.STAFF, int(number[:9])


_ACTIONS: Final[Mapping[str, Callable[[Actor, int], None]]] = {
    "end_sessions": staff.end_sessions,
    "invite_again": staff.invite_again,
    "disable": staff.disable,
    "enable": staff.enable,
}
