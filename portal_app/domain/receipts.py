"""What a receipt states and how it is numbered.

A company's receipts of a year are one series without a gap, money that went back included: what
was stated once is never deleted, it is stated again with the other sign.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from portal_app.domain.errors import UnbalancedEntry
from portal_app.domain.facts import facts_of
from portal_app.domain.ledger import Account, Line
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentItem, PaymentMethod


class ReceiptKind(StrEnum):
    """REFUND: money that went back, or was lost in a dispute."""

    RECEIPT = "receipt"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A document: what of the money was for it, and what of it is still owed after that.

    `charges` are the fine and interest within `paid`; `discount` was let off besides.
    """

    number: str
    paid: Money
    charges: Money
    discount: Money
    owed: Money


@dataclass(frozen=True, slots=True)
class Stated:
    """What an entry of the books says of the money: `total` is the lines' and `credit` together."""

    lines: tuple[ReceiptLine, ...]
    total: Money
    credit: Money
    owed: Money


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """All that the paper says, frozen when it was numbered.

    `total` is the money; what of it no document needed is `credit`. `answers` is the number of
    the receipt that a refund takes back, '' for a receipt. `accent` is the company's colour.
    """

    kind: ReceiptKind
    number: str
    issued_on: date
    paid_on: date
    method: PaymentMethod
    reference: str
    company: str
    company_tax_id: str
    company_address: str
    customer: str
    customer_tax_id: str
    lines: tuple[ReceiptLine, ...]
    total: Money
    credit: Money
    owed: Money
    answers: str = ""
    company_contact: str = ""
    accent: str = ""

    def as_facts(self) -> dict[str, Any]:
        return facts_of(self)

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> ReceiptFacts:
        known: dict[str, Any] = dict(facts)
        known["kind"] = ReceiptKind(facts["kind"])
        known["method"] = PaymentMethod(facts["method"])
        known["lines"] = tuple(_line(line) for line in facts["lines"])
        for name in ("issued_on", "paid_on"):
            known[name] = date.fromisoformat(facts[name])
        for name in ("total", "credit", "owed"):
            known[name] = Money(**facts[name])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that was issued. `payment` is the public id of the payment it states."""

    id: int
    public_id: str
    payment: str
    customer: int
    kind: ReceiptKind
    number: str
    total: Money
    paid_on: date
    facts: ReceiptFacts


@dataclass(frozen=True, slots=True)
class ReceiptName:
    """What a list of payments shows of a receipt."""

    public_id: str
    kind: ReceiptKind
    number: str
    total: Money


def stated(
    entry: Sequence[Line], items: Sequence[PaymentItem], balances: Mapping[int, Money]
) -> Stated:
    """What an entry that brought money, or took it back, says; in the order of `items`.

    Money that went back is stated without its minus. `balances`: what each document is owed
    right after the entry. UnbalancedEntry if the entry is of other documents than the payment.
    """
    total = _sum(entry, Account.CLEARING)
    # Seen from the documents: what came in took something off them.
    side = -1 if total.cents > 0 else 1
    moved = _by_document(entry, side)
    lines = tuple(
        _stated(item.number, moved[item.document], balances[item.document])
        for item in items
        if item.document in moved
    )
    credit = _sum(entry, Account.CUSTOMER_CREDIT)
    credit = credit if side > 0 else -credit
    known = Money.total((line.paid for line in lines), total.currency) + credit
    if known.cents != abs(total.cents):
        raise UnbalancedEntry(stated=known, total=total)
    owed = Money.total((line.owed for line in lines), total.currency)
    return Stated(lines, known, credit, owed)


def series_of(day: date) -> str:
    return str(day.year)


def number_of(series: str, number: int) -> str:
    """As it is printed.

    >>> number_of("2026", 12)
    'REC 2026/12'
    """
    return f"REC {series}/{number}"


def file_name(number: str) -> str:
    """Letters that every disk and header takes.

    >>> file_name("REC 2026/12")
    'REC-2026-12.pdf'
    """
    return f"{number.replace(' ', '-').replace('/', '-')}.pdf"


def _sum(entry: Sequence[Line], account: Account) -> Money:
    return Money.total(
        (line.amount for line in entry if line.account is account), entry[0].amount.currency
    )


def _by_document(entry: Sequence[Line], side: int) -> dict[int, dict[Account, Money]]:
    moved: dict[int, dict[Account, Money]] = defaultdict(dict)
    for line in entry:
        if line.document is not None:
            moved[line.document][line.account] = line.amount if side > 0 else -line.amount
    return moved


def _stated(number: str, moved: Mapping[Account, Money], owed: Money) -> ReceiptLine:
    """`moved` by one document's entry: off its balance, to the charges, as discount (negative)."""
    none = Money.zero(owed.currency)
    return ReceiptLine(
        number=number,
        paid=Money.total(moved.values(), owed.currency),
        charges=moved.get(Account.LATE_CHARGES, none),
        discount=-moved.get(Account.DISCOUNTS, none),
        owed=owed,
    )


def _line(facts: dict[str, Any]) -> ReceiptLine:
    amounts = (Money(**facts[name]) for name in ("paid", "charges", "discount", "owed"))
    return ReceiptLine(facts["number"], *amounts)
