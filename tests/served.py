"""The whole portal, started as its users start it: `./portal run` on a port of the tests' own."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from portal_app.settings import ROOT

# Always the same one: the port is compiled into the page, and a new one means a new build.
PORT: Final = 8790
BANK_SECONDS: Final = 2
# Includes the build of the page, and npm's first installation on a bare machine.
STARTS_WITHIN: Final = 600.0
STOPS_WITHIN: Final = 20.0

_SERVE: Final = """
import sys
from pathlib import Path
from portal_app import serve
serve.prepare_database()
sys.exit(serve.serve(Path(sys.argv[1]), "127.0.0.1", 1, lambda: None))
"""


class NotStarted(Exception):
    """The portal did not answer; the text is the end of what it printed."""


@dataclass
class Server:
    """One running portal with its own data, a fresh demo company at first."""

    folder: Path
    port: int
    more: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    page: Path | None = None
    """A page built for another port, for clients that are no browsers."""
    _process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def data_dir(self) -> Path:
        return self.folder / "var"

    @property
    def environment(self) -> dict[str, str]:
        """For programs that shall see the same data, such as another `./portal` command."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")}
        return inherited | {
            "PYTHONPATH": str(ROOT),
            "PORTAL_MODE": "demo",
            "PORTAL_PORT": str(self.port),
            "PORTAL_DATA_DIR": str(self.data_dir),
            "PORTAL_DEMO_BANK_SECONDS": str(BANK_SECONDS),
            # All people of all tests come from one address.
            "PORTAL_LIMITS_TIMES": "1000",
            **self.more,
        }

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `./portal …` on the same data."""
        return subprocess.run(
            _portal(*arguments),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._start_command(),
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + STARTS_WITHIN
        while not self._is_healthy():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise NotStarted(self.log())
            time.sleep(0.1)

    def _start_command(self) -> list[str]:
        if self.page is not None:
            return [sys.executable, "-P", "-c", _SERVE, str(self.page)]
        return _portal("run", "--port", str(self.port), *self.options)

    def stop(self) -> None:
        """Ask it to stop, as Ctrl-C in a terminal would: the whole process group."""
        if self._process is None:
            return
        process, self._process = self._process, None
        try:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(STOPS_WITHIN)
        finally:
            _end_group(process.pid)
            process.wait()

    def restart(self) -> None:
        self.stop()
        self.start()

    def log(self) -> str:
        return self.whole_log()[-6000:]

    def whole_log(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def _log(self) -> Path:
        return self.folder / "portal.log"

    def _is_healthy(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def built_page(folder: Path) -> Path:
    """The page as built for the tests' usual port, now if need be."""
    usual = Server(folder, PORT)
    command = [sys.executable, "-P", "-c", "from portal_app import build; print(build.build())"]
    done = subprocess.run(
        command, cwd=ROOT, env=usual.environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return Path(done.stdout.splitlines()[-1])


def free_port(usual: int = PORT) -> int:
    """The tests' `usual` port, or any free one while somebody uses that; 0 for any at once."""
    for port in (usual, 0):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return trial.getsockname()[1]
    raise NotStarted("This machine has no free port.")


def _portal(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "portal_app", *arguments]


def _end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
