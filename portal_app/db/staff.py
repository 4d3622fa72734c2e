"""The company's own people: staff and managers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import PortalUserRow, StaffRoleRow
from portal_app.domain.grants import Role
from portal_app.domain.people import UserState, state_of


@dataclass(frozen=True, slots=True)
class StaffPerson:
    """One of the company's own people. `staff_role` None: no role, or a manager, who needs none.

    `has_factor`, where it was asked for: he proves himself by more than his password.
    """

    id: int
    name: str
    login: str
    role: Role
    staff_role: int | None
    staff_role_name: str
    state: UserState
    signed_in_at: datetime | None
    has_factor: bool = False


def people(session: Session, company: int) -> list[StaffPerson]:
    """Managers first, then by name."""
    query = (
        select(PortalUserRow, col(StaffRoleRow.name))
        .outerjoin(StaffRoleRow, col(StaffRoleRow.id) == col(PortalUserRow.staff_role_id))
        .where(
            col(PortalUserRow.company_id) == company,
            col(PortalUserRow.role) != Role.CUSTOMER.value,
        )
        .order_by(
            col(PortalUserRow.role) != Role.MANAGER.value,
            func.lower(col(PortalUserRow.name)),
            col(PortalUserRow.id),
        )
    )
    return [_person(row, role_name or "") for row, role_name in session.execute(query)]


def locked(session: Session, company: int, user: int) -> StaffPerson | None:
    """One of the company's own people, whom nobody else can change until this transaction ends."""
    query = select(PortalUserRow).where(
        col(PortalUserRow.company_id) == company,
        col(PortalUserRow.id) == user,
        col(PortalUserRow.role) != Role.CUSTOMER.value,
    )
    row = session.scalars(_fresh(query)).one_or_none()
    return _person(row, "") if row else None


def locked_managers(session: Session, company: int) -> list[StaffPerson]:
    """All managers, whatever their state, always locked in the same order."""
    query = (
        select(PortalUserRow)
        .where(
            col(PortalUserRow.company_id) == company,
            col(PortalUserRow.role) == Role.MANAGER.value,
        )
        .order_by(col(PortalUserRow.id))
    )
    return [_person(row, "") for row in session.scalars(_fresh(query))]


def set_role(session: Session, company: int, user: int, role: Role, staff_role: int | None) -> None:
    row = session.get(PortalUserRow, user)
    if row is not None and row.company_id == company:
        row.role, row.staff_role_id = role.value, staff_role
        session.flush()


def _fresh(query: Select[PortalUserRow]) -> Select[PortalUserRow]:
    """Under lock, and as it is now: another transaction may have changed it while we waited."""
    return query.with_for_update().execution_options(populate_existing=True)


def _person(row: PortalUserRow, role_name: str) -> StaffPerson:
    return StaffPerson(
        id=row.id,
        name=row.name,
        login=row.login,
        role=Role(row.role),
        staff_role=row.staff_role_id,
        staff_role_name=role_name,
        state=state_of(active=row.active, has_password=bool(row.password_hash)),
        signed_in_at=row.signed_in_at,
    )
