"""Money that banks report of titles: it pays the documents behind them, once, and is never lost.

Also when the title was given up before; what fits nowhere is the customer's credit, and a task
where a person must look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from portal_app.db import (
    allocations,
    bank_events,
    boletos,
    documents,
    ledger,
    payments,
    tasks,
)
from portal_app.db.bank_events import Handled, PaidBefore, Reported
from portal_app.db.documents import Scope
from portal_app.db.engine import Session
from portal_app.domain import ledger as entries
from portal_app.domain.boleto.events import BankEvent, EventKind
from portal_app.domain.boleto.issued import Boleto
from portal_app.domain.boleto.order import Late
from portal_app.domain.boleto.registration import BoletoState, may_follow
from portal_app.domain.companies import Company
from portal_app.domain.documents import Document
from portal_app.domain.ledger import EntryKind
from portal_app.domain.money import Money
from portal_app.domain.payments import LIVE, Payment, PaymentMethod, PaymentState
from portal_app.domain.payments import may_follow as payment_may_follow
from portal_app.domain.settlement import Came, Claim, Fit, Outcome, Settlement, Terms, settle
from portal_app.gateways import clock
from portal_app.services import incoming, owed_receipts, titles
from portal_app.services.incoming import Incoming

_BY_FIT: Final = {Fit.WHOLE: Outcome.SETTLED, Fit.SHORT: Outcome.SHORT, Fit.OVER: Outcome.OVER}
# Money that staff must look at, by what became of it.
_TASKS: Final = {
    Outcome.SHORT: "boleto_short",
    Outcome.OVER: "boleto_over",
    Outcome.LATE: "boleto_late_money",
    Outcome.CREDITED: "boleto_credited",
}
_NOT_MONEY: Final = frozenset({Outcome.SAME, Outcome.NOTED})


@dataclass(frozen=True, slots=True)
class Case:
    """A report of one of our boletos."""

    session: Session
    company: Company
    boleto: Boleto
    reported: Reported

    @property
    def event(self) -> BankEvent:
        return self.reported.event

    @property
    def now(self) -> datetime:
        return clock.now()

    def handled(self, outcome: Outcome, payment: int | None = None) -> Handled:
        return Handled(outcome, boleto=self.boleto.id, payment=payment)

    def task(self, kind: str, **facts: Any) -> None:
        """One a report: two payments too many are two matters."""
        details = {"bank": self.boleto.bank, "nosso_numero": self.boleto.nosso_numero, **facts}
        about = f"{titles.subject(self.boleto)} report:{self.reported.id}"
        tasks.put(self.session, self.company.id, kind, about, self.now, details=details)


def settle_boleto(case: Case) -> Handled:
    """Settle the documents behind the title with the money, once."""
    event, boleto = case.event, case.boleto
    before = bank_events.paid_before(case.session, case.company.id, boleto.id)
    if event.paid.cents <= 0 or _is_same_money(before, case.reported):
        return case.handled(Outcome.SAME if event.paid.cents > 0 else Outcome.NOTED)
    payment = payments.by_id(case.session, case.company.id, boleto.payment)
    is_first = boleto.state not in {BoletoState.PART_PAID, BoletoState.PAID, BoletoState.REVERSED}
    claims = [] if boleto.state is BoletoState.PAID else _claims(case, payment, before)
    settled = settle(claims, _came(event, case.company), _terms(boleto))
    on = _paid_on(event, case.company)
    money = Incoming(boleto.customer, PaymentMethod.BOLETO, event.paid, on, settled, boleto.bank)
    if is_first and payment_may_follow(payment.state, PaymentState.CONFIRMED):
        payments.confirm(case.session, case.company.id, payment, money.on, event.paid)
        paid_by = payment.id
    else:
        paid_by = incoming.receive(case.session, case.company, money)
    incoming.post(case.session, case.company, paid_by, money)
    owed_receipts.owe(case.session, case.company, paid_by)
    _move_to_paid(case, settled)
    outcome = _outcome(payment, settled, is_first=is_first)
    if outcome in _TASKS:
        case.task(_TASKS[outcome], **incoming.amounts(money))
    return case.handled(outcome, paid_by)


def settle_document(
    session: Session, company: Company, document: Document, event: BankEvent
) -> Handled:
    """A report of a title some other program made: its money settles our document."""
    about, now = f"document:{document.id}", clock.now()
    if event.kind in {EventKind.EXPIRED, EventKind.CANCELLED}:
        facts = {"document": document.number, "movement": event.movement}
        tasks.put(session, company.id, "title_withdrawn", about, now, details=facts)
    if event.kind is EventKind.REVERSED:
        return undo_document(session, company, document, event)
    if event.kind is not EventKind.PAID or event.paid.cents <= 0:
        return Handled(Outcome.NOTED, document=document.id)
    settled = _settled_document(company, document, event)
    on, method = _paid_on(event, company), PaymentMethod.BOLETO
    money = Incoming(document.customer, method, event.paid, on, settled, event.bank)
    payment = incoming.receive(session, company, money)
    incoming.post(session, company, payment, money)
    outcome = _BY_FIT[settled.fit] if settled.allocations else Outcome.CREDITED
    if outcome in _TASKS:
        facts = {"document": document.number, **incoming.amounts(money)}
        tasks.put(session, company.id, _TASKS[outcome], about, now, details=facts)
    return Handled(outcome, document=document.id, payment=payment)


def undo(case: Case) -> Handled:
    """The bank took money back: the documents it paid are owed again."""
    session, company = case.session, case.company
    before = bank_events.paid_before(session, company.id, case.boleto.id)
    payment = _standing(session, company, before, case.event.paid)
    # Told before its payment, or of money we never saw: a person must look.
    case.task("boleto_reversed", reasons=list(case.event.reasons))
    if payment is None:
        return case.handled(Outcome.NO_NEWS)
    _take_back(session, company, case.boleto.customer, payment, case.event)
    owed_receipts.owe(session, company, payment.id, owed_receipts.REVERSAL)
    if may_follow(case.boleto.state, BoletoState.REVERSED):
        boletos.move(session, company.id, case.boleto, BoletoState.REVERSED)
    return case.handled(Outcome.REVERSED, payment.id)


def undo_document(
    session: Session, company: Company, document: Document, event: BankEvent
) -> Handled:
    """The same of a title some other program made."""
    about, now = f"document:{document.id}", clock.now()
    facts = {"document": document.number, "reasons": list(event.reasons)}
    tasks.put(session, company.id, "boleto_reversed", about, now, details=facts)
    before = bank_events.paid_for(session, company.id, document.id)
    payment = _standing(session, company, before, event.paid)
    if payment is None:
        return Handled(Outcome.NO_NEWS, document=document.id)
    _take_back(session, company, document.customer, payment, event)
    return Handled(Outcome.REVERSED, document=document.id, payment=payment.id)


def _standing(
    session: Session, company: Company, before: Sequence[PaidBefore], amount: Money
) -> Payment | None:
    """The latest payment that was not taken back yet, of this amount if there is one."""
    ids = [each.payment for each in reversed(before) if each.payment is not None]
    found = [payments.by_id(session, company.id, id_) for id_ in ids]
    standing = [each for each in found if each.state is PaymentState.CONFIRMED]
    same = [each for each in standing if (each.received or each.amount) == amount]
    return next(iter(same or standing), None)


def _take_back(
    session: Session, company: Company, customer: int, payment: Payment, event: BankEvent
) -> None:
    undone = ledger.lines_of(session, company.id, EntryKind.PAYMENT, ("payment", payment.id))
    entry = entries.reversal(payment.id, customer, undone, _paid_on(event, company))
    owed = {line.document for line in undone if line.document is not None}
    documents.owned(session, company.id, Scope(customer), owed, lock=True)
    posted = ledger.post(session, company.id, entry, clock.now())
    allocations.undo(session, company.id, payment.id, posted)
    payments.move(session, company.id, payment, PaymentState.REFUNDED)


def _is_same_money(before: Sequence[PaidBefore], reported: Reported) -> bool:
    """Whether another way told of this very money first: a call, say, before the file.

    As often as the other ways told of such an amount, this way may tell of it again.
    """
    same = [b for b in before if b.paid == reported.event.paid]
    told_elsewhere = [
        b
        for b in same
        if reported.source not in {b.source, *b.also_by} and b.outcome not in _NOT_MONEY
    ]
    matched = [b for b in same if b.source is reported.source and b.outcome is Outcome.SAME]
    return len(told_elsewhere) > len(matched)


def _claims(case: Case, payment: Payment, before: Sequence[PaidBefore]) -> list[Claim]:
    """The documents as the boleto froze them, less what its money paid `before`."""
    earlier = [b.payment for b in before if b.payment is not None]
    return incoming.claims_of(case.session, case.company, payment, earlier)


def _came(event: BankEvent, company: Company) -> Came:
    return Came(event.paid, _paid_on(event, company), event.charges or None)


def _terms(boleto: Boleto) -> Terms:
    if boleto.order is None:
        return Terms(boleto.payable_until, Late.none(boleto.amount.currency))
    return Terms(boleto.payable_until, boleto.order.late, boleto.order.discount)


def _move_to_paid(case: Case, settled: Settlement) -> None:
    state = BoletoState.PART_PAID if settled.missing else BoletoState.PAID
    if may_follow(case.boleto.state, state):
        boletos.move(case.session, case.company.id, case.boleto, state)
        tasks.close(
            case.session, case.company.id, titles.SILENT, titles.subject(case.boleto), case.now
        )


def _outcome(payment: Payment, settled: Settlement, *, is_first: bool) -> Outcome:
    """`payment` as it stood before the money came."""
    if not settled.allocations:
        return Outcome.CREDITED
    if is_first and payment.state not in LIVE:
        return Outcome.LATE
    return _BY_FIT[settled.fit]


def _paid_on(event: BankEvent, company: Company) -> date:
    return event.occurred_on or event.credited_on or clock.today(company.zone)


def _settled_document(company: Company, document: Document, event: BankEvent) -> Settlement:
    """Nobody told us its late terms: only charges the bank names are charges."""
    none = Money.zero(document.balance.currency)
    still_open = none if document.attempt else document.balance
    claim = Claim(document.id, document.due, document.balance, none, none, still_open, fined=False)
    came = _came(event, company)
    return settle([claim], came, Terms(came.on, Late.none(none.currency)))
