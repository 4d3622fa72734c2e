"""A page of reportlab's canvas: what the papers drawn with it have in common.

Measures are in mm from the lower left corner.
"""

# The published stubs leave the arguments of canvas methods without types.
# pyright: reportUnknownMemberType=false

import re
from collections.abc import Sequence
from typing import BinaryIO, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal_app import locales
from portal_app.domain.money import Money
from portal_app.pdf import style

LEFT: Final = 20.0
RIGHT: Final = style.PAGE_WIDTH - 20.0
TEXT: Final = 9.5
LABEL: Final = 8.0

_ACCENT: Final = "#1d3b31"
_RULE: Final = 0.85
_TINT: Final = 0.955
_LEADING: Final = 5.0
_BAR: Final = 6.0
_STRONG: Final = 13.0


def canvas_of(target: BinaryIO, title: str, author: str, locale: str) -> Canvas:
    """An empty A4 page; the same drawings on it give the same bytes."""
    tag = locales.text("language.tag", locale)
    canvas = Canvas(
        target, pagesize=A4, pageCompression=1, invariant=1, pdfVersion=(1, 4), lang=tag
    )
    canvas.setTitle(style.printable(title))
    canvas.setAuthor(style.printable(author))
    canvas.setCreator("Em Dia")
    return canvas


def bar(canvas: Canvas, accent: str) -> None:
    """The company's colour along the upper edge; ours where it is none."""
    own = re.fullmatch(r"#[0-9a-fA-F]{6}", accent)
    canvas.setFillColor(HexColor(accent if own else _ACCENT))
    canvas.rect(0, (style.PAGE_HEIGHT - _BAR) * mm, A4[0], _BAR * mm, stroke=0, fill=1)
    canvas.setFillGray(style.INK)


def money(amount: Money, locale: str) -> str:
    """With a hyphen for the minus, which the standard fonts do not have."""
    return locales.money(amount, locale).replace("−", "-")


def lines(
    canvas: Canvas, at: tuple[float, float], width: float, said: Sequence[str], *, size: float
) -> float:
    """Those that say something, one under the other; the baseline of the last."""
    left, top = at
    for number, text in enumerate(filter(None, said)):
        if number:
            top -= _LEADING
        fitted(canvas, (left, top), width, text, size=size)
    return top


def fact(
    canvas: Canvas, at: tuple[float, float], label: str, value: str, *, strong: bool = False
) -> None:
    """A label, its value at the right margin, whole however long."""
    left, top = at
    room = RIGHT - left - style.text_width(label, style.REGULAR, TEXT) - 4
    font = style.BOLD if strong else style.REGULAR
    size = style.fitting_size(value, font, _STRONG if strong else TEXT, room)
    if strong:
        style.write(canvas, (left, top), label, size=TEXT, bold=True)
    else:
        muted(canvas, (left, top), label, size=TEXT)
    style.write_right(canvas, (RIGHT, top), value, size=size, bold=strong)


def fitted(
    canvas: Canvas,
    at: tuple[float, float],
    width: float,
    raw: str,
    *,
    size: float,
    bold: bool = False,
) -> None:
    """A name or an address: smaller where it is long, then with an ellipsis."""
    font = style.BOLD if bold else style.REGULAR
    text = style.printable(raw)
    least = style.fitting_size(text, font, size, width, style.SMALLEST)
    style.write(canvas, at, style.shortened(text, font, least, width), size=least, bold=bold)


def muted(canvas: Canvas, at: tuple[float, float], text: str, *, size: float = LABEL) -> None:
    canvas.setFillGray(style.MUTED)
    style.write(canvas, at, text, size=size)
    canvas.setFillGray(style.INK)


def muted_right(canvas: Canvas, at: tuple[float, float], text: str, *, size: float = LABEL) -> None:
    canvas.setFillGray(style.MUTED)
    style.write_right(canvas, at, text, size=size)
    canvas.setFillGray(style.INK)


def rule(canvas: Canvas, y: float, left: float = LEFT) -> None:
    canvas.saveState()
    canvas.setLineWidth(0.4)
    canvas.setStrokeGray(_RULE)
    style.line(canvas, (left, y), (RIGHT, y))
    canvas.restoreState()


def ground(canvas: Canvas, at: tuple[float, float], size: tuple[float, float]) -> None:
    """The tinted ground on which an amount stands; `at` is its lower left corner."""
    canvas.saveState()
    canvas.setFillGray(_TINT)
    canvas.roundRect(at[0] * mm, at[1] * mm, size[0] * mm, size[1] * mm, 2 * mm, 0, 1)
    canvas.restoreState()
