"""How long sign-in takes for whom: nobody may tell by the clock which logins exist."""

from __future__ import annotations

import asyncio
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import count
from random import Random
from statistics import median
from typing import Any, Final

import httpx

from portal_app.db import engine
from portal_app.db.models import PortalUserRow
from tests.bench._company import PASSWORD, Person
from tests.bench._figures import say, share, spread
from tests.bench._portal import Portal, portal

ROUNDS = 40
AT_ONCE = 20
WARM_ROUNDS = 3

_WRONG: Final = "not-this-password"
_order: Final = Random(1)


def main(argv: list[str]) -> None:
    parser = ArgumentParser(prog="./portal bench sign-in")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--at-once", type=int, default=AT_ONCE)
    wanted = parser.parse_args(argv)
    with portal([1, 1]) as served:
        addresses = _addresses()
        _report_times(_times(served, wanted.rounds, addresses))
        asyncio.run(_lag(served, wanted.at_once, addresses))


def _times(served: Portal, rounds: int, addresses: Iterator[str]) -> dict[str, list[float]]:
    """Milliseconds of each kind of attempt, in a new order each round, each from elsewhere."""
    active, disabled = served.people
    _disable(served, disabled)
    attempts = {
        "right password": (active.login, PASSWORD),
        "wrong password": (active.login, _WRONG),
        "unknown login": ("nobody@bench.example", _WRONG),
        "disabled user": (disabled.login, PASSWORD),
    }
    times: dict[str, list[float]] = {kind: [] for kind in attempts}
    for turn in range(rounds + WARM_ROUNDS):
        for kind in _order.sample(list(attempts), len(attempts)):
            took = _attempt(served, *attempts[kind], next(addresses))
            if turn >= WARM_ROUNDS:
                times[kind].append(took)
    return times


def _report_times(times: dict[str, list[float]]) -> None:
    for kind, samples in times.items():
        say("sign-in", "ms", len(samples), attempt=kind, **spread(samples))
    refused = [median(samples) for kind, samples in times.items() if kind != "right password"]
    all_ = [median(samples) for samples in times.values()]
    say(
        "sign-in: largest difference of medians",
        "ms",
        sum(map(len, times.values())),
        refusals=max(refused) - min(refused),
        all=max(all_) - min(all_),
    )


async def _lag(served: Portal, at_once: int, addresses: Iterator[str]) -> None:
    """What others wait while so many sign in at the same moment."""
    base_url, login = served.server.base_url, served.people[0].login
    for path in ("/healthz", "/readyz"):
        quiet = await _asked_until(base_url, path, asyncio.create_task(asyncio.sleep(1)))
        signing_in = asyncio.gather(
            *(_sign_in(base_url, login, next(addresses)) for _ in range(at_once))
        )
        busy = await _asked_until(base_url, path, signing_in)
        say(
            f"sign-in: {path} while {at_once} sign in",
            "ms",
            len(busy),
            **spread(busy),
            quiet_p95=share(quiet, 0.95),
            slowest_sign_in=max(await signing_in),
        )


async def _asked_until(base_url: str, path: str, done: asyncio.Future[Any]) -> list[float]:
    samples: list[float] = []
    async with httpx.AsyncClient(base_url=base_url) as http:
        await http.get(path)
        while not done.done():
            started = time.perf_counter()
            (await http.get(path)).raise_for_status()
            samples.append((time.perf_counter() - started) * 1_000)
    return samples


async def _sign_in(base_url: str, login: str, address: str) -> float:
    transport = httpx.AsyncHTTPTransport(local_address=address)
    async with httpx.AsyncClient(base_url=base_url, transport=transport, timeout=60) as http:
        started = time.perf_counter()
        answer = await http.post("/auth/sign-in", data={"login": login, "password": PASSWORD})
    assert answer.headers["location"] == "/", answer.headers
    return (time.perf_counter() - started) * 1_000


def _attempt(served: Portal, login: str, password: str, address: str) -> float:
    """One attempt on a connection that stands already."""
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(base_url=served.server.base_url, transport=transport) as http:
        http.get("/healthz")
        started = time.perf_counter()
        answer = http.post("/auth/sign-in", data={"login": login, "password": password})
        took = (time.perf_counter() - started) * 1_000
    assert answer.status_code == 303, answer.status_code
    return took


def _disable(served: Portal, person: Person) -> None:
    engine.configure(f"sqlite:///{served.server.data_dir / 'portal.db'}")
    try:
        with engine.transaction() as session:
            user = session.get(PortalUserRow, person.user)
            assert user is not None, "just made"
            user.active = False
    finally:
        engine.configure(None)


def _addresses() -> Iterator[str]:
    """Addresses of this machine: each attempt comes from another, so that none has to wait."""
    return (f"127.1.{number // 250}.{number % 250 + 1}" for number in count())
