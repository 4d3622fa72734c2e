"""Chromium in front of a page with the portal's test ids, and a stopwatch inside it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench._company import Person
from tests.served import NotStarted

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ROW: Final = '[data-testid="document-row"]'
BOX: Final = '[data-testid="document-select"]'
# Between clicks: long enough for whatever a click starts, never in step with the frames.
REST_MS: Final = (200, 300)

# Times are milliseconds since just before click(); `paint` is the first frame after the total's
# text changed plus one task, `row` the same after the box was checked and the row's colour changed.
_STOPWATCH: Final = """
([place, watchRow]) => new Promise((resolve, reject) => {
  const shown = (name) => [...document.querySelectorAll(`[data-testid="${name}"]`)]
    .filter((element) => element.offsetParent !== null);
  const box = shown("document-select")[place];
  const row = box.closest('[data-testid="document-row"]');
  const total = shown("total-to-pay")[0];
  const look = () => [row, ...row.children].map((e) => getComputedStyle(e).backgroundColor).join();
  const [before, was, text] = [look(), box.checked, total.textContent];
  const found = {dom: null, paint: null, box: null, row: watchRow ? null : 0};
  const afterFrame = (name, t0) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { found[name] = performance.now() - t0; done(); };
    channel.port2.postMessage(0);
  });
  const done = () => {
    if (found.paint !== null && found.row !== null) { clearTimeout(late); resolve(found); }
  };
  const observer = new MutationObserver(() => {
    if (total.textContent === text) return;
    observer.disconnect();
    found.dom = performance.now() - t0;
    afterFrame("paint", t0);
  });
  const watch = () => {
    if (box.checked !== was && look() !== before) afterFrame("row", t0);
    else requestAnimationFrame(watch);
  };
  const late = setTimeout(() => reject(new Error("no new total: " + JSON.stringify(found))), 15000);
  observer.observe(total, {childList: true, characterData: true, subtree: true});
  const t0 = performance.now();
  box.click();
  found.box = box.checked !== was ? performance.now() - t0 : null;
  if (watchRow) watch();
})
"""


@dataclass
class Traffic:
    """Bytes of one page's WebSocket messages, as the browser counts them, and of its TCP."""

    port: int
    up: int = 0
    down: int = 0
    _tcp: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    @classmethod
    def of(cls, page: Page, port: int) -> Traffic:
        """Counts from now on; the page must not have been opened yet."""
        made = cls(port)
        cdp = page.context.new_cdp_session(page)
        cdp.send("Network.enable")
        cdp.on("Network.webSocketFrameSent", made._sent)
        cdp.on("Network.webSocketFrameReceived", made._received)
        return made

    def restart(self) -> None:
        self.up = self.down = 0
        self._tcp = _tcp_bytes(self.port)

    def per_click(self, clicks: int) -> dict[str, float]:
        figures = {"up_bytes": self.up / clicks, "down_bytes": self.down / clicks}
        now = _tcp_bytes(self.port)
        stayed = now.keys() & self._tcp.keys()  # the page's own, not what the browser let go
        for place, way in enumerate(("tcp_up_bytes", "tcp_down_bytes") if stayed else ()):
            sent = sum(now[one][place] - self._tcp[one][place] for one in stayed)
            figures[way] = sent / clicks
        return figures

    def _sent(self, event: dict[str, Any]) -> None:
        self.up += _size(event)

    def _received(self, event: dict[str, Any]) -> None:
        self.down += _size(event)


@contextmanager
def chromiums(count: int = 1, *flags: str) -> Iterator[list[Browser]]:
    """So many browsers beside each other, each with processes of its own."""
    with sync_playwright() as playwright:
        started = [
            playwright.chromium.launch(
                executable_path=chromium_path(),
                args=["--no-sandbox", "--disable-dev-shm-usage", *flags],
            )
            for _ in range(count)
        ]
        yield started
        for browser in started:
            browser.close()


def chromium_path() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise NotStarted("This bench needs Chromium (./portal test installs it).")
    return found


@contextmanager
def visit(browser: Browser, address: str, person: Person | None = None) -> Iterator[Page]:
    """A page of its own at the address; signed in without the form."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="pt-BR")
    if person is not None:
        name, _, value = person.cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": address}])
    yield context.new_page()
    context.close()


def open_rows(page: Page, address: str, rows: int) -> None:
    """Open the page and wait until that many rows can be ticked."""
    page.goto(address)
    page.wait_for_function(
        "([box, many]) => [...document.querySelectorAll(box)]"
        ".filter((element) => element.offsetParent !== null).length >= many",
        arg=[BOX, rows],
    )
    page.wait_for_timeout(1_000)


def click(page: Page, place: int, *, watch_row: bool = False) -> dict[str, float]:
    """Tick or untick one row and time what follows, in milliseconds."""
    page.wait_for_timeout(_rest.uniform(*REST_MS))
    return page.evaluate(_STOPWATCH, [place, watch_row])


_rest: Final = Random(1)


def _size(event: dict[str, Any]) -> int:
    return len(event["response"]["payloadData"].encode())


def _tcp_bytes(port: int) -> dict[str, tuple[int, int]]:
    """Payload sent to and received from the server so far, by each connection that is open."""
    if not shutil.which("ss"):
        return {}
    command = ["ss", "-tinHO", "state", "established", f"( dport = :{port} )"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {
        line.split()[2]: (_of(line, "sent"), _of(line, "received")) for line in listed.splitlines()
    }


def _of(line: str, way: str) -> int:
    """A connection that has not sent anything yet is listed without that figure."""
    found = re.search(rf"\bbytes_{way}:(\d+)", line)
    return int(found[1]) if found else 0
