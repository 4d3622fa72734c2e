"""People's browsers without browsers: Reflex's socket.io, as much of it as a tick needs.

Lean on purpose: the client must never be what is measured.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import aiohttp

from tests.bench._company import Person

LOADS_WITHIN: Final = 60.0
# So many documents are ticked one after the other, then unticked, and so on: as many as in the
# seconds of a usual run, so that longer runs do not measure larger selections.
TICKED_AT_MOST: Final = 15

_NAMESPACE: Final = "/_event"
_HANDSHAKE: Final = f"40{_NAMESPACE},"
_EVENT: Final = f"42{_NAMESPACE},"
_PING, _PONG = "2", "3"
_BOOT: Final = "reflex___state____state.hydrate_and_load"
_PLACE: Final = {"pathname": "/", "query": {}, "asPath": "/"}


@dataclass(frozen=True)
class Names:
    """What the page calls the tick's handler, the rows and the total."""

    tick: str
    rows_state: str
    total_state: str
    rows: str
    total: str


@lru_cache(maxsize=1)
def names() -> Names:
    """Read from the app, so that renaming a state changes nothing here."""
    from reflex.utils.format import format_event_handler
    from reflex_base.constants.state import FIELD_MARKER

    from portal_app.ui.customer.open_documents.state import OpenState, SelectionState

    return Names(
        tick=format_event_handler(SelectionState.event_handlers["tick"]),
        rows_state=OpenState.get_full_name(),
        total_state=SelectionState.get_full_name(),
        rows=f"rows{FIELD_MARKER}",
        total=f"total{FIELD_MARKER}",
    )


@dataclass
class Ticker:
    """One person's page: ticks go out when they are due, answered or not."""

    address: str
    latencies: list[float] = field(default_factory=list[float])
    sent: int = 0
    waiting: deque[float] = field(default_factory=deque[float])
    _socket: aiohttp.ClientWebSocketResponse | None = None
    _reader: asyncio.Task[None] | None = None

    async def connect(self, http: aiohttp.ClientSession) -> None:
        self._socket = await http.ws_connect(
            self.address, headers=self.headers(), compress=0, max_msg_size=0
        )
        await self._greet()
        self._reader = asyncio.create_task(self._read())

    async def tick(self, turn: int) -> None:
        """Tick or untick a document; the time until its total counts from here."""
        self.waiting.append(time.perf_counter())
        self.sent += 1
        await self._send(self._tick(turn))

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await self._reader

    def headers(self) -> dict[str, str]:
        return {}

    def _tick(self, turn: int) -> str:
        return f"{turn % TICKED_AT_MOST},{(turn // TICKED_AT_MOST + 1) % 2}"

    def _answers(self, text: str) -> bool:
        return bool(text)

    async def _greet(self) -> None:
        """What is said before the page can be used."""

    async def _heard(self, text: str) -> None:
        """Anything that is not a total."""

    async def _send(self, text: str) -> None:
        assert self._socket is not None, "connected"
        await self._socket.send_str(text)

    async def _read(self) -> None:
        assert self._socket is not None, "connected"
        async for message in self._socket:
            if self.waiting and self._answers(message.data):
                self.latencies.append(time.perf_counter() - self.waiting.popleft())
            else:
                await self._heard(message.data)


class Plain(Ticker):
    """On the floor's WebSocket."""


@dataclass
class Visitor(Ticker):
    """On the portal's, signed in by cookie."""

    person: Person | None = None
    origin: str = ""
    documents: list[int] = field(default_factory=list[int])
    _loaded: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(cls, base_url: str, person: Person) -> Visitor:
        address = base_url.replace("http", "ws", 1) + (
            f"{_NAMESPACE}/?EIO=4&transport=websocket&token={uuid.uuid4()}"
        )
        return cls(address, person=person, origin=base_url)

    async def load(self) -> None:
        """Open the page and wait for its rows."""
        await self._send(_event(_BOOT, {}))
        await asyncio.wait_for(self._loaded.wait(), LOADS_WITHIN)

    def headers(self) -> dict[str, str]:
        assert self.person is not None, "somebody is signed in"
        return {"Cookie": self.person.cookie, "Origin": self.origin}

    async def _greet(self) -> None:
        assert self._socket is not None, "connected"
        await self._socket.receive_str()
        await self._send(_HANDSHAKE)
        answer = await self._socket.receive_str()
        assert answer.startswith(_HANDSHAKE), answer

    def _tick(self, turn: int) -> str:
        many = min(TICKED_AT_MOST, len(self.documents))
        ticked = turn // many % 2 == 0
        return _event(names().tick, {"document_id": self.documents[turn % many], "ticked": ticked})

    def _answers(self, text: str) -> bool:
        return f'"{names().total_state}":{{' in text and f'"{names().total}"' in text

    async def _heard(self, text: str) -> None:
        if text == _PING:
            await self._send(_PONG)
        elif not self._loaded.is_set() and f'"{names().rows}":[{{' in text:
            delta = json.loads(text.removeprefix(_EVENT))[1]["delta"]
            rows = delta[names().rows_state][names().rows]
            self.documents = [row["id"] for row in rows if row["can_tick"]]
            self._loaded.set()


def _event(name: str, payload: dict[str, Any]) -> str:
    event = {"name": name, "payload": payload, "router_data": _PLACE}
    return _EVENT + json.dumps(["event", event], separators=(",", ":"))
