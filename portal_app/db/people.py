"""A customer's people: who acts for him or reads, as what, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import CustomerRow, MembershipRow, PortalUserRow
from portal_app.domain.grants import MemberKind, Role
from portal_app.domain.people import UserState, state_of


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a membership. `others`: he is something to other customers too."""

    user: int
    name: str
    login: str
    locale: str
    kind: MemberKind
    ends: date | None
    state: UserState
    signed_in_at: datetime | None
    others: bool


@dataclass(frozen=True, slots=True)
class Account:
    """A customer somebody can act for, as he is named and what one is to him."""

    customer: int
    name: str
    kind: MemberKind
    ends: date | None


def of_customer(session: Session, company: int, customer: int) -> list[Person]:
    """First come first, those whose time is over too."""
    return _people(session, company, customer, lock=False)


def locked_of_customer(session: Session, company: int, customer: int) -> list[Person]:
    """The same, as nobody else can change it until this transaction ends."""
    return _people(session, company, customer, lock=True)


def accounts(session: Session, company: int, user: int) -> list[Account]:
    """All customers a user was made something to, by name."""
    query = (
        select(MembershipRow, col(CustomerRow.name))
        .join(CustomerRow, col(CustomerRow.id) == col(MembershipRow.customer_id))
        .where(col(MembershipRow.company_id) == company, col(MembershipRow.user_id) == user)
        .order_by(func.lower(col(CustomerRow.name)), col(MembershipRow.id))
    )
    return [
        Account(row.customer_id, name, MemberKind(row.kind), row.ends_on)
        for row, name in session.execute(query)
    ]


def remove(session: Session, company: int, customer: int, user: int) -> None:
    """He is nothing to this customer any more; his sign-in stays."""
    session.execute(
        delete(MembershipRow).where(
            col(MembershipRow.company_id) == company,
            col(MembershipRow.customer_id) == customer,
            col(MembershipRow.user_id) == user,
        )
    )


def _people(session: Session, company: int, customer: int, *, lock: bool) -> list[Person]:
    query = (
        select(MembershipRow)
        .where(col(MembershipRow.company_id) == company, col(MembershipRow.customer_id) == customer)
        .order_by(col(MembershipRow.id))
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    members = session.scalars(query).all()
    users = _users(session, company, [member.user_id for member in members])
    several = _several(session, company, list(users))
    return [
        _person(member, users[member.user_id], others=member.user_id in several)
        for member in members
        if member.user_id in users
    ]


def _users(session: Session, company: int, ids: Sequence[int]) -> dict[int, PortalUserRow]:
    query = select(PortalUserRow).where(
        col(PortalUserRow.company_id) == company,
        col(PortalUserRow.id).in_(ids),
        col(PortalUserRow.role) == Role.CUSTOMER.value,
    )
    return {row.id: row for row in session.scalars(query)}


def _several(session: Session, company: int, users: Sequence[int]) -> set[int]:
    query = (
        select(col(MembershipRow.user_id))
        .where(col(MembershipRow.company_id) == company, col(MembershipRow.user_id).in_(users))
        .group_by(col(MembershipRow.user_id))
        .having(func.count() > 1)
    )
    return set(session.scalars(query))


def _person(member: MembershipRow, user: PortalUserRow, *, others: bool) -> Person:
    return Person(
        user=user.id,
        name=user.name,
        login=user.login,
        locale=user.locale,
        kind=MemberKind(member.kind),
        ends=member.ends_on,
        state=state_of(active=user.active, has_password=bool(user.password_hash)),
        signed_in_at=user.signed_in_at,
        others=others,
    )
