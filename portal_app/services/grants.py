"""The manager decides which features each customer may use: the matrix, and every change to it.

A change says what it was shown. If somebody else changed that meanwhile it is refused whole, so that
nobody undoes what he has not seen. Whoever is signed in feels a change at his next event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from portal_app.db import customers, grants
from portal_app.db.engine import Session, transaction
from portal_app.db.grants import Owner
from portal_app.domain.audit import Action, Deed
from portal_app.domain.customers import CustomerSearch, Listed
from portal_app.domain.errors import (
    FieldMissing,
    FieldTooLong,
    GrantChangedMeanwhile,
    GroupExists,
    InvalidField,
    NotFound,
    TooManyCustomers,
)
from portal_app.domain.grants import (
    IN_ORDER,
    Feature,
    Given,
    Layers,
    Level,
    StaffFeature,
    Standing,
    standing,
)
from portal_app.services import audit
from portal_app.services.actors import Actor, require

PAGE: Final = 50
MOST_AT_ONCE: Final = 2000
LONGEST_NAME: Final = 60
COMPANY: Final = Owner(Level.COMPANY)

_IN_WORDS: Final = {True: "given", False: "taken", None: "inherited"}

Chosen = Sequence[int] | CustomerSearch
"""Customers one by one, or all that a search finds, on all its pages."""


@dataclass(frozen=True, slots=True)
class Row:
    """How features stand for one owner, in the order of IN_ORDER, and what he himself says.

    `code` is a customer's code or a user's login; `group` is a customer's, None without one.
    """

    owner: Owner
    name: str
    standings: tuple[Standing, ...]
    given: Given
    code: str = ""
    group: int | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """A page of customers beneath the company and its groups. `page` is the one shown."""

    company: Row
    groups: tuple[Row, ...]
    customers: tuple[Row, ...]
    matching: int
    page: int
    pages: int


def matrix(actor: Actor, wanted: CustomerSearch) -> Matrix:
    """The customers a search finds, a page of them, by name."""
    require(actor, StaffFeature.MANAGE_GRANTS)
    company = actor.company.id
    with transaction(write=False) as session:
        matching = customers.count(session, company, wanted)
        pages = max(1, ceil(matching / PAGE))
        page = min(max(wanted.page, 0), pages - 1)
        found = customers.find(session, company, wanted, page * PAGE, PAGE)
        whole = grants.of(session, company, None).company
        groups = _groups(session, company, whole)
        rows = _customers(session, company, found, Layers(whole), groups)
    name = actor.company.name
    return Matrix(_row(COMPANY, name, Layers(whole)), groups, rows, matching, page, pages)


def people(actor: Actor, customer: int) -> tuple[Row, ...]:
    """Who acts for a customer, and what was taken from each."""
    require(actor, StaffFeature.MANAGE_GRANTS)
    company = actor.company.id
    with transaction(write=False) as session:
        customers.by_id(session, company, customer)
        found = grants.people(session, company, customer)
        layers = [grants.of(session, company, customer, person.id) for person in found]
    return tuple(
        _row(Owner(Level.USER, person.id), person.name, own, code=person.login)
        for person, own in zip(found, layers, strict=True)
    )


def set_grant(
    actor: Actor, owner: Owner, feature: Feature, allowed: bool | None, *, shown: bool | None
) -> None:
    """Give a feature at one level, take it, or (None) leave it to the levels above.

    `shown` is what the owner himself said when this was decided. From a single user a feature
    can only be taken.
    """
    require(actor, StaffFeature.MANAGE_GRANTS)
    if owner.level is Level.USER and allowed:
        raise InvalidField(field="allowed")
    company = actor.company.id
    with transaction() as session:
        grants.lock(session, company)
        if not grants.owns(session, company, owner):
            raise NotFound(kind=owner.level.value)
        before = grants.put(session, company, owner, feature.value, allowed=allowed)
        if before is not shown:
            raise GrantChangedMeanwhile
        if before is not allowed:
            audit.enter(session, company, _changed(actor, owner, feature, before, allowed))


def set_many(
    actor: Actor, chosen: Chosen, feature: Feature, allowed: bool | None, *, expected: int
) -> int:
    """The same for many customers, all or none; for how many that changed something.

    `expected` is how many customers it was to be: a search may find others by now.
    """
    require(actor, StaffFeature.MANAGE_GRANTS)
    company = actor.company.id
    with transaction() as session:
        grants.lock(session, company)
        ids = list(_chosen(session, company, chosen, expected))
        before = grants.put_for_customers(session, company, ids, feature.value, allowed=allowed)
        deeds = [
            _changed(actor, Owner(Level.CUSTOMER, customer), feature, said, allowed)
            for customer, said in before.items()
        ]
        audit.enter_all(session, company, deeds)
    return len(before)


def move(actor: Actor, chosen: Chosen, group: int | None, *, expected: int) -> int:
    """Put customers into a group, or into none; how many were elsewhere before."""
    require(actor, StaffFeature.MANAGE_GRANTS)
    company = actor.company.id
    with transaction() as session:
        grants.lock(session, company)
        _ensure_group(session, company, group)
        were = _chosen(session, company, chosen, expected)
        moved = [customer for customer, before in were.items() if before != group]
        grants.move(session, company, moved, group)
        deeds = [_moved(actor, customer, were[customer], group) for customer in moved]
        audit.enter_all(session, company, deeds)
    return len(moved)


def add_group(actor: Actor, name: str) -> int:
    require(actor, StaffFeature.MANAGE_GRANTS)
    with transaction() as session:
        grants.lock(session, actor.company.id)
        group = grants.add_group(session, actor.company.id, _new_name(session, actor, name))
        _enter_group(session, actor, group, done="added")
    return group


def rename_group(actor: Actor, group: int, name: str) -> None:
    require(actor, StaffFeature.MANAGE_GRANTS)
    with transaction() as session:
        grants.lock(session, actor.company.id)
        free = _new_name(session, actor, name, group)
        if not grants.rename_group(session, actor.company.id, group, free):
            raise NotFound(kind="group")
        _enter_group(session, actor, group, done="renamed")


def remove_group(actor: Actor, group: int) -> None:
    """Its customers are in none then; what was given or taken for it is entered as gone."""
    require(actor, StaffFeature.MANAGE_GRANTS)
    company = actor.company.id
    with transaction() as session:
        grants.lock(session, company)
        given = grants.of_owners(session, company, Level.GROUP, [group]).get(group, {})
        members = customers.count(session, company, CustomerSearch(group=group)) if group else 0
        if not grants.remove_group(session, company, group):
            raise NotFound(kind="group")
        _enter_group(session, actor, group, done="removed", customers=members, grants=dict(given))


def _groups(session: Session, company: int, whole: Given) -> tuple[Row, ...]:
    found = grants.groups(session, company)
    given = grants.of_owners(session, company, Level.GROUP, [group.id for group in found])
    return tuple(
        _row(Owner(Level.GROUP, group.id), group.name, Layers(whole, given.get(group.id, {})))
        for group in found
    )


def _customers(
    session: Session, company: int, found: Sequence[Listed], whole: Layers, groups: Sequence[Row]
) -> tuple[Row, ...]:
    ids = [customer.id for customer in found]
    own = grants.of_owners(session, company, Level.CUSTOMER, ids)
    of_group: Mapping[int | None, Given] = {row.owner.id: row.given for row in groups}
    return tuple(
        _row(
            Owner(Level.CUSTOMER, each.id),
            each.name,
            Layers(whole.company, of_group.get(each.group, {}), own.get(each.id, {})),
            code=each.code,
            group=each.group,
        )
        for each in found
    )


def _row(
    owner: Owner, name: str, layers: Layers, *, code: str = "", group: int | None = None
) -> Row:
    given = {
        Level.COMPANY: layers.company,
        Level.GROUP: layers.group,
        Level.CUSTOMER: layers.customer,
        Level.USER: layers.user,
    }[owner.level]
    standings = tuple(standing(feature, layers) for feature in IN_ORDER)
    return Row(owner, name, standings, given, code, group)


def _chosen(session: Session, company: int, chosen: Chosen, expected: int) -> dict[int, int | None]:
    """The customers a change is of, each with his group."""
    if isinstance(chosen, CustomerSearch):
        ids = customers.ids_of(session, company, chosen, MOST_AT_ONCE + 1)
    else:
        ids = sorted(set(chosen))
    if len(ids) > MOST_AT_ONCE:
        raise TooManyCustomers(most=MOST_AT_ONCE)
    if len(ids) != expected:
        raise GrantChangedMeanwhile
    found = customers.groups_of(session, company, ids)
    if len(found) != len(ids):
        raise NotFound(kind="customer")
    return found


def _ensure_group(session: Session, company: int, group: int | None) -> None:
    if group is not None and not grants.owns(session, company, Owner(Level.GROUP, group)):
        raise NotFound(kind="group")


def _new_name(session: Session, actor: Actor, name: str, own: int | None = None) -> str:
    """A group's name without blanks around it, which no other group has."""
    free = " ".join(name.split())
    if not free:
        raise FieldMissing(field="group")
    if len(free) > LONGEST_NAME:
        raise FieldTooLong(field="group", longest=LONGEST_NAME)
    found = grants.groups(session, actor.company.id)
    if any(group.name == free and group.id != own for group in found):
        raise GroupExists
    return free


def _enter_group(session: Session, actor: Actor, group: int, **facts: Any) -> None:
    deed = Deed(actor.subject, Action.GROUP_CHANGED, f"group:{group}", None, facts)
    audit.enter(session, actor.company.id, deed)


def _changed(
    actor: Actor, owner: Owner, feature: Feature, before: bool | None, after: bool | None
) -> Deed:
    about = owner.level.value if owner.id is None else f"{owner.level}:{owner.id}"
    customer = owner.id if owner.level is Level.CUSTOMER else None
    facts = {
        "feature": feature.value,
        "level": owner.level.value,
        "before": _IN_WORDS[before],
        "after": _IN_WORDS[after],
    }
    return Deed(actor.subject, Action.GRANT_CHANGED, about, customer, facts)


def _moved(actor: Actor, customer: int, before: int | None, after: int | None) -> Deed:
    facts = {
        "before": f"group:{before}" if before else "",
        "after": f"group:{after}" if after else "",
    }
    return Deed(actor.subject, Action.GROUP_CHANGED, f"customer:{customer}", customer, facts)
