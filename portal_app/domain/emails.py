"""E-mails: which there are, whom one goes to, what becomes of each address, how many an hour.

An address is one addr-spec of RFC 5321 in plain letters: no name beside it, no quotes, no comment,
no IP number. A domain with other letters is kept as the DNS knows it (IDNA 2008, RFC 5891).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

import idna

from portal_app.domain.errors import IllegalMove, InvalidRecipient, TooManyMails

MOST_RECIPIENTS: Final = 3
LONGEST_ADDRESS: Final = 254
MOST_AN_HOUR_BY_PERSON: Final = 30
MOST_AN_HOUR_FOR_CUSTOMER: Final = 60
# As long as mail servers are usually given to be reached again.
TRIED_FOR: Final = timedelta(days=1)
WORTH_A_TASK: Final = timedelta(minutes=10)

_HOUR: Final = timedelta(hours=1)
_FIRST_WAIT: Final = timedelta(seconds=15)
_LONGEST_WAIT: Final = timedelta(minutes=30)
_LONGEST_LOCAL: Final = 64
# Without the question mark, which with = makes the encoded words of headers.
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+"
_LOCAL: Final = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
# At least one dot, and a last label that is no number: '192.0.2.1' is no domain.
_DOMAIN: Final = re.compile(rf"({_LABEL}\.)+(?![0-9]+$){_LABEL}")
_BETWEEN: Final = re.compile(r"[,;\s<>]+")


class MailKind(StrEnum):
    """BOLETO and DOCUMENT are asked for; BOLETO_REGISTERED the portal sends by itself.

    RECEIPT and REFUND, money that went back, it sends by itself and when it is asked to.
    CONTACT_CHANGED goes to a customer's former and new address. Those from INVITATION on are about
    somebody's sign-in. From CONTACT_CHANGED on they carry no paper and are always sent.
    """

    BOLETO = "boleto"
    DOCUMENT = "document"
    BOLETO_REGISTERED = "boleto_registered"
    RECEIPT = "receipt"
    REFUND = "refund"
    CONTACT_CHANGED = "contact_changed"
    INVITATION = "invitation"
    NEW_PASSWORD = "new_password"  # noqa: S105  a name
    SIGN_IN_CODE = "sign_in_code"
    NEW_DEVICE = "new_device"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  a name
    FACTOR_CHANGED = "factor_changed"
    FACTOR_RESET = "factor_reset"
    DELETION_DONE = "deletion_done"
    DELETION_REFUSED = "deletion_refused"


class RecipientState(StrEnum):
    """UNKNOWN: the line broke during the hand-over, so it may have gone out."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


# What was once `sending` goes back to `queued` only where certainly nothing was handed over.
_MOVES: Final[Mapping[RecipientState, frozenset[RecipientState]]] = {
    RecipientState.QUEUED: frozenset({RecipientState.SENDING, RecipientState.REFUSED}),
    RecipientState.SENDING: frozenset(RecipientState) - {RecipientState.SENDING},
    RecipientState.SENT: frozenset(),
    RecipientState.REFUSED: frozenset(),
    RecipientState.UNKNOWN: frozenset(),
}


@dataclass(frozen=True, slots=True)
class About:
    """What somebody wants to send, by public id: a payment's BOLETO, a DOCUMENT or a RECEIPT."""

    kind: MailKind
    public_id: str


@dataclass(frozen=True, slots=True)
class Mail:
    """`about` names what it carries by our own ids: 'payment:12', 'document:5', 'receipt:3'.

    `asked_by` is an actor's subject, empty where the portal sends it by itself. What is about
    somebody's sign-in has a `user`, all else a `customer`. `facts` hold nothing secret.
    """

    id: int
    customer: int | None
    kind: MailKind
    about: str
    locale: str
    asked_by: str
    created_at: datetime
    user: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address of an e-mail and what became of it."""

    id: int
    mail: Mail
    address: str
    state: RecipientState


def recipients(typed: Sequence[str]) -> tuple[str, ...]:
    """The addresses of an e-mail, from the fields they were typed into; empty ones are left out.

    Raises InvalidRecipient at the first wrong field, counted from `recipient_1`.
    """
    found: list[str] = []
    for number, text in enumerate(typed, 1):
        if text.strip():
            found.append(_recipient(number, text, found))
    if not found:
        raise InvalidRecipient(field="recipient_1", reason="missing")
    return tuple(found)


def address_of(text: str) -> str | None:
    """The address as it is written to, its domain in small ASCII letters; None if it is not one.

    >>> address_of("Ana.Lima@Ação.com.br")
    'Ana.Lima@xn--ao-siap.com.br'
    >>> address_of("Ana <ana@example.com>") is None
    True
    """
    if len(text) > LONGEST_ADDRESS:
        return None
    local, _, domain = text.rpartition("@")
    domain = _ascii(domain.lower())
    whole = f"{local}@{domain}"
    if len(whole) > LONGEST_ADDRESS or len(local) > _LONGEST_LOCAL:
        return None
    return whole if _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) else None


def masked(address: str) -> str:
    """An address that whoever typed it recognises and nobody learns.

    >>> masked("ana@example.com")
    'a•••@example.com'
    """
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def may_follow(present: RecipientState, wanted: RecipientState) -> bool:
    """What went out, was refused or is unknown stays so: nothing is ever sent again.

    >>> may_follow(RecipientState.SENDING, RecipientState.QUEUED)
    True
    >>> may_follow(RecipientState.UNKNOWN, RecipientState.SENDING)
    False
    """
    return wanted in _MOVES[present]


def ensure_move(present: RecipientState, wanted: RecipientState) -> None:
    if not may_follow(present, wanted):
        raise IllegalMove(present=present.value, wanted=wanted.value)


def ensure_within(most: int, before: Sequence[datetime], more: int, now: datetime) -> None:
    """Raise TooManyMails if `more` addresses at once are more than `most` within an hour.

    `before` holds the moment of each address that was asked for; `more` is at most `most`.
    """
    counted = sorted(moment for moment in before if moment > now - _HOUR)
    over = len(counted) + more - most
    if over > 0:
        wait = counted[over - 1] + _HOUR - now
        raise TooManyMails(most=most, minutes=ceil(wait / timedelta(minutes=1)))


def try_again_at(asked: datetime, now: datetime) -> datetime | None:
    """When to try again what no server took: after waits that double; None once a day is over.

    >>> from datetime import UTC
    >>> asked = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    >>> try_again_at(asked, asked + timedelta(minutes=2)) - asked
    datetime.timedelta(seconds=240)
    """
    tried = now - asked
    if tried >= TRIED_FOR:
        return None
    return now + min(max(tried, _FIRST_WAIT), _LONGEST_WAIT)


def _recipient(number: int, text: str, before: Sequence[str]) -> str:
    field = f"recipient_{number}"
    if number > MOST_RECIPIENTS:
        raise InvalidRecipient(field=field, reason="too_many")
    address = address_of(text)
    if address is None:
        raise InvalidRecipient(field=field, reason="several" if _is_several(text) else "malformed")
    # Servers may tell capitals apart before the @; people never do.
    if address.casefold() in {other.casefold() for other in before}:
        raise InvalidRecipient(field=field, reason="repeated")
    return address


def _is_several(text: str) -> bool:
    return sum("@" in part for part in _BETWEEN.split(text)) > 1


def _ascii(domain: str) -> str:
    """The domain as the DNS knows it; as it stands where there is no such domain."""
    try:
        return domain if domain.isascii() else idna.encode(domain).decode("ascii")
    except idna.IDNAError:
        return domain
