"""Traces that are over, deleted a batch at a time. Documents, payments and the journal are no traces."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CursorResult, delete, exists, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import (
    BankEventRow,
    CeremonyRow,
    DeviceRow,
    MailRecipientRow,
    MailRow,
    PortalUserRow,
    ProofRow,
    ProviderEventRow,
)
from portal_app.domain.emails import RecipientState
from portal_app.domain.privacy import FORGOTTEN

_UNDER_WAY: Final = (RecipientState.QUEUED.value, RecipientState.SENDING.value)


def proofs(session: Session, company: int, before: datetime, most: int) -> int:
    """Those used or expired by then; how many it were."""
    row = ProofRow
    over = (col(row.expires_at) < before) | (col(row.used_at) < before)
    found = select(col(row.id)).where(col(row.company_id) == company, over).limit(most)
    return _gone(session, delete(row).where(col(row.id).in_(found)))


def ceremonies(session: Session, before: datetime) -> None:
    """Those expired by then, of all companies: at sign-in nobody knows whose they are."""
    session.execute(delete(CeremonyRow).where(col(CeremonyRow.expires_at) < before))


def devices(session: Session, company: int, before: datetime, most: int) -> int:
    """Those nobody signed in from since then."""
    row = DeviceRow
    found = (
        select(col(row.id))
        .where(col(row.company_id) == company, col(row.seen_at) < before)
        .limit(most)
    )
    return _gone(session, delete(row).where(col(row.id).in_(found)))


def mails(session: Session, company: int, before: datetime, most: int) -> int:
    """Those asked for before then, and those to people who are forgotten, with their addresses.

    What is still on its way stays.
    """
    row, to = MailRow, MailRecipientRow
    forgotten = select(col(PortalUserRow.id)).where(
        col(PortalUserRow.company_id) == company,
        col(PortalUserRow.login).startswith(FORGOTTEN, autoescape=True),
    )
    over = (col(row.created_at) < before) | col(row.user_id).in_(forgotten)
    under_way = exists().where(col(to.mail_id) == col(row.id), col(to.state).in_(_UNDER_WAY))
    found = list(
        session.scalars(
            select(col(row.id)).where(col(row.company_id) == company, over, ~under_way).limit(most)
        )
    )
    session.execute(delete(to).where(col(to.company_id) == company, col(to.mail_id).in_(found)))
    return _gone(session, delete(row).where(col(row.company_id) == company, col(row.id).in_(found)))


def provider_events(session: Session, company: int, before: datetime, most: int) -> int:
    """Calls of providers that were dealt with: their names of things, which the books keep too."""
    row = ProviderEventRow
    found = (
        select(col(row.id))
        .where(
            col(row.company_id) == company,
            col(row.received_at) < before,
            col(row.handled_at).is_not(None),
        )
        .limit(most)
    )
    return _gone(session, delete(row).where(col(row.id).in_(found)))


def bank_reports(session: Session, company: int, before: datetime, most: int) -> int:
    """The banks' own words, which may name who paid; what was understood of them stays.

    The row keeps a report from being dealt with a second time.
    """
    row = BankEventRow
    found = (
        select(col(row.id))
        .where(
            col(row.company_id) == company,
            col(row.received_at) < before,
            col(row.handled_at).is_not(None),
            col(row.raw) != "",
        )
        .limit(most)
    )
    return _gone(session, update(row).where(col(row.id).in_(found)).values(raw=""))


def _gone(session: Session, statement: Any) -> int:
    result: Any = session.execute(statement)
    assert isinstance(result, CursorResult), "deletes and updates count their rows"
    return result.rowcount
