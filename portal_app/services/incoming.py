"""Money on its way into the books: what it may pay, its shares, its journal entry.

Whoever brings it, a bank or a payment provider, what fits nowhere is the customer's credit.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal_app.db import allocations, documents, ledger, payments
from portal_app.db.documents import Scope
from portal_app.db.engine import Session
from portal_app.db.payments import Received
from portal_app.domain import ledger as entries
from portal_app.domain.allocation import Allocation
from portal_app.domain.companies import Company
from portal_app.domain.documents import Document
from portal_app.domain.facts import facts_of
from portal_app.domain.money import Money
from portal_app.domain.payments import Payment, PaymentItem, PaymentMethod
from portal_app.domain.settlement import Claim, Settlement
from portal_app.gateways import clock


@dataclass(frozen=True, slots=True)
class Incoming:
    """Money that came in and how it was shared out. `provider` is whom it came through."""

    customer: int
    method: PaymentMethod
    amount: Money
    on: date
    settled: Settlement
    provider: str


def claims_of(
    session: Session, company: Company, payment: Payment, earlier: Sequence[int] = ()
) -> list[Claim]:
    """The documents as the payment froze them, with what of each its money may still pay.

    Locks them. What the payments `earlier` brought for it is asked for no more.
    """
    ids = [item.document for item in payment.items]
    found = documents.owned(session, company.id, Scope(payment.customer), ids, lock=True)
    by_id = {document.id: document for document in found}
    paid = allocations.standing(session, company.id, earlier) if earlier else []
    claims: list[Claim] = []
    for item in payment.items:
        own = [share for share in paid if share.document == item.document]
        claims.append(_claim(item, by_id[item.document], payment, own).less(own))
    return claims


def receive(session: Session, company: Company, money: Incoming) -> int:
    """A payment of its own, for money beside the one that was asked for."""
    new = Received(
        customer=money.customer,
        public_id=secrets.token_urlsafe(16),
        method=money.method,
        amount=money.amount,
        paid_on=money.on,
        items=money.settled.allocations,
        created_at=clock.now(),
    )
    return payments.add_received(session, company.id, new)


def post(session: Session, company: Company, payment: int, money: Incoming) -> None:
    """Shares and journal of a payment's money."""
    shares = money.settled.allocations
    allocations.add(session, company.id, payment, shares)
    entry = entries.payment(
        payment, money.customer, shares, money.settled.credit, money.on, money.provider
    )
    ledger.post(session, company.id, entry, clock.now())


def amounts(money: Incoming) -> dict[str, Any]:
    """What staff must know of it: what came, what is missing or left, nothing of no amount."""
    told = {
        "paid": money.amount,
        "missing": money.settled.missing,
        "credit": money.settled.credit,
    }
    return {name: facts_of(amount) for name, amount in told.items() if amount}


def _claim(
    item: PaymentItem, document: Document, payment: Payment, own: Sequence[Allocation]
) -> Claim:
    taken = document.attempt is not None and document.attempt.payment != payment.public_id
    return Claim(
        document=document.id,
        due=document.due,
        principal=item.principal,
        fine=item.fine,
        interest=item.interest,
        open=Money.zero(item.principal.currency) if taken else document.balance,
        # A part of the fine that this payment's own money paid leaves the rest of it owed.
        fined=document.fine_paid and not any(share.fine for share in own),
    )
