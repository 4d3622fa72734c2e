"""What money must do, said a second time in whole cents and plain dicts.

Nothing here comes from the product: a rule that both had would be wrong in both. The law it
follows: DECISIONS on payments and late charges, Código Civil art. 354 (interest, then fine, then
principal), docs/adr/0020 (what a provider says is the whole checkout).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

VOUCHERS: Final = frozenset({"boleto", "multibanco"})
WAITING: Final = "waiting"
PROVIDER: Final = "stripe"
BANK: Final = "001"
COUNTER: Final = ""

_END_LOOK: Final = timedelta(minutes=32, seconds=30)
_FIRST_LOOK: Final = timedelta(seconds=15)
_LOOK_AGAIN: Final = timedelta(hours=1)
_LONGEST_WAIT: Final = timedelta(minutes=5)
_DAYS_TO_PAY: Final = 3
# Days on which banks are closed besides weekends, from September 2026 to February 2027.
_CLOSED: Final[Mapping[str, frozenset[tuple[int, int]]]] = {
    "BRL": frozenset({(9, 7), (10, 12), (11, 2), (11, 15), (11, 20), (12, 25), (1, 1)}),
    "EUR": frozenset({(10, 5), (11, 1), (12, 1), (12, 8), (12, 25), (1, 1)}),
}
_ZONE: Final = {"BRL": ZoneInfo("America/Sao_Paulo"), "EUR": ZoneInfo("Europe/Lisbon")}
# Fine, and interest of a month, in hundredths of a per cent.
_LATE: Final = {"BRL": (200, 100), "EUR": (0, 0)}
_REFUND_GOES: Final = ("pending", "done", "failed")
_DISPUTE_GOES: Final = ("open", "won", "lost")


@dataclass(frozen=True)
class Part:
    """What a document asks for, or got, in cents."""

    principal: int = 0
    fine: int = 0
    interest: int = 0

    @property
    def total(self) -> int:
        return self.principal + self.fine + self.interest

    def less(self, other: Part) -> Part:
        return Part(
            self.principal - other.principal,
            self.fine - other.fine,
            self.interest - other.interest,
        )


@dataclass
class Document:
    """`payable`: of a type that may be ticked."""

    id: int
    customer: str
    currency: str
    due: date | None
    total: int
    balance: int
    payable: bool


@dataclass(frozen=True)
class Told:
    """How a checkout stands, as its provider says. Refunds and disputes: name, cents, status."""

    payment: str
    status: str
    paid: int | None = None
    fee: int = 0
    refunds: tuple[tuple[str, int, str], ...] = ()
    disputes: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True)
class Receipt:
    """What is stated of a payment's money: of it what each document got, sorted, and the credit.

    `kind` 'receipt' for money that came, 'refund' for what went; `owed` what is owed of these
    documents after it.
    """

    payment: str
    kind: str
    paid: tuple[int, ...]
    credit: int
    owed: int


@dataclass
class Payment:
    """An attempt, or money that came beside one. `via` is through whom its money comes.

    `shares` are in the order they were paid; `credit` is what of the money is the customer's,
    below zero where more went back than had come. `ask_by`: when its provider must be asked,
    had somebody run the jobs.
    """

    name: str
    customer: str
    currency: str
    method: str
    via: str
    begun: datetime
    frozen: dict[int, Part]
    state: str = WAITING
    received: int | None = None
    shares: dict[int, Part] = field(default_factory=dict[int, Part])
    credit: int = 0
    fee: int = 0
    refunds: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    disputes: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    told_at: datetime | None = None
    ask_by: datetime | None = None

    @property
    def asked(self) -> int:
        return sum(part.total for part in self.frozen.values())

    @property
    def is_live(self) -> bool:
        return self.state == WAITING

    @property
    def gone(self) -> int:
        """What of its money went back, or was lost."""
        sent = sum(cents for cents, status in self.refunds.values() if status == "done")
        lost = sum(cents for cents, status in self.disputes.values() if status == "lost")
        return sent + lost

    @property
    def held(self) -> int:
        """What of its money the provider holds back."""
        return sum(cents for cents, status in self.disputes.values() if status == "open")


@dataclass
class Boleto:
    """A title at a bank: 'open', 'closed', 'part', 'paid' or 'reversed'; the money it brought."""

    payment: Payment
    due: date
    state: str = "open"
    money: list[Payment] = field(default_factory=list[Payment])


class Books:
    """Every document and every payment, and what has become of both."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents = {document.id: document for document in documents}
        self.payments: dict[str, Payment] = {}
        self.boletos: dict[str, Boleto] = {}
        self.taken_back: Counter[str] = Counter()
        self.tasks: Counter[str] = Counter()
        # Those a job has still to issue, and those it has.
        self.owed_receipts: list[Receipt] = []
        self.receipts: Counter[Receipt] = Counter()

    def holder(self, document: int) -> Payment | None:
        """The live attempt that has the document."""
        return next((p for p in self.payments.values() if p.is_live and document in p.frozen), None)

    def free(self, customer: str) -> list[Document]:
        """What this customer may tick."""
        return [
            d
            for d in self.documents.values()
            if d.customer == customer and d.payable and d.balance and not self.holder(d.id)
        ]

    def is_fined(self, document: int) -> bool:
        shares = (p.shares.get(document) for p in self.payments.values())
        return any(share is not None and share.fine for share in shares)

    def price(
        self, documents: Sequence[Document], now: datetime, on: date | None = None
    ) -> dict[int, Part]:
        """What each costs if paid on that day; one that is not late today is never charged."""
        return {d.id: self._price(d, local_day(now, d.currency), on) for d in documents}

    def boleto_due(self, documents: Sequence[Document], now: datetime) -> date:
        today = local_day(now, "BRL")
        soonest = open_day(today + timedelta(days=1), "BRL")
        coming = [d.due for d in documents if d.due is not None and d.due >= today]
        return max(min(coming), soonest) if coming else soonest + timedelta(days=_DAYS_TO_PAY)

    def _price(self, document: Document, today: date, on: date | None) -> Part:
        due, owed = document.due, document.balance
        if due is None or today <= open_day(due, document.currency):
            return Part(owed)
        fine, monthly = _LATE[document.currency]
        days = ((on or today) - due).days
        return Part(
            owed,
            0 if self.is_fined(document.id) else half_up(owed * fine, 10_000),
            half_up(owed * monthly * days, 10_000 * 30),
        )

    def begin(self, new: Payment) -> Payment:
        self.payments[new.name] = new
        if new.via == PROVIDER:
            new.ask_by = new.begun + _FIRST_LOOK
        return new

    def hear(self, told: Told, now: datetime, *, given_up: bool = False) -> None:
        """The provider said how a checkout stands; said twice, late or out of order it is no news."""
        payment = self.payments[told.payment]
        payment.told_at = now
        if told.status == "paid" and payment.received is None:
            self.money_in(payment, told.paid or 0)
        elif told.status in {"failed", "expired"} and payment.is_live:
            payment.state = "superseded" if given_up else told.status
        if payment.received is not None:
            payment.fee = payment.fee or told.fee
            self._hear_refunds(payment, told)
            self._hear_disputes(payment, told)
            payment.state = _outcome(payment)
        # Known to have a page, it is not opened again: the next to ask is the look at its end.
        end = payment.begun + _END_LOOK
        if payment.ask_by is not None and payment.ask_by < end:
            payment.ask_by = end

    def answered(self, told: Told, now: datetime) -> None:
        """A job has asked, and this was the answer: when the next one must ask."""
        payment = self.payments[told.payment]
        is_wanted = payment.is_live or payment.method in VOUCHERS
        if told.status not in {"open", "awaited"} or payment.received is not None or not is_wanted:
            payment.ask_by = None
        else:
            end = payment.begun + _END_LOOK
            payment.ask_by = end if now < end and payment.is_live else now + _LOOK_AGAIN

    def unanswered(self, name: str, now: datetime) -> None:
        """A job has asked in vain."""
        payment = self.payments[name]
        if payment.ask_by is not None and payment.ask_by <= now:
            payment.ask_by = now + _LONGEST_WAIT

    def overdue(self, now: datetime) -> list[str]:
        """Attempts whose provider should have been asked by now."""
        return [p.name for p in self.payments.values() if p.ask_by and p.ask_by <= now]

    def hint(self, name: str, now: datetime) -> None:
        """Somebody said that there is news: its provider must be asked."""
        payment = self.payments[name]
        payment.ask_by = min(payment.ask_by or now, now)

    def give_up_voucher(self, payment: Payment, now: datetime) -> None:
        payment.state = "superseded"
        if payment.via == PROVIDER:
            payment.ask_by = now

    def money_in(self, payment: Payment, cents: int, own: Sequence[Payment] = ()) -> int:
        """It pays the documents of its attempt, oldest first; what is still missing of them.

        `own` is what the same title brought before: that much is asked for no more.
        """
        was_live = payment.is_live
        wanted = {d: self._wanted(payment, d, own) for d in self._oldest_first(payment.frozen)}
        self._share_out(payment, cents, wanted)
        missing = sum(part.total for part in wanted.values()) - (cents - payment.credit)
        self._owe_receipt(payment, "receipt", payment.shares, payment.credit)
        if payment.via == PROVIDER:
            kind = _trouble(payment, missing, was_live=was_live)
            self.tasks.update([kind] if kind else [])
        return missing

    def pay_at_counter(self, payment: Payment, cents: int) -> None:
        """Somebody took money for these documents, at the price that holds."""
        self.payments[payment.name] = payment
        wanted = {d: payment.frozen[d] for d in self._oldest_first(payment.frozen)}
        self._share_out(payment, cents, wanted)

    def bank_pays(self, boleto: Boleto, cents: int, name: Callable[[], str]) -> None:
        """`name` finds the payment of its own that the money is where its attempt had its money."""
        attempt = boleto.payment
        is_first = boleto.state in {"open", "closed"}
        paid = attempt if is_first else self._beside(boleto, name())
        if boleto.state == "paid":
            paid.frozen = {}
        # A payment beside it asks for what its attempt froze, unless that was paid whole.
        missing = self.money_in(paid, cents, boleto.money)
        boleto.money.append(paid)
        if boleto.state != "reversed":
            boleto.state = "part" if missing else "paid"

    def bank_takes_back(self, boleto: Boleto, cents: int) -> None:
        """The latest payment that stands, of this amount if there is one, is undone whole."""
        standing = [p for p in reversed(boleto.money) if p.state == "confirmed"]
        undone = next((p for p in standing if p.received == cents), None)
        undone = undone or (standing[0] if standing else None)
        if undone is None:
            return
        for document, share in undone.shares.items():
            self.documents[document].balance += share.principal
        self._owe_receipt(undone, "refund", undone.shares, undone.credit)
        undone.shares, undone.credit, undone.state = {}, 0, "refunded"
        self.taken_back[BANK] += undone.received or 0
        boleto.state = "reversed"

    def bank_closes(self, boleto: Boleto) -> None:
        if boleto.state == "open":
            boleto.state = "closed"
            if boleto.payment.is_live:
                boleto.payment.state = "expired"

    def issue_receipts(self) -> None:
        """The jobs ran."""
        self.receipts.update(self.owed_receipts)
        self.owed_receipts.clear()

    def clearing(self) -> Counter[str]:
        """Money in less money back, by whom it went through."""
        sums = Counter({BANK: -self.taken_back[BANK]})
        for payment in self.payments.values():
            sums[payment.via] += (payment.received or 0) - payment.gone
        return sums

    def credit(self, currency: str) -> int:
        return sum(p.credit for p in self.payments.values() if p.currency == currency)

    def charges(self) -> int:
        """Fines and interest that stand."""
        shares = (s for p in self.payments.values() for s in p.shares.values())
        return sum(share.fine + share.interest for share in shares)

    def _beside(self, boleto: Boleto, name: str) -> Payment:
        attempt = boleto.payment
        beside = replace(attempt, name=name, shares={}, credit=0, received=None, state="received")
        self.payments[name] = beside
        return beside

    def _oldest_first(self, documents: Iterable[int]) -> list[int]:
        def age(document: int) -> tuple[bool, date, int]:
            due = self.documents[document].due
            return due is None, due or date.min, document

        return sorted(documents, key=age)

    def _wanted(self, payment: Payment, document: int, own: Sequence[Payment]) -> Part:
        """What the money may still pay of a document."""
        holder, frozen = self.holder(document), payment.frozen[document]
        earlier = [p.shares[document] for p in own if document in p.shares]
        for share in earlier:
            left = frozen.less(share)
            frozen = Part(max(0, left.principal), max(0, left.fine), max(0, left.interest))
        taken = holder is not None and holder is not payment
        owed = 0 if taken else self.documents[document].balance
        if not owed:
            return Part()
        fined = self.is_fined(document) and not any(share.fine for share in earlier)
        return Part(min(frozen.principal, owed), 0 if fined else frozen.fine, frozen.interest)

    def _share_out(self, payment: Payment, cents: int, wanted: Mapping[int, Part]) -> None:
        left = cents
        for document, part in wanted.items():
            interest = min(left, part.interest)
            fine = min(left - interest, part.fine)
            principal = min(left - interest - fine, part.principal)
            share = Part(principal, fine, interest)
            left -= share.total
            self.documents[document].balance -= principal
            if share.total:
                payment.shares[document] = share
        payment.received, payment.credit, payment.state = cents, left, "confirmed"

    def _money_back(self, payment: Payment, cents: int) -> None:
        """First what was credit, then the document paid last, its principal before its charges."""
        left = cents - min(cents, max(0, payment.credit))
        taken: dict[int, Part] = {}
        for document, share in reversed(payment.shares.items()):
            principal = min(left, share.principal)
            fine = min(left - principal, share.fine)
            interest = min(left - principal - fine, share.interest)
            taken[document] = Part(principal, fine, interest)
            left -= taken[document].total
            self.documents[document].balance += principal
        rest = {d: share.less(taken[d]) for d, share in payment.shares.items()}
        payment.shares = {d: share for d, share in rest.items() if share.total}
        credit = cents - sum(part.total for part in taken.values())
        payment.credit -= credit
        self._owe_receipt(payment, "refund", taken, credit)
        if left:
            self.tasks["refund_exceeds"] += 1

    def _owe_receipt(
        self, payment: Payment, kind: str, parts: Mapping[int, Part], credit: int
    ) -> None:
        some = {document: part.total for document, part in parts.items() if part.total}
        owed = sum(self.documents[document].balance for document in some)
        stated = Receipt(payment.name, kind, tuple(sorted(some.values())), credit, owed)
        self.owed_receipts.append(stated)

    def _hear_refunds(self, payment: Payment, told: Told) -> None:
        for name, cents, status in told.refunds:
            before = payment.refunds.get(name, (cents, ""))[1]
            if not _goes_on(_REFUND_GOES, before, status):
                continue
            payment.refunds[name] = (cents, status)
            if status == "done":
                self._money_back(payment, cents)
            elif status == "failed" and before == "done":
                payment.credit += cents
                self.tasks["refund_failed"] += 1

    def _hear_disputes(self, payment: Payment, told: Told) -> None:
        for name, cents, status in told.disputes:
            before = payment.disputes.get(name, (cents, ""))[1]
            if not _goes_on(_DISPUTE_GOES, before, status):
                continue
            payment.disputes[name] = (cents, status)
            self.tasks["payment_disputed"] += (not before and status == "open") - (
                before == "open" and status == "won"
            )
            if status == "lost":
                self._money_back(payment, cents)
                self.tasks["dispute_lost"] += 1


def local_day(now: datetime, currency: str) -> date:
    return now.astimezone(_ZONE[currency]).date()


def open_day(day: date, currency: str) -> date:
    """The day itself if banks open on it, else the next on which they do."""
    while day.weekday() >= 5 or (day.month, day.day) in _CLOSED[currency]:
        day += timedelta(days=1)
    return day


def half_up(dividend: int, divisor: int) -> int:
    return (2 * dividend + divisor) // (2 * divisor)


def _goes_on(order: Sequence[str], before: str, now: str) -> bool:
    return not before or order.index(now) > order.index(before)


def _outcome(payment: Payment) -> str:
    if payment.gone >= (payment.received or 0):
        return "refunded"
    return "disputed" if payment.held else "confirmed"


def _trouble(payment: Payment, missing: int, *, was_live: bool) -> str:
    """What staff must be told of money that came."""
    if not payment.shares:
        return "payment_credited"
    if not was_live:
        return "payment_late"
    if missing:
        return "payment_short"
    return "payment_over" if payment.credit else ""
