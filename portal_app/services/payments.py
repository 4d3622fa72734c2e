"""Payments: price a selection, which methods there are, look at one, give one up."""

from collections.abc import Sequence

from portal_app.db import companies, documents, jobs, payments
from portal_app.db.engine import Session, transaction
from portal_app.domain.companies import PAYABLE_BY_BOLETO
from portal_app.domain.documents import Document
from portal_app.domain.errors import MethodUnavailable
from portal_app.domain.grants import Feature
from portal_app.domain.late_charges import LateTerms
from portal_app.domain.payments import VOUCHERS, Payment, PaymentMethod, PaymentState
from portal_app.domain.selection import Quote, price
from portal_app.gateways import clock
from portal_app.services.access import Actor, require


def quote(actor: Actor, document_ids: Sequence[int]) -> Quote:
    """Price the actor's own documents today; the caller never supplies an amount."""
    require(actor, Feature.SEE_DOCUMENTS)
    with transaction(write=False) as session:
        chosen = documents.owned(session, actor.company.id, actor.scope, document_ids)
        terms = terms_of(session, actor, chosen)
    return price(chosen, terms, actor.today)


def methods(actor: Actor) -> tuple[PaymentMethod, ...]:
    """Ways to pay open to this actor; none: the page names whom to contact."""
    require(actor, Feature.SEE_DOCUMENTS)
    if actor.may(Feature.PAY_BOLETO) and actor.company.currency == PAYABLE_BY_BOLETO:
        return (PaymentMethod.BOLETO,)
    return ()


def view(actor: Actor, public_id: str) -> Payment:
    """One of the actor's own payments; NotFound for any other."""
    require(actor, Feature.SEE_DOCUMENTS)
    with transaction(write=False) as session:
        return payments.by_public_id(session, actor.company.id, actor.scope, public_id)


def supersede(actor: Actor, public_id: str) -> tuple[int, ...]:
    """Give up a voucher that is not paid yet, to pay its documents another way.

    Frees its documents at once and returns their ids; the bank is asked to cancel
    by a job. Money that still arrives on it is taken all the same.
    """
    require(actor, Feature.PAY_BOLETO)
    with transaction() as session:
        company = actor.company.id
        payment = payments.by_public_id(session, company, actor.scope, public_id)
        if payment.method not in VOUCHERS:
            raise MethodUnavailable(method=payment.method.value)
        payments.move(session, company, payment, PaymentState.SUPERSEDED)
        jobs.put(session, company, "boleto.cancel", str(payment.id), clock.now())
    return tuple(item.document for item in payment.items)


def terms_of(session: Session, actor: Actor, chosen: Sequence[Document]) -> dict[int, LateTerms]:
    """The late terms of each document, by its id."""
    by_carteira = companies.late_terms(
        session, actor.company.id, [document.carteira for document in chosen]
    )
    return {document.id: by_carteira[document.carteira] for document in chosen}
