"""People who sign in, and the failures of those who could not.

`by_login` and the throttle come before any company is known (see tests/architecture).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import PortalUserRow, SignInThrottleRow
from portal_app.domain.grants import Role

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class User:
    id: int
    company: int
    login: str
    name: str
    password_hash: str
    role: Role
    active: bool
    locale: str
    customer: int | None


def by_login(session: Session, login: str) -> User | None:
    """The user with this login, in whatever company; logins are stored in lower case."""
    row = session.scalars(
        select(PortalUserRow).where(col(PortalUserRow.login) == login)
    ).one_or_none()
    return user_of(row) if row else None


def set_locale(session: Session, company: int, user: int, locale: str) -> None:
    row = session.get(PortalUserRow, user)
    if row is not None and row.company_id == company:
        row.locale = locale


def set_password(session: Session, company: int, user: int, password_hash: str) -> None:
    row = session.get(PortalUserRow, user)
    if row is not None and row.company_id == company:
        row.password_hash = password_hash


def by_id(session: Session, company: int, user: int) -> User | None:
    row = session.get(PortalUserRow, user)
    return user_of(row) if row is not None and row.company_id == company else None


def locale_of_customer(session: Session, company: int, customer: int) -> str:
    """The language one of a customer's people chose; empty if nobody did."""
    query = (
        select(col(PortalUserRow.locale))
        .where(
            col(PortalUserRow.company_id) == company,
            col(PortalUserRow.customer_id) == customer,
            col(PortalUserRow.active),
            col(PortalUserRow.locale) != "",
        )
        .order_by(col(PortalUserRow.id))
        .limit(1)
    )
    return session.scalars(query).first() or ""


def blocked_until(session: Session, key_hash: str) -> datetime | None:
    """Until when a login at an address must wait after its failures."""
    query = select(SignInThrottleRow).where(col(SignInThrottleRow.key_hash) == key_hash)
    row = session.scalars(query).one_or_none()
    return row.blocked_until if row else None


def failures(session: Session, key_hash: str, now: datetime) -> tuple[int, datetime | None]:
    """How often a login failed at an address so far, and until when it must wait for that.

    Both are locked until the transaction ends.
    """
    insert = _INSERT[session.get_bind().dialect.name]
    # One statement, which somebody else's `forgive` cannot come between.
    statement = (
        insert(SignInThrottleRow)
        .values(key_hash=key_hash, failures=0, failed_at=now)
        .on_conflict_do_update(index_elements=["key_hash"], set_={"failed_at": now})
        .returning(col(SignInThrottleRow.failures), col(SignInThrottleRow.blocked_until))
    )
    count, until = session.execute(statement).one()
    return count, until


def fail(
    session: Session, key_hash: str, now: datetime, failures: int, until: datetime | None
) -> None:
    session.execute(
        update(SignInThrottleRow)
        .where(col(SignInThrottleRow.key_hash) == key_hash)
        .values(failures=failures, failed_at=now, blocked_until=until)
    )


def forgive(session: Session, key_hash: str) -> None:
    session.execute(delete(SignInThrottleRow).where(col(SignInThrottleRow.key_hash) == key_hash))


def forget_before(session: Session, moment: datetime) -> None:
    session.execute(delete(SignInThrottleRow).where(col(SignInThrottleRow.failed_at) < moment))


def user_of(row: PortalUserRow) -> User:
    return User(
        id=row.id,
        company=row.company_id,
        login=row.login,
        name=row.name,
        password_hash=row.password_hash,
        role=Role(row.role),
        active=row.active,
        locale=row.locale,
        customer=row.customer_id,
    )
