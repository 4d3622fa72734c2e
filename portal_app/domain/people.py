"""People with a sign-in: in which state one is, and the logins of those who cannot be let in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal_app.domain.emails import address_of
from portal_app.domain.errors import FieldMissing, FieldTooLong, InvalidAddress, InvalidField

LONGEST_NAME: Final = 80
LONGEST_CHECK: Final = 200
# Fewer than those of any telephone or tax id, more than those of a room or a day.
_MOST_DIGITS: Final = 6
# No address has it in its domain, and none is written to with it.
_HELD: Final = "#"


class UserState(StrEnum):
    """INVITED: no password chosen yet; only ACTIVE gets in."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class Switch(StrEnum):
    """What may be taken from a single member, in the few words an owner thinks in."""

    PAY = "pay"
    EMAIL = "email"


class IdentityCheck(StrEnum):
    """How somebody made sure who asks him to take a second factor away."""

    IN_PERSON = "in_person"
    CALLED_BACK = "called_back"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Identity:
    """How it was checked; `words` say it where that is OTHER, else ''."""

    check: IdentityCheck
    words: str = ""


def identity_of(check: IdentityCheck | None, typed: str) -> Identity:
    """What was chosen, and for OTHER written: it goes into the audit, which holds nobody's number.

    >>> identity_of(IdentityCheck.IN_PERSON, "never looked at")
    Identity(check=<IdentityCheck.IN_PERSON: 'in_person'>, words='')
    """
    if check is None:
        raise FieldMissing(field="identity", reason="identity")
    if check is not IdentityCheck.OTHER:
        return Identity(check)
    words = " ".join(typed.split())
    if not words:
        raise FieldMissing(field="words", reason="identity_words")
    if len(words) > LONGEST_CHECK:
        raise FieldTooLong(field="words", longest=LONGEST_CHECK, reason="identity_words")
    if sum(sign.isdigit() for sign in words) > _MOST_DIGITS:
        raise InvalidField(field="words", reason="numbers")
    return Identity(check, words)


def state_of(*, active: bool, has_password: bool) -> UserState:
    if not active:
        return UserState.DISABLED
    return UserState.ACTIVE if has_password else UserState.INVITED


def login_of(typed: str) -> str:
    """The login somebody is invited by: his e-mail address in small letters. Else InvalidAddress.

    >>> login_of(" Ana.Lima@Example.com ")
    'ana.lima@example.com'
    """
    address = address_of(typed.strip())
    if address is None:
        raise InvalidAddress(field="login")
    return address.lower()


def name_of_person(typed: str) -> str:
    """A name as it is kept, its spaces put right."""
    name = " ".join(typed.split())
    if not name:
        raise FieldMissing(field="name")
    if len(name) > LONGEST_NAME:
        raise FieldTooLong(field="name", longest=LONGEST_NAME)
    return name


def held(login: str, company: str) -> str:
    """The login kept for an invitation by an address that others sign in with already.

    Whoever invited sees an invitation like any other, so nobody learns who signs in elsewhere;
    nobody can sign in by it, for no address looks like this. `company` is the slug.

    >>> held("ana@example.com", "norte")
    'ana@example.com#norte'
    """
    return f"{login}{_HELD}{company}"


def is_held(login: str) -> bool:
    return _HELD in login.rpartition("@")[2]


def shown_login(login: str) -> str:
    """The address somebody was invited by.

    >>> shown_login("ana@example.com#norte"), shown_login("a#b@example.com")
    ('ana@example.com', 'a#b@example.com')
    """
    local, at, domain = login.rpartition("@")
    return f"{local}{at}{domain.partition(_HELD)[0]}"
