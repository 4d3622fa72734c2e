"""Attempts started and settled a second, beside the bare rows they write into the same database."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from portal_app.db import engine, loading, migrate
from portal_app.db.engine import transaction
from portal_app.db.loading import NewDocument
from portal_app.domain.checkout import CheckoutReport, CheckoutStatus
from portal_app.domain.documents import DocumentType
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.services import payments, provider_reports
from portal_app.services.actors import Actor
from portal_app.settings import settings
from tests import company
from tests.bench._figures import say, spread
from tests.company import World
from tests.postgres import private_postgres

_EACH = 3
_PRICE = Money(12990, "EUR")
_TODAY = date(2026, 11, 22)
_NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
# What settling one attempt of three documents writes: payment and items, shares, an entry and its
# lines, balances, a job.
_FLOOR = (
    "UPDATE payment SET looked_at = looked_at WHERE id = 1",
    "UPDATE payment_item SET live = live WHERE payment_id = 1",
    *("UPDATE document SET balance_cents = balance_cents WHERE id = 1",) * _EACH,
    *(
        "INSERT INTO sign_in_throttle (key_hash, failures, failed_at) "
        "VALUES (:key, 0, '2026-11-22 15:00:00')",
    )
    * (_EACH + 1 + _EACH + 1 + 1),
)


def main(argv: list[str]) -> None:
    parser = ArgumentParser(prog="./portal bench payments")
    parser.add_argument("--payments", type=int, default=500)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default=None)
    given = parser.parse_args(argv)
    for name in (given.database,) if given.database else ("sqlite", "postgres"):
        with _database(name) as (world, actor):
            _measure(name, _documents(world, actor, given.payments), actor)


def _measure(database: str, groups: list[list[int]], actor: Actor) -> None:
    count = len(groups)
    started: list[str] = []

    def start(index: int) -> None:
        total = Money(_PRICE.cents * _EACH, "EUR")
        asked = payments.start(actor, groups[index], PaymentMethod.CARD, total)
        started.append(asked.payment)

    _say(database, "start", start, count)
    reports = [_report(actor, payment) for payment in started]

    def settle(index: int) -> None:
        payment, report = reports[index]
        with transaction() as session:
            provider_reports.take(session, actor.company, payment, report)

    _say(database, "settle", settle, count)
    _say(database, "told again", settle, count)
    _say(database, "floor: the bare rows of a settlement", _bare, count)


def _bare(_index: int) -> None:
    with transaction() as session:
        for statement in _FLOOR:
            session.execute(text(statement), {"key": secrets.token_hex(8)})


def _say(database: str, what: str, work: Callable[[int], None], count: int) -> None:
    took: list[float] = []
    began = time.process_time()
    for index in range(count):
        before = time.perf_counter()
        work(index)
        took.append((time.perf_counter() - before) * 1000)
    cpu = (time.process_time() - began) / count * 1000
    figures = {"a_second": 1000 * count / sum(took), "cpu_ms": cpu, **spread(took)}
    say(f"payments: {what}", "ms", count, database=database, **figures)


def _report(actor: Actor, public_id: str) -> tuple[int, CheckoutReport]:
    payment = payments.view(actor, public_id)
    assert payment.hosted is not None
    report = CheckoutReport(
        payment=public_id,
        session=payment.hosted.session,
        status=CheckoutStatus.PAID,
        amount=payment.amount,
        paid=payment.amount,
        paid_at=_NOW,
    )
    return payment.id, report


def _documents(world: World, actor: Actor, count: int) -> list[list[int]]:
    contract = world.contracts["rui"]
    with transaction() as session:
        ids = [
            loading.add_document(session, actor.company.id, _bill(actor, contract, number), _NOW)
            for number in range(count * _EACH)
        ]
    return [ids[start : start + _EACH] for start in range(0, len(ids), _EACH)]


def _bill(actor: Actor, contract: int, number: int) -> NewDocument:
    return NewDocument(
        customer=actor.scope.customer,
        contract=contract,
        type=DocumentType.FT,
        series="bench",
        number=str(number + 1),
        description="",
        issued=_TODAY,
        due=_TODAY + timedelta(days=3650),
        total=_PRICE,
    )


@contextmanager
def _database(name: str) -> Generator[tuple[World, Actor]]:
    """The tests' small companies, Rui paying; what the demo provider keeps goes with it."""
    with tempfile.TemporaryDirectory() as folder, _address(name, Path(folder)) as url:
        migrate.upgrade(url)
        engine.configure(url)
        os.environ["PORTAL_DATA_DIR"] = folder
        settings.cache_clear()
        try:
            yield company.build(), company.actor("rui")
        finally:
            engine.configure(None)
            del os.environ["PORTAL_DATA_DIR"]
            settings.cache_clear()


@contextmanager
def _address(name: str, folder: Path) -> Generator[str]:
    if name == "sqlite":
        yield f"sqlite:///{folder / 'portal.db'}"
        return
    with private_postgres() as cluster:
        yield cluster.create("payments")
