"""The company's own people: invited, given a role, disabled and let in again.

Nobody does any of this to himself, and one active manager always stays. A change of role and
disabling end the sessions of whom it is about; the links he made stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from portal_app.db import factors, sessions, staff, staff_roles, users
from portal_app.db.engine import Session, transaction
from portal_app.db.staff import StaffPerson
from portal_app.db.users import NewPerson
from portal_app.domain.audit import Action
from portal_app.domain.errors import InvalidField, LastManager, NotFound, NotYourself, UserExists
from portal_app.domain.grants import Role, StaffFeature, of_staff
from portal_app.domain.people import Identity, UserState, held, login_of, name_of_person
from portal_app.gateways import clock
from portal_app.services import audit, invitations, lost_factors
from portal_app.services.actors import Actor, require
from portal_app.services.staff_roles import ensure_within


def list_people(actor: Actor) -> list[StaffPerson]:
    """Everybody of the company's own, managers first."""
    require(actor, StaffFeature.MANAGE_USERS)
    with transaction(write=False) as session:
        found = staff.people(session, actor.company.id)
        kinds = factors.kinds(session, actor.company.id, [person.id for person in found])
    return [replace(person, has_factor=kinds[person.id].has_any) for person in found]


def invite(actor: Actor, login: str, name: str, role: Role, staff_role: int | None = None) -> None:
    """Make a user who chooses his password by an e-mailed link.

    UserExists for an address of the company's own people, which its managers see anyway. An
    address that anybody else signs in with is answered like any other: see `people.invite`.
    """
    require(actor, StaffFeature.MANAGE_USERS)
    address, called = login_of(login), name_of_person(name)
    with transaction() as session:
        _ensure_may_give(session, actor, role, staff_role)
        company, now = actor.company, clock.now()
        new = NewPerson(address, called, role, now, staff_role)
        user = users.add(session, company.id, new)
        if user is None:
            _ensure_not_ours(session, actor, address)
            new = NewPerson(held(address, company.slug), called, role, now, staff_role)
            user = users.add(session, company.id, new)
            if user is None:
                raise UserExists
        else:
            invitations.send(session, company.id, user)
        facts = {"role": role.value, "staff_role": staff_role}
        audit.record(session, actor, Action.USER_INVITED, f"user:{user}", **facts)


def set_role(actor: Actor, user: int, role: Role, staff_role: int | None = None) -> None:
    """Make somebody a manager, or staff with a role or none. The last manager stays one.

    He signs in again: no session he had, nor a copy of its cookie, has the rights he has now.
    """
    require(actor, StaffFeature.MANAGE_USERS)
    with transaction() as session:
        found = _locked(session, actor, user)
        _ensure_may_give(session, actor, role, staff_role)
        if (found.role, found.staff_role) == (role, staff_role):
            return
        if role is not Role.MANAGER:
            _ensure_not_last(session, actor, found)
        staff.set_role(session, actor.company.id, user, role, staff_role)
        sessions.end_all(session, actor.company.id, user, clock.now())
        before = {"role": found.role.value, "staff_role": found.staff_role}
        after = {"role": role.value, "staff_role": staff_role}
        audit.record(
            session, actor, Action.USER_CHANGED, f"user:{user}", before=before, after=after
        )


def disable(actor: Actor, user: int) -> None:
    """Let somebody in no more, and end his sessions."""
    require(actor, StaffFeature.MANAGE_USERS)
    with transaction() as session:
        found = _locked(session, actor, user)
        _ensure_not_last(session, actor, found)
        if found.state is UserState.DISABLED:
            return
        users.set_active(session, actor.company.id, user, active=False)
        sessions.end_all(session, actor.company.id, user, clock.now())
        audit.record(session, actor, Action.USER_DISABLED, f"user:{user}")


def enable(actor: Actor, user: int) -> None:
    require(actor, StaffFeature.MANAGE_USERS)
    with transaction() as session:
        if _locked(session, actor, user).state is not UserState.DISABLED:
            return
        users.set_active(session, actor.company.id, user, active=True)
        audit.record(session, actor, Action.USER_ENABLED, f"user:{user}")


def end_sessions(actor: Actor, user: int) -> None:
    """Have somebody sign in anew, wherever he is signed in."""
    require(actor, StaffFeature.MANAGE_USERS)
    with transaction() as session:
        _locked(session, actor, user)
        sessions.end_all(session, actor.company.id, user, clock.now())
        audit.record(session, actor, Action.SESSION_ENDED, f"user:{user}", all=True)


def remove_factor(actor: Actor, user: int, identity: Identity) -> None:
    """Let somebody who lost his second factor in by his password alone, to set up another."""
    require(actor, StaffFeature.MANAGE_USERS)
    with transaction() as session:
        _locked(session, actor, user)
        deed = lost_factors.removal(actor.subject, user, identity)
        lost_factors.take_away(session, actor.company.id, user, deed)


def invite_again(actor: Actor, user: int) -> None:
    """Another link for somebody who never chose a password; the one before is worth nothing."""
    require(actor, StaffFeature.MANAGE_USERS)
    with transaction() as session:
        found = _locked(session, actor, user)
        if found.state is not UserState.INVITED:
            raise NotFound(kind="user")
        invitations.send(session, actor.company.id, user)
        audit.record(session, actor, Action.USER_INVITED, f"user:{user}", again=True)


def _locked(session: Session, actor: Actor, user: int) -> StaffPerson:
    """Somebody else of the company's own, whom the actor may change.

    NotGranted for whoever may more than the actor: to make him less, or to take away what guards
    his sign-in, would be a way to his rights.
    """
    # All managers first and always in this order, so that two who disable each other wait in line.
    staff.locked_managers(session, actor.company.id)
    found = staff.locked(session, actor.company.id, user)
    if found is None:
        raise NotFound(kind="user")
    if found.id == actor.user:
        raise NotYourself
    if found.role is Role.MANAGER and actor.role is not Role.MANAGER:
        raise NotFound(kind="user")
    ensure_within(actor, _permissions(session, actor, found.role, found.staff_role))
    return found


def _permissions(
    session: Session, actor: Actor, role: Role, staff_role: int | None
) -> Iterable[str]:
    """What somebody of the company's own may do; NotFound for a role that is not there."""
    if staff_role is None:
        return of_staff(role, None)
    found = staff_roles.locked(session, actor.company.id, staff_role)
    if found is None:
        raise NotFound(kind="role")
    return of_staff(role, found.permissions)


def _ensure_not_last(session: Session, actor: Actor, leaving: StaffPerson) -> None:
    managers = staff.locked_managers(session, actor.company.id)
    staying = [
        each for each in managers if each.id != leaving.id and each.state is UserState.ACTIVE
    ]
    if leaving.role is Role.MANAGER and not staying:
        raise LastManager


def _ensure_may_give(session: Session, actor: Actor, role: Role, staff_role: int | None) -> None:
    """Only a manager makes managers; any role, none too, is given by whoever may do all it allows."""
    if role is Role.CUSTOMER or (role is Role.MANAGER and staff_role is not None):
        raise InvalidField(field="role")
    if role is Role.MANAGER and actor.role is not Role.MANAGER:
        raise NotFound(kind="role")
    ensure_within(actor, _permissions(session, actor, role, staff_role))


def _ensure_not_ours(session: Session, actor: Actor, address: str) -> None:
    known = users.by_login(session, address)
    if known and known.company == actor.company.id and known.role is not Role.CUSTOMER:
        raise UserExists
