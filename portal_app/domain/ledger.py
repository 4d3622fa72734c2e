"""Journal entries that sum to zero; a balance is the sum of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal_app.domain.allocation import Allocation
from portal_app.domain.errors import UnbalancedEntry
from portal_app.domain.money import Money


class Account(StrEnum):
    """RECEIVABLE and CREDIT_NOTE are kept per document, the others per customer."""

    RECEIVABLE = "receivable"
    CREDIT_NOTE = "credit_note"
    REVENUE = "revenue"
    CLEARING = "clearing"
    LATE_CHARGES = "late_charges"
    CUSTOMER_CREDIT = "customer_credit"
    DISCOUNTS = "discounts"


class EntryKind(StrEnum):
    ISSUE = "issue"
    PAYMENT = "payment"
    REVERSAL = "reversal"
    CANCELLATION = "cancellation"


@dataclass(frozen=True, slots=True)
class Line:
    """A debit (positive) or credit (negative) of one account."""

    account: Account
    amount: Money
    document: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of money. `source` names what caused it, e.g. ('payment', 12)."""

    kind: EntryKind
    customer: int
    value_date: date
    source: tuple[str, int]
    lines: tuple[Line, ...]


def ensure_balanced(entry: Entry) -> None:
    """Raise UnbalancedEntry unless the lines of each currency sum to zero."""
    sums: dict[str, int] = {}
    for line in entry.lines:
        sums[line.amount.currency] = sums.get(line.amount.currency, 0) + line.amount.cents
    if not entry.lines or any(sums.values()):
        raise UnbalancedEntry(source=entry.source, sums=sums)


def issue(document: int, customer: int, total: Money, day: date, *, credit: bool) -> Entry:
    """A document comes into being: the customer owes it, or (a credit note) is owed it."""
    account = Account.CREDIT_NOTE if credit else Account.RECEIVABLE
    signed = -total if credit else total
    lines = (Line(account, signed, document), Line(Account.REVENUE, -signed))
    return Entry(EntryKind.ISSUE, customer, day, ("document", document), lines)


def payment(
    payment_id: int, customer: int, allocations: Sequence[Allocation], credit: Money, day: date
) -> Entry:
    """Money came in: it pays documents and charges, the rest is the customer's credit.

    A discount takes its part off a document and is a cost of its own.
    """
    received = credit
    lines: list[Line] = []
    for share in allocations:
        received += share.total
        lines += [
            Line(Account.RECEIVABLE, -(share.principal + share.discount), share.document),
            Line(Account.DISCOUNTS, share.discount, share.document),
            Line(Account.LATE_CHARGES, -(share.fine + share.interest), share.document),
        ]
    lines += [Line(Account.CUSTOMER_CREDIT, -credit), Line(Account.CLEARING, received)]
    kept = tuple(line for line in lines if line.amount)
    return Entry(EntryKind.PAYMENT, customer, day, ("payment", payment_id), kept)


def reversal(payment_id: int, customer: int, undone: Sequence[Line], day: date) -> Entry:
    """Money that came in is gone again: every line of the payment's entry, the other way round."""
    lines = tuple(Line(line.account, -line.amount, line.document) for line in undone)
    return Entry(EntryKind.REVERSAL, customer, day, ("payment", payment_id), lines)
