"""A socket as whoever attacks it opens it: any words, any frames, from any address of this machine."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from tests.served import Server

BOOT: Final = "reflex___state____state.hydrate_and_load"
PLACE: Final = {"pathname": "/", "query": {}, "asPath": "/"}
NAMESPACE: Final = "/_event"
QUIET: Final = 0.4
WITHIN: Final = 10.0


@dataclass
class Raw:
    socket: aiohttp.ClientWebSocketResponse
    token: str

    async def greet(self, boot: dict[str, Any] | None = None) -> None:
        """What the page's own client says first."""
        await self.socket.receive_str(timeout=WITHIN)
        await self.say(f"40{NAMESPACE},{json.dumps(boot) if boot else ''}")
        assert (await self.socket.receive_str(timeout=WITHIN)).startswith(f"40{NAMESPACE}")

    async def say(self, text: str) -> None:
        await self.socket.send_str(text)

    async def emit(self, name: str, payload: Any, **more: Any) -> None:
        event = {"name": name, "payload": payload, "router_data": PLACE, **more}
        await self.say(packet(event))

    async def call(self, name: str, payload: Any, **more: Any) -> str:
        """Emit an event; everything that comes back before it is quiet."""
        await self.emit(name, payload, **more)
        return await self.heard()

    async def heard(self, quiet: float = QUIET) -> str:
        said: list[str] = []
        while True:
            try:
                message = await self.socket.receive(timeout=quiet)
            except TimeoutError:
                return "\n".join(said)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return "\n".join([*said, f"closed {self.socket.close_code}"])
            if message.data == "2":
                await self.say("3")
            said.append(str(message.data))

    async def close_code(self, within: float = WITHIN) -> int | None:
        """The code the server closes it with; None if it stays open."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            try:
                message = await self.socket.receive(timeout=until - time.monotonic())
            except TimeoutError:
                break
            if message.type is not aiohttp.WSMsgType.TEXT:
                return self.socket.close_code
        return None


def packet(event: object) -> str:
    return f"42{NAMESPACE},{json.dumps(['event', event])}"


@asynccontextmanager
async def raw(
    server: Server,
    *,
    cookie: str = "",
    origin: str | None = "own",
    token: str = "",
    address: str = "127.0.0.1",
) -> AsyncIterator[Raw]:
    """An open line; nothing has been said on it yet."""
    token = token or str(uuid.uuid4())
    headers = {"Cookie": cookie} if cookie else {}
    if origin is not None:
        headers["Origin"] = server.base_url if origin == "own" else origin
    connector = aiohttp.TCPConnector(local_addr=(address, 0))
    async with aiohttp.ClientSession(connector=connector) as http:
        socket = await http.ws_connect(
            f"http://127.0.0.1:{server.port}{NAMESPACE}/?EIO=4&transport=websocket&token={token}",
            headers=headers,
            max_msg_size=0,
        )
        try:
            yield Raw(socket, token)
        finally:
            await asyncio.wait_for(socket.close(), WITHIN)
