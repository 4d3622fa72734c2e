"""Secrets sent by e-mail: what is kept of each, how often it was tried, whether it is spent.

A link's secret is looked up by itself, before its company is known (see tests/architecture).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import ProofRow
from portal_app.domain.proofs import Proof, Purpose


@dataclass(frozen=True, slots=True)
class NewProof:
    """A proof about to be made; until `keep` no secret is that of it."""

    user: int
    purpose: Purpose
    created_at: datetime
    expires_at: datetime


def add(session: Session, company: int, new: NewProof) -> Proof:
    row = ProofRow(
        company_id=company,
        user_id=new.user,
        purpose=new.purpose.value,
        # The secret is derived from the row's number, which there is only now: nobody's till then.
        secret_hash=secrets.token_hex(),
        created_at=new.created_at,
        expires_at=new.expires_at,
    )
    session.add(row)
    session.flush()
    return _proof(row)


def keep(session: Session, company: int, proof: int, kept: str) -> None:
    """Write down what is kept of the secret."""
    session.execute(
        update(ProofRow)
        .where(col(ProofRow.company_id) == company, col(ProofRow.id) == proof)
        .values(secret_hash=kept)
    )


def by_id(session: Session, company: int, proof: int) -> Proof | None:
    row = session.scalars(
        select(ProofRow).where(col(ProofRow.company_id) == company, col(ProofRow.id) == proof)
    ).one_or_none()
    return _proof(row) if row else None


def find(session: Session, purpose: Purpose, kept: Sequence[str]) -> Proof | None:
    """The proof one of these is kept of, locked until the transaction ends."""
    row = session.scalars(
        select(ProofRow)
        .where(col(ProofRow.secret_hash).in_(kept), col(ProofRow.purpose) == purpose.value)
        .with_for_update()
    ).one_or_none()
    return _proof(row) if row else None


def latest(session: Session, company: int, user: int, purpose: Purpose) -> Proof | None:
    """The last one of this purpose that was sent to somebody, locked until the transaction ends."""
    row = session.scalars(
        select(ProofRow)
        .where(*_of(company, user, purpose))
        .order_by(col(ProofRow.id).desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    return _proof(row) if row else None


def made_since(
    session: Session, company: int, user: int, purpose: Purpose, moment: datetime
) -> int:
    """How many of this purpose were sent to somebody since."""
    query = (
        select(func.count())
        .select_from(ProofRow)
        .where(*_of(company, user, purpose), col(ProofRow.created_at) > moment)
    )
    return session.scalars(query).one()


def count_try(session: Session, company: int, proof: int) -> None:
    session.execute(
        update(ProofRow)
        .where(col(ProofRow.company_id) == company, col(ProofRow.id) == proof)
        .values(tries=col(ProofRow.tries) + 1)
    )


def spend(session: Session, company: int, user: int, purpose: Purpose, now: datetime) -> None:
    """All of this purpose that were sent to somebody are of no use from now on."""
    session.execute(
        update(ProofRow)
        .where(*_of(company, user, purpose), col(ProofRow.used_at).is_(None))
        .values(used_at=now)
    )


def _of(company: int, user: int, purpose: Purpose) -> tuple[ColumnElement[bool], ...]:
    return (
        col(ProofRow.company_id) == company,
        col(ProofRow.user_id) == user,
        col(ProofRow.purpose) == purpose.value,
    )


def _proof(row: ProofRow) -> Proof:
    return Proof(
        id=row.id,
        company=row.company_id,
        user=row.user_id,
        purpose=Purpose(row.purpose),
        kept=row.secret_hash,
        tries=row.tries,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
