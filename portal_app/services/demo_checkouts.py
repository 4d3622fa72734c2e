"""The demo provider's page: somebody plays the customer and his bank. Nowhere but in demo mode."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from portal_app.db import jobs, payments
from portal_app.db.engine import transaction
from portal_app.domain.checkout import Provider
from portal_app.domain.errors import InvalidField, NotFound
from portal_app.domain.grants import Feature
from portal_app.domain.methods import FEATURE_OF
from portal_app.domain.money import Money
from portal_app.domain.payments import LIVE, Payment, PaymentMethod
from portal_app.gateways import clock
from portal_app.gateways.demo import Decision
from portal_app.services.actors import Actor, require
from portal_app.services.checkouts import LOOK_JOB
from portal_app.services.payment_gateways import demo_gateway
from portal_app.settings import settings

_A_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class DemoCheckout:
    """What the page shows. `is_open`: it may still be decided."""

    payment: str
    company: str
    method: PaymentMethod
    amount: Money
    numbers: tuple[str, ...]
    seconds: float
    is_open: bool


def page(actor: Actor, public_id: str) -> DemoCheckout:
    """The page of one of the actor's own payments; NotFound for any other, and in production."""
    payment = _payment(actor, public_id)
    return DemoCheckout(
        payment=payment.public_id,
        company=actor.company.name,
        method=payment.method,
        amount=payment.amount,
        numbers=tuple(item.number for item in payment.items),
        seconds=settings().demo_bank_seconds,
        is_open=payment.state in LIVE,
    )


def decide(actor: Actor, public_id: str, decision: str) -> bool:
    """Approve, decline, approve later or never answer; False where it was too late for that."""
    payment = _payment(actor, public_id)
    require(actor, FEATURE_OF[payment.method])
    try:
        wanted = Decision(decision)
    except ValueError:
        raise InvalidField(field="decision") from None
    if wanted in {Decision.NONE, Decision.CLOSED} or payment.hosted is None:
        raise InvalidField(field="decision")
    done = demo_gateway().decide(payment.hosted.session, wanted)
    later = timedelta(seconds=settings().demo_bank_seconds) if wanted is Decision.LATER else None
    if done:
        # What a real provider's call would do: somebody who does not come back has paid as well.
        with transaction() as session:
            when = clock.now() + (later + _A_MOMENT if later is not None else timedelta())
            key = f"{payment.id}/demo:{wanted.value}"
            jobs.put(session, actor.company.id, LOOK_JOB, key, when)
    return done


def _payment(actor: Actor, public_id: str) -> Payment:
    require(actor, Feature.SEE_DOCUMENTS)
    demo_gateway()
    with transaction(write=False) as session:
        payment = payments.by_public_id(session, actor.company.id, actor.scope, public_id)
    if payment.hosted is None or payment.hosted.provider != Provider.DEMO:
        raise NotFound(kind="checkout")
    return payment
