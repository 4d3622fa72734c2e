"""What banks report of titles, kept and then dealt with, each fact once.

Reports are stored before they are handled (`store`), whichever way they came, and handled in the
order they came (`handle_waiting`). What becomes of money is settlement.py's.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from portal_app.db import bank_events, boletos, companies, documents, jobs, payments, tasks
from portal_app.db.bank_events import Came as Way
from portal_app.db.bank_events import Handled, Reported
from portal_app.db.engine import Session, is_trouble, savepoint, transaction
from portal_app.db.jobs import Claim
from portal_app.domain.boleto.agreements import agreements, sequence_reported
from portal_app.domain.boleto.events import BankEvent, EventKind
from portal_app.domain.boleto.gateway import Answer, Report
from portal_app.domain.boleto.issued import Boleto
from portal_app.domain.boleto.registration import BoletoState
from portal_app.domain.companies import BankCarteira, Company
from portal_app.domain.documents import Document
from portal_app.domain.payments import LIVE
from portal_app.domain.settlement import Outcome
from portal_app.gateways import clock
from portal_app.services import settlement, titles
from portal_app.services.settlement import Case

BATCH: Final = 200

_log = logging.getLogger(__name__)
_CONFIRMED: Final = Report(answer=Answer.REGISTERED)


def store(session: Session, company: Company, way: Way, events: Sequence[BankEvent]) -> int:
    """Keep what a bank reported; how much of it was new."""
    return bank_events.put(session, company.id, way, events)


def handle_waiting(
    session: Session, company: Company, account: int, limit: int = BATCH
) -> list[Became]:
    """Deal with the oldest reports of an account that nothing was done about."""
    carteiras = companies.carteiras_of_account(session, company.id, account)
    if not carteiras:
        return []
    waiting = bank_events.unhandled(session, company.id, account, limit, carteiras[0].bank)
    imported = cache(lambda: _imported_as(session, company.id, carteiras[0]))
    desk = _Desk(session, company, carteiras, imported)
    became: list[Became] = []
    for reported in waiting:
        handled = _handled(desk, reported)
        bank_events.mark(session, company.id, reported.id, handled, clock.now())
        became.append(Became(reported.event, handled.outcome))
    return became


def handle_all(company: Company, account: int, tell: Callable[[Became], None] | None = None) -> int:
    """`handle_waiting` until nothing waits, some at a time so that others can work between.

    How many those were; `tell` hears of each.
    """
    count = 0
    while True:
        with transaction() as session:
            done = handle_waiting(session, company, account)
        if tell is not None:
            for became in done:
                tell(became)
        count += len(done)
        if len(done) < BATCH:
            return count


def catch_up(claimed: Claim) -> None:
    """Deal with what was stored and never dealt with: whoever was about to has stopped."""
    with transaction(write=False) as session:
        company = companies.by_id(session, claimed.company)
        accounts = bank_events.accounts_with_unhandled(session, company.id)
    for account in accounts:
        handle_all(company, account)
    with transaction() as session:
        jobs.done(session, claimed)


def take(session: Session, company: Company, way: Way, event: BankEvent) -> None:
    """Store what a bank answered and deal with it now."""
    store(session, company, way, [event])
    handle_waiting(session, company, way.account)


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a report."""

    event: BankEvent
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where the reports of an account are dealt with, in one transaction.

    `imported`: how files of other programs named its agreement; asked only once, if at all, for
    it looks through all titles that were imported.
    """

    session: Session
    company: Company
    carteiras: Sequence[BankCarteira]
    imported: Callable[[], Sequence[str]]


def _handled(desk: _Desk, reported: Reported) -> Handled:
    """What became of it. One that cannot be dealt with keeps no other from it: a person must look."""
    try:
        with savepoint(desk.session):
            return _handle(desk, reported)
    except Exception as error:
        if is_trouble(error):
            raise
        # Its words may repeat what a database was told: names and addresses.
        kind, where = type(error).__name__, traceback.format_tb(error.__traceback__)[-1]
        _log.error("report %d was not dealt with: %s at %s", reported.id, kind, where)
        facts = {"nosso_numero": reported.event.nosso_numero, "line": reported.event.line}
        about, now = f"report:{reported.id}", clock.now()
        tasks.put(desk.session, desk.company.id, "report_failed", about, now, details=facts)
        return Handled(Outcome.FAILED)


def _handle(desk: _Desk, reported: Reported) -> Handled:
    session, company = desk.session, desk.company
    boleto = boleto_of(session, company.id, desk.carteiras, reported.event)
    if boleto is not None:
        return _OF_BOLETO[reported.event.kind](Case(session, company, boleto, reported))
    document = _document_of(desk, reported.event)
    if document is not None:
        return settlement.settle_document(session, company, document, reported.event)
    if reported.event.kind is EventKind.PAID:
        # One task an account: its bank may tell of thousands of titles of another program.
        first = {"nosso_numero": reported.event.nosso_numero, "line": reported.event.line}
        about = f"account:{reported.account}"
        tasks.put(session, company.id, "titles_unknown", about, clock.now(), details=first)
    return Handled(Outcome.UNKNOWN)


def boleto_of(
    session: Session, company: int, carteiras: Sequence[BankCarteira], event: BankEvent
) -> Boleto | None:
    """The title by the bank's reference, by our number, by the bank's, at last by our name for it.

    Our number as it was given: what the account says of its agência may have been put right since.
    """
    account, stated = carteiras[0].account, event.nosso_numero.lstrip("0")
    if event.bank_ref and (found := boletos.by_bank_ref(session, company, account, event.bank_ref)):
        return found
    if found := boletos.by_stated_number(session, company, account, stated):
        return found
    for carteira, sequence in sequence_reported(carteiras, event.nosso_numero):
        found = boletos.by_sequence(session, company, account, sequence)
        # An account counts once for all its carteiras: the same count of another is not ours.
        if found is not None and found.carteira == carteira:
            return found
    if event.nosso_numero:
        return boletos.by_number(session, company, account, event.nosso_numero)
    return boletos.by_seu_numero(session, company, account, event.seu_numero)


def _document_of(desk: _Desk, event: BankEvent) -> Document | None:
    """A title that was imported: some other program made it."""
    bank, number = desk.carteiras[0].bank, event.nosso_numero
    return documents.registered_as(desk.session, desk.company.id, bank, desk.imported(), number)


def _imported_as(session: Session, company: int, carteira: BankCarteira) -> Sequence[str]:
    """The carteira's agreement as files of imported titles named it."""
    stored = documents.registered_agreements(session, company, carteira.bank)
    ours = agreements(carteira)
    return [agreement for agreement in stored if agreement.lstrip("0") in ours]


def _registered(case: Case) -> Handled:
    news = titles.confirm(case.session, case.company, case.boleto, _CONFIRMED)
    return case.handled(Outcome.REGISTERED if news else Outcome.NO_NEWS)


def _rejected(case: Case) -> Handled:
    reason = " ".join(case.event.reasons)
    news = titles.reject(case.session, case.company, case.boleto, reason)
    return case.handled(Outcome.REJECTED if news else Outcome.NO_NEWS)


def _expired(case: Case) -> Handled:
    news = titles.close(case.session, case.company, case.boleto, BoletoState.EXPIRED)
    return case.handled(Outcome.EXPIRED if news else Outcome.NO_NEWS)


def _cancelled(case: Case) -> Handled:
    wanted = payments.by_id(case.session, case.company.id, case.boleto.payment).state in LIVE
    news = titles.close(case.session, case.company, case.boleto, BoletoState.CANCELLED)
    if news and wanted:
        # Nobody here asked for it: perhaps its money came another way.
        case.task("title_withdrawn", movement=case.event.movement)
    return case.handled(Outcome.CANCELLED if news else Outcome.NO_NEWS)


def _amended(case: Case) -> Handled:
    due = case.event.due
    if due is None or due <= case.boleto.payable_until:
        return case.handled(Outcome.NO_NEWS)
    boletos.amend(case.session, case.company.id, case.boleto, due)
    return case.handled(Outcome.AMENDED)


def _refused(case: Case) -> Handled:
    reasons = list(case.event.reasons)
    case.task("instruction_refused", movement=case.event.movement, reasons=reasons)
    boletos.ask_due(case.session, case.company.id, case.boleto, None)
    return case.handled(Outcome.REFUSED)


def _noted(case: Case) -> Handled:
    return case.handled(Outcome.NOTED)


_OF_BOLETO: Final[Mapping[EventKind, Callable[[Case], Handled]]] = MappingProxyType(
    {
        EventKind.REGISTERED: _registered,
        EventKind.REJECTED: _rejected,
        EventKind.PAID: settlement.settle_boleto,
        EventKind.EXPIRED: _expired,
        EventKind.CANCELLED: _cancelled,
        EventKind.AMENDED: _amended,
        EventKind.REVERSED: settlement.undo,
        EventKind.REFUSED: _refused,
        EventKind.FEE: _noted,
        EventKind.NOTED: _noted,
    }
)
