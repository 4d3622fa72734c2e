"""Fifty clients pay random parts of the same hundred documents at once: no document twice.

Each document is in one live attempt at most, whatever the method, and who comes too late is told
so. Then the provider takes the money of every attempt it still can, and the banks that of every
boleto that was not given up: each document is paid once, and nothing is left over.
"""

from __future__ import annotations

import random
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.bank_events import Came
from portal_app.db.engine import transaction
from portal_app.db.models import BoletoRow, DocumentRow, PaymentItemRow, PaymentRow
from portal_app.domain.boleto.events import BankEvent, EventKind, Source
from portal_app.domain.companies import Company
from portal_app.domain.errors import AlreadyPaid, InAttempt, PaymentStillOpen, QuoteChanged
from portal_app.domain.money import Money
from portal_app.domain.payments import LIVE, PaymentState
from portal_app.gateways import clock
from portal_app.gateways.demo import Decision
from portal_app.services import bank_reports
from portal_app.services.payment_gateways import demo_gateway
from tests.company import actor, run_jobs
from tests.proofs._clients import Outcome, Rush, rush_in
from tests.proofs._figures import Figures, prove
from tests.proofs._place import Place, processes
from tests.proofs._town import Town
from tests.proofs._verdict import checkouts, wrong_books, wrong_credit, wrong_money, wrong_receipts

CLIENTS: Final = 50
DOCUMENTS: Final = 100

_PROCESSES: Final = 5
_TRIES: Final = 5
# Until all of a process's clients stand ready.
_READY_WITHIN: Final = 1.0
# Pages have ended by then, and whatever was to be asked about them was asked.
_LATER: Final = timedelta(minutes=40)
_ALLOWED: Final = frozenset(
    refusal.code for refusal in (InAttempt, QuoteChanged, PaymentStillOpen, AlreadyPaid)
)


def main(argv: Sequence[str]) -> bool:
    parser = ArgumentParser(prog="./portal prove checkout-rush")
    parser.add_argument("--rounds", type=int, default=2, help="a hundred new documents each")
    return prove(parser, argv, lambda place, told, seed: run(place, told.rounds, seed))


def run(place: Place, rounds: int, seed: int) -> Figures:
    with place.entered():
        lots, town = random.Random(seed), Town()
        outcomes: list[Outcome] = []
        wrong, took = "", 0.0
        with ProcessPoolExecutor(_PROCESSES, mp_context=processes()) as pool:
            _have_started(pool)
            for number in range(rounds):
                customer = town.in_reais[number % len(town.in_reais)]
                rush = Rush(
                    place,
                    actor(customer.name),
                    town.bill(customer, DOCUMENTS, lots),
                    _TRIES,
                    time.monotonic() + _READY_WITHIN,
                )
                outcomes += _rushed(pool, rush, f"{seed}/{number}")
                took += time.monotonic() - rush.at
                wrong = wrong or _first_refused(outcomes) or _held(rush.documents)
        held = _held_documents()
        wrong = wrong or _paid(held)
        counted = {**_counted(outcomes), "documents": rounds * DOCUMENTS, "held": len(held)}
    return Figures(
        "checkout-rush",
        place.database,
        seed,
        wrong,
        {"clients": CLIENTS, "rounds": rounds, **counted, "seconds": round(took, 1)},
    )


def _have_started(pool: ProcessPoolExecutor) -> None:
    """All its processes: each is busy until the last one is."""
    for _ in pool.map(time.sleep, [_READY_WITHIN] * _PROCESSES):
        pass


def _rushed(pool: ProcessPoolExecutor, rush: Rush, seed: str) -> list[Outcome]:
    seeds = [f"{seed}/{client}" for client in range(CLIENTS)]
    parts = [seeds[first::_PROCESSES] for first in range(_PROCESSES)]
    return [outcome for part in pool.map(rush_in, [rush] * _PROCESSES, parts) for outcome in part]


def _counted(outcomes: Sequence[Outcome]) -> dict[str, object]:
    refused = Counter(each.refusal for each in outcomes if each.refusal)
    return {
        "requests": len(outcomes),
        "attempts": len({each.attempt for each in outcomes if each.attempt}),
        "refused": dict(refused),
    }


def _first_refused(outcomes: Sequence[Outcome]) -> str:
    """What was answered that nobody should be answered."""
    errors = (each.error for each in outcomes if each.error)
    refusals = (each.refusal for each in outcomes if each.refusal not in {"", *_ALLOWED})
    return next(chain(errors, refusals), "")


def _held_documents() -> Counter[int]:
    """By document, how many live attempts hold it."""
    query = select(col(PaymentItemRow.document_id)).where(col(PaymentItemRow.live))
    with transaction(write=False) as session:
        return Counter(session.scalars(query))


def _held(documents: Sequence[int]) -> str:
    """One attempt a document, none of an attempt that is over; what is otherwise."""
    for document, attempts in _held_documents().items():
        if attempts > 1:
            return f"document {document} is in {attempts} live attempts"
    query = (
        select(col(PaymentItemRow.document_id), col(PaymentItemRow.live), col(PaymentRow.state))
        .join(PaymentRow, col(PaymentRow.id) == col(PaymentItemRow.payment_id))
        .where(col(PaymentItemRow.document_id).in_(documents))
    )
    with transaction(write=False) as session:
        for document, live, state in session.execute(query):
            if live != (PaymentState(state) in LIVE):
                return f"document {document} is held by an attempt that is {state}"
    return ""


def _paid(held: Collection[int]) -> str:
    """Have everything paid that still can be; what of the books is wrong then."""
    company = actor("staff").company
    for each in checkouts():
        demo_gateway().decide(each.session, Decision.APPROVED)
    with clock.fixed_at(datetime.now(UTC) + _LATER):
        run_jobs()
        by_bank = _pay_boletos(company)
        run_jobs()
    by_provider = {each.payment: each.cents for each in checkouts() if each.is_approved}
    with transaction(write=False) as session:
        wrongs = chain(
            wrong_money(session, by_provider | by_bank),
            wrong_receipts(session),
            _wrong_balances(session, held),
            wrong_credit(session),
            wrong_books(),
        )
        return next(wrongs, "")


def _pay_boletos(company: Company) -> dict[str, int]:
    """The banks' report of each boleto that was not given up; cents by payment."""
    query = (
        select(BoletoRow, col(PaymentRow.public_id))
        .join(PaymentRow, col(PaymentRow.id) == col(BoletoRow.payment_id))
        .where(col(PaymentRow.state).in_(sorted(LIVE)))
    )
    with transaction(write=False) as session:
        found = [(row, payment) for row, payment in session.execute(query)]
    for row, _ in found:
        came = Came(row.bank_account_id, Source.RETORNO, clock.now())
        event = BankEvent(
            kind=EventKind.PAID,
            bank=row.bank,
            agreement="",
            nosso_numero="",
            seu_numero=row.seu_numero,
            movement="06",
            occurred_on=row.due_date,
            paid=Money(row.amount_cents, row.currency),
        )
        with transaction() as session:
            bank_reports.store(session, company, came, [event])
        bank_reports.handle_all(company, row.bank_account_id)
    return {payment: row.amount_cents for row, payment in found}


def _wrong_balances(session: Session, held: Collection[int]) -> Iterator[str]:
    """What was held is paid, what was not is owed, and nobody paid more than that."""
    for document in session.scalars(select(DocumentRow)):
        is_paid = document.balance_cents == 0
        if document.balance_cents not in {0, document.total_cents} or is_paid != (
            document.id in held
        ):
            yield f"document {document.id} of {document.total_cents}: {document.balance_cents} left"
