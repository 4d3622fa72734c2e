"""Portal links: made, found by what they carry, listed, and closed for good.

Only the hash of a link's jti is kept. Opening one comes before any company is known (see
tests/architecture).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import AccessLinkRow, AuditEntryRow
from portal_app.domain.audit import Action


@dataclass(frozen=True, slots=True)
class Link:
    """A portal link. `documents` empty: all of the customer's."""

    id: int
    company: int
    customer: int
    documents: tuple[int, ...]
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link about to be given out; `documents` empty: all of the customer's."""

    customer: int
    jti_hash: str
    documents: Sequence[int]
    created_at: datetime
    expires_at: datetime


def add(session: Session, company: int, new: NewLink) -> int:
    row = AccessLinkRow(
        company_id=company,
        customer_id=new.customer,
        jti_hash=new.jti_hash,
        documents=list(new.documents),
        created_at=new.created_at,
        expires_at=new.expires_at,
    )
    session.add(row)
    session.flush()
    return row.id


def find(session: Session, jti_hash: str) -> Link | None:
    row = session.scalars(
        select(AccessLinkRow).where(col(AccessLinkRow.jti_hash) == jti_hash)
    ).one_or_none()
    return link_of(row) if row else None


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link somebody made. `documents` counts those it is for, 0 for all of the customer's.

    `opened` and `opened_at`: how often, and when last.
    """

    id: int
    documents: int
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    opened: int
    opened_at: datetime | None


def of_customer(
    session: Session, company: int, customer: int, limit: int, *, open_at: datetime | None = None
) -> list[MadeLink]:
    """The latest first; with `open_at` only those that still open at that moment."""
    row = AccessLinkRow
    still = (
        [] if open_at is None else [col(row.revoked_at).is_(None), col(row.expires_at) > open_at]
    )
    query = (
        select(row)
        .where(col(row.company_id) == company, col(row.customer_id) == customer, *still)
        .order_by(col(AccessLinkRow.id).desc())
        .limit(limit)
    )
    rows = session.scalars(query).all()
    opened = _opened(session, company, [f"link:{row.id}" for row in rows])
    return [
        MadeLink(
            row.id,
            len(row.documents),
            row.created_at,
            row.expires_at,
            row.revoked_at,
            *opened.get(f"link:{row.id}", (0, None)),
        )
        for row in rows
    ]


def revoke(session: Session, company: int, customer: int, link: int, now: datetime) -> bool | None:
    """Close a link of a customer's. False if it was closed, None if there is none of his.

    The sessions it opened are the caller's to end.
    """
    query = (
        select(AccessLinkRow)
        .where(
            col(AccessLinkRow.company_id) == company,
            col(AccessLinkRow.customer_id) == customer,
            col(AccessLinkRow.id) == link,
        )
        .with_for_update()
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        return None
    was_open = row.revoked_at is None
    row.revoked_at = row.revoked_at or now
    return was_open


def _opened(
    session: Session, company: int, links: list[str]
) -> dict[str, tuple[int, datetime | None]]:
    """From the audit: sessions are forgotten a day after they end."""
    query = (
        select(col(AuditEntryRow.about), func.count(), func.max(col(AuditEntryRow.at)))
        .where(
            col(AuditEntryRow.company_id) == company,
            col(AuditEntryRow.about).in_(links),
            col(AuditEntryRow.action) == Action.LINK_OPENED.value,
        )
        .group_by(col(AuditEntryRow.about))
    )
    return {about: (count, last) for about, count, last in session.execute(query)}


def link_of(row: Any) -> Link:
    """Of a row, or of its columns as another query has them."""
    return Link(
        id=row.id,
        company=row.company_id,
        customer=row.customer_id,
        documents=tuple(row.documents),
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
