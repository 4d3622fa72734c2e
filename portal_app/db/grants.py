"""Features given and taken, by company, group, customer and user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Mapped, Session
from sqlmodel import SQLModel, col

from portal_app.db.models import (
    CompanyRow,
    CustomerGroupRow,
    CustomerRow,
    FeatureGrantRow,
    MembershipRow,
)
from portal_app.domain.grants import Layers, Level

# Asked before every event: made once, of plain columns.
_TABLE: Final = SQLModel.metadata.tables[FeatureGrantRow.__tablename__]
_CUSTOMER: Final = SQLModel.metadata.tables[CustomerRow.__tablename__]
_GROUP_OF: Final = (
    select(_CUSTOMER.c.group_id)
    .where(_CUSTOMER.c.company_id == bindparam("company"), _CUSTOMER.c.id == bindparam("customer"))
    .scalar_subquery()
)
_NOBODYS: Final = (
    _TABLE.c.customer_id.is_(None) & _TABLE.c.group_id.is_(None) & _TABLE.c.user_id.is_(None)
)
_OF: Final = select(
    _TABLE.c.user_id, _TABLE.c.customer_id, _TABLE.c.group_id, _TABLE.c.feature, _TABLE.c.allowed
).where(
    _TABLE.c.company_id == bindparam("company"),
    or_(
        _NOBODYS,
        _TABLE.c.customer_id == bindparam("customer"),
        _TABLE.c.group_id == _GROUP_OF,
        _TABLE.c.user_id == bindparam("user"),
    ),
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a grant is: the company's (both None) or that of one group, customer or user."""

    level: Level
    id: int | None = None


def of(session: Session, company: int, customer: int | None, user: int | None = None) -> Layers:
    """What was given and taken at every level a session of this user for this customer is under."""
    by_user: dict[str, bool] = {}
    by_customer: dict[str, bool] = {}
    by_group: dict[str, bool] = {}
    by_company: dict[str, bool] = {}
    found = session.execute(_OF, {"company": company, "customer": customer, "user": user})
    for of_user, of_customer, of_group, feature, allowed in found:
        given = (
            by_user
            if of_user is not None
            else by_customer
            if of_customer is not None
            else by_group
            if of_group is not None
            else by_company
        )
        given[feature] = allowed
    return Layers(by_company, by_group, by_customer, by_user)


def of_owners(
    session: Session, company: int, level: Level, owners: Sequence[int]
) -> Mapping[int, Mapping[str, bool]]:
    """What was given and taken at one level, by owner; those without any are left out."""
    column = _column(level)
    query = select(column, col(FeatureGrantRow.feature), col(FeatureGrantRow.allowed)).where(
        col(FeatureGrantRow.company_id) == company, column.in_(owners)
    )
    found: dict[int, dict[str, bool]] = {}
    for owner, feature, allowed in session.execute(query):
        assert owner is not None, "among those asked for"
        found.setdefault(owner, {})[feature] = allowed
    return found


def put(
    session: Session, company: int, owner: Owner, feature: str, *, allowed: bool | None
) -> bool | None:
    """Give a feature, take it, or (None) say nothing about it; what was said before."""
    row = session.scalars(
        select(FeatureGrantRow)
        .where(
            col(FeatureGrantRow.company_id) == company,
            *_owned_by(owner),
            col(FeatureGrantRow.feature) == feature,
        )
        .with_for_update()
    ).one_or_none()
    before = row.allowed if row else None
    if allowed is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(
            FeatureGrantRow(
                company_id=company,
                group_id=owner.id if owner.level is Level.GROUP else None,
                customer_id=owner.id if owner.level is Level.CUSTOMER else None,
                user_id=owner.id if owner.level is Level.USER else None,
                feature=feature,
                allowed=allowed,
            )
        )
    else:
        row.allowed = allowed
    session.flush()
    return before


def put_for_customers(
    session: Session, company: int, customers: Sequence[int], feature: str, *, allowed: bool | None
) -> dict[int, bool | None]:
    """`put` for many customers at once, under `lock`; what was said before of each it changed."""
    row = FeatureGrantRow
    ours = (col(row.company_id) == company, col(row.feature) == feature)
    query = select(col(row.customer_id), col(row.allowed)).where(
        *ours, col(row.customer_id).in_(customers)
    )
    said = dict(session.execute(query).all())
    before = {each: said.get(each) for each in customers if said.get(each) is not allowed}
    changed = col(row.customer_id).in_([each for each in before if each in said])
    if allowed is None:
        session.execute(delete(row).where(*ours, changed))
        return before
    session.execute(update(row).where(*ours, changed).values(allowed=allowed))
    new = [
        {"company_id": company, "customer_id": each, "feature": feature, "allowed": allowed}
        for each in before
        if each not in said
    ]
    if new:
        session.execute(insert(row), new)
    return before


def lock(session: Session, company: int) -> None:
    """Let nobody else change the company's grants and groups until this transaction ends."""
    query = select(col(CompanyRow.id)).where(col(CompanyRow.id) == company)
    session.execute(query.with_for_update(key_share=True))


def owns(session: Session, company: int, owner: Owner) -> bool:
    """Whether the owner is the company itself, or a group, customer or customer's user of it."""
    if owner.level is Level.COMPANY:
        return True
    table, id_ = {
        Level.GROUP: (CustomerGroupRow, col(CustomerGroupRow.id)),
        Level.CUSTOMER: (CustomerRow, col(CustomerRow.id)),
        Level.USER: (MembershipRow, col(MembershipRow.user_id)),
    }[owner.level]
    query = select(id_).where(col(table.company_id) == company, id_ == owner.id).limit(1)
    return session.scalars(query).first() is not None


@dataclass(frozen=True, slots=True)
class Group:
    id: int
    name: str


def groups(session: Session, company: int) -> list[Group]:
    query = (
        select(CustomerGroupRow)
        .where(col(CustomerGroupRow.company_id) == company)
        .order_by(col(CustomerGroupRow.name))
    )
    return [Group(row.id, row.name) for row in session.scalars(query)]


def add_group(session: Session, company: int, name: str) -> int:
    row = CustomerGroupRow(company_id=company, name=name)
    session.add(row)
    session.flush()
    return row.id


def rename_group(session: Session, company: int, group: int, name: str) -> bool:
    row = session.get(CustomerGroupRow, group)
    if row is None or row.company_id != company:
        return False
    row.name = name
    session.flush()
    return True


def remove_group(session: Session, company: int, group: int) -> bool:
    """Its customers are in no group, its grants are gone. False if there is no such group."""
    row = session.get(CustomerGroupRow, group)
    if row is None or row.company_id != company:
        return False
    session.execute(
        delete(FeatureGrantRow).where(
            col(FeatureGrantRow.company_id) == company, col(FeatureGrantRow.group_id) == group
        )
    )
    for customer in session.scalars(
        select(CustomerRow).where(
            col(CustomerRow.company_id) == company, col(CustomerRow.group_id) == group
        )
    ):
        customer.group_id = None
    session.flush()
    session.delete(row)
    return True


def move(session: Session, company: int, customers: Sequence[int], group: int | None) -> None:
    """Put customers into a group of the company, or into none."""
    session.execute(
        update(CustomerRow)
        .where(col(CustomerRow.company_id) == company, col(CustomerRow.id).in_(customers))
        .values(group_id=group)
    )


def _column(level: Level) -> Mapped[int | None]:
    return {
        Level.GROUP: col(FeatureGrantRow.group_id),
        Level.CUSTOMER: col(FeatureGrantRow.customer_id),
        Level.USER: col(FeatureGrantRow.user_id),
    }[level]


def _owned_by(owner: Owner) -> Iterator[ColumnElement[bool]]:
    for level in (Level.GROUP, Level.CUSTOMER, Level.USER):
        column = _column(level)
        yield column == owner.id if level is owner.level else column.is_(None)
