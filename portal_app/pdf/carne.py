"""A carnê: three boletos on A4, each a ficha with the payer's stub at its left.

A ficha in a carnê may be 60 to 108 mm high and 145 to 216 mm wide and stands at the right of the
recibo (Caixa, 67.119 v015, §2.1 and §2.3). Its code and linha digitável are narrower here and as
high as ever. The stub says what a recibo must say; documents are named as far as there is room.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from portal_app.domain.boleto.sheet import BoletoSheet, SheetItem
from portal_app.pdf import style
from portal_app.pdf.codes import barcode, qr_code
from portal_app.pdf.ficha import BARCODE_FOOT, Shape, ficha, instructions
from portal_app.pdf.form import (
    LABEL,
    LABEL_DEPTH,
    PADDING,
    VALUE_FOOT,
    Cell,
    Fact,
    Form,
    column,
    cut_line,
    fact,
    label,
    row,
    together,
)
from portal_app.pdf.operators import HAIRLINE, HEAVY, Type, box, line, moved, place, ruled, texts
from portal_app.pdf.style import encoded
from portal_app.pdf.words import words_of

_SLIPS_A_PAGE: Final = 3
_HEIGHT: Final = style.PAGE_HEIGHT / _SLIPS_A_PAGE
_FOLD: Final = 52.5
_SHAPE: Final = Shape(
    left=_FOLD + 5.0,
    right=style.PAGE_WIDTH - 5.0,
    top=94.5,
    side=40.0,
    name=22.5,
    code=16.5,
    narrow=0.76,
    header=8.5,
    row=6.5,
    party=9.5,
    amount=5.2,
    payer=10.8,
)

_FEET: Final = tuple(style.PAGE_HEIGHT - number * _HEIGHT for number in (1, 2, 3))
_CUTS: Final = b"".join(cut_line((0, up), (style.PAGE_WIDTH, up)) for up in _FEET[:-1])

_LEFT: Final = 5.0
_RIGHT: Final = 50.0
_WIDTH: Final = _RIGHT - _LEFT
_ROW: Final = 6.1
_FIRST_ROW: Final = 6.6
_LINE: Final = 2.75
_VALUE: Final = Type(size=7.5)
_STRONG: Final = Type(size=8.5, bold=True)
_NAME: Final = Type(size=7.5, least=5.0)

_PIX_SIDE: Final = 25.0
_PIX_FOOT: Final = 4.0
_PIX_RIGHT: Final = _LEFT + _PIX_SIDE + 0.5


def pages(sheets: Iterable[BoletoSheet]) -> Iterator[bytes]:
    """The operators of each page; every boleto on it draws FRAME."""
    left = iter(sheets)
    while some := list(islice(left, _SLIPS_A_PAGE)):
        slips = (moved(_slip(sheet), up) for up, sheet in zip(_FEET, some, strict=False))
        yield _CUTS + b"".join(slips)


def _slip(sheet: BoletoSheet) -> bytes:
    facts = [
        *_FORM.filled_in(words_of(sheet)),
        *_INSTRUCTIONS(sheet.instructions),
        *_documents(sheet),
    ]
    drawn = b"/Carne Do\n" + texts(facts) + barcode((_SHAPE.left, BARCODE_FOOT), sheet.barcode)
    return drawn + _pix(sheet.pix) if sheet.pix else drawn


def _pix(code: str) -> bytes:
    return _PIX_WORDS + qr_code((_LEFT, _PIX_FOOT), _PIX_SIDE, code)


def _documents(sheet: BoletoSheet) -> list[bytes]:
    if not sheet.items:
        return []
    return (_LISTED_BESIDE_PIX if sheet.pix else _LISTED)(sheet.items)


def _list(left: float, top: float, count: int) -> Callable[[Sequence[SheetItem]], list[bytes]]:
    """What lists documents in `count` lines: as many as there is room for, and how many more."""
    width = _RIGHT - left
    heading = place((left, top), width, LABEL)
    lines = column((left, top - 3.0), width, Type(size=6.5), count, _LINE)

    def put(items: Sequence[SheetItem]) -> list[bytes]:
        shown = len(items) if len(items) <= count else count - 1
        said = [item.document for item in items[:shown]]
        if left_over := len(items) - shown:
            said.append(f"e mais {left_over}")
        listed = [line(encoded(text)) for line, text in zip(lines, said, strict=False)]
        return [heading(b"Documentos pagos"), *listed]

    return put


def _stub() -> Form:
    """The payer's part: boxes from the top; the space beneath is for documents and Pix."""
    top = _SHAPE.top - _SHAPE.header
    due_and_amount = (
        Cell("Vencimento", 19, lambda words: words.due, 0, _STRONG),
        Cell("(=) Valor do documento", _WIDTH - 19, lambda words: words.amount, 1, _STRONG),
    )
    numbers = (
        _number("Agência/Código do beneficiário", lambda words: words.agencia_codigo),
        _number("Nosso número", lambda words: words.nosso_numero),
        _number("Nº do documento", lambda words: words.document_number),
    )
    under = top - _FIRST_ROW
    return together(
        (
            _stub_header(),
            row((_LEFT, top), _FIRST_ROW, due_and_amount),
            *(row((_LEFT, under - n * _ROW), _ROW, cells) for n, cells in enumerate(numbers)),
            _blocks(under - len(numbers) * _ROW),
            label((_RIGHT, _PIX_FOOT + 1.0), "Autenticação mecânica", LABEL, 1),
        )
    )


def _stub_header() -> Form:
    foot = _SHAPE.top - _SHAPE.header
    code_width = 16.0
    name, code = Type(size=10, bold=True, least=style.SMALLEST), Type(size=12, bold=True)
    return together(
        (
            label((_LEFT, _SHAPE.top - 2.2), "RECIBO DO PAGADOR", Type(size=6.5, bold=True)),
            Form(ruled(line((_LEFT, foot), (_RIGHT, foot)), width=HEAVY)),
            fact((_LEFT, foot + 1.9), _WIDTH - code_width, name, lambda words: words.bank_name),
            fact((_RIGHT, foot + 1.9), code_width, code, lambda words: words.bank_code, 1),
        )
    )


def _blocks(top: float) -> Form:
    """Boxes of several lines each."""
    blocks: dict[str, tuple[Fact, ...]] = {
        "Pagador": (lambda words: words.payer.name, lambda words: words.payer.tax_id),
        "Beneficiário": (
            lambda words: words.payee.name,
            lambda words: words.payee.tax_id,
            lambda words: words.payee.address,
            lambda words: words.contact,
        ),
        "Linha digitável": (
            lambda words: words.linha_digitavel[:24],
            lambda words: words.linha_digitavel[25:],
        ),
    }
    forms: list[Form] = []
    for name, lines in blocks.items():
        forms.append(_block(top, name, lines))
        top -= _block_height(lines)
    return together(forms)


def _block(top: float, name: str, lines: Sequence[Fact]) -> Form:
    left = _LEFT + PADDING
    return together(
        (
            Form(box(_LEFT, top, _WIDTH, _block_height(lines))),
            label((left, top - LABEL_DEPTH), name),
            *(
                fact((left, top - LABEL_DEPTH - number * _LINE), _WIDTH - 2 * PADDING, _NAME, said)
                for number, said in enumerate(lines, start=1)
            ),
        )
    )


def _block_height(lines: Sequence[Fact]) -> float:
    return LABEL_DEPTH + len(lines) * _LINE + VALUE_FOOT


def _number(name: str, said: Fact) -> tuple[Cell, ...]:
    return (Cell(name, _WIDTH, said, 0, _VALUE),)


_FORM: Final = _stub() + ficha(_SHAPE) + Form(cut_line((_FOLD, 0.0), (_FOLD, _HEIGHT)))
_INSTRUCTIONS: Final = instructions(_SHAPE)
_LISTED: Final = _list(_LEFT, 26.0, 6)
_LISTED_BESIDE_PIX: Final = _list(_PIX_RIGHT, 21.0, 4)
_PIX_WORDS: Final = label((_PIX_RIGHT, 25.5), "Pague com Pix", Type(size=7.5, bold=True)).frame
FRAME: Final = ruled(_FORM.frame, width=HAIRLINE)
