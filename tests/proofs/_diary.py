"""What processes wrote down before they were killed: one line a fact, each in a single write."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """`at` is a monotonic moment, the same for all processes of the machine."""

    at: float
    kind: str
    about: str
    job: int


class Diary:
    """Any number of processes write; one reads, each line once."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read = 0

    def note(self, kind: str, about: str, job: int = 0) -> None:
        line = f"{time.monotonic():.6f}\t{kind}\t{job}\t{about}\n".encode()
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)

    def news(self) -> list[Entry]:
        if not self._file.exists():
            return []
        with self._file.open("rb") as stream:
            stream.seek(self._read)
            whole, _, _ = stream.read().rpartition(b"\n")
        self._read += len(whole) + 1 if whole else 0
        return [_entry(line) for line in whole.decode().splitlines()]


def _entry(line: str) -> Entry:
    at, kind, job, about = line.split("\t", 3)
    return Entry(float(at), kind, about, int(job))
