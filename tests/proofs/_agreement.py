"""The tables beside the books: every balance, payment, share, account and receipt, after each step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, TypeVar

from portal_app.jobs.handlers import HANDLERS
from tests.proofs._ground import Found
from tests.proofs._model import PROVIDER, Books, half_up

Compared = tuple[str, object, object]
"""A name, what it should be, what the tables say."""

K = TypeVar("K")

_MOST_FINE: Final = 200
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
        "receipt_failed",
    }
)


def ensure_agreement(books: Books, found: Found) -> None:
    """Raise AssertionError naming the first thing that is another in the tables than in the books."""
    for name, expected, said in _compared(books, found):
        agree(name, said, expected)


def agree(name: str, said: object, expected: object) -> None:
    """Raise AssertionError where they differ, with the difference alone."""
    if said == expected:
        return
    if isinstance(said, dict) and isinstance(expected, dict):
        keys = [key for key in {**said, **expected} if said.get(key) != expected.get(key)]
        said = {key: said.get(key) for key in keys}
        expected = {key: expected.get(key) for key in keys}
    raise AssertionError(f"{name}: {said} and should be {expected}")


def _compared(books: Books, found: Found) -> Iterator[Compared]:
    yield from _documents(books, found)
    yield from _payments(books, found)
    yield from _money_of_payments(books, found)
    yield from _accounts(books, found)
    yield "receipts", books.receipts, found.receipts
    counted = {series: list(range(1, len(ns) + 1)) for series, ns in found.numbers.items()}
    yield "numbers of receipts", counted, found.numbers
    yield "tasks", _some(books.tasks), {k: n for k, n in found.tasks.items() if k in _TASKS}
    yield "jobs that failed", [], [job for job in found.failed_jobs if job[0] in HANDLERS]


def _documents(books: Books, found: Found) -> Iterator[Compared]:
    documents = books.documents.values()
    yield "balances", {d.id: (d.total, d.balance) for d in documents}, found.balances
    yield "sums of lines", {d.id: d.balance for d in documents}, found.posted
    outside = {id_: b for id_, b in found.balances.items() if not 0 <= b[1] <= b[0]}
    yield "balances outside 0 and the total", {}, outside
    paid: Counter[int] = Counter()
    fines: Counter[int] = Counter()
    for (_, document), share in found.shares.items():
        paid[document] += share.principal
        fines[document] += share.fine
    # What is off a balance is what was paid: never more, and never by anything else.
    settled = {id_: total - balance for id_, (total, balance) in found.balances.items()}
    yield "paid documents", _some(settled), _some(paid)
    most = {d.id: half_up(d.total * _MOST_FINE, 10_000) for d in documents}
    yield "fined twice", {}, {id_: fine for id_, fine in fines.items() if fine > most[id_]}
    held = Counter(document for _, document in found.live)
    yield "held twice", {}, {id_: n for id_, n in held.items() if n > 1}


def _payments(books: Books, found: Found) -> Iterator[Compared]:
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


def _money_of_payments(books: Books, found: Found) -> Iterator[Compared]:
    known = books.payments.values()
    shares = {(p.name, d): share for p in known for d, share in p.shares.items()}
    yield "shares", shares, found.shares
    yield "credit of payments", {p.name: p.credit for p in known if p.credit}, found.credits
    # Whatever came and did not go is either on a document or the customer's.
    left = {p.name: (p.received or 0) - p.gone for p in known if p.via == PROVIDER}
    kept: Counter[str] = Counter(found.credits)
    for (name, _), share in found.shares.items():
        kept[name] += share.total
    yield "money that is left", left, {name: kept[name] for name in left}


def _accounts(books: Books, found: Found) -> Iterator[Compared]:
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
    owed = sum(d.balance for d in books.documents.values() if d.payable)
    yield "receivable", owed, total("receivable")
    yield "late charges", books.charges(), -total("late_charges")
    fees = sum(payment.fee for payment in books.payments.values())
    held = sum(payment.held for payment in books.payments.values())
    yield "fees", fees, total("fees")
    yield "money held back", held, total("disputes")
    yield "the provider's own", fees + held, -total("provider")


def _some(counted: Mapping[K, int]) -> dict[K, int]:
    return {key: n for key, n in counted.items() if n}
