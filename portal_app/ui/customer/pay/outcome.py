"""How a payment ended, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal_app.domain.payments import Payment, PaymentState
from portal_app.ui import formats
from portal_app.ui.customer.pay.checkout import failure_in_words
from portal_app.ui.texts import say

_MONEY_CAME: Final = {PaymentState.CONFIRMED, PaymentState.DISPUTED, PaymentState.REFUNDED}
# What a rejected boleto's notice says.
_SAID_ELSEWHERE: Final = {PaymentState.FAILED, PaymentState.DISPUTED}
_LOOKS: Final = {
    PaymentState.CONFIRMED: "paid",
    PaymentState.FAILED: "failed",
    PaymentState.EXPIRED: "expired",
    PaymentState.DISPUTED: "disputed",
}
_MAY_TRY_AGAIN: Final = {PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.CANCELLED}


@dataclass(frozen=True)
class Outcome:
    """How a payment ended. `look` is the picture; `amount` and `how` stand where money came in.

    `leads_back`: its documents are open again; `may_try_again`: they can be paid from here.
    """

    look: str = ""
    headline: str = ""
    text: str = ""
    amount: str = ""
    how: str = ""
    leads_back: bool = False
    may_try_again: bool = False


def outcome_of(payment: Payment, *, is_part_paid: bool = False) -> Outcome:
    """How it ended, where it did and no notice says so."""
    at_bank = payment.hosted is None
    is_open = payment.state in {PaymentState.CREATED, PaymentState.PENDING}
    if is_open or (at_bank and payment.state in _SAID_ELSEWHERE):
        return Outcome()
    key = "part_paid" if is_part_paid else payment.state.value
    facts = {
        "received": payment.received or payment.amount,
        "reason": failure_in_words(payment.failure),
    }
    words = f"pay.ended.{key}" if at_bank or key == "confirmed" else f"pay.over.{key}"
    came = payment.state in _MONEY_CAME
    return Outcome(
        look=_LOOKS.get(payment.state, "ended"),
        headline=say(f"{words}.title"),
        text=say(words, **facts),
        amount=formats.money(payment.received or payment.amount) if came else "",
        how=_how(payment) if came else "",
        leads_back=payment.state not in {PaymentState.CONFIRMED, PaymentState.DISPUTED}
        or is_part_paid,
        may_try_again=not at_bank
        and payment.state in _MAY_TRY_AGAIN
        and payment.replaced_by is None,
    )


def _how(payment: Payment) -> str:
    """'22/11/2026 · Pix'."""
    method = say(f"payment.method.{payment.method}")
    return f"{formats.day(payment.paid_on)} · {method}" if payment.paid_on else method
