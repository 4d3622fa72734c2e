"""Frozen dataclasses as facts that a JSON column keeps: dates in ISO, decimals as text."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any, cast


def facts_of(record: Any) -> dict[str, Any]:
    """The fields of a dataclass, those of dataclasses in it too, as JSON takes them.

    >>> from portal_app.domain.money import Money
    >>> facts_of(Money(1050, "BRL"))
    {'cents': 1050, 'currency': 'BRL'}
    """
    return {name: _stored(value) for name, value in asdict(record).items()}


def _stored(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {name: _stored(member) for name, member in members.items()}
    if isinstance(value, tuple):
        return [_stored(member) for member in cast("tuple[Any, ...]", value)]
    return value
