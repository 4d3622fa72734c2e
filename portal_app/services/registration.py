"""A boleto's life at its bank, as the background jobs live it: register, poll, wait over, cancel, expire.

What was said to a bank is noted before it is said (SENT). Whoever finds a boleto so asks the
bank before saying it again, and a nosso número is never taken twice for one boleto.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Final

from portal_app.db import bank_files, boletos, companies, jobs, payments, tasks
from portal_app.db.bank_events import Came as Way
from portal_app.db.bank_files import Queued
from portal_app.db.engine import Session, transaction
from portal_app.db.jobs import Claim
from portal_app.domain.boleto.events import BankEvent, EventKind, Source
from portal_app.domain.boleto.gateway import Answer, BankGateway, Capability, Report
from portal_app.domain.boleto.issued import Boleto
from portal_app.domain.boleto.order import Order
from portal_app.domain.boleto.registration import BoletoState, may_follow
from portal_app.domain.boleto.remessa import Movement
from portal_app.domain.companies import BankCarteira, Company
from portal_app.domain.errors import BankAccessDenied, BankAnswerUnreadable, Unreachable
from portal_app.domain.payments import LIVE, Payment
from portal_app.gateways import clock
from portal_app.services import bank_reports, titles
from portal_app.services.bank_gateways import gateway_for

_POLL_AFTER_WAIT: Final = timedelta(minutes=5)
_POLL_REGISTERED: Final = timedelta(hours=12)
_POLL_FOR: Final = timedelta(days=5)
_SHORTEST: Final = timedelta(seconds=1)
# A bank that was not reached is tried again after half the time it has been tried for.
_FIRST_RETRY: Final = timedelta(seconds=5)
_LONGEST_RETRY: Final = timedelta(minutes=5)
_RETRY_OLD: Final = timedelta(hours=1)
_RETRY_DENIED: Final = timedelta(minutes=15)
_ENTRY_KEY: Final = "entry"

# A title that the bank has, or may have.
_HELD: Final = frozenset({Answer.PENDING, Answer.REGISTERED, Answer.UNKNOWN})

# A title that the bank once had, so that it does not lack it because it never heard of it.
_WAS_HELD: Final = frozenset({BoletoState.REGISTERED, BoletoState.EXPIRED})

# What a bank's answer means for the title, where it is more than its registration.
_AS_EVENT: Final = {
    Answer.PAID: EventKind.PAID,
    Answer.EXPIRED: EventKind.EXPIRED,
    Answer.CANCELLED: EventKind.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class _Case:
    """A boleto in a worker's hands."""

    claimed: Claim
    company: Company
    boleto: Boleto
    payment: Payment
    carteira: BankCarteira

    @property
    def gateway(self) -> BankGateway:
        """Unreachable where its secrets are not there: asked for when it is needed."""
        return gateway_for(self.company, self.carteira)

    def can(self, capability: Capability) -> bool:
        return capability in self.gateway.capabilities


def _of_a_boleto(work: Callable[[_Case], None]) -> Callable[[Claim], None]:
    """The job that does this work for its boleto."""

    @wraps(work)
    def run(claimed: Claim) -> None:
        _carry_out(_case(claimed), work)

    return run


def _carry_out(case: _Case, work: Callable[[_Case], None]) -> None:
    """Do the work; where the bank is not reached the job waits for another time."""
    try:
        work(case)
    except Unreachable as refusal:
        _put_off(case, refusal)


@_of_a_boleto
def register(case: _Case) -> None:
    """Hand the title to its bank. Safe to repeat: the bank knows it by its number or ours."""
    order = case.boleto.order
    if case.payment.state not in LIVE or not may_follow(case.boleto.state, BoletoState.PENDING):
        _done(case)
    elif order is None:
        # Made before orders were kept, when only the demo bank could be asked.
        _take(case, Report(answer=Answer.PENDING))
    elif problems := case.gateway.validate(order):
        _take(case, _refusal(" ".join(f"{p.code}:{p.field}" for p in problems)))
    elif case.can(Capability.FILE):
        _queue(case)
    else:
        _take(case, _say(case, order))


@_of_a_boleto
def poll(case: _Case) -> None:
    """Ask the bank what became of the title, until it says; then, now and then, whether it was paid."""
    if _is_over(case):
        _done(case)
    else:
        _look(case)


def hint(claimed: Claim) -> None:
    """A bank called about one of its titles: whatever it said, ask it what is so."""
    told = BankEvent(kind=EventKind.NOTED, **claimed.payload["event"])
    account = int(claimed.payload["account"])
    with transaction() as session:
        company = companies.by_id(session, claimed.company)
        carteiras = companies.carteiras_of_account(session, company.id, account)
        boleto = bank_reports.boleto_of(session, company.id, carteiras, told)
        if boleto is None:
            facts = {"nosso_numero": told.nosso_numero, "bank_ref": told.bank_ref}
            about = f"account:{account}"
            tasks.put(session, company.id, "titles_unknown", about, clock.now(), details=facts)
            jobs.done(session, claimed)
            return
    _carry_out(_case_of(claimed, company, boleto), _look)


@_of_a_boleto
def wait_over(case: _Case) -> None:
    """The wait is over. A carteira without confirmation: payable; else a task for staff."""
    boleto = case.boleto
    with transaction() as session:
        if clock.now() < boleto.available_at:
            # It went out later than it was asked for.
            jobs.again(session, case.claimed, boleto.available_at)
            return
        if case.payment.state in LIVE and may_follow(boleto.state, BoletoState.REGISTERED):
            unsaid = boleto.state in {BoletoState.CREATED, BoletoState.QUEUED}
            if boleto.confirms or unsaid:
                facts = {"bank": boleto.bank, "nosso_numero": boleto.nosso_numero}
                about, now = titles.subject(boleto), clock.now()
                tasks.put(session, case.company.id, titles.SILENT, about, now, details=facts)
            else:
                titles.confirm(session, case.company, boleto, Report(answer=Answer.REGISTERED))
            if unsaid and not boleto.confirms:
                # Nobody will say so once it has gone out: looked at again.
                jobs.again(session, case.claimed, clock.now() + _RETRY_OLD)
                return
        jobs.done(session, case.claimed)


@_of_a_boleto
def cancel(case: _Case) -> None:
    """Ask the bank to withdraw a title nobody wants any more."""
    if not _may_stand(case):
        _done(case)
    elif case.boleto.state is BoletoState.CREATED:
        _cancel_unsaid(case)
    elif case.can(Capability.FILE):
        _queue_withdrawal(case)
    elif not case.can(Capability.CANCEL):
        _leave_to_staff(case, "boleto_withdraw")
    else:
        _withdraw(case)


@_of_a_boleto
def amend(case: _Case) -> None:
    """Ask the bank to move the due date to the one somebody asked for."""
    due = date.fromisoformat(case.claimed.payload["due"])
    if case.boleto.state is not BoletoState.REGISTERED or due <= case.boleto.payable_until:
        _done(case)
    elif due < clock.today(case.company.zone):
        # It took the bank until now; whoever asked can no longer use that day.
        _due_stays(case)
    elif case.can(Capability.FILE):
        instruction = Queued(0, case.boleto.id, Movement.MOVE_DUE, due)
        _instruct(case, instruction, f"due:{case.claimed.key}")
    else:
        _take_amendment(case, due, case.gateway.amend(case.boleto.ref, due))


@_of_a_boleto
def expire(case: _Case) -> None:
    """Nobody can pay the title any more, says the calendar; the bank is asked first where it can be.

    One that a bank still has open is closed all the same, and asked back in the same transaction.
    """
    closes_at = titles.closes_at(case.company, case.boleto)
    if case.boleto.state is not BoletoState.REGISTERED:
        _done(case)
    elif closes_at > clock.now():
        # The due date was moved meanwhile.
        with transaction() as session:
            jobs.again(session, case.claimed, closes_at)
    elif not case.can(Capability.WEBHOOK):
        _take(case, Report(answer=Answer.EXPIRED))
    else:
        _close_after(case, case.gateway.query(case.boleto.ref))


def _case(claimed: Claim) -> _Case:
    # What may be asked more than once of a boleto has a key that goes on after it.
    payment = int(claimed.key.partition("/")[0])
    with transaction(write=False) as session:
        company = companies.by_id(session, claimed.company)
        boleto = boletos.of_payment(session, claimed.company, payment)
    return _case_of(claimed, company, boleto)


def _case_of(claimed: Claim, company: Company, boleto: Boleto) -> _Case:
    with transaction(write=False) as session:
        payment = payments.by_id(session, company.id, boleto.payment)
        found = companies.bank_carteiras(session, company.id, [boleto.carteira])
    return _Case(claimed, company, boleto, payment, found[boleto.carteira])


def _look(case: _Case) -> None:
    _take(case, case.gateway.query(case.boleto.ref))


def _say(case: _Case, order: Order) -> Report:
    """Register it; what may have been heard already is asked about first."""
    if case.boleto.state is BoletoState.SENT:
        known = case.gateway.query(case.boleto.ref)
        if known.answer is not Answer.UNKNOWN:
            return known
    else:
        with transaction() as session:
            # Who no longer holds the job must not speak.
            jobs.renew(session, case.claimed, clock.now())
            if payments.by_id(session, case.company.id, case.payment.id).state not in LIVE:
                # Given up since it was looked at; its cancelling may have found nothing to ask for.
                return Report(answer=Answer.CANCELLED)
            boletos.move(session, case.company.id, case.boleto, BoletoState.SENT)
    return case.gateway.register(order)


def _may_stand(case: _Case) -> bool:
    """Whether its bank may still have it open; also where only our calendar closed it."""
    state = case.boleto.state
    if state is BoletoState.EXPIRED:
        return case.can(Capability.WEBHOOK)
    return state is not BoletoState.REJECTED and may_follow(state, BoletoState.CANCELLED)


def _cancel_unsaid(case: _Case) -> None:
    """The bank never heard of it, unless somebody is saying it this very moment."""
    with transaction() as session:
        if boletos.locked_state(session, case.company.id, case.boleto) is BoletoState.CREATED:
            titles.close(session, case.company, case.boleto, BoletoState.CANCELLED)
            jobs.done(session, case.claimed)
        else:
            jobs.again(session, case.claimed, clock.now() + _SHORTEST)


def _withdraw(case: _Case) -> None:
    """Withdraw it; where the bank does not, its own word for how the title stands.

    A title never heard of by the end of the wait never will be. One that stands after the bank
    refused, or after days, is for staff to have withdrawn.
    """
    said = case.gateway.cancel(case.boleto.ref)
    if said.answer is Answer.CANCELLED:
        _take(case, said)
        return
    stands = case.gateway.query(case.boleto.ref)
    now, unheard = clock.now(), case.boleto.state not in _WAS_HELD
    if stands.answer is Answer.UNKNOWN and unheard and now > case.boleto.available_at:
        _take(case, Report(answer=Answer.CANCELLED))
        return
    is_held = stands.answer in _HELD
    too_late = now > case.boleto.requested_at + _POLL_FOR
    if is_held and (said.answer is Answer.REJECTED or too_late):
        _leave_to_staff(case, "boleto_withdraw")
    else:
        _take(case, stands)


def _put_off(case: _Case, refusal: Unreachable) -> None:
    now = clock.now()
    wait = _retry_after(case.boleto, refusal, now)
    with transaction() as session:
        if isinstance(refusal, BankAccessDenied | BankAnswerUnreadable):
            # Nothing will change before somebody looks.
            facts = {"bank": case.boleto.bank, "refusal": str(refusal)}
            about = f"account:{case.boleto.account}"
            tasks.put(session, case.company.id, "bank_access", about, now, details=facts)
        jobs.again(session, case.claimed, now + wait)


def _retry_after(boleto: Boleto, refusal: Unreachable, now: datetime) -> timedelta:
    if isinstance(refusal, BankAccessDenied):
        return _RETRY_DENIED if now - boleto.requested_at < _POLL_FOR else _RETRY_OLD
    told = refusal.details.get("retry_after")
    if isinstance(told, int) and told > 0:
        return timedelta(seconds=told)
    age = now - boleto.requested_at
    longest = _LONGEST_RETRY if age < _POLL_FOR else _RETRY_OLD
    return max(_FIRST_RETRY, min(age / 2, longest))


def _close_after(case: _Case, report: Report) -> None:
    """Close it by the calendar unless the bank says what became of it."""
    with transaction() as session:
        if report.answer in {Answer.REGISTERED, Answer.PENDING}:
            key = str(case.payment.id)
            jobs.put(session, case.company.id, "boleto.cancel", key, clock.now())
        closes = report.answer in _HELD
        _take_in(session, case, Report(answer=Answer.EXPIRED) if closes else report)


def _take(case: _Case, report: Report) -> None:
    """What the bank answered becomes the title's state, in the transaction that ends the job."""
    with transaction() as session:
        _take_in(session, case, report)


def _take_in(session: Session, case: _Case, report: Report) -> None:
    now = clock.now()
    kind = _AS_EVENT.get(report.answer)
    if report.answer is Answer.REGISTERED:
        titles.confirm(session, case.company, case.boleto, report)
        if case.boleto.state in {BoletoState.PART_PAID, BoletoState.PAID}:
            # It called about money we have: by now it does not have it any more.
            _put_task(session, case, "boleto_reversed", {})
    elif report.answer is Answer.REJECTED:
        titles.reject(session, case.company, case.boleto, " ".join(report.reasons))
    elif report.answer is Answer.PENDING and may_follow(case.boleto.state, BoletoState.PENDING):
        company, reference = case.company.id, report.bank_ref
        boletos.move(session, company, case.boleto, BoletoState.PENDING, bank_ref=reference)
    elif kind is not None:
        way = Way(case.boleto.account, Source.QUERY, now)
        bank_reports.take(session, case.company, way, report.event or _event(case, kind))
    _next(session, case, report, now)


def _take_amendment(case: _Case, due: date, report: Report) -> None:
    if report.answer is Answer.REJECTED:
        _due_stays(case, report.reasons)
    elif report.answer is Answer.AMENDED:
        with transaction() as session:
            boletos.amend(session, case.company.id, case.boleto, due)
            jobs.done(session, case.claimed)
    else:
        _take(case, report)


def _next(session: Session, case: _Case, report: Report, now: datetime) -> None:
    """Ask again later, where there is still something to learn; the job at hand ends or waits."""
    kind = case.claimed.kind
    if kind == "boleto.register" and _is_polled(case, report):
        registered = report.answer is Answer.REGISTERED
        soon = max(now, case.boleto.requested_at + case.gateway.expected_wait)
        when = now + _POLL_REGISTERED if registered else soon
        jobs.put(session, case.company.id, "boleto.poll", case.claimed.key, when)
    pace = _PACES[kind](case, report, now) if kind in _PACES else None
    if pace is None:
        jobs.done(session, case.claimed)
    else:
        jobs.again(session, case.claimed, now + max(pace, _SHORTEST))


def _is_polled(case: _Case, report: Report) -> bool:
    if report.answer is Answer.PENDING:
        return case.boleto.confirms
    # A call of the bank's may be lost: it is asked now and then whether the title was paid.
    return report.answer is Answer.REGISTERED and case.can(Capability.WEBHOOK)


def _poll_pace(case: _Case, report: Report, now: datetime) -> timedelta | None:
    """How long until the bank is asked again; None: never."""
    is_old = now > case.boleto.requested_at + _POLL_FOR
    if report.answer is Answer.REGISTERED:
        # One whose code is wrong stays unconfirmed here: staff know, nobody else waits for it.
        forgotten = is_old and case.boleto.state is not BoletoState.REGISTERED
        return _POLL_REGISTERED if case.can(Capability.WEBHOOK) and not forgotten else None
    if report.answer not in {Answer.PENDING, Answer.UNKNOWN} or is_old:
        return None
    soon = max(_FIRST_RETRY, case.gateway.expected_wait)
    return soon if now < case.boleto.available_at else _POLL_AFTER_WAIT


def _cancel_pace(_case: _Case, report: Report, _now: datetime) -> timedelta | None:
    """A bank that has not registered a title yet, or not let it go, is asked to withdraw it again."""
    return _POLL_AFTER_WAIT if report.answer in _HELD else None


def _amend_pace(case: _Case, report: Report, _now: datetime) -> timedelta | None:
    """A bank that has taken the instruction and not done it yet is asked whether it has."""
    waits = report.answer in {Answer.PENDING, Answer.REGISTERED}
    return max(_FIRST_RETRY, case.gateway.expected_wait) if waits else None


_PACES: Final = {
    "boleto.poll": _poll_pace,
    "boleto.cancel": _cancel_pace,
    "boleto.amend": _amend_pace,
}


def _is_over(case: _Case) -> bool:
    """Whether the bank has nothing more to tell."""
    watched = case.can(Capability.WEBHOOK)
    last = BoletoState.EXPIRED if watched else BoletoState.REGISTERED
    return not may_follow(case.boleto.state, last)


def _event(case: _Case, kind: EventKind) -> BankEvent:
    """The bank's answer as a report of the title, where it gave no facts with it."""
    return BankEvent(
        kind=kind,
        bank=case.boleto.bank,
        agreement=case.carteira.convenio,
        nosso_numero=case.boleto.nosso_numero,
        seu_numero=case.boleto.seu_numero,
        bank_ref=case.boleto.bank_ref,
        occurred_on=clock.today(case.company.zone),
    )


def _refusal(reason: str) -> Report:
    return Report(answer=Answer.REJECTED, reasons=(reason,))


def _queue(case: _Case) -> None:
    """It goes out with the account's next remessa."""
    if not may_follow(case.boleto.state, BoletoState.QUEUED):
        _done(case)
        return
    with transaction() as session:
        entry = Queued(0, case.boleto.id, Movement.ENTRY, None)
        account, now = case.boleto.account, clock.now()
        bank_files.instruct(session, case.company.id, account, entry, _ENTRY_KEY, now)
        boletos.move(session, case.company.id, case.boleto, BoletoState.QUEUED)
        jobs.done(session, case.claimed)


def _queue_withdrawal(case: _Case) -> None:
    """A title that did not go out yet never will; one that did is asked back with the next file."""
    with transaction() as session:
        if bank_files.take_back(session, case.company.id, case.boleto.id):
            titles.close(session, case.company, case.boleto, BoletoState.CANCELLED)
            jobs.done(session, case.claimed)
            return
    _instruct(case, Queued(0, case.boleto.id, Movement.WITHDRAW, None), "withdraw")


def _instruct(case: _Case, instruction: Queued, key: str) -> None:
    with transaction() as session:
        account, now = case.boleto.account, clock.now()
        bank_files.instruct(session, case.company.id, account, instruction, key, now)
        jobs.done(session, case.claimed)


def _due_stays(case: _Case, reasons: Sequence[str] = ()) -> None:
    """The bank did not move the due date: whoever asked for it may ask again, and staff know."""
    facts = {"movement": Movement.MOVE_DUE.value, "reasons": list(reasons)}
    with transaction() as session:
        boletos.ask_due(session, case.company.id, case.boleto, None)
        _put_task(session, case, "instruction_refused", facts)
        jobs.done(session, case.claimed)


def _leave_to_staff(case: _Case, kind: str) -> None:
    with transaction() as session:
        _put_task(session, case, kind, {})
        jobs.done(session, case.claimed)


def _put_task(session: Session, case: _Case, kind: str, facts: Mapping[str, object]) -> None:
    details = {"bank": case.boleto.bank, "nosso_numero": case.boleto.nosso_numero, **facts}
    about, now = titles.subject(case.boleto), clock.now()
    tasks.put(session, case.company.id, kind, about, now, details=details)


def _done(case: _Case) -> None:
    with transaction() as session:
        jobs.done(session, case.claimed)
