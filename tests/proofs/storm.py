"""Stripe calls about a thousand payments, each call several times, in any order, from eight sides.

The truth goes on meanwhile: paid, declined, expired, refunded, disputed, some of it late. People
come back from Stripe's page at the same time, and two workers ask what is so. In the end every
payment is what Stripe says it is, once.
"""

from __future__ import annotations

import heapq
import random
import threading
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.engine import transaction
from portal_app.db.models import JobRow, JournalLineRow, PaymentRow, ProviderEventRow
from portal_app.domain.ledger import Account
from portal_app.domain.payments import PaymentMethod, PaymentState
from portal_app.services import payments
from portal_app.services.actors import Actor
from tests.company import actor
from tests.gateways.stripe_desk import FEE, Json
from tests.gateways.stripe_server import KEY, SECRET, StripeServer
from tests.proofs._fates import FATES, Fate
from tests.proofs._figures import Figures, prove
from tests.proofs._place import Place, processes
from tests.proofs._players import work_in_peace
from tests.proofs._server import Answer, Caller, served, traces
from tests.proofs._town import Selection, Town
from tests.proofs._verdict import (
    waiting_job,
    wrong_books,
    wrong_credit,
    wrong_money,
    wrong_receipts,
)

PAYMENTS: Final = 60
DELIVERIES: Final = 600

_CALLERS: Final = 8
_PEOPLE: Final = 2
_WORKERS: Final = 2
_MOST_TIMES: Final = 5
# How late calls come on the average, as a part of the whole storm.
_LATE: Final = 0.1
_DONE_WITHIN: Final = 600.0


def main(argv: Sequence[str]) -> bool:
    parser = ArgumentParser(prog="./portal prove storm")
    parser.add_argument("--payments", type=int, default=PAYMENTS)
    parser.add_argument(
        "--deliveries", type=int, default=DELIVERIES, help="two to four a payment, and more"
    )
    return prove(
        parser, argv, lambda place, told, seed: run(place, told.payments, told.deliveries, seed)
    )


def run(place: Place, count: int, deliveries: int, seed: int) -> Figures:
    with StripeServer() as stripe:
        here = place.having(
            PORTAL_STRIPE_SECRET_KEY=KEY,
            PORTAL_STRIPE_WEBHOOK_SECRET=SECRET,
            PORTAL_STRIPE_API_BASE=stripe.base_url,
        )
        with here.entered():
            lots = random.Random(seed)
            began = time.monotonic()
            cases = _begun(lots, count)
            sky = _Sky(stripe, cases, deliveries, lots)
            with _working(here), served(here) as port:
                storm = _rage(sky, cases, port, seed)
                took = time.monotonic() - began
                wrong = storm.wrong or _calm() or next(traces(here), "")
            wrong = wrong or _first_wrong(stripe, cases, sky)
    counted = {
        "payments": count,
        "fates": dict(Counter(case.fate.name for case in cases)),
        "events": sky.events,
        **storm.counted(),
        "storm_s": round(took, 1),
        "seconds": round(time.monotonic() - began, 1),
    }
    return Figures("storm", place.database, seed, wrong, counted)


@dataclass(frozen=True, slots=True)
class _Case:
    """A payment that somebody began, and what will become of it."""

    who: Actor
    payment: str
    cents: int
    fate: Fate


def _begun(lots: random.Random, count: int) -> list[_Case]:
    """So many payments with their pages opened at Stripe."""
    town = Town()
    fates = [FATES[number % len(FATES)] for number in range(count)]
    methods = [lots.choice(fate.methods) for fate in fates]
    payers = [
        lots.choice(town.in_euros if method is PaymentMethod.MULTIBANCO else town.in_reais)
        for method in methods
    ]
    people = {each.name: actor(each.name) for each in (*town.in_reais, *town.in_euros)}

    def begin(selection: Selection, method: PaymentMethod, fate: Fate) -> _Case:
        who = people[selection.customer.name]
        shown = payments.quote(who, selection.documents).total
        started = payments.start(who, selection.documents, method, shown)
        return _Case(who, started.payment, shown.cents, fate)

    with ThreadPoolExecutor(_CALLERS) as pool:
        return list(pool.map(begin, town.selections(payers, lots), methods, fates))


class _Sky:
    """What happens at Stripe, and the calls that tell of it, in the order of a time of its own."""

    def __init__(
        self, stripe: StripeServer, cases: Sequence[_Case], deliveries: int, lots: random.Random
    ) -> None:
        self.events = 0
        self._stripe = stripe
        self._lots = lots
        self._lock = threading.Lock()
        self._waiting: list[tuple[float, int, Any]] = []
        self._put = 0
        told = sum(len(step.events) for case in cases for step in case.fate.steps)
        self._times = iter(_times(told, deliveries, lots))
        for case in cases:
            moments = sorted(lots.random() for _ in case.fate.steps)
            for moment, step in zip(moments, case.fate.steps, strict=True):
                self._add(moment, (case, step))

    def next_call(self) -> tuple[bytes, str] | None:
        """Body and signature of the next call; None once all have been made."""
        with self._lock:
            while self._waiting:
                moment, _, what = heapq.heappop(self._waiting)
                if not isinstance(what, tuple):
                    return self._stripe.sign(what)
                self._happen(moment, *what)
        return None

    def _happen(self, moment: float, case: _Case, step: Any) -> None:
        step.act(self._stripe, case.payment, case.cents)
        for kind in step.events:
            event: Json = self._stripe.event(kind, case.payment)
            self.events += 1
            for _ in range(next(self._times)):
                self._add(moment + self._lots.expovariate(1 / _LATE), event)

    def _add(self, moment: float, what: Any) -> None:
        self._put += 1
        heapq.heappush(self._waiting, (moment, self._put, what))


def _times(events: int, deliveries: int, lots: random.Random) -> list[int]:
    """How often each event is told, one to five times, such that they add up."""
    assert events <= deliveries <= _MOST_TIMES * events, f"{events} events cannot be told so often"
    more = Counter(lots.sample([*range(events)] * (_MOST_TIMES - 1), deliveries - events))
    return [1 + more[event] for event in range(events)]


@dataclass(frozen=True, slots=True)
class _Storm:
    answers: Sequence[Answer]
    visits: int
    troubles: Sequence[str]

    @property
    def wrong(self) -> str:
        """A call that was not answered with 200, or a page that could not be shown."""
        statuses = Counter(answer.status for answer in self.answers)
        bad = [f"{count} calls were answered {s}" for s, count in statuses.items() if s != 200]
        return next(iter((*bad, *self.troubles)), "")

    def counted(self) -> dict[str, object]:
        took = sorted(answer.seconds for answer in self.answers)
        return {
            "deliveries": len(took),
            "return_pages": self.visits,
            "p50_ms": round(1000 * took[len(took) // 2], 1),
            "p99_ms": round(1000 * took[len(took) * 99 // 100], 1),
        }


def _rage(sky: _Sky, cases: Sequence[_Case], port: int, seed: int) -> _Storm:
    over = threading.Event()
    with ThreadPoolExecutor(_CALLERS + _PEOPLE) as pool:
        people = [
            pool.submit(_come_back, cases, random.Random(f"{seed}/{n}"), over)
            for n in range(_PEOPLE)
        ]
        callers = [pool.submit(_call, sky, port) for _ in range(_CALLERS)]
        try:
            answers = [answer for each in callers for answer in each.result()]
        finally:
            over.set()
    told = [each.result() for each in people]
    return _Storm(
        answers, sum(visits for visits, _ in told), [trouble for _, t in told for trouble in t]
    )


def _call(sky: _Sky, port: int) -> list[Answer]:
    with closing(Caller(port)) as caller:
        return [caller.post(*call) for call in iter(sky.next_call, None)]


def _come_back(
    cases: Sequence[_Case], lots: random.Random, over: threading.Event
) -> tuple[int, list[str]]:
    """People return from Stripe's page, whatever they did there: how often, and what went wrong."""
    visits, troubles = 0, list[str]()
    while not over.is_set():
        case = lots.choice(cases)
        try:
            payments.refresh(case.who, case.payment, arrived=True)
        except Exception as error:  # noqa: BLE001  what a person is shown is the outcome
            troubles.append(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
        visits += 1
    return visits, troubles


@contextmanager
def _working(place: Place) -> Iterator[None]:
    workers = [
        processes().Process(target=work_in_peace, args=(place,), daemon=True)
        for _ in range(_WORKERS)
    ]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()


def _calm() -> str:
    """Wait until the workers have nothing left to ask."""
    until = time.monotonic() + _DONE_WITHIN
    while waiting := waiting_job():
        if time.monotonic() > until:
            return f"not done within {_DONE_WITHIN:.0f} s: {waiting}"
        time.sleep(0.1)
    return ""


def _first_wrong(stripe: StripeServer, cases: Sequence[_Case], sky: _Sky) -> str:
    charged = {case.payment: case.cents for case in cases if case.fate.paid}
    gone = {case.payment: int(case.cents * case.fate.gone) for case in cases}
    with transaction(write=False) as session:
        return next(
            (
                wrong
                for wrongs in (
                    _wrong_pages(stripe, cases),
                    _wrong_states(session, cases),
                    _wrong_inbox(session, sky.events),
                    wrong_money(session, charged, gone),
                    _wrong_accounts(session, cases),
                    wrong_credit(session),
                    wrong_receipts(session),
                    wrong_books(),
                )
                for wrong in wrongs
            ),
            "",
        )


def _wrong_pages(stripe: StripeServer, cases: Sequence[_Case]) -> Iterator[str]:
    """The server's own count: a page a payment, and no money it was not meant to have."""
    for key, pages in stripe.opened.items():
        if pages != 1:
            yield f"{key} opened {pages} pages"
    for case in cases:
        if stripe.charges[case.payment] != int(case.fate.paid):
            yield f"payment {case.payment} was charged {stripe.charges[case.payment]} times"


def _wrong_states(session: Session, cases: Sequence[_Case]) -> Iterator[str]:
    query = select(col(PaymentRow.public_id), col(PaymentRow.state))
    states = {payment: PaymentState(state) for payment, state in session.execute(query)}
    for case in cases:
        if states[case.payment] is not case.fate.ends:
            yield f"payment {case.payment} ({case.fate.name}) is {states[case.payment]}"
    if len(states) != len(cases):
        yield f"{len(cases)} payments were begun, and there are {len(states)}"


def _wrong_inbox(session: Session, events: int) -> Iterator[str]:
    """Each event kept once and dealt with, none of whose work ever failed."""
    kept = session.execute(select(func.count()).select_from(ProviderEventRow)).scalar_one()
    if kept != events:
        yield f"{events} events were told, {kept} are kept"
    unhandled = select(col(ProviderEventRow.id)).where(col(ProviderEventRow.handled_at).is_(None))
    for event in session.scalars(unhandled):
        yield f"event {event} was not dealt with"
    for job in session.scalars(select(JobRow).where(col(JobRow.last_error) != "")):
        yield f"job {job.kind} {job.key} failed: {job.last_error}"


def _wrong_accounts(session: Session, cases: Sequence[_Case]) -> Iterator[str]:
    """Our money at Stripe, its fees, and what is in dispute."""
    paid = [case for case in cases if case.fate.paid]
    disputed = [case for case in paid if case.fate.ends is PaymentState.DISPUTED]
    wanted = {
        Account.CLEARING: sum(case.cents - int(case.cents * case.fate.gone) for case in paid),
        Account.FEES: FEE * len(paid),
        Account.DISPUTES: sum(case.cents for case in disputed),
        Account.PROVIDER: -FEE * len(paid) - sum(case.cents for case in disputed),
    }
    query = select(
        col(JournalLineRow.account), func.sum(col(JournalLineRow.amount_cents))
    ).group_by(col(JournalLineRow.account))
    found = {Account(account): int(cents) for account, cents in session.execute(query)}
    for account, cents in wanted.items():
        if found.get(account, 0) != cents:
            yield f"{account} should be {cents} and is {found.get(account, 0)}"
