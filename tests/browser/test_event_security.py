"""Every public event, called from a raw socket by whoever should get nothing out of it.

The list of events is read from the app itself, so that a new one is covered unasked.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import httpx
import pytest
import socketio
from socketio.exceptions import ConnectionError as ConnectionRefused

from tests.served import Server

PASSWORD: Final = "demo-portal-2026"
ANA: Final = "ana@nordeste.example"
EMPTY: Final = "vazio@nordeste.example"
RUI: Final = "rui@lusitana.example"
# Words of Ana's that nobody else may ever receive.
OF_ANA: Final = ("Ana Lima", "Fibra 500", "/1841", "/1990", "10482")
QUIET: Final = 0.4
# What an attacker would try for any argument.
GUESSES: Final[tuple[object, ...]] = (
    1,
    "1",
    True,
    None,
    "' OR 1=1 --",
    {"id": 1},
    [1, 2, 3],
    "x" * 5000,
)


class Client:
    """A socket as a browser opens it, without a browser."""

    def __init__(self, server: Server, token: str, cookie: str, origin: str | None) -> None:
        self.received: list[str] = []
        self._server = server
        self._token = token
        self._headers = {
            "Origin": origin or server.base_url,
            **({"Cookie": cookie} if cookie else {}),
        }
        # Our own, since a refused connection leaves the client's open.
        self._http = aiohttp.ClientSession()
        self._socket = socketio.AsyncClient(reconnection=False, http_session=self._http)
        self._socket.on("*", self._keep, namespace="/_event")

    async def _keep(self, event: str, *data: Any) -> None:
        self.received.append(json.dumps([event, *data], ensure_ascii=False, default=str))

    async def connect(self) -> None:
        await self._socket.connect(
            f"{self._server.base_url}?token={self._token}",
            headers=self._headers,
            socketio_path="/_event",
            namespaces=["/_event"],
            transports=["websocket"],
        )

    async def call(self, name: str, payload: dict[str, object], path: str = "/") -> str:
        """Emit one event and return everything that came back before it went quiet."""
        before = len(self.received)
        event = {
            "name": name,
            "payload": payload,
            "router_data": {"pathname": path, "query": {}, "asPath": path},
        }
        await self._socket.emit("event", event, namespace="/_event")
        while True:
            count = len(self.received)
            await asyncio.sleep(QUIET)
            if len(self.received) == count:
                return "\n".join(self.received[before:])

    async def close(self) -> None:
        await self._socket.disconnect()
        await self._http.close()


@asynccontextmanager
async def connected(
    server: Server, *, token: str | None = None, cookie: str = "", origin: str | None = None
) -> AsyncIterator[Client]:
    client = Client(server, token or str(uuid.uuid4()), cookie, origin)
    try:
        await client.connect()
        yield client
    finally:
        await client.close()


def sign_in(server: Server, login: str) -> str:
    """The session's cookie, as a header."""
    answer = httpx.post(
        f"{server.base_url}/auth/sign-in", data={"login": login, "password": PASSWORD}
    )
    assert answer.headers["location"] == "/", answer.headers
    return answer.headers["set-cookie"].split(";")[0]


def sign_out(server: Server, cookie: str) -> None:
    httpx.post(f"{server.base_url}/auth/sign-out", headers={"Cookie": cookie})


@pytest.fixture(scope="module")
def handlers() -> dict[str, list[str]]:
    """Full name and argument names of every event the app answers to."""
    from reflex.state import BaseState, State
    from reflex.utils.format import format_event_handler

    from portal_app.portal_app import app  # noqa: F401  fills the registry

    def classes(root: type[BaseState]) -> Iterator[type[BaseState]]:
        yield root
        for child in root.__subclasses__():
            yield from classes(child)

    found: dict[str, list[str]] = {}
    for cls in classes(State):
        if cls.__module__.startswith("portal_app"):
            for handler in cls.event_handlers.values():
                arguments = [
                    a
                    for a in handler.fn.__code__.co_varnames[: handler.fn.__code__.co_argcount]
                    if a != "self"
                ]
                found[format_event_handler(handler)] = arguments
    return found


HYDRATE: Final = "reflex___state____state.hydrate"
BOOT: Final = "reflex___state____state.hydrate_and_load"


async def test_nobody_gets_anything_from_any_event(
    server: Server, handlers: dict[str, list[str]]
) -> None:
    assert len(handlers) > 10
    async with connected(server) as client:
        for name, arguments in handlers.items():
            for guess in GUESSES[:2]:
                await client._socket.emit(
                    "event",
                    {"name": name, "payload": dict.fromkeys(arguments, guess), "router_data": {}},
                    namespace="/_event",
                )
        said = await client.call(BOOT, {})

    assert not [word for word in OF_ANA if word in "\n".join(client.received) + said]


async def test_another_customer_gets_nothing_of_anas_with_her_ids(
    server: Server, handlers: dict[str, list[str]]
) -> None:
    cookie = sign_in(server, EMPTY)
    async with connected(server, cookie=cookie) as client:
        await client.call(BOOT, {})
        for name, arguments in handlers.items():
            for guess in range(1, 8):
                await client._socket.emit(
                    "event",
                    {"name": name, "payload": dict.fromkeys(arguments, guess), "router_data": {}},
                    namespace="/_event",
                )
        await client.call(BOOT, {})

    assert not [word for word in OF_ANA if word in "\n".join(client.received)]


async def test_wrong_argument_types_are_refused_and_show_no_stack_trace(
    server: Server, handlers: dict[str, list[str]]
) -> None:
    cookie = sign_in(server, ANA)
    async with connected(server, cookie=cookie) as client:
        await client.call(BOOT, {})
        for name, arguments in handlers.items():
            for guess in GUESSES:
                await client._socket.emit(
                    "event",
                    {"name": name, "payload": dict.fromkeys(arguments, guess), "router_data": {}},
                    namespace="/_event",
                )
        said = await client.call(BOOT, {})

    everything = "\n".join(client.received)
    assert "Traceback" not in everything
    assert "sqlalchemy" not in everything.lower()
    assert "Ana Lima" in said, "the person's own session still works afterwards"


@pytest.mark.parametrize("thief", ["nobody", RUI])
async def test_a_stolen_client_token_gives_nothing(server: Server, thief: str) -> None:
    token = str(uuid.uuid4())
    async with connected(server, token=token, cookie=sign_in(server, ANA)) as ana:
        assert "Ana Lima" in await ana.call(BOOT, {})
    cookie = "" if thief == "nobody" else sign_in(server, thief)
    async with connected(server, token=token, cookie=cookie) as client:
        for name in (HYDRATE, BOOT):
            await client.call(name, {})

    assert not [word for word in OF_ANA if word in "\n".join(client.received)]


async def test_signing_out_ends_a_live_socket(
    server: Server, handlers: dict[str, list[str]]
) -> None:
    cookie = sign_in(server, ANA)
    async with connected(server, cookie=cookie) as client:
        assert "Ana Lima" in await client.call(BOOT, {})
        sign_out(server, cookie)
        client.received.clear()
        for name in handlers:
            await client.call(name, {}) if "load" in name else None
        said = await client.call(BOOT, {})

    assert not [word for word in OF_ANA if word in "\n".join(client.received) + said]


async def test_a_foreign_origin_is_refused(server: Server) -> None:
    with pytest.raises(ConnectionRefused):
        async with connected(server, cookie=sign_in(server, ANA), origin="https://evil.example"):
            pass


def test_a_form_sent_by_another_site_is_refused(server: Server) -> None:
    answer = httpx.post(
        f"{server.base_url}/auth/sign-in",
        data={"login": ANA, "password": PASSWORD},
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    )

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/files/boletos/nothing.pdf", "/files/boletos/../../rxconfig.py"])
def test_a_file_needs_a_session_and_an_owner(server: Server, path: str) -> None:
    anonymous = httpx.get(server.base_url + path)
    other = httpx.get(server.base_url + path, headers={"Cookie": sign_in(server, RUI)})

    assert anonymous.status_code in {401, 404}
    assert other.status_code == 404
