"""A user's second factor by codes: the authenticator's secret, as it is sealed, and recovery codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import AuthenticatorRow, PasskeyRow, RecoveryCodeRow


@dataclass(frozen=True, slots=True)
class Authenticator:
    """`secret` is sealed; until it is confirmed by a first code it protects nothing.

    `last_step` counts 30 seconds each since 1970: neither it nor an earlier one is taken again.
    """

    secret: str
    confirmed: bool
    last_step: int


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery code nobody has used."""

    id: int
    code_hash: str


@dataclass(frozen=True, slots=True)
class Kinds:
    """With what somebody proves himself besides the password."""

    has_app: bool = False
    passkeys: int = 0

    @property
    def has_any(self) -> bool:
        return self.has_app or self.passkeys > 0


def kinds(session: Session, company: int, users: Sequence[int]) -> dict[int, Kinds]:
    """Of each of these users, also those who have none."""
    apps = select(col(AuthenticatorRow.user_id)).where(
        col(AuthenticatorRow.company_id) == company,
        col(AuthenticatorRow.user_id).in_(users),
        col(AuthenticatorRow.confirmed_at).is_not(None),
    )
    passkeys = (
        select(col(PasskeyRow.user_id), func.count())
        .where(col(PasskeyRow.company_id) == company, col(PasskeyRow.user_id).in_(users))
        .group_by(col(PasskeyRow.user_id))
    )
    with_app = set(session.scalars(apps))
    counted = dict(session.execute(passkeys).all())
    return {user: Kinds(user in with_app, counted.get(user, 0)) for user in users}


def has_any(session: Session, company: int, user: int) -> bool:
    """Whether somebody proves himself by a second factor, of whatever kind."""
    authenticator = exists().where(
        col(AuthenticatorRow.company_id) == company,
        col(AuthenticatorRow.user_id) == user,
        col(AuthenticatorRow.confirmed_at).is_not(None),
    )
    passkey = exists().where(col(PasskeyRow.company_id) == company, col(PasskeyRow.user_id) == user)
    return bool(session.scalars(select(authenticator | passkey)).one())


def authenticator(
    session: Session, company: int, user: int, *, lock: bool = False
) -> Authenticator | None:
    """With `lock` nobody else may use it until the transaction ends."""
    query = select(AuthenticatorRow).where(
        col(AuthenticatorRow.company_id) == company, col(AuthenticatorRow.user_id) == user
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalars(query).one_or_none()
    if row is None:
        return None
    return Authenticator(row.secret, row.confirmed_at is not None, row.last_step)


def put(session: Session, company: int, user: int, secret: str) -> None:
    """A new secret to be confirmed, in place of any before it."""
    remove(session, company, user)
    session.add(AuthenticatorRow(company_id=company, user_id=user, secret=secret))
    session.flush()


def use(session: Session, company: int, user: int, step: int, confirmed: datetime) -> None:
    """Write down the step of a code that was right; the first one confirms the authenticator."""
    session.execute(
        update(AuthenticatorRow)
        .where(col(AuthenticatorRow.company_id) == company, col(AuthenticatorRow.user_id) == user)
        .values(
            last_step=step,
            confirmed_at=func.coalesce(col(AuthenticatorRow.confirmed_at), confirmed),
        )
    )


def remove(session: Session, company: int, user: int) -> None:
    session.execute(
        delete(AuthenticatorRow).where(
            col(AuthenticatorRow.company_id) == company, col(AuthenticatorRow.user_id) == user
        )
    )


def put_codes(session: Session, company: int, user: int, hashes: Sequence[str]) -> None:
    """These recovery codes in place of all before them; with none, none are left."""
    session.execute(
        delete(RecoveryCodeRow).where(
            col(RecoveryCodeRow.company_id) == company, col(RecoveryCodeRow.user_id) == user
        )
    )
    session.add_all(
        RecoveryCodeRow(company_id=company, user_id=user, code_hash=each) for each in hashes
    )
    session.flush()


def codes(session: Session, company: int, user: int) -> list[Recovery]:
    """The recovery codes somebody has left."""
    query = select(RecoveryCodeRow).where(
        col(RecoveryCodeRow.company_id) == company,
        col(RecoveryCodeRow.user_id) == user,
        col(RecoveryCodeRow.used_at).is_(None),
    )
    return [Recovery(row.id, row.code_hash) for row in session.scalars(query)]


def use_code(session: Session, company: int, code: int, now: datetime) -> bool:
    """False if somebody used it meanwhile."""
    done = session.execute(
        update(RecoveryCodeRow)
        .where(
            col(RecoveryCodeRow.company_id) == company,
            col(RecoveryCodeRow.id) == code,
            col(RecoveryCodeRow.used_at).is_(None),
        )
        .values(used_at=now)
    )
    assert isinstance(done, CursorResult)
    return done.rowcount == 1
