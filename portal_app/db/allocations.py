"""How payments were shared out over documents. Append-only; undone by a reversal."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import AllocationRow, DocumentRow
from portal_app.domain.allocation import Allocation
from portal_app.domain.money import Money


def add(session: Session, company: int, payment: int, shares: Sequence[Allocation]) -> None:
    """Write the shares; a document whose fine was paid is never fined again."""
    session.add_all(
        AllocationRow(
            company_id=company,
            payment_id=payment,
            document_id=share.document,
            currency=share.principal.currency,
            principal_cents=share.principal.cents,
            fine_cents=share.fine.cents,
            interest_cents=share.interest.cents,
            discount_cents=share.discount.cents,
        )
        for share in shares
    )
    session.flush()
    _set_fined(session, company, [s.document for s in shares if s.fine], fined=True)


def standing(session: Session, company: int, payments: Sequence[int]) -> list[Allocation]:
    """Shares of these payments that were not undone, in the order they were paid."""
    query = (
        select(AllocationRow)
        .where(
            col(AllocationRow.company_id) == company,
            col(AllocationRow.payment_id).in_(payments),
            col(AllocationRow.reversed_by).is_(None),
        )
        .order_by(col(AllocationRow.id))
    )
    return [_allocation(row) for row in session.scalars(query)]


def undo(session: Session, company: int, payment: int, entry: int) -> list[int]:
    """The payment's shares stand no more, because of a journal entry. The documents they were of.

    A document may be fined again unless another payment brought its fine.
    """
    rows = _undone(session, company, payment, entry)
    _allow_fines(session, company, rows)
    return [row.document_id for row in rows]


def reduce(
    session: Session, company: int, payment: int, taken: Sequence[Allocation], entry: int
) -> None:
    """A journal entry took these parts off the payment's shares; what is left of each stands."""
    before = standing(session, company, [payment])
    rows = _undone(session, company, payment, entry)
    by_document = {part.document: part for part in taken}
    left = [share.less(by_document.get(share.document)) for share in before]
    add(session, company, payment, [share for share in left if share.total or share.discount])
    _allow_fines(session, company, rows)


def _undone(session: Session, company: int, payment: int, entry: int) -> Sequence[AllocationRow]:
    rows = session.scalars(
        select(AllocationRow)
        .where(
            col(AllocationRow.company_id) == company,
            col(AllocationRow.payment_id) == payment,
            col(AllocationRow.reversed_by).is_(None),
        )
        .order_by(col(AllocationRow.id))
        .with_for_update()
    ).all()
    for row in rows:
        row.reversed_by = entry
    session.flush()
    return rows


def _allow_fines(session: Session, company: int, undone: Sequence[AllocationRow]) -> None:
    """Documents whose fine is paid by no share any more may be fined again."""
    fined = {row.document_id for row in undone if row.fine_cents}
    still = session.scalars(
        select(col(AllocationRow.document_id)).where(
            col(AllocationRow.company_id) == company,
            col(AllocationRow.document_id).in_(fined),
            col(AllocationRow.fine_cents) > 0,
            col(AllocationRow.reversed_by).is_(None),
        )
    )
    _set_fined(session, company, sorted(fined.difference(still)), fined=False)


def _set_fined(session: Session, company: int, documents: Sequence[int], *, fined: bool) -> None:
    if documents:
        session.execute(
            update(DocumentRow)
            .where(col(DocumentRow.company_id) == company, col(DocumentRow.id).in_(documents))
            .values(fine_paid=fined)
        )


def _allocation(row: AllocationRow) -> Allocation:
    amounts = (row.principal_cents, row.fine_cents, row.interest_cents, row.discount_cents)
    return Allocation(row.document_id, *(Money(cents, row.currency) for cents in amounts))
