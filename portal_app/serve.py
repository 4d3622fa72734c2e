"""From a checkout to an answering port: migrate, load the demo, serve the built page, stop."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from types import FrameType
from typing import Final

from portal_app.db import migrate
from portal_app.settings import ROOT, settings

STARTS_WITHIN: Final = 120.0
STOPS_WITHIN: Final = "8s"

_POLL_SECONDS: Final = 0.1
# Bytes of a request's head that are taken in before it is refused by the server itself.
_LINE_BUFFER: Final = "65536"


class NotServed(Exception):
    """Why the portal does not answer."""


def migrate_database() -> None:
    settings().data_dir.mkdir(parents=True, exist_ok=True)
    migrate.upgrade()


def prepare_database() -> None:
    """Bring the tables up to date and, in demo mode, fill empty ones with the demo company.

    Raises NotServed if production would serve a database with the demo's sign-ins in it.
    """
    from portal_app.services import demo  # only the demo needs it

    migrate_database()
    if settings().mode == "demo":
        demo.load_if_empty()
    elif (login := demo.login_that_works()) is not None:
        raise NotServed(
            f"PORTAL_DATABASE_URL names a database in which the demo sign-in {login} works. "
            "Production needs one without it."
        )


def ensure_free(host: str, port: int) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as refused:
            raise NotServed(
                f"Port {port} on {host} cannot be used ({refused.strerror}). "
                "Stop what uses it, or choose another: ./portal run --port N."
            ) from None


def serve(build: Path, host: str, workers: int, ready: Callable[[], None]) -> int:
    """Serve the page in `build` and everything else on one port until told to stop.

    Calls `ready` once it answers. Returns the exit code: 0 after SIGINT or SIGTERM.
    """
    server = subprocess.Popen(_command(host, workers), cwd=ROOT, env=_environment(build))
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        server.terminate()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    if _answers(server, host):
        ready()
    code = server.wait()
    return 0 if stopping else code or 1


def _command(host: str, workers: int) -> list[str]:
    # No access log: a session's token stands in the address of its websocket.
    return [
        *(sys.executable, "-m", "granian", "--interface", "asgi", "--factory"),
        *("--host", host, "--port", str(settings().port), "--workers", str(workers)),
        *("--http", "1", "--http1-buffer-size", _LINE_BUFFER),
        *("--no-access-log", "--log-level", "warning"),
        *("--workers-kill-timeout", STOPS_WITHIN),
        "portal_app.portal_app:app",
    ]


def _environment(build: Path) -> dict[str, str]:
    return os.environ | {
        "PORTAL_PORT": str(settings().port),
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_WEB_WORKDIR": str(build),
        # What Reflex's own production run sets to serve a page that is built already.
        "__REFLEX_SKIP_COMPILE": "true",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
    }


def _answers(server: subprocess.Popen[bytes], host: str) -> bool:
    """Wait for the first answer; False if the server ends before it."""
    until = time.monotonic() + STARTS_WITHIN
    while server.poll() is None:
        try:
            connection = HTTPConnection(host, settings().port, timeout=5)
            connection.request("GET", "/ping")
            connection.getresponse()
            connection.close()
        except OSError:
            if time.monotonic() > until:
                server.terminate()
                raise NotServed(
                    f"The portal did not answer within {STARTS_WITHIN:.0f} s."
                ) from None
            time.sleep(_POLL_SECONDS)
        else:
            return True
    return False
