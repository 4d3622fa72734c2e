"""now() and today(zone): the only clock."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_fixed: ContextVar[datetime | None] = ContextVar("fixed", default=None)


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _fixed.get() or datetime.now(UTC)


def today(zone: str) -> date:
    """The date it is now in an IANA time zone, e.g. 'America/Sao_Paulo'."""
    return now().astimezone(ZoneInfo(zone)).date()


def local(moment: datetime, zone: str) -> datetime:
    """The same moment as the clocks of a zone show it."""
    return moment.astimezone(ZoneInfo(zone))


@contextmanager
def fixed_at(moment: datetime) -> Generator[None]:
    """Stop the clock for a test or a rehearsal; only in this thread's context."""
    token = _fixed.set(moment)
    try:
        yield
    finally:
        _fixed.reset(token)
