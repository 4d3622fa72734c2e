"""The manager decides which features each customer may use: the matrix, and every change to it.

A change says what it was shown. If somebody else changed that meanwhile it is refused whole, so that
nobody undoes what he has not seen. Whoever is signed in feels a change at his next event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Final

from portal_app.db import customers, grants
from portal_app.db import people as members
from portal_app.db.engine import Session, transaction
from portal_app.db.grants import Owner
from portal_app.domain.audit import Action, Deed
from portal_app.domain.customers import CustomerSearch, Listed
from portal_app.domain.errors import (
    FieldMissing,
    FieldTooLong,
    GrantChangedMeanwhile,
    InvalidField,
    NameTaken,
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
from portal_app.domain.tax_ids import masked_code
from portal_app.services import audit
from portal_app.services.actors import Actor, require

PAGE: Final = 50
MOST_AT_ONCE: Final = 2000
LONGEST_NAME: Final = 60
COMPANY: Final = Owner(Level.COMPANY)

_IN_WORDS: Final = {True: "given", False: "taken", None: "inherited"}


@dataclass(frozen=True, slots=True)
class Row:
    """How features stand for one owner, in the order of IN_ORDER, and what he himself says.

    `above` is how they would stand if he said nothing. `code` is a customer's code or a
    user's login; `group` is that of the customer, None without one.
    """

    owner: Owner
    name: str
    standings: tuple[Standing, ...]
    above: tuple[Standing, ...]
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
        groups = customers.groups_of(session, company, [customer])
        if customer not in groups:
            raise NotFound(kind="customer")
        found = members.of_customer(session, company, customer)
        layers = [grants.of(session, company, customer, person.user) for person in found]
    return tuple(
        _row(
            Owner(Level.USER, person.user),
            person.name,
            own,
            code=person.login,
            group=groups[customer],
        )
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


def matching(actor: Actor, wanted: CustomerSearch) -> list[int]:
    """All customers a search finds, on all its pages; refused where they are more than may change."""
    require(actor, StaffFeature.MANAGE_GRANTS)
    with transaction(write=False) as session:
        found = customers.ids_of(session, actor.company.id, wanted, MOST_AT_ONCE + 1)
    _ensure_not_too_many(found)
    return found


def set_many(actor: Actor, ids: Sequence[int], feature: Feature, allowed: bool | None) -> int:
    """The same for many customers, all or none, each by his id; how many that changed.

    Whatever each of them said before, now they say the same: there is nothing to be overtaken by.
    """
    require(actor, StaffFeature.MANAGE_GRANTS)
    company = actor.company.id
    with transaction() as session:
        grants.lock(session, company)
        chosen = list(_owned(session, company, ids))
        before = grants.put_for_customers(session, company, chosen, feature.value, allowed=allowed)
        deeds = [
            _changed(actor, Owner(Level.CUSTOMER, customer), feature, said, allowed)
            for customer, said in before.items()
        ]
        audit.enter_all(session, company, deeds)
    return len(before)


def move(actor: Actor, ids: Sequence[int], group: int | None) -> int:
    """Put customers into a group, or into none; how many were elsewhere before."""
    require(actor, StaffFeature.MANAGE_GRANTS)
    company = actor.company.id
    with transaction() as session:
        grants.lock(session, company)
        _ensure_group(session, company, group)
        were = _owned(session, company, ids)
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
            code=masked_code(each.code, each.tax_id),
            group=each.group,
        )
        for each in found
    )


def _row(
    owner: Owner, name: str, layers: Layers, *, code: str = "", group: int | None = None
) -> Row:
    own = owner.level.value
    silent = replace(layers, **{own: {}})
    standings = tuple(standing(feature, layers) for feature in IN_ORDER)
    above = tuple(standing(feature, silent) for feature in IN_ORDER)
    given: Given = getattr(layers, own)
    return Row(owner, name, standings, above, given, code, group)


def _owned(session: Session, company: int, ids: Sequence[int]) -> dict[int, int | None]:
    """Customers of the company, each with his group; NotFound if one of them is none."""
    wanted = sorted(set(ids))
    _ensure_not_too_many(wanted)
    found = customers.groups_of(session, company, wanted)
    if len(found) != len(wanted):
        raise NotFound(kind="customer")
    return found


def _ensure_not_too_many(ids: Sequence[int]) -> None:
    if len(ids) > MOST_AT_ONCE:
        raise TooManyCustomers(most=MOST_AT_ONCE)


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
        raise NameTaken(name=free)
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
