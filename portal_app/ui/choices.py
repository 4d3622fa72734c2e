"""Choices as they come from a browser."""

from enum import StrEnum
from typing import TypeVar

from portal_app.domain.errors import InvalidField

E = TypeVar("E", bound=StrEnum)


def chosen(kind: type[E], value: object) -> E:
    """The member of that value; InvalidField for anything else a visitor may send."""
    found = next((member for member in kind if member.value == value), None)
    if found is None:
        raise InvalidField(field=kind.__name__)
    return found
