"""The processes of a proof: workers and customers, each of which may be killed where it stands."""

from __future__ import annotations

import logging
import os
import random
import signal
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import configure_mappers

from portal_app.domain import jobs as lease
from portal_app.domain.payments import PaymentMethod
from portal_app.gateways import clock
from portal_app.gateways.demo import Decision
from portal_app.jobs.runner import Runner
from portal_app.services import demo_checkouts, jobs, payments, refunds
from portal_app.services.refunds import Wanted
from tests.company import actor
from tests.proofs._diary import Diary
from tests.proofs._place import Place
from tests.proofs._points import Point, watch

LEASE: Final = timedelta(seconds=1)
"""Of a killed worker's job, until somebody else may have it."""

# Once for all that are forked, of the time each would need the greatest part.
configure_mappers()


class Habit(StrEnum):
    """What a customer does at the provider. LEAVES: he closes the page, and his bank decides."""

    PAYS = "pays"
    REFUSED = "is refused"
    LEAVES = "leaves"


@dataclass(frozen=True, slots=True)
class Errand:
    """A customer by name, and what he wants to pay."""

    number: int
    customer: str
    documents: tuple[int, ...]
    method: PaymentMethod
    habit: Habit


@dataclass(frozen=True, slots=True)
class Return:
    """So many cents of a payment that are to go back, or all of it where it is less."""

    customer: str
    payment: str
    cents: int


@dataclass(frozen=True, slots=True)
class Fate:
    """`chances`: of being killed, at each point. `later`: how far the clock is ahead."""

    place: Place
    diary: Path
    seed: str
    chances: Mapping[Point, float]
    later: timedelta = timedelta()


def work(fate: Fate) -> None:
    """A worker, until it is told to stop, or killed."""
    _begin(fate)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    Runner(renew_every=LEASE.total_seconds() / 3).run_forever(stop)


def work_in_peace(place: Place) -> None:
    """A worker nobody kills, with the lease it has in production."""
    place.enter()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    Runner().run_forever(stop)


def shop(fate: Fate, errands: Sequence[Errand]) -> None:
    """A customer's requests, one after another: tick, pay, decide on the provider's page."""
    diary = _begin(fate)
    for errand in errands:
        diary.note("errand", str(errand.number))
        _run(errand)


def give_back(fate: Fate, returns: Sequence[Return]) -> None:
    """Somebody of the company's, who sends money back: again whatever he does not know of."""
    diary = _begin(fate)
    clerk = actor("staff")
    for each in returns:
        (shown,) = refunds.view(clerk, each.customer, each.payment).rows
        if shown.left and not shown.gone:
            part = min(shown.left.cents, each.cents)
            wanted = Wanted(f"{part // 100},{part % 100:02}", shown.left, "prova")
            refunds.ask(clerk, each.customer, each.payment, wanted)
        diary.note("returned", each.payment)


def _run(errand: Errand) -> None:
    who = actor(errand.customer)
    shown = payments.quote(who, errand.documents).total
    started = payments.start(who, errand.documents, errand.method, shown)
    if errand.habit is Habit.LEAVES:
        return
    decision = Decision.APPROVED if errand.habit is Habit.PAYS else Decision.DECLINED
    demo_checkouts.decide(who, started.payment, decision.value)


def _begin(fate: Fate) -> Diary:
    fate.place.enter()
    clock.now = lambda: datetime.now(UTC) + fate.later
    lease.LEASE = LEASE
    diary, lots = Diary(fate.diary), random.Random(fate.seed)
    holding = _note_claims(diary)

    def reach(point: Point) -> None:
        if lots.random() < fate.chances[point]:
            diary.note("killed", point, holding[0])
            os.kill(os.getpid(), signal.SIGKILL)

    watch(reach)
    _note_trouble(diary)
    return diary


def _note_claims(diary: Diary) -> list[int]:
    """Write down each job as it is claimed; the answer holds the last one's id."""
    claim, holding = jobs.claim, [0]

    def noted() -> Any:
        claimed = claim()
        if claimed is not None:
            holding[0] = claimed.id
            diary.note("claimed", f"{claimed.kind} {claimed.key}", claimed.id)
        return claimed

    jobs.claim = noted
    return holding


def _note_trouble(diary: Diary) -> None:
    """What the worker calls an error would be one without any kill as well."""

    class Noting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            diary.note("trouble", " ".join(record.getMessage().split()))

    logging.getLogger("portal_app").addHandler(Noting(logging.ERROR))
