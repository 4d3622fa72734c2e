"""BankGateway: what the portal asks of a bank, whichever way it is reached.

A call to a bank may raise BankUnavailable: it was not reached, it is too busy, or nobody knows
whether it heard. Whoever asked then asks `query` before saying the same thing again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from portal_app.domain.boleto.events import BankEvent
from portal_app.domain.boleto.order import Order


class Capability(StrEnum):
    """FILE: what is said goes out with the next remessa. NUMBERS: the bank gives the number."""

    REGISTER_AT_ONCE = "register_at_once"
    QUERY = "query"
    CANCEL = "cancel"
    AMEND = "amend"
    PIX = "pix"
    WEBHOOK = "webhook"
    FILE = "file"
    NUMBERS = "numbers"


class Answer(StrEnum):
    """QUEUED: will be said with the next file. UNKNOWN: the bank has no such title."""

    QUEUED = "queued"
    PENDING = "pending"
    REGISTERED = "registered"
    REJECTED = "rejected"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    AMENDED = "amended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Problem:
    """A field of an order the bank would refuse. `code` is a stable one of domain/errors.py."""

    field: str
    code: str


@dataclass(frozen=True, slots=True)
class TitleRef:
    """How a bank is asked about a title: by its own reference, its number, or ours.

    `nosso_numero` as printed, empty where the bank did not tell it yet; `asked_at` is when the
    title was made.
    """

    nosso_numero: str
    seu_numero: str
    bank_ref: str
    asked_at: datetime
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A bank's answer. `reasons` are its own codes or words.

    What the bank gives at registration: its reference, the number and the 44-digit barcode where
    it makes them, the Pix code to copy. `event` has the money where the answer is PAID.
    """

    answer: Answer
    reasons: tuple[str, ...] = ()
    bank_ref: str = ""
    nosso_numero: str = ""
    barcode: str = ""
    pix: str = ""
    event: BankEvent | None = None


class BankGateway(Protocol):
    """One agreement at one bank. Every call may be repeated: the bank knows the title by name."""

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    @property
    def expected_wait(self) -> timedelta:
        """How long a registration usually takes."""
        ...

    def validate(self, order: Order, /) -> Sequence[Problem]:
        """What this bank would refuse, told before anything is said."""
        ...

    def register(self, order: Order, /) -> Report: ...

    def query(self, ref: TitleRef, /) -> Report: ...

    def cancel(self, ref: TitleRef, /) -> Report: ...

    def amend(self, ref: TitleRef, due: date, /) -> Report:
        """Move the due date."""
        ...

    def parse_events(self, raw: bytes, headers: Mapping[str, str], /) -> Sequence[BankEvent]:
        """What a call or a file of the bank reports; InvalidFile or InvalidInput if it is none."""
        ...
