"""What all papers share: page, fonts, colours, words, and text that fits its place.

Helvetica of the standard fourteen is used, so nothing is embedded and a file
stays small. It writes Western European text; other letters lose their marks
or become "?".
"""

import unicodedata
from bisect import bisect_right
from datetime import date
from itertools import accumulate
from typing import Final

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import getFont
from reportlab.pdfgen.canvas import Canvas

from portal_app import locales
from portal_app.domain.money import Money

PAGE_WIDTH: Final = A4[0] / mm
PAGE_HEIGHT: Final = A4[1] / mm
LEFT: Final = 10.0
RIGHT: Final = PAGE_WIDTH - 10.0

REGULAR: Final = "Helvetica"
BOLD: Final = "Helvetica-Bold"

INK: Final = 0.0
"""Grey levels; a boleto is printed black on white."""
MUTED: Final = 0.35

SMALLEST: Final = 6.0
"""Names and addresses shrink down to this size in points, then end in an ellipsis."""

LETTERS: Final = "cp1252"
"""The fonts' encoding, WinAnsi in the words of PDF."""

_LOCALE: Final = "pt_BR"
_PREFIX: Final = {"BRL": "R$", "EUR": "€"}
_ELLIPSIS: Final = "…"

# How wide each of the 256 letters is, in thousandths of the size.
_WIDTHS: Final = {font: tuple(getFont(font).widths) for font in (REGULAR, BOLD)}


def money(amount: Money) -> str:
    """'R$ 1.234,56'."""
    return f"{_PREFIX.get(amount.currency, amount.currency)} {number(amount)}"


def number(amount: Money) -> str:
    """'1.234,56'."""
    return locales.amount(amount, _LOCALE)


def day(value: date | None) -> str:
    """'25/11/2026', nothing for no date."""
    return f"{value:%d/%m/%Y}" if value else ""


def tax_id(value: str) -> str:
    """A CPF (11 characters) or CNPJ (14, letters too) with its punctuation, else as it stands.

    >>> tax_id("11144477735"), tax_id("12ABC34501DE35")
    ('111.444.777-35', '12.ABC.345/01DE-35')
    """
    if len(value) == 11:
        return f"{value[:3]}.{value[3:6]}.{value[6:9]}-{value[9:]}"
    if len(value) == 14:
        return f"{value[:2]}.{value[2:5]}.{value[5:8]}/{value[8:12]}-{value[12:]}"
    return value


def encoded(text: str) -> bytes:
    """`text` in the letters of the standard fonts, one byte each; 'Łódź' as '?ódz'."""
    # What of Latin-1 is printable has the same bytes in the fonts' encoding, at a seventh of the time.
    spaced = text.replace("\u00a0", " ")
    try:
        return spaced.encode("latin-1") if spaced.isprintable() else _replaced(spaced)
    except UnicodeEncodeError:
        return _replaced(spaced)


def printable(text: str) -> str:
    """`text` as the standard fonts can show it, 'Łódź' as '?ódz'."""
    return encoded(text).decode(LETTERS)


def units(letters: bytes, font: str) -> int:
    """The width of encoded text in thousandths of its size."""
    return sum(map(_WIDTHS[font].__getitem__, letters))


def text_width(text: str, font: str, size: float) -> float:
    """In mm."""
    return units(encoded(text), font) * size / 1000 / mm


def fitting_size(text: str, font: str, size: float, width: float, least: float = 0.0) -> float:
    """The greatest size, at most `size` and at least `least`, at which `text` is `width` mm wide."""
    drawn = text_width(text, font, size)
    return size if drawn <= width else max(least, size * width / drawn)


def shortened(text: str, font: str, size: float, width: float) -> str:
    """`text`, or its beginning and an ellipsis where it is wider than `width` mm."""
    letters = encoded(text)
    return cut(letters, font, width * mm * 1000 / size).decode(LETTERS)


def cut(letters: bytes, font: str, room: float) -> bytes:
    """Encoded text, or its beginning and an ellipsis where it is wider than `room` thousandths."""
    if units(letters, font) <= room:
        return letters
    ellipsis = encoded(_ELLIPSIS)
    ends = list(accumulate(map(_WIDTHS[font].__getitem__, letters)))
    return letters[: bisect_right(ends, room - units(ellipsis, font))].rstrip() + ellipsis


def write(
    canvas: Canvas, at: tuple[float, float], text: str, *, size: float = 8.0, bold: bool = False
) -> None:
    """Left-aligned text; `at` is the start of its baseline in mm from the lower left corner."""
    canvas.setFont(BOLD if bold else REGULAR, size)
    canvas.drawString(at[0] * mm, at[1] * mm, printable(text))


def write_right(
    canvas: Canvas, at: tuple[float, float], text: str, *, size: float = 8.0, bold: bool = False
) -> None:
    """Text that ends at `at`."""
    canvas.setFont(BOLD if bold else REGULAR, size)
    canvas.drawRightString(at[0] * mm, at[1] * mm, printable(text))


def line(canvas: Canvas, start: tuple[float, float], end: tuple[float, float]) -> None:
    canvas.line(start[0] * mm, start[1] * mm, end[0] * mm, end[1] * mm)


def _replaced(text: str) -> bytes:
    return b"".join(_letter(letter) for letter in text)


def _letter(letter: str) -> bytes:
    for shown in (letter, unicodedata.normalize("NFKD", letter)[0]):
        if byte := shown.encode(LETTERS, errors="ignore"):
            return byte if shown.isprintable() else b" "
    return b"?"
