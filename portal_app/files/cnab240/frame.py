"""What holds a CNAB 240 file together: headers, lotes, trailers and their counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal_app.domain.boleto.check_digits import is_number
from portal_app.domain.errors import (
    CountMismatch,
    FileBroken,
    FileHeaderMissing,
    InvalidFile,
    OtherLote,
)
from portal_app.domain.imports import RefusedLine
from portal_app.files.cnab240.records import (
    COMMON,
    FILE_HEADER,
    FILE_TRAILER,
    LENGTH,
    LOTE_HEADER,
    LOTE_TRAILER,
)
from portal_app.files.fixed_width import Field
from portal_app.files.headers import framed
from portal_app.files.source import Direction, Line

_DIRECTION: Final = {Direction.REMESSA: "1", Direction.RETORNO: "2"}
# Collection; the retornos of some banks call titles without registration '02'.
_SERVICES: Final = {
    Direction.REMESSA: frozenset({"R01"}),
    Direction.RETORNO: frozenset({"T01", "T02"}),
}


class Part(StrEnum):
    """What a line after the file's header is."""

    OPENS_LOTE = "opens_lote"
    DETAIL = "detail"
    CLOSES_LOTE = "closes_lote"
    ENDS = "ends"


def file_header(line: Line, direction: Direction, least: int = LENGTH) -> str:
    """The file's header; raises InvalidFile where the line is none of this direction."""
    if COMMON["record"].of(line.text) != "0" or not is_number(line.text[:8]):
        raise FileHeaderMissing(line=line.number)
    record = framed(line, LENGTH, least)
    stated = FILE_HEADER["direction"].of(record)
    if stated != _DIRECTION[direction]:
        other = next((name for name, code in _DIRECTION.items() if code == stated), None)
        raise InvalidFile(reason=other or "not_collection", line=line.number)
    return record


@dataclass(slots=True)
class Frame:
    """Where in the file we are. `shortest`: lines may lack the blanks that fill them up."""

    bank: str
    direction: Direction
    line: int
    shortest: bool = False
    lote: str = ""
    records: int = 1
    lotes: int = 0
    lote_records: int = 0
    in_lote: bool = False
    ended: bool = False

    def enter(self, line: Line) -> Part:
        """Take the next line; raises InvalidFile where it cannot stand here."""
        self.line = line.number
        if self.ended:
            raise FileBroken(reason="after_trailer", line=line.number)
        self.records += 1
        self.lote_records += 1
        match COMMON["record"].of(line.text):
            case "1":
                self._open(line)
                return Part.OPENS_LOTE
            case "5":
                self._need(line, in_lote=True)
                self.in_lote = False
                return Part.CLOSES_LOTE
            case "9":
                self._need(line, in_lote=False)
                self.ended = True
                return Part.ENDS
            case "0":
                raise FileBroken(reason="file_trailer", line=line.number)
            case _:
                self._need(line, in_lote=True)
                return Part.DETAIL

    def record(self, line: Line, last: int) -> str:
        """A header or trailer of this file that states nothing behind the position `last`."""
        record = framed(line, LENGTH, last if self.shortest else None)
        if COMMON["bank"].of(record) != self.bank:
            raise FileBroken(reason="bank", line=line.number)
        return record

    def mismatches(self, line: Line, part: Part) -> Iterator[RefusedLine]:
        """What a trailer says otherwise than we count.

        The titles that were read are good, and reading the file again is harmless; the
        refused trailer tells that others may be missing.
        """
        if part is Part.CLOSES_LOTE:
            record = self.record(line, LOTE_TRAILER["records"].last)
            lote = COMMON["lote"].of(record)
            if lote != self.lote:
                yield RefusedLine.of(line.number, OtherLote(lote=lote, expected=self.lote))
            yield from _count(line, record, LOTE_TRAILER["records"], self.lote_records)
        else:
            record = self.record(line, FILE_TRAILER["records"].last)
            yield from _count(line, record, FILE_TRAILER["lotes"], self.lotes)
            yield from _count(line, record, FILE_TRAILER["records"], self.records)

    def ensure_ended(self) -> None:
        if not self.ended:
            raise FileBroken(reason="file_trailer", line=self.line)

    def _open(self, line: Line) -> None:
        self._need(line, in_lote=False)
        record = self.record(line, LOTE_HEADER["service"].last)
        kind = LOTE_HEADER["operation"].of(record) + LOTE_HEADER["service"].of(record)
        if kind not in _SERVICES[self.direction]:
            raise InvalidFile(reason="not_collection", line=line.number)
        self.lote = COMMON["lote"].of(record)
        self.in_lote, self.lote_records = True, 1
        self.lotes += 1

    def _need(self, line: Line, *, in_lote: bool) -> None:
        if self.in_lote is not in_lote:
            reason = "lote_header" if in_lote else "lote_trailer"
            raise FileBroken(reason=reason, line=line.number)


def _count(line: Line, record: str, stated: Field, found: int) -> Iterator[RefusedLine]:
    text = stated.of(record)
    if not (is_number(text) and int(text) == found):
        yield RefusedLine.of(line.number, CountMismatch(stated=text, found=found))
