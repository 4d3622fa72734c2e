"""What attackers send to a socket and to the line beneath it, with the limits people meet.

Refused, and nobody else notices: another socket goes on, no stack trace comes out, the log has no
secret in it, the server lives.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import aiohttp
import httpx
import pytest

from portal_app.api.sizes import LARGEST_BODY
from portal_app.api.sockets import LARGEST_FRAME
from tests.bench._company import Person
from tests.bench._socket import Visitor, names
from tests.browser.raw_socket import BOOT, NAMESPACE, packet, raw
from tests.served import Server, built_page

PASSWORD: Final = "demo-portal-2026"
ANA: Final = "ana@nordeste.example"
CARLA: Final = "carla@nordeste.example"
RUI: Final = "rui@lusitana.example"
OF_ANA: Final = ("Ana Lima", "Fibra 500", "/1841", "/1990", "10482")
# Of anything of the server's insides.
LEAKS: Final = ("Traceback", "site-packages", "portal_app.", "sqlalchemy", "KeyError", 'File "')
OPEN_STATE: Final = "portal_app___ui___customer___open_documents___state____"
# Asked here, once for all: Reflex wants its states made outside of any event loop.
TICK: Final = names().tick
# What a tick may take while somebody floods; two cores are shared with the flood's own client.
TICKS_WITHIN: Final = 2.0

_log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("guarded")
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    server = Server(folder, port, {"PORTAL_LIMITS_TIMES": "1"}, page=built_page(folder))
    server.start()
    yield server
    server.stop()


def sign_in(server: Server, login: str, address: str = "127.0.0.1") -> str:
    """The session's cookie, as a header."""
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(transport=transport, base_url=f"http://127.0.0.1:{server.port}") as http:
        answer = http.post("/auth/sign-in", data={"login": login, "password": PASSWORD})
    assert answer.headers["location"] == "/", answer.headers
    return answer.headers["set-cookie"].split(";")[0]


@pytest.fixture(scope="module")
def ana(guarded: Server) -> str:
    return sign_in(guarded, ANA)


@pytest.fixture(autouse=True)
def _still_alive(guarded: Server) -> Iterator[None]:
    yield
    assert httpx.get(f"{guarded.base_url}/readyz").status_code == 200


def nothing_leaked(said: str) -> None:
    assert not [word for word in LEAKS if word in said], said


async def test_names_that_are_no_declared_handlers_do_nothing(guarded: Server, ana: str) -> None:
    root = "reflex___state____state"
    names = [
        f"{root}.{OPEN_STATE}selection_state._keep",
        f"{root}.{OPEN_STATE}selection_state._take_back",
        f"{root}.{OPEN_STATE}selection_state.get_state",
        f"{root}.{OPEN_STATE}selection_state.reset",
        f"{root}.{OPEN_STATE}selection_state.setvar",
        f"{root}.{OPEN_STATE}selection_state.set_total",
        f"{root}.setvar",
        f"{root}.reset",
        f"{root}.get_delta",
        f"{root}._reset_client_storage",
        f"{root}.no_such_thing",
        f"{root}.{OPEN_STATE}no_such_state.tick",
        "__class__.__init__",
        "",
        "../../tick",
        "a" * 5000,
    ]
    async with raw(guarded, cookie=ana) as line:
        await line.greet()
        await line.call(BOOT, {})
        said = ""
        for name in names:
            for payload in ({}, {"var_name": "total", "value": "1"}):
                await line.emit(name, payload)
            said += await line.heard(0.15)
        after = await line.call(BOOT, {})

    nothing_leaked(said)
    assert "selection_state" not in said, "nothing of it changed"
    assert "Ana Lima" in after


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"document_id": "x", "ticked": "yes"},
        {"document_id": None, "ticked": None},
        {"document_id": {"$gt": 0}, "ticked": [True]},
        {"document_id": 10**40, "ticked": True},
        {"document_id": 1, "ticked": True, "amount": 1, "actor": "user:1"},
        {"self": 1, "document_id": 1},
        ["not", "named"],
        "text",
        7,
        None,
    ],
    ids=lambda payload: str(payload)[:24],
)
async def test_arguments_that_are_not_the_handlers_show_no_insides(
    guarded: Server, ana: str, payload: Any
) -> None:
    async with raw(guarded, cookie=ana) as line:
        await line.greet()
        said = await line.call(TICK, payload)
        after = await line.call(BOOT, {})

    nothing_leaked(said)
    assert "Ana Lima" in after


async def test_an_event_that_brings_its_own_headers_is_nobodys(guarded: Server, ana: str) -> None:
    """The gate looks at the socket's headers, not at what the event calls its own."""
    forged = {"headers": {"cookie": ana}, "client_token": "x", "ip": "10.0.0.1", "session_id": "x"}
    async with raw(guarded) as line:
        await line.greet()
        said = await line.call(BOOT, {}, router_data={**forged, "pathname": "/"}, token="x")

    assert not [word for word in OF_ANA if word in said]


@pytest.mark.parametrize("thief", ["", RUI])
async def test_a_stolen_token_opens_nothing_in_the_boot_event_either(
    guarded: Server, ana: str, thief: str
) -> None:
    token = str(uuid.uuid4())
    async with raw(guarded, cookie=ana, token=token) as line:
        await line.greet()
        assert "Ana Lima" in await line.call(BOOT, {})
    event = {"name": BOOT, "payload": {}, "router_data": {"pathname": "/"}}
    async with raw(guarded, cookie=sign_in(guarded, thief) if thief else "", token=token) as line:
        await line.greet({"event": event, "boot_event": event, "token": token})
        said = await line.heard() + await line.call(BOOT, {})

    assert not [word for word in OF_ANA if word in said]


async def test_a_live_socket_stays_its_own_sessions_whatever_cookie_comes_after(
    guarded: Server,
) -> None:
    """Its session ends: the socket is nobody's, also if the browser has a new cookie by then."""
    cookie = sign_in(guarded, ANA, "127.0.0.2")
    async with raw(guarded, cookie=cookie) as line:
        await line.greet()
        assert "Ana Lima" in await line.call(BOOT, {})
        sign_in_again = httpx.post(
            f"{guarded.base_url}/auth/sign-in",
            data={"login": RUI, "password": PASSWORD},
            headers={"Cookie": cookie},
        )
        assert sign_in_again.status_code == 303
        said = await line.call(BOOT, {})

    assert not [word for word in (*OF_ANA, "Rui") if word in said]


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example", "http://localhost", "own.evil.example"]
)
async def test_a_socket_from_elsewhere_is_refused(
    guarded: Server, ana: str, origin: str | None
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with raw(guarded, cookie=ana, origin=origin):
            pass

    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (packet({"name": BOOT, "payload": {"x": "x" * LARGEST_FRAME}}), 1009),
        ("4" * (8 * 1024 * 1024), 1009),
        (b"\x04\x00binary", 1003),
        (b"", 1003),
    ],
    ids=["large", "8 MiB", "binary", "empty binary"],
)
async def test_frames_no_page_sends_close_the_socket(
    guarded: Server, ana: str, frame: str | bytes, code: int
) -> None:
    async with raw(guarded, cookie=ana) as line:
        await line.greet()
        if isinstance(frame, str):
            await line.say(frame)
        else:
            await line.socket.send_bytes(frame)

        assert await line.close_code() == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "9",
        "4",
        "49",
        "42",
        "4999999999999999999999",
        f"42{NAMESPACE},",
        f"42{NAMESPACE},{{",
        f"42{NAMESPACE},[]",
        f"42{NAMESPACE},[1]",
        f'42{NAMESPACE},["event"]',
        f'42{NAMESPACE},["event",1,2,3]',
        f'42{NAMESPACE},["event","{{not json"]',
        f'42{NAMESPACE},["event",null]',
        f'42{NAMESPACE},["client_error",{{"error_type":"x","message":"y"}}]',
        f'42{NAMESPACE},["disconnect"]',
        f'42{NAMESPACE},["connect",{{}}]',
        f"42{NAMESPACE}," + "[" * 20_000,
        "42/another,[1]",
        "40/another,",
        f"43{NAMESPACE},1[]",
        f"451-{NAMESPACE},[" + '"event",{"_placeholder":true,"num":0}]',
        f"46{NAMESPACE},x",
        "5",
        "6",
        "b////",
        "2probe",
        "\x1e\x1e\x1e",
        "\x00\uffff",
    ],
    ids=lambda text: repr(text)[:30],
)
async def test_words_that_are_not_the_protocols_harm_nobody(guarded: Server, text: str) -> None:
    async with raw(guarded, address="127.0.0.3") as line:
        await line.greet()
        await line.say(text)
        said = await line.heard(0.2)

    nothing_leaked(said)


async def test_words_before_the_greeting_are_for_nobody(guarded: Server, ana: str) -> None:
    async with raw(guarded, cookie=ana) as line:
        await line.emit(BOOT, {})
        said = await line.heard()

    assert "Ana Lima" not in said
    nothing_leaked(said)


async def test_a_thousand_events_a_second_close_one_socket_and_no_other(guarded: Server) -> None:
    """Also when whoever floods comes back as soon as he is thrown out."""
    visitor = Visitor.of(guarded.base_url, _person(sign_in(guarded, CARLA)))
    cookie = sign_in(guarded, ANA, "127.0.0.4")
    async with aiohttp.ClientSession() as http:
        await visitor.connect(http)
        await visitor.load()
        quiet = await _ticks(visitor, 10)
        flood = asyncio.create_task(_flood(guarded, cookie, "127.0.0.4"))
        busy = await _ticks(visitor, 40)
        flood.cancel()
        (flooded,) = await asyncio.gather(flood, return_exceptions=False)
        await visitor.close()

    _log.info("a tick: quiet %s, %s: %s", _spread(quiet), flooded, _spread(busy))
    assert flooded.sockets > 1, "the first was closed"
    assert flooded.events > 1000
    assert len(busy) == 40, "every tick was answered"
    assert max(busy) < TICKS_WITHIN, busy


async def test_whoever_comes_back_to_flood_again_is_turned_away(guarded: Server) -> None:
    answers = await asyncio.gather(*(_opened(guarded, "127.0.0.5") for _ in range(260)))

    assert answers.count(403) >= 20, "more than its address may open in a minute"
    assert await _opened(guarded, "127.0.0.6") == 101, "another address comes in"


def test_a_password_cannot_be_tried_fast_from_one_address(guarded: Server) -> None:
    transport = httpx.HTTPTransport(local_address="127.0.0.7")
    with httpx.Client(transport=transport, base_url=f"http://127.0.0.1:{guarded.port}") as http:
        answers = [
            http.post("/auth/sign-in", data={"login": f"nobody{number}", "password": "x" * 10})
            for number in range(42)
        ]

    refused = answers[-1]
    assert [answer.status_code for answer in answers] == [303] * 40 + [429] * 2
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert "pedidos demais" in refused.text
    assert "Too many" in refused.text
    assert sign_in(guarded, RUI, "127.0.0.8"), "another address comes in"


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/auth/sign-in", LARGEST_BODY + 1, 413),
        ("/auth/sign-in", 3 * LARGEST_BODY, 413),
        ("/sign-in", 3 * LARGEST_BODY, 413),
        ("/webhooks/stripe", 3 * LARGEST_BODY, 400),
        ("/webhooks/banks/001?key=x", 3 * LARGEST_BODY, 413),
        ("/auth/sign-in", 300, 303),
        ("/auth/sign-in", 1000, 422),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_long_body_is_answered_and_the_line_goes_on(
    guarded: Server, path: str, size: int, status: int, chunked: bool
) -> None:
    with socket.create_connection(("127.0.0.1", guarded.port), timeout=10) as line:
        line.sendall(_request(guarded, path, size, chunked=chunked))
        first = _answer(line)
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        second = _answer(line)

    assert first.startswith(f"HTTP/1.1 {status} "), first
    assert second.startswith("HTTP/1.1 200 OK"), second


def test_a_body_beyond_all_measure_closes_the_line(guarded: Server) -> None:
    with socket.create_connection(("127.0.0.1", guarded.port), timeout=10) as line:
        head = _request(guarded, "/auth/sign-in", 0).replace(
            b"content-length: 0", b"content-length: 99999999"
        )
        line.sendall(head)
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for _ in range(1000):
                line.sendall(b"a" * 100_000)
            while line.recv(65536):
                pass

    assert time.monotonic() - began < 8, "closed by the server"


def test_long_addresses_and_headers_are_refused(guarded: Server) -> None:
    address = httpx.get(f"{guarded.base_url}/sign-in?{'x' * 9000}")
    headers = httpx.get(f"{guarded.base_url}/sign-in", headers={"x-long": "x" * 40_000})
    fields = httpx.post(
        f"{guarded.base_url}/auth/sign-in", data={f"f{n}": "x" for n in range(2000)}
    )

    assert (address.status_code, headers.status_code, fields.status_code) == (414, 431, 400)


async def test_hashing_passwords_holds_up_no_socket(guarded: Server) -> None:
    visitor = Visitor.of(guarded.base_url, _person(sign_in(guarded, CARLA, "127.0.0.9")))
    async with aiohttp.ClientSession() as http:
        await visitor.connect(http)
        await visitor.load()
        signing_in = [
            asyncio.to_thread(sign_in, guarded, ANA, f"127.0.1.{number}") for number in range(1, 9)
        ]
        cookies, ticks = await asyncio.gather(asyncio.gather(*signing_in), _ticks(visitor, 15))
        await visitor.close()

    _log.info("a tick while eight sign in: %s", _spread(ticks))
    assert len(set(cookies)) == 8
    assert len(ticks) == 15
    assert max(ticks) < TICKS_WITHIN, ticks


async def test_no_secret_is_in_the_log(guarded: Server, ana: str) -> None:
    """After all of the above, and the worst that is known: events that fail in Reflex itself."""
    secret, token = ana.split("=", 1)[1], str(uuid.uuid4())
    link = guarded.command("link", "--company", "nordeste", "--customer", "10482").stdout.strip()
    async with raw(guarded, cookie=ana, token=token) as line:
        await line.greet()
        for name in ("no.such.event", TICK):
            await line.emit(name, {"password": "hunter2-hunter2", "cpf": "529.982.247-25"})
        await line.say(packet({"name": 1, "cookie": ana, "password": "hunter2-hunter2"}))
        await line.heard()
    async with raw(guarded, cookie=ana) as line:
        await line.greet()
        await line.say(packet(f"cpf 52998224725, cookie {ana}, hunter2-hunter2"))
        await line.heard()
    httpx.get(f"{guarded.base_url}{httpx.URL(link).path}x", headers={"Cookie": ana})
    httpx.post(f"{guarded.base_url}/webhooks/banks/001?key=hunter2-hunter2", content=b"{")

    log = guarded.whole_log()
    assert "no.such.event" in log, "the failure itself is told"
    found = [
        word
        for word in (secret, token, link.rsplit("/", 1)[1], PASSWORD, "529.982.247-25")
        if word in log
    ]
    assert not found
    assert not re.search(r"password['\"]?: ?['\"]hunter2", log)
    assert "52998224725" not in log


def _person(cookie: str) -> Person:
    return Person(CARLA, cookie.split("=", 1)[1], 0, 0, 0)


async def _ticks(visitor: Visitor, many: int) -> list[float]:
    """Seconds of each, one after the other."""
    before = len(visitor.latencies)
    for turn in range(many):
        await visitor.tick(turn)
        until = time.monotonic() + 5
        while len(visitor.latencies) == before + turn and time.monotonic() < until:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
    return visitor.latencies[before:]


def _spread(ticks: list[float]) -> str:
    return f"median {median(ticks) * 1000:.1f} ms, slowest {max(ticks) * 1000:.1f} ms"


@dataclass
class Flood:
    sockets: int = 0
    events: int = 0


async def _flood(server: Server, cookie: str, address: str) -> Flood:
    """Send a thousand events a second until cancelled, on a new socket whenever one is closed."""
    flood = Flood()
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            try:
                async with raw(server, cookie=cookie, address=address) as line:
                    await line.greet()
                    flood.sockets += 1
                    while not line.socket.closed:
                        await line.emit(BOOT, {})
                        flood.events += 1
                        await asyncio.sleep(0.001)
            except (ConnectionError, aiohttp.ClientError, TypeError):
                pass
            await asyncio.sleep(0.001)
    return flood


async def _opened(server: Server, address: str) -> int:
    """The status of the answer to a socket's request."""
    try:
        async with raw(server, address=address):
            return 101
    except aiohttp.WSServerHandshakeError as refused:
        return refused.status


def _request(server: Server, path: str, size: int, *, chunked: bool = False) -> bytes:
    length = b"transfer-encoding: chunked" if chunked else f"content-length: {size}".encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
        "content-type: application/x-www-form-urlencoded\r\n"
    ).encode() + length
    body = b"login=" + b"a" * max(0, size - 6) if size else b""
    if chunked:
        parts = [body[at : at + 65536] for at in range(0, len(body), 65536)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    return head + b"\r\n\r\n" + body


def _answer(line: socket.socket) -> str:
    """The head of an answer, whose body is taken off the line too."""
    raw_answer = b""
    while b"\r\n\r\n" not in raw_answer:
        got = line.recv(65536)
        if not got:
            return raw_answer.decode()
        raw_answer += got
    head, _, body = raw_answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += line.recv(65536)
    return head.decode()
