"""Lease length, back-off, when a job is given up, and what runs by the clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

LEASE: Final = timedelta(seconds=60)
MOST_FAILURES: Final = 8
# Its row also keeps a job from being queued again: longer than anything repeats one.
KEEP_DONE: Final = timedelta(days=30)
KEEP_DEAD: Final = timedelta(days=180)
_FIRST_WAIT: Final = timedelta(seconds=5)
_LONGEST_WAIT: Final = timedelta(minutes=15)


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class Every(StrEnum):
    TEN_MINUTES = "ten_minutes"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Cron:
    """A kind of job each company has once a period, counted in UTC."""

    kind: str
    every: Every


def period_of(every: Every, now: datetime) -> str:
    """What tells one period from the next in a job's key.

    >>> from datetime import UTC
    >>> period_of(Every.HOUR, datetime(2026, 11, 22, 9, 41, tzinfo=UTC))
    '2026-11-22T09'
    """
    if every is Every.TEN_MINUTES:
        return now.strftime("%Y-%m-%dT%H:%M")[:-1]
    return now.strftime("%Y-%m-%dT%H" if every is Every.HOUR else "%Y-%m-%d")


def lease_until(now: datetime) -> datetime:
    return now + LEASE


def retry_at(now: datetime, failures: int) -> datetime | None:
    """When to try again after the `failures`-th failure; None: give up, a person must look.

    >>> from datetime import UTC
    >>> (retry_at(datetime(2026, 1, 1, tzinfo=UTC), 2)).second
    10
    """
    if failures >= MOST_FAILURES:
        return None
    return now + min(_FIRST_WAIT * 2 ** (failures - 1), _LONGEST_WAIT)
