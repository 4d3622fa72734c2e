"""Secrets sent by e-mail: what they are for, how long each is good, how a person types one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

CODE_DIGITS: Final = 8
MOST_TRIES: Final = 5
# Of one purpose, to one person, within an hour: whoever asks on, whencesoever, fills no mailbox.
MOST_AN_HOUR: Final = 5


class Purpose(StrEnum):
    """INVITE and RESET travel in a link; a person types a CODE."""

    INVITE = "invite"
    RESET = "reset"
    CODE = "code"


GOOD_FOR: Final[Mapping[Purpose, timedelta]] = MappingProxyType(
    {
        Purpose.INVITE: timedelta(days=7),
        Purpose.RESET: timedelta(hours=1),
        Purpose.CODE: timedelta(minutes=10),
    }
)


@dataclass(frozen=True, slots=True)
class Proof:
    """One secret that was sent. `kept` is what the table keeps of it, never the secret."""

    id: int
    company: int
    user: int
    purpose: Purpose
    kept: str
    tries: int
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Whether it may still be used, by whoever knows it."""
        return self.used_at is None and now < self.expires_at and self.tries < MOST_TRIES


def typed(code: str) -> str:
    """A code as it was meant, whatever stands between its digits.

    >>> typed(" 1234-5678 ")
    '12345678'
    """
    return "".join(sign for sign in code if sign in "0123456789")
