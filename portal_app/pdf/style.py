"""What all papers share: page, fonts, colours, and text that fits its place.

Helvetica of the standard fourteen is used, so nothing is embedded and a file
stays small. It writes Western European text; other letters lose their marks
or become "?".
"""

import unicodedata
from datetime import date
from typing import Final

from babel.dates import format_date
from babel.numbers import format_decimal
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from stdnum.br import cnpj, cpf

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

_LOCALE: Final = "pt_BR"
_PREFIX: Final = {"BRL": "R$", "EUR": "€"}
_ELLIPSIS: Final = "…"


def money(amount: Money) -> str:
    """'R$ 1.234,56'."""
    return f"{_PREFIX.get(amount.currency, amount.currency)} {number(amount)}"


def number(amount: Money) -> str:
    """'1.234,56'."""
    return format_decimal(amount.decimal(), format="#,##0.00", locale=_LOCALE)


def day(value: date | None) -> str:
    """'25/11/2026', nothing for no date."""
    return format_date(value, "dd/MM/yyyy", locale=_LOCALE) if value else ""


def tax_id(value: str) -> str:
    """A CPF (11 characters) or CNPJ (14, letters too) with its punctuation, else as it stands."""
    if len(value) == 11:
        return cpf.format(value)
    return cnpj.format(value) if len(value) == 14 else value


def printable(text: str) -> str:
    """`text` in the letters of the standard fonts, 'Łódź' as '?ódz'."""
    return "".join(_printable(letter) for letter in text)


def text_width(text: str, font: str, size: float) -> float:
    """In mm."""
    return stringWidth(text, font, size) / mm


def fitting_size(text: str, font: str, size: float, width: float, least: float = 0.0) -> float:
    """The greatest size, at most `size` and at least `least`, at which `text` is `width` mm wide."""
    drawn = text_width(text, font, size)
    return size if drawn <= width else max(least, size * width / drawn)


def shortened(text: str, font: str, size: float, width: float) -> str:
    """`text`, or its beginning and an ellipsis where it is wider than `width` mm."""
    if text_width(text, font, size) <= width:
        return text
    kept = text
    while kept and text_width(kept + _ELLIPSIS, font, size) > width:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS


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


def _printable(letter: str) -> str:
    if _is_western(letter):
        return letter if letter.isprintable() else " "
    base = unicodedata.normalize("NFKD", letter)[0]
    return base if _is_western(base) else "?"


def _is_western(letter: str) -> bool:
    return bool(letter.encode("cp1252", errors="ignore"))
