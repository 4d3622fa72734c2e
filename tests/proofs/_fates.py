"""What becomes of a payment at Stripe, step by step, and what Stripe calls in with at each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from portal_app.domain.payments import PaymentMethod, PaymentState
from tests.gateways.stripe_server import StripeServer

Act = Callable[[StripeServer, str, int], object]
"""Done at Stripe about a payment (its public id) of so many cents."""


@dataclass(frozen=True, slots=True)
class Step:
    act: Act
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fate:
    """The steps, and what Stripe says in the end. `gone`: which part of the money went back."""

    name: str
    steps: tuple[Step, ...]
    ends: PaymentState
    paid: bool = True
    gone: float = 0.0
    methods: tuple[PaymentMethod, ...] = (PaymentMethod.CARD, PaymentMethod.PIX)


def _pay(stripe: StripeServer, payment: str, _cents: int) -> None:
    assert stripe.pay(payment), "nobody closes these pages"


def _decline(stripe: StripeServer, payment: str, _cents: int) -> None:
    stripe.decline(payment)


def _expire(stripe: StripeServer, payment: str, _cents: int) -> None:
    stripe.expire(payment)


def _submit(stripe: StripeServer, payment: str, _cents: int) -> None:
    stripe.submit(payment)


def _refund(stripe: StripeServer, payment: str, cents: int) -> None:
    stripe.give_back(payment, cents)


def _refund_half(stripe: StripeServer, payment: str, cents: int) -> None:
    stripe.give_back(payment, cents // 2)


def _dispute(stripe: StripeServer, payment: str, _cents: int) -> None:
    stripe.dispute(payment)


def _ruled(status: str) -> Act:
    def rule(stripe: StripeServer, payment: str, _cents: int) -> None:
        pages = stripe.desk.pages.values()
        (dispute,) = next(page.disputes for page in pages if page.payment == payment)
        stripe.rule(dispute["id"], status)

    return rule


_PAID: Final = Step(
    _pay, ("checkout.session.completed", "payment_intent.succeeded", "charge.succeeded")
)
_DECLINED: Final = Step(_decline, ("payment_intent.payment_failed",))
_EXPIRED: Final = Step(_expire, ("checkout.session.expired",))
_SUBMITTED: Final = Step(_submit, ("checkout.session.completed", "payment_intent.requires_action"))
_CODE_SHOWN: Final = Step(_submit, ("payment_intent.requires_action",))
_VOUCHER_PAID: Final = Step(
    _pay,
    (
        "checkout.session.async_payment_succeeded",
        "payment_intent.succeeded",
        "charge.succeeded",
    ),
)
_VOUCHER_EXPIRED: Final = Step(
    _expire, ("checkout.session.async_payment_failed", "payment_intent.payment_failed")
)
_DISPUTED: Final = Step(_dispute, ("charge.dispute.created", "charge.dispute.funds_withdrawn"))
_VOUCHER: Final = (PaymentMethod.MULTIBANCO,)
_CONFIRMED: Final = PaymentState.CONFIRMED

FATES: Final[tuple[Fate, ...]] = (
    Fate("paid", (_PAID,), _CONFIRMED),
    Fate("declined, then paid", (_DECLINED, _PAID), _CONFIRMED),
    Fate("declined, then left", (_DECLINED, _EXPIRED), PaymentState.EXPIRED, paid=False),
    Fate("left", (_EXPIRED,), PaymentState.EXPIRED, paid=False),
    Fate(
        "paid by a code that outlived its page",
        (_CODE_SHOWN, _EXPIRED, _PAID),
        _CONFIRMED,
        methods=(PaymentMethod.PIX,),
    ),
    Fate("voucher paid late", (_SUBMITTED, _VOUCHER_PAID), _CONFIRMED, methods=_VOUCHER),
    Fate(
        "voucher never paid",
        (_SUBMITTED, _VOUCHER_EXPIRED),
        PaymentState.FAILED,
        paid=False,
        methods=_VOUCHER,
    ),
    Fate(
        "refunded",
        (_PAID, Step(_refund, ("refund.created", "charge.refunded", "refund.updated"))),
        PaymentState.REFUNDED,
        gone=1.0,
    ),
    Fate(
        "half refunded",
        (_PAID, Step(_refund_half, ("refund.created", "charge.refunded"))),
        _CONFIRMED,
        gone=0.5,
    ),
    Fate("disputed", (_PAID, _DISPUTED), PaymentState.DISPUTED),
    Fate(
        "dispute won",
        (_PAID, _DISPUTED, Step(_ruled("won"), ("charge.dispute.closed",))),
        _CONFIRMED,
    ),
    Fate(
        "dispute lost",
        (_PAID, _DISPUTED, Step(_ruled("lost"), ("charge.dispute.closed",))),
        PaymentState.REFUNDED,
        gone=1.0,
    ),
)
