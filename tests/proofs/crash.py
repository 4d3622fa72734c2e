"""kill -9 at every named point between the charge and the e-mail, and back: nothing lost or twice.

Customers and workers are processes that are killed by lot wherever they pass a point of
`_points.py`, and replaced. In the end the provider's files, the database and the mailbox must tell
the same story. A round has four times: customers come; twenty seconds later jobs do what dead
customers left undone; half an hour later whatever nobody told of is asked about; then a clerk, who
is killed as well, sends some of the money back.
"""

from __future__ import annotations

import random
import signal
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from multiprocessing.process import BaseProcess
from typing import Any, Final

from portal_app.domain.payments import PaymentMethod
from portal_app.gateways import clock
from portal_app.gateways.demo import Decision
from portal_app.services.payment_gateways import demo_gateway
from tests.post_office import PostOffice, open_office
from tests.proofs._diary import Diary, Entry
from tests.proofs._figures import Figures, prove
from tests.proofs._place import Place, processes
from tests.proofs._players import Errand, Fate, Habit, Return, give_back, shop, work
from tests.proofs._points import Point
from tests.proofs._town import Town
from tests.proofs._verdict import (
    checkouts,
    confirmed_payments,
    first_wrong,
    mail_states,
    waiting_job,
)

KILLS: Final = 100
WORKERS: Final = {"sqlite": 1, "postgres": 3}

_A_ROUND: Final = 50
_MOST_MORE_ROUNDS: Final = 20
_TIMES: Final = (timedelta(), timedelta(seconds=20), timedelta(minutes=36))
_DONE_WITHIN: Final = 120.0
_CUSTOMER: Final = "customer"
_CLERK: Final = "clerk"
# Of all payments after each round, and how much of one: a part, or more than any document is.
_RETURNS: Final = 40
_BACK: Final = (1_000, 2_999, 10_000_000)
_KILLED: Final = -signal.SIGKILL
# By the signal itself before it could listen for it.
_STOPPED: Final = frozenset({0, _KILLED, -signal.SIGTERM})
_HABITS: Final = (Habit.PAYS,) * 7 + (Habit.LEAVES,) * 2 + (Habit.REFUSED,)
# Of the pages that were left, those whose money comes all the same.
_CHARGED_LATER: Final = 0.8
# The chance of being killed at a point is never higher, and its kills are meant to be over after
# this part of all that comes there.
_HIGHEST: Final = 0.4
_PART: Final = 0.6


def main(argv: Sequence[str]) -> bool:
    parser = ArgumentParser(prog="./portal prove crash")
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--payments", type=int, help="at least; as many as kills if left out")
    return prove(
        parser, argv, lambda place, told, seed: run(place, told.kills, told.payments, seed)
    )


def run(place: Place, kills: int, payments: int | None, seed: int) -> Figures:
    """Kill at least so often, everywhere as often, over at least so many payments."""
    began = time.monotonic()
    office = PostOffice()
    with place.entered() as monkeypatch, open_office(office, monkeypatch) as port:
        here = place.having(PORTAL_SMTP_URL=f"smtp://127.0.0.1:{port}")
        siege = _Siege(here, office, ceil(kills / len(Point)), seed)
        monkeypatch.setattr(clock, "now", siege.now)
        try:
            wrong = siege.go_on(payments or kills)
        finally:
            siege.end()
        counted = siege.counted() | {"mails": len(office.received), **mail_states()}
    took = round(time.monotonic() - began, 1)
    return Figures("crash", place.database, seed, wrong, {**counted, "seconds": took})


class _Tally:
    """What the diary has told so far. `recovered_within`: the longest a dead worker's job waited."""

    def __init__(self, diary: Diary) -> None:
        self.killed: Counter[Point] = Counter(dict.fromkeys(Point, 0))
        self.came: set[int] = set()
        self.returned: set[str] = set()
        self.troubles: list[str] = []
        self.recovered_within = 0.0
        self._diary = diary
        self._killed_at: dict[int, float] = {}

    @property
    def fewest(self) -> int:
        return min(self.killed.values())

    def read(self) -> None:
        for entry in self._diary.news():
            match entry.kind:
                case "killed":
                    self._kill(entry)
                case "claimed":
                    since = self._killed_at.pop(entry.job, entry.at)
                    self.recovered_within = max(self.recovered_within, entry.at - since)
                case "errand":
                    self.came.add(int(entry.about))
                case "returned":
                    self.returned.add(entry.about)
                case _:
                    self.troubles.append(entry.about)

    def _kill(self, entry: Entry) -> None:
        self.killed[Point(entry.about)] += 1
        if entry.job:
            self._killed_at[entry.job] = entry.at


class _Siege:
    """Processes come, are killed, and are replaced, until every point had its share of kills."""

    def __init__(self, place: Place, office: PostOffice, share: int, seed: int) -> None:
        self._place = place
        self._office = office
        self._share = share
        self._seed = seed
        self._lots = random.Random(seed)
        self._diary = place.folder / "diary"
        self._tally = _Tally(Diary(self._diary))
        self._town = Town()
        self._processes = processes()
        self._running: dict[str, BaseProcess] = {}
        self._started = 0
        self._later = timedelta()
        self._rounds_left = 0
        self._errands = 0
        self._returns: list[Return] = []
        self._returned: set[str] = set()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._later

    def go_on(self, payments: int) -> str:
        """Round after round, each judged when its work is done; the first wrong thing, or ''."""
        rounds = ceil(payments / _A_ROUND)
        for played in range(rounds + _MOST_MORE_ROUNDS):
            self._rounds_left = max(1, rounds - played)
            wrong = self._round() or self._judge()
            if wrong or (played + 1 >= rounds and self._tally.fewest >= self._share):
                return wrong
        rare = min(Point, key=lambda point: self._tally.killed[point])
        return f"only {self._tally.fewest} were killed at: {rare}"

    def counted(self) -> dict[str, object]:
        found = checkouts()
        return {
            "kills": self._tally.killed.total(),
            "fewest_at_a_point": self._tally.fewest,
            "points": {point.value: kills for point, kills in self._tally.killed.items()},
            "processes": self._started,
            "recovered_within_s": round(self._tally.recovered_within, 1),
            "errands": self._errands,
            "checkouts": len(found),
            "approved": sum(each.is_approved for each in found),
            "refunds": sum(len(each.refunds) for each in found),
        }

    def end(self) -> None:
        for process in self._running.values():
            process.kill()
            process.join()

    def _round(self) -> str:
        errands = self._new_errands()
        for later in _TIMES:
            self._later += later
            wrong = self._play(errands)
            if wrong:
                return wrong
            self._charge_what_was_left()
        self._returns = self._new_returns()
        # A job that a dead worker had is free again by then.
        self._later += _TIMES[1]
        return self._play([])

    def _judge(self) -> str:
        """Kills leave work behind; they are no excuse for work that fails."""
        self._tally.read()
        return first_wrong(self._office) or next(iter(self._tally.troubles), "")

    def _new_errands(self) -> list[Errand]:
        payers = self._lots.choices(self._town.in_reais, k=_A_ROUND)
        new = [
            Errand(
                self._errands + number,
                selection.customer.name,
                selection.documents,
                self._lots.choice((PaymentMethod.PIX, PaymentMethod.CARD)),
                self._lots.choice(_HABITS),
            )
            for number, selection in enumerate(self._town.selections(payers, self._lots))
        ]
        self._errands += len(new)
        return new

    def _new_returns(self) -> list[Return]:
        """Of payments that nobody sent anything back of, some in part and some whole."""
        untouched = [
            (customer, payment)
            for customer, payment in confirmed_payments()
            if payment not in self._returned
        ]
        chosen = self._lots.sample(untouched, min(len(untouched), _RETURNS))
        self._returned.update(payment for _, payment in chosen)
        return [Return(customer, payment, self._lots.choice(_BACK)) for customer, payment in chosen]

    def _play(self, errands: Sequence[Errand]) -> str:
        """Let customers come and workers work, whoever dies, until nothing is left to do."""
        until = time.monotonic() + _DONE_WITHIN
        while True:
            wrong = (
                self._replace_workers() or self._replace_customer(errands) or self._replace_clerk()
            )
            if wrong:
                return wrong
            waiting = waiting_job()
            if not {_CUSTOMER, _CLERK} & self._running.keys() and not waiting:
                return self._stop_workers()
            if time.monotonic() > until:
                return f"not done within {_DONE_WITHIN:.0f} s: {waiting}"
            time.sleep(0.02)

    def _replace_workers(self) -> str:
        for number in range(WORKERS[self._place.database]):
            name = f"worker {number}"
            process = self._running.get(name)
            code = _KILLED if process is None else process.exitcode
            if code == _KILLED:
                self._start(name, work)
            elif code is not None:
                return f"a worker ended by itself, code {code}"
        return ""

    def _replace_customer(self, errands: Sequence[Errand]) -> str:
        """The next one does not come for what the dead one came for: that one is never back."""
        process = self._running.get(_CUSTOMER)
        code = 0 if process is None else process.exitcode
        if code is None:
            return ""
        if code not in {0, _KILLED}:
            return f"a customer was answered by an error, code {code}"
        self._running.pop(_CUSTOMER, None)
        self._tally.read()
        left = [errand for errand in errands if errand.number not in self._tally.came]
        if left:
            self._start(_CUSTOMER, shop, left)
        return ""

    def _replace_clerk(self) -> str:
        """The next one goes through what the dead one had not done, or does not know of."""
        process = self._running.get(_CLERK)
        code = 0 if process is None else process.exitcode
        if code is None:
            return ""
        if code not in {0, _KILLED}:
            return f"a clerk was answered by an error, code {code}"
        self._running.pop(_CLERK, None)
        self._tally.read()
        left = [each for each in self._returns if each.payment not in self._tally.returned]
        if left:
            self._start(_CLERK, give_back, left)
        return ""

    def _start(self, name: str, player: Callable[..., None], *more: Any) -> None:
        self._tally.read()
        self._started += 1
        fate = Fate(
            self._place,
            self._diary,
            f"{self._seed}/{self._started}",
            {point: self._chance(point) for point in Point},
            self._later,
        )
        process = self._processes.Process(target=player, args=(fate, *more), daemon=True)
        process.start()
        self._running[name] = process

    def _chance(self, point: Point) -> float:
        missing = max(0, self._share - self._tally.killed[point])
        return min(_HIGHEST, missing / (self._rounds_left * _A_ROUND * _PART))

    def _stop_workers(self) -> str:
        """Before the clock is put on; they have nothing in hand."""
        while self._running:
            _, process = self._running.popitem()
            process.terminate()
            process.join(10)
            if process.exitcode not in _STOPPED:
                return f"a worker did not stop, code {process.exitcode}"
        return ""

    def _charge_what_was_left(self) -> None:
        """The provider takes money of customers who closed its page, and tells nobody."""
        gateway = demo_gateway()
        for each in checkouts():
            if each.decision is Decision.NONE and self._lots.random() < _CHARGED_LATER:
                gateway.decide(each.session, Decision.APPROVED)
