"""Payment methods, states and the legal moves between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from portal_app.domain.errors import IllegalMove
from portal_app.domain.money import Money


class PaymentMethod(StrEnum):
    """How a payment is made. COUNTER and TRANSFER are recorded by staff or an import."""

    CARD = "card"
    PIX = "pix"
    BOLETO = "boleto"
    MB_WAY = "mb_way"
    MULTIBANCO = "multibanco"
    TRANSFER = "transfer"
    COUNTER = "counter"


# A voucher can be paid after we gave it up; any other only while its provider holds it open.
VOUCHERS: Final = frozenset({PaymentMethod.BOLETO, PaymentMethod.MULTIBANCO})


class PaymentState(StrEnum):
    CREATED = "created"
    PENDING = "pending"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    REFUNDED = "refunded"


RANK: Final[Mapping[PaymentState, int]] = {
    PaymentState.CREATED: 0,
    PaymentState.PENDING: 1,
    PaymentState.FAILED: 2,
    PaymentState.EXPIRED: 2,
    PaymentState.CANCELLED: 2,
    PaymentState.SUPERSEDED: 2,
    PaymentState.CONFIRMED: 3,
    PaymentState.DISPUTED: 4,
    PaymentState.REFUNDED: 5,
}

LIVE: Final = frozenset({PaymentState.CREATED, PaymentState.PENDING})


def may_follow(present: PaymentState, wanted: PaymentState) -> bool:
    """A state of the same or a lower rank never overwrites the present one.

    >>> may_follow(PaymentState.EXPIRED, PaymentState.CONFIRMED)
    True
    >>> may_follow(PaymentState.CONFIRMED, PaymentState.EXPIRED)
    False
    """
    return RANK[wanted] > RANK[present]


def outcome_of(received: Money, gone: Money, *, is_disputed: bool) -> PaymentState:
    """The state of a payment whose money came in, from what became of the money since.

    `gone`: sent back to the customer or lost in a dispute. Not a rank: a dispute that was won
    leaves a confirmed payment (docs/adr/0020).

    >>> outcome_of(Money(500, "EUR"), Money(200, "EUR"), is_disputed=False)
    <PaymentState.CONFIRMED: 'confirmed'>
    """
    if gone >= received:
        return PaymentState.REFUNDED
    return PaymentState.DISPUTED if is_disputed else PaymentState.CONFIRMED


def ensure_move(present: PaymentState, wanted: PaymentState) -> None:
    if not may_follow(present, wanted):
        raise IllegalMove(present=present.value, wanted=wanted.value)


@dataclass(frozen=True, slots=True)
class PaymentItem:
    """A document as it was frozen in a payment."""

    document: int
    number: str
    principal: Money
    fine: Money
    interest: Money

    @property
    def total(self) -> Money:
        return self.principal + self.fine + self.interest


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """What the customer needs to pay away from the provider's page; '' where there is none.

    `entity` and `reference` are Multibanco's (5 and 9 digits), `pix` a BR Code, `line` a boleto's
    linha digitável, `page` the provider's own page of it.
    """

    entity: str = ""
    reference: str = ""
    pix: str = ""
    line: str = ""
    page: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """The checkout page of an attempt at a payment provider.

    `session` is empty until the provider has answered; `url` is where to go on while the page is
    open. `looked_at`: when the provider was last asked.
    """

    provider: str
    account: str
    key: str
    session: str
    intent: str
    url: str
    expires_at: datetime
    looked_at: datetime | None
    voucher: Voucher


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to pay a frozen selection. `replaces` is the attempt it was made in place of.

    `received` is what came in, None before anything did. `hosted` is None where no provider has
    it: a boleto of a bank, money recorded by staff or a file.
    """

    id: int
    public_id: str
    customer: int
    method: PaymentMethod
    state: PaymentState
    amount: Money
    created_at: datetime
    paid_on: date | None
    failure: str
    items: tuple[PaymentItem, ...]
    received: Money | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    hosted: Hosted | None = None
