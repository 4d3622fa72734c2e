"""A boleto's life at its bank, as the background jobs live it: register, poll, wait over, cancel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from portal_app.db import boletos, jobs, payments, tasks
from portal_app.db.engine import Session, transaction
from portal_app.db.jobs import Claim
from portal_app.domain.boleto.issued import Boleto
from portal_app.domain.boleto.registration import BoletoState, may_follow
from portal_app.domain.payments import LIVE, Payment, PaymentState
from portal_app.gateways import clock
from portal_app.gateways.registration import gateway_of
from portal_app.gateways.registration.report import Answer, Report

_POLL_AFTER_WAIT: Final = timedelta(minutes=5)
_POLL_FOR: Final = timedelta(days=5)
_SILENT: Final = "boleto_silent"


def register(claimed: Claim) -> None:
    """Hand the title to its bank. Safe to repeat: the bank knows it by its nosso número."""
    boleto, payment = _of_job(claimed)
    if payment.state not in LIVE or not may_follow(boleto.state, BoletoState.PENDING):
        _done(claimed)
        return
    gateway = gateway_of(boleto.bank)
    gateway.register(boleto.nosso_numero)
    with transaction() as session:
        boletos.move(session, claimed.company, boleto, BoletoState.PENDING)
        if boleto.confirms:
            when = boleto.requested_at + gateway.answers_in
            jobs.put(session, claimed.company, "boleto.poll", claimed.key, when)
        jobs.done(session, claimed)


def poll(claimed: Claim) -> None:
    """Ask the bank what became of the title, until it says."""
    boleto, payment = _of_job(claimed)
    now = clock.now()
    if not may_follow(boleto.state, BoletoState.REGISTERED):
        _done(claimed)
        return
    gateway = gateway_of(boleto.bank)
    report = gateway.query(boleto.nosso_numero, boleto.requested_at, now)
    with transaction() as session:
        if report is None:
            _ask_later(session, claimed, boleto, now, gateway.answers_in)
            return
        _take(session, claimed.company, boleto, payment, report)
        tasks.close(session, claimed.company, _SILENT, _subject(boleto), now)
        jobs.done(session, claimed)


def wait_over(claimed: Claim) -> None:
    """The wait is over. A carteira without confirmation: payable; else a task for staff."""
    boleto, payment = _of_job(claimed)
    with transaction() as session:
        if payment.state in LIVE and may_follow(boleto.state, BoletoState.REGISTERED):
            if boleto.confirms:
                facts = {"bank": boleto.bank, "nosso_numero": boleto.nosso_numero}
                now = clock.now()
                tasks.put(session, claimed.company, _SILENT, _subject(boleto), now, details=facts)
            else:
                boletos.move(session, claimed.company, boleto, BoletoState.REGISTERED)
        jobs.done(session, claimed)


def cancel(claimed: Claim) -> None:
    """Ask the bank to withdraw a title nobody wants any more."""
    boleto, _ = _of_job(claimed)
    unwanted = may_follow(boleto.state, BoletoState.CANCELLED)
    if unwanted:
        gateway_of(boleto.bank).cancel(boleto.nosso_numero)
    with transaction() as session:
        if unwanted:
            boletos.move(session, claimed.company, boleto, BoletoState.CANCELLED)
        tasks.close(session, claimed.company, _SILENT, _subject(boleto), clock.now())
        jobs.done(session, claimed)


def _of_job(claimed: Claim) -> tuple[Boleto, Payment]:
    payment = int(claimed.key)
    with transaction(write=False) as session:
        return (
            boletos.of_payment(session, claimed.company, payment),
            payments.by_id(session, claimed.company, payment),
        )


def _take(session: Session, company: int, boleto: Boleto, payment: Payment, report: Report) -> None:
    """A rejected title has spent its number; its documents are free again."""
    if report.answer is Answer.REGISTERED:
        boletos.move(session, company, boleto, BoletoState.REGISTERED)
        return
    boletos.move(session, company, boleto, BoletoState.REJECTED, report.reason)
    if payment.state in LIVE:
        payments.move(session, company, payment, PaymentState.FAILED, report.reason)


def _ask_later(
    session: Session, claimed: Claim, boleto: Boleto, now: datetime, pace: timedelta
) -> None:
    if now > boleto.requested_at + _POLL_FOR:
        jobs.done(session, claimed)
        return
    wait = pace if now < boleto.available_at else _POLL_AFTER_WAIT
    jobs.again(session, claimed, now + max(wait, timedelta(seconds=1)))


def _done(claimed: Claim) -> None:
    with transaction() as session:
        jobs.done(session, claimed)


def _subject(boleto: Boleto) -> str:
    return f"payment:{boleto.payment}"
