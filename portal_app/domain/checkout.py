"""What the portal and a payment provider say to each other, whichever provider it is.

A provider is asked for one checkout page per attempt. What it says of one is always the whole
of how that checkout stands now, so hearing it twice, late or out of order changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod, Voucher

# The shortest Stripe takes is 30 minutes; the margin is for clocks and for asking again.
OPEN_FOR: Final = timedelta(minutes=32)
# More lines than this on the provider's page become one that sums them up.
MOST_LINES: Final = 100


class Provider(StrEnum):
    STRIPE = "stripe"
    DEMO = "demo"


class CheckoutStatus(StrEnum):
    """How it stands. The last three are ends, but PAID may follow both others: money is money.

    OPEN: nobody has paid on the page yet. AWAITED: the customer did his part, the money comes
    later or never (a voucher, a push to a phone).
    """

    OPEN = "open"
    AWAITED = "awaited"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


class RefundStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class DisputeStatus(StrEnum):
    """OPEN: the provider holds the money back until it is decided for us (WON) or not (LOST)."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """A document on the provider's page."""

    label: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutOrder:
    """A checkout to open. Asked for again with the same `key` it is the same checkout.

    Everything in it comes from what was stored before the first asking: a provider refuses a key
    it knows with other facts. `payment` is our public id, `account` the provider's name of the
    company's account ('' for the installation's own). The lines add up to `amount`.
    """

    key: str
    payment: str
    account: str
    method: PaymentMethod
    amount: Money
    lines: tuple[CheckoutLine, ...]
    company: str
    email: str
    locale: str
    return_url: str
    expires_at: datetime

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> CheckoutOrder:
        """The order again from what `facts_of` made of it."""
        known: dict[str, Any] = dict(facts)
        known["method"] = PaymentMethod(facts["method"])
        known["amount"] = Money(**facts["amount"])
        known["expires_at"] = datetime.fromisoformat(facts["expires_at"])
        known["lines"] = tuple(
            CheckoutLine(line["label"], Money(**line["amount"])) for line in facts["lines"]
        )
        return cls(**known)


@dataclass(frozen=True, slots=True)
class CheckoutRef:
    """How a checkout is known: to the provider by `session` and, once there is one, `intent`."""

    payment: str
    session: str
    account: str = ""
    intent: str = ""


@dataclass(frozen=True, slots=True)
class Refund:
    """Money sent back. `ref` is the provider's name of it."""

    ref: str
    amount: Money
    status: RefundStatus


@dataclass(frozen=True, slots=True)
class Dispute:
    """Money the customer asked his bank to fetch back. `ref` is the provider's name of it."""

    ref: str
    amount: Money
    status: DisputeStatus
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutReport:
    """How a checkout stands: everything, not what changed.

    `paid` is what came in, before the provider's `fee`; `failure` the provider's code of the last
    try that was declined; `url` the page to go on at while it is OPEN. `payment` is our public id
    as the provider knows it.
    """

    payment: str
    session: str
    status: CheckoutStatus
    amount: Money
    intent: str = ""
    url: str = ""
    paid: Money | None = None
    paid_at: datetime | None = None
    fee: Money | None = None
    failure: str = ""
    voucher: Voucher | None = None
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """A signed call of a provider: a hint what to ask it about. Any of the last three may be ''."""

    id: str
    type: str
    account: str
    api_version: str
    payment: str
    session: str
    intent: str


_REFUND_ORDER: Final = (RefundStatus.PENDING, RefundStatus.DONE, RefundStatus.FAILED)
_DISPUTE_ORDER: Final = (DisputeStatus.OPEN, DisputeStatus.WON, DisputeStatus.LOST)


def is_news(before: Refund | None, now: Refund) -> bool:
    """Whether a refund went on since; what was asked earlier may be told later."""
    if before is None:
        return True
    return _REFUND_ORDER.index(now.status) > _REFUND_ORDER.index(before.status)


def is_dispute_news(before: Dispute | None, now: Dispute) -> bool:
    """The same of a dispute. One that was won may still be lost, never the other way round."""
    if before is None:
        return True
    return _DISPUTE_ORDER.index(now.status) > _DISPUTE_ORDER.index(before.status)


class PaymentGateway(Protocol):
    """A provider. Every call but `read_event` goes over a network.

    Raises ProviderUnavailable where nobody knows whether it heard (ask again with the same key),
    ProviderAccessDenied where our key or account is wrong, ProviderRefused where it certainly did
    nothing.
    """

    @property
    def provider(self) -> Provider: ...

    def open(self, order: CheckoutOrder, /) -> CheckoutReport: ...

    def look(self, ref: CheckoutRef, /) -> CheckoutReport: ...

    def find(self, order: CheckoutOrder, since: datetime, /) -> CheckoutReport | None:
        """The checkout of a payment whose opening was never answered; None: there is none.

        For when its key is too old to be asked with again.
        """
        ...

    def close(self, ref: CheckoutRef, /) -> CheckoutReport:
        """Have nobody pay it any more; answers how it stands after that, which may be PAID."""
        ...

    def refund(self, ref: CheckoutRef, amount: Money, key: str, /) -> Refund:
        """Send money of a paid checkout back, once a key."""
        ...

    def read_event(self, raw: bytes, signature: str, /) -> ProviderEvent:
        """What a call says; EventInvalid unless the provider signed these very bytes lately."""
        ...
