"""What headers and trailers of bank files state: where one of them is damaged, the file is."""

from __future__ import annotations

from datetime import date

from portal_app.domain.boleto.check_digits import is_number
from portal_app.domain.errors import FileBroken, InvalidDate, PortalError
from portal_app.files.fixed_width import Field, Fields, day_of, whole
from portal_app.files.source import Line


def framed(line: Line, length: int, least: int | None = None) -> str:
    """A header or trailer, see `whole`: without it the file is not whole."""
    try:
        return whole(line, length, least)
    except PortalError:
        raise FileBroken(reason="cut", line=line.number) from None


def stated_day(record: str, table: Fields, name: str, line: Line) -> date | None:
    """None where the header leaves the day out."""
    try:
        return day_of(record, table, name)
    except InvalidDate:
        raise FileBroken(reason="cut", line=line.number) from None


def stated_count(record: str, position: Field, line: Line) -> int:
    """0 where the header leaves the number out."""
    text = position.of(record)
    if text and not is_number(text):
        raise FileBroken(reason="cut", line=line.number)
    return int(text or "0")
