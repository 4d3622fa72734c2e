"""Drawing as PDF operators (PDF 32000-1:2008, annex A), for papers made by the thousand.

Measures are in mm from the lower left corner, type sizes and rules in points. What never
changes is encoded once: a place knows all operators around its text and is then given only
the letters.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from reportlab.lib.units import mm

from portal_app.pdf import style

Put = Callable[[bytes], bytes]
"""Sets encoded letters in their place, within `texts`; nothing where there are none."""

HAIRLINE: Final = 0.4
HEAVY: Final = 1.1

FONTS: Final = {style.REGULAR: b"/F1", style.BOLD: b"/F2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """How a text is set. Where it is too wide for its room it shrinks.

    At `least` it stops shrinking and ends in an ellipsis; with 0 it is set whole, however
    small. `narrow`: how wide the letters are as a share of their own width.
    """

    size: float = 8.0
    bold: bool = False
    least: float = 0.0
    narrow: float = 1.0

    @property
    def font(self) -> str:
        return style.BOLD if self.bold else style.REGULAR

    def fitting(self, width: int, room: float) -> float:
        """The size at which text of `width` thousandths fits in `room` mm, if none is too small."""
        return min(self.size, max(self.least, room * mm * 1000 / (max(width, 1) * self.narrow)))


def place(at: tuple[float, float], room: float, type_: Type, align: float = 0.0) -> Put:
    """A place for text `room` mm wide, on the baseline through `at`.

    `align` 0: the text starts at that point; 1: it ends there; 0.5: it is centred on it.
    """
    font, narrow = type_.font, type_.narrow
    fits = room * mm * 1000 / (type_.size * narrow)
    as_is = _setter(at, type_, align)

    def put(letters: bytes) -> bytes:
        if not letters:
            return b""
        width = style.units(letters, font)
        if width <= fits:
            return as_is(letters, width)
        size = type_.fitting(width, room)
        if size == type_.least:
            letters = style.cut(letters, font, room * mm * 1000 / (size * narrow))
            width = style.units(letters, font)
        return _setter(at, replace(type_, size=size), align)(letters, width)

    return put


def texts(parts: Iterable[bytes]) -> bytes:
    return b"BT\n%sET\n" % b"".join(parts)


def line(start: tuple[float, float], end: tuple[float, float]) -> bytes:
    return b"%s m %s l S\n" % (_point(start), _point(end))


def box(left: float, top: float, width: float, height: float) -> bytes:
    corner = _point((left, top - height))
    return b"%s %s re S\n" % (corner, _point((width, height)))


def ruled(content: bytes, *, width: float, grey: float = style.INK, dash: bytes = b"") -> bytes:
    """Lines of this width in points; `dash`, such as b"3 2", breaks them."""
    return b"q %s w %s G [%s] 0 d\n%sQ\n" % (_number(width), _number(grey), dash, content)


def filled(at: tuple[float, float], unit: tuple[float, float], rectangles: bytes) -> bytes:
    """One path of rectangles, black; they count in units of so many mm, from `at`."""
    wide, high = (_number(side * mm, 6) for side in unit)
    return b"q %s 0 0 %s %s cm\n%sf Q\n" % (wide, high, _point(at), rectangles)


def moved(content: bytes, up: float) -> bytes:
    """The same drawing `up` mm higher."""
    return b"q 1 0 0 1 0 %s cm\n%sQ\n" % (_number(up * mm), content)


def escaped(letters: bytes) -> bytes:
    """As they stand between the parentheses of a PDF string."""
    return letters.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _setter(at: tuple[float, float], type_: Type, align: float) -> Callable[[bytes, int], bytes]:
    """The text of a width in thousandths, as it is."""
    left, foot = at[0] * mm, _number(at[1] * mm)
    size, narrow = type_.size, type_.narrow
    font = b"%s %s Tf %s 0 0 1 " % (FONTS[type_.font], _number(size), _number(narrow))
    if not align:
        head = b"%s%s %s Tm(" % (font, _number(left), foot)
        return lambda letters, _: head + escaped(letters) + b")Tj\n"
    turned = b"%s%%.2f %s Tm(" % (font, foot)
    back = align * size * narrow / 1000
    return lambda letters, width: turned % (left - width * back) + escaped(letters) + b")Tj\n"


def _point(at: tuple[float, float]) -> bytes:
    return b"%s %s" % (_number(at[0] * mm), _number(at[1] * mm))


def _number(value: float, decimals: int = 2) -> bytes:
    """Without the zeros at the end that a reader does not need."""
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".").encode()
