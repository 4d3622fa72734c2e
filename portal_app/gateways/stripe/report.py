"""How a checkout stands, read from its session with all that hangs on it.

What is read and was not sent raises AttributeError, KeyError or ValueError; `understood` is around.
"""

from datetime import UTC, datetime
from typing import Final

import stripe
from stripe.checkout import Session

from portal_app.domain.checkout import (
    CheckoutReport,
    CheckoutStatus,
    Dispute,
    DisputeStatus,
    Refund,
    RefundStatus,
    Voucher,
)
from portal_app.domain.money import Money
from portal_app.gateways.stripe.refusals import word

EXPANDED: Final = [
    "payment_intent.latest_charge.balance_transaction",
    "payment_intent.latest_charge.refunds",
]

_GIVEN_UP: Final = frozenset({"requires_payment_method", "canceled"})
_VOUCHERS: Final = (
    "multibanco_display_details",
    "pix_display_qr_code",
    "boleto_display_details",
)
_REFUNDS: Final = {
    "succeeded": RefundStatus.DONE,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}
_DISPUTES: Final = {
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
    "prevented": DisputeStatus.LOST,
}


def report_of(session: Session, disputes: tuple[Dispute, ...]) -> CheckoutReport:
    intent = _intent(session)
    charge = charge_of(session)
    status = _status(session, intent)
    paid = intent if status is CheckoutStatus.PAID else None
    return CheckoutReport(
        payment=payment_of(session),
        session=session.id,
        status=status,
        amount=_money(session.amount_total, session.currency),
        intent=intent.id if intent else "",
        url=(session.url or "") if status is CheckoutStatus.OPEN else "",
        paid=_money(paid.amount_received, paid.currency) if paid else None,
        paid_at=_moment(charge.created) if charge else None,
        fee=_fee(charge) if charge else None,
        failure=_failure(intent),
        voucher=_voucher(intent) if status is CheckoutStatus.AWAITED else None,
        refunds=_refunds(charge) if charge else (),
        disputes=disputes,
    )


def payment_of(session: Session) -> str:
    return session.client_reference_id or word(session.metadata, "payment")


def charge_of(session: Session) -> stripe.Charge | None:
    """The charge that brought the money, not one that was declined."""
    intent = _intent(session)
    if intent is None or _status(session, intent) is not CheckoutStatus.PAID:
        return None
    charge = intent.latest_charge
    return charge if isinstance(charge, stripe.Charge) else None


def refund_of(said: stripe.Refund) -> Refund:
    status = _REFUNDS.get(said.status or "", RefundStatus.PENDING)
    return Refund(said.id, _money(said.amount, said.currency), status)


def dispute_of(said: stripe.Dispute) -> Dispute | None:
    """None where no money was fetched: a bank only asks, or the charge was sent back in time."""
    is_inquiry = said.status.startswith("warning_")
    if is_inquiry or (said.status == "prevented" and not said.balance_transactions):
        return None
    status = _DISPUTES.get(said.status, DisputeStatus.OPEN)
    return Dispute(said.id, _money(said.amount, said.currency), status, said.reason)


def _intent(session: Session) -> stripe.PaymentIntent | None:
    intent = session.payment_intent
    return intent if isinstance(intent, stripe.PaymentIntent) else None


def _status(session: Session, intent: stripe.PaymentIntent | None) -> CheckoutStatus:
    """PAID is what its intent says: money that came in is money, whatever became of the page."""
    if intent is not None and intent.status == "succeeded":
        return CheckoutStatus.PAID
    match session.status:
        case "open":
            return CheckoutStatus.OPEN
        case "expired":
            return CheckoutStatus.AWAITED if _is_alive(intent) else CheckoutStatus.EXPIRED
        case "complete" if intent is not None:
            is_over = intent.status in _GIVEN_UP
            return CheckoutStatus.FAILED if is_over else CheckoutStatus.AWAITED
        case _:
            raise ValueError("status")


def _is_alive(intent: stripe.PaymentIntent | None) -> bool:
    """Whether money may still come after the page has gone: a Pix code lives on for a while."""
    return intent is not None and (intent.status == "processing" or _voucher(intent) is not None)


def _failure(intent: stripe.PaymentIntent | None) -> str:
    error = intent.last_payment_error if intent else None
    return word(error, "decline_code") or word(error, "code")


def _voucher(intent: stripe.PaymentIntent | None) -> Voucher | None:
    action = intent.next_action if intent else None
    shown = next((action[kind] for kind in _VOUCHERS if kind in action), None) if action else None
    if not isinstance(shown, stripe.StripeObject):
        return None
    return Voucher(
        entity=word(shown, "entity"),
        reference=word(shown, "reference"),
        pix=word(shown, "data"),
        line=word(shown, "number"),
        page=word(shown, "hosted_voucher_url") or word(shown, "hosted_instructions_url"),
        expires_at=_moment(shown["expires_at"]),
    )


def _fee(charge: stripe.Charge) -> Money | None:
    """None where it is not known yet, or in another currency."""
    booked = charge.balance_transaction
    if not isinstance(booked, stripe.BalanceTransaction) or booked.currency != charge.currency:
        return None
    return _money(booked.fee, booked.currency)


def _refunds(charge: stripe.Charge) -> tuple[Refund, ...]:
    """Failed ones too, of which the charge's own sums know nothing."""
    refunds = charge.refunds
    return () if refunds is None else tuple(map(refund_of, refunds.auto_paging_iter()))


def _money(cents: int | None, currency: str | None) -> Money:
    if cents is None or not currency:
        raise ValueError("amount")
    return Money(cents, currency.upper())


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
