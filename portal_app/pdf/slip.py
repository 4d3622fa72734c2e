"""A boleto on A4: recibo do pagador above, ficha de compensação at the foot.

More documents than the receipt has room for follow on pages of their own.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

from portal_app.domain.boleto.sheet import BoletoSheet, SheetItem
from portal_app.pdf import style
from portal_app.pdf.codes import barcode, qr_code
from portal_app.pdf.ficha import (
    BARCODE_FOOT,
    Shape,
    bank_header,
    document_row,
    ficha,
    instructions,
    payee_row,
    side,
)
from portal_app.pdf.form import (
    LABEL,
    NAME,
    PADDING,
    STRONG,
    VALUE,
    Cell,
    Form,
    cut_line,
    fact,
    label,
    party,
    party_start,
    row,
    together,
)
from portal_app.pdf.operators import HAIRLINE, Put, Type, box, line, place, ruled, texts
from portal_app.pdf.style import LEFT, RIGHT, encoded
from portal_app.pdf.words import Words, words_of

_SHAPE: Final = Shape(
    left=LEFT,
    right=RIGHT,
    top=100.5,
    side=45.0,
    name=26.0,
    code=21.0,
    narrow=1.0,
    header=9.0,
    row=6.5,
    party=9.5,
    amount=6.0,
    payer=11.0,
)
_WIDTH: Final = RIGHT - LEFT
_CUT: Final = 103.0
_TOP: Final = 283.0
_RECEIPT_TOP: Final = 269.5
_PIX_TOP: Final = 230.5
_PIX_SIDE: Final = 32.0

_DOT: Final = encoded(" · ")
_NO_FIGURES: Final = (b"",) * 4
_LETTERHEAD: Final = Type(size=13, bold=True, least=style.SMALLEST)
_HEADING: Final = Type(size=9, bold=True)
_COLUMN: Final = Type(size=7)

_COLUMNS: Final = ("Documento", "Vencimento", "Saldo", "Multa", "Juros", "Total (R$)")
_DUE_LEFT: Final = 78.0
_FIGURES_RIGHT: Final = (125.0, 148.0, 170.0, RIGHT - PADDING)
_LINE_HEIGHT: Final = 4.8
_ITEMS_TOP: Final = 227.0
_ITEMS_TOP_UNDER_PIX: Final = 189.5
_ON_RECEIPT: Final = 17
_ON_RECEIPT_UNDER_PIX: Final = 11
_ON_PAGE: Final = 50


def pages(sheets: Iterable[BoletoSheet]) -> Iterator[bytes]:
    """The operators of each page; a boleto's first one draws FRAME."""
    for sheet in sheets:
        words = words_of(sheet)
        shown = _on_receipt(sheet)
        yield _first_page(sheet, words, shown)
        for first in range(shown, len(sheet.items), _ON_PAGE):
            yield _items_page(words, sheet.items[first : first + _ON_PAGE])


def _first_page(sheet: BoletoSheet, words: Words, shown: int) -> bytes:
    return b"".join(
        (
            b"/Slip Do\n",
            texts([*_FORM.filled_in(words), *_INSTRUCTIONS(sheet.instructions)]),
            _pix(sheet.pix) if sheet.pix else b"",
            _receipt_items(sheet, words, shown) if shown else b"",
            barcode((LEFT, BARCODE_FOOT), sheet.barcode),
        )
    )


def _on_receipt(sheet: BoletoSheet) -> int:
    """How many documents stand on the receipt; one less than it holds where others follow."""
    holds = _ON_RECEIPT_UNDER_PIX if sheet.pix else _ON_RECEIPT
    return len(sheet.items) if len(sheet.items) <= holds else holds - 1


def _pix(code: str) -> bytes:
    return _PIX_BAND + qr_code((LEFT, _PIX_TOP - _PIX_SIDE), _PIX_SIDE, code)


def _receipt_items(sheet: BoletoSheet, words: Words, shown: int) -> bytes:
    top = _ITEMS_TOP_UNDER_PIX if sheet.pix else _ITEMS_TOP
    first = top - 5.5
    foot = first - (shown + 1) * _LINE_HEIGHT
    closing: list[bytes] = []
    if left_over := len(sheet.items) - shown:
        note = encoded(f"e mais {left_over} nas páginas seguintes")
        closing.append(_line([note], foot, VALUE))
        foot -= _LINE_HEIGHT
    closing.append(_line([b"Total deste boleto", *_NO_FIGURES, words.amount], foot, _HEADING))
    return _heading(top) + _items(sheet.items[:shown], first) + texts(closing)


def _items_page(words: Words, items: Sequence[SheetItem]) -> bytes:
    heading = encoded("Documentos pagos com o boleto {} (continuação)")
    heads = (
        place((LEFT, _TOP), _WIDTH, _LETTERHEAD)(words.payee.name),
        place((LEFT, _TOP - 7), _WIDTH, _HEADING)(heading.replace(b"{}", words.nosso_numero)),
    )
    return texts(heads) + _items(items, _TOP - 13)


def _items(items: Sequence[SheetItem], top: float) -> bytes:
    """The names of the columns at baseline `top`, a line for each document beneath."""
    lines = [
        _line(_said(item), top - number * _LINE_HEIGHT, VALUE)
        for number, item in enumerate(items, start=1)
    ]
    return _table(top, len(items)) + texts(lines)


def _said(item: SheetItem) -> list[bytes]:
    figures = (item.principal, item.fine, item.interest, item.total)
    said = (item.document, style.day(item.due), *map(style.number, figures))
    return [encoded(text) for text in said]


def _line(said: Sequence[bytes], baseline: float, type_: Type) -> bytes:
    """What is said in the columns, from the left."""
    places = _columns(baseline, type_)
    return b"".join([put(letters) for put, letters in zip(places, said, strict=False)])


@cache
def _heading(top: float) -> bytes:
    return label((LEFT, top), "Documentos pagos com este boleto", _HEADING).frame


@cache
def _columns(baseline: float, type_: Type) -> tuple[Put, ...]:
    name = place((LEFT + PADDING, baseline), _DUE_LEFT - LEFT - 2 * PADDING, type_)
    due = place((_DUE_LEFT, baseline), 25, type_)
    figures = (place((right, baseline), 24, type_, 1) for right in _FIGURES_RIGHT)
    return name, due, *figures


@cache
def _table(top: float, count: int) -> bytes:
    baselines = [top - number * _LINE_HEIGHT - 1.5 for number in range(count + 1)]
    rules = b"".join(line((LEFT, foot), (RIGHT, foot)) for foot in baselines)
    return ruled(rules, width=0.25, grey=0.7) + texts(
        [_line([encoded(name) for name in _COLUMNS], top, _COLUMN)]
    )


def _letterhead() -> Form:
    """Who is to be paid, in large type, and whom to ask."""
    title = label((RIGHT, _TOP), "RECIBO DO PAGADOR", _HEADING, 1)
    name = fact((LEFT, _TOP), _WIDTH - 50, _LETTERHEAD, lambda words: words.payee.name)
    address = fact((LEFT, _TOP - 4.8), _WIDTH, NAME, _tax_id_and_address)
    contact = fact((LEFT, _TOP - 8.8), _WIDTH, VALUE, lambda words: words.contact)
    return title + name + address + contact


def _tax_id_and_address(words: Words) -> bytes:
    return _DOT.join(part for part in (words.payee.tax_id, words.payee.address) if part)


def _receipt() -> Form:
    top = _RECEIPT_TOP - _SHAPE.header
    payer_top = top - _SHAPE.party - _SHAPE.row
    payer_width = _SHAPE.main - _SHAPE.side
    payer_row = (
        Cell("Pagador", payer_width),
        side(_SHAPE, "Vencimento", lambda words: words.due, STRONG),
        side(_SHAPE, "(=) Valor do documento", lambda words: words.amount, STRONG),
    )
    payer = party(
        party_start(LEFT, payer_top, _SHAPE.party),
        payer_width - 2 * PADDING,
        lambda words: words.payer,
    )
    return together(
        (
            _letterhead(),
            bank_header(_SHAPE, _RECEIPT_TOP),
            payee_row(_SHAPE, top),
            document_row(_SHAPE, top - _SHAPE.party),
            row((LEFT, payer_top), _SHAPE.party, payer_row) + payer,
            label((RIGHT, _CUT + 12), "Autenticação mecânica", LABEL, 1),
        )
    )


def _cut() -> Form:
    note = label((RIGHT, _CUT + 0.9), "Corte na linha pontilhada", LABEL, 1)
    return Form(cut_line((0, _CUT), (style.PAGE_WIDTH, _CUT))) + note


def _pix_band() -> Form:
    left, top = LEFT + _PIX_SIDE + 3, _PIX_TOP - 9
    return together(
        (
            Form(ruled(box(LEFT, _PIX_TOP, _WIDTH, _PIX_SIDE), width=HAIRLINE)),
            label((left, top), "Pague com Pix", Type(size=13, bold=True)),
            label(
                (left, top - 6),
                "Abra o aplicativo do seu banco, escolha Pix e leia este código.",
                VALUE,
            ),
            label((left, top - 10), "Pague uma vez só: por Pix ou pelo código de barras.", VALUE),
        )
    )


_FORM: Final = _receipt() + ficha(_SHAPE) + _cut()
_INSTRUCTIONS: Final = instructions(_SHAPE)
_PIX_BAND: Final = _pix_band().frame
FRAME: Final = ruled(_FORM.frame, width=HAIRLINE)
