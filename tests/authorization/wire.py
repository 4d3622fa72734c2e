"""The app without a network: events through its own processor and gate, requests through its API."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import httpx
import pytest
from reflex.state import BaseState, StateUpdate
from reflex.utils.format import json_dumps
from reflex_base.event import Event
from reflex_base.event.processor import BaseStateEventProcessor
from sqlmodel import SQLModel

from portal_app.api.app import build
from portal_app.portal_app import app
from portal_app.services.access import session_cookie

# Those whose guesses are tried one and all, of each sort of people one; and in whose name nothing
# of these owners may ever change: "sul" and "norte" are the companies.
UNTOUCHED: Final[Mapping[str, tuple[str, ...]]] = {
    "owner": ("bia", "rui", "sul"),
    "link": ("bia", "rui", "sul"),
    "link to one document": ("bia", "rui", "sul"),
    "accountant": ("bia", "rui", "sul"),
    "manager viewing": ("bia", "rui", "sul"),
    "no permission": ("ana", "bia", "rui", "sul"),
    "staff": ("rui", "sul"),
    "every permission": ("rui", "sul"),
    "manager": ("rui", "sul"),
    "other customer": ("ana", "rui", "sul"),
    "other company": ("ana", "bia", "norte"),
    "other company's manager": ("ana", "bia", "norte"),
}
GUESSERS: Final = tuple(UNTOUCHED)
READERS: Final = frozenset({"accountant", "manager viewing"})
# Longer than any event takes that waits for nobody.
_AT_MOST: Final = 20
_HEADERS: Final = {"origin": "http://portal", "host": "portal", "user-agent": "Firefox/140.0 Linux"}


class Wire:
    """The events of all people. What would be sent to a client is kept by its token.

    `defects` is what the screens told the log of: anything that was not refused, but broke.
    `follows`: what the gate answers whom it refuses is done as well.
    """

    follows: bool = True

    def __init__(self) -> None:
        self.defects: list[str] = []
        self._verdicts: dict[str, bool] = {}
        self._sent: dict[str, list[str]] = {}
        self._processor = BaseStateEventProcessor(
            middleware=self,  # pyright: ignore[reportArgumentType]  all it asks of a middleware
            backend_exception_handler=app.backend_exception_handler,
        )

    async def _preprocess(self, state: BaseState, event: Event) -> StateUpdate | None:
        update = await app._preprocess(state, event)
        self._verdicts[event.name] = update is None
        return update if update is None or self.follows else StateUpdate()

    async def emit_update(self, update: StateUpdate, token: str) -> None:
        self._sent.setdefault(token, []).append(json_dumps([update.delta, update.events]))

    async def call(
        self, client: str, session: str, name: str, payload: Mapping[str, Any], path: str = "/"
    ) -> str:
        """One event, with all that follows from it; what was sent meanwhile."""
        self._sent[client] = []
        cookie = f"{session_cookie()}={session}" if session else ""
        router = {
            "pathname": path,
            "asPath": path,
            "query": {},
            "token": client,
            "sid": f"{client} sid",
            "ip": "192.0.2.1",
            "headers": {"cookie": cookie, "origin": "http://portal", "host": "portal"},
        }
        event = Event(name=name, payload=dict(payload), router_data=router)
        await self._processor.enqueue(client, event)
        async with asyncio.timeout(_AT_MOST):
            await self._idle()
        return "\n".join(self._sent[client])

    async def _idle(self) -> None:
        """Wait for all that was asked, and what it led to; what failed is answered by then too."""
        queue, tasks = self._processor._queue, self._processor._tasks
        assert queue is not None, "started"
        while tasks or not queue.empty():
            await asyncio.sleep(0.0005 if tasks else 0)

    def admitted(self, name: str) -> bool:
        """Whether the gate let this event in, by its full name, when it was asked last."""
        return self._verdicts[name]


@asynccontextmanager
async def opened() -> AsyncIterator[Wire]:
    wire = Wire()
    listener = _Listener(wire.defects)
    log = logging.getLogger("portal_app")
    log.addHandler(listener)
    try:
        async with wire._processor.configure(event_namespace=wire):  # pyright: ignore[reportArgumentType]
            yield wire
    finally:
        log.removeHandler(listener)


class _Listener(logging.Handler):
    """Keeps what is logged as an error."""

    def __init__(self, kept: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append(f"{record.getMessage()}: {record.exc_info and record.exc_info[1]!r}")


@asynccontextmanager
async def browser(session: str, **cookies: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser with this session, before the whole API."""
    jar = {session_cookie(): session, **cookies} if session else cookies
    transport = httpx.ASGITransport(build(), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://portal", cookies=jar, headers=_HEADERS
    ) as http:
        yield http


class _Hurried:
    """asyncio for a page that looks again each second: here nobody waits."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, _seconds: float) -> None:
        await asyncio.sleep(0)


@contextmanager
def hurried() -> Iterator[None]:
    """No page waits while this lasts."""
    with pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            # The gate itself must wait for what it asks in its threads.
            is_page = name.startswith("portal_app.ui.") and not name.endswith(".session")
            if is_page and hasattr(module, "asyncio"):
                patch.setattr(module, "asyncio", _Hurried())
        yield


class Kept:
    """A database as it was, to which it goes back; and what of it was changed since.

    `owners` are conditions, by owner, on tables that have these columns.
    """

    def __init__(self, url: str, owners: Mapping[str, tuple[str, int]]) -> None:
        self._file = url.removeprefix("sqlite:///")
        self._live = sqlite3.connect(self._file, check_same_thread=False)
        self._copy = sqlite3.connect(":memory:", check_same_thread=False)
        self._owners = owners
        self._live.backup(self._copy)
        self._before = self._rows()
        self._version = self._data_version()

    def changed(self) -> dict[str, set[str]]:
        """Tables by the owner whose rows in them are others now; the database is as it was again."""
        if self._data_version() == self._version:
            return {}
        now = self._rows()
        found: dict[str, set[str]] = {}
        for (owner, table), rows in now.items():
            if rows != self._before[owner, table]:
                found.setdefault(owner, set()).add(table)
        self._copy.backup(self._live)
        self._version = self._data_version()
        return found

    def close(self) -> None:
        self._live.close()
        self._copy.close()

    def _rows(self) -> dict[tuple[str, str], list[Any]]:
        return {
            (owner, name): self._live.execute(
                f'SELECT * FROM "{name}" WHERE {column} = ?', (id_,)
            ).fetchall()
            for owner, (column, id_) in self._owners.items()
            for name, table in SQLModel.metadata.tables.items()
            if column in table.c
        }

    def _data_version(self) -> int:
        (version,) = self._live.execute("PRAGMA data_version").fetchone()
        return version
