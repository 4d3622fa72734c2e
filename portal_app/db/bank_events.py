"""What banks reported of titles: each fact once, whichever way and however often it came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import BankEventRow
from portal_app.domain.boleto.events import BankEvent, EventKind, Source
from portal_app.domain.money import Money
from portal_app.domain.settlement import Outcome

_INSERT: Final = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
# Boletos are in reais.
CURRENCY: Final = "BRL"
_TRIED_AGAIN: Final = frozenset({Outcome.FAILED, Outcome.UNKNOWN})
# IN lists longer than this are asked in parts: both databases limit parameters.
_MOST_KEYS = 500


@dataclass(frozen=True, slots=True)
class Reported:
    """An event as stored, with the way it came. The event's own key is not kept in it."""

    id: int
    account: int
    source: Source
    event: BankEvent


@dataclass(frozen=True, slots=True)
class Came:
    """The way some events came. `file` where it was one."""

    account: int
    source: Source
    at: datetime
    file: int | None = None


def put(session: Session, company: int, came: Came, events: Sequence[BankEvent]) -> int:
    """Keep those not reported before; how many were new. What a repeated one knows more is filled in."""
    told = {event.key: event for event in events}
    new = _add(session, company, came, list(told.values()))
    known = _known(session, company, came.account, [key for key in told if key not in new])
    for event in events:
        if event.key in known:
            _fill(session, company, known[event.key], event, came.source)
    return len(new)


def accounts_with_unhandled(session: Session, company: int) -> list[int]:
    """Accounts of which something was reported that nothing was done about yet."""
    query = (
        select(col(BankEventRow.bank_account_id))
        .where(col(BankEventRow.company_id) == company, col(BankEventRow.handled_at).is_(None))
        .distinct()
    )
    return sorted(session.scalars(query))


def unhandled(
    session: Session, company: int, account: int, limit: int, bank: str
) -> list[Reported]:
    """The oldest that nothing was done about yet, locked until the transaction ends."""
    query = (
        select(BankEventRow)
        .where(
            col(BankEventRow.company_id) == company,
            col(BankEventRow.bank_account_id) == account,
            col(BankEventRow.handled_at).is_(None),
        )
        .order_by(col(BankEventRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_reported(row, bank) for row in session.scalars(query)]


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of an event, and what it was about."""

    outcome: Outcome
    boleto: int | None = None
    document: int | None = None
    payment: int | None = None


def mark(session: Session, company: int, event: int, handled: Handled, now: datetime) -> None:
    session.execute(
        update(BankEventRow)
        .where(col(BankEventRow.company_id) == company, col(BankEventRow.id) == event)
        .values(
            handled_at=now,
            outcome=handled.outcome.value,
            boleto_id=handled.boleto,
            document_id=handled.document,
            payment_id=handled.payment,
        )
    )


@dataclass(frozen=True, slots=True)
class PaidBefore:
    """Money that was reported of a boleto and dealt with. `also_by`: other ways that told of it."""

    source: Source
    also_by: frozenset[Source]
    paid: Money
    outcome: Outcome
    payment: int | None


def paid_before(session: Session, company: int, boleto: int) -> list[PaidBefore]:
    """Payments reported of a boleto and handled, oldest first."""
    return _paid(session, company, col(BankEventRow.boleto_id) == boleto)


def paid_for(session: Session, company: int, document: int) -> list[PaidBefore]:
    """The same of a title some other program made."""
    return _paid(session, company, col(BankEventRow.document_id) == document)


def _paid(session: Session, company: int, about: ColumnElement[bool]) -> list[PaidBefore]:
    query = (
        select(
            col(BankEventRow.source),
            col(BankEventRow.also_by),
            col(BankEventRow.paid_cents),
            col(BankEventRow.outcome),
            col(BankEventRow.payment_id),
        )
        .where(
            col(BankEventRow.company_id) == company,
            about,
            col(BankEventRow.kind) == EventKind.PAID.value,
            col(BankEventRow.handled_at).is_not(None),
        )
        .order_by(col(BankEventRow.id))
    )
    return [
        PaidBefore(
            Source(source),
            frozenset(map(Source, also_by.split())),
            Money(cents, CURRENCY),
            Outcome(outcome),
            payment,
        )
        for source, also_by, cents, outcome, payment in session.execute(query)
    ]


def _add(session: Session, company: int, came: Came, events: Sequence[BankEvent]) -> frozenset[str]:
    """The keys of those that were not there; one another way is just telling of is waited for."""
    if not events:
        return frozenset()
    statement = (
        _INSERT[session.get_bind().dialect.name](BankEventRow)
        .on_conflict_do_nothing(index_elements=["bank_account_id", "key"])
        .returning(col(BankEventRow.key))
    )
    rows = [_values(company, came, event) for event in events]
    return frozenset(session.scalars(statement, rows))


def _known(
    session: Session, company: int, account: int, keys: Sequence[str]
) -> dict[str, BankEventRow]:
    found: dict[str, BankEventRow] = {}
    for start in range(0, len(keys), _MOST_KEYS):
        query = select(BankEventRow).where(
            col(BankEventRow.company_id) == company,
            col(BankEventRow.bank_account_id) == account,
            col(BankEventRow.key).in_(keys[start : start + _MOST_KEYS]),
        )
        found |= {row.key: row for row in session.scalars(query)}
    return found


def _fill(
    session: Session, company: int, row: BankEventRow, event: BankEvent, source: Source
) -> None:
    """Credit date, fee and net amount often come only with the file.

    What failed, and what was told of a title that was not known yet, is tried again.
    """
    again: dict[str, Any] = (
        {"outcome": "", "handled_at": None} if row.outcome in _TRIED_AGAIN else {}
    )
    also = {*row.also_by.split(), *({source.value} - {row.source})}
    more: dict[str, Any] = {
        "also_by": " ".join(sorted(also)),
        "credited_on": row.credited_on or event.credited_on,
        "fee_cents": row.fee_cents or event.fee.cents,
        "net_cents": row.net_cents or event.net.cents,
        "reasons": row.reasons or list(event.reasons),
    }
    session.execute(
        update(BankEventRow)
        .where(col(BankEventRow.company_id) == company, col(BankEventRow.id) == row.id)
        .values(**more, **again)
    )


def _values(company: int, came: Came, event: BankEvent) -> dict[str, object]:
    return {
        "company_id": company,
        "bank_account_id": came.account,
        "key": event.key,
        "source": came.source.value,
        "file_id": came.file,
        "line": event.line,
        "kind": event.kind.value,
        "movement": event.movement,
        "nosso_numero": event.nosso_numero,
        "seu_numero": event.seu_numero,
        "bank_ref": event.bank_ref,
        "occurred_on": event.occurred_on,
        "credited_on": event.credited_on,
        "due_date": event.due,
        "face_cents": event.face.cents,
        "paid_cents": event.paid.cents,
        "net_cents": event.net.cents,
        "fee_cents": event.fee.cents,
        "charges_cents": event.charges.cents,
        "discount_cents": event.discount.cents,
        "reasons": list(event.reasons),
        "raw": event.raw,
        "also_by": "",
        "received_at": came.at,
        "outcome": "",
    }


def _reported(row: BankEventRow, bank: str) -> Reported:
    event = BankEvent(
        kind=EventKind(row.kind),
        bank=bank,
        agreement="",
        nosso_numero=row.nosso_numero,
        movement=row.movement,
        seu_numero=row.seu_numero,
        bank_ref=row.bank_ref,
        occurred_on=row.occurred_on,
        credited_on=row.credited_on,
        due=row.due_date,
        face=Money(row.face_cents, CURRENCY),
        paid=Money(row.paid_cents, CURRENCY),
        net=Money(row.net_cents, CURRENCY),
        fee=Money(row.fee_cents, CURRENCY),
        charges=Money(row.charges_cents, CURRENCY),
        discount=Money(row.discount_cents, CURRENCY),
        reasons=tuple(row.reasons),
        line=row.line,
        raw=row.raw,
    )
    return Reported(row.id, row.bank_account_id, Source(row.source), event)
