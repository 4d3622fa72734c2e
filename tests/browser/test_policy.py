"""Every page runs under its strict policy: no violation, no error in the console, no loose header."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, WebSocket, expect

from portal_app.api.sockets import LARGEST_FRAME
from portal_app.ui import pages, routes
from tests.browser.conftest import DESKTOP
from tests.browser.test_journeys import sign_in, tick
from tests.served import Server

ANA: Final = "ana@nordeste.example"
RUI: Final = "rui@lusitana.example"
STAFF: Final = "atendimento@nordeste.example"
MANAGER: Final = "gestor@nordeste.example"
WHO: Final = ("", ANA, RUI, STAFF, MANAGER)
# What the browser itself says of an address that is not there.
_NOT_THERE: Final = re.compile(r"Failed to load resource: .* 40[134]")
_REPORT: Final = """
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (found) => window.violations.push(
        `${found.effectiveDirective} ${found.blockedURI} ${found.sourceFile}:${found.lineNumber}`));
"""


class Watched:
    """A page whose console, violations and frames are kept."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.largest_frame = 0
        page.add_init_script(_REPORT)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("websocket", self._socket)

    def visit(self, path: str) -> None:
        self.page.goto(path)
        # Whatever a page does at its start is done: its socket has answered.
        self.page.wait_for_timeout(400)
        self.look()

    def look(self) -> None:
        found = self.page.evaluate("() => window.violations")
        self.complaints += [f"{self.page.url}: {each}" for each in found]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _NOT_THERE.match(message.text):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _socket(self, opened: WebSocket) -> None:
        opened.on("framesent", self._sent)

    def _sent(self, frame: Any) -> None:
        self.largest_frame = max(self.largest_frame, len(frame))


@pytest.fixture
def watched(chromium: Browser, server: Server) -> Iterator[Watched]:
    context = chromium.new_context(base_url=server.base_url, locale="pt-BR", **DESKTOP)
    yield Watched(context.new_page())
    context.close()


def addresses() -> list[str]:
    """Of every page; with an id nobody has where one is wanted, and one that is no page's."""
    known = (re.sub(r"\[\w+\]", "nobodys", route) for route, _ in pages.PAGES)
    return [*(each for each in known if each != routes.NOT_FOUND), "/no-such-page"]


@pytest.mark.parametrize("login", WHO, ids=lambda login: login or "nobody")
def test_no_page_breaks_its_policy(watched: Watched, login: str) -> None:
    if login:
        sign_in(watched.page, login)
    for path in addresses():
        watched.visit(path)

    assert not watched.complaints
    assert watched.largest_frame < LARGEST_FRAME / 8


def test_paying_reading_and_leaving_break_no_policy(watched: Watched) -> None:
    page = watched.page
    sign_in(page, ANA)
    tick(page, "77")
    page.get_by_test_id("document-email").locator("visible=true").first.click()
    page.get_by_test_id("email-recipient-1").fill("not an address")
    page.get_by_test_id("email-send").click()
    expect(page.get_by_test_id("email-error")).to_be_visible()
    # Set by a handler, as focus is.
    expect(page.get_by_test_id("email-recipient-1")).to_be_focused()
    page.get_by_test_id("email-cancel").click()
    page.get_by_test_id("pay-button").locator("visible=true").click()
    page.get_by_test_id("pay-method-pix").click()
    page.get_by_test_id("demo-approve").click()
    page.wait_for_url("**/pay/*")
    expect(page.get_by_test_id("payment-status")).to_be_visible()
    watched.look()
    watched.visit("/analysis")
    expect(page.locator(".recharts-bar-rectangle").first).to_be_visible()
    watched.look()

    assert not watched.complaints


def test_a_companys_colour_comes_through(watched: Watched, server: Server) -> None:
    """emotion's rules, which a script writes, are the only styles that are in no file."""
    with closing(sqlite3.connect(server.data_dir / "portal.db")) as database, database:
        database.execute("UPDATE company SET accent = '#7a1f4b' WHERE slug = 'lusitana'")
    sign_in(watched.page, RUI)
    watched.page.wait_for_function(
        "() => getComputedStyle(document.querySelector('div[lang]'))"
        ".getPropertyValue('--company').trim() === '#7a1f4b'"
    )
    watched.look()

    assert not watched.complaints


@pytest.mark.parametrize(
    ("attempt", "directive"),
    [
        ("setTimeout('window.ran = true')", "script-src"),
        (
            "document.head.append(Object.assign(document.createElement('script'), "
            "{textContent: 'window.ran = true'}))",
            "script-src-elem",
        ),
        (
            "document.head.append(Object.assign(document.createElement('script'), "
            "{src: 'https://evil.example/x.js'}))",
            "script-src-elem",
        ),
        ("document.body.setAttribute('onclick', 'window.ran = true')", "script-src-attr"),
        ("fetch('https://evil.example/').catch(() => 0)", "connect-src"),
        ("new Image().src = 'https://evil.example/x.png'", "img-src"),
        (
            "document.head.append(Object.assign(document.createElement('base'), "
            "{href: 'https://evil.example/'}))",
            "base-uri",
        ),
    ],
)
def test_what_was_smuggled_in_does_not_run(watched: Watched, attempt: str, directive: str) -> None:
    watched.visit("/sign-in")
    watched.page.evaluate(f"() => {{ {attempt} }}")
    watched.page.wait_for_function("() => window.violations.length > 0")

    assert watched.page.evaluate("() => window.violations")[0].startswith(f"{directive} ")
    assert not watched.page.evaluate("() => window.ran")


@pytest.mark.parametrize("path", ["/", "/sign-in", "/history", "/pay/nobodys", "/no-such-page"])
def test_every_page_has_every_header(server: Server, path: str) -> None:
    answer = httpx.get(server.base_url + path, headers={"Cookie": "portal_session=x"})
    policy = answer.headers["content-security-policy"]

    assert "unsafe" not in policy
    assert policy.count("script-src 'self' 'sha256-") == 1
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["server"] == ""
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["referrer-policy"] == "same-origin"


def test_pages_of_people_are_not_kept(server: Server) -> None:
    def kept(path: str) -> str:
        answer = httpx.get(server.base_url + path, headers={"Cookie": "portal_session=x"})
        return answer.headers["cache-control"]

    assert {kept(path) for path in ("/", "/history", "/pay/nobodys", "/healthz")} == {"no-store"}
    assert "no-store" in kept("/files/boletos/nobodys.pdf")
    assert kept("/sign-in") == "no-cache"


def test_a_page_asked_for_again_keeps_its_policy(server: Server) -> None:
    first = httpx.get(f"{server.base_url}/sign-in")
    again = httpx.get(
        f"{server.base_url}/sign-in", headers={"If-None-Match": first.headers["etag"]}
    )

    assert again.status_code == 304
    policy = "content-security-policy"
    assert again.headers[policy] == first.headers[policy]
