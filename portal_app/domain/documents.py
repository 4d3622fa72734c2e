"""Documents: types, what may be paid, when one is late, why a row cannot be ticked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from portal_app.domain.errors import InAttempt, InvalidPeriod, NotPayable
from portal_app.domain.money import Money


class DocumentType(StrEnum):
    """The letters of SAF-T PT; TIT is ours.

    FT fatura, FS fatura simplificada, FC fatura de consignação, ND nota de débito,
    TIT título, NC nota de crédito, RC recibo.
    """

    FT = "FT"
    FS = "FS"
    FC = "FC"
    ND = "ND"
    TIT = "TIT"
    NC = "NC"
    RC = "RC"


PAYABLE_TYPES: Final = frozenset(
    {DocumentType.FT, DocumentType.FS, DocumentType.FC, DocumentType.ND, DocumentType.TIT}
)


class BillingMode(StrEnum):
    """How a contract is collected. All but BOLETO take the money without the customer's doing."""

    BOLETO = "boleto"
    DIRECT_DEBIT = "direct_debit"
    CARD_DEBIT = "card_debit"
    PHONE_DEBIT = "phone_debit"


class Block(StrEnum):
    """Why a row is shown and cannot be ticked, in the order the reasons are looked at."""

    TYPE = "type"
    CANCELLED = "cancelled"
    PAID = "paid"
    IN_REGISTRATION = "in_registration"
    IN_PAYMENT = "in_payment"
    AUTOMATIC_DEBIT = "automatic_debit"
    REGISTERED_ELSEWHERE = "registered_elsewhere"
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class Attempt:
    """The live payment a document stands in."""

    payment: str
    method: str
    bank: str | None = None
    boleto_state: str | None = None
    available_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A billing document. `balance` is what is still owed, before lateness.

    `number` is as printed, e.g. 'FT 2026/1841'. `carteira` is the contract's,
    else the company's default, None where neither has one.
    """

    id: int
    public_id: str
    customer: int
    type: DocumentType
    number: str
    description: str
    issued: date
    due: date | None
    total: Money
    balance: Money
    contract: str | None = None
    carteira: int | None = None
    billing_mode: BillingMode = BillingMode.BOLETO
    cancelled: bool = False
    registered_elsewhere: bool = False
    fine_paid: bool = False
    attempt: Attempt | None = None

    @property
    def is_credit(self) -> bool:
        """Credit notes are shown with a minus."""
        return self.type == DocumentType.NC


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included; None leaves that end open."""

    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if self.first and self.last and self.first > self.last:
            raise InvalidPeriod(first=self.first.isoformat(), last=self.last.isoformat())


class Show(StrEnum):
    """Which of the open documents to list."""

    ALL = "all"
    OVERDUE = "overdue"
    SOON = "soon"


class SortBy(StrEnum):
    NUMBER = "number"
    DUE = "due"
    TOTAL = "total"
    BALANCE = "balance"


SOON_DAYS: Final = 7
PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class OpenFilter:
    """What of the open documents is looked at. `period` is of due dates; `page` counts from 0."""

    show: Show = Show.ALL
    period: Period = Period()
    sort: SortBy = SortBy.DUE
    descending: bool = False
    page: int = 0


@dataclass(frozen=True, slots=True)
class OpenCounts:
    """How many open documents there are in all, overdue, and due within SOON_DAYS."""

    all: int
    overdue: int
    soon: int


def is_overdue(document: Document, today: date) -> bool:
    return document.due is not None and document.due < today


def days_late(document: Document, today: date) -> int:
    """Days since the due date; negative before it, 0 for a document without one."""
    return (today - document.due).days if document.due else 0


def block_of(document: Document, currency: str | None = None) -> Block | None:
    """Why the document cannot be ticked, None if it can.

    `currency` is that of the present selection, if something is ticked.
    """
    reasons = (
        (Block.TYPE, document.type not in PAYABLE_TYPES),
        (Block.CANCELLED, document.cancelled),
        (Block.PAID, document.balance.cents <= 0),
        (Block.IN_REGISTRATION, _in_registration(document)),
        (Block.IN_PAYMENT, document.attempt is not None),
        (Block.AUTOMATIC_DEBIT, document.billing_mode is not BillingMode.BOLETO),
        (Block.REGISTERED_ELSEWHERE, document.registered_elsewhere),
        (Block.CURRENCY, currency is not None and document.balance.currency != currency),
    )
    return next((reason for reason, holds in reasons if holds), None)


def ensure_payable(document: Document) -> None:
    """Raise InAttempt or NotPayable unless the document may enter a payment."""
    reason = block_of(document)
    if document.attempt and reason in {Block.IN_REGISTRATION, Block.IN_PAYMENT}:
        raise InAttempt(document=document.number, payment=document.attempt.payment)
    if reason:
        raise NotPayable(document=document.number, reason=reason.value)


def _in_registration(document: Document) -> bool:
    attempt = document.attempt
    return attempt is not None and attempt.boleto_state in {"created", "queued", "sent", "pending"}
