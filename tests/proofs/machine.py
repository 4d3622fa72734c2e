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
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final, TypeVar

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

from portal_app.db import companies, loading
from portal_app.db.bank_events import Came
from portal_app.db.engine import transaction
from portal_app.db.loading import NewDocument, PastPayment
from portal_app.domain.allocation import Charged
from portal_app.domain.boleto.events import BankEvent, EventKind, Source
from portal_app.domain.documents import DocumentType
from portal_app.domain.errors import (
    AlreadyPaid,
    InAttempt,
    MethodUnavailable,
    NotFound,
    NotPayable,
    PaymentStillOpen,
    PortalError,
    ProviderUnavailable,
    QuoteChanged,
)
from portal_app.domain.jobs import Cron, Every
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.gateways import clock
from portal_app.jobs.handlers import HANDLERS
from portal_app.services import (
    bank_reports,
    boletos,
    jobs,
    ledger,
    payments,
    provider_calls,
    provider_reports,
)
from tests.company import NOW, run_jobs
from tests.proofs._ground import Found, Ground, documents, ground, look
from tests.proofs._model import (
    BANK,
    COUNTER,
    PROVIDER,
    VOUCHERS,
    Boleto,
    Books,
    Document,
    Payment,
    Told,
    half_up,
    local_day,
)
from tests.proofs._provider import ENDED, OPEN, UNPAID, Checkout, report_of

T = TypeVar("T")

METHODS: Final = {
    "BRL": (PaymentMethod.PIX, PaymentMethod.CARD),
    "EUR": (PaymentMethod.MB_WAY, PaymentMethod.MULTIBANCO, PaymentMethod.CARD),
}
SWEEP: Final = Cron("payment.sweep", Every.TEN_MINUTES)

_LEAST: Final = 50
_FEW: Final = 3
_MOST_BOLETOS: Final = 4
# Until then no title of these examples is so old that its bank gives it up.
_LAST_DAY: Final = NOW + timedelta(days=50)
_SWEPT: Final = {False: timedelta(minutes=10), True: timedelta(hours=1)}
_SWEPT_FROM: Final = timedelta(minutes=35)
_MOST_FINE: Final = 200
_MOST_DISPUTES: Final = 2

# Things must meet: mostly the latest of its kind, mostly one customer's.
_people = st.sampled_from((("ana",), ("ana",), ("ana",), ("rui",), ("ana", "bia", "rui")))
_who = st.sampled_from((0, 0, 1, 2))
_which = st.sampled_from((0, 0, 0, 0, 0, 1, 1, 2))
_several = st.sets(st.integers(0, 3), min_size=1, max_size=4)
# The same sums come again and again.
_apart = st.sampled_from((0, 0, 0, -8_000, -8_000, -13_000, -1, 2_500))
_cents = st.sampled_from((1_000, 1_000, 7_000, 345, 0, 0))
_way = st.sampled_from(("now", "now", "hint", "refresh", "now twice", "hint twice", ""))


class PaymentMachine(RuleBasedStateMachine):
    """One example: a portal that is new, and the books kept beside it."""

    ground: ClassVar[Ground]

    def __init__(self) -> None:
        super().__init__()
        self.tables = self.ground.renew()
        self.provider = self.ground.provider
        self.world = self.ground.world
        self.people: tuple[str, ...] = ()
        self.books = Books(documents(self.tables, self.world))
        self.boletos: dict[str, Boleto] = {}
        self.sequences: dict[str, int] = {}
        self.told: list[Told] = []
        self.hints: list[bytes] = []
        self.bank_events: list[BankEvent] = []
        self.now = NOW
        self.clock = ExitStack()
        self.clock.enter_context(clock.fixed_at(NOW))

    def teardown(self) -> None:
        self.clock.close()
        self.tables.close()

    @initialize(people=_people)
    def a_day_begins(self, people: tuple[str, ...]) -> None:
        """It is about these customers."""
        self.people = people

    # Customers

    @precondition(lambda self: len(self.books.free(self.people[0])) < _FEW)
    @rule(who=_who, cents=st.integers(1, 30_000), due=st.sampled_from((-43, -12, -1, 3)))
    def a_document_is_issued(self, who: int, cents: int, due: int) -> None:
        self._issue(picked(self.people, who), cents, due)

    @rule(
        who=_who,
        some=_several,
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
        silent, self.provider.refuses = self.provider.silence, mood == "refuses"
        self.provider.silence = mood if mood in {"before", "after"} else silent
        started = self._start(picked(self.people, who), some, method)
        self.provider.silence, self.provider.refuses = silent, False
        if started in self.provider.checkouts:
            self._decide(self.provider.checkouts[started], status, apart, way)

    @rule(who=_who, some=_several, what=st.sampled_from(("price", "documents", "message", "")))
    def what_may_not_be_is_refused(self, who: int, some: set[int], what: str) -> None:
        """And whoever clicks again is shown the first attempt."""
        name = picked(self.people, who)
        if what == "price":
            self._ask_another_price(name, some)
        elif what == "documents":
            self._ask_what_is_not_free(name, some)
        elif what == "message" and self.told:
            self._lead_astray(picked(self.told, who), picked(self._of_provider(), min(some)))
        if not self._live():
            self._start(name, some, who)
        if self._live():
            self._click_again(picked(self._live(), who), min(some))

    @rule(
        which=_which,
        some=_several,
        on_close=st.sampled_from(("ends", "ends", "pays", "stays")),
        is_live=st.sampled_from((True, True, False)),
    )
    def it_is_given_up(self, which: int, some: set[int], on_close: str, is_live: bool) -> None:
        """`on_close`: what the provider makes of the wish to close its page."""
        if not self._live():
            self._start(self.people[0], some, which)
        attempts = self._live() if is_live and self._live() else self._attempts()
        if not attempts:
            return
        payment = picked(attempts, which)
        if payment.name in self.provider.checkouts:
            self.provider.checkouts[payment.name].on_close = on_close
        self._give_up(payment)

    # The provider

    @rule(
        which=_which,
        some=_several,
        status=st.sampled_from(("paid", "paid", "paid", "failed", "expired", "awaited")),
        ended=st.booleans(),
        apart=_apart,
        way=_way,
    )
    def it_is_decided(
        self, which: int, some: set[int], status: str, ended: bool, apart: int, way: str
    ) -> None:
        """Paid, declined, over, promised for later. Money may come after every end."""
        if not self._checkouts(*UNPAID):
            self._start(self.people[0], some, which)
        unpaid = self._checkouts(*ENDED) if ended else self._checkouts(*OPEN)
        if unpaid or self._checkouts(*UNPAID):
            checkout = picked(unpaid or self._checkouts(*UNPAID), which)
            self._decide(checkout, status if checkout.status in OPEN else "paid", apart, way)

    @rule(
        which=_which,
        some=_several,
        cents=_cents,
        status=st.sampled_from(("done", "done", "pending", "goes on")),
        times=st.sampled_from((1, 1, 2)),
        way=_way,
    )
    def money_is_sent_back(
        self, which: int, some: set[int], cents: int, status: str, times: int, way: str
    ) -> None:
        """`cents` 0: all that is left. What goes on is done at last, or fails, even after that."""
        checkout = self._paid(which, some)
        if checkout is None:
            return
        if status != "goes on" or not checkout.refunds:
            for _ in range(times):
                send_back(checkout, cents, "pending" if status == "pending" else "done")
            self._tell(checkout, way)
        if status == "goes on":
            name = picked(list(checkout.refunds), which)
            sent, before = checkout.refunds[name]
            goes = "done" if before == "pending" and times == 1 else "failed"
            checkout.refunds[name] = (sent, goes)
            self._tell(checkout, way)

    @rule(
        which=_which,
        some=_several,
        cents=_cents,
        status=st.sampled_from(("open", "won", "lost")),
        opened=st.sampled_from((True, True, False)),
        way=_way,
    )
    def it_is_disputed(
        self, which: int, some: set[int], cents: int, status: str, opened: bool, way: str
    ) -> None:
        """Up to `status`, perhaps told as `opened` first. What was won may still be lost."""
        checkout = self._paid(which, some)
        if checkout is None:
            return
        paid, disputes = checkout.paid or 0, checkout.disputes
        undecided = [name for name, (_, before) in disputes.items() if before != "lost"]
        if not undecided and len(disputes) < _MOST_DISPUTES:
            undecided = [f"dispute_{checkout.session}_{len(disputes)}"]
            disputes[undecided[0]] = (min(cents or paid, paid), "open" if opened else status)
            self._tell(checkout, way)
        if undecided and status != "open":
            held, before = disputes[undecided[0]]
            disputes[undecided[0]] = (held, "lost" if before == "won" else status)
            self._tell(checkout, way)

    @rule(which=_which, some=_several, cents=st.integers(0, 900), way=_way)
    def its_fee_is_told(self, which: int, some: set[int], cents: int, way: str) -> None:
        """Or (0) what was told before once more."""
        checkout = self._paid(which, some)
        if checkout is not None:
            checkout.fee = min(cents, checkout.paid or 0) or checkout.fee
            self._tell(checkout, way)

    @precondition(lambda self: self.told)
    @rule(which=st.integers(0, 6))
    def an_old_report_comes_late(self, which: int) -> None:
        self._take(picked(self.told, which))

    # A counter and a bank

    @rule(who=_who, some=_several, cents=_cents, held=st.sampled_from((True, True, False)))
    def it_is_paid_at_the_counter(self, who: int, some: set[int], cents: int, held: bool) -> None:
        """Whatever attempt holds it meanwhile, or one that is held rather than another."""
        name = picked(self.people, who)
        known = self.books.documents.values()
        owing = [d for d in known if d.customer == name and d.payable and d.balance]
        chosen = picked_some([d for d in owing if held and self.books.holder(d.id)] or owing, some)
        if chosen:
            self._pay_at_counter(chosen, cents or cost(self.books, chosen, self.now))

    @precondition(lambda self: "ana" in self.people)
    @rule(
        which=_which,
        some=_several,
        said=st.sampled_from(
            ("", "pays", "pays", "takes back", "takes back", "errs", "gives up", "repeats")
        ),
        apart=_apart,
    )
    def a_boleto_is_reported(self, which: int, some: set[int], said: str, apart: int) -> None:
        """Or only issued. A bank may err and take back what it never brought, or repeat itself."""
        if not said or not self.boletos:
            self._issue_boleto(some)
        if not self.boletos:
            return
        boleto = picked(list(self.boletos.values()), which)
        cents = max(1, boleto.payment.asked + apart)
        stands = any(payment.state == "confirmed" for payment in boleto.money)
        if said == "pays" or (said == "takes back" and not stands):
            self._report(boleto, EventKind.PAID, cents)
            self.books.bank_pays(boleto, cents, self._newest)
        if said in {"takes back", "errs"}:
            brought = [payment.received or 0 for payment in boleto.money] or [cents]
            self._report(boleto, EventKind.REVERSED, picked(brought, which))
            self.books.bank_takes_back(boleto, picked(brought, which))
        elif said == "gives up":
            self._report(boleto, EventKind.EXPIRED, 0)
            self.books.bank_closes(boleto)
        elif said == "repeats" and self.bank_events:
            self._store(picked(self.bank_events, which))

    # Time

    @rule(
        minutes=st.sampled_from((0, 0, 1, 16, 33, 33, 33, 61, 24 * 60, 72 * 60, 11 * 24 * 60)),
        then=st.sampled_from(("run", "run", "sweep", "")),
        silence=st.sampled_from(("", "", "", "", "", "before", "after", "close")),
    )
    def time_passes(self, minutes: int, then: str, silence: str) -> None:
        """From now on the provider is silent, or not."""
        self.provider.silence = silence
        if self.now < _LAST_DAY:
            self.now += timedelta(minutes=minutes)
            self.clock.close()
            self.clock.enter_context(clock.fixed_at(self.now))
        if then == "run":
            self._run_jobs()
        elif then == "sweep":
            self._sweep()

    # What must always be so

    @invariant()
    def the_books_agree(self) -> None:
        found = look(self.tables)
        for name, expected, said in compared(self.books, found):
            agree(name, said, expected)
        agree("a wrong question to the provider", self.provider.asked_wrongly, [])
        agree("the ledger's own word", ledger.verify().first_wrong, None)

    # How it is done

    def _issue(self, who: str, cents: int, due: int) -> None:
        """A document due so many days from today."""
        actor, number = self.ground.actors[who], len(self.books.documents)
        currency = actor.company.currency
        day = local_day(self.now, currency) + timedelta(days=due)
        new = NewDocument(
            customer=self.world.customers[who],
            contract=self.world.contracts[who],
            type=DocumentType.FT,
            series="X",
            number=str(number),
            description="",
            issued=day - timedelta(days=20),
            due=day,
            total=Money(cents, currency),
        )
        with transaction() as session:
            id_ = loading.add_document(session, actor.company.id, new, self.now)
        self.books.documents[id_] = Document(id_, who, currency, day, cents, cents, payable=True)

    def _start(self, who: str, some: set[int], way: int) -> str | None:
        """The name of the attempt, if there is anything to pay."""
        chosen = picked_some(self.books.free(who), some)
        if not chosen:
            return None
        total, currency = cost(self.books, chosen, self.now), chosen[0].currency
        method = picked(METHODS[currency], way)
        if total < _LEAST:
            self._refused(MethodUnavailable, who, chosen, total)
            return None
        frozen = self.books.price(chosen, self.now)
        ids = [document.id for document in chosen]
        name = payments.start(self.ground.actors[who], ids, method, Money(total, currency)).payment
        self.books.begin(Payment(name, who, currency, method.value, PROVIDER, self.now, frozen))
        self._listen(by_job=True)
        return name

    def _ask_another_price(self, who: str, some: set[int]) -> None:
        chosen = picked_some(self.books.free(who), some)
        if chosen:
            total = cost(self.books, chosen, self.now) + min(some) - max(some) - 1
            self._refused(QuoteChanged, who, chosen, total)

    def _ask_what_is_not_free(self, who: str, some: set[int]) -> None:
        """Of another customer, paid, held by an attempt, or no bill at all."""
        chosen = picked_some(list(self.books.documents.values()), some)
        ids = {document.id for document in chosen}
        holders = [holder for id_ in ids if (holder := self.books.holder(id_))]
        is_free = ids <= {document.id for document in self.books.free(who)}
        if not is_free and not any(set(holder.frozen) == ids for holder in holders):
            kinds = (InAttempt, NotPayable, NotFound)
            self._refused(kinds, who, chosen, cost(self.books, chosen, self.now))

    def _click_again(self, first: Payment, way: int) -> None:
        shown = Money(first.asked, first.currency)
        method = picked(METHODS[first.currency], way)
        actor = self.ground.actors[first.customer]
        again = payments.start(actor, list(first.frozen), method, shown)
        self._listen()
        agree("the second click's payment", again.payment, first.name)

    def _lead_astray(self, told: Told, payment: Payment) -> None:
        """Calls that were made before, a report that is another payment's."""
        for call in self.hints[-2:]:
            agree("an old call is new", provider_calls.receive(call, ""), False)
        if told.payment != payment.name:
            report = report_of(told, self.provider.checkouts[told.payment])
            actor, id_ = self.ground.actors[payment.customer], self._id(payment)
            with refusing(NotFound), transaction() as session:
                provider_reports.take(session, actor.company, id_, report)

    def _paid(self, which: int, some: set[int]) -> Checkout | None:
        """A checkout that was paid: one there is, or a new one."""
        if not self._checkouts("paid"):
            name = self._start(self.people[0], some, which)
            if name in self.provider.checkouts:
                self._decide(self.provider.checkouts[name], "paid", 0, "now")
        paid = self._checkouts("paid")
        return picked(paid, which) if paid else None

    def _pay_at_counter(self, chosen: Sequence[Document], cents: int) -> None:
        price, first = self.books.price(chosen, self.now), chosen[0]
        actor, currency = self.ground.actors[first.customer], first.currency

        def money(amount: int) -> Money:
            return Money(amount, currency)

        past = PastPayment(
            customer=self.world.customers[first.customer],
            method=PaymentMethod.COUNTER,
            paid_on=local_day(self.now, currency),
            amount=money(cents),
            owed=[
                Charged(d.id, d.due, money(p.principal), money(p.fine), money(p.interest))
                for d in chosen
                for p in (price[d.id],)
            ],
        )
        with transaction() as session:
            loading.add_payment(session, actor.company.id, past, self.now)
        name = self._newest()
        new = Payment(name, first.customer, currency, "counter", COUNTER, self.now, price)
        self.books.pay_at_counter(new, cents)

    def _issue_boleto(self, some: set[int]) -> None:
        chosen = picked_some(self.books.free("ana"), some)
        if not chosen or len(self.boletos) == _MOST_BOLETOS:
            return
        due = self.books.boleto_due(chosen, self.now)
        frozen = self.books.price(chosen, self.now, due)
        shown = Money(sum(part.total for part in frozen.values()), "BRL")
        ids = [document.id for document in chosen]
        carteira = self.world.banks["001"]
        name = boletos.issue(self.ground.actors["ana"], ids, carteira, shown)
        new = Payment(name, "ana", "BRL", "boleto", BANK, self.now, frozen)
        self.boletos[name] = Boleto(self.books.begin(new), due)
        self.sequences[name] = len(self.boletos)

    def _refused(
        self,
        kinds: type[PortalError] | tuple[type[PortalError], ...],
        who: str,
        chosen: Sequence[Document],
        total: int,
    ) -> None:
        ids = [document.id for document in chosen]
        actor = self.ground.actors[who]
        with refusing(kinds):
            payments.start(actor, ids, PaymentMethod.CARD, Money(total, actor.company.currency))

    def _give_up(self, payment: Payment) -> None:
        actor = self.ground.actors[payment.customer]
        was_live = payment.is_live
        raised = raised_by(lambda: payments.supersede(actor, payment.name))
        if was_live and payment.method in VOUCHERS:
            self.books.give_up_voucher(payment, self.now)
        answered = bool(self.provider.answers)
        self._listen(given_up=True)
        if payment.received is not None:
            expected = {AlreadyPaid}
        elif payment.is_live:
            expected = {PaymentStillOpen} if answered else set[type[Exception]]()
            expected |= {ProviderUnavailable} if self.provider.silence else set()
        else:
            expected = {None}
        agree("giving up", raised in expected, True)

    def _decide(self, checkout: Checkout, status: str, apart: int, way: str) -> None:
        checkout.status = status
        if status == "paid":
            checkout.paid = max(1, checkout.asked + apart)
            # Some tell their fee with the money, some later.
            checkout.fee = checkout.paid // 100 if checkout.asked % 2 else 0
        self._tell(checkout, way)

    def _tell(self, checkout: Checkout, way: str) -> None:
        """The portal learns how it stands, this way or that, or not yet."""
        told = checkout.told()
        self.told.append(told)
        name, *twice = way.split() or [""]
        for _ in range(1 + len(twice)):
            if name == "now":
                self._take(told)
            elif name == "refresh":
                payment = self.books.payments[told.payment]
                actor = self.ground.actors[payment.customer]
                payments.refresh(actor, payment.name, arrived=True)
                self._listen()
            elif name == "hint":
                self._hint(told.payment)
        if name == "hint":
            self._run_jobs()

    def _take(self, told: Told) -> None:
        payment = self.books.payments[told.payment]
        report = report_of(told, self.provider.checkouts[told.payment])
        company = self.ground.actors[payment.customer].company
        with transaction() as session:
            provider_reports.take(session, company, self._id(payment), report)
        self.books.hear(told, self.now)

    def _hint(self, name: str) -> None:
        call = json.dumps({"id": f"evt_{len(self.hints)}", "payment": name}).encode()
        self.hints.append(call)
        agree("a call is new", provider_calls.receive(call, ""), True)
        self.books.hint(name, self.now)

    def _run_jobs(self) -> None:
        run_jobs()
        self._listen(by_job=True)
        agree("asked too late", self.books.overdue(self.now), [])

    def _sweep(self) -> None:
        """Whoever was not asked about for long is asked about."""
        old = [
            (payment, payment.told_at) for payment in self._of_provider() if self._is_old(payment)
        ]
        is_new = jobs.plan([SWEEP]) > 0
        self._run_jobs()
        if is_new and not self.provider.silence:
            unseen = [payment.name for payment, told_at in old if payment.told_at == told_at]
            agree("swept past", unseen, [])

    def _is_old(self, payment: Payment) -> bool:
        since = self.now - _SWEPT[payment.method in VOUCHERS]
        is_known = payment.told_at is not None and payment.told_at >= since
        return payment.is_live and payment.begun < self.now - _SWEPT_FROM and not is_known

    def _listen(self, *, given_up: bool = False, by_job: bool = False) -> None:
        """What the provider answered since."""
        for told in self.provider.answers:
            self.books.hear(told, self.now, given_up=given_up)
            if by_job:
                self.books.answered(told, self.now)
            if told.payment in self.provider.checkouts:
                self.told.append(told)
        for name in self.provider.unanswered:
            if by_job:
                self.books.unanswered(name, self.now)
        self.provider.answers.clear()
        self.provider.unanswered.clear()

    def _report(self, boleto: Boleto, kind: EventKind, cents: int) -> None:
        """A bank reports of a title, always of its last day: nothing is late."""
        event = BankEvent(
            kind=kind,
            bank=BANK,
            agreement="2883147",
            nosso_numero=f"2883147{self.sequences[boleto.payment.name]:010d}",
            movement={EventKind.PAID: "06", EventKind.REVERSED: "44"}.get(kind, "09"),
            occurred_on=boleto.due,
            paid=Money(cents, "BRL"),
            nth=len(self.bank_events),
        )
        self.bank_events.append(event)
        self._store(event)

    def _store(self, event: BankEvent) -> None:
        company = self.ground.actors["ana"].company
        with transaction() as session:
            carteira = self.world.banks["001"]
            account = companies.bank_carteiras(session, company.id, [carteira])[carteira].account
            way = Came(account, Source.RETORNO, self.now)
            bank_reports.store(session, company, way, [event])
        bank_reports.handle_all(company, account)

    def _id(self, payment: Payment) -> int:
        query = "SELECT id FROM payment WHERE public_id = ?"
        return self.tables.execute(query, [payment.name]).fetchone()[0]

    def _newest(self) -> str:
        query = "SELECT public_id FROM payment ORDER BY id DESC LIMIT 1"
        return self.tables.execute(query).fetchone()[0]

    def _live(self) -> list[Payment]:
        return [payment for payment in self.books.payments.values() if payment.is_live]

    def _of_provider(self) -> list[Payment]:
        return [payment for payment in self.books.payments.values() if payment.via == PROVIDER]

    def _attempts(self) -> list[Payment]:
        return [payment for payment in self.books.payments.values() if payment.via != COUNTER]

    def _checkouts(self, *statuses: str) -> list[Checkout]:
        return [c for c in self.provider.checkouts.values() if c.status in statuses]


# Comparing


def compared(books: Books, found: Found) -> Iterator[tuple[str, object, object]]:
    """What is looked at: its name, what it should be, what the tables say."""
    yield from _of_documents(books, found)
    yield from _of_payments(books, found)
    yield from _of_accounts(books, found)
    yield "tasks", _some(books.tasks), {k: n for k, n in found.tasks.items() if k in _TASKS}
    known = [job for job in found.failed_jobs if job[0] in HANDLERS]
    yield "jobs that failed", [], known


_TASKS: Final = frozenset(
    {
        "payment_credited",
        "payment_late",
        "payment_over",
        "payment_short",
        "payment_disputed",
        "refund_failed",
        "refund_exceeds",
        "dispute_lost",
    }
)


def _of_documents(books: Books, found: Found) -> Iterator[tuple[str, object, object]]:
    documents = books.documents.values()
    yield "balances", {d.id: (d.total, d.balance) for d in documents}, found.balances
    outside = {id_: b for id_, b in found.balances.items() if not 0 <= b[1] <= b[0]}
    yield "balances outside 0 and the total", {}, outside
    paid: Counter[int] = Counter()
    fines: Counter[int] = Counter()
    for (_, document), share in found.shares.items():
        paid[document] += share.principal
        fines[document] += share.fine
    # What is off a balance is what was paid: never more, and never by anything else.
    settled = {d.id: found.balances[d.id][0] - found.balances[d.id][1] for d in documents}
    yield "paid documents", _some(settled), _some(paid)
    most = {d.id: half_up(d.total * _MOST_FINE, 10_000) for d in documents}
    yield "fined twice", {}, {id_: fine for id_, fine in fines.items() if fine > most[id_]}
    held = Counter(document for _, document in found.live)
    yield "held twice", {}, {id_: n for id_, n in held.items() if n > 1}


def _of_payments(books: Books, found: Found) -> Iterator[tuple[str, object, object]]:
    known = books.payments.values()
    states = {p.name: ("live" if p.is_live else p.state, p.received) for p in known}
    live = {"created": "live", "pending": "live"}
    rows = {
        name: (live.get(row.state, row.state), row.received) for name, row in found.payments.items()
    }
    yield "states and money of payments", states, rows
    yield "live items", {(p.name, d) for p in known if p.is_live for d in p.frozen}, found.live
    asked = {(p.name, d): part for p in known if p.via == PROVIDER for d, part in p.frozen.items()}
    frozen = {key: part for key, part in found.frozen.items() if key in asked}
    yield "frozen prices", asked, frozen
    shares = {(p.name, d): share for p in known for d, share in p.shares.items()}
    yield "shares", shares, found.shares
    yield "credit of payments", {p.name: p.credit for p in known if p.credit}, found.credits
    left = {p.name: (p.received or 0) - p.gone for p in known if p.via == PROVIDER}
    kept: Counter[str] = Counter(found.credits)
    for (name, _), share in found.shares.items():
        kept[name] += share.total
    # Whatever came and did not go is either on a document or the customer's.
    yield "money that is left", left, {name: kept[name] for name in left}


def _of_accounts(books: Books, found: Found) -> Iterator[tuple[str, object, object]]:
    yield "entries that do not sum to zero", [], found.unbalanced

    def total(account: str) -> int:
        return sum(cents for (name, _, _), cents in found.accounts.items() if name == account)

    clearing: Counter[str] = Counter()
    for (account, provider, _), cents in found.accounts.items():
        if account == "clearing":
            clearing[provider] += cents
    yield "clearing", _some(books.clearing()), _some(clearing)
    for currency in ("BRL", "EUR"):
        said = -found.accounts.get(("customer_credit", "", currency), 0)
        yield f"credit in {currency}", books.credit(currency), said
    payments_ = books.payments.values()
    owed = sum(d.balance for d in books.documents.values() if d.payable)
    yield "receivable", owed, total("receivable")
    yield "late charges", books.charges(), -total("late_charges")
    yield "fees", sum(p.fee for p in payments_), total("fees")
    yield "money held back", sum(p.held for p in payments_), total("disputes")
    there = sum(p.fee + p.held for p in payments_)
    yield "the provider's own", there, -total("provider")


def _some(counted: dict[T, int]) -> dict[T, int]:
    return {key: n for key, n in counted.items() if n}


def agree(name: str, said: object, expected: object) -> None:
    """Raise AssertionError where they differ, with the difference alone."""
    if said != expected:
        if isinstance(said, dict) and isinstance(expected, dict):
            keys = [key for key in {**said, **expected} if said.get(key) != expected.get(key)]
            said = {key: said.get(key) for key in keys}
            expected = {key: expected.get(key) for key in keys}
        raise AssertionError(f"{name}: {said} and should be {expected}")


def raised_by(action: Callable[[], object]) -> type[Exception] | None:
    """Which refusal it ends in, if any."""
    try:
        action()
    except PortalError as refusal:
        return type(refusal)
    return None


@contextmanager
def refusing(kinds: type[PortalError] | tuple[type[PortalError], ...]) -> Generator[None]:
    try:
        yield
    except kinds:
        return
    raise AssertionError(f"was not refused: {kinds}")


def send_back(checkout: Checkout, cents: int, status: str) -> None:
    """One refund more, of at most what is left."""
    back = sum(sent for sent, before in checkout.refunds.values() if before != "failed")
    left = (checkout.paid or 0) - back
    if left > 0:
        name = f"refund_{checkout.session}_{len(checkout.refunds)}"
        checkout.refunds[name] = (min(cents or left, left), status)


def picked(among: Sequence[T], which: int) -> T:
    """0 is the latest: what just happened matters most."""
    return among[-1 - which % len(among)]


def picked_some(among: Sequence[T], some: set[int]) -> list[T]:
    """At least one, if there are any."""
    return [among[index] for index in sorted({i % len(among) for i in some})] if among else []


def cost(books: Books, chosen: Sequence[Document], now: datetime) -> int:
    return sum(part.total for part in books.price(chosen, now).values())


# Running


@dataclass(frozen=True)
class Run:
    """How many examples there were, how long it took, and what was found, in words."""

    seed: int
    examples: int
    seconds: float
    found: str | None


def hunt(stage: Ground, examples: int, steps: int, seed: int, *, shrink: bool = True) -> Run:
    """Run so many examples, or until one of them goes wrong."""

    class Counted(PaymentMachine):
        ground = stage
        begun: ClassVar[int] = 0

        def __init__(self) -> None:
            super().__init__()
            type(self).begun += 1

    settings = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=False,
        print_blob=True,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.filter_too_much,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
        ],
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
    )
    start = time.process_time()
    found = None
    try:
        run_state_machine_as_test(hypothesis.seed(seed)(Counted), settings=settings)
    except Exception as trouble:  # noqa: BLE001  whatever it raises is what was found
        found = "\n".join(
            [f"{type(trouble).__name__}: {trouble}", *getattr(trouble, "__notes__", [])]
        )
    return Run(seed, Counted.begun, time.process_time() - start, found)


def main(argv: Sequence[str]) -> bool:
    """Whether every example agreed with the model; the first that did not is printed whole."""
    parser = ArgumentParser(prog="./portal prove machine")
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    told = parser.parse_args(argv)
    # What the machine has the product refuse is told the log a thousand times.
    logging.disable(logging.CRITICAL)
    with ground() as stage:
        run = hunt(stage, told.examples, told.steps, told.seed)
    counted = {"examples": run.examples, "steps": told.steps, "cpu_seconds": round(run.seconds, 1)}
    line = {"proof": "machine", "seed": run.seed, **counted, "wrong": run.found or ""}
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    return run.found is None
