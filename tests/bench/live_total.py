"""From a click on a row's box to the painted total, beside a plain page on a plain WebSocket."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
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
    """The floor first, then the portal, each in a browser of its own."""
    p95: dict[str, float] = {}
    for place in places:
        with _browser.chromium() as browser:
            times, traffic = _clicks(browser, place, min(documents, PAGE_SIZE), wanted.clicks)
        dom, paint = ([time[name] for time in times] for name in ("dom", "paint"))
        p95[place.app] = share(paint, 0.95)
        say(
            "live-total",
            "ms",
            len(times),
            app=place.app,
            documents=documents,
            **{f"dom_{key}": value for key, value in spread(dom).items()},
            **{f"paint_{key}": value for key, value in spread(paint).items()},
            **traffic,
        )
    say(
        "live-total: paint p95 against the floor",
        "ratio",
        wanted.clicks,
        documents=documents,
        ratio=p95["portal"] / p95["floor"],
        aim=AIM_RATIO,
        aim_bytes=AIM_BYTES,
    )


def _clicks(
    browser: Browser, place: _Place, rows: int, clicks: int
) -> tuple[list[dict[str, float]], dict[str, float]]:
    with _browser.visit(browser, place.address, place.person) as page:
        traffic = Traffic.of(page, place.port)
        _browser.open_rows(page, place.address, rows)
        _warm(page)
        traffic.restart()
        times = [_browser.click(page, turn % rows) for turn in range(clicks)]
        page.wait_for_timeout(200)
        return times, traffic.per_click(clicks)


def _with_delay(wanted: Namespace, served: Portal) -> None:
    """Box and row must not wait for the network; the total has to."""
    port, person = served.server.port, served.people[0]
    with delayed(port, wanted.delay / 2_000) as far:
        mapped = f"--host-resolver-rules=MAP localhost:{port} 127.0.0.1:{far}"
        with (
            _browser.chromium(mapped) as browser,
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
