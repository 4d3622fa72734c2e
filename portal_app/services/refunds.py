"""Money of payments sent back: asked for by staff or an operator, done by a job, never twice.

What is asked for is written together with the job that does it, under the lock of its payment, and
while that job is not over nothing more is asked for. The provider hears of it outside any
transaction, under a key that belongs to this one asking; whoever does not know what it answered
looks first at what it did. ADR 0029.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from portal_app.db import audit as entries
from portal_app.db import companies, customers, jobs, payments, returns, tasks
from portal_app.db.audit import Wanted as Entries
from portal_app.db.documents import Scope
from portal_app.db.engine import Session, transaction
from portal_app.db.jobs import Claim, Unfinished
from portal_app.db.returns import Sums
from portal_app.domain.audit import OPERATOR, Action, Deed
from portal_app.domain.checkout import CheckoutReport, Refund, RefundStatus
from portal_app.domain.companies import Company
from portal_app.domain.errors import (
    NotFound,
    NotRefundable,
    PortalError,
    ProviderRefused,
    RefundChanged,
    RefundUnderWay,
    Unreachable,
)
from portal_app.domain.facts import facts_of
from portal_app.domain.grants import StaffFeature
from portal_app.domain.jobs import JobState
from portal_app.domain.money import Money
from portal_app.domain.payments import Payment
from portal_app.domain.refunds import (
    Asked,
    goes_back,
    including,
    left_of,
    made_of,
    part_of,
    reason_of,
)
from portal_app.gateways import clock
from portal_app.services import audit, checkouts, provider_reports
from portal_app.services.actors import Actor, require
from portal_app.services.payment_gateways import payment_gateway

PAGE: Final = 50
JOB: Final = "payment.refund"
REFUSED: Final = "refund_refused"
FAILED: Final = "refund_failed"

_MOST_PAGES: Final = 2_000
# Not refused: nobody ever learned what the provider did, and then it had done nothing.
_SILENT: Final = "PROVIDER_UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Listed:
    """A payment and what became of its money.

    `gone` went back or was lost in a dispute, `coming` is asked for and not gone yet; `is_stuck`:
    its job was given up and waits in the tasks. `is_refused`: of the last one the provider did
    nothing, and its task is open; `came_back`: it did not reach the customer, and nobody has said
    yet that he got it otherwise. `left` may be asked back now: nothing while something is on its
    way or came back, and where its provider sends nothing back.
    """

    payment: Payment
    gone: Money
    coming: Money
    is_stuck: bool
    left: Money
    is_refused: bool = False
    came_back: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A customer's payments, the newest first; `page` counts from 0."""

    customer: str
    rows: list[Listed]
    page: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part as somebody typed it, what he was shown to be left, and why it is to go back."""

    part: str
    left_seen: Money
    reason: str


def list_payments(actor: Actor, customer: str, page: int = 0) -> Page:
    """All payments and attempts of the customer with this public id."""
    require(actor, StaffFeature.FIND_CUSTOMERS)
    company, page = actor.company.id, min(max(page, 0), _MOST_PAGES)
    with transaction(write=False) as session:
        whose = customers.by_public_id(session, company, customer)
        found = payments.of_customer(session, company, whose.id, page * PAGE, PAGE + 1)
        rows = _listed(session, company, found[:PAGE])
    return Page(whose.name, rows, page, len(found) > PAGE)


def view(actor: Actor, customer: str, payment: str) -> Page:
    """One of the customer's payments alone, for whoever is about to send it back."""
    require(actor, StaffFeature.REFUND)
    company = actor.company.id
    with transaction(write=False) as session:
        whose = customers.by_public_id(session, company, customer)
        found = payments.by_public_id(session, company, Scope(whose.id), payment)
        return Page(whose.name, _listed(session, company, [found]), 0, has_next=False)


def ask(actor: Actor, customer: str, payment: str, wanted: Wanted) -> Money:
    """Have a part of one of the customer's payments sent back, or all that is left; how much.

    RefundChanged where another sum is left than he saw, RefundUnderWay while an earlier part is on
    its way, NotRefundable where its provider sends nothing back; what `part_of` and `reason_of`
    raise; MethodUnavailable where its provider's key is missing.
    """
    require(actor, StaffFeature.REFUND)
    company = actor.company
    with transaction() as session:
        whose = customers.id_of(session, company.id, customer)
        found = payments.by_public_id(session, company.id, Scope(whose), payment)
        found = payments.locked(session, company.id, found.id)
        (now,) = _listed(session, company.id, [found])
        if now.coming or now.came_back:
            raise RefundUnderWay
        if now.left != wanted.left_seen:
            raise RefundChanged(left=now.left)
        if not now.left or found.hosted is None:
            raise NotRefundable
        # Without the provider's key it is refused now, not queued and given up later.
        payment_gateway(found.hosted.provider)
        part, reason = part_of(wanted.part, now.left), reason_of(wanted.reason)
        _put(session, company, found, part, Deed(actor.subject, Action.REFUND_ASKED), reason)
    return part


def send(claimed: Claim) -> None:
    """Job: send back what was asked for."""
    _carry_out(claimed)


def operator_refund(company: str, payment: str, amount: str | None) -> Refund:
    """Send money of a payment back now, all that is left or a part, and wait for the answer.

    What is on its way already is waited for instead of sent once more, where it is the same part;
    what was given up is taken up again.
    """
    with transaction() as session:
        owner = companies.by_slug(session, company)
        found = payments.by_name(session, owner.id, payment)
        found = payments.locked(session, owner.id, found.id)
        claimed = _claimed(session, owner, found, amount)
    if claimed is None:
        raise RefundUnderWay
    answer = _carry_out(claimed)
    if isinstance(answer, PortalError):
        raise answer
    return answer


def _claimed(
    session: Session, company: Company, payment: Payment, amount: str | None
) -> Claim | None:
    """The job of this part in our hands, put now unless it waits already."""
    (now,) = _listed(session, company.id, [payment])
    left = left_of(payment, now.gone)
    if payment.hosted is None or not left:
        raise NotFound(kind="payment")
    if not goes_back(payment):
        raise NotRefundable
    part = part_of(amount, left) if amount else left
    waiting = _waiting(session, company.id).get(payment.id)
    if waiting is None and (now.coming or now.came_back):
        raise RefundUnderWay
    if waiting is not None and Asked.from_facts(waiting.payload).part != part:
        raise RefundUnderWay
    deed = Deed(OPERATOR, Action.REFUND_ASKED)
    key = waiting.key if waiting else _put(session, company, payment, part, deed)
    return jobs.claim_one(session, company.id, JOB, key, clock.now())


def _put(
    session: Session, company: Company, payment: Payment, part: Money, deed: Deed, reason: str = ""
) -> str:
    """Enter who asked, and queue the job; its key. The payment is locked.

    The key counts the askings of a payment: entries of the audit are never deleted, so none is
    used again, and two that were counted at once cannot both be put.
    """
    about, now = _about(payment), clock.now()
    wanted = Entries(action=Action.REFUND_ASKED.value, about=about)
    key = f"{payment.id}/{entries.count(session, company.id, wanted) + 1}"
    before = tuple(returns.refunds(session, company.id, payment.id))
    asked = facts_of(Asked(part, now, before))
    if not jobs.put(session, company.id, JOB, key, now, asked):
        raise RefundUnderWay
    facts = {"amount": facts_of(part), "reason": reason}
    audit.enter(
        session,
        company.id,
        replace(deed, about=about, customer=payment.customer, facts=facts),
    )
    return key


@dataclass(frozen=True, slots=True)
class _Case:
    """A part of a payment that is to go back, and the key under which its provider is asked."""

    company: Company
    payment: Payment
    provider: str
    asked: Asked
    key: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the provider did, or why it did nothing, and how the whole checkout stands."""

    report: CheckoutReport
    refund: Refund | None = None
    reason: str = ""


def _carry_out(claimed: Claim) -> Refund | PortalError:
    """Ask, and take the answer in the transaction that ends the job; the refund, or why not.

    Unreachable: nobody knows. It is asked again later, by whoever claims the job then.
    """
    case = _case(claimed)
    try:
        answer = _answered(case)
    except Unreachable as trouble:
        checkouts.put_off(claimed, case.provider, case.asked.at, trouble)
        return trouble
    failed = answer.refund is None or answer.refund.status is RefundStatus.FAILED
    subject, now = _about(case.payment), clock.now()
    with transaction() as session:
        provider_reports.take(session, case.company, case.payment.id, answer.report)
        if failed:
            facts = {"refund": facts_of(case.asked.part), "reason": answer.reason or "failed"}
            tasks.put(session, case.company.id, REFUSED, subject, now, details=facts)
        else:
            tasks.close(session, case.company.id, REFUSED, subject, now)
        jobs.done(session, claimed)
    return answer.refund or ProviderRefused(reason=answer.reason)


def _answered(case: _Case) -> _Answer:
    gateway, ref = payment_gateway(case.provider), checkouts.ref_of(case.payment)
    # Whoever had the job before may have been heard and not answered; and the job may have waited
    # while somebody sent the same back at the provider's own site.
    report = gateway.look(ref)
    made = made_of(case.asked, report)
    if made is not None:
        return _Answer(report, made)
    if not case.asked.may_be_said_again(clock.now()):
        return _Answer(report, reason=_SILENT)
    try:
        made = gateway.refund(ref, case.asked.part, case.key)
    except ProviderRefused as refusal:
        return _Answer(gateway.look(ref), reason=str(refusal.details.get("reason", "")))
    report = gateway.look(ref)
    report = replace(report, refunds=including(report.refunds, made))
    return _Answer(report, next(each for each in report.refunds if each.ref == made.ref))


def _case(claimed: Claim) -> _Case:
    number = claimed.key.partition("/")[2]
    with transaction(write=False) as session:
        company = companies.by_id(session, claimed.company)
        payment = payments.by_id(session, claimed.company, _payment_of(claimed.key))
    assert payment.hosted is not None, "only payments at a provider have these jobs"
    return _Case(
        company,
        payment,
        payment.hosted.provider,
        Asked.from_facts(claimed.payload),
        f"refund:{payment.public_id}:{number}",
    )


def _listed(session: Session, company: int, found: Sequence[Payment]) -> list[Listed]:
    sums = returns.sums(session, company, [payment.id for payment in found])
    waiting = _waiting(session, company)
    refused = tasks.open_subjects(session, company, REFUSED)
    # Of 'payment:7 refund:3' the payment.
    failed = {each.partition(" ")[0] for each in tasks.open_subjects(session, company, FAILED)}
    lines = [
        _line(payment, sums.get(payment.id, Sums()), waiting.get(payment.id)) for payment in found
    ]
    return [
        _with_tasks(
            line, refused=_about(line.payment) in refused, failed=_about(line.payment) in failed
        )
        for line in lines
    ]


def _with_tasks(line: Listed, *, refused: bool, failed: bool) -> Listed:
    """As staff's open tasks have it: what came back is a person's to settle first."""
    left = Money.zero(line.left.currency) if failed else line.left
    return replace(line, is_refused=refused, came_back=failed, left=left)


def _line(payment: Payment, sums: Sums, waiting: Unfinished | None) -> Listed:
    none = Money.zero(payment.amount.currency)
    gone, begun = Money(sums.gone, none.currency), Money(sums.begun, none.currency)
    coming = Asked.from_facts(waiting.payload).part if waiting else begun
    return Listed(
        payment=payment,
        gone=gone,
        coming=coming,
        is_stuck=waiting is not None and waiting.state is JobState.DEAD,
        left=none if coming or not goes_back(payment) else left_of(payment, gone),
    )


def _waiting(session: Session, company: int) -> dict[int, Unfinished]:
    """Jobs that are not over, by payment: one each."""
    return {_payment_of(job.key): job for job in jobs.unfinished(session, company, JOB)}


def _about(payment: Payment) -> str:
    return f"payment:{payment.id}"


def _payment_of(key: str) -> int:
    return int(key.partition("/")[0])
