"""Chromium, a desktop and a phone in front of the running portal, and axe-core."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from portal_app.build import tools
from tests import apt
from tests.served import Server

TESTS: Final = Path(__file__).resolve().parents[1]
CHROMIUMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP: Final[dict[str, Any]] = {"viewport": {"width": 1280, "height": 800}}
PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_chromium(playwright),
            # As root, in a container, Chromium has neither its sandbox nor much shared memory.
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


@pytest.fixture
def desktop(chromium: Browser, server: Server) -> Iterator[Page]:
    with _page(chromium, server, DESKTOP) as page:
        yield page


@pytest.fixture
def phone(chromium: Browser, server: Server) -> Iterator[Page]:
    with _page(chromium, server, PHONE) as page:
        yield page


@pytest.fixture
def another_visitor(chromium: Browser, server: Server) -> Iterator[Page]:
    """A second person at a desktop: nothing shared with `desktop`."""
    with _page(chromium, server, DESKTOP) as page:
        yield page


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """Ask axe-core about the page as it stands: one line for each element at fault."""
    source = (_packages() / "axe-core" / "axe.min.js").read_text()

    def violations(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("() => axe.run()")
        return [
            f"{rule['id']} ({rule['impact']}): {node['html']} — {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    return violations


@contextmanager
def _page(chromium: Browser, server: Server, device: dict[str, Any]) -> Iterator[Page]:
    """A visitor's first page; an exception in one of its scripts fails the test."""
    context = chromium.new_context(
        base_url=server.base_url, locale="pt-BR", timezone_id="America/Sao_Paulo", **device
    )
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert not broken, broken


def _chromium(playwright: Playwright) -> str:
    usable = _found(playwright)
    if usable is None:
        apt.install("chromium")
        usable = _found(playwright)
    if usable is None:
        pytest.exit(
            "The browser tests need Chromium. Install it (on Debian and Ubuntu: apt-get install "
            "chromium; anywhere: .venv/bin/python -m playwright install chromium), "
            "or run ./portal test unit.",
            returncode=1,
        )
    return usable


def _found(playwright: Playwright) -> str | None:
    own = playwright.chromium.executable_path
    installed = (shutil.which(name) for name in CHROMIUMS)
    return next(filter(None, installed), own if Path(own).exists() else None)


def _packages() -> Path:
    """tests/node_modules, installed from the lock file whenever that has changed."""
    packages = TESTS / "node_modules"
    lock = hashlib.sha256((TESTS / "package-lock.json").read_bytes()).hexdigest()
    stamp = packages / ".portal"
    if not stamp.exists() or stamp.read_text() != lock:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=TESTS, env=tools(), stdin=subprocess.DEVNULL, check=True)
        stamp.write_text(lock)
    return packages
