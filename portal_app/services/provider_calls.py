"""A payment provider calls: signed, kept once, answered. The call is a hint; a job asks what is so."""

from portal_app.db import jobs, payments, provider_events
from portal_app.db.engine import transaction
from portal_app.db.payments import PaymentNames
from portal_app.domain.checkout import Provider
from portal_app.gateways import clock
from portal_app.services.checkouts import LOOK_JOB
from portal_app.services.payment_gateways import payment_gateway


def receive(raw: bytes, signature: str) -> bool:
    """Keep a call of Stripe's; True if it was new. EventInvalid unless Stripe signed these bytes."""
    event = payment_gateway(Provider.STRIPE).read_event(raw, signature)
    now = clock.now()
    with transaction() as session:
        names = PaymentNames(event.payment, event.session, event.intent)
        about = payments.named(session, Provider.STRIPE, names)
        kept = provider_events.put(session, Provider.STRIPE, event, about, now)
        if kept is not None and about is not None:
            company, payment = about
            key = f"{payment}/event:{kept}"
            jobs.put(session, company, LOOK_JOB, key, now, {"event": kept})
    return kept is not None
