"""Journal entries that sum to zero; a balance is the sum of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from portal_app.domain.allocation import Allocation, Returned
from portal_app.domain.errors import UnbalancedEntry
from portal_app.domain.money import Money


class Account(StrEnum):
    """RECEIVABLE and CREDIT_NOTE are kept per document, the others per customer.

    CLEARING is what customers paid and got back, by whom it went through; PROVIDER what that one
    took of it or holds back: its fees, and what is disputed. Both together are our money there.
    """

    RECEIVABLE = "receivable"
    CREDIT_NOTE = "credit_note"
    REVENUE = "revenue"
    CLEARING = "clearing"
    LATE_CHARGES = "late_charges"
    CUSTOMER_CREDIT = "customer_credit"
    DISCOUNTS = "discounts"
    PROVIDER = "provider"
    FEES = "fees"
    DISPUTES = "disputes"


class EntryKind(StrEnum):
    ISSUE = "issue"
    PAYMENT = "payment"
    REVERSAL = "reversal"
    CANCELLATION = "cancellation"
    FEE = "fee"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    DISPUTE = "dispute"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"


@dataclass(frozen=True, slots=True)
class Line:
    """A debit (positive) or credit (negative) of one account.

    `provider` names whose account CLEARING and PROVIDER are: a payment provider, a bank's code.
    """

    account: Account
    amount: Money
    document: int | None = None
    provider: str = ""


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
    payment_id: int,
    customer: int,
    allocations: Sequence[Allocation],
    credit: Money,
    day: date,
    provider: str = "",
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
    lines += [
        Line(Account.CUSTOMER_CREDIT, -credit),
        Line(Account.CLEARING, received, provider=provider),
    ]
    return Entry(EntryKind.PAYMENT, customer, day, ("payment", payment_id), _some(lines))


def reversal(payment_id: int, customer: int, undone: Sequence[Line], day: date) -> Entry:
    """Money that came in is gone again: every line of the payment's entry, the other way round."""
    lines = tuple(replace(line, amount=-line.amount) for line in undone)
    return Entry(EntryKind.REVERSAL, customer, day, ("payment", payment_id), lines)


@dataclass(frozen=True, slots=True)
class Matter:
    """What an entry about a payment's money is about: its cause, whose it is, when, at whom."""

    source: tuple[str, int]
    customer: int
    day: date
    provider: str


def fee(matter: Matter, amount: Money) -> Entry:
    """The provider keeps a part for itself."""
    lines = (Line(Account.FEES, amount), Line(Account.PROVIDER, -amount, provider=matter.provider))
    return _entry(EntryKind.FEE, matter, lines)


def refund(matter: Matter, returned: Returned) -> Entry:
    """Money went back to the customer: what it had paid is owed again."""
    lines = [
        *_owed_again(returned),
        Line(Account.CLEARING, -returned.total, provider=matter.provider),
    ]
    return _entry(EntryKind.REFUND, matter, _some(lines))


def refund_failed(matter: Matter, amount: Money) -> Entry:
    """What had gone back came again: the customer's credit, as his documents may be paid by now."""
    lines = (
        Line(Account.CLEARING, amount, provider=matter.provider),
        Line(Account.CUSTOMER_CREDIT, -amount),
    )
    return _entry(EntryKind.REFUND_FAILED, matter, lines)


def dispute(matter: Matter, amount: Money) -> Entry:
    """The provider holds the money back; the documents stay paid until it is decided."""
    lines = (
        Line(Account.DISPUTES, amount),
        Line(Account.PROVIDER, -amount, provider=matter.provider),
    )
    return _entry(EntryKind.DISPUTE, matter, lines)


def dispute_won(matter: Matter, amount: Money) -> Entry:
    """It is ours for good."""
    lines = (
        Line(Account.PROVIDER, amount, provider=matter.provider),
        Line(Account.DISPUTES, -amount),
    )
    return _entry(EntryKind.DISPUTE_WON, matter, lines)


def dispute_lost(matter: Matter, returned: Returned, held: Money) -> Entry:
    """The money is gone: what it had paid is owed again. `held` of it was held back until now."""
    lines = [
        *_owed_again(returned),
        Line(Account.CLEARING, -returned.total, provider=matter.provider),
        Line(Account.PROVIDER, held, provider=matter.provider),
        Line(Account.DISPUTES, -held),
    ]
    return _entry(EntryKind.DISPUTE_LOST, matter, _some(lines))


def _owed_again(returned: Returned) -> Iterator[Line]:
    for share in returned.shares:
        yield Line(Account.RECEIVABLE, share.principal, share.document)
        yield Line(Account.LATE_CHARGES, share.fine + share.interest, share.document)
    yield Line(Account.CUSTOMER_CREDIT, returned.credit)


def _entry(kind: EntryKind, matter: Matter, lines: Sequence[Line]) -> Entry:
    return Entry(kind, matter.customer, matter.day, matter.source, tuple(lines))


def _some(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.amount)
