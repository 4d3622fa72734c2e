"""The audit's entries. Added to, never changed: the database refuses it, and `verify` finds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import AuditEntryRow, AuditHeadRow
from portal_app.domain.audit import FIRST, Deed, Entry, chained

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Head:
    """Number and hash of a company's last entry, and the seal on both; 0 and FIRST without any."""

    number: int = 0
    hash: str = FIRST
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: those that match all that is said. `before` is a number: the page's end.

    `subjects`, `abouts`, `customers`: any one of these; None says nothing, none at all finds nothing.
    """

    subject: str = ""
    action: str = ""
    about: str = ""
    customer: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    subjects: tuple[str, ...] | None = None
    abouts: tuple[str, ...] | None = None
    customers: tuple[int, ...] | None = None


def head(session: Session, company: int) -> Head:
    row = session.get(AuditHeadRow, company)
    return Head(row.number, row.hash, row.seal) if row is not None and row.number else Head()


def locked_head(session: Session, company: int) -> Head:
    """The head, which nobody else can move until this transaction ends."""
    insert = _INSERT[session.get_bind().dialect.name]
    statement = insert(AuditHeadRow).values(company_id=company, number=0, hash=FIRST, seal="")
    session.execute(statement.on_conflict_do_nothing(index_elements=["company_id"]))
    row = session.scalars(
        select(AuditHeadRow).where(col(AuditHeadRow.company_id) == company).with_for_update()
    ).one()
    return Head(row.number, row.hash, row.seal)


def append(session: Session, company: int, deed: Deed, now: datetime, after: Head) -> Entry:
    """Enter a deed after the locked head. Its seal is the caller's to set."""
    entry = chained(deed, after.number + 1, now, after.hash)
    session.add(
        AuditEntryRow(
            company_id=company,
            number=entry.number,
            at=entry.at,
            subject=entry.subject,
            action=entry.action,
            about=entry.about,
            customer_id=entry.customer,
            facts=dict(entry.facts),
            before=entry.before,
            hash=entry.hash,
        )
    )
    return entry


def set_head(session: Session, company: int, new: Head) -> None:
    row = session.get(AuditHeadRow, company)
    assert row is not None, "locked before"
    row.number, row.hash, row.seal = new.number, new.hash, new.seal
    session.flush()


def chain(session: Session, company: int) -> Iterator[Entry]:
    """All entries, the first one first."""
    last = 0
    while True:
        query = (
            select(AuditEntryRow)
            .where(col(AuditEntryRow.company_id) == company, col(AuditEntryRow.number) > last)
            .order_by(col(AuditEntryRow.number))
            .limit(_AT_ONCE)
        )
        rows = session.scalars(query).all()
        if not rows:
            return
        for row in rows:
            yield _entry(row)
        last = rows[-1].number
        session.expunge_all()


def find(session: Session, company: int, wanted: Wanted, limit: int) -> list[Entry]:
    """The latest first."""
    query = (
        select(AuditEntryRow)
        .where(*_conditions(company, wanted))
        .order_by(col(AuditEntryRow.number).desc())
        .limit(limit)
    )
    return [_entry(found) for found in session.scalars(query)]


def count(session: Session, company: int, wanted: Wanted) -> int:
    query = select(func.count()).select_from(AuditEntryRow).where(*_conditions(company, wanted))
    return session.execute(query).scalar_one()


def _conditions(company: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    row = AuditEntryRow
    several = (
        (col(row.subject), wanted.subjects),
        (col(row.about), wanted.abouts),
        (col(row.customer_id), wanted.customers),
    )
    asked = [
        col(row.subject) == wanted.subject if wanted.subject else None,
        col(row.action) == wanted.action if wanted.action else None,
        col(row.about) == wanted.about if wanted.about else None,
        col(row.customer_id) == wanted.customer if wanted.customer is not None else None,
        col(row.at) >= wanted.since if wanted.since else None,
        col(row.at) < wanted.until if wanted.until else None,
        col(row.number) < wanted.before if wanted.before is not None else None,
        *(column.in_(any_of) for column, any_of in several if any_of is not None),
    ]
    return [col(row.company_id) == company, *(each for each in asked if each is not None)]


def _entry(row: AuditEntryRow) -> Entry:
    return Entry(
        number=row.number,
        at=row.at,
        subject=row.subject,
        action=row.action,
        about=row.about,
        customer=row.customer_id,
        facts=row.facts,
        before=row.before,
        hash=row.hash,
    )
