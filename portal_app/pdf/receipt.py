"""A receipt on A4: who paid whom, how much and when, what it was for and what is still owed.

The same paper states money that went back. Its words are in the reader's language. Measures are
in mm from the lower left corner.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from portal_app import locales
from portal_app.domain.money import Money
from portal_app.domain.receipts import ReceiptFacts, ReceiptLine
from portal_app.pdf import page, style
from portal_app.pdf.page import LABEL, LEFT, RIGHT, TEXT

MIDDLE: Final = 112.0

_COMPANY_TOP: Final = 272.0
_TITLE_TOP: Final = 238.0
_PARTIES_TOP: Final = 218.0
_TOTAL_TOP: Final = 188.0
_TABLE_TOP: Final = 150.0
_NEXT_TABLE_TOP: Final = 258.0
_TABLE_FOOT: Final = 34.0
_FOOTER_TOP: Final = 26.0

_FACT_HEIGHT: Final = 6.5
_TOTAL_HEIGHT: Final = 25.0
_HEAD_HEIGHT: Final = 9.0
_ROW_HEIGHT: Final = 7.5
_TOTAL_SIZE: Final = 26.0
_BESIDE_SIZE: Final = 13.0
_GAP: Final = 4.0
_NOTHING: Final = "—"

# Where the amounts of a table end, from the left; the last column is what is owed.
_ENDS: Final = (112.0, 150.0, RIGHT)
_ENDS_WITH_DISCOUNT: Final = (98.0, 130.0, 158.0, RIGHT)
_COLUMN_WIDTH: Final = 28.0


@dataclass(frozen=True, slots=True)
class _Paper:
    """The facts in their reader's language."""

    facts: ReceiptFacts
    locale: str

    def text(self, key: str) -> str:
        return locales.text(key, self.locale)

    def said(self, key: str) -> str:
        """The words for money that came in, or those for money that went back."""
        return locales.text(f"{key}.{self.facts.kind}", self.locale)

    def day(self, key: str) -> str:
        return locales.text(key, self.locale, day=locales.day(self.facts.issued_on, self.locale))

    def money(self, amount: Money) -> str:
        return page.money(amount, self.locale)

    def amount(self, amount: Money) -> str:
        return locales.amount(amount, self.locale)


@dataclass(frozen=True, slots=True)
class _Column:
    """Its amounts end at `right`. Nothing is shown for a zero where `may_be_nothing`."""

    label: str
    right: float
    of: Callable[[ReceiptLine], Money]
    may_be_nothing: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the table in words: its name, and an amount for each column from the left."""

    name: str
    amounts: tuple[str, ...]
    strong: bool = False


def draw_receipt(facts: ReceiptFacts, locale: str) -> bytes:
    """As many pages as its documents need; the same facts give the same bytes."""
    paper, target = _Paper(facts, locale), BytesIO()
    canvas = page.canvas_of(target, facts.number, facts.company, locale)
    columns = _columns(paper)
    pages = _pages([_row(paper, line, columns) for line in facts.lines], _closing(paper, columns))
    for number, rows in enumerate(pages, 1):
        page.bar(canvas, facts.accent)
        top = _first_head(canvas, paper) if number == 1 else _next_head(canvas, paper)
        if rows:
            _table(canvas, top, columns, rows, paper.text("receipt.document"))
        _footer(canvas, paper, number, len(pages))
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _first_head(canvas: Canvas, paper: _Paper) -> float:
    """All but the documents; where their table begins."""
    _company(canvas, paper.facts)
    _title(canvas, paper)
    _customer(canvas, paper)
    _how(canvas, paper)
    _total(canvas, paper)
    return _TABLE_TOP


def _next_head(canvas: Canvas, paper: _Paper) -> float:
    facts = paper.facts
    said = f"{paper.said('receipt.title')} {facts.number}"
    room = RIGHT - LEFT - style.text_width(said, style.REGULAR, TEXT) - 2 * _GAP
    page.fitted(canvas, (LEFT, _COMPANY_TOP), room, facts.company, size=11, bold=True)
    page.muted_right(canvas, (RIGHT, _COMPANY_TOP), said, size=TEXT)
    return _NEXT_TABLE_TOP


def _company(canvas: Canvas, facts: ReceiptFacts) -> None:
    page.fitted(canvas, (LEFT, _COMPANY_TOP), RIGHT - LEFT, facts.company, size=16, bold=True)
    lines = (_tax_id(facts.company_tax_id), facts.company_address, facts.company_contact)
    page.lines(canvas, (LEFT, _COMPANY_TOP - 6.5), RIGHT - LEFT, lines, size=LABEL + 0.5)


def _title(canvas: Canvas, paper: _Paper) -> None:
    issued = paper.day("receipt.issued")
    room = RIGHT - LEFT - style.text_width(issued, style.REGULAR, TEXT) - 2 * _GAP
    foot = _TITLE_TOP - 8.0
    page.rule(canvas, _TITLE_TOP + 9.0)
    page.muted(canvas, (LEFT, _TITLE_TOP), paper.said("receipt.title"), size=10)
    page.fitted(canvas, (LEFT, foot), room, paper.facts.number, size=20, bold=True)
    page.muted_right(canvas, (RIGHT, foot), issued, size=TEXT)


def _customer(canvas: Canvas, paper: _Paper) -> None:
    facts, width = paper.facts, MIDDLE - LEFT - 6
    page.muted(canvas, (LEFT, _PARTIES_TOP), paper.text("paper.customer"))
    page.fitted(canvas, (LEFT, _PARTIES_TOP - 6), width, facts.customer, size=11, bold=True)
    at = (LEFT, _PARTIES_TOP - 12)
    page.fitted(canvas, at, width, _tax_id(facts.customer_tax_id), size=TEXT)


def _how(canvas: Canvas, paper: _Paper) -> None:
    """When and how the money went."""
    facts, top = paper.facts, _PARTIES_TOP
    said = (
        (paper.said("receipt.day"), locales.day(facts.paid_on, paper.locale)),
        (paper.text("receipt.method"), paper.text(f"payment.method.{facts.method}")),
        (paper.text("receipt.reference"), facts.reference),
        (paper.text("receipt.answers"), facts.answers),
    )
    for label, value in said:
        if value:
            page.fact(canvas, (MIDDLE, top), label, style.printable(value))
            top -= _FACT_HEIGHT


def _total(canvas: Canvas, paper: _Paper) -> None:
    """The money, large; beside it what is still owed, or that all of it is credit."""
    facts = paper.facts
    beside = (
        (paper.said("receipt.owed"), paper.money(facts.owed))
        if facts.lines
        else (paper.said("receipt.credit"), paper.money(facts.credit))
    )
    label, amount = _TOTAL_TOP - 8.5, _TOTAL_TOP - 18.5
    size = (RIGHT - LEFT + 2 * _GAP, _TOTAL_HEIGHT)
    page.ground(canvas, (LEFT - _GAP, _TOTAL_TOP - _TOTAL_HEIGHT), size)
    page.muted_right(canvas, (RIGHT, label), beside[0], size=TEXT)
    style.write_right(canvas, (RIGHT, amount), beside[1], size=_BESIDE_SIZE, bold=True)
    room = RIGHT - LEFT - style.text_width(beside[1], style.BOLD, _BESIDE_SIZE) - 2 * _GAP
    total = paper.money(facts.total)
    fitting = style.fitting_size(total, style.BOLD, _TOTAL_SIZE, room)
    page.muted(canvas, (LEFT, label), paper.said("receipt.total"), size=TEXT)
    style.write(canvas, (LEFT, amount), total, size=fitting, bold=True)


def _columns(paper: _Paper) -> list[_Column]:
    """One for discounts only where there was one."""
    paid, charges = paper.said("receipt.paid"), paper.text("receipt.charges")
    discounted = any(line.discount for line in paper.facts.lines)
    ends = iter(_ENDS_WITH_DISCOUNT if discounted else _ENDS)
    columns = [
        _Column(paid, next(ends), lambda line: line.paid),
        _Column(charges, next(ends), lambda line: line.charges, may_be_nothing=True),
    ]
    if discounted:
        label = paper.text("receipt.discount")
        columns.append(_Column(label, next(ends), lambda line: line.discount, may_be_nothing=True))
    owed = paper.said("receipt.owed")
    return [*columns, _Column(owed, next(ends), lambda line: line.owed)]


def _row(paper: _Paper, line: ReceiptLine, columns: Sequence[_Column]) -> _Row:
    return _Row(line.number, _amounts(paper, columns, [column.of(line) for column in columns]))


def _closing(paper: _Paper, columns: Sequence[_Column]) -> list[_Row]:
    """What of the money no document needed, and the sums where there is something to add up."""
    facts, currency = paper.facts, paper.facts.total.currency
    rows: list[_Row] = []
    if facts.lines and facts.credit:
        rows.append(_Row(paper.said("receipt.credit"), (paper.amount(facts.credit),)))
    if len(facts.lines) + len(rows) > 1:
        sums = [Money.total(map(column.of, facts.lines), currency) for column in columns[1:]]
        amounts = _amounts(paper, columns, [facts.total, *sums])
        rows.append(_Row(paper.text("receipt.sum"), amounts, strong=True))
    return rows


def _amounts(
    paper: _Paper, columns: Sequence[_Column], amounts: Sequence[Money]
) -> tuple[str, ...]:
    return tuple(
        _NOTHING if column.may_be_nothing and not amount else paper.amount(amount)
        for column, amount in zip(columns, amounts, strict=True)
    )


def _pages(lines: Sequence[_Row], closing: Sequence[_Row]) -> list[list[_Row]]:
    """The table page by page; the rows that close it never stand on a page alone."""
    rows = iter(lines)
    pages = [list(islice(rows, _room(_TABLE_TOP)))]
    while more := list(islice(rows, _room(_NEXT_TABLE_TOP))):
        pages.append(more)
    room = _room(_TABLE_TOP if len(pages) == 1 else _NEXT_TABLE_TOP)
    if len(pages[-1]) + len(closing) > room:
        pages.append([pages[-1].pop()])
    pages[-1] += closing
    return pages


def _room(table_top: float) -> int:
    """How many rows fit under a heading at this height."""
    return int((table_top - _HEAD_HEIGHT - _TABLE_FOOT) / _ROW_HEIGHT) + 1


def _table(
    canvas: Canvas, top: float, columns: Sequence[_Column], rows: Sequence[_Row], name: str
) -> None:
    """`name` heads the first column, that of the documents."""
    page.muted(canvas, (LEFT, top), name)
    for column in columns:
        page.muted_right(canvas, (column.right, top), column.label)
    page.rule(canvas, top - 3.5)
    top -= _HEAD_HEIGHT
    width = columns[0].right - _COLUMN_WIDTH - LEFT
    for row in rows:
        page.fitted(canvas, (LEFT, top), width, row.name, size=TEXT, bold=row.strong)
        for column, amount in zip(columns, row.amounts, strict=False):
            _amount(canvas, (column.right, top), amount, strong=row.strong)
        page.rule(canvas, top - 2.6)
        top -= _ROW_HEIGHT


def _amount(canvas: Canvas, at: tuple[float, float], amount: str, *, strong: bool) -> None:
    font = style.BOLD if strong else style.REGULAR
    size = style.fitting_size(amount, font, TEXT, _COLUMN_WIDTH)
    style.write_right(canvas, at, amount, size=size, bold=strong)


def _footer(canvas: Canvas, paper: _Paper, number: int, pages: int) -> None:
    page.rule(canvas, _FOOTER_TOP)
    page.muted(canvas, (LEFT, _FOOTER_TOP - 6.0), paper.said("receipt.footer"))
    if pages > 1:
        said = locales.text("list.page", paper.locale, page=number, pages=pages)
        page.muted_right(canvas, (RIGHT, _FOOTER_TOP - 6.0), said)


def _tax_id(value: str) -> str:
    """With the name its length tells: a CPF, a CNPJ, else a NIF; nothing for none."""
    name = {11: "CPF", 14: "CNPJ"}.get(len(value), "NIF")
    return f"{name} {style.tax_id(value)}" if value else ""
