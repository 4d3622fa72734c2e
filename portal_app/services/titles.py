"""What a bank's word changes: the state of a title, of its payment, and who is told.

Each function works inside the caller's transaction and does nothing to a title that is further
on already: banks report late, twice and out of order.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal_app.db import boletos, customers, jobs, payments, tasks
from portal_app.db.engine import Session
from portal_app.domain.boleto.barcode import linha_digitavel
from portal_app.domain.boleto.gateway import Report
from portal_app.domain.boleto.issued import Boleto
from portal_app.domain.boleto.registration import BoletoState, may_follow
from portal_app.domain.boleto.sheet import BoletoSheet
from portal_app.domain.companies import Company
from portal_app.domain.emails import MailKind
from portal_app.domain.errors import InvalidBarcode, InvalidPix
from portal_app.domain.payments import LIVE, PaymentState
from portal_app.domain.payments import may_follow as payment_may_follow
from portal_app.domain.pix import decode
from portal_app.gateways import clock
from portal_app.services import mail

SILENT: Final = "boleto_silent"
# A title its bank gave up is closed here so many days later, should nobody have said so.
_GRACE: Final = timedelta(days=5)
_CLOSES: Final = {
    BoletoState.EXPIRED: PaymentState.EXPIRED,
    BoletoState.CANCELLED: PaymentState.CANCELLED,
}


def subject(boleto: Boleto) -> str:
    """How tasks name it."""
    return f"payment:{boleto.payment}"


def confirm(session: Session, company: Company, boleto: Boleto, report: Report) -> bool:
    """The bank has registered it: code and paper are open. False if that is no news.

    What a bank numbered itself is only taken if its code asks for what the paper says. A number
    of ours under which the bank has another title is spent: ours is rejected.
    """
    if not may_follow(boleto.state, BoletoState.REGISTERED):
        return False
    now = clock.now()
    if not boleto.barcode and not _number(session, company, boleto, report):
        return False
    if boleto.barcode and report.barcode not in {"", boleto.barcode}:
        _code_is_wrong(session, company, boleto, "code_mismatch")
        return reject(session, company, boleto, "code_mismatch")
    boletos.move(session, company.id, boleto, BoletoState.REGISTERED, bank_ref=report.bank_ref)
    pix = _readable_pix(session, company, boleto, report.pix)
    boletos.set_registered(session, company.id, boleto, pix, now)
    tasks.close(session, company.id, SILENT, subject(boleto), now)
    jobs.put(session, company.id, "boleto.expire", str(boleto.payment), closes_at(company, boleto))
    if payments.by_id(session, company.id, boleto.payment).state in LIVE:
        customer = customers.by_id(session, company.id, boleto.customer)
        mail.owe(session, company, customer, boleto.payment, MailKind.BOLETO_REGISTERED)
    return True


def reject(session: Session, company: Company, boleto: Boleto, reason: str) -> bool:
    """A rejected title has spent its number; its documents are free again. False if no news."""
    if not may_follow(boleto.state, BoletoState.REJECTED):
        return False
    boletos.move(session, company.id, boleto, BoletoState.REJECTED, reason=reason)
    tasks.close(session, company.id, SILENT, subject(boleto), clock.now())
    _end_payment(session, company, boleto, PaymentState.FAILED, reason)
    return True


def close(session: Session, company: Company, boleto: Boleto, state: BoletoState) -> bool:
    """The bank gave it up (EXPIRED) or withdrew it (CANCELLED): its documents are free."""
    if not may_follow(boleto.state, state):
        return False
    boletos.move(session, company.id, boleto, state)
    tasks.close(session, company.id, SILENT, subject(boleto), clock.now())
    _end_payment(session, company, boleto, _CLOSES[state])
    return True


def closes_at(company: Company, boleto: Boleto) -> datetime:
    """When nobody can pay it any more: the bank gave it up and had days to say so."""
    days = boleto.order.write_off_days if boleto.order else 0
    last = boleto.payable_until + timedelta(days=days) + _GRACE
    return _start_of(last + timedelta(days=1), company)


def _start_of(day: date, company: Company) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(company.zone))


def _number(session: Session, company: Company, boleto: Boleto, report: Report) -> bool:
    facts = {**boleto.sheet, "barcode": report.barcode, "nosso_numero": report.nosso_numero}
    try:
        sheet = BoletoSheet.from_facts(facts)
        code = (sheet.barcode, linha_digitavel(sheet.barcode))
    except InvalidBarcode as wrong:
        # Nobody may pay by a code that asks for something else; staff ask the bank.
        _code_is_wrong(session, company, boleto, str(wrong))
        return False
    boletos.number(session, company.id, boleto, report.nosso_numero, code, sheet.facts())
    return True


def _readable_pix(session: Session, company: Company, boleto: Boleto, code: str) -> str:
    """The bank's Pix code where an app could read it; a boleto can be paid without."""
    if not code:
        return ""
    try:
        decode(code)
    except InvalidPix as wrong:
        _code_is_wrong(session, company, boleto, str(wrong))
        return ""
    return code


def _code_is_wrong(session: Session, company: Company, boleto: Boleto, refusal: str) -> None:
    details = {"bank": boleto.bank, "nosso_numero": boleto.nosso_numero, "refusal": refusal}
    about = subject(boleto)
    tasks.put(session, company.id, "boleto_code_wrong", about, clock.now(), details=details)


def _end_payment(
    session: Session, company: Company, boleto: Boleto, state: PaymentState, reason: str = ""
) -> None:
    payment = payments.by_id(session, company.id, boleto.payment)
    if payment.state in LIVE and payment_may_follow(payment.state, state):
        payments.move(session, company.id, payment, state, reason)
