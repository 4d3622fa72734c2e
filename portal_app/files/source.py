"""A file as it comes in: may it be read, what is it, its numbered lines. Never whole in memory."""

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from portal_app.domain.errors import InvalidFile

LARGEST: Final = 200 * 1024 * 1024
LONGEST_LINE: Final = 16 * 1024
_HEAD: Final = 64 * 1024
_BOM: Final = b"\xef\xbb\xbf"
# The end-of-file mark some bank programs still write.
_CTRL_Z: Final = "\x1a"
_BY_SUFFIX: Final = {
    ".rem": "cnab240",
    ".240": "cnab240",
    ".400": "cnab400",
    ".csv": "csv",
    ".txt": "csv",
    ".xml": "saft-pt",
}
_CNAB240: Final = re.compile(r"[0-9]{7}[019]")
# Some banks leave out the blanks that fill a line up to 240.
_CNAB240_LEAST: Final = 166
_CNAB400: Final = re.compile(r"0[12](REMESSA|RETORNO)")
_DIRECTION_AT: Final = {"cnab240": 142, "cnab400": 1}


class Direction(StrEnum):
    """Which way a bank file goes: REMESSA to the bank, RETORNO from it."""

    REMESSA = "remessa"
    RETORNO = "retorno"


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number, from 1, without its end. Not `whole`: longer than any of ours."""

    number: int
    text: str
    whole: bool = True


def open_file(path: Path) -> BinaryIO:
    """Open a file that may be read; raise InvalidFile otherwise."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise InvalidFile(reason="missing") from None
    except OSError:
        raise InvalidFile(reason="unreadable") from None
    if stat.S_ISDIR(found.st_mode):
        raise InvalidFile(reason="directory")
    if not stat.S_ISREG(found.st_mode):
        raise InvalidFile(reason="unreadable")
    if found.st_size > LARGEST:
        raise InvalidFile(reason="too_large", megabytes=LARGEST // 1024 // 1024)
    try:
        return path.open("rb")
    except OSError:
        raise InvalidFile(reason="unreadable") from None


def opening(stream: BinaryIO) -> str:
    """The first lines of a text file; InvalidFile if it is empty or no text. Back at its start."""
    head = stream.read(_HEAD)
    stream.seek(0)
    if b"\0" in head:
        raise InvalidFile(reason="binary")
    text = decode(head.removeprefix(_BOM)).lstrip()
    if not text.strip(_CTRL_Z):
        raise InvalidFile(reason="empty")
    return text


def detect(opening: str, suffix: str) -> str:
    """The format, told from the content, else from the file's suffix."""
    first = opening.splitlines()[0]
    if opening.startswith(("<?xml", "<AuditFile")):
        return "saft-pt"
    if _CNAB400.match(first):
        return "cnab400"
    if _CNAB240.match(first) and len(first) >= _CNAB240_LEAST:
        return "cnab240"
    by_suffix = _BY_SUFFIX.get(suffix.lower())
    if by_suffix is None and not (";" in first or "," in first):
        raise InvalidFile(reason="format_unknown")
    return by_suffix or "csv"


def direction(opening: str, kind: str) -> Direction | None:
    """Which way a bank file goes; None where its header does not say."""
    at = _DIRECTION_AT[kind]
    return {"1": Direction.REMESSA, "2": Direction.RETORNO}.get(opening[at : at + 1])


def lines(stream: BinaryIO) -> Iterator[Line]:
    """The lines that say anything, blank ones left out but counted."""
    number = 0
    while raw := stream.readline(LONGEST_LINE):
        number += 1
        whole = raw.endswith(b"\n") or len(raw) < LONGEST_LINE
        ended = whole
        while not ended:
            rest = stream.readline(LONGEST_LINE)
            ended = not rest or rest.endswith(b"\n")
        if number == 1:
            raw = raw.removeprefix(_BOM)
        text = decode(raw.rstrip(b"\r\n\x1a"))
        if text.strip(f" \t{_CTRL_Z}"):
            yield Line(number, text, whole)


def decode(raw: bytes) -> str:
    """UTF-8 where it is that, else Latin-1, which accented bytes hardly ever pass for UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def has_control(text: str) -> bool:
    """Whether there are characters no database or screen should get."""
    if text.isascii():
        return not text.isprintable()
    return any(char < " " or char == "\x7f" for char in text)
