"""Payments as a state machine: anything may happen in any order, and the books always agree.

Hypothesis plays customers, a payment provider, a bank, a counter and the clock against the real
services on a real database; after each step every table that holds money is compared with
`_model.py`.
"""

from __future__ import annotations

import json
import logging
import secrets
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.proofs._day import Day, cost, picked, picked_some, send_back
from tests.proofs._ground import Ground, ground
from tests.proofs._provider import ENDED, OPEN, UNPAID

A_ROUND: Final = 20

_FEW: Final = 3
_MOST_DISPUTES: Final = 2

# Things must meet: mostly the latest of its kind, mostly one customer's.
_people = st.sampled_from((("ana",), ("ana",), ("ana",), ("rui",), ("ana", "bia", "rui")))
_who = st.sampled_from((0, 0, 1, 2))
_which = st.sampled_from((0, 0, 0, 0, 0, 1, 1, 2))
_some = st.sets(st.integers(0, 3), min_size=1, max_size=4)
# The same sums come again and again.
_apart = st.sampled_from((0, 0, 0, -8_000, -8_000, -13_000, -1, 2_500))
_cents = st.sampled_from((1_000, 1_000, 7_000, 345, 0, 0))
_way = st.sampled_from(("now", "late", "hint", "refresh", "now twice", "hint twice", ""))


class PaymentMachine(RuleBasedStateMachine):
    """One example: a portal that is new, and the books kept beside it."""

    ground: ClassVar[Ground]

    def __init__(self) -> None:
        super().__init__()
        self.day = Day(self.ground)

    def teardown(self) -> None:
        self.day.end()

    @initialize(people=_people)
    def a_day_begins(self, people: tuple[str, ...]) -> None:
        """It is about these customers."""
        self.day.people = people

    @precondition(lambda self: len(self.day.books.free(self.day.people[0])) < _FEW)
    @rule(who=_who, cents=st.integers(1, 30_000), due=st.sampled_from((-43, -12, -1, 3)))
    def a_document_is_issued(self, who: int, cents: int, due: int) -> None:
        self.day.issue(picked(self.day.people, who), cents, due)

    @rule(
        who=_who,
        some=_some,
        method=_which,
        mood=st.sampled_from(("", "", "", "after", "before", "refuses")),
        status=st.sampled_from(("paid", "paid", "open", "expired", "awaited")),
        apart=_apart,
        way=_way,
    )
    def a_payment_is_made(
        self,
        who: int,
        some: set[int],
        method: int,
        mood: str,
        status: str,
        apart: int,
        way: str,
    ) -> None:
        """`mood` of the provider: silent before or after it opens the page, or it refuses."""
        silent, self.day.provider.refuses = self.day.provider.silence, mood == "refuses"
        self.day.provider.silence = mood if mood in {"before", "after"} else silent
        started = self.day.start(picked(self.day.people, who), some, method)
        self.day.provider.silence, self.day.provider.refuses = silent, False
        if started in self.day.provider.checkouts:
            self.day.decide(self.day.provider.checkouts[started], status, apart, way)

    @rule(who=_who, some=_some, what=st.sampled_from(("price", "documents", "message", "")))
    def what_may_not_be_is_refused(self, who: int, some: set[int], what: str) -> None:
        """And whoever clicks again is shown the first attempt."""
        name = picked(self.day.people, who)
        if what == "price":
            self.day.ask_another_price(name, some)
        elif what == "documents":
            self.day.ask_what_is_not_free(name, some)
        elif what == "message" and self.day.told:
            self.day.lead_astray(
                picked(self.day.told, who), picked(self.day.of_provider(), min(some))
            )
        if not self.day.live():
            self.day.start(name, some, who)
        if self.day.live():
            self.day.click_again(picked(self.day.live(), who), min(some))

    @rule(
        which=_which,
        some=_some,
        on_close=st.sampled_from(("ends", "ends", "pays", "stays")),
        is_live=st.sampled_from((True, True, False)),
    )
    def it_is_given_up(self, which: int, some: set[int], on_close: str, is_live: bool) -> None:
        """`on_close`: what the provider makes of the wish to close its page."""
        if not self.day.live():
            self.day.start(self.day.people[0], some, which)
        live = self.day.live() if is_live else []
        attempts = live or self.day.attempts()
        if not attempts:
            return
        payment = picked(attempts, which)
        if payment.name in self.day.provider.checkouts:
            self.day.provider.checkouts[payment.name].on_close = on_close
        self.day.give_up(payment)

    @rule(
        which=_which,
        some=_some,
        status=st.sampled_from(("paid", "paid", "paid", "failed", "expired", "awaited")),
        ended=st.booleans(),
        apart=_apart,
        way=_way,
    )
    def it_is_decided(
        self, which: int, some: set[int], status: str, ended: bool, apart: int, way: str
    ) -> None:
        """Paid, declined, over, promised for later. Money may come after every end."""
        if not self.day.checkouts(*UNPAID):
            self.day.start(self.day.people[0], some, which)
        unpaid = self.day.checkouts(*ENDED) if ended else self.day.checkouts(*OPEN)
        if unpaid or self.day.checkouts(*UNPAID):
            checkout = picked(unpaid or self.day.checkouts(*UNPAID), which)
            self.day.decide(checkout, status if checkout.status in OPEN else "paid", apart, way)

    @rule(
        which=_which,
        some=_some,
        cents=_cents,
        status=st.sampled_from(("done", "done", "pending", "goes on")),
        times=st.sampled_from((1, 1, 2)),
        way=_way,
    )
    def money_is_sent_back(
        self, which: int, some: set[int], cents: int, status: str, times: int, way: str
    ) -> None:
        """`cents` 0: all that is left. What goes on is done at last, or fails, even after that."""
        checkout = self.day.paid(which, some)
        if checkout is None:
            return
        if status != "goes on" or not checkout.refunds:
            for _ in range(times):
                send_back(checkout, cents, "pending" if status == "pending" else "done")
            self.day.tell(checkout, way)
        if status == "goes on":
            name = picked(list(checkout.refunds), which)
            sent, before = checkout.refunds[name]
            goes = "done" if before == "pending" and times == 1 else "failed"
            checkout.refunds[name] = (sent, goes)
            self.day.tell(checkout, way)

    @rule(
        which=_which,
        some=_some,
        cents=_cents,
        status=st.sampled_from(("open", "won", "lost")),
        opened=st.sampled_from((True, True, False)),
        way=_way,
    )
    def it_is_disputed(
        self, which: int, some: set[int], cents: int, status: str, opened: bool, way: str
    ) -> None:
        """Up to `status`, perhaps told as `opened` first. What was won may still be lost."""
        checkout = self.day.paid(which, some)
        if checkout is None:
            return
        paid, disputes = checkout.paid or 0, checkout.disputes
        undecided = [name for name, (_, before) in disputes.items() if before != "lost"]
        if not undecided and len(disputes) < _MOST_DISPUTES:
            undecided = [f"dispute_{checkout.session}_{len(disputes)}"]
            disputes[undecided[0]] = (min(cents or paid, paid), "open" if opened else status)
            self.day.tell(checkout, way)
        if undecided and status != "open":
            held, before = disputes[undecided[0]]
            disputes[undecided[0]] = (held, "lost" if before == "won" else status)
            self.day.tell(checkout, way)

    @rule(which=_which, some=_some, cents=st.integers(0, 900), way=_way)
    def its_fee_is_told(self, which: int, some: set[int], cents: int, way: str) -> None:
        """Or (0) what was told before once more."""
        checkout = self.day.paid(which, some)
        if checkout is not None:
            checkout.fee = min(cents, checkout.paid or 0) or checkout.fee
            self.day.tell(checkout, way)

    @precondition(lambda self: self.day.told)
    @rule(which=st.integers(0, 6))
    def an_old_report_comes_late(self, which: int) -> None:
        self.day.take(picked(self.day.told, which))

    @rule(who=_who, some=_some, cents=_cents, held=st.sampled_from((True, True, False)))
    def it_is_paid_at_the_counter(self, who: int, some: set[int], cents: int, held: bool) -> None:
        """Whatever attempt holds it meanwhile, or one that is held rather than another."""
        name = picked(self.day.people, who)
        known = self.day.books.documents.values()
        owing = [d for d in known if d.customer == name and d.payable and d.balance]
        chosen = picked_some(
            [d for d in owing if held and self.day.books.holder(d.id)] or owing, some
        )
        if chosen:
            self.day.pay_at_counter(chosen, cents or cost(self.day.books, chosen, self.day.now))

    @precondition(lambda self: "ana" in self.day.people)
    @rule(
        which=_which,
        some=_some,
        said=st.sampled_from(
            ("", "pays", "in parts", "takes back", "takes back", "errs", "gives up", "repeats")
        ),
        apart=_apart,
    )
    def a_boleto_is_reported(self, which: int, some: set[int], said: str, apart: int) -> None:
        """Or only issued. A bank may err and take back what it never brought, or repeat itself."""
        if not said or not self.day.boletos:
            self.day.issue_boleto(some)
        if not self.day.boletos:
            return
        boleto = picked(list(self.day.boletos.values()), which)
        cents = max(1, boleto.payment.asked + apart)
        stands = any(payment.state == "confirmed" for payment in boleto.money)
        if said == "in parts":
            self.day.bank_pays(boleto, max(1, cents // 3))
        if said in {"pays", "in parts"} or (said == "takes back" and not stands):
            self.day.bank_pays(boleto, cents)
        if said in {"takes back", "errs"}:
            brought = [payment.received or 0 for payment in boleto.money] or [cents]
            self.day.bank_takes_back(boleto, picked(brought, which))
        elif said == "gives up":
            self.day.bank_gives_up(boleto)
        elif said == "repeats" and self.day.bank_events:
            self.day.bank_says(picked(self.day.bank_events, which))

    @rule(
        minutes=st.sampled_from((0, 0, 1, 16, 33, 33, 33, 61, 24 * 60, 72 * 60, 11 * 24 * 60)),
        then=st.sampled_from(("run", "run", "sweep", "")),
        silence=st.sampled_from(("", "", "", "", "", "before", "after", "close")),
    )
    def time_passes(self, minutes: int, then: str, silence: str) -> None:
        """From now on the provider is silent, or not."""
        self.day.provider.silence = silence
        self.day.wait(minutes)
        if then == "run":
            self.day.run_jobs()
        elif then == "sweep":
            self.day.sweep()

    @invariant()
    def the_books_agree(self) -> None:
        self.day.ensure_books_agree()


@dataclass(frozen=True)
class Run:
    """How many examples there were, the processor's seconds, and what was found, in words.

    `seed` is the one it was given; where something was found, one with which that is found in the
    first round.
    """

    seed: int
    examples: int
    seconds: float
    found: str | None


def hunt(stage: Ground, examples: int, steps: int, seed: int, *, shrink: bool = True) -> Run:
    """Run at least so many examples, or until one goes wrong; `shrink` then looks for the shortest.

    In rounds, each with lots of its own: after some tens of examples Hypothesis mostly varies
    what it drew before, which here leads to nothing new.
    """
    start, done, found, lots = time.process_time(), 0, None, seed
    while done < examples and found is None:
        lots = seed + done // A_ROUND
        begun, found = _round(stage, steps, lots, shrink=shrink)
        done += begun if found else A_ROUND
    return Run(lots if found else seed, done, time.process_time() - start, found)


def _round(stage: Ground, steps: int, seed: int, *, shrink: bool) -> tuple[int, str | None]:
    """How many examples were begun, and what was found."""

    class Counted(PaymentMachine):
        ground = stage
        begun: ClassVar[int] = 0

        def __init__(self) -> None:
            super().__init__()
            Counted.begun += 1

    settings = hypothesis.settings(
        max_examples=A_ROUND,
        stateful_step_count=steps,
        deadline=None,
        derandomize=False,
        print_blob=True,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.filter_too_much,
        ],
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
    )
    try:
        run_state_machine_as_test(hypothesis.seed(seed)(Counted), settings=settings)
    except Exception as trouble:  # noqa: BLE001  whatever it is, it was found
        notes = getattr(trouble, "__notes__", [])
        return Counted.begun, "\n".join([f"{type(trouble).__name__}: {trouble}", *notes])
    return Counted.begun, None


def main(argv: Sequence[str]) -> bool:
    """Whether the books always agreed; the first example where they did not is printed whole."""
    parser = ArgumentParser(prog="./portal prove machine")
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    told = parser.parse_args(argv)
    # What the product refuses and puts off it also logs.
    logging.disable(logging.CRITICAL)
    with ground() as stage:
        run = hunt(stage, told.examples, told.steps, told.seed)
    counted = {"examples": run.examples, "steps": told.steps, "cpu_seconds": round(run.seconds, 1)}
    line = {"proof": "machine", "seed": run.seed, **counted, "wrong": run.found or ""}
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    return run.found is None
