"""Choices as they come from a browser."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from portal_app.domain.errors import InvalidDate, InvalidField

E = TypeVar("E", bound=StrEnum)


def chosen(kind: type[E], value: object) -> E:
    """The member of that value; InvalidField for anything else a visitor may send."""
    found = next((member for member in kind if member.value == value), None)
    if found is None:
        raise InvalidField(field=kind.__name__)
    return found


def typed(form: Mapping[str, object], name: str) -> str:
    """A field of a sent form; empty for whatever is no text."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def day_of(form: Mapping[str, object], name: str) -> date | None:
    """The day of a date field, None where it is empty; InvalidDate for what is none."""
    text = typed(form, name).strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise InvalidDate(field=name, value=text[:20]) from wrong
