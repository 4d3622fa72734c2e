"""Boletos: which banks are offered, issue at one, show, print. Its life at the bank: registration.py."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

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
from portal_app.domain.boleto.bank import (
    Bank,
    Title,
    barcode_of,
    ensure_numbering,
    plain,
    title_of,
)
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.barcode import linha_digitavel
from portal_app.domain.boleto.charges import OwnCharges, own_charges
from portal_app.domain.boleto.issued import Boleto, NewBoleto
from portal_app.domain.boleto.registration import Stage, is_payable, stage
from portal_app.domain.boleto.second_copy import SecondCopy, agreements, second_copy
from portal_app.domain.boleto.sheet import BoletoSheet, Party, SheetItem
from portal_app.domain.companies import PAYABLE_BY_BOLETO, BankCarteira, Company
from portal_app.domain.customers import Customer
from portal_app.domain.documents import Block, Document, block_of
from portal_app.domain.errors import (
    BoletoHeldBack,
    MethodUnavailable,
    NoActiveBank,
    NotFound,
    NotPayable,
    NumberingExhausted,
    PayerIncomplete,
    QuoteChanged,
)
from portal_app.domain.grants import Feature
from portal_app.domain.late_charges import LateTerms
from portal_app.domain.money import Money
from portal_app.domain.payments import LIVE, Payment, PaymentMethod, PaymentState
from portal_app.domain.selection import (
    Quote,
    boleto_due_date,
    common_banks,
    ensure_size,
    price,
)
from portal_app.gateways import clock
from portal_app.gateways.registration import gateway_of
from portal_app.locales import day, money, percent, text
from portal_app.pdf.boleto import draw_boleto
from portal_app.services.access import Actor, require
from portal_app.services.payments import terms_of

# The words of a Brazilian slip are Portuguese whatever the reader's language.
_SLIP_LOCALE: Final = "pt_BR"


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


@dataclass(frozen=True, slots=True)
class Offer:
    """What paying these documents by boleto would be. One bank only: straight on."""

    today: Quote
    banks: tuple[BankOffer, ...]


@dataclass(frozen=True, slots=True)
class BoletoView:
    """A boleto as its customer may see it: `linha_digitavel` is None while it is held back."""

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
                _bank_offer(carteira, price(chosen, terms, actor.today, due))
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
    now = clock.now()
    at = _stage(payment, boleto, now)
    return BoletoView(
        payment=payment,
        bank=boleto.bank,
        bank_name=BANKS[boleto.bank].name,
        stage=at,
        nosso_numero=boleto.nosso_numero,
        amount=boleto.amount,
        due=boleto.due,
        requested_at=boleto.requested_at,
        available_at=boleto.available_at,
        now=now,
        reject_reason=boleto.reject_reason,
        linha_digitavel=boleto.linha_digitavel if is_payable(at) else None,
        may_print=is_payable(at) and actor.may(Feature.PRINT),
    )


def pdf(actor: Actor, public_id: str) -> tuple[str, bytes]:
    """File name and PDF of a payable boleto; BoletoHeldBack while the bank has not registered it."""
    require(actor, Feature.PRINT)
    with transaction(write=False) as session:
        payment = payments.by_public_id(session, actor.company.id, actor.scope, public_id)
        sheet = sheet_of(payable(session, actor.company.id, payment))
    return file_name(sheet), draw_boleto(sheet)


def payable(session: Session, company: int, payment: Payment) -> Boleto:
    """The boleto of a payment whose code and paper are open; BoletoHeldBack while they are not."""
    boleto = boletos.of_payment(session, company, payment.id)
    at = _stage(payment, boleto, clock.now())
    if not is_payable(at):
        raise BoletoHeldBack(state=at.value)
    return boleto


def sheet_of(boleto: Boleto) -> BoletoSheet:
    return BoletoSheet.from_facts(boleto.sheet)


def file_name(sheet: BoletoSheet) -> str:
    return f"boleto-{sheet.bank_code}-{plain(sheet.nosso_numero)}.pdf"


def imported_pdf(actor: Actor, document_public_id: str) -> tuple[str, bytes]:
    """File name and PDF of a boleto made outside the portal: the same title, not another one.

    NotPayable if it is paid or cancelled, NotFound for whatever cannot be printed with certainty.
    """
    require(actor, Feature.PRINT)
    with transaction(write=False) as session:
        company = actor.company.id
        document = documents.by_public_id(session, company, actor.scope, document_public_id)
        if not document.registered_elsewhere:
            raise NotFound(kind="boleto")
        reason = block_of(document)
        if reason is Block.CANCELLED or reason is Block.PAID:
            raise NotPayable(document=document.number, reason=reason.value)
        copy = second_copies(session, actor.company, [document]).get(document.id)
        if copy is None:
            raise NotFound(kind="boleto")
        payer = customers.by_id(session, company, actor.scope.customer)
    sheet = copy_sheet(actor.company, document, copy, payer)
    return file_name(sheet), draw_boleto(sheet)


def second_copies(
    session: Session, company: Company, found: Sequence[Document]
) -> dict[int, SecondCopy]:
    """Those of the documents whose boleto, made outside the portal, can be printed again."""
    elsewhere = {document.id: document for document in found if document.registered_elsewhere}
    if not elsewhere or not _is_payee(company):
        return {}
    registered = documents.registrations(session, company.id, elsewhere)
    carteiras = companies.active_bank_carteiras(session, company.id) if registered else []
    return {
        id_: copy
        for id_, at in registered.items()
        if (copy := second_copy(elsewhere[id_], at, carteiras)) is not None
    }


@dataclass(frozen=True, slots=True)
class _Order:
    """What a boleto is made of. `own` are the rates of the boleto itself once it is late."""

    carteira: BankCarteira
    chosen: tuple[Document, ...]
    quote: Quote
    payer: Customer
    own: LateTerms
    now: datetime

    @property
    def bank(self) -> Bank:
        return BANKS[self.carteira.bank]


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
    first = _first_attempt(session, actor, chosen)
    if first is not None:
        return first
    order = _order(session, actor, chosen, carteira)
    if order.quote.total != shown:
        raise QuoteChanged(shown=shown, now=order.quote.total)
    before = payments.by_public_id(session, company, actor.scope, replaces).id if replaces else None
    public_id = secrets.token_urlsafe(16)
    new = NewPayment(
        customer, public_id, actor.subject, PaymentMethod.BOLETO, order.quote, order.now, before
    )
    payment = payments.add(session, company, new)
    title = _title(session, actor, order, payment)
    boletos.add(session, company, title)
    payments.move(session, company, payments.by_id(session, company, payment), PaymentState.PENDING)
    jobs.put(session, company, "boleto.register", str(payment), order.now)
    jobs.put(session, company, "boleto.wait_over", str(payment), title.available_at)
    selections.clear(session, company, actor.subject, customer)
    return public_id


def _order(session: Session, actor: Actor, chosen: Sequence[Document], carteira: int) -> _Order:
    company = actor.company.id
    bank = next((b for b in _banks(session, actor, chosen) if b.id == carteira), None)
    if bank is None:
        raise NotFound(kind="bank")
    return _Order(
        carteira=bank,
        chosen=tuple(chosen),
        quote=price(
            chosen, terms_of(session, actor, chosen), actor.today, _due(chosen, actor, bank)
        ),
        payer=customers.by_id(session, company, actor.scope.customer),
        own=companies.late_terms(session, company, [bank.id])[bank.id],
        now=clock.now(),
    )


def _title(session: Session, actor: Actor, order: _Order, payment: int) -> NewBoleto:
    carteira, bank = order.carteira, order.bank
    title = _numbered(session, actor.company.id, order, payment)
    sheet = _order_sheet(actor, order, title)
    return NewBoleto(
        payment=payment,
        customer=order.payer.id,
        carteira=carteira.id,
        account=carteira.account,
        bank=bank.code,
        sequence=title.sequence,
        nosso_numero=sheet.nosso_numero,
        barcode=sheet.barcode,
        linha_digitavel=linha_digitavel(sheet.barcode),
        amount=sheet.amount,
        due=sheet.due,
        confirms=carteira.confirms,
        requested_at=order.now,
        available_at=order.now + timedelta(minutes=carteira.wait_minutes),
        sheet=sheet.facts(),
    )


def _numbered(session: Session, company: int, order: _Order, payment: int) -> Title:
    """The title with the account's next number that the bank does not have from another program."""
    carteira, bank = order.carteira, order.bank
    while True:
        sequence = companies.next_sequence(session, company, carteira.account)
        title = title_of(carteira, sequence, order.quote.total, order.quote.on, str(payment))
        ensure_numbering(bank, title)
        number = plain(bank.nosso_numero(title))
        if not documents.is_registered(session, company, bank.code, agreements(carteira), number):
            return title


def _order_sheet(actor: Actor, order: _Order, title: Title) -> BoletoSheet:
    sheet = _sheet(actor.company, order.carteira, title, order.payer)
    return replace(sheet, instructions=_instructions(order), items=_items(order))


def copy_sheet(
    company: Company, document: Document, copy: SecondCopy, payer: Customer
) -> BoletoSheet:
    """What the title itself says; which late charges its bank was told, nobody told us."""
    zero = Money.zero(document.total.currency)
    return replace(
        _sheet(company, copy.carteira, copy.title, payer),
        document_date=document.issued,
        instructions=(text("boleto.instruction.second_copy", _SLIP_LOCALE),),
        items=(SheetItem(document.number, document.due, document.total, zero, zero),),
    )


def _sheet(company: Company, carteira: BankCarteira, title: Title, payer: Customer) -> BoletoSheet:
    bank, today = BANKS[carteira.bank], clock.today(company.zone)
    barcode = barcode_of(bank, title)
    assert title.due is not None, "a barcode has a due date"
    assert title.amount is not None, "a barcode has an amount"
    return BoletoSheet(
        bank_code=bank.code,
        bank_dv=bank.dv,
        bank_name=bank.name,
        barcode=barcode,
        payee=Party(company.name, company.tax_id, (company.address,)),
        payer=_payer(payer),
        agencia_codigo=bank.agencia_codigo(title),
        nosso_numero=bank.nosso_numero(title),
        document_number=title.seu_numero,
        document_date=today,
        processing_date=today,
        due=title.due,
        amount=title.amount,
        carteira=carteira.carteira,
        payment_place=text("boleto.payment_place", _SLIP_LOCALE),
        contact=_contact(company),
    )


def _payer(payer: Customer) -> Party:
    town = f"{payer.postcode} {payer.city} - {payer.state}"
    lines = (payer.street, payer.district, town)
    return Party(payer.name, payer.tax_id, tuple(line for line in lines if line))


def _items(order: _Order) -> tuple[SheetItem, ...]:
    due = {document.id: document.due for document in order.chosen}
    return tuple(
        SheetItem(item.number, due[item.document], item.principal, item.fine, item.interest)
        for item in order.quote.items
    )


def _instructions(order: _Order) -> tuple[str, ...]:
    """What the bank is told to charge late, and what the amount contains already."""
    quote = order.quote
    fined = {document.id for document in order.chosen if document.fine_paid}
    lines = _late_lines(own_charges(quote, fined, order.own), order.own)
    if quote.fine or quote.interest:
        included = {
            "fine": money(quote.fine, _SLIP_LOCALE),
            "interest": money(quote.interest, _SLIP_LOCALE),
            "due": day(quote.on, _SLIP_LOCALE),
        }
        lines.append(text("boleto.instruction.included", _SLIP_LOCALE, **included))
    return tuple(lines)


def _late_lines(charges: OwnCharges, rates: LateTerms) -> list[str]:
    lines: list[str] = []
    if charges.fine:
        fine = {"fine": charges.fine, "rate": percent(rates.fine, _SLIP_LOCALE)}
        base = charges.fine_base
        lines.append(text("boleto.instruction.fine", _SLIP_LOCALE, **fine, base=base))
    if rates.interest:
        rate, base = percent(rates.interest, _SLIP_LOCALE), charges.interest_base
        lines.append(text("boleto.instruction.interest", _SLIP_LOCALE, rate=rate, base=base))
    return lines or [text("boleto.instruction.no_charges", _SLIP_LOCALE)]


def _contact(company: Company) -> str:
    contact = company.contact
    return " · ".join(part for part in (contact.name, contact.phone, contact.email) if part)


def _first_attempt(session: Session, actor: Actor, chosen: Sequence[Document]) -> str | None:
    """The live attempt over exactly these documents."""
    wanted = {document.id for document in chosen}
    live = payments.live_over(session, actor.company.id, sorted(wanted))
    same = live is not None and {item.document for item in live.items} == wanted
    return live.public_id if live is not None and same else None


def _chosen(session: Session, actor: Actor, ids: Sequence[int], *, lock: bool) -> list[Document]:
    chosen = documents.owned(session, actor.company.id, actor.scope, ids, lock=lock)
    ensure_size(chosen)
    if any(document.balance.currency != PAYABLE_BY_BOLETO for document in chosen):
        raise MethodUnavailable(method=PaymentMethod.BOLETO.value)
    return chosen


def _banks(session: Session, actor: Actor, chosen: Sequence[Document]) -> list[BankCarteira]:
    """The banks these documents share, of those this installation can talk to."""
    company = actor.company.id
    if not _is_payee(actor.company):
        raise NoActiveBank(reason="payee_incomplete")
    _ensure_payer(customers.by_id(session, company, actor.scope.customer))
    offered: dict[int | None, tuple[int, ...]] = {
        carteira: companies.offered_banks(session, company, carteira)
        for carteira in {document.carteira for document in chosen}
    }
    known = companies.bank_carteiras(
        session, company, [bank for banks in offered.values() for bank in banks]
    )
    usable = {id_ for id_, carteira in known.items() if _is_usable(carteira)}
    shared = common_banks(
        [(d.number, tuple(bank for bank in offered[d.carteira] if bank in usable)) for d in chosen]
    )
    banks = [known[bank] for bank in shared]
    return banks if actor.may(Feature.CHOOSE_BANK) else banks[:1]


def _is_payee(company: Company) -> bool:
    """A boleto must say who is paid, and where they are."""
    return bool(company.tax_id and company.address)


def _is_usable(carteira: BankCarteira) -> bool:
    if carteira.bank not in BANKS:
        return False
    try:
        gateway_of(carteira.bank)
    except MethodUnavailable:
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


def _bank_offer(carteira: BankCarteira, quote: Quote) -> BankOffer:
    return BankOffer(
        carteira=carteira.id,
        bank=carteira.bank,
        name=BANKS[carteira.bank].name,
        carteira_code=carteira.carteira,
        convenio=carteira.convenio,
        due=quote.on,
        total=quote.total,
        wait_minutes=carteira.wait_minutes,
    )


def _stage(payment: Payment, boleto: Boleto, now: datetime) -> Stage:
    """Where the boleto stands; one given up is closed, whatever its bank still says."""
    at = stage(boleto.state, confirms=boleto.confirms, available_at=boleto.available_at, now=now)
    return at if payment.state in LIVE or at is Stage.REJECTED else Stage.CLOSED


def _open_task(company: int, kind: str, subject: str, refusal: Exception) -> None:
    with transaction() as session:
        tasks.put(session, company, kind, subject, clock.now(), details={"refusal": str(refusal)})
