"""Receipts: owed by whatever brings money or takes it back, issued by a job, shown to their owner.

A receipt states what the books say. Its number is the last thing that is taken before it is
written, in the same transaction: what fails is undone whole and leaves no gap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Literal

from portal_app.db import (
    boletos,
    companies,
    customers,
    jobs,
    ledger,
    payments,
    tasks,
    users,
)
from portal_app.db import receipts as stored
from portal_app.db.engine import Session, is_trouble, transaction
from portal_app.db.jobs import Claim
from portal_app.db.ledger import Posted
from portal_app.db.receipts import NewReceipt
from portal_app.domain.companies import Company
from portal_app.domain.customers import Customer
from portal_app.domain.emails import MailKind
from portal_app.domain.errors import NotFound, StaleClaim, name_of
from portal_app.domain.grants import Feature
from portal_app.domain.jobs import JobState
from portal_app.domain.ledger import EntryKind
from portal_app.domain.money import Money
from portal_app.domain.multibanco import spaced
from portal_app.domain.payments import Hosted, Payment, PaymentMethod
from portal_app.domain.receipts import (
    Receipt,
    ReceiptFacts,
    ReceiptKind,
    file_name,
    number_of,
    series_of,
    stated,
)
from portal_app.gateways import clock
from portal_app.pdf.receipt import draw_receipt
from portal_app.services import audit, mail
from portal_app.services.actors import Actor, require
from portal_app.services.owed_receipts import JOB, REVERSAL

_FAILED: Final = "receipt_failed"
_WAIT: Final = timedelta(seconds=5)
# Where a person must look at the receipt first, asking each few seconds would be in vain.
_WAIT_FOR_A_PERSON: Final = timedelta(minutes=10)
# Which entry states what a receipt is about, and what causes it.
_ENTRIES: Final = {
    "": (EntryKind.PAYMENT, "payment"),
    REVERSAL: (EntryKind.REVERSAL, "payment"),
    "refund": (EntryKind.REFUND, "refund"),
    "dispute": (EntryKind.DISPUTE_LOST, "dispute"),
}


@dataclass(frozen=True, slots=True)
class RefundView:
    """Money that went back, as it was stated. `pdf` is the paper's public id, '' as in ReceiptView."""

    number: str
    pdf: str
    total: Money
    on: date


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """What a payment's page shows. `pdf` is empty where there is none, or it may not be printed."""

    status: Literal["issued", "on_its_way", "none"]
    number: str
    pdf: str
    refunds: tuple[RefundView, ...]


@dataclass(frozen=True, slots=True)
class _Matter:
    """A payment, and what about it is stated: '' its money, 'refund:3', 'dispute:1', REVERSAL."""

    payment: int
    about: str

    @classmethod
    def of(cls, key: str) -> _Matter:
        payment, _, about = key.partition("/")
        return cls(int(payment), about)

    @property
    def entry(self) -> tuple[EntryKind, tuple[str, int]]:
        kind, _, row = self.about.partition(":")
        entry, source = _ENTRIES[kind]
        return entry, (source, int(row) if row else self.payment)

    @property
    def subject(self) -> str:
        return f"payment:{self.payment}"


@dataclass(frozen=True, slots=True)
class _Case:
    """Whose payment is stated."""

    session: Session
    company: Company
    customer: Customer
    payment: Payment


def issue(claimed: Claim) -> None:
    """Number and keep a receipt, once; a task says if that fails, until a later try succeeds."""
    matter = _Matter.of(claimed.key)
    try:
        _issue(claimed, matter)
    except StaleClaim:
        raise
    except Exception as error:
        if not is_trouble(error):
            _tell(claimed, matter, error)
        raise


def pdf(actor: Actor, public_id: str) -> tuple[str, bytes]:
    """File name and PDF of one of the actor's own receipts, in the actor's language."""
    require(actor, Feature.PRINT)
    with transaction(write=False) as session:
        receipt = stored.by_public_id(session, actor.company.id, actor.scope, public_id)
    drawn = draw_receipt(receipt.facts, actor.locale)
    audit.opened(actor, f"receipt:{receipt.id}")
    return file_name(receipt.number), drawn


def view(actor: Actor, payment_public_id: str) -> ReceiptView:
    """What was stated of one of the actor's own payments so far."""
    require(actor, Feature.SEE_DOCUMENTS)
    company = actor.company.id
    with transaction(write=False) as session:
        payment = payments.by_public_id(session, company, actor.scope, payment_public_id)
        found = stored.of_payment(session, company, payment.id)
        job = jobs.state_of(session, company, JOB, str(payment.id))
    own = next((each for each in found if each.kind is ReceiptKind.RECEIPT), None)
    refunds = tuple(
        RefundView(each.number, _paper(actor, each), each.total, each.paid_on)
        for each in found
        if each.kind is ReceiptKind.REFUND
    )
    if own is not None:
        return ReceiptView("issued", own.number, _paper(actor, own), refunds)
    return ReceiptView("on_its_way" if job else "none", "", "", refunds)


def _issue(claimed: Claim, matter: _Matter) -> None:
    now = clock.now()
    with transaction() as session:
        # Held until the end: whoever lost the job learns it before a number is taken.
        jobs.renew(session, claimed, now)
        original = stored.about(session, claimed.company, matter.payment, "")
        wait = _wait(session, claimed.company, matter) if original is None else None
        if wait is not None:
            jobs.again(session, claimed, now + wait)
            return
        # Money of an imported title has no receipt of ours; neither has what went back of it.
        if original is not None or not matter.about:
            _ensure_stated(session, claimed.company, matter, original)
        tasks.close(session, claimed.company, _FAILED, matter.subject, now)
        jobs.done(session, claimed)


def _wait(session: Session, company: int, matter: _Matter) -> timedelta | None:
    """How long money that went back waits for the receipt it answers; None if none will come."""
    state = jobs.state_of(session, company, JOB, str(matter.payment)) if matter.about else None
    if state is None or state is JobState.DONE:
        return None
    return _WAIT_FOR_A_PERSON if state is JobState.DEAD else _WAIT


def _ensure_stated(
    session: Session, company: int, matter: _Matter, original: Receipt | None
) -> None:
    if stored.about(session, company, matter.payment, matter.about) is not None:
        return
    owner = companies.by_id(session, company)
    payment = payments.by_id(session, company, matter.payment)
    customer = customers.by_id(session, company, payment.customer)
    case = _Case(session, owner, customer, payment)
    facts = _facts(case, matter, original)
    # What cannot be drawn is not numbered.
    locale = users.locale_of_customer(session, company, customer.id) or owner.locale
    draw_receipt(facts, locale)
    _keep(case, matter, facts)


def _facts(case: _Case, matter: _Matter, original: Receipt | None) -> ReceiptFacts:
    """What the books say, all but the number."""
    company, payment = case.company, case.payment
    entry = _entry(case, matter)
    named = {line.document for line in entry.lines if line.document is not None}
    balances = ledger.balances_after(case.session, company.id, named, entry.id)
    says = stated(entry.lines, payment.items, balances)
    contact, today = company.contact, clock.today(company.zone)
    return ReceiptFacts(
        kind=ReceiptKind.REFUND if matter.about else ReceiptKind.RECEIPT,
        number=number_of(series_of(today), 0),
        issued_on=today,
        paid_on=entry.value_date,
        method=payment.method,
        reference=_reference(case),
        company=company.name,
        company_tax_id=company.tax_id,
        company_address=company.address,
        customer=case.customer.name,
        customer_tax_id=case.customer.tax_id,
        lines=says.lines,
        total=says.total,
        credit=says.credit,
        owed=says.owed,
        answers=original.number if original else "",
        company_contact=" · ".join(filter(None, (contact.name, contact.phone, contact.email))),
        accent=company.accent,
    )


def _entry(case: _Case, matter: _Matter) -> Posted:
    entry = ledger.posted(case.session, case.company.id, *matter.entry)
    if entry is None:
        raise NotFound(kind="journal_entry")
    return entry


def _reference(case: _Case) -> str:
    """What payer and provider or bank both know the payment by; '' if there is nothing of that."""
    hosted = case.payment.hosted
    if hosted is not None:
        return _provider_reference(hosted)
    if case.payment.method is not PaymentMethod.BOLETO:
        return ""
    try:
        return boletos.of_payment(case.session, case.company.id, case.payment.id).nosso_numero
    except NotFound:
        # Money that came beside the one that was asked for has no title of its own.
        return ""


def _provider_reference(hosted: Hosted) -> str:
    voucher = hosted.voucher
    if voucher.reference:
        return f"{voucher.entity} {spaced(voucher.reference)}".strip()
    return hosted.intent or hosted.session


def _keep(case: _Case, matter: _Matter, facts: ReceiptFacts) -> None:
    """Number it, as late as can be: until this is committed all others wait for their number."""
    session, company = case.session, case.company.id
    series = series_of(facts.issued_on)
    number = stored.take_number(session, company, series)
    receipt = NewReceipt(
        payment=case.payment.id,
        customer=case.customer.id,
        about=matter.about,
        series=series,
        number=number,
        facts=replace(facts, number=number_of(series, number)),
        created_at=clock.now(),
    )
    kept = stored.add(session, company, receipt)
    mail.owe_receipt(session, case.company, case.customer, kept, MailKind(facts.kind.value))


def _tell(claimed: Claim, matter: _Matter, error: Exception) -> None:
    """A person may have to look. Not from a worker that lost the job: the other one knows better."""
    now = clock.now()
    facts = {"kind": JOB, "key": claimed.key, "reason": name_of(error)}
    with transaction() as session:
        jobs.renew(session, claimed, now)
        tasks.put(session, claimed.company, _FAILED, matter.subject, now, details=facts)


def _paper(actor: Actor, receipt: Receipt) -> str:
    return receipt.public_id if actor.may(Feature.PRINT) else ""
