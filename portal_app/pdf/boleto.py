"""The boleto on A4: recibo do pagador above, ficha de compensação at the foot.

Follows FEBRABAN's layout of the ficha: at most 108 mm high, characters of the
linha digitável 3.5 to 4 mm, barcode 103 × 13 mm with its foot 12 mm from the
edge. Measures are in mm from the lower left corner. The words are those of
the form, in Portuguese whatever the reader's language.
"""

# The published stubs leave the arguments of canvas and path methods without types.
# pyright: reportUnknownMemberType=false

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final, cast

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit  # pyright: ignore[reportUnknownVariableType]
from reportlab.pdfgen.canvas import Canvas

from portal_app.domain.boleto.barcode import MODULES, bars
from portal_app.domain.boleto.sheet import BoletoSheet, Party, SheetItem
from portal_app.domain.errors import FieldMissing, FieldTooLong
from portal_app.pdf import style
from portal_app.pdf.style import LEFT, RIGHT

BARCODE_WIDTH: Final = 103.0
BARCODE_HEIGHT: Final = 13.0
BARCODE_FOOT: Final = 12.0

# Helvetica's figures are 0.71 of the size high: 14.1 pt give 3.53 mm.
LINE_SIZE: Final = 14.1

_FRAME: Final = "frame"
_CODE_LEFT: Final = 40.0
_CODE_RIGHT: Final = 58.0
_PADDING: Final = 1.2
_SIDE: Final = 45.0
_MAIN: Final = RIGHT - LEFT - _SIDE
_LABEL_SIZE: Final = 5.6
_LEADING: Final = 3.1
_VALUE_FOOT: Final = 1.15

_CUT: Final = 107.0
_HEADER_HEIGHT: Final = 8.5
_RECEIPT_TOP: Final = 270.0
_FICHA_TOP: Final = 105.0
_INSTRUCTIONS_TOP: Final = 67.5
_INSTRUCTIONS_HEIGHT: Final = 30.0
_PAYER_TOP: Final = 37.5
_PAYER_HEIGHT: Final = 10.5
_PAYER_INDENT: Final = 20.0

_ITEM_COLUMNS: Final = ("Documento", "Vencimento", "Saldo", "Multa", "Juros", "Total (R$)")
_DUE_LEFT: Final = 78.0
_FIGURES_RIGHT: Final = (125.0, 148.0, 170.0, RIGHT - _PADDING)
_ITEMS_TOP: Final = 227.0
_ITEM_HEIGHT: Final = 4.8
_ITEMS_ON_RECEIPT: Final = 17
_ITEMS_ON_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Cell:
    """A box of the form: its label, and the fact a sheet puts into it.

    A fact is drawn whole, however small; only names and addresses may be
    shortened, and are drawn apart.
    """

    label: str
    width: float
    fact: Callable[[BoletoSheet], str]
    to_right: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells side by side, the first at `left`."""

    top: float
    height: float
    cells: tuple[Cell, ...]
    left: float = LEFT

    def placed(self) -> Iterator[tuple[float, Cell]]:
        left = self.left
        for cell in self.cells:
            yield left, cell
            left += cell.width


def draw_boleto(sheet: BoletoSheet) -> bytes:
    """One boleto as a PDF; the same sheet gives the same bytes."""
    return _draw([sheet], f"Boleto {sheet.document_number}")


def draw_boletos(sheets: Sequence[BoletoSheet]) -> bytes:
    """Many boletos in one PDF, each beginning on its own page."""
    if not sheets:
        raise FieldMissing(field="sheets")
    return _draw(sheets, f"Boletos ({len(sheets)})")


def _draw(sheets: Sequence[BoletoSheet], title: str) -> bytes:
    target = BytesIO()
    canvas = Canvas(
        target, pagesize=A4, pageCompression=1, invariant=1, pdfVersion=(1, 4), lang="pt-BR"
    )
    canvas.setTitle(style.printable(title))
    canvas.setAuthor(style.printable(sheets[0].payee.name))
    canvas.setSubject("Boleto de cobrança")
    canvas.setCreator("Em Dia")
    _define_frame(canvas)
    for sheet in sheets:
        _boleto_page(canvas, sheet)
        for first in range(_receipt_count(sheet), len(sheet.items), _ITEMS_ON_PAGE):
            _items_page(canvas, sheet, sheet.items[first : first + _ITEMS_ON_PAGE])
    canvas.save()
    return target.getvalue()


def _boleto_page(canvas: Canvas, sheet: BoletoSheet) -> None:
    canvas.doForm(_FRAME)
    _letterhead(canvas, sheet)
    for top in (_RECEIPT_TOP, _FICHA_TOP):
        _bank_header(canvas, sheet, top)
    for row in (*_RECEIPT, *_FICHA):
        for left, cell in row.placed():
            _fill(canvas, row, left, cell, cell.fact(sheet))
    for row in (_RECEIPT_PAYEE, _FICHA_PAYEE):
        _party(canvas, _value_start(row), _MAIN - 2 * _PADDING, sheet.payee)
    _party(canvas, _value_start(_RECEIPT_PAYER), _MAIN - _SIDE - 2 * _PADDING, sheet.payer)
    _instructions(canvas, sheet)
    _payer(canvas, sheet)
    _receipt_items(canvas, sheet)
    _barcode(canvas, sheet.barcode)
    canvas.showPage()


def _define_frame(canvas: Canvas) -> None:
    """Rules and labels are the same on every boleto: kept once in the file."""
    canvas.beginForm(_FRAME, 0, 0, A4[0], A4[1])
    canvas.setLineWidth(0.4)
    for row in (*_RECEIPT, *_FICHA):
        for left, cell in row.placed():
            _box(canvas, left, row.top, cell.width, row.height)
            _label(canvas, left, row.top, cell.label)
    _box(canvas, LEFT, _INSTRUCTIONS_TOP, _MAIN, _INSTRUCTIONS_HEIGHT)
    _label(
        canvas,
        LEFT,
        _INSTRUCTIONS_TOP,
        "Instruções (texto de responsabilidade do beneficiário)",
    )
    _box(canvas, LEFT, _PAYER_TOP, RIGHT - LEFT, _PAYER_HEIGHT)
    _label(canvas, LEFT, _PAYER_TOP, "Pagador")
    _label(canvas, LEFT, _PAYER_TOP - 7.3, "Beneficiário final")
    _label(canvas, LEFT + _MAIN, _PAYER_TOP - 7.3, "Código de baixa")
    for top in (_RECEIPT_TOP, _FICHA_TOP):
        _header_rules(canvas, top)
    style.write_right(canvas, (RIGHT, 283.2), "RECIBO DO PAGADOR", size=9, bold=True)
    style.write_right(canvas, (RIGHT, 23.6), "FICHA DE COMPENSAÇÃO", size=8, bold=True)
    style.write_right(canvas, (RIGHT, 20.4), "Autenticação mecânica", size=_LABEL_SIZE)
    style.write_right(canvas, (RIGHT, 117.4), "Autenticação mecânica", size=_LABEL_SIZE)
    _cut(canvas)
    canvas.endForm()


def _header_rules(canvas: Canvas, top: float) -> None:
    foot = top - _HEADER_HEIGHT
    canvas.setLineWidth(1.1)
    for x in (_CODE_LEFT, _CODE_RIGHT):
        style.line(canvas, (x, foot), (x, top - 1.8))
    style.line(canvas, (LEFT, foot), (RIGHT, foot))
    canvas.setLineWidth(0.4)


def _cut(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.setStrokeGray(style.MUTED)
    canvas.setDash(3, 2)
    style.line(canvas, (0, _CUT), (style.PAGE_WIDTH, _CUT))
    canvas.setFillGray(style.MUTED)
    style.write_right(canvas, (RIGHT, _CUT + 0.9), "Corte na linha pontilhada", size=_LABEL_SIZE)
    canvas.restoreState()


def _letterhead(canvas: Canvas, sheet: BoletoSheet) -> None:
    _shrunk(canvas, (LEFT, 283.0), _MAIN - 5, sheet.payee.name, size=13, bold=True)
    address = " · ".join((f"CPF/CNPJ {style.tax_id(sheet.payee.tax_id)}", *sheet.payee.address))
    _shrunk(canvas, (LEFT, 278.2), RIGHT - LEFT, address, size=8)
    contact = style.printable(sheet.contact)
    size = style.fitting_size(contact, style.REGULAR, 8, RIGHT - LEFT)
    style.write(canvas, (LEFT, 274.2), contact, size=size)


def _bank_header(canvas: Canvas, sheet: BoletoSheet, top: float) -> None:
    baseline = top - _HEADER_HEIGHT + 2.2
    _shrunk(canvas, (LEFT, baseline), _CODE_LEFT - LEFT - 2, sheet.bank_name, size=12, bold=True)
    canvas.setFont(style.BOLD, 15)
    canvas.drawCentredString(
        (_CODE_LEFT + _CODE_RIGHT) / 2 * mm, baseline * mm, f"{sheet.bank_code}-{sheet.bank_dv}"
    )
    style.write_right(canvas, (RIGHT, baseline), sheet.linha_digitavel, size=LINE_SIZE, bold=True)


def _fill(canvas: Canvas, row: Row, left: float, cell: Cell, raw: str) -> None:
    text = style.printable(raw)
    font = style.BOLD if cell.bold else style.REGULAR
    size = style.fitting_size(text, font, 9.5 if cell.bold else 8, cell.width - 2 * _PADDING)
    foot = row.top - row.height + _VALUE_FOOT
    if cell.to_right:
        end = (left + cell.width - _PADDING, foot)
        style.write_right(canvas, end, text, size=size, bold=cell.bold)
    else:
        style.write(canvas, (left + _PADDING, foot), text, size=size, bold=cell.bold)


def _party(canvas: Canvas, at: tuple[float, float], width: float, party: Party) -> None:
    """Name and tax id, the address beneath, from `at`: the start of the address's baseline."""
    left, foot = at
    tax_id = f"CPF/CNPJ {style.tax_id(party.tax_id)}"
    tax_width = style.text_width(tax_id, style.REGULAR, 8)
    style.write_right(canvas, (left + width, foot + _LEADING), tax_id)
    _shrunk(canvas, (left, foot + _LEADING), width - tax_width - 2, party.name, size=8)
    _shrunk(canvas, at, width, " – ".join(party.address), size=8)


def _instructions(canvas: Canvas, sheet: BoletoSheet) -> None:
    """Wrapped, in smaller type where there are many; refused rather than cut."""
    width = (_MAIN - 2 * _PADDING) * mm
    room = _INSTRUCTIONS_HEIGHT - 4.5
    for size in (8.0, 7.0, style.SMALLEST):
        leading = size * 0.42
        lines = [line for text in sheet.instructions for line in _wrapped(text, size, width)]
        if len(lines) * leading <= room:
            break
    else:
        raise FieldTooLong(field="instructions", longest=int(room / leading))
    baseline = _INSTRUCTIONS_TOP - 3.0 - leading
    for line_number, text in enumerate(lines):
        style.write(canvas, (LEFT + _PADDING, baseline - line_number * leading), text, size=size)


def _wrapped(text: str, size: float, width: float) -> list[str]:
    return cast("list[str]", simpleSplit(style.printable(text), style.REGULAR, size, width))


def _payer(canvas: Canvas, sheet: BoletoSheet) -> None:
    left = LEFT + _PAYER_INDENT
    width = RIGHT - left - _PADDING
    _party(canvas, (left, _PAYER_TOP - 6.0), width, sheet.payer)
    _shrunk(canvas, (left, _PAYER_TOP - 9.4), _MAIN - _PAYER_INDENT, sheet.guarantor, size=8)


def _barcode(canvas: Canvas, barcode: str) -> None:
    """One path of rectangles: vectors, so that any printer draws clean edges."""
    module = BARCODE_WIDTH / MODULES
    path = canvas.beginPath()
    for start, width in bars(barcode):
        path.rect(
            (LEFT + start * module) * mm,
            BARCODE_FOOT * mm,
            width * module * mm,
            BARCODE_HEIGHT * mm,
        )
    canvas.setFillGray(style.INK)
    canvas.drawPath(path, stroke=0, fill=1)


def _receipt_count(sheet: BoletoSheet) -> int:
    """How many documents stand on the receipt itself; the others follow on pages of their own."""
    count = len(sheet.items)
    return count if count <= _ITEMS_ON_RECEIPT else _ITEMS_ON_RECEIPT - 1


def _receipt_items(canvas: Canvas, sheet: BoletoSheet) -> None:
    if not sheet.items:
        return
    shown = sheet.items[: _receipt_count(sheet)]
    style.write(canvas, (LEFT, _ITEMS_TOP), "Documentos pagos com este boleto", size=9, bold=True)
    top = _items(canvas, shown, _ITEMS_TOP - 5.5)
    left_over = len(sheet.items) - len(shown)
    if left_over:
        text = f"e mais {left_over} nas páginas seguintes"
        style.write(canvas, (LEFT + _PADDING, top), text, size=7.5)
        top -= _ITEM_HEIGHT
    _items_total(canvas, sheet, top)


def _items_page(canvas: Canvas, sheet: BoletoSheet, items: Sequence[SheetItem]) -> None:
    _shrunk(canvas, (LEFT, 283.0), _MAIN - 5, sheet.payee.name, size=13, bold=True)
    text = f"Documentos pagos com o boleto {sheet.nosso_numero} (continuação)"
    style.write(canvas, (LEFT, 276.0), text, size=9, bold=True)
    _items(canvas, items, 270.0)
    canvas.showPage()


def _items(canvas: Canvas, items: Sequence[SheetItem], top: float) -> float:
    """Header and lines from baseline `top` down; returns the next free baseline."""
    _table_line(canvas, top, _ITEM_COLUMNS, size=7)
    for item in items:
        top -= _ITEM_HEIGHT
        figures = (item.principal, item.fine, item.interest, item.total)
        texts = (item.document, style.day(item.due), *map(style.number, figures))
        _table_line(canvas, top, texts, size=8)
    return top - _ITEM_HEIGHT


def _items_total(canvas: Canvas, sheet: BoletoSheet, top: float) -> None:
    style.write(canvas, (LEFT + _PADDING, top), "Total deste boleto", size=8.5, bold=True)
    end = (RIGHT - _PADDING, top)
    style.write_right(canvas, end, style.money(sheet.amount), size=8.5, bold=True)


def _table_line(canvas: Canvas, top: float, texts: Sequence[str], *, size: float) -> None:
    document, due, *figures = texts
    name = style.printable(document)
    fitted = style.fitting_size(name, style.REGULAR, size, _DUE_LEFT - LEFT - 3)
    style.write(canvas, (LEFT + _PADDING, top), name, size=fitted)
    style.write(canvas, (_DUE_LEFT, top), due, size=size)
    for right, text in zip(_FIGURES_RIGHT, figures, strict=True):
        style.write_right(canvas, (right, top), text, size=size)
    canvas.saveState()
    canvas.setLineWidth(0.25)
    canvas.setStrokeGray(0.7)
    style.line(canvas, (LEFT, top - 1.5), (RIGHT, top - 1.5))
    canvas.restoreState()


def _shrunk(
    canvas: Canvas,
    at: tuple[float, float],
    width: float,
    raw: str,
    *,
    size: float,
    bold: bool = False,
) -> None:
    """A name or address: smaller down to 6 pt where it is long, then with an ellipsis."""
    font = style.BOLD if bold else style.REGULAR
    text = style.printable(raw)
    fitted = style.fitting_size(text, font, size, width, style.SMALLEST)
    style.write(canvas, at, style.shortened(text, font, fitted, width), size=fitted, bold=bold)


def _box(canvas: Canvas, left: float, top: float, width: float, height: float) -> None:
    canvas.rect(left * mm, (top - height) * mm, width * mm, height * mm)


def _label(canvas: Canvas, left: float, top: float, text: str) -> None:
    style.write(canvas, (left + _PADDING, top - 2.1), text, size=_LABEL_SIZE)


def _value_start(row: Row) -> tuple[float, float]:
    return row.left + _PADDING, row.top - row.height + _VALUE_FOOT


def _blank(label: str, width: float) -> Cell:
    return Cell(label, width, lambda _: "")


def _side(label: str, fact: Callable[[BoletoSheet], str], *, bold: bool = False) -> Cell:
    return Cell(label, _SIDE, fact, to_right=True, bold=bold)


_DUE: Final = _side("Vencimento", lambda sheet: style.day(sheet.due), bold=True)
_AMOUNT: Final = _side("(=) Valor do documento", lambda sheet: style.money(sheet.amount), bold=True)
_AGENCIA_CODIGO: Final = _side("Agência/Código do beneficiário", lambda sheet: sheet.agencia_codigo)
_NOSSO_NUMERO: Final = _side("Nosso número", lambda sheet: sheet.nosso_numero)
_DOCUMENT: Final = (
    Cell("Data do documento", 28, lambda sheet: style.day(sheet.document_date)),
    Cell("Nº do documento", 47, lambda sheet: sheet.document_number),
    Cell("Espécie doc.", 20, lambda sheet: sheet.especie_doc),
    Cell("Aceite", 15, lambda sheet: sheet.aceite),
    Cell("Data do processamento", 35, lambda sheet: style.day(sheet.processing_date)),
)

_RECEIPT_PAYEE: Final = Row(261.5, 9.5, (_blank("Beneficiário", _MAIN), _AGENCIA_CODIGO))
_RECEIPT_PAYER: Final = Row(245.0, 9.5, (_blank("Pagador", _MAIN - _SIDE), _DUE, _AMOUNT))
_RECEIPT: Final = (
    _RECEIPT_PAYEE,
    Row(252.0, 7.0, (*_DOCUMENT, _NOSSO_NUMERO)),
    _RECEIPT_PAYER,
)

_FICHA_PAYEE: Final = Row(90.0, 9.5, (_blank("Beneficiário", _MAIN), _AGENCIA_CODIGO))
_FICHA: Final = (
    Row(
        96.5,
        6.5,
        (Cell("Local de pagamento", _MAIN, lambda sheet: sheet.payment_place), _DUE),
    ),
    _FICHA_PAYEE,
    Row(80.5, 6.5, (*_DOCUMENT, _NOSSO_NUMERO)),
    Row(
        74.0,
        6.5,
        (
            _blank("Uso do banco", 28),
            Cell("Carteira", 27, lambda sheet: sheet.carteira),
            Cell("Espécie moeda", 20, lambda _: "R$"),
            _blank("Quantidade", 35),
            _blank("(x) Valor", 35),
            _AMOUNT,
        ),
    ),
    Row(67.5, 6.0, (_blank("(–) Desconto/Abatimento", _SIDE),), LEFT + _MAIN),
    Row(61.5, 6.0, (_blank("(–) Outras deduções", _SIDE),), LEFT + _MAIN),
    Row(55.5, 6.0, (_blank("(+) Mora/Multa", _SIDE),), LEFT + _MAIN),
    Row(49.5, 6.0, (_blank("(+) Outros acréscimos", _SIDE),), LEFT + _MAIN),
    Row(43.5, 6.0, (_blank("(=) Valor cobrado", _SIDE),), LEFT + _MAIN),
)
