"""What a payment provider says of a checkout becomes so: money, fee, refunds, disputes, the end.

One function for all who ask it: the return page, a webhook's job, the sweep. A report is the
whole of how the checkout stands, so taking it twice, late or out of order changes nothing, and
every money movement is one ledger entry that the database takes once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from portal_app.db import allocations, documents, ledger, payments, returns, tasks
from portal_app.db.documents import Scope
from portal_app.db.engine import Session
from portal_app.domain import ledger as entries
from portal_app.domain.allocation import Returned, take_back
from portal_app.domain.boleto.order import Late
from portal_app.domain.checkout import (
    CheckoutReport,
    CheckoutStatus,
    Dispute,
    DisputeStatus,
    Refund,
    RefundStatus,
    is_dispute_news,
    is_news,
)
from portal_app.domain.companies import Company
from portal_app.domain.errors import NotFound
from portal_app.domain.facts import facts_of
from portal_app.domain.ledger import Entry, EntryKind, Matter
from portal_app.domain.money import Money
from portal_app.domain.payments import LIVE, RANK, Payment, PaymentState, outcome_of
from portal_app.domain.settlement import Came, Fit, Settlement, Terms, settle
from portal_app.gateways import clock
from portal_app.services import incoming, owed_receipts
from portal_app.services.incoming import Incoming

_ENDS: Final = {
    CheckoutStatus.FAILED: PaymentState.FAILED,
    CheckoutStatus.EXPIRED: PaymentState.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class _Case:
    """A report of one of our payments, which is locked with its documents."""

    session: Session
    company: Company
    payment: Payment
    report: CheckoutReport
    now: datetime
    given_up: bool = False

    @property
    def provider(self) -> str:
        hosted = self.payment.hosted
        return hosted.provider if hosted else ""

    @property
    def received(self) -> Money:
        return self.payment.received or self.payment.amount

    def matter(self, source: tuple[str, int]) -> Matter:
        today = clock.today(self.company.zone)
        return Matter(source, self.payment.customer, today, self.provider)

    def task(self, kind: str, about: str, **facts: Any) -> None:
        subject = f"payment:{self.payment.id}{about}"
        tasks.put(self.session, self.company.id, kind, subject, self.now, details=facts)

    def again(self) -> _Case:
        """The same with the payment as it is now."""
        payment = payments.by_id(self.session, self.company.id, self.payment.id)
        return replace(self, payment=payment)


def take(
    session: Session,
    company: Company,
    payment: int,
    report: CheckoutReport,
    *,
    given_up: bool = False,
) -> Payment:
    """Make so what the provider says; the payment as it is then. NotFound for another's report.

    `given_up`: the customer wanted its end, so an end is his doing.
    """
    known = payments.by_id(session, company.id, payment)
    if report.payment != known.public_id:
        raise NotFound(kind="payment")
    # Documents before their payment, as everybody who locks both.
    ids = [item.document for item in known.items]
    documents.owned(session, company.id, Scope(known.customer), ids, lock=True)
    case = _Case(
        session,
        company,
        payments.locked(session, company.id, payment),
        report,
        clock.now(),
        given_up=given_up,
    )
    payments.note_checkout(session, company.id, payment, report, case.now)
    _move(case)
    case = case.again()
    if RANK[case.payment.state] >= RANK[PaymentState.CONFIRMED]:
        _take_fee(case)
        _take_refunds(case)
        _take_disputes(case)
        _set_outcome(case)
    return payments.by_id(session, company.id, payment)


def _move(case: _Case) -> None:
    state, status = case.payment.state, case.report.status
    if status is CheckoutStatus.PAID:
        if RANK[state] < RANK[PaymentState.CONFIRMED]:
            _settle(case)
    elif status in _ENDS:
        if state in LIVE:
            _to(case, PaymentState.SUPERSEDED if case.given_up else _ENDS[status])
    elif state is PaymentState.CREATED:
        _to(case, PaymentState.PENDING)


def _to(case: _Case, state: PaymentState) -> None:
    payments.move(case.session, case.company.id, case.payment, state, case.report.failure)


def _settle(case: _Case) -> None:
    """The money came in, whatever had become of the attempt: it pays what it can."""
    session, company, payment = case.session, case.company, case.payment
    paid, on = case.report.paid or case.report.amount, _paid_on(case)
    claims = incoming.claims_of(session, company, payment)
    settled = settle(claims, Came(paid, on), Terms(on, Late.none(paid.currency)))
    payments.confirm(session, company.id, payment, on, paid)
    money = Incoming(payment.customer, payment.method, paid, on, settled, case.provider)
    incoming.post(session, company, payment.id, money)
    owed_receipts.owe(session, company, payment.id)
    kind = _trouble(payment, settled)
    if kind:
        case.task(kind, "", **incoming.amounts(money))


def _trouble(payment: Payment, settled: Settlement) -> str | None:
    """What staff must look at, if anything; `payment` as it was before its money came."""
    if not settled.allocations:
        return "payment_credited"
    if payment.state not in LIVE:
        return "payment_late"
    return {Fit.OVER: "payment_over", Fit.SHORT: "payment_short"}.get(settled.fit)


def _paid_on(case: _Case) -> date:
    moment = case.report.paid_at or case.now
    return moment.astimezone(ZoneInfo(case.company.zone)).date()


def _take_fee(case: _Case) -> None:
    source = ("payment", case.payment.id)
    known = ledger.lines_of(case.session, case.company.id, EntryKind.FEE, source)
    if case.report.fee and not known:
        _post(case, entries.fee(case.matter(source), case.report.fee))


def _take_refunds(case: _Case) -> None:
    known = returns.refunds(case.session, case.company.id, case.payment.id)
    for refund in case.report.refunds:
        before = known[refund.ref][1] if refund.ref in known else None
        if is_news(before, refund):
            _take_refund(case, before, refund)


def _take_refund(case: _Case, before: Refund | None, refund: Refund) -> None:
    company, payment = case.company.id, case.payment
    id_ = returns.put_refund(case.session, company, payment.id, case.provider, refund, case.now)
    matter = case.matter(("refund", id_))
    if refund.status is RefundStatus.DONE:
        _give_back(case, refund.amount, f"refund:{id_}", lambda r: entries.refund(matter, r))
    elif refund.status is RefundStatus.FAILED and before and before.status is RefundStatus.DONE:
        # The documents may be paid by now: what came back is kept for the customer.
        _post(case, entries.refund_failed(matter, refund.amount))
        case.task("refund_failed", f" refund:{id_}", paid=facts_of(refund.amount))
    elif refund.status is RefundStatus.FAILED and before:
        # It never left: the documents are paid as before, and somebody may ask for it again.
        case.task("refund_refused", "", refund=facts_of(refund.amount), reason="failed")


def _take_disputes(case: _Case) -> None:
    known = returns.disputes(case.session, case.company.id, case.payment.id)
    for dispute in case.report.disputes:
        before = known[dispute.ref][1] if dispute.ref in known else None
        if is_dispute_news(before, dispute):
            _take_dispute(case, before, dispute)


def _take_dispute(case: _Case, before: Dispute | None, dispute: Dispute) -> None:
    company, payment, amount = case.company.id, case.payment, dispute.amount
    id_ = returns.put_dispute(case.session, company, payment.id, case.provider, dispute, case.now)
    matter, facts = case.matter(("dispute", id_)), {"paid": facts_of(amount)}
    about = f" dispute:{id_}"
    if before is None and dispute.status is not DisputeStatus.LOST:
        _post(case, entries.dispute(matter, amount))
        case.task("payment_disputed", about, **facts, reason=dispute.reason)
    if dispute.status is DisputeStatus.WON:
        _post(case, entries.dispute_won(matter, amount))
        tasks.close(
            case.session, company, "payment_disputed", f"payment:{payment.id}{about}", case.now
        )
    if dispute.status is DisputeStatus.LOST:
        is_held = before is not None and before.status is DisputeStatus.OPEN
        held = amount if is_held else Money.zero(amount.currency)
        _give_back(case, amount, f"dispute:{id_}", lambda r: entries.dispute_lost(matter, r, held))
        case.task("dispute_lost", about, **facts, reason=dispute.reason)


def _give_back(
    case: _Case, amount: Money, about: str, entry_of: Callable[[Returned], Entry]
) -> None:
    """Money is gone again: what it had paid is owed again, and a paper says so."""
    session, company, payment = case.session, case.company.id, case.payment
    shares = allocations.standing(session, company, [payment.id])
    credit = ledger.credit_of(session, company, payment.id, amount.currency)
    returned = take_back(amount, shares, credit)
    entry = _post(case, entry_of(returned))
    allocations.reduce(session, company, payment.id, returned.shares, entry)
    owed_receipts.owe(session, case.company, payment.id, about)
    if returned.credit > credit:
        facts = {"paid": facts_of(amount), "missing": facts_of(returned.credit - credit)}
        case.task("refund_exceeds", f" {about}", **facts)


def _post(case: _Case, entry: Entry) -> int:
    return ledger.post(case.session, case.company.id, entry, case.now)


def _set_outcome(case: _Case) -> None:
    """Confirmed, disputed or refunded, by what became of the money."""
    session, company, payment = case.session, case.company.id, case.payment
    gone, is_disputed = returns.gone(session, company, payment.id, case.received.currency)
    outcome = outcome_of(case.received, gone, is_disputed=is_disputed)
    if outcome is not payment.state:
        payments.set_outcome(session, company, payment.id, outcome)
