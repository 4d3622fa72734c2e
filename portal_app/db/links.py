"""Portal links as their makers see them: listed, and closed by their number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import AccessLinkRow, AuditEntryRow, SessionRow
from portal_app.domain.audit import Action


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


def of_customer(session: Session, company: int, customer: int, limit: int) -> list[MadeLink]:
    """The latest first."""
    query = (
        select(AccessLinkRow)
        .where(col(AccessLinkRow.company_id) == company, col(AccessLinkRow.customer_id) == customer)
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
    """Close a link and end the sessions it opened. False if it was closed, None if there is none."""
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
    session.execute(
        update(SessionRow)
        .where(
            col(SessionRow.company_id) == company,
            col(SessionRow.link_id) == link,
            col(SessionRow.ended_at).is_(None),
        )
        .values(ended_at=now)
    )
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
