"""Money of a payment that is to go back: how much may, which part is asked for, what became of it.

An asking is frozen before the provider hears of it, with the names of the refunds that were known
then: whatever of its amount the provider names besides them is what became of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from portal_app.domain.checkout import CheckoutReport, Refund
from portal_app.domain.errors import AmountTooLarge, FieldMissing, FieldTooLong, InvalidField
from portal_app.domain.imports import amount_of
from portal_app.domain.money import Money
from portal_app.domain.payments import Payment, PaymentMethod, PaymentState
from portal_app.domain.tax_ids import stands_in

LONGEST_REASON: Final = 160
KEY_HOLDS: Final = timedelta(hours=20)
"""How long a provider surely knows a key; Stripe forgets it after 24 hours at the earliest."""

# Who pays these at a bank or a machine has no account that a provider could send to.
_ONE_WAY: Final = frozenset({PaymentMethod.BOLETO, PaymentMethod.TRANSFER, PaymentMethod.COUNTER})


@dataclass(frozen=True, slots=True)
class Asked:
    """A part of a payment that was asked back at a moment. `before`: refunds known by then."""

    part: Money
    at: datetime
    before: tuple[str, ...]

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Asked:
        """The same again from what `facts_of` made of it."""
        at = datetime.fromisoformat(facts["at"])
        return cls(Money(**facts["part"]), at, tuple(facts["before"]))

    def may_be_said_again(self, now: datetime) -> bool:
        """Whether the provider would surely take it for the same asking still."""
        return now - self.at < KEY_HOLDS


def goes_back(payment: Payment) -> bool:
    """Whether its provider sends its money back: not a boleto's, and not while it is disputed."""
    if payment.hosted is None or payment.method in _ONE_WAY:
        return False
    return payment.state is PaymentState.CONFIRMED


def left_of(payment: Payment, *gone: Money) -> Money:
    """What of the money that came in is still here.

    >>> from datetime import UTC
    >>> nothing = Payment(1, "p", 1, PaymentMethod.PIX, PaymentState.PENDING, Money(5, "BRL"),
    ...     datetime(2026, 11, 22, tzinfo=UTC), None, "", ())
    >>> left_of(nothing)
    Money(cents=0, currency='BRL')
    """
    currency = payment.amount.currency
    came = payment.received or Money.zero(currency)
    return Money(max(0, (came - Money.total(gone, currency)).cents), currency)


def part_of(typed: str, left: Money) -> Money:
    """The part somebody typed, exact to the cent and no more than is left.

    >>> part_of(" 80,5", Money(34738, "BRL"))
    Money(cents=8050, currency='BRL')
    """
    text = typed.strip()
    if not text:
        raise FieldMissing(field="amount", reason="refund_amount")
    part = amount_of(text, left.currency, "amount")
    if part > left:
        raise AmountTooLarge(field="amount", most=left)
    return part


def reason_of(typed: str) -> str:
    """Why, in one line. The audit keeps it for good: nobody's tax id stands in it."""
    text = " ".join(typed.split())
    if not text:
        raise FieldMissing(field="reason", reason="refund_reason")
    if len(text) > LONGEST_REASON:
        raise FieldTooLong(field="reason", longest=LONGEST_REASON, reason="refund_reason")
    if not text.isprintable():
        raise InvalidField(field="reason", reason="refund_reason")
    if stands_in(text):
        raise InvalidField(field="reason", reason="refund_tax_id")
    return text


def made_of(asked: Asked, report: CheckoutReport) -> Refund | None:
    """The refund an asking led to; None where the provider knows of none.

    One of the very same amount that somebody made at the provider meanwhile is taken for it: money
    may then stay here that was to go back, and never goes back twice.
    """
    new = (refund for refund in report.refunds if refund.ref not in asked.before)
    return next((refund for refund in new if refund.amount == asked.part), None)


def including(refunds: Iterable[Refund], refund: Refund) -> tuple[Refund, ...]:
    """All refunds of a report, with one that it may not know yet."""
    known = tuple(refunds)
    return known if any(each.ref == refund.ref for each in known) else (*known, refund)
