"""The API over real HTTP, in a process of its own, by the server that serves the portal."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from portal_app.settings import ROOT
from tests.proofs._place import Place
from tests.served import NotStarted, free_port

_LOG: Final = "server.log"
_STARTS_WITHIN: Final = 30.0
_ANSWERS_WITHIN: Final = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """`seconds` from the first byte that was sent to the last that came back."""

    status: int
    seconds: float


class Caller:
    """One line to the server, for one thread."""

    def __init__(self, port: int) -> None:
        self._line = HTTPConnection("127.0.0.1", port, timeout=_ANSWERS_WITHIN)

    def post(self, raw: bytes, signature: str) -> Answer:
        began = time.perf_counter()
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        self._line.request("POST", "/webhooks/stripe", raw, headers)
        with self._line.getresponse() as answer:
            answer.read()
        return Answer(answer.status, time.perf_counter() - began)

    def is_answered(self) -> bool:
        try:
            self._line.request("GET", "/healthz")
            with self._line.getresponse() as answer:
                answer.read()
        except OSError:
            self._line.close()
            return False
        return answer.status == 200

    def close(self) -> None:
        self._line.close()


@contextmanager
def served(place: Place) -> Iterator[int]:
    """Its port."""
    port, log = free_port(0), place.folder / _LOG
    command = [
        *(sys.executable, "-m", "granian", "--interface", "asgi", "--factory"),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--no-access-log", "--log-level", "warning"),
        "portal_app.api.app:build",
    ]
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, cwd=ROOT, env=place.whole_environment, stdout=out, stderr=out
        )
    try:
        _wait_for(port, server, log)
        yield port
    finally:
        server.terminate()
        server.wait()


def traces(place: Place) -> Iterator[str]:
    """Errors the server did not expect."""
    log = (place.folder / _LOG).read_text(errors="replace")
    if "Traceback" in log:
        yield " ".join(log[log.index("Traceback") :].split())[-500:]


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    with closing(Caller(port)) as caller:
        while not caller.is_answered():
            if server.poll() is not None or time.monotonic() > until:
                raise NotStarted(log.read_text(errors="replace")[-2000:])
            time.sleep(0.1)
