"""What the page of staff roles remembers: the matrix of roles and permissions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from portal_app.domain.grants import StaffFeature
from portal_app.services import staff_roles
from portal_app.services.rules import STAFF, permitted
from portal_app.services.staff_roles import StaffRole
from portal_app.ui.choices import chosen, typed
from portal_app.ui.session import Answer, attempt, opens_to
from portal_app.ui.texts import say, say_many, why


@dataclass(frozen=True)
class RoleColumn:
    id: int = 0
    name: str = ""
    people: str = ""
    is_free: bool = True

    @classmethod
    def of(cls, role: StaffRole) -> RoleColumn:
        people = say_many("roles.people", role.people) if role.people else say("roles.nobody")
        return cls(role.id, role.name, people, role.people == 0)


@dataclass(frozen=True)
class Cell:
    """Whether a role has a permission. `key` is new whenever the box must be drawn anew."""

    role: int
    name: str
    on: bool
    key: str


@dataclass(frozen=True)
class PermissionLine:
    """A permission in words, and which roles have it, in the order of the columns."""

    name: str
    words: str
    cells: list[Cell]


@opens_to(permitted(StaffFeature.MANAGE_USERS), load=STAFF)
class RolesState(rx.State):
    """The boxes are the browser's own; one that was refused is drawn anew as it is."""

    status: str = "loading"
    roles: list[RoleColumn] = []
    lines: list[PermissionLine] = []
    said: str = ""
    error: str = ""
    code: str = ""
    chosen: RoleColumn = RoleColumn()
    dialog: bool = False
    version: int = 0

    @rx.event
    async def load(self) -> None:
        self.said, self.dialog = "", False
        await self._show()

    @rx.event
    async def set_permission(self, role_id: int, permission: str, on: bool) -> None:
        wanted = chosen(StaffFeature, permission)
        answer = await attempt(
            self, staff_roles.set_permission, int(role_id), wanted.value, allowed=on is True
        )
        await self._take(answer, "roles.said.saved")

    @rx.event
    async def add(self, form: dict[str, Any]) -> None:
        answer = await attempt(self, staff_roles.add, typed(form, "name"))
        await self._take(answer, "roles.said.added")

    @rx.event
    async def open_role(self, role_id: int) -> None:
        found = next((each for each in self.roles if each.id == role_id), None)
        if found is not None:
            self.chosen, self.dialog, self.error, self.code = found, True, "", ""
            self.version += 1

    @rx.event
    async def close(self) -> None:
        self.dialog, self.error, self.code = False, "", ""

    @rx.event
    async def rename(self, form: dict[str, Any]) -> None:
        answer = await attempt(self, staff_roles.rename, self.chosen.id, typed(form, "name"))
        await self._take(answer, "roles.said.saved")

    @rx.event
    async def remove(self) -> None:
        answer = await attempt(self, staff_roles.remove, self.chosen.id)
        await self._take(answer, "roles.said.removed")

    async def _take(self, answer: Answer[Any], key: str) -> None:
        """What became of it, and the matrix as it is now."""
        if answer.status == "ready":
            self.said, self.error, self.code, self.dialog = say(key), "", "", False
        else:
            self.said, (self.error, self.code) = "", why(answer.refusal)
        self.version += 1
        await self._show()

    async def _show(self) -> None:
        answer = await attempt(self, staff_roles.list_roles)
        self.status = answer.status
        found = answer.value or []
        self.roles = [RoleColumn.of(role) for role in found]
        self.lines = [_line(feature, found, self.version) for feature in StaffFeature]


def _line(feature: StaffFeature, roles: list[StaffRole], version: int) -> PermissionLine:
    cells = [
        Cell(
            role.id,
            role.name,
            feature.value in role.permissions,
            f"{role.id}-{version}",
        )
        for role in roles
    ]
    return PermissionLine(feature.value, say(f"permission.{feature}"), cells)
