"""A document on one page of A4: whose it is, what it is for, what is paid of it and what is owed.

It is no fiscal document and says so. Its words are in the reader's language. Measures are in mm
from the lower left corner.
"""

# The published stubs leave the arguments of canvas methods without types.
# pyright: reportUnknownMemberType=false

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Final, cast

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit  # pyright: ignore[reportUnknownVariableType]
from reportlab.pdfgen.canvas import Canvas

from portal_app import locales
from portal_app.domain.companies import Company
from portal_app.domain.customers import Customer
from portal_app.domain.documents import Document, days_late, is_overdue
from portal_app.domain.money import Money
from portal_app.domain.selection import QuoteItem
from portal_app.pdf import style

LEFT: Final = 20.0
RIGHT: Final = style.PAGE_WIDTH - 20.0
MIDDLE: Final = 112.0

_ACCENT: Final = "#1d3b31"
_RULE: Final = 0.85
_TINT: Final = 0.955
_TEXT: Final = 9.5
_LABEL: Final = 8.0
_LEADING: Final = 5.0
_FACT_HEIGHT: Final = 6.5
_AMOUNT_HEIGHT: Final = 9.0
_BAND_GAP: Final = 2.0
_MOST_LINES: Final = 8

_COMPANY_TOP: Final = 272.0
_TITLE_TOP: Final = 238.0
_PARTIES_TOP: Final = 218.0
_WHAT_TOP: Final = 172.0


@dataclass(frozen=True, slots=True)
class DocumentPaper:
    """What the page is drawn from. `today` is what the document costs on the day `on`."""

    company: Company
    customer: Customer
    document: Document
    today: QuoteItem
    on: date
    locale: str


def draw_document(paper: DocumentPaper) -> bytes:
    """One page as a PDF; the same paper gives the same bytes."""
    target = BytesIO()
    tag = locales.text("language.tag", paper.locale)
    canvas = Canvas(
        target, pagesize=A4, pageCompression=1, invariant=1, pdfVersion=(1, 4), lang=tag
    )
    canvas.setTitle(style.printable(paper.document.number))
    canvas.setAuthor(style.printable(paper.company.name))
    canvas.setCreator("Em Dia")
    _company(canvas, paper.company)
    _title(canvas, paper)
    _customer(canvas, paper)
    _facts(canvas, paper)
    foot = _what(canvas, paper)
    _amounts(canvas, paper, foot - 17.0)
    _footer(canvas, paper)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def _company(canvas: Canvas, company: Company) -> None:
    own = re.fullmatch(r"#[0-9a-fA-F]{6}", company.accent)
    canvas.setFillColor(HexColor(company.accent if own else _ACCENT))
    canvas.rect(0, (style.PAGE_HEIGHT - 6.0) * mm, A4[0], 6.0 * mm, stroke=0, fill=1)
    canvas.setFillGray(style.INK)
    _fitted(canvas, (LEFT, _COMPANY_TOP), RIGHT - LEFT, company.name, size=16, bold=True)
    contact = company.contact
    lines = (
        f"{_tax_name(company)} {style.tax_id(company.tax_id)}" if company.tax_id else "",
        company.address,
        " · ".join(filter(None, (contact.name, contact.phone, contact.email))),
    )
    _lines(canvas, (LEFT, _COMPANY_TOP - 6.5), RIGHT - LEFT, lines, size=_LABEL + 0.5)


def _title(canvas: Canvas, paper: DocumentPaper) -> None:
    document = paper.document
    kind = locales.text(f"document.type.{document.type}", paper.locale)
    _rule(canvas, _TITLE_TOP + 9.0)
    _muted(canvas, (LEFT, _TITLE_TOP), kind, size=10)
    _fitted(
        canvas,
        (LEFT, _TITLE_TOP - 8.0),
        MIDDLE - LEFT - 4,
        document.number,
        size=20,
        bold=True,
    )
    style.write_right(canvas, (RIGHT, _TITLE_TOP - 8.0), _state(paper), size=11, bold=True)


def _customer(canvas: Canvas, paper: DocumentPaper) -> None:
    customer, width = paper.customer, MIDDLE - LEFT - 6
    _muted(canvas, (LEFT, _PARTIES_TOP), locales.text("paper.customer", paper.locale))
    _fitted(canvas, (LEFT, _PARTIES_TOP - 6), width, customer.name, size=11, bold=True)
    town = " ".join(filter(None, (customer.postcode, customer.city)))
    lines = (
        f"{_tax_name(paper.company)} {style.tax_id(customer.tax_id)}" if customer.tax_id else "",
        customer.street,
        customer.district,
        " - ".join(filter(None, (town, customer.state))),
    )
    _lines(canvas, (LEFT, _PARTIES_TOP - 12), width, lines, size=_TEXT)


def _facts(canvas: Canvas, paper: DocumentPaper) -> None:
    document, top = paper.document, _PARTIES_TOP
    facts = (
        ("paper.issued", locales.day(document.issued, paper.locale)),
        ("paper.due", locales.day(document.due, paper.locale) if document.due else "—"),
        ("paper.contract", document.contract or ""),
        ("paper.code", paper.customer.code),
    )
    for key, value in facts:
        if value:
            _fact(canvas, top, MIDDLE, locales.text(key, paper.locale), value)
            top -= _FACT_HEIGHT


def _what(canvas: Canvas, paper: DocumentPaper) -> float:
    """What it is for; the foot of the text."""
    _rule(canvas, _WHAT_TOP + 8.0)
    if not paper.document.description:
        return _WHAT_TOP + 8.0
    _muted(canvas, (LEFT, _WHAT_TOP), locales.text("paper.description", paper.locale))
    text = style.printable(paper.document.description)
    width = RIGHT - LEFT
    wrapped = cast("list[str]", simpleSplit(text, style.REGULAR, _TEXT, width * mm))
    shown = wrapped[:_MOST_LINES]
    if len(wrapped) > _MOST_LINES:
        rest = " ".join(wrapped[_MOST_LINES - 1 :])
        shown[-1] = style.shortened(rest, style.REGULAR, _TEXT, width)
    return _lines(canvas, (LEFT, _WHAT_TOP - 6), width, shown, size=_TEXT)


def _amounts(canvas: Canvas, paper: DocumentPaper, top: float) -> None:
    """What it comes to, part by part; what is to be paid stands out."""
    document, today = paper.document, paper.today
    rows = [
        ("paper.total", document.total),
        ("paper.paid", document.total - document.balance),
        ("paper.balance", document.balance),
    ]
    if today.fine or today.interest:
        rows += [
            ("paper.fine", today.fine),
            ("paper.interest", today.interest),
            ("paper.today", today.total),
        ]
    day = locales.day(paper.on, paper.locale)
    for key, amount in rows:
        last = key == rows[-1][0]
        if last:
            top -= _BAND_GAP
            _band(canvas, top)
        else:
            _rule(canvas, top - 3.2, MIDDLE)
        label = locales.text(key, paper.locale, day=day)
        shown = _money(-amount if document.is_credit else amount, paper.locale)
        _fact(canvas, top, MIDDLE, label, shown, strong=last)
        top -= _AMOUNT_HEIGHT


def _footer(canvas: Canvas, paper: DocumentPaper) -> None:
    day = locales.day(paper.on, paper.locale)
    made = locales.text("paper.made", paper.locale, day=day)
    _rule(canvas, 26.0)
    _muted(canvas, (LEFT, 20.0), locales.text("paper.not_fiscal", paper.locale))
    _muted(canvas, (LEFT, 15.5), made)


def _state(paper: DocumentPaper) -> str:
    """'Vencido há 43 dias', where there is something to say."""
    document, locale = paper.document, paper.locale
    if document.cancelled:
        return locales.text("paper.cancelled", locale)
    if document.is_credit:
        return ""
    if not document.balance:
        return locales.text("paper.settled", locale)
    if is_overdue(document, paper.on):
        return locales.plural("paper.late", days_late(document, paper.on), locale)
    return ""


def _money(amount: Money, locale: str) -> str:
    """With a hyphen for the minus, which the standard fonts do not have."""
    return locales.money(amount, locale).replace("−", "-")


def _tax_name(company: Company) -> str:
    return "NIF" if company.country == "PT" else "CPF/CNPJ"


def _lines(
    canvas: Canvas, at: tuple[float, float], width: float, lines: Sequence[str], *, size: float
) -> float:
    """Those that say something, one under the other; the baseline of the last."""
    left, top = at
    for number, text in enumerate(filter(None, lines)):
        if number:
            top -= _LEADING
        _fitted(canvas, (left, top), width, text, size=size)
    return top


def _fact(
    canvas: Canvas, top: float, left: float, label: str, value: str, *, strong: bool = False
) -> None:
    """A label at `left`, its value at the right margin, whole however long."""
    room = RIGHT - left - style.text_width(label, style.REGULAR, _TEXT) - 4
    font = style.BOLD if strong else style.REGULAR
    size = style.fitting_size(value, font, 13 if strong else _TEXT, room)
    if strong:
        style.write(canvas, (left, top), label, size=_TEXT, bold=True)
    else:
        _muted(canvas, (left, top), label, size=_TEXT)
    style.write_right(canvas, (RIGHT, top), value, size=size, bold=strong)


def _fitted(
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
    fitted = style.fitting_size(text, font, size, width, style.SMALLEST)
    style.write(canvas, at, style.shortened(text, font, fitted, width), size=fitted, bold=bold)


def _muted(canvas: Canvas, at: tuple[float, float], text: str, *, size: float = _LABEL) -> None:
    canvas.setFillGray(style.MUTED)
    style.write(canvas, at, text, size=size)
    canvas.setFillGray(style.INK)


def _rule(canvas: Canvas, y: float, left: float = LEFT) -> None:
    canvas.saveState()
    canvas.setLineWidth(0.4)
    canvas.setStrokeGray(_RULE)
    style.line(canvas, (left, y), (RIGHT, y))
    canvas.restoreState()


def _band(canvas: Canvas, top: float) -> None:
    """The ground on which the last amount stands."""
    width = RIGHT - MIDDLE + 8.0
    canvas.saveState()
    canvas.setFillGray(_TINT)
    canvas.roundRect((MIDDLE - 4.0) * mm, (top - 4.6) * mm, width * mm, 11.5 * mm, 2 * mm, 0, 1)
    canvas.restoreState()
