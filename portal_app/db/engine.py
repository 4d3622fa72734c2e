"""The engine, made on first use in each process, and `transaction()`, the only commit.

Server workers are forked after the app is imported, so an engine made at import
would be shared between processes.
"""

import logging
import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from portal_app.settings import settings

_log = logging.getLogger(__name__)
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Pair:
    """One pool of connections: as it is, and beginning transactions that only read."""

    writing: Engine
    reading: Engine


_engines: dict[tuple[int, str], _Pair] = {}
_configured: str | None = None


def configure(url: str | None) -> None:
    """Use this database instead of the setting's (tests and tools). None goes back to it."""
    global _configured
    dispose()
    _configured = url


def engine() -> Engine:
    """This process's engine."""
    return _pair().writing


def _pair() -> _Pair:
    key = (os.getpid(), _configured or settings().database_url)
    found = _engines.get(key)
    if found is None:
        with _lock:
            found = _engines.get(key) or _engines.setdefault(key, _pair_of(make_engine(key[1])))
    return found


def _pair_of(made: Engine) -> _Pair:
    if made.dialect.name == "sqlite":
        return _Pair(made, made.execution_options(reads_only=True))
    # Part of the statement that begins the transaction, so it costs no round trip of its own;
    # the pool takes both back with the connection.
    reading = made.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return _Pair(made, reading)


def dispose() -> None:
    """Close this process's connections."""
    with _lock:
        for key in [key for key in _engines if key[0] == os.getpid()]:
            _engines.pop(key).writing.dispose()


def answers() -> bool:
    """Whether the database can be read and has been migrated; the reason why not is logged."""
    try:
        with transaction(write=False) as session:
            session.execute(text("SELECT 1 FROM company WHERE 1 = 0"))
    except SQLAlchemyError:
        _log.exception("the database does not answer")
        return False
    return True


def make_engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(
            url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True
        )
    made = create_engine(
        url,
        connect_args={"timeout": 30, "check_same_thread": False},
        pool_size=10,
        # What was to be written, people's names and addresses, is nothing for a log.
        hide_parameters=True,
    )
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin_sqlite)
    return made


@contextmanager
def transaction(*, write: bool = True) -> Generator[Session]:
    """One use case: commits at the end, rolls back on any exception.

    On SQLite a writing transaction takes the write lock at once (BEGIN IMMEDIATE),
    so that reading first and writing later never fails half-way. `write=False`
    reads one consistent state, that of its first question, and holds nobody up;
    PostgreSQL refuses to write in it.
    """
    pair = _pair()
    source = pair.writing if write else pair.reading
    with Session(source, expire_on_commit=False, autoflush=False) as session, session.begin():
        yield session


@contextmanager
def savepoint(session: Session) -> Generator[None]:
    """A part of a transaction that is undone alone if it fails."""
    with session.begin_nested():
        yield


def is_trouble(error: Exception) -> bool:
    """Whether the database itself failed or was in a deadlock: the same may work in a moment."""
    return isinstance(error, OperationalError | InternalError | InterfaceError)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not open transactions of its own: BEGIN is ours.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "busy_timeout = 30000",
        "cache_size = -65536",
        "mmap_size = 268435456",
        "temp_store = MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    # PostgreSQL has it; a search that folds by it finds the same on both.
    connection.create_function("translate", 3, _translate, deterministic=True)


def _translate(text: str | None, before: str, after: str) -> str | None:
    """Each letter of `before` by that in its place in `after`, and those without one left out."""
    return text.translate(_letters(before, after)) if text is not None else None


@lru_cache(maxsize=8)
def _letters(before: str, after: str) -> dict[int, int | None]:
    return str.maketrans(before[: len(after)], after, before[len(after) :])


def _begin_sqlite(connection: Any) -> None:
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
