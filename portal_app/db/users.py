"""People who sign in, and the failures of those who could not.

`by_login` and the throttle come before any company is known (see tests/architecture).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import MembershipRow, PortalUserRow, SignInThrottleRow
from portal_app.domain.grants import MemberKind, Role

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can sign in. `permissions` of his staff role, None without one.

    `password_hash` is empty until he chose a password.
    """

    id: int
    company: int
    login: str
    name: str
    password_hash: str
    role: Role
    active: bool
    locale: str
    permissions: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """Whom a user acts for, as what, and until which day."""

    customer: int
    kind: MemberKind
    ends: date | None


def by_login(session: Session, login: str) -> User | None:
    """The user with this login, in whatever company; logins are stored in lower case."""
    row = session.scalars(
        select(PortalUserRow).where(col(PortalUserRow.login) == login)
    ).one_or_none()
    return user_of(row) if row else None


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody invited, who has no password yet."""

    login: str
    name: str
    role: Role
    created_at: datetime
    staff_role: int | None = None


def add(session: Session, company: int, new: NewPerson) -> int | None:
    """The new user's id; None if anybody, in whatever company, signs in with this login."""
    insert = _INSERT[session.get_bind().dialect.name]
    statement = (
        insert(PortalUserRow)
        .values(
            company_id=company,
            login=new.login,
            name=new.name,
            password_hash="",
            role=new.role.value,
            active=True,
            locale="",
            staff_role_id=new.staff_role,
            mail_choices={},
            created_at=new.created_at,
        )
        .on_conflict_do_nothing(index_elements=["login"])
        .returning(col(PortalUserRow.id))
    )
    return session.scalars(statement).one_or_none()


def set_active(session: Session, company: int, user: int, *, active: bool) -> None:
    row = session.get(PortalUserRow, user)
    if row is not None and row.company_id == company:
        row.active = active
        session.flush()


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


def locked(session: Session, company: int, user: int) -> User | None:
    """Somebody to whom nothing new refers, a session or a passkey, until this transaction ends."""
    query = select(PortalUserRow).where(
        col(PortalUserRow.company_id) == company, col(PortalUserRow.id) == user
    )
    fresh = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalars(fresh).one_or_none()
    return user_of(row) if row else None


def members(session: Session, company: int, user: int) -> list[Member]:
    """Whom a user acts for, those no longer valid too, first come first."""
    query = (
        select(MembershipRow)
        .where(col(MembershipRow.company_id) == company, col(MembershipRow.user_id) == user)
        .order_by(col(MembershipRow.id))
    )
    return [
        Member(row.customer_id, MemberKind(row.kind), row.ends_on) for row in session.scalars(query)
    ]


def put_member(session: Session, company: int, user: int, new: Member) -> None:
    """Let a user act for a customer, or change as what and until when he does."""
    row = session.scalars(
        select(MembershipRow).where(
            col(MembershipRow.company_id) == company,
            col(MembershipRow.user_id) == user,
            col(MembershipRow.customer_id) == new.customer,
        )
    ).one_or_none()
    if row is None:
        row = MembershipRow(
            company_id=company, user_id=user, customer_id=new.customer, kind=new.kind.value
        )
        session.add(row)
    row.kind, row.ends_on = new.kind.value, new.ends
    session.flush()


def signed_in(session: Session, company: int, user: int, now: datetime) -> None:
    row = session.get(PortalUserRow, user)
    if row is not None and row.company_id == company:
        row.signed_in_at = now


def locale_of_customer(session: Session, company: int, customer: int) -> str:
    """The language one of a customer's people chose; empty if nobody did."""
    query = (
        select(col(PortalUserRow.locale))
        .join(MembershipRow, col(MembershipRow.user_id) == col(PortalUserRow.id))
        .where(
            col(PortalUserRow.company_id) == company,
            col(MembershipRow.customer_id) == customer,
            col(PortalUserRow.active),
            col(PortalUserRow.locale) != "",
        )
        .order_by(col(MembershipRow.id))
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


def user_of(row: PortalUserRow, permissions: Sequence[str] | None = None) -> User:
    return User(
        id=row.id,
        company=row.company_id,
        login=row.login,
        name=row.name,
        password_hash=row.password_hash,
        role=Role(row.role),
        active=row.active,
        locale=row.locale,
        permissions=None if permissions is None else tuple(permissions),
    )
