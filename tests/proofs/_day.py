"""A day of payments: what can happen, each thing done to the product and written in the books."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Final, TypeVar

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
from tests.proofs._agreement import agree, ensure_agreement
from tests.proofs._ground import Ground, documents, look
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
    local_day,
)
from tests.proofs._provider import Checkout, report_of

T = TypeVar("T")

SWEEP: Final = Cron("payment.sweep", Every.TEN_MINUTES)

_METHODS: Final = {
    "BRL": (PaymentMethod.PIX, PaymentMethod.CARD),
    "EUR": (PaymentMethod.MB_WAY, PaymentMethod.MULTIBANCO, PaymentMethod.CARD),
}
_LEAST: Final = 50
_EVERY_SO_OFTEN: Final = 5
_MOST_BOLETOS: Final = 4
# Until then no title of these days is so old that its bank gives it up.
_LAST_DAY: Final = NOW + timedelta(days=50)
_SWEPT: Final = {False: timedelta(minutes=10), True: timedelta(hours=1)}
_SWEPT_FROM: Final = timedelta(minutes=35)


class Day:
    """A portal that is new, its provider, the clock, and the books kept beside it.

    `people` are the customers it is about. `told` is all that the provider ever said, or could
    have said; it may be said again.
    """

    def __init__(self, stage: Ground) -> None:
        self.tables = stage.renew()
        self.provider = stage.provider
        self.world, self.actors = stage.world, stage.actors
        self.people: tuple[str, ...] = ()
        self.books = Books(documents(self.tables, self.world))
        self.boletos: dict[str, Boleto] = {}
        self.told: list[Told] = []
        self.bank_events: list[BankEvent] = []
        self.now = NOW
        self._looked = 0
        self._hints: list[bytes] = []
        self._sequences: dict[str, int] = {}
        self._clock = ExitStack()
        self._clock.enter_context(clock.fixed_at(NOW))

    def end(self) -> None:
        self._clock.close()
        self.tables.close()

    def wait(self, minutes: int) -> None:
        if self.now < _LAST_DAY:
            self.now += timedelta(minutes=minutes)
            self._clock.close()
            self._clock.enter_context(clock.fixed_at(self.now))

    def ensure_books_agree(self) -> None:
        ensure_agreement(self.books, look(self.tables))
        agree("a wrong question to the provider", self.provider.asked_wrongly, [])
        self._looked += 1
        if self._looked % _EVERY_SO_OFTEN == 0:
            # It says what was said above, in the product's own slower words.
            agree("the ledger's own word", ledger.verify().first_wrong, None)

    def issue(self, who: str, cents: int, due: int) -> None:
        """A document due so many days from today."""
        actor, number = self.actors[who], len(self.books.documents)
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

    def start(self, who: str, some: set[int], way: int) -> str | None:
        """The name of the attempt, if there is anything to pay."""
        chosen = picked_some(self.books.free(who), some)
        if not chosen:
            return None
        total, currency = cost(self.books, chosen, self.now), chosen[0].currency
        method = picked(_METHODS[currency], way)
        if total < _LEAST:
            self._refused(MethodUnavailable, who, chosen, total)
            return None
        frozen = self.books.price(chosen, self.now)
        ids = [document.id for document in chosen]
        name = payments.start(self.actors[who], ids, method, Money(total, currency)).payment
        self.books.begin(Payment(name, who, currency, method.value, PROVIDER, self.now, frozen))
        self._listen(by_job=True)
        return name

    def ask_another_price(self, who: str, some: set[int]) -> None:
        chosen = picked_some(self.books.free(who), some)
        if chosen:
            total = cost(self.books, chosen, self.now) + min(some) - max(some) - 1
            self._refused(QuoteChanged, who, chosen, total)

    def ask_what_is_not_free(self, who: str, some: set[int]) -> None:
        """Of another customer, paid, held by an attempt, or no bill at all."""
        chosen = picked_some(list(self.books.documents.values()), some)
        ids = {document.id for document in chosen}
        holders = [holder for id_ in ids if (holder := self.books.holder(id_))]
        is_free = ids <= {document.id for document in self.books.free(who)}
        if not is_free and not any(set(holder.frozen) == ids for holder in holders):
            kinds = (InAttempt, NotPayable, NotFound)
            self._refused(kinds, who, chosen, cost(self.books, chosen, self.now))

    def click_again(self, first: Payment, way: int) -> None:
        shown = Money(first.asked, first.currency)
        method = picked(_METHODS[first.currency], way)
        actor = self.actors[first.customer]
        again = payments.start(actor, list(first.frozen), method, shown)
        self._listen()
        agree("the second click's payment", again.payment, first.name)

    def lead_astray(self, told: Told, payment: Payment) -> None:
        """Calls that were made before, a report that is another payment's."""
        for call in self._hints[-2:]:
            agree("an old call is new", provider_calls.receive(call, ""), False)
        if told.payment != payment.name:
            report = report_of(told, self.provider.checkouts[told.payment])
            actor, id_ = self.actors[payment.customer], self._id(payment)
            with refusing(NotFound), transaction() as session:
                provider_reports.take(session, actor.company, id_, report)

    def paid(self, which: int, some: set[int]) -> Checkout | None:
        """A checkout that was paid: one there is, or a new one."""
        if not self.checkouts("paid"):
            name = self.start(self.people[0], some, which)
            if name in self.provider.checkouts:
                self.decide(self.provider.checkouts[name], "paid", 0, "now")
        paid = self.checkouts("paid")
        return picked(paid, which) if paid else None

    def pay_at_counter(self, chosen: Sequence[Document], cents: int) -> None:
        price, first = self.books.price(chosen, self.now), chosen[0]
        actor, currency = self.actors[first.customer], first.currency

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

    def issue_boleto(self, some: set[int]) -> None:
        chosen = picked_some(self.books.free("ana"), some)
        if not chosen or len(self.boletos) == _MOST_BOLETOS:
            return
        due = self.books.boleto_due(chosen, self.now)
        frozen = self.books.price(chosen, self.now, due)
        shown = Money(sum(part.total for part in frozen.values()), "BRL")
        ids = [document.id for document in chosen]
        carteira = self.world.banks["001"]
        name = boletos.issue(self.actors["ana"], ids, carteira, shown)
        new = Payment(name, "ana", "BRL", "boleto", BANK, self.now, frozen)
        self.boletos[name] = Boleto(self.books.begin(new), due)
        self._sequences[name] = len(self.boletos)

    def _refused(
        self,
        kinds: type[PortalError] | tuple[type[PortalError], ...],
        who: str,
        chosen: Sequence[Document],
        total: int,
    ) -> None:
        ids = [document.id for document in chosen]
        actor = self.actors[who]
        with refusing(kinds):
            payments.start(actor, ids, PaymentMethod.CARD, Money(total, actor.company.currency))

    def give_up(self, payment: Payment) -> None:
        actor = self.actors[payment.customer]
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

    def decide(self, checkout: Checkout, status: str, apart: int, way: str) -> None:
        checkout.status = status
        if status == "paid":
            checkout.paid = max(1, checkout.asked + apart)
            # Some tell their fee with the money, some later.
            checkout.fee = checkout.paid // 100 if checkout.asked % 2 else 0
        self.tell(checkout, way)

    def tell(self, checkout: Checkout, way: str) -> None:
        """The portal learns how it stands, this way or that, once, twice or not yet.

        `way` 'late': and after that how it stood before.
        """
        told = checkout.told()
        before = [old for old in self.told if old.payment == told.payment][-1:]
        self.told.append(told)
        name, *twice = way.split() or [""]
        for _ in range(1 + len(twice)):
            if name == "refresh":
                self._refresh(self.books.payments[told.payment])
            elif name == "hint":
                self._hint(told.payment)
            elif name:
                self.take(told)
        if name == "hint":
            self.run_jobs()
        for old in before if name == "late" else []:
            self.take(old)

    def _refresh(self, payment: Payment) -> None:
        payments.refresh(self.actors[payment.customer], payment.name, arrived=True)
        self._listen()

    def take(self, told: Told) -> None:
        payment = self.books.payments[told.payment]
        report = report_of(told, self.provider.checkouts[told.payment])
        company = self.actors[payment.customer].company
        with transaction() as session:
            provider_reports.take(session, company, self._id(payment), report)
        self.books.hear(told, self.now)

    def _hint(self, name: str) -> None:
        call = json.dumps({"id": f"evt_{len(self._hints)}", "payment": name}).encode()
        self._hints.append(call)
        agree("a call is new", provider_calls.receive(call, ""), True)
        self.books.hint(name, self.now)

    def run_jobs(self) -> None:
        run_jobs()
        self._listen(by_job=True)
        self.books.issue_receipts()
        agree("asked too late", self.books.overdue(self.now), [])

    def sweep(self) -> None:
        """Whoever was not asked about for long is asked about."""
        old = [
            (payment, payment.told_at) for payment in self.of_provider() if self._is_old(payment)
        ]
        is_new = jobs.plan([SWEEP]) > 0
        self.run_jobs()
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

    def bank_pays(self, boleto: Boleto, cents: int) -> None:
        self._report(boleto, EventKind.PAID, cents)
        self.books.bank_pays(boleto, cents, self._newest)

    def bank_takes_back(self, boleto: Boleto, cents: int) -> None:
        self._report(boleto, EventKind.REVERSED, cents)
        self.books.bank_takes_back(boleto, cents)

    def bank_gives_up(self, boleto: Boleto) -> None:
        self._report(boleto, EventKind.EXPIRED, 0)
        self.books.bank_closes(boleto)

    def _report(self, boleto: Boleto, kind: EventKind, cents: int) -> None:
        """A bank reports of a title, always of its last day: nothing is late."""
        event = BankEvent(
            kind=kind,
            bank=BANK,
            agreement="2883147",
            nosso_numero=f"2883147{self._sequences[boleto.payment.name]:010d}",
            movement={EventKind.PAID: "06", EventKind.REVERSED: "44"}.get(kind, "09"),
            occurred_on=boleto.due,
            paid=Money(cents, "BRL"),
            nth=len(self.bank_events),
        )
        self.bank_events.append(event)
        self.bank_says(event)

    def bank_says(self, event: BankEvent) -> None:
        company = self.actors["ana"].company
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

    def live(self) -> list[Payment]:
        return [payment for payment in self.books.payments.values() if payment.is_live]

    def of_provider(self) -> list[Payment]:
        return [payment for payment in self.books.payments.values() if payment.via == PROVIDER]

    def attempts(self) -> list[Payment]:
        return [payment for payment in self.books.payments.values() if payment.via != COUNTER]

    def checkouts(self, *statuses: str) -> list[Checkout]:
        return [c for c in self.provider.checkouts.values() if c.status in statuses]


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
