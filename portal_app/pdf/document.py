"""A document on one page of A4: whose it is, what it is for, what is paid of it and what is owed.

It is no fiscal document and says so. Its words are in the reader's language. Measures are in mm
from the lower left corner.
"""

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Final, cast

from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit  # pyright: ignore[reportUnknownVariableType]
from reportlab.pdfgen.canvas import Canvas

from portal_app import locales
from portal_app.domain.companies import Company
from portal_app.domain.customers import Customer
from portal_app.domain.documents import Document, days_late, is_overdue
from portal_app.domain.selection import QuoteItem
from portal_app.pdf import page, style
from portal_app.pdf.page import LABEL, LEFT, RIGHT, TEXT

MIDDLE: Final = 112.0

_FACT_HEIGHT: Final = 6.5
_AMOUNT_HEIGHT: Final = 9.0
_BAND_GAP: Final = 2.0
_BAND_HEIGHT: Final = 11.5
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
    canvas = page.canvas_of(target, paper.document.number, paper.company.name, paper.locale)
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
    page.bar(canvas, company.accent)
    page.fitted(canvas, (LEFT, _COMPANY_TOP), RIGHT - LEFT, company.name, size=16, bold=True)
    contact = company.contact
    lines = (
        f"{_tax_name(company)} {style.tax_id(company.tax_id)}" if company.tax_id else "",
        company.address,
        " · ".join(filter(None, (contact.name, contact.phone, contact.email))),
    )
    page.lines(canvas, (LEFT, _COMPANY_TOP - 6.5), RIGHT - LEFT, lines, size=LABEL + 0.5)


def _title(canvas: Canvas, paper: DocumentPaper) -> None:
    document = paper.document
    kind = locales.text(f"document.type.{document.type}", paper.locale)
    page.rule(canvas, _TITLE_TOP + 9.0)
    page.muted(canvas, (LEFT, _TITLE_TOP), kind, size=10)
    page.fitted(
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
    page.muted(canvas, (LEFT, _PARTIES_TOP), locales.text("paper.customer", paper.locale))
    page.fitted(canvas, (LEFT, _PARTIES_TOP - 6), width, customer.name, size=11, bold=True)
    town = " ".join(filter(None, (customer.postcode, customer.city)))
    lines = (
        f"{_tax_name(paper.company)} {style.tax_id(customer.tax_id)}" if customer.tax_id else "",
        customer.street,
        customer.district,
        " - ".join(filter(None, (town, customer.state))),
    )
    page.lines(canvas, (LEFT, _PARTIES_TOP - 12), width, lines, size=TEXT)


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
            page.fact(canvas, (MIDDLE, top), locales.text(key, paper.locale), value)
            top -= _FACT_HEIGHT


def _what(canvas: Canvas, paper: DocumentPaper) -> float:
    """What it is for; the foot of the text."""
    page.rule(canvas, _WHAT_TOP + 8.0)
    if not paper.document.description:
        return _WHAT_TOP + 8.0
    page.muted(canvas, (LEFT, _WHAT_TOP), locales.text("paper.description", paper.locale))
    text = style.printable(paper.document.description)
    width = RIGHT - LEFT
    wrapped = cast("list[str]", simpleSplit(text, style.REGULAR, TEXT, width * mm))
    shown = wrapped[:_MOST_LINES]
    if len(wrapped) > _MOST_LINES:
        rest = " ".join(wrapped[_MOST_LINES - 1 :])
        shown[-1] = style.shortened(rest, style.REGULAR, TEXT, width)
    return page.lines(canvas, (LEFT, _WHAT_TOP - 6), width, shown, size=TEXT)


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
            page.rule(canvas, top - 3.2, MIDDLE)
        label = locales.text(key, paper.locale, day=day)
        shown = page.money(-amount if document.is_credit else amount, paper.locale)
        page.fact(canvas, (MIDDLE, top), label, shown, strong=last)
        top -= _AMOUNT_HEIGHT


def _footer(canvas: Canvas, paper: DocumentPaper) -> None:
    day = locales.day(paper.on, paper.locale)
    made = locales.text("paper.made", paper.locale, day=day)
    page.rule(canvas, 26.0)
    page.muted(canvas, (LEFT, 20.0), locales.text("paper.not_fiscal", paper.locale))
    page.muted(canvas, (LEFT, 15.5), made)


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


def _tax_name(company: Company) -> str:
    return "NIF" if company.country == "PT" else "CPF/CNPJ"


def _band(canvas: Canvas, top: float) -> None:
    """The ground on which the last amount stands."""
    page.ground(canvas, (MIDDLE - 4.0, top - 4.6), (RIGHT - MIDDLE + 8.0, _BAND_HEIGHT))
