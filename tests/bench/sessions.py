"""Many customers at once, each ticking at a steady pace, against one process or several."""

from __future__ import annotations

import asyncio
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from random import Random
from typing import Final, TypeVar

import aiohttp

from portal_app.domain.documents import PAGE_SIZE
from tests.bench._figures import say, spread
from tests.bench._floor import Floor, floor
from tests.bench._portal import Portal, Processes, portal, redis
from tests.bench._socket import Plain, Ticker, Visitor

T = TypeVar("T", bound=Ticker)

SESSIONS = 500
SECONDS = 15.0
STEPS: Final = (50, 100, 150, 200, 250, 300, 400, 500, 600, 700, 800)
STEP_SECONDS = 6.0
AIM_P95_MS, AIM_KB = 50.0, 300.0
CLIENT_CORE, SERVER_CORE = 1, 0

_AT_ONCE: Final = 20
_SETTLES: Final = 2.0
# The selections are written and their memory is free again.
_RESTS: Final = 5.0
# After the last tick; whoever has no answer by then never gets one.
_PATIENCE: Final = 20.0
_phases: Final = Random(1)


@dataclass
class Crowd:
    """Everybody connected to one server, and what that server's processes cost."""

    tickers: Sequence[Ticker]
    processes: Processes
    turn: int = 0

    async def tick(self, per_second: float, seconds: float) -> dict[str, float]:
        """All together so often a second, evenly spread, for so long."""
        for ticker in self.tickers:
            ticker.latencies.clear()
            ticker.waiting.clear()
            ticker.sent = 0
        cpu = self.processes.cpu_seconds()
        every = len(self.tickers) / per_second
        started = asyncio.get_running_loop().time()
        await asyncio.gather(
            *(self._keep_ticking(ticker, started, every, seconds) for ticker in self.tickers)
        )
        await self._wait_for_answers()
        self.turn += int(seconds / every) + 1
        took = asyncio.get_running_loop().time() - started
        answers = [latency * 1_000 for one in self.tickers for latency in one.latencies]
        return {
            "asked_per_s": per_second,
            "delivered_per_s": len(answers) / max(took, seconds),
            **spread(answers, 0.5, 0.95, 0.99),
            "unanswered": sum(one.sent for one in self.tickers) - len(answers),
            "cpu_ms_per_tick": (self.processes.cpu_seconds() - cpu) * 1_000 / len(answers),
            "n": len(answers),
        }

    async def _keep_ticking(
        self, ticker: Ticker, started: float, every: float, seconds: float
    ) -> None:
        loop = asyncio.get_running_loop()
        due, turn = started + _phases.random() * every, self.turn
        while due < started + seconds:
            await asyncio.sleep(due - loop.time())
            await ticker.tick(turn)
            turn += 1
            due += every

    async def _wait_for_answers(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE
        while any(one.waiting for one in self.tickers) and loop.time() < until:
            await asyncio.sleep(0.02)


def main(argv: list[str]) -> None:
    wanted = _options(argv)
    with _on_core(CLIENT_CORE if wanted.pin else None):
        with floor() as bare:
            _pin(wanted, bare.processes)
            asyncio.run(_measure_floor(wanted, bare))
        with redis() if wanted.workers > 1 else nullcontext(("", Processes())) as (url, store):
            everybody = [PAGE_SIZE] * wanted.sessions
            more = {"PORTAL_REDIS_URL": url} if url else {}
            with portal(everybody, workers=wanted.workers, more=more) as served:
                asyncio.run(_measure_portal(wanted, served, store))


def _options(argv: list[str]) -> Namespace:
    parser = ArgumentParser(prog="./portal bench sessions")
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--workers", type=int, default=1, help="more than one with Redis")
    parser.add_argument("--steps", type=int, nargs="*", default=STEPS, help="ticks a second")
    parser.add_argument("--step-seconds", type=float, default=STEP_SECONDS)
    wanted = parser.parse_args(argv)
    wanted.pin = (
        wanted.workers == 1 and hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1
    )
    return wanted


async def _measure_floor(wanted: Namespace, bare: Floor) -> None:
    tickers = [Plain(bare.socket(PAGE_SIZE)) for _ in range(wanted.sessions)]
    processes = bare.processes
    before = processes.memory_kb()
    async with _http() as http:
        await _each(tickers, lambda one: one.connect(http))
        await asyncio.sleep(_SETTLES)
        memory = (processes.memory_kb() - before) / len(tickers)
        figures = await Crowd(tickers, processes).tick(wanted.sessions, wanted.seconds)
        _say("floor", wanted, figures, kb_per_session_connected=memory)
        await _each(tickers, lambda one: one.close())


async def _measure_portal(wanted: Namespace, served: Portal, store: Processes) -> None:
    base_url, processes = served.server.base_url, served.processes()
    visitors = [Visitor.of(base_url, person) for person in served.people]
    async with _http() as http:
        await _warm(base_url, served, http)
        _pin(wanted, processes)
        many, start = len(visitors), processes.memory_kb() + store.memory_kb()
        await _each(visitors, lambda one: one.connect(http))
        await asyncio.sleep(_SETTLES)
        connected = processes.memory_kb() + store.memory_kb()
        loop = asyncio.get_running_loop()
        loading = loop.time()
        await _each(visitors, lambda one: one.load())
        loading = loop.time() - loading
        await asyncio.sleep(_SETTLES)
        loaded = processes.memory_kb() + store.memory_kb()
        crowd = Crowd(visitors, processes)
        figures = await crowd.tick(wanted.sessions, wanted.seconds)
        await asyncio.sleep(_RESTS)
        _say(
            "portal",
            wanted,
            figures,
            aim_p95=AIM_P95_MS,
            kb_per_session_connected=(connected - start) / many,
            kb_per_session_loaded=(loaded - start) / many,
            kb_per_session_rested=(processes.memory_kb() + store.memory_kb() - start) / many,
            aim_kb=AIM_KB,
            loads_per_s=many / loading,
            rss_mb=processes.memory_kb() / 1024,
        )
        await _search(wanted, crowd)
        await _each(visitors, lambda one: one.close())


async def _search(wanted: Namespace, crowd: Crowd) -> None:
    """The greatest rate of the steps at which the p95 is within the aim."""
    within = 0
    for step in wanted.steps:
        await asyncio.sleep(_SETTLES)
        figures = await crowd.tick(step, wanted.step_seconds)
        _say("portal: step", wanted, figures)
        if figures["p95"] > AIM_P95_MS or figures["unanswered"]:
            break
        within = step
    if wanted.steps:
        say(
            "sessions: greatest rate within the aim",
            "ticks/s",
            len(crowd.tickers),
            rate=within,
            aim_p95=AIM_P95_MS,
        )


async def _warm(base_url: str, served: Portal, http: aiohttp.ClientSession) -> None:
    """Whatever the first visitors pay for all."""
    for person in served.people[:8]:
        visitor = Visitor.of(base_url, person)
        await visitor.connect(http)
        await visitor.load()
        for turn in range(2 * len(visitor.documents)):
            await visitor.tick(turn)
        await Crowd([visitor], Processes())._wait_for_answers()
        await visitor.close()


async def _each(tickers: Sequence[T], action: Callable[[T], Awaitable[None]]) -> None:
    """For all of them, some at a time."""
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def one(ticker: T) -> None:
        async with at_once:
            await action(ticker)

    await asyncio.gather(*map(one, tickers))


def _http() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))


def _pin(wanted: Namespace, processes: Processes) -> None:
    if wanted.pin:
        processes.pin(SERVER_CORE)


@contextmanager
def _on_core(core: int | None) -> Iterator[None]:
    """This process on one core, so that the server has the other to itself."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _say(app: str, wanted: Namespace, figures: dict[str, float], **more: float) -> None:
    n = int(figures.pop("n"))
    say(
        "sessions",
        "ms",
        n,
        app=app,
        sessions=wanted.sessions,
        workers=wanted.workers,
        **figures,
        **more,
    )
