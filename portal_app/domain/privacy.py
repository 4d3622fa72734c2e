"""Personal data: what somebody may choose, what the law keeps and until when, how long traces stay.

Brazil: Código Tributário Nacional, art. 173 I and 174 (five years, counted from the first day of the
year after). Portugal: Código do IVA, art. 52.º n.º 1 (the ten civil years that follow).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from portal_app.domain.errors import InvalidField

TEXT_VERSION: Final = "2026-11"
"""Of the sentences somebody agrees to (`privacy.mail.…` in the catalogs)."""

LAW_YEARS: Final[Mapping[str, int]] = {"BR": 5, "PT": 10}
MOST_MONTHS: Final = 600
LONGEST_REASON: Final = 500
FORGOTTEN: Final = "deleted-"
"""What the login of somebody who was forgotten begins with; no address does without an @."""

# What is kept of e-mails, browsers and secrets that are over.
KEEP_MAILS: Final = timedelta(days=365)
KEEP_DEVICES: Final = timedelta(days=365)
KEEP_PROOFS: Final = timedelta(days=1)


class Choice(StrEnum):
    """An e-mail the portal sends by itself that somebody may do without; nothing said: he gets it.

    Receipts, refunds and what people ask for are the service itself and no choice.
    """

    BOLETO_REGISTERED = "boleto_registered"
    REMINDER = "reminder"


class RequestState(StrEnum):
    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Kept:
    """Tax documents that stay, and the last day they must; none: nothing stays for their sake.

    `months`: the company's own rule where that is longer than the law's, else 0.
    """

    documents: int = 0
    until: date | None = None
    months: int = 0

    @property
    def binds(self) -> bool:
        return self.documents > 0


@dataclass(frozen=True, slots=True)
class DeletionRequest:
    """Somebody wants his data gone. `reason` is the company's, where it refused."""

    id: int
    user: int
    name: str
    login: str
    customer: int | None
    customer_name: str
    state: RequestState
    kept: Kept
    reason: str
    asked_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody agreed to or took back, and which version of its text he had before him."""

    purpose: str
    version: str
    given: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Addressee:
    """One of a customer's people, as far as e-mails that may be declined are concerned."""

    login: str
    is_owner: bool
    choices: Mapping[str, object]


def kept_until(issued: date, country: str, months: int) -> date:
    """The last day a document of that day must be kept: the law's or the company's, the later one.

    >>> kept_until(date(2026, 3, 10), "BR", 0), kept_until(date(2026, 3, 10), "PT", 0)
    (datetime.date(2031, 12, 31), datetime.date(2036, 12, 31))
    >>> kept_until(date(2026, 1, 31), "BR", 121)
    datetime.date(2036, 2, 29)
    """
    own = months_after(issued, months)
    by_law = law_until(issued, country)
    return own if by_law is None else max(own, by_law)


def law_until(issued: date, country: str) -> date | None:
    """The last day the law has a document of that day kept; None where we know of no law."""
    years = LAW_YEARS.get(country)
    return None if years is None else date(issued.year + years, 12, 31)


def least_months(country: str) -> int:
    """No company keeps its papers for less; the end of the law's last year counts besides.

    >>> least_months("BR"), least_months("PT")
    (60, 120)
    """
    return 12 * LAW_YEARS.get(country, 1)


def ensure_months(months: int, country: str) -> None:
    """Raise InvalidField for a rule shorter than the law's, or longer than anybody means."""
    least = least_months(country)
    if not least <= months <= MOST_MONTHS:
        raise InvalidField(field="months", reason="months", least=least, most=MOST_MONTHS)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a month that has none.

    >>> months_after(date(2026, 11, 30), 3), months_after(date(2026, 11, 30), -9)
    (datetime.date(2027, 2, 28), datetime.date(2026, 2, 28))
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def wants(choice: Choice, address: str, people: Iterable[Addressee]) -> bool:
    """Whether an e-mail that may be declined goes to a customer's address.

    It is for whoever signs in with that address, else for the owners; only if all of them
    declined does it stay.
    """
    known = list(people)
    own = [each for each in known if each.login.casefold() == address.casefold()]
    asked = own or [each for each in known if each.is_owner]
    return not asked or any(each.choices.get(choice.value) is not False for each in asked)
