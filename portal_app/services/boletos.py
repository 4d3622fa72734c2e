"""Boletos: which banks are offered, issue at one, how one stands. Its life at the bank: registration.py."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal_app.db import (
    boletos,
    companies,
    customers,
    documents,
    jobs,
    payments,
    selections,
    tasks,
)
from portal_app.db.engine import Session, transaction
from portal_app.db.payments import NewPayment
from portal_app.domain.audit import Action
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.gateway import Capability
from portal_app.domain.boleto.issued import Boleto
from portal_app.domain.boleto.order import Discount
from portal_app.domain.boleto.registration import BoletoState, Stage, is_payable, stage
from portal_app.domain.calendar import business_day_from
from portal_app.domain.companies import PAYABLE_BY_BOLETO, BankCarteira, Company, Overdue, is_payee
from portal_app.domain.customers import Customer
from portal_app.domain.documents import Document
from portal_app.domain.errors import (
    BankAccessDenied,
    InvalidField,
    MethodUnavailable,
    NoActiveBank,
    NotFound,
    NotOverdue,
    NotSupported,
    NumberingExhausted,
    PayerIncomplete,
    QuoteChanged,
)
from portal_app.domain.grants import Feature
from portal_app.domain.money import Money
from portal_app.domain.payments import LIVE, Payment, PaymentMethod, PaymentState
from portal_app.domain.selection import (
    Quote,
    boleto_due_date,
    common_banks,
    ensure_size,
    price,
)
from portal_app.domain.settlement import Terms, expected_charges
from portal_app.gateways import clock
from portal_app.services import audit
from portal_app.services.actors import Actor, require
from portal_app.services.bank_gateways import gateway_for, is_offered
from portal_app.services.boleto_orders import Wish, discount_on
from portal_app.services.new_titles import new_title
from portal_app.services.payments import first_attempt, terms_of


@dataclass(frozen=True, slots=True)
class BankOffer:
    """A bank the customer may choose. `total` is what its boleto, due on `due`, will say."""

    carteira: int
    bank: str
    name: str
    carteira_code: str
    convenio: str
    due: date
    total: Money
    wait_minutes: int
    discount: Discount | None = None
    with_pix: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What paying these documents by boleto would be. One bank only: straight on."""

    today: Quote
    banks: tuple[BankOffer, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a boleto stands for its customer.

    `overdue`: what its carteira does with a title past due, None while it is not. `may_pay`: its
    code and paper are open. `charges`: what its bank adds today, nothing before it is late.
    """

    stage: Stage
    overdue: Overdue | None
    may_pay: bool
    charges: Money


@dataclass(frozen=True, slots=True)
class BoletoView:
    """A boleto as its customer may see it: code and Pix are None while they are held back.

    `due` is the date that holds now; `amended` says that it is a later one than the paper's, and
    `asked_due` is one the bank was asked for. `charges` and `discount` are what holds today.
    """

    payment: Payment
    bank: str
    bank_name: str
    stage: Stage
    nosso_numero: str
    amount: Money
    due: date
    requested_at: datetime
    available_at: datetime
    now: datetime
    reject_reason: str
    linha_digitavel: str | None
    may_print: bool
    pix: str | None = None
    overdue: Overdue | None = None
    amended: bool = False
    asked_due: date | None = None
    is_part_paid: bool = False
    charges: Money | None = None
    discount: Discount | None = None


def offer(actor: Actor, document_ids: Sequence[int]) -> Offer:
    """Banks that can collect all these documents, each with its due date and total.

    Raises NoActiveBank (and opens a task), SeparatePayments, PayerIncomplete, or
    why a document cannot be paid.
    """
    require(actor, Feature.PAY_BOLETO)
    try:
        with transaction(write=False) as session:
            chosen = _chosen(session, actor, document_ids, lock=False)
            terms = terms_of(session, actor, chosen)
            today = price(chosen, terms, actor.today)
            banks = tuple(
                _bank_offer(actor, carteira, price(chosen, terms, actor.today, due))
                for carteira in _banks(session, actor, chosen)
                for due in (_due(chosen, actor, carteira),)
            )
    except NoActiveBank as refusal:
        _open_task(actor.company.id, "no_active_bank", f"customer:{actor.scope.customer}", refusal)
        raise
    return Offer(today, banks)


def issue(
    actor: Actor,
    document_ids: Sequence[int],
    carteira: int,
    shown: Money,
    replaces: str | None = None,
) -> str:
    """Make the boleto at the chosen bank and return its payment's public id.

    `shown` is the total the customer agreed to: if it is another by now,
    QuoteChanged and nothing is made. The same documents asked for twice (a second
    tab, a double click) give the first attempt. `replaces` names the attempt this
    one is made in place of.
    """
    require(actor, Feature.PAY_BOLETO)
    try:
        with transaction() as session:
            return _issue(session, actor, document_ids, carteira, shown, replaces)
    except NumberingExhausted as refusal:
        _open_task(actor.company.id, "numbering_exhausted", f"carteira:{carteira}", refusal)
        raise


def view(actor: Actor, public_id: str) -> BoletoView:
    """The boleto of one of the actor's payments; NotFound for any other."""
    require(actor, Feature.SEE_DOCUMENTS)
    with transaction(write=False) as session:
        payment = payments.by_public_id(session, actor.company.id, actor.scope, public_id)
        boleto = boletos.of_payment(session, actor.company.id, payment.id)
        at = standing(session, actor.company, payment, boleto)
    return BoletoView(
        payment=payment,
        bank=boleto.bank,
        bank_name=BANKS[boleto.bank].name,
        stage=at.stage,
        nosso_numero=boleto.nosso_numero,
        amount=boleto.amount,
        due=boleto.payable_until,
        requested_at=boleto.requested_at,
        available_at=boleto.available_at,
        now=clock.now(),
        reject_reason=boleto.reject_reason,
        linha_digitavel=boleto.linha_digitavel if at.may_pay else None,
        may_print=at.may_pay and actor.may(Feature.PRINT),
        pix=boleto.pix or None if at.may_pay else None,
        overdue=at.overdue,
        amended=boleto.amended_due is not None,
        asked_due=boleto.asked_due if at.overdue is Overdue.AMEND else None,
        is_part_paid=boleto.state is BoletoState.PART_PAID,
        charges=at.charges or None,
        discount=_discount_today(actor, boleto) if at.may_pay else None,
    )


def _discount_today(actor: Actor, boleto: Boleto) -> Discount | None:
    """What is still let off the boleto."""
    promised = boleto.order.discount if boleto.order else None
    if promised is None:
        return None
    last_day = business_day_from(promised.until, actor.company.country)
    return promised if actor.today <= last_day else None


def standing(session: Session, company: Company, payment: Payment, boleto: Boleto) -> Standing:
    """How the boleto stands today; one given up is closed, whatever its bank still says."""
    at, today = _stage(payment, boleto, clock.now()), clock.today(company.zone)
    none = Money.zero(boleto.amount.currency)
    last_day = business_day_from(boleto.payable_until, company.country)
    if not is_payable(at) or today <= last_day:
        return Standing(at, None, is_payable(at), none)
    found = companies.bank_carteiras(session, company.id, [boleto.carteira])
    policy = found[boleto.carteira].overdue
    charges = none
    if policy is Overdue.SAME and boleto.order is not None:
        told = Terms(boleto.payable_until, boleto.order.late)
        charges = expected_charges(boleto.amount, told, today)
    return Standing(at, policy, policy is Overdue.SAME, charges)


def move_due(actor: Actor, public_id: str) -> date:
    """Have the bank of an overdue boleto move its due date; the date it will be.

    NotOverdue before that, NotSupported where its carteira does something else with overdue
    titles. Asked for twice it is asked of the bank once.
    """
    require(actor, Feature.PAY_BOLETO)
    with transaction() as session:
        company = actor.company
        payment = payments.by_public_id(session, company.id, actor.scope, public_id)
        boleto = boletos.of_payment(session, company.id, payment.id)
        at = standing(session, actor.company, payment, boleto)
        if at.overdue is None:
            raise NotOverdue
        if at.overdue is not Overdue.AMEND:
            raise NotSupported(action="amend")
        carteira = companies.bank_carteiras(session, company.id, [boleto.carteira])
        days = carteira[boleto.carteira].days_to_pay
        if boleto.asked_due is not None and boleto.asked_due >= actor.today:
            return boleto.asked_due
        due = boleto_due_date([], actor.today, days, company.country)
        boletos.ask_due(session, company.id, boleto, due)
        now = clock.now()
        # A day that was refused may be asked for again.
        key = f"{payment.id}/{due.isoformat()}/{secrets.token_hex(4)}"
        jobs.put(session, company.id, "boleto.amend", key, now, {"due": due.isoformat()})
        facts = {"due": due.isoformat()}
        audit.record(session, actor, Action.DUE_MOVED, f"payment:{payment.id}", **facts)
    return due


def _issue(
    session: Session,
    actor: Actor,
    document_ids: Sequence[int],
    carteira: int,
    shown: Money,
    replaces: str | None,
) -> str:
    company, customer = actor.company.id, actor.scope.customer
    # Locked first: whoever waited here for a double click's first half sees its attempt.
    chosen = _chosen(session, actor, document_ids, lock=True)
    first = first_attempt(session, actor, chosen)
    if first is not None:
        return first.public_id
    wish = _wish(session, actor, chosen, carteira)
    if wish.quote.total != shown:
        raise QuoteChanged(shown=shown, now=wish.quote.total)
    before = payments.by_public_id(session, company, actor.scope, replaces).id if replaces else None
    public_id = secrets.token_urlsafe(16)
    new = NewPayment(
        customer, public_id, actor.subject, PaymentMethod.BOLETO, wish.quote, wish.now, before
    )
    payment = payments.add(session, company, new)
    title = new_title(session, wish, payment)
    boletos.add(session, company, title)
    payments.move(session, company, payments.by_id(session, company, payment), PaymentState.PENDING)
    jobs.put(session, company, "boleto.register", str(payment), wish.now)
    jobs.put(session, company, "boleto.wait_over", str(payment), title.available_at)
    selections.clear(session, company, actor.subject, customer)
    facts = {"method": PaymentMethod.BOLETO.value, "bank": wish.carteira.bank}
    audit.record(session, actor, Action.PAYMENT_STARTED, f"payment:{payment}", **facts)
    return public_id


def _wish(session: Session, actor: Actor, chosen: Sequence[Document], carteira: int) -> Wish:
    company = actor.company.id
    bank = next((b for b in _banks(session, actor, chosen) if b.id == carteira), None)
    if bank is None:
        raise NotFound(kind="bank")
    due = _due(chosen, actor, bank)
    return Wish(
        company=actor.company,
        carteira=bank,
        chosen=tuple(chosen),
        quote=price(chosen, terms_of(session, actor, chosen), actor.today, due),
        payer=customers.by_id(session, company, actor.scope.customer),
        own=companies.late_terms(session, company, [bank.id])[bank.id],
        today=actor.today,
        now=clock.now(),
    )


def _chosen(session: Session, actor: Actor, ids: Sequence[int], *, lock: bool) -> list[Document]:
    chosen = documents.owned(session, actor.company.id, actor.scope, ids, lock=lock)
    ensure_size(chosen)
    if any(document.balance.currency != PAYABLE_BY_BOLETO for document in chosen):
        raise MethodUnavailable(method=PaymentMethod.BOLETO.value)
    return chosen


def _banks(session: Session, actor: Actor, chosen: Sequence[Document]) -> list[BankCarteira]:
    """The banks these documents share, of those this installation can talk to."""
    company = actor.company.id
    if not is_payee(actor.company):
        raise NoActiveBank(reason="payee_incomplete")
    _ensure_payer(customers.by_id(session, company, actor.scope.customer))
    offered: dict[int | None, tuple[int, ...]] = {
        carteira: companies.offered_banks(session, company, carteira)
        for carteira in {document.carteira for document in chosen}
    }
    known = companies.bank_carteiras(
        session, company, [bank for banks in offered.values() for bank in banks]
    )
    usable = {id_ for id_, carteira in known.items() if _is_usable(actor.company, carteira)}
    shared = common_banks(
        [(d.number, tuple(bank for bank in offered[d.carteira] if bank in usable)) for d in chosen]
    )
    banks = [known[bank] for bank in shared]
    return banks if actor.may(Feature.CHOOSE_BANK) else banks[:1]


def _is_usable(company: Company, carteira: BankCarteira) -> bool:
    if carteira.bank not in BANKS or not is_offered(carteira):
        return False
    try:
        gateway_for(company, carteira)
    except (MethodUnavailable, BankAccessDenied, InvalidField):
        return False
    return True


def _ensure_payer(payer: Customer) -> None:
    """Banks refuse a title without the payer's tax id and address."""
    missing = [
        name
        for name in ("tax_id", "street", "city", "state", "postcode")
        if not getattr(payer, name)
    ]
    if not payer.tax_id_valid and "tax_id" not in missing:
        missing.insert(0, "tax_id")
    if missing:
        raise PayerIncomplete(fields=missing)


def _due(chosen: Sequence[Document], actor: Actor, carteira: BankCarteira) -> date:
    return boleto_due_date(chosen, actor.today, carteira.days_to_pay, actor.company.country)


def _bank_offer(actor: Actor, carteira: BankCarteira, quote: Quote) -> BankOffer:
    gateway = gateway_for(actor.company, carteira)
    return BankOffer(
        carteira=carteira.id,
        bank=carteira.bank,
        name=BANKS[carteira.bank].name,
        carteira_code=carteira.carteira,
        convenio=carteira.convenio,
        due=quote.on,
        total=quote.total,
        wait_minutes=carteira.wait_minutes,
        discount=discount_on(carteira, quote, actor.today),
        with_pix=carteira.wants_pix and Capability.PIX in gateway.capabilities,
    )


def _stage(payment: Payment, boleto: Boleto, now: datetime) -> Stage:
    """Where the boleto stands; one given up is closed, whatever its bank still says."""
    at = stage(boleto.state, confirms=boleto.confirms, available_at=boleto.available_at, now=now)
    return at if payment.state in LIVE or at is Stage.REJECTED else Stage.CLOSED


def _open_task(company: int, kind: str, subject: str, refusal: Exception) -> None:
    with transaction() as session:
        tasks.put(session, company, kind, subject, clock.now(), details={"refusal": str(refusal)})
