"""A private Redis: a port of its own, nothing kept. The binary is the system's."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import redis as client

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
    port = _any_port()
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
    if shutil.which("redis-server") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
    found = shutil.which("redis-server")
    if found is None:
        raise RedisUnusable("There is no redis-server here (Debian, Ubuntu: apt-get install it).")
    return found


def _install() -> None:
    for command in (["update"], ["install", "-y", "--no-install-recommends", "redis-server"]):
        subprocess.run(
            ["apt-get", "-qq", *command],
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            check=False,
        )


def _any_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


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
