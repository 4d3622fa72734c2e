"""Passkeys, by their public halves, and the challenges they answer.

At sign-in a passkey says whose it is, and a challenge is nobody's yet: both are found before any
company is known (see tests/architecture).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import CeremonyRow, PasskeyRow


@dataclass(frozen=True, slots=True)
class Passkey:
    """`credential` and `public_key` in base64url; `sign_count` as the device last said it."""

    id: int
    company: int
    user: int
    credential: str
    public_key: str
    sign_count: int
    name: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewPasskey:
    credential: str
    public_key: str
    sign_count: int
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A challenge to be answered once. `user`: who wants to add a passkey; None at sign-in."""

    id_hash: str
    challenge: str
    user: int | None
    expires_at: datetime


def add(session: Session, company: int, user: int, new: NewPasskey) -> int:
    row = PasskeyRow(
        company_id=company,
        user_id=user,
        credential=new.credential,
        public_key=new.public_key,
        sign_count=new.sign_count,
        name=new.name,
        created_at=new.created_at,
    )
    session.add(row)
    session.flush()
    return row.id


def of_user(session: Session, company: int, user: int) -> list[Passkey]:
    """Somebody's passkeys, first come first."""
    query = (
        select(PasskeyRow)
        .where(col(PasskeyRow.company_id) == company, col(PasskeyRow.user_id) == user)
        .order_by(col(PasskeyRow.id))
    )
    return [_passkey(row) for row in session.scalars(query)]


def by_credential(session: Session, credential: str) -> Passkey | None:
    """The passkey a device says it is, in whatever company; locked until the transaction ends."""
    row = session.scalars(
        select(PasskeyRow).where(col(PasskeyRow.credential) == credential).with_for_update()
    ).one_or_none()
    return _passkey(row) if row else None


def used(session: Session, company: int, passkey: int, sign_count: int, now: datetime) -> None:
    session.execute(
        update(PasskeyRow)
        .where(col(PasskeyRow.company_id) == company, col(PasskeyRow.id) == passkey)
        .values(sign_count=sign_count, used_at=now)
    )


def remove(session: Session, company: int, passkey: int) -> None:
    session.execute(
        delete(PasskeyRow).where(
            col(PasskeyRow.company_id) == company, col(PasskeyRow.id) == passkey
        )
    )


def remove_all(session: Session, company: int, user: int) -> None:
    """All passkeys of somebody's, and the challenges he was to make others by."""
    session.execute(
        delete(PasskeyRow).where(
            col(PasskeyRow.company_id) == company, col(PasskeyRow.user_id) == user
        )
    )
    session.execute(delete(CeremonyRow).where(col(CeremonyRow.user_id) == user))


def begin(session: Session, new: Ceremony) -> None:
    session.add(
        CeremonyRow(
            id_hash=new.id_hash,
            challenge=new.challenge,
            user_id=new.user,
            expires_at=new.expires_at,
        )
    )


def finish(session: Session, id_hash: str) -> Ceremony | None:
    """The challenge, for whoever is the first to ask for it: it is gone with that."""
    statement = (
        delete(CeremonyRow)
        .where(col(CeremonyRow.id_hash) == id_hash)
        .returning(
            col(CeremonyRow.challenge), col(CeremonyRow.user_id), col(CeremonyRow.expires_at)
        )
    )
    found = session.execute(statement).one_or_none()
    return Ceremony(id_hash, *found) if found else None


def forget_before(session: Session, moment: datetime) -> None:
    session.execute(delete(CeremonyRow).where(col(CeremonyRow.expires_at) < moment))


def _passkey(row: PasskeyRow) -> Passkey:
    return Passkey(
        id=row.id,
        company=row.company_id,
        user=row.user_id,
        credential=row.credential,
        public_key=row.public_key,
        sign_count=row.sign_count,
        name=row.name,
        created_at=row.created_at,
        used_at=row.used_at,
    )
