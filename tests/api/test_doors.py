"""What a request meets before its route: whose it is, how large, how often."""

from __future__ import annotations

import asyncio
import socket as socketlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from limits.aio.storage import RedisStorage
from starlette.types import Message, Receive, Scope, Send

from portal_app.api import rates
from portal_app.api.address import RealAddress, address_of, neighbourhood
from portal_app.api.app import build
from portal_app.api.csp import FALLBACK, policies, policy
from portal_app.api.rates import FAMILIES, Family, Rates
from portal_app.api.sizes import LARGEST_BODY, Sizes
from portal_app.api.sockets import BURST, LARGEST_FRAME, STEADY, Bucket, Sockets
from portal_app.settings import SettingsRefused, settings
from tests.company import World
from tests.company import world as world
from tests.redis_server import RedisUnusable, private_redis


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the client's address and the length of the body it was handed."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = f"{scope['client'][0]} {length}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def ask(app: object, path: str = "/x", peer: str = "203.0.113.1", **told: object) -> httpx.Response:
    async def sent() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(peer, 1))  # pyright: ignore[reportArgumentType]
        async with httpx.AsyncClient(transport=transport, base_url="http://portal") as http:
            return await http.request("POST", path, **told)  # pyright: ignore[reportArgumentType]

    return asyncio.run(sent())


@pytest.fixture
def proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_TRUSTED_PROXIES", "10.0.0.0/8, ::1")
    settings.cache_clear()


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("10.1.1.1", "203.0.113.9", "203.0.113.9"),
        ("10.1.1.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("10.1.1.1", "6.6.6.6, 203.0.113.9, 10.2.2.2", "203.0.113.9"),
        ("10.1.1.1", "not an address", "10.1.1.1"),
        ("10.1.1.1", "203.0.113.9, '; DROP", "10.1.1.1"),
        ("203.0.113.1", "6.6.6.6", "203.0.113.1"),
        ("::1", "2001:db8::9", "2001:db8::9"),
    ],
)
@pytest.mark.usefixtures("proxies")
def test_only_trusted_proxies_say_where_a_request_comes_from(
    peer: str, forwarded: str, found: str
) -> None:
    answer = ask(RealAddress(echo), peer=peer, headers={"X-Forwarded-For": forwarded})

    assert answer.text.split()[0] == found


def test_nobody_is_trusted_unless_named() -> None:
    answer = ask(RealAddress(echo), peer="127.0.0.1", headers={"X-Forwarded-For": "6.6.6.6"})

    assert answer.text.split()[0] == "127.0.0.1"
    assert address_of("10.0.0.1", ["6.6.6.6"], []) == "10.0.0.1"


def test_a_proxy_that_is_no_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_TRUSTED_PROXIES", "proxy.example")
    settings.cache_clear()

    with pytest.raises(SettingsRefused, match="PORTAL_TRUSTED_PROXIES"):
        settings()


def test_one_subscriber_is_one_address() -> None:
    assert neighbourhood("2001:db8:1:2::1") == neighbourhood("2001:db8:1:2:ffff::9")
    assert neighbourhood("2001:db8:1:2::1") != neighbourhood("2001:db8:1:3::1")
    assert neighbourhood("::ffff:203.0.113.1") == "203.0.113.1"


@pytest.mark.parametrize(
    ("size", "status"), [(0, 200), (LARGEST_BODY, 200), (LARGEST_BODY + 1, 413)]
)
def test_a_body_is_handed_over_whole_or_refused(size: int, status: int) -> None:
    answer = ask(Sizes(echo), content=b"x" * size)

    assert answer.status_code == status
    assert status != 200 or answer.text.endswith(f" {size}")


@pytest.mark.parametrize("chunks", [(40, 60), (1,) * 50, (LARGEST_BODY - 1, 1)])
def test_a_body_in_pieces_is_handed_over_whole(chunks: tuple[int, ...]) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for size in chunks:
            yield b"x" * size

    assert ask(Sizes(echo), content=pieces()).text.endswith(f" {sum(chunks)}")


def test_a_webhook_says_itself_that_its_body_is_too_long() -> None:
    answer = ask(Sizes(echo), "/webhooks/stripe", content=b"x" * (3 * LARGEST_BODY))

    assert answer.status_code == 200
    assert LARGEST_BODY < int(answer.text.split()[1]) <= 3 * LARGEST_BODY


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_one_address_may_ask_so_often_and_another_still(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = replace(family, rates="5/minute; 20/hour")
    monkeypatch.setattr(rates, "FAMILIES", (few,))

    async def asked() -> tuple[list[int], httpx.Response, int]:
        app = Rates(echo)
        mine = httpx.ASGITransport(app, client=("203.0.113.1", 1))
        other = httpx.ASGITransport(app, client=("203.0.113.2", 1))
        path = f"{family.prefixes[0]}x"
        async with (
            httpx.AsyncClient(transport=mine, base_url="http://portal") as http,
            httpx.AsyncClient(transport=other, base_url="http://portal") as another,
        ):
            statuses = [(await http.get(path)).status_code for _ in range(5)]
            return statuses, await http.get(path), (await another.get(path)).status_code

    let_in, refused, elsewhere = asyncio.run(asked())

    assert let_in == [200] * 5
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert elsewhere == 200


def test_limits_are_multiplied_by_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_LIMITS_TIMES", "3")
    settings.cache_clear()

    counted = Rates(echo)._rates["sign-in"]

    assert [item.amount for item in counted] == [120, 1200]


def test_workers_count_together_where_there_is_redis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "FAMILIES", (replace(FAMILIES[0], rates="5/minute"),))

    async def asked() -> tuple[list[int], int]:
        async with worker() as one, worker() as another:
            answers = [await post(app, "/auth/x") for app in (one, another) * 3]
            return answers, await post(one, "/auth/x", peer="203.0.113.2")

    with counted_in_redis(tmp_path, monkeypatch):
        answers, elsewhere = asyncio.run(asked())

    assert answers == [200] * 5 + [429]
    assert elsewhere == 200


def test_nobody_comes_in_uncounted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def asked() -> list[int]:
        async with worker() as app:
            return [await post(app, "/auth/x"), await post(app, "/assets/x.js")]

    with counted_in_redis(tmp_path, monkeypatch):
        pass
    answers = asyncio.run(asked())

    assert answers == [503, 200]
    assert "does not count" in caplog.text


def test_a_silent_redis_holds_no_door_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked() -> int:
        async with worker() as app, asyncio.timeout(10):
            return await post(app, "/auth/x")

    with socketlib.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("PORTAL_REDIS_URL", f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        settings.cache_clear()

        assert asyncio.run(asked()) == 503


@asynccontextmanager
async def worker() -> AsyncIterator[Rates]:
    """What counts in one worker, with connections of its own."""
    app = Rates(echo)
    storage = app._limiter.storage
    assert isinstance(storage, RedisStorage)
    try:
        yield app
    finally:
        bridge: Any = storage.bridge
        await bridge.get_connection().aclose()


async def post(app: Rates, path: str, peer: str = "203.0.113.1") -> int:
    transport = httpx.ASGITransport(app, client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://portal") as http:
        return (await http.post(path)).status_code


@contextmanager
def counted_in_redis(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    try:
        with private_redis(folder) as running:
            monkeypatch.setenv("PORTAL_REDIS_URL", running.url)
            settings.cache_clear()
            yield
    except RedisUnusable as reason:
        pytest.skip(str(reason))


def test_what_is_no_familys_is_not_counted() -> None:
    app = Rates(echo)

    assert {ask(app, "/assets/x.js").status_code for _ in range(100)} == {200}


def test_a_bucket_takes_a_burst_and_then_so_many_a_second() -> None:
    now = 0.0
    bucket = Bucket(clock=lambda: now)

    assert sum(bucket.takes() for _ in range(10 * BURST)) == BURST
    now = 2.0
    assert sum(bucket.takes() for _ in range(10 * BURST)) == 2 * STEADY
    now = 1000.0
    assert sum(bucket.takes() for _ in range(10 * BURST)) == BURST


def socket(messages: list[Message], origin: str = "http://localhost:8000") -> list[Message]:
    """What is sent to a socket that says these things to an app that listens until its end."""
    sent: list[Message] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": "heard"})
        await send({"type": "websocket.send", "text": "after the end"})

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "websocket.disconnect", "code": 1000}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "client": ("203.0.113.1", 1),
        "headers": [(b"origin", origin.encode())] if origin else [],
    }
    asyncio.run(Sockets(app)(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "websocket.receive", "text": "x" * (LARGEST_FRAME + 1)}, 1009),
        ({"type": "websocket.receive", "bytes": b"x"}, 1003),
    ],
)
def test_a_frame_no_page_sends_is_the_last(message: Message, code: int) -> None:
    sent = socket([{"type": "websocket.receive", "text": "x" * LARGEST_FRAME}, message])

    assert [each["type"].split(".")[1] for each in sent] == ["accept", "send", "close"]
    assert sent[-1]["code"] == code


@pytest.mark.parametrize("origin", ["", "null", "https://evil.example", "http://localhost:80"])
def test_a_socket_of_no_page_of_ours_is_not_accepted(origin: str) -> None:
    assert [each["type"] for each in socket([], origin)] == ["websocket.close"]


def test_the_policy_of_a_page_names_its_scripts_and_no_others() -> None:
    page = (
        '<html><head><script src="/a.js"></script><script>one();</script>'
        "<style>.a{color:red}</style></head><body><script type='module'>two(\"</b>\")</script></body>"
    )

    told = policy(page)

    assert told.count("sha256-") == 4, "two scripts, the style, and the style that is empty"
    assert "unsafe" not in told
    assert policy(page.replace("one", "1ne")) != told
    assert policy(page.replace("/a.js", "/b.js")) == told


def test_each_built_page_has_its_own(tmp_path: Path) -> None:
    for name in ("index.html", "history/index.html", "404.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"<script>{name}</script>")

    found = policies(tmp_path)

    assert found.keys() == {"/", "/history", FALLBACK}
    assert len(set(found.values())) == 3


def test_a_refused_form_is_not_repeated_in_the_answer(world: World) -> None:
    answer = ask(build(), "/auth/sign-in", data={"login": "x", "password": "hunter2" * 200})

    assert answer.status_code == 422
    assert answer.json() == {"code": "INVALID_INPUT"}
