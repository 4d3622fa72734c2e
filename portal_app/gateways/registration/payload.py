"""JSON of banks, read and written to the cent.

An amount never passes through a float: what is read keeps the digits that were sent, what is
written has two decimals. Whatever is not as expected is refused by an InvalidInput that names
the field.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NoReturn, cast
from zoneinfo import ZoneInfo

from portal_app.domain.boleto.barcode import ensure_barcode
from portal_app.domain.errors import InvalidAmount, InvalidDate, InvalidField, InvalidFile
from portal_app.domain.money import Money

Record = Mapping[str, Any]

ZONE: Final = "America/Sao_Paulo"
"""Where banks count their days."""

_LONGEST_NUMBER: Final = 20
_LONGEST_TEXT: Final = 8000
_LONGEST_REASON: Final = 300


def dumps(value: object) -> str:
    """JSON text; amounts and rates as numbers with exactly their decimals.

    >>> dumps({"valor": Money(7, "BRL"), "taxa": Decimal("2.00"), "linhas": ["a"], "pix": None})
    '{"valor":0.07,"taxa":2.00,"linhas":["a"],"pix":null}'
    """
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value).items()
        return f"{{{','.join(f'{json.dumps(name)}:{dumps(each)}' for name, each in members)}}}"
    if isinstance(value, list):
        return f"[{','.join(dumps(each) for each in cast('list[object]', value))}]"
    if isinstance(value, Money):
        return f"{value.decimal():f}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value)


def loads(raw: bytes) -> object:
    """What JSON text says, fractions as Decimal; InvalidFile if it is none."""
    try:
        return json.loads(raw, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):
        raise InvalidFile(reason="json") from None


def record(value: object, field: str) -> Record:
    """A JSON object, empty where the bank left it out."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidField(field=field)
    return cast("Record", value)


def member(of: Record, field: str) -> Record:
    return record(of.get(field), field)


def records(value: object, field: str) -> Sequence[Record]:
    """A list of JSON objects, empty where the bank left it out."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise InvalidField(field=field)
    return [record(each, field) for each in cast("list[object]", value)]


def calls(raw: bytes) -> Sequence[Record]:
    """What a bank calls in with: objects in a list, or one alone."""
    value = loads(raw)
    if isinstance(value, list):
        return records(cast("list[object]", value), "body")
    if value is None:
        raise InvalidField(field="body")
    return [record(value, "body")]


def text(of: Record, field: str) -> str:
    """One line of text, or a whole number as text; empty where the bank left it out."""
    value = of.get(field)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InvalidField(field=field)
    line = str(value).strip()
    # Not all that JSON can say can be stored: a NUL or half a character cannot.
    if len(line) > _LONGEST_TEXT or not line.isprintable():
        raise InvalidField(field=field)
    return line


def stated(of: Record, field: str) -> str:
    """Like `text`, of something that is never left out."""
    value = text(of, field)
    if not value:
        raise InvalidField(field=field)
    return value


def said(of: Record, *fields: str) -> str:
    """A bank's own words, for people to read: on one line, and not more of them than they read.

    >>> said({"codigo": 12, "mensagem": "Título  inválido. "}, "codigo", "mensagem", "outro")
    '12 Título inválido.'
    """
    words = " ".join(str(of[field]) for field in fields if of.get(field)).split()
    return "".join(c for c in " ".join(words) if c.isprintable())[:_LONGEST_REASON]


def amount(of: Record, field: str) -> Money:
    """Reais, sent as a number or as text; nothing where the bank left it out.

    >>> amount({"valor": Decimal("1.0E7")}, "valor")
    Money(cents=1000000000, currency='BRL')
    """
    value = of.get(field)
    if value is None or value == "":
        return Money.zero("BRL")
    if isinstance(value, Decimal) and abs(value.adjusted()) < _LONGEST_NUMBER:
        value = f"{value:f}"
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InvalidAmount(field=field)
    read = Money.parse(str(value), "BRL", field)
    if read.cents < 0:
        raise InvalidAmount(field=field)
    return read


def received(of: Record, field: str) -> Money:
    """An amount that came in, so never nothing."""
    money = amount(of, field)
    if not money:
        raise InvalidAmount(field=field)
    return money


def barcode(of: Record, field: str, *, required: bool) -> str:
    """44 digits with the right check digit; empty only where it may be."""
    digits = text(of, field)
    if digits or required:
        ensure_barcode(digits)
    return digits


def number(of: Record, field: str) -> Decimal | int:
    """A rate or the like, as it was sent; 0 where the bank left it out."""
    value = of.get(field) or 0
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise InvalidField(field=field)
    return value


def iso_day(of: Record, field: str) -> date | None:
    """The day of a date or moment in ISO 8601, as it is in Brazil; None where left out.

    >>> iso_day({"quando": "2026-11-23T01:15:00Z"}, "quando")
    datetime.date(2026, 11, 22)
    """
    value = text(of, field)
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment.astimezone(ZoneInfo(ZONE)) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        raise InvalidDate(field=field) from None


def _no_number(_word: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")
