"""From a click on a row's box to the painted total, beside a plain page on a plain WebSocket."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from portal_app.domain.documents import PAGE_SIZE
from tests.bench import _browser
from tests.bench._browser import Traffic
from tests.bench._company import Person
from tests.bench._delay import delayed
from tests.bench._figures import say, share, spread
from tests.bench._floor import Floor, floor
from tests.bench._portal import Portal, portal

DOCUMENTS = (50, 500, 5_000)
CLICKS = 50
DELAY_MS = 200
WARM_CLICKS = 4
AIM_RATIO, AIM_BYTES = 1.3, 600


@dataclass(frozen=True)
class _Place:
    """Where a page is measured."""

    app: str
    address: str
    port: int
    person: Person | None = None


@dataclass
class _Measured:
    """An open page and the times of its clicks."""

    app: str
    page: Page
    traffic: Traffic
    times: list[dict[str, float]]

    @classmethod
    def open(cls, open_: ExitStack, browser: Browser, place: _Place, rows: int) -> _Measured:
        page = open_.enter_context(_browser.visit(browser, place.address, place.person))
        traffic = Traffic.of(page, place.port)
        _browser.open_rows(page, place.address, rows)
        _warm(page)
        traffic.restart()
        return cls(place.app, page, traffic, [])


def main(argv: list[str]) -> None:
    wanted = _options(argv)
    with portal(wanted.documents) as served, floor() as bare:
        for documents, person in zip(wanted.documents, served.people, strict=True):
            _compare(wanted, documents, _places(served, bare, documents, person))
        if wanted.delay:
            _with_delay(wanted, served)


def _options(argv: list[str]) -> Namespace:
    parser = ArgumentParser(prog="./portal bench live-total")
    parser.add_argument("--clicks", type=int, default=CLICKS)
    parser.add_argument("--documents", type=int, nargs="+", default=DOCUMENTS)
    parser.add_argument("--delay", type=int, default=DELAY_MS, help="added ms; 0: not measured")
    return parser.parse_args(argv)


def _places(served: Portal, bare: Floor, documents: int, person: Person) -> list[_Place]:
    return [
        _Place("floor", bare.page(documents), bare.port),
        _Place("portal", f"{served.server.base_url}/", served.server.port, person),
    ]


def _compare(wanted: Namespace, documents: int, places: list[_Place]) -> None:
    """A click here, a click there: whatever else the machine does meets both alike."""
    rows = min(documents, PAGE_SIZE)
    with ExitStack() as open_:
        browsers = open_.enter_context(_browser.chromiums(len(places)))
        opened = [
            _Measured.open(open_, browser, place, rows)
            for browser, place in zip(browsers, places, strict=True)
        ]
        for turn in range(wanted.clicks):
            for one in opened:
                one.times.append(_browser.click(one.page, turn % rows))
        for one in opened:
            one.page.wait_for_timeout(200)
            _report(documents, one)
    floor_, portal_ = (share([time["paint"] for time in one.times], 0.95) for one in opened)
    say(
        "live-total: paint p95 against the floor",
        "ratio",
        wanted.clicks,
        documents=documents,
        ratio=portal_ / floor_,
        aim=AIM_RATIO,
        aim_bytes=AIM_BYTES,
    )


def _report(documents: int, measured: _Measured) -> None:
    dom, paint = ([time[name] for time in measured.times] for name in ("dom", "paint"))
    say(
        "live-total",
        "ms",
        len(measured.times),
        app=measured.app,
        documents=documents,
        **{f"dom_{key}": value for key, value in spread(dom).items()},
        **{f"paint_{key}": value for key, value in spread(paint).items()},
        **measured.traffic.per_click(len(measured.times)),
    )


def _with_delay(wanted: Namespace, served: Portal) -> None:
    """Box and row must not wait for the network; the total has to."""
    port, person = served.server.port, served.people[0]
    with delayed(port, wanted.delay / 2_000) as far:
        mapped = f"--host-resolver-rules=MAP localhost:{port} 127.0.0.1:{far}"
        with (
            _browser.chromiums(1, mapped) as (browser,),
            _browser.visit(browser, f"{served.server.base_url}/", person) as page,
        ):
            rows = min(wanted.documents[0], PAGE_SIZE)
            _browser.open_rows(page, f"{served.server.base_url}/", rows)
            _warm(page)
            times = [
                _browser.click(page, turn % rows, watch_row=True) for turn in range(wanted.clicks)
            ]
    of: Callable[[str], list[float]] = lambda name: [time[name] for time in times]  # noqa: E731
    say(
        "live-total: with network delay",
        "ms",
        len(times),
        added=wanted.delay,
        **{f"box_{key}": value for key, value in spread(of("box")).items()},
        **{f"row_painted_{key}": value for key, value in spread(of("row")).items()},
        **{f"total_painted_{key}": value for key, value in spread(of("paint")).items()},
    )


def _warm(page: Page) -> None:
    """Tick some rows and untick them again, unmeasured."""
    for _ in range(2):
        for place in range(WARM_CLICKS // 2):
            _browser.click(page, place)
