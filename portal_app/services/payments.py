"""Payments: price a selection, which ways there are, start one, look at one, give one up."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal_app.db import (
    companies,
    customers,
    documents,
    jobs,
    payment_accounts,
    payments,
    selections,
)
from portal_app.db.engine import Session, transaction
from portal_app.db.payments import NewCheckout, NewPayment
from portal_app.domain.audit import Action
from portal_app.domain.checkout import OPEN_FOR, CheckoutLine, CheckoutOrder
from portal_app.domain.companies import PAYABLE_BY_BOLETO
from portal_app.domain.documents import Document
from portal_app.domain.emails import address_of
from portal_app.domain.errors import (
    AlreadyPaid,
    InvalidField,
    MethodUnavailable,
    PaymentStillOpen,
    QuoteChanged,
)
from portal_app.domain.facts import facts_of
from portal_app.domain.grants import Feature
from portal_app.domain.late_charges import LateTerms
from portal_app.domain.methods import FEATURE_OF, offered
from portal_app.domain.money import Money
from portal_app.domain.payments import LIVE, RANK, VOUCHERS, Payment, PaymentMethod, PaymentState
from portal_app.domain.selection import Quote, ensure_size, price
from portal_app.gateways import clock
from portal_app.services import audit, checkouts
from portal_app.services.actors import Actor, require
from portal_app.services.payment_gateways import present_provider
from portal_app.settings import settings

_PAID: Final = RANK[PaymentState.CONFIRMED]


@dataclass(frozen=True, slots=True)
class Ways:
    """What these documents cost today, and the ways to pay that. `at_bank`: a boleto is a bank's."""

    today: Quote
    methods: tuple[PaymentMethod, ...]
    at_bank: bool


@dataclass(frozen=True, slots=True)
class Started:
    """A payment's public id, and where the customer goes on; '' while that is not known yet."""

    payment: str
    url: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A payment as it stood at a moment: what is left of its deadlines counts from there."""

    payment: Payment
    now: datetime


def quote(actor: Actor, document_ids: Sequence[int]) -> Quote:
    """Price the actor's own documents today; the caller never supplies an amount."""
    require(actor, Feature.SEE_DOCUMENTS)
    with transaction(write=False) as session:
        chosen = documents.owned(session, actor.company.id, actor.scope, document_ids)
        terms = terms_of(session, actor, chosen)
    return price(chosen, terms, actor.today)


def methods(actor: Actor) -> tuple[PaymentMethod, ...]:
    """Ways to pay open to this actor whatever the sum; none: the page names whom to contact."""
    require(actor, Feature.SEE_DOCUMENTS)
    currency = actor.company.currency
    with transaction(write=False) as session:
        account = payment_accounts.of_company(session, actor.company.id, currency)
        collects = _collects(session, actor.company.id, currency)
    known = {*account.methods, *((PaymentMethod.BOLETO,) if collects else ())}
    return tuple(m for m, feature in FEATURE_OF.items() if m in known and actor.may(feature))


def ways(actor: Actor, document_ids: Sequence[int]) -> Ways:
    """How these documents can be paid today; raises why not, where one of them cannot."""
    require(actor, Feature.SEE_DOCUMENTS)
    with transaction(write=False) as session:
        chosen = documents.owned(session, actor.company.id, actor.scope, document_ids)
        ensure_size(chosen)
        today = price(chosen, terms_of(session, actor, chosen), actor.today)
        return _ways(session, actor, chosen, today)


def start(
    actor: Actor,
    document_ids: Sequence[int],
    method: PaymentMethod,
    shown: Money,
    replaces: str | None = None,
) -> Started:
    """Freeze the documents at today's price in an attempt, and have its checkout opened.

    `shown` is the total the customer agreed to: if it is another by now, QuoteChanged and nothing
    is made. The same documents asked for twice (a second tab, a double click) give the first
    attempt. Where the provider is not reached the attempt waits; a job opens it.
    """
    feature = FEATURE_OF.get(method)
    if feature is None:
        raise InvalidField(field="method")
    require(actor, feature)
    with transaction() as session:
        attempt = _freeze(session, actor, document_ids, method, shown, replaces)
    if attempt.state is PaymentState.CREATED:
        checkouts.begin(actor.company, attempt.id)
    with transaction(write=False) as session:
        opened = payments.by_id(session, actor.company.id, attempt.id)
    return Started(opened.public_id, _url(opened))


def view(actor: Actor, public_id: str) -> Payment:
    """One of the actor's own payments; NotFound for any other."""
    require(actor, Feature.SEE_DOCUMENTS)
    with transaction(write=False) as session:
        return payments.by_public_id(session, actor.company.id, actor.scope, public_id)


def refresh(actor: Actor, public_id: str, *, arrived: bool = False) -> Payment:
    """The same, its provider asked first where that is worth it. Coming back proves nothing."""
    checkouts.refresh(actor.company, view(actor, public_id), arrived=arrived)
    return view(actor, public_id)


def seen(actor: Actor, public_id: str) -> Seen:
    """`view`, and when that was."""
    return Seen(view(actor, public_id), clock.now())


def watch(actor: Actor, public_id: str, *, arrived: bool = False) -> Seen:
    """`refresh`, and when that was."""
    return Seen(refresh(actor, public_id, arrived=arrived), clock.now())


def supersede(actor: Actor, public_id: str) -> tuple[int, ...]:
    """Give up an attempt that is not paid, to pay its documents another way. Returns their ids.

    A voucher is given up at once, its bank or provider asked to cancel it by a job; money that
    still arrives on it is taken all the same. Anything else only once its provider says that
    nobody can pay it any more: PaymentStillOpen or Unreachable until then, AlreadyPaid if
    somebody did.
    """
    payment = view(actor, public_id)
    feature = FEATURE_OF.get(payment.method)
    if feature is None:
        raise MethodUnavailable(method=payment.method.value)
    require(actor, feature)
    if payment.method in VOUCHERS:
        payment = _supersede_voucher(actor, payment)
    elif payment.state in LIVE:
        payment = checkouts.give_up(actor, payment)
        if payment.state in LIVE:
            raise PaymentStillOpen(payment=public_id)
    if RANK[payment.state] >= _PAID:
        raise AlreadyPaid(payment=public_id)
    return tuple(item.document for item in payment.items)


def terms_of(session: Session, actor: Actor, chosen: Sequence[Document]) -> dict[int, LateTerms]:
    """The late terms of each document, by its id."""
    by_carteira = companies.late_terms(
        session, actor.company.id, [document.carteira for document in chosen]
    )
    return {document.id: by_carteira[document.carteira] for document in chosen}


def first_attempt(session: Session, actor: Actor, chosen: Sequence[Document]) -> Payment | None:
    """The live attempt over exactly these documents."""
    wanted = {document.id for document in chosen}
    live = payments.live_over(session, actor.company.id, sorted(wanted))
    same = live is not None and {item.document for item in live.items} == wanted
    return live if same else None


def _ways(session: Session, actor: Actor, chosen: Sequence[Document], today: Quote) -> Ways:
    """A provider's boleto only where no contract has a bank; a bank's is nobody else's affair."""
    company = actor.company.id
    enabled = set(payment_accounts.of_company(session, company, today.currency).methods)
    has_bank = any(
        companies.offered_banks(session, company, carteira)
        for carteira in {document.carteira for document in chosen}
    )
    at_bank = has_bank or PaymentMethod.BOLETO not in enabled
    if at_bank:
        enabled.discard(PaymentMethod.BOLETO)
    open_to = set(offered(enabled, today.total, actor.features))
    if at_bank and actor.may(Feature.PAY_BOLETO) and _collects(session, company, today.currency):
        open_to.add(PaymentMethod.BOLETO)
    return Ways(today, tuple(method for method in FEATURE_OF if method in open_to), at_bank)


def _collects(session: Session, company: int, currency: str) -> bool:
    """Whether the company has banks for boletos at all; which of them fit is said when asked."""
    return currency == PAYABLE_BY_BOLETO and bool(companies.active_bank_carteiras(session, company))


def _freeze(
    session: Session,
    actor: Actor,
    document_ids: Sequence[int],
    method: PaymentMethod,
    shown: Money,
    replaces: str | None,
) -> Payment:
    """The attempt, or the first one over the same documents."""
    company = actor.company.id
    # Locked first: whoever waited here for a double click's first half sees its attempt.
    chosen = documents.owned(session, company, actor.scope, document_ids, lock=True)
    ensure_size(chosen)
    first = first_attempt(session, actor, chosen)
    if first is not None:
        return first
    today = price(chosen, terms_of(session, actor, chosen), actor.today)
    if today.total != shown:
        raise QuoteChanged(shown=shown, now=today.total)
    known = _ways(session, actor, chosen, today)
    if method not in known.methods or (method is PaymentMethod.BOLETO and known.at_bank):
        raise MethodUnavailable(method=method.value)
    before = payments.by_public_id(session, company, actor.scope, replaces).id if replaces else None
    order = _order(session, actor, today, method)
    new = NewPayment(
        customer=actor.scope.customer,
        public_id=order.payment,
        subject=actor.subject,
        method=method,
        quote=today,
        created_at=clock.now(),
        replaces=before,
        checkout=NewCheckout(
            present_provider(), order.account, order.key, facts_of(order), order.expires_at
        ),
    )
    payment = payments.add(session, company, new)
    checkouts.plan(session, actor.company, payment, order.expires_at)
    selections.clear(session, company, actor.subject, actor.scope.customer)
    made = payments.by_id(session, company, payment)
    audit.record(session, actor, Action.PAYMENT_STARTED, f"payment:{payment}", method=method.value)
    return made


def _order(session: Session, actor: Actor, today: Quote, method: PaymentMethod) -> CheckoutOrder:
    public_id = secrets.token_urlsafe(16)
    account = payment_accounts.of_company(session, actor.company.id, today.currency)
    customer = customers.by_id(session, actor.company.id, actor.scope.customer)
    return CheckoutOrder(
        key=f"pay:{public_id}:1",
        payment=public_id,
        account=account.account,
        method=method,
        amount=today.total,
        lines=tuple(CheckoutLine(item.number, item.total) for item in today.items),
        company=actor.company.name,
        email=address_of(customer.email) or "",
        locale=actor.locale,
        return_url=f"{settings().public_url}/pay/{public_id}",
        expires_at=clock.now().replace(microsecond=0) + OPEN_FOR,
    )


def _supersede_voucher(actor: Actor, payment: Payment) -> Payment:
    """The payment as it was last: another tab, or its money, may have come first."""
    company = actor.company.id
    with transaction() as session:
        found = payments.locked(session, company, payment.id)
        if found.state in LIVE:
            payments.move(session, company, found, PaymentState.SUPERSEDED)
            kind = checkouts.CLOSE_JOB if found.hosted else "boleto.cancel"
            jobs.put(session, company, kind, str(found.id), clock.now())
            audit.record(session, actor, Action.PAYMENT_GIVEN_UP, f"payment:{found.id}")
    return found


def _url(payment: Payment) -> str:
    return payment.hosted.url if payment.hosted and payment.state in LIVE else ""
