"""What a receipt states and how it is numbered.

A company's receipts of a year are one series without a gap, money that went back included: what
was stated once is never deleted, it is stated again with the other sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from portal_app.domain.facts import facts_of
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod


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
class ReceiptFacts:
    """All that the paper says, frozen when it was numbered.

    `total` is the money; what of it no document needed is `credit`. `answers` is the number of
    the receipt that a refund takes back, '' for a receipt.
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


def series_of(day: date) -> str:
    return str(day.year)


def number_of(series: str, number: int) -> str:
    """As it is printed.

    >>> number_of("2026", 12)
    'REC 2026/12'
    """
    return f"REC {series}/{number}"


def _line(facts: dict[str, Any]) -> ReceiptLine:
    amounts = (Money(**facts[name]) for name in ("paid", "charges", "discount", "owed"))
    return ReceiptLine(facts["number"], *amounts)
