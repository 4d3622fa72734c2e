"""A portal that is new in a millisecond: its database a copy of one, its people signed in for good."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from sqlalchemy import event, update

from portal_app.db import engine, migrate
from portal_app.db.engine import transaction
from portal_app.db.models import CustomerRow
from portal_app.domain.checkout import PaymentGateway
from portal_app.gateways import clock
from portal_app.services import checkouts, provider_calls
from portal_app.services.actors import Actor
from portal_app.settings import settings
from tests import company
from tests.company import NOW, World
from tests.proofs._model import Document, Part, Receipt
from tests.proofs._provider import ScriptedProvider

PEOPLE: Final = ("ana", "bia", "rui")
_ENVIRONMENT: Final = {"PORTAL_MODE": "demo", "PORTAL_STRIPE_SECRET_KEY": "none-is-called"}


@dataclass
class Ground:
    """`provider` is who is asked now; each example has its own."""

    template: Path
    file: Path
    world: World
    actors: dict[str, Actor]
    provider: ScriptedProvider

    def renew(self) -> sqlite3.Connection:
        """Everything as it was at first. The answer looks at the tables past the product."""
        engine.engine().dispose()
        for rest in ("-wal", "-shm"):
            self.file.with_name(self.file.name + rest).unlink(missing_ok=True)
        shutil.copyfile(self.template, self.file)
        self.provider = ScriptedProvider()
        return sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, isolation_level=None)

    def gateway(self, _provider: str, _account: str = "") -> PaymentGateway:
        return self.provider


@contextmanager
def ground() -> Generator[Ground]:
    """Both companies in a folder of their own; settings and database are given back after."""
    with tempfile.TemporaryDirectory(prefix="portal-proofs-") as name:
        folder = Path(name)
        with patch.dict(os.environ):
            for caller in [caller for caller in os.environ if caller.startswith("PORTAL_")]:
                del os.environ[caller]
            os.environ.update(_ENVIRONMENT, PORTAL_DATA_DIR=str(folder / "var"))
            settings.cache_clear()
            try:
                yield from _stood(folder)
            finally:
                engine.configure(None)
                settings.cache_clear()


def _stood(folder: Path) -> Generator[Ground]:
    template, file = folder / "template.db", folder / "portal.db"
    engine.configure(f"sqlite:///{template}")
    migrate.upgrade(f"sqlite:///{template}")
    with clock.fixed_at(NOW):
        world = company.build()
        actors = {name: company.actor(name) for name in PEOPLE}
        with transaction() as session:
            # Nobody is written to: a letter for each receipt is most of the time and no money.
            session.execute(update(CustomerRow).values(email=""))
    engine.configure(f"sqlite:///{file}")
    # One engine for all examples, for its compiled statements; nothing here outlives a crash.
    event.listen(engine.engine(), "connect", _careless)
    made = Ground(template, file, world, actors, ScriptedProvider())
    with (
        patch.object(checkouts, "payment_gateway", made.gateway),
        patch.object(provider_calls, "payment_gateway", made.gateway),
    ):
        yield made


def _careless(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


@dataclass(frozen=True)
class Row:
    """A payment as the product has it."""

    id: int
    state: str
    received: int | None
    asked: int


@dataclass(frozen=True)
class Found:
    """What the tables say, in cents: shares and live items by payment and document.

    `posted` is what a document's lines come to, `numbers` are those of receipts, by company and
    series.
    """

    balances: dict[int, tuple[int, int]]
    posted: dict[int, int]
    unbalanced: list[int]
    accounts: dict[tuple[str, str, str], int]
    payments: dict[str, Row]
    shares: dict[tuple[str, int], Part]
    live: set[tuple[str, int]]
    frozen: dict[tuple[str, int], Part]
    credits: dict[str, int]
    tasks: Counter[str]
    receipts: Counter[Receipt]
    numbers: dict[tuple[int, str], list[int]]
    failed_jobs: list[tuple[str, str]]


_PARTS: Final = "d.document_id, d.principal_cents, d.fine_cents, d.interest_cents"
# Of whose money an entry is: a payment's own, or of a refund or dispute of it.
_OF_PAYMENT: Final = """
    SELECT p.public_id, sum(l.amount_cents) FROM journal_line l
    JOIN journal_entry e ON e.id = l.entry_id
    LEFT JOIN refund r ON e.source_type = 'refund' AND r.id = e.source_id
    LEFT JOIN dispute d ON e.source_type = 'dispute' AND d.id = e.source_id
    JOIN payment p ON p.id = CASE e.source_type WHEN 'payment' THEN e.source_id
        ELSE coalesce(r.payment_id, d.payment_id) END
    WHERE l.account = 'customer_credit' GROUP BY p.public_id"""


def documents(tables: sqlite3.Connection, world: World) -> list[Document]:
    """What was loaded before anything happened."""
    names = {id_: name for name, id_ in world.customers.items()}
    query = (
        "SELECT id, customer_id, currency, due_date, total_cents, balance_cents, type FROM document"
    )
    return [
        Document(
            id=id_,
            customer=names[customer],
            currency=currency,
            due=date.fromisoformat(due) if due else None,
            total=total,
            balance=balance,
            payable=kind != "NC",
        )
        for id_, customer, currency, due, total, balance, kind in tables.execute(query)
    ]


def look(tables: sqlite3.Connection) -> Found:
    def rows(query: str) -> list[Any]:
        return tables.execute(query).fetchall()

    items = rows(f"""SELECT p.public_id, d.live, {_PARTS} FROM payment_item d
        JOIN payment p ON p.id = d.payment_id""")
    numbers: dict[tuple[int, str], list[int]] = {}
    receipts: Counter[Receipt] = Counter()
    for name, kind, facts, company_id, series, number in rows("""
            SELECT p.public_id, r.kind, r.facts, r.company_id, r.series, r.number FROM receipt r
            JOIN payment p ON p.id = r.payment_id ORDER BY r.series, r.number"""):
        receipts[_stated(name, kind, json.loads(facts))] += 1
        numbers.setdefault((company_id, series), []).append(number)
    return Found(
        receipts=receipts,
        numbers=numbers,
        balances={
            id_: (total, balance)
            for id_, total, balance in rows("SELECT id, total_cents, balance_cents FROM document")
        },
        posted=dict(
            rows("""SELECT document_id, abs(sum(amount_cents)) FROM journal_line
                WHERE account IN ('receivable', 'credit_note') GROUP BY document_id""")
        ),
        unbalanced=[
            id_
            for (id_,) in rows("""SELECT entry_id FROM journal_line
                GROUP BY entry_id, currency HAVING sum(amount_cents) <> 0""")
        ],
        accounts={
            (account, provider, currency): cents
            for account, provider, currency, cents in rows("""
                SELECT account, provider, currency, sum(amount_cents) FROM journal_line
                GROUP BY account, provider, currency""")
            if cents
        },
        payments={
            name: Row(id_, state, (asked if received is None else received) if day else None, asked)
            for name, id_, state, asked, received, day in rows(
                "SELECT public_id, id, state, amount_cents, received_cents, paid_on FROM payment"
            )
        },
        shares={
            (name, document): Part(*parts)
            for name, document, *parts in rows(f"""SELECT p.public_id, {_PARTS} FROM allocation d
                JOIN payment p ON p.id = d.payment_id WHERE d.reversed_by IS NULL""")
        },
        live={(name, document) for name, live, document, *_ in items if live},
        frozen={(name, document): Part(*parts) for name, _, document, *parts in items},
        credits={name: -cents for name, cents in rows(_OF_PAYMENT) if cents},
        tasks=Counter(kind for (kind,) in rows("SELECT kind FROM task WHERE closed_at IS NULL")),
        failed_jobs=rows("SELECT kind, last_error FROM job WHERE last_error <> ''"),
    )


def _stated(name: str, kind: str, facts: Mapping[str, Any]) -> Receipt:
    paid = sorted(line["paid"]["cents"] for line in facts["lines"])
    return Receipt(name, kind, tuple(paid), facts["credit"]["cents"], facts["owed"]["cents"])
