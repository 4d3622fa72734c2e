"""The least a server can do for a live total: a plain page, a bare WebSocket, a sum.

Served by the portal's own server (granian). The page has the portal's test ids.
"""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.error import URLError

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from portal_app.domain.documents import PAGE_SIZE
from tests.bench._portal import Processes, python
from tests.served import NotStarted, free_port

STARTS_WITHIN: Final = 20.0

_ROW: Final = (
    '<tr data-testid="document-row"><td><input type="checkbox" data-testid="document-select" '
    'value="{0}" aria-label="{0}"></td><td>FT 2026/{0}</td><td>22/11/2026</td><td>{1}</td></tr>'
)
_PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Floor</title>
<style>tr:has(:checked){{background:#e8f7f1}}td{{padding:8px 16px}}
p{{position:sticky;bottom:0;background:#fff}}</style>
<h1>Floor</h1><table>{rows}</table><p>Total <b data-testid="total-to-pay">0.00</b></p>
<script>
const total = document.querySelector("[data-testid=total-to-pay]");
const socket = new WebSocket("ws://" + location.host + "/ws?documents={documents}");
socket.onmessage = (message) => {{ total.textContent = message.data; }};
document.querySelector("table").addEventListener("change", (event) => {{
  socket.send(event.target.value + "," + Number(event.target.checked));
}});
</script></html>"""


@dataclass(frozen=True)
class Floor:
    port: int
    processes: Processes

    def page(self, documents: int) -> str:
        return f"http://127.0.0.1:{self.port}/?documents={documents}"

    def socket(self, documents: int) -> str:
        return f"ws://127.0.0.1:{self.port}/ws?documents={documents}"


def cents(document: int) -> int:
    return 4_990 + 137 * (document % 60)


async def page(request: Request) -> HTMLResponse:
    documents = int(request.query_params["documents"])
    shown = range(min(PAGE_SIZE, documents))
    rows = "".join(_ROW.format(number, f"{cents(number) / 100:.2f}") for number in shown)
    return HTMLResponse(_PAGE.format(rows=rows, documents=documents))


async def tick(socket: WebSocket) -> None:
    """'17,1' ticks document 17; the answer is the total."""
    await socket.accept()
    owed = {number: cents(number) for number in range(int(socket.query_params["documents"]))}
    ticked: set[int] = set()
    try:
        while True:
            number, on = (await socket.receive_text()).split(",")
            (ticked.add if on == "1" else ticked.discard)(int(number))
            await socket.send_text(f"{sum(owed[one] for one in ticked) / 100:.2f}")
    except WebSocketDisconnect:
        return


app = Starlette(routes=[Route("/", page), WebSocketRoute("/ws", tick)])


@contextmanager
def floor() -> Iterator[Floor]:
    port = free_port(0)
    served = ("-m", "granian", "--interface", "asgi", "--port", str(port), "--no-access-log")
    with python(*served, "--log-level", "warning", "tests.bench._floor:app") as process:
        _wait(port)
        yield Floor(port, Processes.below(process.pid))


def _wait(port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/?documents=1") as answer:
                answer.read()
                return
        except URLError:
            time.sleep(0.05)
    raise NotStarted("The floor did not answer.")
