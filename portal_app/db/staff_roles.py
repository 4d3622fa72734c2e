"""Staff roles: what some of the company's own people may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import PortalUserRow, StaffRoleRow

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class StaffRole:
    """`permissions` are names of `StaffFeature`, perhaps of another version; `people` have it."""

    id: int
    name: str
    permissions: frozenset[str]
    people: int = 0


def all_roles(session: Session, company: int) -> list[StaffRole]:
    having = (
        select(func.count())
        .select_from(PortalUserRow)
        .where(
            col(PortalUserRow.company_id) == company,
            col(PortalUserRow.staff_role_id) == col(StaffRoleRow.id),
        )
        .scalar_subquery()
    )
    query = (
        select(StaffRoleRow, having)
        .where(col(StaffRoleRow.company_id) == company)
        .order_by(func.lower(col(StaffRoleRow.name)), col(StaffRoleRow.id))
    )
    return [
        StaffRole(row.id, row.name, frozenset(row.permissions), people)
        for row, people in session.execute(query)
    ]


def locked(session: Session, company: int, role: int) -> StaffRole | None:
    """The role, which nobody else changes or removes until this transaction ends."""
    query = (
        select(StaffRoleRow)
        .where(col(StaffRoleRow.company_id) == company, col(StaffRoleRow.id) == role)
        .with_for_update()
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        return None
    return StaffRole(row.id, row.name, frozenset(row.permissions), _people(session, company, role))


def add(session: Session, company: int, name: str, permissions: Sequence[str]) -> int | None:
    """The new role's id; None if there is one of this name."""
    insert = _INSERT[session.get_bind().dialect.name]
    statement = (
        insert(StaffRoleRow)
        .values(company_id=company, name=name, permissions=sorted(permissions))
        .on_conflict_do_nothing()
        .returning(col(StaffRoleRow.id))
    )
    return session.scalars(statement).one_or_none()


def rename(session: Session, company: int, role: int, name: str) -> bool:
    """False if another role has this name."""
    other = select(col(StaffRoleRow.id)).where(
        col(StaffRoleRow.company_id) == company,
        col(StaffRoleRow.name) == name,
        col(StaffRoleRow.id) != role,
    )
    row = session.get(StaffRoleRow, role)
    if row is None or row.company_id != company or session.scalars(other).first() is not None:
        return False
    row.name = name
    session.flush()
    return True


def set_permissions(session: Session, company: int, role: int, permissions: Sequence[str]) -> None:
    row = session.get(StaffRoleRow, role)
    if row is not None and row.company_id == company:
        row.permissions = sorted(permissions)
        session.flush()


def remove(session: Session, company: int, role: int) -> None:
    row = session.get(StaffRoleRow, role)
    if row is not None and row.company_id == company:
        session.delete(row)
        session.flush()


def _people(session: Session, company: int, role: int) -> int:
    query = (
        select(func.count())
        .select_from(PortalUserRow)
        .where(col(PortalUserRow.company_id) == company, col(PortalUserRow.staff_role_id) == role)
    )
    return session.execute(query).scalar_one()
