"""A customer's people: invited, changed, narrowed, removed; and whom somebody can act for.

By staff (`customer` is the public id in the customer's address) and by an owner himself
(`customer` is OWN). Nobody does any of this to himself, and an owner always leaves one owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from portal_app.db import audit as entries
from portal_app.db import customers, factors, grants, people, sessions, users
from portal_app.db.audit import Wanted
from portal_app.db.engine import Session, transaction
from portal_app.db.grants import Owner
from portal_app.db.people import Account, Person
from portal_app.db.users import Member, NewPerson
from portal_app.domain.audit import Action, Deed
from portal_app.domain.emails import MOST_AN_HOUR_BY_PERSON, ensure_within
from portal_app.domain.errors import (
    FieldMissing,
    InvalidDate,
    InvalidField,
    LastOwner,
    NotFound,
    NotYourself,
    TooManyPeople,
    UserExists,
)
from portal_app.domain.grants import (
    PAYS,
    Feature,
    Level,
    MemberKind,
    OwnFeature,
    Role,
    StaffFeature,
    is_member,
)
from portal_app.domain.people import (
    Identity,
    Switch,
    UserState,
    held,
    is_held,
    login_of,
    name_of_person,
)
from portal_app.gateways import clock
from portal_app.services import audit, invitations, lost_factors
from portal_app.services.actors import Actor, require

OWN: Final = ""
MOST_PEOPLE: Final = 50


_SWITCHES: Final = {
    Switch.PAY: frozenset(feature.value for feature in PAYS),
    Switch.EMAIL: frozenset({Feature.EMAIL.value}),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One of a customer's people. `switches` are those that are on; None where there are none.

    There are none for owners and accountants, nor for somebody of several customers: what is
    taken from a user is taken from him everywhere. `has_factor` is said to staff only.
    """

    person: Person
    switches: frozenset[Switch] | None
    is_over: bool
    is_self: bool
    has_factor: bool = False


def list_people(actor: Actor, customer: str = OWN) -> list[Shown]:
    """Everybody who is something to the customer, first come first."""
    with transaction(write=False) as session:
        whose = _whose(session, actor, customer)
        found = people.of_customer(session, actor.company.id, whose)
        taken = grants.of_owners(
            session, actor.company.id, Level.USER, [person.user for person in found]
        )
        asked = [] if customer == OWN else [person.user for person in found]
        kinds = factors.kinds(session, actor.company.id, asked)
    return [
        Shown(
            person=person,
            switches=_on(taken.get(person.user, {})) if _is_narrowable(person) else None,
            is_over=not is_member(person.ends, actor.today),
            is_self=actor.subject == f"user:{person.user}",
            has_factor=person.user in kinds and kinds[person.user].has_any,
        )
        for person in found
    ]


def invite(
    actor: Actor, customer: str, login: str, name: str, kind: MemberKind, ends: date | None
) -> None:
    """Let somebody act for the customer, or (an accountant) read until the day `ends`.

    Who is new chooses his password by an e-mailed link. Who has a sign-in for a customer of this
    company gets one customer more. An address that signs in to another company, or that of the
    company's own people, is answered as if all were well, and stands in the list as an invitation
    that nobody takes up: neither the answer nor the list, nor a task that only opens then, says
    who signs in elsewhere. No e-mail goes there; the customer is told that none came by the
    person himself, and invites him by another address.
    """
    address, called = login_of(login), name_of_person(name)
    _ensure_term(actor, kind, ends)
    with transaction() as session:
        whose = _whose(session, actor, customer)
        _ensure_room(session, actor, whose)
        user = _user_invited(session, actor, address, called)
        known = users.members(session, actor.company.id, user)
        if any(member.customer == whose for member in known):
            raise UserExists
        users.put_member(session, actor.company.id, user, Member(whose, kind, ends))
        facts = {"kind": kind.value, "ends": ends and ends.isoformat()}
        _record(session, actor, Action.USER_INVITED, user, whose, **facts)


def invite_again(actor: Actor, customer: str, user: int) -> None:
    """Another link for somebody who never chose a password; the one before is worth nothing."""
    with transaction() as session:
        whose, person = _somebody(session, actor, customer, user)
        if person.state is not UserState.INVITED:
            raise NotFound(kind="user")
        _ensure_not_too_often(session, actor)
        if not is_held(person.login):
            invitations.send(session, actor.company.id, user)
        _record(session, actor, Action.USER_INVITED, user, whose, again=True)


def change(actor: Actor, customer: str, user: int, kind: MemberKind, ends: date | None) -> None:
    """Change what somebody is to the customer, and until when.

    As somebody else he signs in again where he acts for this customer; another last day holds from
    his next event.
    """
    _ensure_term(actor, kind, ends)
    with transaction() as session:
        whose, person = _somebody(session, actor, customer, user)
        if (person.kind, person.ends) == (kind, ends):
            return
        if kind is not MemberKind.OWNER:
            _ensure_owner_stays(session, actor, customer, whose, person)
        users.put_member(session, actor.company.id, user, Member(whose, kind, ends))
        if person.kind is not kind:
            sessions.end_for_customer(session, actor.company.id, user, whose, clock.now())
        before = {"kind": person.kind.value, "ends": person.ends and person.ends.isoformat()}
        after = {"kind": kind.value, "ends": ends and ends.isoformat()}
        _record(session, actor, Action.USER_CHANGED, user, whose, before=before, after=after)


def remove(actor: Actor, customer: str, user: int) -> None:
    """He is nothing to the customer any more; what he is to others stays."""
    with transaction() as session:
        whose, person = _somebody(session, actor, customer, user)
        _ensure_owner_stays(session, actor, customer, whose, person)
        people.remove(session, actor.company.id, whose, user)
        sessions.end_for_customer(session, actor.company.id, user, whose, clock.now())
        _record(session, actor, Action.USER_CHANGED, user, whose, removed=True)


def end_sessions(actor: Actor, customer: str, user: int) -> None:
    """Have him sign in anew: an owner where he acts for the customer, staff everywhere."""
    with transaction() as session:
        whose, _ = _somebody(session, actor, customer, user)
        if customer == OWN:
            sessions.end_for_customer(session, actor.company.id, user, whose, clock.now())
        else:
            sessions.end_all(session, actor.company.id, user, clock.now())
        _record(session, actor, Action.SESSION_ENDED, user, whose, all=customer != OWN)


def set_active(actor: Actor, customer: str, user: int, *, active: bool) -> None:
    """Disable a sign-in with all its sessions, or let it in again; staff only, for all customers."""
    require(actor, StaffFeature.INVITE_CUSTOMERS)
    with transaction() as session:
        whose, person = _somebody(session, actor, customer, user)
        if (person.state is not UserState.DISABLED) is active:
            return
        if not active:
            sessions.end_all(session, actor.company.id, user, clock.now())
        users.set_active(session, actor.company.id, user, active=active)
        action = Action.USER_ENABLED if active else Action.USER_DISABLED
        _record(session, actor, action, user, whose)


def remove_factor(actor: Actor, customer: str, user: int, identity: Identity) -> None:
    """Let somebody who lost his second factor in by his password alone; staff only.

    An owner does not do it for others: they may act for customers who are none of his.
    """
    require(actor, StaffFeature.INVITE_CUSTOMERS)
    with transaction() as session:
        whose, _ = _somebody(session, actor, customer, user)
        deed = lost_factors.removal(actor.subject, user, identity, whose)
        lost_factors.take_away(session, actor.company.id, user, deed)


def switch(actor: Actor, customer: str, user: int, wanted: Switch, *, on: bool) -> None:
    """Take something from a single member, or give back what was taken: never more than granted."""
    with transaction() as session:
        whose, person = _somebody(session, actor, customer, user)
        if not _is_narrowable(person):
            raise NotFound(kind="switch")
        owner = Owner(Level.USER, user)
        before = [
            grants.put(session, actor.company.id, owner, feature, allowed=None if on else False)
            for feature in sorted(_SWITCHES[wanted])
        ]
        if any((taken is False) is on for taken in before):
            _record(session, actor, Action.GRANT_CHANGED, user, whose, switch=wanted.value, on=on)


def has_several(actor: Actor) -> bool:
    """Whether there is a choice: nobody else's session, nor a link, has one."""
    is_own = actor.role is Role.CUSTOMER and actor.may(OwnFeature.SECURITY)
    return is_own and len(accounts(actor)) > 1


def accounts(actor: Actor) -> list[Account]:
    """The customers the actor can act for today, by name; NotGranted for a link or the staff's."""
    require(actor, OwnFeature.SECURITY)
    if actor.role is not Role.CUSTOMER:
        raise NotFound(kind="account")
    with transaction(write=False) as session:
        found = people.accounts(session, actor.company.id, actor.user)
    return [account for account in found if is_member(account.ends, actor.today)]


def _whose(session: Session, actor: Actor, customer: str) -> int:
    """The customer it is about, and whether the actor may say who his people are."""
    if customer == OWN:
        require(actor, Feature.INVITE)
        return actor.scope.customer
    require(actor, StaffFeature.INVITE_CUSTOMERS)
    return customers.id_of(session, actor.company.id, customer)


def _somebody(session: Session, actor: Actor, customer: str, user: int) -> tuple[int, Person]:
    """The customer and somebody else of his people, all of whom are locked."""
    whose = _whose(session, actor, customer)
    found = people.locked_of_customer(session, actor.company.id, whose)
    person = next((each for each in found if each.user == user), None)
    if person is None:
        raise NotFound(kind="user")
    if actor.subject == f"user:{user}":
        raise NotYourself
    return whose, person


def _user_invited(session: Session, actor: Actor, address: str, name: str) -> int:
    """The user behind an address: a new one, one of the company's customers', or a held one."""
    company, now = actor.company, clock.now()
    made = users.add(session, company.id, NewPerson(address, name, Role.CUSTOMER, now))
    if made is not None:
        invitations.send(session, company.id, made)
        return made
    known = users.by_login(session, address)
    if known and known.company == company.id and known.role is Role.CUSTOMER:
        if not known.password_hash:
            # Invited before, perhaps by somebody who took it back: only a new link surely works.
            invitations.send(session, company.id, known.id)
        return known.id
    login = held(address, company.slug)
    made = users.add(session, company.id, NewPerson(login, name, Role.CUSTOMER, now))
    if made is not None:
        return made
    known = users.by_login(session, login)
    assert known is not None, "nobody takes a login back"
    return known.id


def _ensure_term(actor: Actor, kind: MemberKind, ends: date | None) -> None:
    """An accountant's access always ends by itself, an owner's never does."""
    if kind is MemberKind.ACCOUNTANT and ends is None:
        raise FieldMissing(field="ends")
    if kind is MemberKind.OWNER and ends is not None:
        raise InvalidField(field="ends")
    if ends is not None and ends < actor.today:
        raise InvalidDate(field="ends", value=ends.isoformat())


def _ensure_room(session: Session, actor: Actor, customer: int) -> None:
    found = people.locked_of_customer(session, actor.company.id, customer)
    if len(found) >= MOST_PEOPLE:
        raise TooManyPeople(most=MOST_PEOPLE)
    _ensure_not_too_often(session, actor)


def _ensure_not_too_often(session: Session, actor: Actor) -> None:
    """An invitation is an e-mail to whomever somebody likes: so many an hour, no more."""
    now = clock.now()
    wanted = Wanted(
        subject=actor.subject, action=Action.USER_INVITED.value, since=now - timedelta(hours=1)
    )
    before = entries.find(session, actor.company.id, wanted, MOST_AN_HOUR_BY_PERSON)
    ensure_within(MOST_AN_HOUR_BY_PERSON, [entry.at for entry in before], 1, now)


def _ensure_owner_stays(
    session: Session, actor: Actor, customer: str, whose: int, leaving: Person
) -> None:
    """Staff may take even the last owner away: they can make another."""
    if customer != OWN or leaving.kind is not MemberKind.OWNER:
        return
    found = people.locked_of_customer(session, actor.company.id, whose)
    staying = [
        each
        for each in found
        if each.kind is MemberKind.OWNER
        and each.user != leaving.user
        and each.state is UserState.ACTIVE
        and is_member(each.ends, actor.today)
    ]
    if not staying:
        raise LastOwner


def _is_narrowable(person: Person) -> bool:
    return person.kind is MemberKind.MEMBER and not person.others


def _on(taken: Mapping[str, bool]) -> frozenset[Switch]:
    return frozenset(
        switch
        for switch, features in _SWITCHES.items()
        if not any(taken.get(feature) is False for feature in features)
    )


def _record(
    session: Session, actor: Actor, action: Action, user: int, customer: int, **facts: object
) -> None:
    deed = Deed(actor.subject, action, f"user:{user}", customer, facts)
    audit.enter(session, actor.company.id, deed)
