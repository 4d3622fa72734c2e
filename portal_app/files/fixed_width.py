"""Lines whose fields stand at fixed positions: reading one, and filling one in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from portal_app.domain.boleto.check_digits import is_number
from portal_app.domain.errors import (
    FieldNotNumeric,
    FieldTooLong,
    InvalidDate,
    LineCut,
    LineTooLong,
    LineUnreadable,
)
from portal_app.domain.imports import calendar_day
from portal_app.domain.money import Money
from portal_app.files.source import Line, has_control

CURRENCY: Final = "BRL"
_NOTHING: Final = Money(0, CURRENCY)
# Two-digit years up to this one are of this century: no bank file is older than 1980.
_LAST_OF_THE_CENTURY: Final = 79
# The names the CSV and the sentences use.
_PUBLIC: Final = {"due": "due_date", "issued": "issue_date", "name": "customer_name"}


class Kind(StrEnum):
    """TEXT is filled up with blanks, the others with zeros; AMOUNT is in cents.

    DAY is DDMMAAAA, or DDMMAA where it has six positions.
    """

    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Field:
    """Positions from 1, both included, as the manuals write them."""

    first: int
    last: int
    kind: Kind = Kind.TEXT

    @property
    def width(self) -> int:
        return self.last - self.first + 1

    def of(self, record: str) -> str:
        return record[self.first - 1 : self.last].strip()

    def place(self, record: str) -> str:
        """All its positions, the blanks too."""
        return record[self.first - 1 : self.last]


Fields = Mapping[str, Field]
Position = tuple[int, int] | tuple[int, int, Kind]


def fields(**positions: Position) -> Fields:
    """A table of positions, TEXT where no kind is given."""
    return MappingProxyType({name: _field(position) for name, position in positions.items()})


def changed(table: Fields, without: Iterable[str] = (), **positions: Position) -> Fields:
    """The table with other or further positions, and without these fields."""
    gone = set(without)
    kept = {name: field for name, field in table.items() if name not in gone}
    return MappingProxyType({**kept, **fields(**positions)})


def numbers(table: Fields) -> Fields:
    """Its days and amounts."""
    kinds = (Kind.DAY, Kind.AMOUNT)
    return MappingProxyType({name: field for name, field in table.items() if field.kind in kinds})


def last_position(table: Fields) -> int:
    return max(field.last for field in table.values())


def _field(position: Position) -> Field:
    return Field(position[0], position[1], position[2] if len(position) == 3 else Kind.TEXT)


def whole(line: Line, length: int, least: int | None = None) -> str:
    """The record, of its exact length; blanks beyond it are no harm.

    A line that reaches the position `least` may lack the blanks that fill it up.
    """
    record, surplus = line.text[:length], line.text[length:]
    if len(record) < (least or length):
        raise LineCut(length=len(record), expected=length)
    if surplus.strip() or not line.whole:
        raise LineTooLong(expected=length)
    if has_control(record):
        raise LineUnreadable()
    return record.ljust(length)


def day_of(record: str, table: Fields, name: str) -> date | None:
    """The day, None where it is left blank or zero."""
    field = table[name]
    text = field.of(record)
    return _day(text, field.width, name) if text.strip("0") else None


def amount_of(record: str, table: Fields, name: str) -> Money:
    """Cents; blank counts as zero, a blank in between as no number."""
    text = table[name].of(record)
    if not text.strip("0"):
        return _NOTHING
    if not is_number(text):
        raise FieldNotNumeric(field=name, value=text)
    return Money(int(text), CURRENCY)


def text_of(record: str, field: Field) -> str:
    return " ".join(field.of(record).split())


def without_zeros(text: str) -> str:
    return text.lstrip("0") if is_number(text) else text


def public(name: str) -> str:
    """The name of a field that people know."""
    return _PUBLIC.get(name, name)


@lru_cache(maxsize=4096)
def _day(text: str, width: int, name: str) -> date:
    if len(text) != width or not is_number(text):
        raise InvalidDate(field=public(name), value=text)
    day, month, year = text[:2], text[2:4], text[4:]
    if width == len("DDMMAA"):
        year = ("20" if int(year) <= _LAST_OF_THE_CENTURY else "19") + year
    return calendar_day(year, month, day, public(name))


@dataclass(frozen=True, slots=True)
class Record:
    """A kind of line that is written again and again, its unchanging fields in place."""

    table: Fields
    length: int
    template: str

    @classmethod
    def of(
        cls, table: Fields, length: int, fixed: Mapping[str, str], given: Iterable[str] = ()
    ) -> Record:
        """Fields neither `fixed` nor `given` are filled up: numbers with zeros, texts with blanks.

        What is `fixed` and too long is refused, with the name of its field.
        """
        filler = " " * length
        parts: list[str] = []
        at, slots = 0, set(given)
        for name, field in sorted(table.items(), key=lambda item: item[1].first):
            parts.append(filler[at : field.first - 1])
            parts.append(_slot(name, field) if name in slots else _fixed(name, field, fixed))
            at = field.last
        return cls(table, length, "".join([*parts, filler[at:]]))

    def write(self, values: Mapping[str, str | int]) -> str:
        """The line; FieldTooLong for the first value that does not fit."""
        line = self.template.format_map(values)
        if len(line) != self.length:
            for name, value in values.items():
                self.ensure_fits(name, str(value))
        return line

    def ensure_fits(self, name: str, value: str) -> None:
        if name in self.table:
            _ensure_fits(name, self.table[name], value)


def _slot(name: str, field: Field) -> str:
    fill = " <" if field.kind is Kind.TEXT else "0>"
    return f"{{{name}:{fill}{field.width}}}"


def _fixed(name: str, field: Field, fixed: Mapping[str, str]) -> str:
    value = fixed.get(name, "")
    _ensure_fits(name, field, value)
    filled = value.ljust(field.width) if field.kind is Kind.TEXT else value.zfill(field.width)
    return filled.replace("{", "{{").replace("}", "}}")


def _ensure_fits(name: str, field: Field, value: str) -> None:
    if len(value) > field.width:
        raise FieldTooLong(field=public(name), longest=field.width)
