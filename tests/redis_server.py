"""A private Redis: a port of its own, nothing kept. The binary is the system's."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import redis as client

from tests import apt
from tests.served import free_port

STARTS_WITHIN: Final = 10.0


class RedisUnusable(Exception):
    """Why there is no Redis, and what to do about it."""


@dataclass(frozen=True)
class Running:
    """`url` as PORTAL_REDIS_URL takes it."""

    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def private_redis(folder: Path) -> Iterator[Running]:
    """Run a server that is gone afterwards; RedisUnusable where there is none and none to be had."""
    port = free_port(0)
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(
        [_binary(), *options, "--dir", str(folder)], stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield Running(f"redis://127.0.0.1:{port}/0", process)
    finally:
        process.terminate()
        process.wait()


def _binary() -> str:
    if shutil.which("redis-server") is None:
        apt.install("redis-server")
    found = shutil.which("redis-server")
    if found is None:
        raise RedisUnusable("There is no redis-server here (Debian, Ubuntu: apt-get install it).")
    return found


def _wait_for(port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            client.Redis(port=port).ping()
        except client.ConnectionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
