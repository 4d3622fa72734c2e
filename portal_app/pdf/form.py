"""Forms: what all boletos of a layout have in common, and where each one's facts go.

A form is encoded once in a process; to fill it in is to put letters between ready operators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, cast

from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit  # pyright: ignore[reportUnknownVariableType]

from portal_app.pdf.operators import HAIRLINE, Put, Type, box, line, place, ruled, texts
from portal_app.pdf.style import LETTERS, MUTED, REGULAR, SMALLEST, encoded, units
from portal_app.pdf.words import PartyWords, Words

Fact = Callable[[Words], bytes]

PADDING: Final = 1.2
PARTY_LEADING: Final = 3.1
LABEL_DEPTH: Final = 2.1
VALUE_FOOT: Final = 1.15
LABEL: Final = Type(size=5.6)
VALUE: Final = Type()
STRONG: Final = Type(size=9.5, bold=True)
NAME: Final = Type(least=SMALLEST)

# What a CNPJ with its label takes in NAME's type; a name ends before it.
_TAX_ID_ROOM: Final = 44.0


@dataclass(frozen=True, slots=True)
class Form:
    """`frame`: operators that are the same on every boleto. `places`: where its facts go."""

    frame: bytes = b""
    places: tuple[tuple[Fact, Put], ...] = ()

    def __add__(self, other: Form) -> Form:
        return Form(self.frame + other.frame, self.places + other.places)

    def filled_in(self, words: Words) -> list[bytes]:
        """The facts in their places, for `texts`."""
        return [put(fact(words)) for fact, put in self.places]


@dataclass(frozen=True, slots=True)
class Cell:
    """A box with its label and the fact in it, if any is printed there.

    A fact is drawn whole, however small; only names and addresses may be shortened.
    """

    label: str
    width: float
    fact: Fact | None = None
    align: float = 0.0
    type_: Type = VALUE


def together(forms: Iterable[Form]) -> Form:
    return sum(forms, Form())


def row(at: tuple[float, float], height: float, cells: Sequence[Cell]) -> Form:
    """Boxes side by side, `at` the upper left corner of the first."""
    left, top = at
    starts = accumulate((cell.width for cell in cells), initial=left)
    return together(
        _cell((start, top), height, cell) for start, cell in zip(starts, cells, strict=False)
    )


def label(at: tuple[float, float], text: str, type_: Type = LABEL, align: float = 0.0) -> Form:
    """Words that stand on every boleto."""
    return Form(texts([place(at, 300, type_, align)(encoded(text))]))


def fact(at: tuple[float, float], room: float, type_: Type, said: Fact, align: float = 0.0) -> Form:
    return Form(places=((said, place(at, room, type_, align)),))


def party(at: tuple[float, float], width: float, who: Callable[[Words], PartyWords]) -> Form:
    """Name and tax id, the address beneath; `at` is the start of the address's baseline."""
    left, foot = at
    above = foot + PARTY_LEADING
    return (
        fact((left, above), width - _TAX_ID_ROOM, NAME, lambda words: who(words).name)
        + fact((left + width, above), _TAX_ID_ROOM - 2, VALUE, lambda words: who(words).tax_id, 1)
        + fact(at, width, NAME, lambda words: who(words).address)
    )


def party_start(left: float, top: float, height: float) -> tuple[float, float]:
    """Where the address of a party begins in a box."""
    return left + PADDING, top - height + VALUE_FOOT


def column(
    at: tuple[float, float], width: float, type_: Type, count: int, leading: float
) -> list[Put]:
    """Places for lines of text, `leading` mm apart, the first on the baseline through `at`."""
    left, top = at
    return [place((left, top - number * leading), width, type_) for number in range(count)]


def wrapped(text: str, size: float, width: float) -> list[bytes]:
    """Encoded lines of at most `width` mm, but for a word that is longer by itself."""
    letters = encoded(text)
    if units(letters, REGULAR) * size <= width * mm * 1000:
        return [letters]
    split = cast("list[str]", simpleSplit(letters.decode(LETTERS), REGULAR, size, width * mm))
    return [encoded(line) for line in split]


def cut_line(start: tuple[float, float], end: tuple[float, float]) -> bytes:
    """Where to cut."""
    return ruled(line(start, end), width=HAIRLINE, grey=MUTED, dash=b"3 2")


def _cell(at: tuple[float, float], height: float, cell: Cell) -> Form:
    left, top = at
    empty = Form(box(left, top, cell.width, height)) + label(
        (left + PADDING, top - LABEL_DEPTH), cell.label
    )
    if cell.fact is None:
        return empty
    width = cell.width - 2 * PADDING
    start = (left + PADDING + cell.align * width, top - height + VALUE_FOOT)
    return empty + fact(start, width, cell.type_, cell.fact, cell.align)
