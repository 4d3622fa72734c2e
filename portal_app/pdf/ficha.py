"""The ficha de compensação, the part of a boleto that the bank keeps.

Fields, their order, sizes and places as banks ask for them; in print e.g. Caixa, "Especificações
técnicas para emissão de boletos, SIGCB", 67.119 v015, §2.3 and §4.2: the bank's code 5 mm high,
the linha digitável 3.5 to 4 mm, the barcode 103 × 13 mm, its centre 12 mm above the foot and its
bars 5 mm or more from the left edge. What is known only when somebody pays stays empty.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from portal_app.domain.errors import FieldTooLong
from portal_app.pdf import style
from portal_app.pdf.codes import BARCODE_HEIGHT
from portal_app.pdf.form import (
    LABEL,
    LABEL_DEPTH,
    NAME,
    PADDING,
    STRONG,
    VALUE,
    VALUE_FOOT,
    Cell,
    Fact,
    Form,
    column,
    fact,
    label,
    party,
    party_start,
    row,
    together,
    wrapped,
)
from portal_app.pdf.operators import HEAVY, Put, Type, box, line, place, ruled

BARCODE_FOOT: Final = 12.0 - BARCODE_HEIGHT / 2

# Helvetica's figures are 0.71 of the size high: 5 and 3.53 mm.
CODE_SIZE: Final = 20.0
LINE_SIZE: Final = 14.1

_AMOUNTS: Final = (
    "(–) Desconto/Abatimento",
    "(–) Outras deduções",
    "(+) Mora/Multa",
    "(+) Outros acréscimos",
    "(=) Valor cobrado",
)
_PAYER_INDENT: Final = 20.0
_TITLE: Final = Type(size=8, bold=True)
_BANK: Final = Type(size=12, bold=True)
_HALVED: Final = Type(size=10, bold=True)
_INSTRUCTIONS_HEAD: Final = 3.0
# From line to line, in mm for each point of the size.
_LEADING: Final = 0.42
_INSTRUCTION_SIZES: Final = (8.0, 7.0, style.SMALLEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Where a ficha stands and how high its rows are, in mm.

    `side`: the column at the right. `name` and `code`: what stands before the linha digitável.
    `narrow`: the share of their own width that code and line have.
    """

    left: float
    right: float
    top: float
    side: float
    name: float
    code: float
    narrow: float
    header: float
    row: float
    party: float
    amount: float
    payer: float

    @property
    def main(self) -> float:
        return self.right - self.left - self.side

    @property
    def instructions_top(self) -> float:
        return self.top - self.header - 3 * self.row - self.party

    @property
    def instructions_height(self) -> float:
        return len(_AMOUNTS) * self.amount

    @property
    def payer_top(self) -> float:
        return self.instructions_top - self.instructions_height


def ficha(shape: Shape) -> Form:
    """All of it but the instructions and the barcode."""
    top = shape.top - shape.header
    place_row = (
        Cell("Local de pagamento", shape.main, lambda words: words.payment_place),
        side(shape, "Vencimento", lambda words: words.due, STRONG),
    )
    return together(
        (
            bank_header(shape, shape.top),
            row((shape.left, top), shape.row, place_row),
            payee_row(shape, top - shape.row),
            document_row(shape, top - shape.row - shape.party),
            _terms_row(shape, top - 2 * shape.row - shape.party),
            _instructions_box(shape),
            _amount_boxes(shape),
            _payer_box(shape),
            _foot(shape),
        )
    )


def bank_header(shape: Shape, top: float) -> Form:
    """The bank's name, its code and the linha digitável, on a heavy rule."""
    foot = top - shape.header
    baseline = foot + 1.9
    code_left = shape.left + shape.name
    code_right = code_left + shape.code
    code = Type(size=CODE_SIZE, bold=True, narrow=shape.narrow)
    digits = Type(size=LINE_SIZE, narrow=shape.narrow)
    middle, room = (code_left + code_right) / 2, shape.code - 1.5
    rules = [line((x, foot), (x, top - 1.2)) for x in (code_left, code_right)]
    rules.append(line((shape.left, foot), (shape.right, foot)))
    return together(
        (
            Form(ruled(b"".join(rules), width=HEAVY)),
            Form(places=((lambda words: words.bank_name, _bank_name(shape, baseline)),)),
            fact((middle, baseline), room, code, lambda words: words.bank_code, 0.5),
            fact(
                (shape.right, baseline),
                shape.right - code_right,
                digits,
                lambda words: words.linha_digitavel,
                1,
            ),
        )
    )


def payee_row(shape: Shape, top: float) -> Form:
    agencia = side(shape, "Agência/Código do beneficiário", lambda words: words.agencia_codigo)
    cells = (Cell("Beneficiário", shape.main), agencia)
    return row((shape.left, top), shape.party, cells) + party(
        party_start(shape.left, top, shape.party),
        shape.main - 2 * PADDING,
        lambda words: words.payee,
    )


def document_row(shape: Shape, top: float) -> Form:
    widths = _shares(shape.main, 28, 47, 20, 15, 35)
    cells = (
        Cell("Data do documento", widths[0], lambda words: words.document_date),
        Cell("Nº do documento", widths[1], lambda words: words.document_number),
        Cell("Espécie doc.", widths[2], lambda words: words.especie_doc),
        Cell("Aceite", widths[3], lambda words: words.aceite),
        Cell("Data do processamento", widths[4], lambda words: words.processing_date),
        side(shape, "Nosso número", lambda words: words.nosso_numero),
    )
    return row((shape.left, top), shape.row, cells)


def side(shape: Shape, name: str, said: Fact, type_: Type = VALUE) -> Cell:
    """A cell of the right column, where banks look for numbers."""
    return Cell(name, shape.side, said, 1, type_)


def instructions(shape: Shape) -> Callable[[Sequence[str]], list[bytes]]:
    """What sets instructions in their box: in smaller type where there are many, never cut."""
    left, width = shape.left + PADDING, shape.main - 2 * PADDING
    top = shape.instructions_top - _INSTRUCTIONS_HEAD
    room = shape.instructions_height - _INSTRUCTIONS_HEAD - VALUE_FOOT

    def lines_of(size: float) -> list[Put]:
        leading = size * _LEADING
        return column((left, top - leading), width, Type(size=size), int(room / leading), leading)

    columns = [(size, lines_of(size)) for size in _INSTRUCTION_SIZES]

    def put(texts: Sequence[str]) -> list[bytes]:
        for size, places in columns:
            lines = [line for text in texts for line in wrapped(text, size, width)]
            if len(lines) <= len(places):
                return [to(line) for to, line in zip(places, lines, strict=False)]
        raise FieldTooLong(field="instructions", longest=len(columns[-1][1]))

    return put


def _bank_name(shape: Shape, baseline: float) -> Put:
    """In one line, or in two smaller ones where it is long."""
    left, room = shape.left, shape.name - 1.5
    whole = place((left, baseline), room, _BANK)

    @lru_cache(maxsize=32)
    def put(name: bytes) -> bytes:
        middle = len(name) // 2
        spaces = [at for at, letter in enumerate(name) if letter == ord(" ")]
        if not spaces or _BANK.fitting(style.units(name, style.BOLD), room) >= _HALVED.size:
            return whole(name)
        split = min(spaces, key=lambda at: abs(at - middle))
        lines = name[:split], name[split + 1 :]
        size = min(_HALVED.fitting(style.units(line, style.BOLD), room) for line in lines)
        halves = column((left, baseline + 3.4), room, replace(_HALVED, size=size), 2, 3.8)
        return b"".join(half(line) for half, line in zip(halves, lines, strict=True))

    return put


def _terms_row(shape: Shape, top: float) -> Form:
    widths = _shares(shape.main, 28, 25, 24, 34, 34)
    cells = (
        Cell("Uso do banco", widths[0]),
        Cell("Carteira", widths[1], lambda words: words.carteira),
        Cell("Espécie moeda", widths[2], lambda _: b"R$"),
        Cell("Quantidade", widths[3]),
        Cell("(x) Valor", widths[4]),
        side(shape, "(=) Valor do documento", lambda words: words.amount, STRONG),
    )
    return row((shape.left, top), shape.row, cells)


def _instructions_box(shape: Shape) -> Form:
    top = shape.instructions_top
    frame = Form(box(shape.left, top, shape.main, shape.instructions_height))
    words = "Instruções (texto de responsabilidade do beneficiário)"
    return frame + label((shape.left + PADDING, top - LABEL_DEPTH), words)


def _amount_boxes(shape: Shape) -> Form:
    left, top = shape.left + shape.main, shape.instructions_top
    return together(
        row((left, top - number * shape.amount), shape.amount, (Cell(name, shape.side),))
        for number, name in enumerate(_AMOUNTS)
    )


def _payer_box(shape: Shape) -> Form:
    top = shape.payer_top
    address, guarantor = top - 6.2, top - 9.6
    left, value = shape.left + PADDING, shape.left + _PAYER_INDENT
    return together(
        (
            Form(box(shape.left, top, shape.right - shape.left, shape.payer)),
            label((left, top - LABEL_DEPTH), "Pagador"),
            party((value, address), shape.right - PADDING - value, lambda words: words.payer),
            label((left, guarantor), "Beneficiário final"),
            fact(
                (value, guarantor), shape.main - _PAYER_INDENT, NAME, lambda words: words.guarantor
            ),
            label((shape.left + shape.main + PADDING, guarantor), "Código de baixa"),
        )
    )


def _foot(shape: Shape) -> Form:
    """Where the bank stamps: the space beneath stays empty."""
    baseline = shape.payer_top - shape.payer - 3.4
    return label((shape.right, baseline), "FICHA DE COMPENSAÇÃO", _TITLE, 1) + label(
        (shape.right, baseline - 3.0), "Autenticação mecânica", LABEL, 1
    )


def _shares(whole: float, *weights: float) -> list[float]:
    return [whole * weight / sum(weights) for weight in weights]
