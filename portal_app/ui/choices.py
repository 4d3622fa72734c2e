"""Choices as they come from a browser."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from portal_app.domain.errors import InvalidDate, InvalidField
from portal_app.domain.people import Identity, IdentityCheck, identity_of

E = TypeVar("E", bound=StrEnum)

_MOST_DIGITS: Final = 9


def chosen(kind: type[E], value: object) -> E:
    """The member of that value; InvalidField for anything else a visitor may send."""
    found = next((member for member in kind if member.value == value), None)
    if found is None:
        raise InvalidField(field=kind.__name__, reason="choice")
    return found


def typed_choice(kind: type[E], form: Mapping[str, object], name: str) -> E | None:
    """The member a sent form names, None where nothing was chosen."""
    return chosen(kind, form[name]) if form.get(name) else None


def typed(form: Mapping[str, object], name: str) -> str:
    """A field of a sent form; empty for whatever is no text."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def identity_from(form: Mapping[str, object]) -> Identity:
    """How somebody made sure who asks him to take a second factor away."""
    return identity_of(typed_choice(IdentityCheck, form, "identity"), typed(form, "words"))


def whole(text: str, name: str) -> int:
    """The whole number typed in a field; InvalidField for what is none, or larger than any we mean."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS):
        raise InvalidField(field=name, reason="whole")
    return int(digits)


def day_of(form: Mapping[str, object], name: str) -> date | None:
    """The day of a date field, None where it is empty; InvalidDate for what is none."""
    text = typed(form, name).strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise InvalidDate(field=name, value=text[:20]) from wrong
