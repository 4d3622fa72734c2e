"""The browsers somebody signed in from before, by the hashes of their cookies."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import DeviceRow, PortalUserRow


def seen(
    session: Session, company: int, user: int, cookie_hash: str, name: str, now: datetime
) -> bool:
    """Whether somebody was seen with this cookie before; he is from now on."""
    row = session.scalars(
        select(DeviceRow).where(
            col(DeviceRow.company_id) == company,
            col(DeviceRow.user_id) == user,
            col(DeviceRow.cookie_hash) == cookie_hash,
        )
    ).one_or_none()
    if row is not None:
        row.seen_at = now
        return True
    new = DeviceRow(
        company_id=company,
        user_id=user,
        cookie_hash=cookie_hash,
        name=name,
        first_seen_at=now,
        seen_at=now,
    )
    session.add(new)
    session.flush()
    return False


def has_been_in(session: Session, company: int, user: int) -> bool:
    """Whether somebody ever signed in before."""
    query = select(col(PortalUserRow.signed_in_at)).where(
        col(PortalUserRow.company_id) == company, col(PortalUserRow.id) == user
    )
    return session.scalars(query).one_or_none() is not None
