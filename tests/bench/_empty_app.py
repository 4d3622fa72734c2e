"""The floor of a Reflex page: the same versions and settings, one heading, nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import URLError

from portal_app.build import tools
from portal_app.settings import ROOT
from tests.bench._portal import scratch
from tests.served import NotStarted, free_port

STARTS_WITHIN: Final = 60.0

_CONFIG: Final = """import reflex as rx

config = rx.Config(
    app_name="empty",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    api_url="http://localhost:{port}",
    deploy_url="http://localhost:{port}",
    frontend_port={port},
    backend_port={port},
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    frontend_compression_formats=["brotli", "gzip"],
    disable_plugins=[rx.plugins.SitemapPlugin, rx.plugins.RadixThemesPlugin],
)
"""
_APP: Final = """import reflex as rx


class Counter(rx.State):
    count: int = 0

    @rx.event
    def add(self) -> None:
        self.count += 1


def index() -> rx.Component:
    button = rx.el.button("Add", on_click=Counter.add)
    return rx.el.main(rx.el.h1("Empty"), rx.el.p(Counter.count), button)


app = rx.App(toaster=None, reset_style=False)
app.add_page(index, route="/", title="Empty", description="An empty page")
"""


@contextmanager
def empty_app() -> Iterator[str]:
    """Build and serve it; yields its address."""
    port = free_port(0)
    with scratch("empty") as folder:
        _write(folder, port)
        environment = _environment()
        export = [sys.executable, "-m", "reflex", "export", "--no-zip", "--frontend-only"]
        subprocess.run(
            export,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=True,
        )
        served = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "asgi", "--factory"),
                *("--port", str(port), "--no-access-log", "--log-level", "warning"),
                "empty.empty:app",
            ],
            cwd=folder,
            env=environment
            | {
                "REFLEX_ENV_MODE": "prod",
                "__REFLEX_SKIP_COMPILE": "true",
                "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
            },
        )
        try:
            address = f"http://localhost:{port}/"
            _wait(address)
            yield address
        finally:
            served.terminate()
            served.wait()


def _write(folder: Path, port: int) -> None:
    (folder / "rxconfig.py").write_text(_CONFIG.format(port=port))
    (folder / "empty").mkdir()
    (folder / "empty" / "__init__.py").touch()
    (folder / "empty" / "empty.py").write_text(_APP)
    shutil.copytree(ROOT / "reflex.lock", folder / "reflex.lock")


def _environment() -> dict[str, str]:
    own = {"REFLEX_USE_NPM": "1", "REFLEX_CHECK_LATEST_VERSION": "0"}
    # As `./portal` has it on the path; here it would hide the app's own rxconfig.
    return {key: value for key, value in tools().items() if key != "PYTHONPATH"} | own


def _wait(address: str) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address) as answer:
                answer.read()
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise NotStarted("The empty app did not answer.")
