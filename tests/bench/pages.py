"""What Lighthouse says of sign-in and open documents on a phone, beside an empty Reflex page."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from playwright.sync_api import sync_playwright

from portal_app.build import tools
from portal_app.settings import ROOT
from tests.bench._browser import chromium_path
from tests.bench._company import Person
from tests.bench._empty_app import empty_app
from tests.bench._figures import say
from tests.bench._portal import portal, scratch
from tests.served import free_port

RUNS = 3
DOCUMENTS = 50
AIMS: Final = {
    "performance": 90,
    "accessibility": 100,
    "best_practices": 100,
    "lcp_ms": 2_500,
    "cls": 0.1,
    "kb_before_content": 350,
}

_LIGHTHOUSE: Final = ROOT / "tests" / "node_modules" / ".bin" / "lighthouse"
# On a busy machine Lighthouse gives up now and then.
_ATTEMPTS: Final = 3
_CATEGORIES: Final = "performance,accessibility,best-practices"
# A class name that only recharts itself writes.
_CHARTS: Final = "recharts-wrapper"


@dataclass(frozen=True)
class _Page:
    name: str
    address: str
    person: Person | None = None


def main(argv: list[str]) -> None:
    parser = ArgumentParser(prog="./portal bench pages")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--no-floor", action="store_true", help="without the empty Reflex page")
    wanted = parser.parse_args(argv)
    if not wanted.no_floor:
        with empty_app() as address:
            _measure(_Page("empty Reflex page (floor)", address), wanted.runs)
    with portal([DOCUMENTS]) as served:
        base_url = served.server.base_url
        _measure(_Page("sign-in", f"{base_url}/sign-in"), wanted.runs)
        _measure(_Page("open documents", f"{base_url}/", served.people[0]), wanted.runs)


def _measure(page: _Page, runs: int) -> None:
    """The median of each figure; what the last run found fault with."""
    with scratch("lighthouse") as folder:
        reports = [_lighthouse(page, folder) for _ in range(runs)]
        scripts = [_text(address) for address in _scripts(reports[-1])]
    every = [_figures(report) for report in reports]
    figures = {key: median(one[key] for one in every) for key in every[0]}
    say(
        f"pages: {page.name}",
        "score, ms, kB",
        runs,
        **figures,
        aims=AIMS,
        charts_loaded=any(_CHARTS in text for text in scripts),
        faults=_faults(reports[-1]),
    )


def _lighthouse(page: _Page, folder: Path) -> dict[str, Any]:
    """One run, in a new browser that has the session's cookie and nothing else."""
    file = folder / "report.json"
    for attempt in range(1, _ATTEMPTS + 1):
        with _chromium(page, folder) as port:
            done = subprocess.run(
                [
                    *(str(_LIGHTHOUSE), page.address, f"--port={port}", "--output=json"),
                    *(f"--output-path={file}", "--quiet", "--disable-storage-reset"),
                    f"--only-categories={_CATEGORIES}",
                ],
                env=tools() | {"CHROME_PATH": chromium_path()},
                stdin=subprocess.DEVNULL,
                check=attempt == _ATTEMPTS,
            )
        if done.returncode == 0:
            break
    report: dict[str, Any] = json.loads(file.read_text())
    assert report["finalDisplayedUrl"] == page.address, report["finalDisplayedUrl"]
    return report


@contextmanager
def _chromium(page: _Page, folder: Path) -> Iterator[int]:
    """A browser of its own with an open debugging port."""
    port = free_port(0)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder / f"profile-{port}",
            executable_path=chromium_path(),
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                f"--remote-debugging-port={port}",
            ],
        )
        if page.person is not None:
            name, _, value = page.person.cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": page.address}])
        yield port
        context.close()


def _figures(report: dict[str, Any]) -> dict[str, float]:
    scores = {
        key.replace("-", "_"): round(category["score"] * 100)
        for key, category in report["categories"].items()
    }
    value = {key: audit.get("numericValue", 0.0) for key, audit in report["audits"].items()}
    shown = report["audits"]["metrics"]["details"]["items"][0]["observedFirstContentfulPaint"]
    requests = report["audits"]["network-requests"]["details"]["items"]
    before = [one for one in requests if one["networkEndTime"] <= shown]
    return {
        **scores,
        "fcp_ms": value["first-contentful-paint"],
        "lcp_ms": value["largest-contentful-paint"],
        "tbt_ms": value["total-blocking-time"],
        "cls": value["cumulative-layout-shift"],
        "kb_before_content": sum(one["transferSize"] for one in before) / 1_000,
        "kb": sum(one["transferSize"] for one in requests) / 1_000,
        "requests": len(requests),
    }


def _scripts(report: dict[str, Any]) -> list[str]:
    """Addresses of the scripts that were loaded."""
    requests = report["audits"]["network-requests"]["details"]["items"]
    return [one["url"] for one in requests if one["resourceType"] == "Script"]


def _text(address: str) -> str:
    with urllib.request.urlopen(address) as answer:
        return answer.read().decode()


def _faults(report: dict[str, Any]) -> list[str]:
    """Audits of accessibility and best practices that were not passed."""
    audits = report["audits"]
    wanted = [
        ref["id"]
        for key in ("accessibility", "best-practices")
        for ref in report["categories"][key]["auditRefs"]
        if ref["weight"]
    ]
    return [id_ for id_ in wanted if audits[id_]["score"] not in {1, None}]
