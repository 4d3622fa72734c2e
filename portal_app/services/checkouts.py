"""Checkouts at a payment provider, from the order that was frozen to the end: open, look, close, sweep.

The provider is never spoken to inside a transaction. What was frozen before it was first asked
is asked for again under the same key, so whoever dies in between is followed by a job that finds
out what became of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from portal_app.db import companies, jobs, payments, provider_events, tasks
from portal_app.db.engine import Session, transaction
from portal_app.db.jobs import Claim
from portal_app.domain.audit import Action
from portal_app.domain.checkout import CheckoutOrder, CheckoutRef, CheckoutReport, CheckoutStatus
from portal_app.domain.companies import Company
from portal_app.domain.errors import ProviderAccessDenied, ProviderRefused, Unreachable
from portal_app.domain.payments import LIVE, RANK, VOUCHERS, Hosted, Payment, PaymentState
from portal_app.gateways import clock
from portal_app.services import audit, provider_reports
from portal_app.services.actors import Actor
from portal_app.services.payment_gateways import payment_gateway

OPEN_JOB: Final = "payment.open"
LOOK_JOB: Final = "payment.look"
CLOSE_JOB: Final = "payment.close"

# The asker's own process opens it at once; the job is for when that one is gone.
_OPEN_AFTER: Final = timedelta(seconds=15)
_LOOK_AFTER_END: Final = timedelta(seconds=30)
_SEARCH_AFTER: Final = timedelta(minutes=5)
_SWEEP_OLDER: Final = timedelta(minutes=35)
_SWEEP_EVERY: Final = timedelta(minutes=10)
_VOUCHER_EVERY: Final = timedelta(hours=1)
_ASK_AGAIN: Final = timedelta(minutes=5)
_FIRST_RETRY: Final = timedelta(seconds=5)
_LONGEST_RETRY: Final = timedelta(minutes=5)
_RETRY_DENIED: Final = timedelta(minutes=15)
# How soon a waiting page may have the provider asked again, by the age of the attempt.
_PACES: Final = (
    (timedelta(minutes=2), timedelta(seconds=3)),
    (timedelta(minutes=10), timedelta(seconds=15)),
)
_SLOWEST: Final = timedelta(minutes=1)
_ARRIVED: Final = timedelta(seconds=1)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Case:
    """A payment at a provider, and its company."""

    company: Company
    payment: Payment
    hosted: Hosted


def plan(session: Session, company: Company, payment: int, hosted_until: datetime) -> None:
    """In the transaction that freezes an attempt: nobody needs to live on for it to go on."""
    now = clock.now()
    jobs.put(session, company.id, OPEN_JOB, str(payment), now + _OPEN_AFTER)
    jobs.put(session, company.id, LOOK_JOB, f"{payment}/end", hosted_until + _LOOK_AFTER_END)


def begin(company: Company, payment: int) -> None:
    """Open a frozen checkout now. Where the provider is not reached, the planned job will."""
    case = _case(company.id, payment)
    try:
        _take(case, _reached(case))
    except Unreachable as trouble:
        _log.warning("payment %d is not opened yet: %s", payment, trouble)


def refresh(company: Company, payment: Payment, *, arrived: bool) -> None:
    """Ask the provider on behalf of a page that waits; not more often than its age allows.

    `arrived`: somebody came to the page just now, perhaps from having paid.
    """
    hosted, now = payment.hosted, clock.now()
    if hosted is None or payment.state not in LIVE:
        return
    pace = _ARRIVED if arrived else _pace(now - payment.created_at)
    if hosted.looked_at is not None and now - hosted.looked_at < pace:
        return
    case = _Case(company, payment, hosted)
    with transaction() as session:
        # Noted before it is asked: while it is silent no second page asks as well.
        payments.note_asked(session, company.id, payment.id, now)
    try:
        _take(case, _ended(case, _reached(case), now))
    except Unreachable as trouble:
        # The page goes on waiting, and so does the sweep.
        _log.warning("payment %d could not be asked about: %s", payment.id, trouble)


def give_up(actor: Actor, payment: Payment) -> Payment:
    """Have nobody pay an attempt any more; how it stands then. Unreachable: nobody knows.

    Still live where the provider does not let go of it, confirmed where it was paid meanwhile.
    """
    company = actor.company
    report = _closed(_case(company.id, payment.id))
    with transaction() as session:
        left = provider_reports.take(session, company, payment.id, report, given_up=True)
        if left.state not in LIVE and RANK[left.state] < RANK[PaymentState.CONFIRMED]:
            audit.record(session, actor, Action.PAYMENT_GIVEN_UP, f"payment:{payment.id}")
    return left


def ref_of(payment: Payment) -> CheckoutRef:
    """How the provider of a payment knows it."""
    hosted = payment.hosted
    assert hosted is not None, "only payments at a provider are known to one"
    return CheckoutRef(payment.public_id, hosted.session, hosted.account, hosted.intent)


def open_again(claimed: Claim) -> None:
    """Job: an attempt whose asker may have died before, or after, the provider answered."""

    def work(case: _Case) -> CheckoutReport | None:
        is_open = bool(case.hosted.session) or case.payment.state is not PaymentState.CREATED
        return None if is_open else _reached(case)

    _carry_out(claimed, work, _once)


def look(claimed: Claim) -> None:
    """Job: somebody hinted that a checkout changed, or it is time to see how it ended."""

    def work(case: _Case) -> CheckoutReport | None:
        return _ended(case, _reached(case), clock.now())

    # The look at the end goes on until there is one; what hinted is answered once.
    _carry_out(claimed, work, _until_over if claimed.key.endswith("/end") else _once)


def close(claimed: Claim) -> None:
    """Job: a voucher nobody wants any more. Asked for until the provider lets go, or it is paid."""
    _carry_out(claimed, _closed, _until_over)


def sweep(claimed: Claim) -> None:
    """Job: have every attempt looked at that is old, not ended, and of which nobody told lately."""
    now = clock.now()
    with transaction() as session:
        since = (now - _SWEEP_OLDER, now - _SWEEP_EVERY, now - _VOUCHER_EVERY)
        for payment in payments.waiting(session, claimed.company, *since):
            key = f"{payment}/sweep:{now:%Y%m%d%H%M}"
            jobs.put(session, claimed.company, LOOK_JOB, key, now)
        jobs.done(session, claimed)


def _carry_out(
    claimed: Claim,
    work: Callable[[_Case], CheckoutReport | None],
    again: Callable[[_Case, CheckoutReport], timedelta | None],
) -> None:
    """Ask, then take the answer in the transaction that ends the job or puts it off."""
    case = _case(claimed.company, int(claimed.key.partition("/")[0]))
    try:
        report = work(case)
    except Unreachable as trouble:
        put_off(claimed, case.hosted.provider, case.payment.created_at, trouble)
        return
    now = clock.now()
    with transaction() as session:
        if report is not None:
            provider_reports.take(session, case.company, case.payment.id, report)
        wait = again(case, report) if report is not None else None
        if "event" in claimed.payload:
            provider_events.handled(session, claimed.company, int(claimed.payload["event"]), now)
        if wait is None:
            jobs.done(session, claimed)
        else:
            jobs.again(session, claimed, now + wait)


def _once(_case: _Case, _report: CheckoutReport) -> None:
    """Asked, answered, done."""


def _until_over(case: _Case, report: CheckoutReport) -> timedelta | None:
    """How long until it is asked about again; None once it has ended."""
    if report.status not in {CheckoutStatus.OPEN, CheckoutStatus.AWAITED}:
        return None
    return _VOUCHER_EVERY if case.payment.method in VOUCHERS else _ASK_AGAIN


def _case(company: int, payment: int) -> _Case:
    with transaction(write=False) as session:
        owner = companies.by_id(session, company)
        found = payments.by_id(session, company, payment)
    assert found.hosted is not None, "only payments at a provider have these jobs"
    return _Case(owner, found, found.hosted)


def _reached(case: _Case) -> CheckoutReport:
    """How it stands; opened first where nobody knows that it was.

    After some minutes what a lost answer left behind is searched for, and past its end it is not
    opened any more.
    """
    gateway, now = payment_gateway(case.hosted.provider), clock.now()
    if case.hosted.session:
        return gateway.look(ref_of(case.payment))
    order, since = _order(case), case.payment.created_at
    # A provider that once failed on a key may say so again for as long as it knows the key.
    found = gateway.find(order, since) if now - since > _SEARCH_AFTER else None
    if found is not None:
        return found
    if now >= case.hosted.expires_at:
        return _nothing(case, CheckoutStatus.EXPIRED)
    try:
        return gateway.open(order)
    except ProviderRefused as refusal:
        return _nothing(case, CheckoutStatus.FAILED, str(refusal.details.get("reason", "")))


def _ended(case: _Case, report: CheckoutReport, now: datetime) -> CheckoutReport:
    """An open page past its end is closed: whoever looks at it then gets no further."""
    if report.status is CheckoutStatus.OPEN and report.session and now >= case.hosted.expires_at:
        return _gateway_close(case, report)
    return report


def _closed(case: _Case) -> CheckoutReport:
    report = _reached(case)
    if report.status in {CheckoutStatus.OPEN, CheckoutStatus.AWAITED}:
        return _gateway_close(case, report)
    return report


def _gateway_close(case: _Case, report: CheckoutReport) -> CheckoutReport:
    gateway = payment_gateway(case.hosted.provider)
    ref = CheckoutRef(case.payment.public_id, report.session, case.hosted.account, report.intent)
    return gateway.close(ref)


def _nothing(case: _Case, status: CheckoutStatus, reason: str = "") -> CheckoutReport:
    """There is no checkout, and there will be none."""
    return CheckoutReport(
        payment=case.payment.public_id,
        session="",
        status=status,
        amount=case.payment.amount,
        failure=reason,
    )


def _order(case: _Case) -> CheckoutOrder:
    with transaction(write=False) as session:
        facts = payments.order_of(session, case.company.id, case.payment.id)
    return CheckoutOrder.from_facts(facts)


def _take(case: _Case, report: CheckoutReport) -> None:
    with transaction() as session:
        provider_reports.take(session, case.company, case.payment.id, report)


def put_off(claimed: Claim, provider: str, since: datetime, trouble: Unreachable) -> None:
    """The provider could not be asked what was to be asked `since`: the longer ago, the later again.

    A task where it does not let us in at all.
    """
    now = clock.now()
    denied = isinstance(trouble, ProviderAccessDenied)
    wait = max(_FIRST_RETRY, min((now - since) / 2, _LONGEST_RETRY))
    with transaction() as session:
        if denied:
            # Nothing will change before somebody looks.
            facts = {"reason": trouble.details.get("reason", "")}
            about = f"provider:{provider}"
            tasks.put(session, claimed.company, "provider_access", about, now, details=facts)
        jobs.again(session, claimed, now + (_RETRY_DENIED if denied else wait))


def _pace(age: timedelta) -> timedelta:
    return next((pace for until, pace in _PACES if age < until), _SLOWEST)
