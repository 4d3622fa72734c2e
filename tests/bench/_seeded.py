"""Seeded databases for the benches, kept under the data folder, and how statements are timed."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from random import Random
from typing import Any

import psycopg
from sqlalchemy import event, text

from portal_app.db import engine, migrate
from portal_app.domain.errors import SignInFailed
from portal_app.gateways import clock
from portal_app.services import access, actors, seed
from portal_app.services.access import From
from portal_app.services.actors import Actor
from portal_app.settings import ROOT, settings
from tests.bench._figures import say, spread
from tests.postgres import kept_postgres

DOCUMENTS = 5_000_000
ROUNDS = 1_000
USUAL_CUSTOMERS = 100
DOCUMENTS_EACH = 50
# The first ones of a seeded company: one to sign in as, and those with long lists.
SPECIAL_CUSTOMERS = 5
AIMS_MS = {seed.USUAL: 2.0, seed.HEAVY: 15.0}

Statement = tuple[str, Any]


@dataclass(frozen=True)
class Options:
    documents: int
    rounds: int
    databases: tuple[str, ...]


@dataclass(frozen=True)
class Plain:
    """A hand-written query, the same for both databases, with the parameters of an actor."""

    name: str
    sql: str
    parameters: Callable[[Actor], tuple[int, ...]]


ROUND_TRIP = Plain("round-trip", "SELECT 1", lambda _: ())


def options(argv: Sequence[str], name: str) -> Options:
    parser = ArgumentParser(prog=f"./portal bench {name}")
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default=None)
    given = parser.parse_args(argv)
    databases = (given.database,) if given.database else ("sqlite", "postgres")
    return Options(given.documents, given.rounds, databases)


def compare(name: str, wanted: Options, use: Callable[[Actor], object], floor: Plain) -> None:
    """Measure a use case for usual customers and the heavy one on each database.

    Printed for each: the statements alone, replayed on one warm connection of the plain
    driver from execute to last row; the use case as the portal calls it; the two floors.
    """
    for database in wanted.databases:
        with _seeded(database, wanted.documents):
            for kind, actors in _actors().items():
                same = {"database": database, "customer": kind}
                per_actor = max(1, -(-wanted.rounds // len(actors)))
                recorded = [_record(use, actor) for actor in actors]
                _report(
                    f"{name}: all statements",
                    _timed(recorded, per_actor),
                    **same,
                    statements=len(_questions(recorded[0])),
                    aim_p95=AIMS_MS[kind],
                )
                _report(f"{name}: use case with ORM", _called(use, actors, per_actor), **same)
                for plain in (floor, ROUND_TRIP):
                    asked = [[(_spelled(plain.sql), plain.parameters(actor))] for actor in actors]
                    _report(f"{name}: floor, {plain.name}", _timed(asked, per_actor), **same)


def _report(name: str, samples: list[float], **more: object) -> None:
    say(name, "ms", len(samples), **more, **spread(samples, 0.5, 0.95, 0.99))


def _actors() -> dict[str, list[Actor]]:
    usual, heavy = (_signed_in(kind) for kind in (seed.USUAL, seed.HEAVY))
    query = text("SELECT id FROM customer WHERE company_id = :company ORDER BY id")
    with engine.engine().connect() as connection:
        everybody = list(connection.scalars(query, {"company": usual.company.id}))
    customers = Random(1).sample(everybody[SPECIAL_CUSTOMERS:], USUAL_CUSTOMERS)
    return {
        seed.USUAL: [replace(usual, customer=customer) for customer in customers],
        seed.HEAVY: [heavy],
    }


def _signed_in(kind: str) -> Actor:
    opened = access.sign_in(seed.login(kind), seed.PASSWORD, From("bench"))
    actor = actors.actor_of(opened.token)
    assert actor is not None, "just signed in"
    return actor


@contextmanager
def _seeded(database: str, documents: int) -> Iterator[None]:
    """The seeded database, made the first time; the clock stands still on the day it was made."""
    with _address(database, documents) as (url, day):
        engine.configure(url)
        try:
            with clock.fixed_at(day):
                migrate.upgrade(url)
                try:
                    _signed_in(seed.USUAL)
                except SignInFailed:
                    made = seed.load(max(1, documents // DOCUMENTS_EACH), documents, 1)
                    sys.stderr.write(f"{database}: {made}\n")
                yield
        finally:
            engine.configure(None)


@contextmanager
def _address(database: str, documents: int) -> Iterator[tuple[str, datetime]]:
    folder = settings().data_dir / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    prefix = f"seed_{documents}_{_schema()}_"
    fresh = prefix + f"{datetime.now(UTC):%Y%m%d}"
    if database == "sqlite":
        files = sorted(file for file in folder.glob(f"seed_{documents}_*.db"))
        kept = [file.stem for file in files if file.stem.startswith(prefix)]
        name = kept[-1] if kept else fresh
        for file in files:
            if file.stem != name:
                file.unlink()
        yield f"sqlite:///{folder / name}.db", _noon(name)
        return
    with kept_postgres(
        folder / "postgres", shared_buffers="1GB", max_wal_size="2GB", checkpoint_timeout="30min"
    ) as cluster:
        with psycopg.connect(_driver_url(cluster.url("postgres"))) as connection:
            found = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY 1",
                (f"seed_{documents}_",),
            ).fetchall()
        kept = [name for (name,) in found if name.startswith(prefix)]
        name = kept[-1] if kept else fresh
        for (other,) in found:
            if other != name:
                cluster.drop(other)
        if not kept:
            cluster.create(name)
        yield cluster.url(name), _noon(name)


def _schema() -> str:
    """A stamp of the migrations: a database of other tables is thrown away."""
    files = sorted((ROOT / "alembic" / "versions").glob("*.py"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


def _noon(name: str) -> datetime:
    return datetime.strptime(f"{name.rpartition('_')[2]}12", "%Y%m%d%H").replace(tzinfo=UTC)


def _driver_url(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


def _record(use: Callable[[Actor], object], actor: Actor) -> list[Statement]:
    """What the use case sends to the database."""
    sent: list[Statement] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        sent.append((sql, parameters))

    event.listen(engine.engine(), "before_cursor_execute", note)
    try:
        use(actor)
    finally:
        event.remove(engine.engine(), "before_cursor_execute", note)
    return sent


def _questions(sent: list[Statement]) -> list[Statement]:
    return [one for one in sent if not one[0].startswith("BEGIN")]


def _timed(scripts: list[list[Statement]], rounds: int) -> list[float]:
    """Milliseconds of each script on the driver's own connection, after one warm round."""
    samples: list[float] = []
    with engine.engine().connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None, "just connected"
        cursor = raw.cursor()
        for turn in range(rounds + 10):
            for script in scripts:
                started = time.perf_counter()
                for sql, parameters in script:
                    cursor.execute(sql, parameters)
                    if cursor.description:
                        cursor.fetchall()
                if turn >= 10:
                    samples.append((time.perf_counter() - started) * 1_000)
                # Not a rollback: that would make psycopg forget its prepared statements.
                raw.commit()
    return samples


def _called(use: Callable[[Actor], object], actors: list[Actor], rounds: int) -> list[float]:
    samples: list[float] = []
    for turn in range(rounds + 2):
        for actor in actors:
            started = time.perf_counter()
            use(actor)
            if turn >= 2:
                samples.append((time.perf_counter() - started) * 1_000)
    return samples


def _spelled(sql: str) -> str:
    """The query in the words of the database: SQLite has its partial indexes for `= 0` only."""
    if engine.engine().dialect.name == "sqlite":
        return sql.replace("NOT cancelled", "cancelled = 0")
    return sql.replace("?", "%s")
