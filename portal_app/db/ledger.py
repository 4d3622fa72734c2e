"""The one function that changes a balance, with the entry that says why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, case, func, insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import (
    DisputeRow,
    DocumentRow,
    JournalEntryRow,
    JournalLineRow,
    RefundRow,
)
from portal_app.domain.ledger import Account, Entry, EntryKind, Line, ensure_balanced
from portal_app.domain.money import Money

_OF_DOCUMENTS = (Account.RECEIVABLE, Account.CREDIT_NOTE)


@dataclass(frozen=True, slots=True)
class WrongRow:
    """The first thing found wrong: what it is, its id, the value it has and should have."""

    kind: str
    id: int
    found: int
    expected: int


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry in the books."""

    id: int
    value_date: date
    lines: tuple[Line, ...]


def post(session: Session, company: int, entry: Entry, now: datetime) -> int:
    """Write the entry and move the balances of the documents it names. Returns its id.

    Refuses an unbalanced entry; a second entry of the same kind and source breaks
    the table's uniqueness. The document must be locked or new in this transaction.
    """
    return post_many(session, company, [entry], now)[0]


def post_many(session: Session, company: int, entries: Sequence[Entry], now: datetime) -> list[int]:
    """`post` for many at once, in few statements. Returns the ids in the order of the entries."""
    for entry in entries:
        ensure_balanced(entry)
    if not entries:
        return []
    session.flush()
    ids = list(
        session.scalars(
            insert(JournalEntryRow).returning(
                col(JournalEntryRow.id), sort_by_parameter_order=True
            ),
            [
                {
                    "company_id": company,
                    "customer_id": entry.customer,
                    "kind": entry.kind.value,
                    "source_type": entry.source[0],
                    "source_id": entry.source[1],
                    "value_date": entry.value_date,
                    "created_at": now,
                }
                for entry in entries
            ],
        )
    )
    session.execute(
        insert(JournalLineRow),
        [
            {
                "company_id": company,
                "entry_id": id_,
                "customer_id": entry.customer,
                "value_date": entry.value_date,
                "account": line.account.value,
                "document_id": line.document,
                "currency": line.amount.currency,
                "amount_cents": line.amount.cents,
                "provider": line.provider,
            }
            for id_, entry in zip(ids, entries, strict=True)
            for line in entry.lines
        ],
    )
    _move_balances(session, company, entries)
    return ids


def _move_balances(session: Session, company: int, entries: Sequence[Entry]) -> None:
    moves = [
        {
            "of_company": company,
            "of_document": line.document,
            "change": -line.amount.cents
            if line.account is Account.CREDIT_NOTE
            else line.amount.cents,
        }
        for entry in entries
        for line in entry.lines
        if line.account in _OF_DOCUMENTS and line.document is not None
    ]
    if not moves:
        return
    # On the connection: the session's own bulk update takes values, not sums.
    session.connection().execute(
        update(DocumentRow)
        .where(
            col(DocumentRow.company_id) == bindparam("of_company"),
            col(DocumentRow.id) == bindparam("of_document"),
        )
        .values(balance_cents=col(DocumentRow.balance_cents) + bindparam("change")),
        moves,
    )
    moved = {move["of_document"] for move in moves}
    for row in session.identity_map.values():
        if isinstance(row, DocumentRow) and row.id in moved:
            session.expire(row, ["balance_cents"])


def lines_of(
    session: Session, company: int, kind: EntryKind, source: tuple[str, int]
) -> list[Line]:
    """The lines of an entry, empty if there is none."""
    query = (
        select(
            col(JournalLineRow.account),
            col(JournalLineRow.amount_cents),
            col(JournalLineRow.currency),
            col(JournalLineRow.document_id),
            col(JournalLineRow.provider),
        )
        .join(JournalEntryRow, col(JournalEntryRow.id) == col(JournalLineRow.entry_id))
        .where(
            col(JournalEntryRow.company_id) == company,
            col(JournalEntryRow.kind) == kind.value,
            col(JournalEntryRow.source_type) == source[0],
            col(JournalEntryRow.source_id) == source[1],
        )
        .order_by(col(JournalLineRow.id))
    )
    return [
        Line(Account(account), Money(cents, currency), document, provider)
        for account, cents, currency, document, provider in session.execute(query)
    ]


def posted(
    session: Session, company: int, kind: EntryKind, source: tuple[str, int]
) -> Posted | None:
    query = select(col(JournalEntryRow.id), col(JournalEntryRow.value_date)).where(
        col(JournalEntryRow.company_id) == company,
        col(JournalEntryRow.kind) == kind.value,
        col(JournalEntryRow.source_type) == source[0],
        col(JournalEntryRow.source_id) == source[1],
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    id_, day = found
    return Posted(id_, day, tuple(lines_of(session, company, kind, source)))


def balances_after(
    session: Session, company: int, documents: Collection[int], entry: int
) -> dict[int, Money]:
    """What was owed of each document right after an entry.

    Whoever posts one locks its documents first, so that a document's entries are in the order
    of their ids.
    """
    query = (
        select(
            col(JournalLineRow.document_id),
            col(JournalLineRow.currency),
            func.sum(col(JournalLineRow.amount_cents)),
        )
        .where(
            col(JournalLineRow.company_id) == company,
            col(JournalLineRow.document_id).in_(documents),
            col(JournalLineRow.account) == Account.RECEIVABLE.value,
            col(JournalLineRow.entry_id) <= entry,
        )
        .group_by(col(JournalLineRow.document_id), col(JournalLineRow.currency))
    )
    return {
        document: Money(int(cents), currency)
        for document, currency, cents in session.execute(query)
        if document is not None
    }


def credit_of(session: Session, company: int, payment: int, currency: str) -> Money:
    """What of a payment's money is the customer's credit still, less what went back of it."""
    refunds, disputes = (
        select(col(row.id)).where(col(row.payment_id) == payment) for row in (RefundRow, DisputeRow)
    )
    source, source_id = col(JournalEntryRow.source_type), col(JournalEntryRow.source_id)
    query = (
        select(func.coalesce(func.sum(col(JournalLineRow.amount_cents)), 0))
        .join(JournalEntryRow, col(JournalEntryRow.id) == col(JournalLineRow.entry_id))
        .where(
            col(JournalEntryRow.company_id) == company,
            col(JournalLineRow.account) == Account.CUSTOMER_CREDIT.value,
            col(JournalLineRow.currency) == currency,
            ((source == "payment") & (source_id == payment))
            | ((source == "refund") & source_id.in_(refunds))
            | ((source == "dispute") & source_id.in_(disputes)),
        )
    )
    return Money(max(0, -int(session.execute(query).scalar_one())), currency)


def count(session: Session, company: int) -> tuple[int, int]:
    """Documents and journal entries of a company."""
    documents = select(func.count()).where(col(DocumentRow.company_id) == company)
    entries = select(func.count()).where(col(JournalEntryRow.company_id) == company)
    return session.execute(documents).scalar_one(), session.execute(entries).scalar_one()


def first_wrong(session: Session, company: int) -> WrongRow | None:
    """The first entry that does not sum to zero, else the first balance that is not its lines' sum."""
    entry = session.execute(
        select(col(JournalLineRow.entry_id), func.sum(col(JournalLineRow.amount_cents)))
        .where(col(JournalLineRow.company_id) == company)
        .group_by(col(JournalLineRow.entry_id), col(JournalLineRow.currency))
        .having(func.sum(col(JournalLineRow.amount_cents)) != 0)
        .order_by(col(JournalLineRow.entry_id))
        .limit(1)
    ).one_or_none()
    if entry is not None:
        return WrongRow("journal_entry", entry[0], int(entry[1]), 0)
    signed = case(
        (
            col(JournalLineRow.account) == Account.CREDIT_NOTE.value,
            -col(JournalLineRow.amount_cents),
        ),
        (col(JournalLineRow.account) == Account.RECEIVABLE.value, col(JournalLineRow.amount_cents)),
        else_=0,
    )
    total = func.coalesce(func.sum(signed), 0)
    wrong = session.execute(
        select(col(DocumentRow.id), col(DocumentRow.balance_cents), total)
        .outerjoin(JournalLineRow, col(JournalLineRow.document_id) == col(DocumentRow.id))
        .where(col(DocumentRow.company_id) == company)
        .group_by(col(DocumentRow.id), col(DocumentRow.balance_cents))
        .having(col(DocumentRow.balance_cents) != total)
        .order_by(col(DocumentRow.id))
        .limit(1)
    ).one_or_none()
    return WrongRow("document", wrong[0], wrong[1], int(wrong[2])) if wrong else None
