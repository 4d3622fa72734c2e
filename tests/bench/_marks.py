"""What stands on drawn pages, taken from their operators: for floors that put just the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from portal_app.domain.boleto.sheet import BoletoSheet
from portal_app.pdf import carne, slip

Four = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Text:
    """`letters` in the fonts' encoding; `narrow` the share of their own width."""

    font: bytes
    size: float
    narrow: float
    left: float
    foot: float
    letters: bytes


@dataclass(frozen=True, slots=True)
class Rule:
    """A line from two numbers to the two others, or a box of a corner, width and height."""

    pen: tuple[float, float, bytes]
    numbers: Four
    is_box: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """Black rectangles in a place and unit of their own."""

    unit: Four
    rectangles: tuple[Four, ...]


Mark = Text | Rule | Bars


@dataclass(frozen=True, slots=True)
class Page:
    """`frames`: how high up the frame is drawn, each time."""

    frames: tuple[float, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    frame: tuple[Mark, ...]
    pages: tuple[Page, ...]


def slips(sheets: Iterable[BoletoSheet]) -> Paper:
    return Paper(_read(slip.FRAME).marks, tuple(map(_read, slip.pages(sheets))))


def carnes(sheets: Iterable[BoletoSheet]) -> Paper:
    return Paper(_read(carne.FRAME).marks, tuple(map(_read, carne.pages(sheets))))


def _read(content: bytes) -> Page:
    reader = _Reader()
    for operators in content.splitlines():
        reader.read(operators)
    return Page(tuple(reader.frames), tuple(reader.marks))


class _Reader:
    """Goes through the operators of `portal_app.pdf.operators` line by line."""

    def __init__(self) -> None:
        self.frames: list[float] = []
        self.marks: list[Mark] = []
        self._up = [0.0]
        self._pen = (0.0, 0.0, b"")
        self._unit: Four = (0, 0, 0, 0)
        self._rectangles: list[Four] = []

    def read(self, operators: bytes) -> None:
        for pattern, take in _TAKEN:
            if found := pattern.fullmatch(operators):
                take(self, *found.groups())
                return
        raise ValueError(operators)

    def text(self, *found: bytes) -> None:
        font, letters = found[0], re.sub(rb"\\(.)", rb"\1", found[5])
        size, narrow, left, foot = map(float, found[1:5])
        self.marks.append(Text(font, size, narrow, left, foot + self._up[-1], letters))

    def line(self, *found: bytes) -> None:
        x1, y1, x2, y2 = map(float, found)
        up = self._up[-1]
        self.marks.append(Rule(self._pen, (x1, y1 + up, x2, y2 + up), is_box=False))

    def box(self, *found: bytes) -> None:
        left, foot, width, height = map(float, found)
        numbers = (left, foot + self._up[-1], width, height)
        self.marks.append(Rule(self._pen, numbers, is_box=True))

    def pen(self, width: bytes, grey: bytes, dash: bytes) -> None:
        self._up.append(self._up[-1])
        self._pen = (float(width), float(grey), dash)

    def moved(self, up: bytes) -> None:
        self._up.append(self._up[-1] + float(up))

    def back(self) -> None:
        self._up.pop()

    def frame(self) -> None:
        self.frames.append(self._up[-1])

    def unit(self, *found: bytes) -> None:
        wide, high, left, foot = map(float, found)
        self._unit, self._rectangles = (wide, high, left, foot + self._up[-1]), []

    def rectangle(self, *found: bytes) -> None:
        left, foot, width, height = map(float, found)
        self._rectangles.append((left, foot, width, height))

    def fill(self) -> None:
        self.marks.append(Bars(self._unit, tuple(self._rectangles)))

    def nothing(self) -> None:
        """Begins or ends texts."""


_NUMBER: Final = rb"(-?[0-9.]+)"
_OPERATORS: Final[dict[bytes, Callable[..., None]]] = {
    rb"(/F.) N Tf N 0 0 1 N N Tm\((.*)\)Tj": _Reader.text,
    rb"N N N N re": _Reader.rectangle,
    rb"q N w N G \[(.*)\] 0 d": _Reader.pen,
    rb"N N m N N l S": _Reader.line,
    rb"N N N N re S": _Reader.box,
    rb"q 1 0 0 1 0 N cm": _Reader.moved,
    rb"q N 0 0 N N N cm": _Reader.unit,
    rb"f Q": _Reader.fill,
    rb"Q": _Reader.back,
    rb"/\w+ Do": _Reader.frame,
    rb"BT|ET": _Reader.nothing,
}
_TAKEN: Final = [
    (re.compile(re.sub(rb"\bN\b", lambda _: _NUMBER, pattern)), take)
    for pattern, take in _OPERATORS.items()
]
