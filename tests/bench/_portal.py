"""The portal on a database made for one bench, and what its processes cost."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from portal_app.settings import ROOT, settings
from tests.bench import _company
from tests.bench._company import Person
from tests.redis_server import private_redis
from tests.served import Server, free_port


@dataclass
class Processes:
    """The processes that do a server's work: memory in kB, CPU in seconds."""

    found: list[psutil.Process] = field(default_factory=list[psutil.Process])

    @classmethod
    def below(cls, pid: int) -> Processes:
        """The process and all it started."""
        top = psutil.Process(pid)
        return cls([top, *top.children(recursive=True)])

    def memory_kb(self) -> float:
        return sum(process.memory_info().rss for process in self.found) / 1024

    def cpu_seconds(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self.found)

    def pin(self, core: int) -> None:
        """Keep all threads of all of them on one core."""
        for process in self.found:
            for thread in process.threads():
                psutil.Process(thread.id).cpu_affinity([core])


@dataclass
class Portal:
    server: Server
    people: list[Person]

    def processes(self) -> Processes:
        running = self.server._process
        assert running is not None, "it was started"
        return Processes.below(running.pid)


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """An empty folder under the data folder, gone afterwards."""
    parent = settings().data_dir / "bench"
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=f"{name}-") as folder:
        yield Path(folder)


@contextmanager
def portal(
    documents: Sequence[int], *, workers: int = 1, more: dict[str, str] | None = None
) -> Iterator[Portal]:
    """Serve a fresh database with one signed-in person for each number of open documents."""
    with scratch("portal") as folder:
        settings_ = {"PORTAL_LOG_LEVEL": "WARNING", **(more or {})}
        server = Server(folder, free_port(), settings_, ("--workers", str(workers)))
        server.data_dir.mkdir()
        people = _company.load(f"sqlite:///{server.data_dir / 'portal.db'}", documents)
        server.start()
        try:
            yield Portal(server, people)
        finally:
            server.stop()


@contextmanager
def redis() -> Iterator[tuple[str, Processes]]:
    """A private Redis that keeps nothing: its address and its process."""
    with scratch("redis") as folder, private_redis(folder) as running:
        yield running.url, Processes.below(running.process.pid)


@contextmanager
def python(*arguments: str, cwd: Path = ROOT) -> Iterator[subprocess.Popen[bytes]]:
    """A Python program beside the bench, ended with it."""
    process = subprocess.Popen([sys.executable, *arguments], cwd=cwd, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
