"""Money of payments that went back: refunds and disputes, each known by its provider's name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import DisputeRow, RefundRow
from portal_app.domain.checkout import Dispute, DisputeStatus, Refund, RefundStatus
from portal_app.domain.money import Money


def refunds(session: Session, company: int, payment: int) -> dict[str, tuple[int, Refund]]:
    """Id and refund by the provider's name."""
    query = select(RefundRow).where(
        col(RefundRow.company_id) == company, col(RefundRow.payment_id) == payment
    )
    return {
        row.ref: (
            row.id,
            Refund(row.ref, Money(row.amount_cents, row.currency), RefundStatus(row.status)),
        )
        for row in session.scalars(query)
    }


def put_refund(
    session: Session, company: int, payment: int, provider: str, refund: Refund, now: datetime
) -> int:
    """Write a refund down, or what became of one; its id."""
    row = session.scalars(
        select(RefundRow).where(
            col(RefundRow.company_id) == company,
            col(RefundRow.provider) == provider,
            col(RefundRow.ref) == refund.ref,
        )
    ).one_or_none()
    if row is None:
        row = RefundRow(
            company_id=company,
            payment_id=payment,
            provider=provider,
            ref=refund.ref,
            status=refund.status.value,
            currency=refund.amount.currency,
            amount_cents=refund.amount.cents,
            created_at=now,
        )
        session.add(row)
    row.status = refund.status.value
    session.flush()
    return row.id


def disputes(session: Session, company: int, payment: int) -> dict[str, tuple[int, Dispute]]:
    """Id and dispute by the provider's name."""
    query = select(DisputeRow).where(
        col(DisputeRow.company_id) == company, col(DisputeRow.payment_id) == payment
    )
    return {row.ref: (row.id, _dispute(row)) for row in session.scalars(query)}


def put_dispute(
    session: Session, company: int, payment: int, provider: str, dispute: Dispute, now: datetime
) -> int:
    """Write a dispute down, or how it was decided; its id."""
    row = session.scalars(
        select(DisputeRow).where(
            col(DisputeRow.company_id) == company,
            col(DisputeRow.provider) == provider,
            col(DisputeRow.ref) == dispute.ref,
        )
    ).one_or_none()
    if row is None:
        row = DisputeRow(
            company_id=company,
            payment_id=payment,
            provider=provider,
            ref=dispute.ref,
            status=dispute.status.value,
            reason=dispute.reason,
            currency=dispute.amount.currency,
            amount_cents=dispute.amount.cents,
            created_at=now,
        )
        session.add(row)
    row.status = dispute.status.value
    session.flush()
    return row.id


def gone(session: Session, company: int, payment: int, currency: str) -> tuple[Money, bool]:
    """How much of a payment went back or was lost, and whether some of it is disputed now."""
    sums = [
        int(
            session.execute(
                select(func.coalesce(func.sum(col(row.amount_cents)), 0)).where(
                    col(row.company_id) == company,
                    col(row.payment_id) == payment,
                    col(row.status) == status.value,
                )
            ).scalar_one()
        )
        for row, status in (
            (RefundRow, RefundStatus.DONE),
            (DisputeRow, DisputeStatus.LOST),
            (DisputeRow, DisputeStatus.OPEN),
        )
    ]
    return Money(sums[0] + sums[1], currency), sums[2] > 0


@dataclass(frozen=True, slots=True)
class Sums:
    """Cents of a payment: that went back or were lost, and whose refund the provider has begun."""

    gone: int = 0
    begun: int = 0


def sums(session: Session, company: int, payments: Sequence[int]) -> dict[int, Sums]:
    """By payment; one of which nothing went back is left out."""
    gone, begun = Counter[int](), Counter[int]()
    for row, status, counted in (
        (RefundRow, RefundStatus.DONE, gone),
        (DisputeRow, DisputeStatus.LOST, gone),
        (RefundRow, RefundStatus.PENDING, begun),
    ):
        query = (
            select(col(row.payment_id), func.sum(col(row.amount_cents)))
            .where(
                col(row.company_id) == company,
                col(row.payment_id).in_(payments),
                col(row.status) == status.value,
            )
            .group_by(col(row.payment_id))
        )
        for payment, cents in session.execute(query):
            counted[payment] += int(cents)
    return {id_: Sums(gone[id_], begun[id_]) for id_ in gone.keys() | begun.keys()}


def _dispute(row: DisputeRow) -> Dispute:
    amount = Money(row.amount_cents, row.currency)
    return Dispute(row.ref, amount, DisputeStatus(row.status), row.reason)
