"""Staff roles: which there are, and what those who have one may do.

A change holds from the next event of everybody who has the role, and ends nobody's session.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from portal_app.db import staff_roles
from portal_app.db.engine import Session, transaction
from portal_app.db.staff_roles import StaffRole
from portal_app.domain.audit import Action
from portal_app.domain.errors import InvalidField, NameTaken, NotFound, NotGranted, RoleInUse
from portal_app.domain.grants import StaffFeature
from portal_app.domain.people import name_of_person
from portal_app.services import audit
from portal_app.services.actors import Actor, require

_KNOWN: Final = frozenset(feature.value for feature in StaffFeature)


def list_roles(actor: Actor) -> list[StaffRole]:
    """All roles of the company by name, with how many people have each."""
    require(actor, StaffFeature.MANAGE_USERS)
    with transaction(write=False) as session:
        return staff_roles.all_roles(session, actor.company.id)


def add(actor: Actor, typed: str, permissions: Iterable[str] = ()) -> int:
    """Make a role; NameTaken if there is one of this name."""
    require(actor, StaffFeature.MANAGE_USERS)
    name, wanted = name_of_person(typed), _ensure_known(permissions)
    ensure_within(actor, wanted)
    with transaction() as session:
        made = staff_roles.add(session, actor.company.id, name, sorted(wanted))
        if made is None:
            raise NameTaken(name=name)
        audit.record(session, actor, Action.ROLE_CHANGED, f"role:{made}", given=sorted(wanted))
    return made


def rename(actor: Actor, role: int, typed: str) -> None:
    require(actor, StaffFeature.MANAGE_USERS)
    name = name_of_person(typed)
    with transaction() as session:
        found = _locked(session, actor, role)
        if not staff_roles.rename(session, actor.company.id, role, name):
            raise NameTaken(name=name)
        if found.name != name:
            audit.record(session, actor, Action.ROLE_CHANGED, f"role:{role}", renamed=True)


def set_permission(actor: Actor, role: int, permission: str, *, allowed: bool) -> None:
    """Give a permission to everybody who has the role, or take it from them."""
    require(actor, StaffFeature.MANAGE_USERS)
    wanted = _ensure_known([permission])
    ensure_within(actor, wanted)
    with transaction() as session:
        before = _locked(session, actor, role).permissions
        after = before | wanted if allowed else before - wanted
        if after == before:
            return
        staff_roles.set_permissions(session, actor.company.id, role, sorted(after))
        facts = {"given": sorted(after - before), "taken": sorted(before - after)}
        audit.record(session, actor, Action.ROLE_CHANGED, f"role:{role}", **facts)


def remove(actor: Actor, role: int) -> None:
    """Remove a role that nobody has; RoleInUse else."""
    require(actor, StaffFeature.MANAGE_USERS)
    with transaction() as session:
        found = _locked(session, actor, role)
        if found.people:
            raise RoleInUse(people=found.people)
        staff_roles.remove(session, actor.company.id, role)
        audit.record(session, actor, Action.ROLE_CHANGED, f"role:{role}", removed=True)


def ensure_within(actor: Actor, permissions: Iterable[str]) -> None:
    """Nobody gives or takes what he may not do himself: so nobody makes himself more than he is."""
    own = {str(feature) for feature in actor.features}
    missing = sorted(set(permissions) - own)
    if missing:
        raise NotGranted(feature=missing[0])


def _ensure_known(permissions: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(permissions)
    if not wanted <= _KNOWN:
        raise InvalidField(field="permission")
    return wanted


def _locked(session: Session, actor: Actor, role: int) -> StaffRole:
    found = staff_roles.locked(session, actor.company.id, role)
    if found is None:
        raise NotFound(kind="role")
    return found
