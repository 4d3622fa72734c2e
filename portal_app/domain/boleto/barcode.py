"""Fator de vencimento, código de barras (44 digits) and linha digitável (47 digits).

Follows the FEBRABAN layout of the ficha de compensação as summarised in
docs/banks/README.md:

    1-3 bank · 4 currency · 5 check digit · 6-9 fator · 10-19 cents · 20-44 campo livre
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from portal_app.domain.boleto.check_digits import digits, is_number, modulo_10, modulo_11
from portal_app.domain.errors import InvalidBarcode, InvalidDate, InvalidField

BASE: Final = date(1997, 10, 7)
CYCLE: Final = 9000
REAL: Final = "9"

# Comunicado FEBRABAN 082/2012: how far a due date read from a fator may lie from today.
OLDEST: Final = timedelta(days=3000)
FURTHEST: Final = timedelta(days=5500)

# The drawing, Interleaved 2 of 5 without further check digit, bearer bar or text. Wide elements
# per digit; bars carry one digit of a pair, spaces the other. Bars are (start, width) in modules.
_WIDE: Final = (
    *("00110", "10001", "01001", "11000", "00101"),
    *("10100", "01100", "00011", "10010", "01010"),
)
_WIDTH: Final = {"0": 1, "1": 3}
_FIRST_PAIR: Final = 4
_PAIR_WIDTH: Final = 18
PAIRS: Final = 22
START_BARS: Final = ((0, 1), (2, 1))
STOP_BARS: Final = ((400, 3), (404, 1))
MODULES: Final = 405


@dataclass(frozen=True, slots=True)
class Parts:
    """A barcode taken apart."""

    bank: str
    currency: str
    check_digit: str
    fator: int
    cents: int
    campo_livre: str


def fator_vencimento(due: date) -> int:
    """Days since 7 October 1997, starting over at 1000 after 9999.

    >>> fator_vencimento(date(2025, 2, 21)), fator_vencimento(date(2025, 2, 22))
    (9999, 1000)
    """
    days = (due - BASE).days
    if days < 1:
        raise InvalidDate(field="due", value=due.isoformat())
    return days if days < 1000 else 1000 + (days - 1000) % CYCLE


def vencimento(fator: int, today: date) -> date | None:
    """The due date a fator means to somebody who reads it `today`; None for 0, "no due date".

    Since the restart a fator names several dates, 9000 days apart; the one
    near today is meant. A fator with none near enough is refused.

    >>> vencimento(1000, date(2026, 11, 22))
    datetime.date(2025, 2, 22)
    """
    digits("fator", str(fator), 4)
    if fator == 0:
        return None
    due = BASE + timedelta(days=fator)
    if fator < 1000:
        return due
    cycles = max(0, -((due - (today - OLDEST)).days // CYCLE))
    due += timedelta(days=CYCLE * cycles)
    if not today - OLDEST <= due <= today + FURTHEST:
        raise InvalidDate(field="fator", value=str(fator))
    return due


def codigo_de_barras(bank_code: str, fator: int, cents: int, campo_livre: str) -> str:
    """Put the 44 digits together; a part that does not fit its place is refused.

    >>> codigo_de_barras("756", 6974, 30000, "1427701017227800000040001")
    '75691697400000300001427701017227800000040001'
    """
    if len(campo_livre) != 25 or not is_number(campo_livre):
        raise InvalidField(field="campo_livre", value=campo_livre)
    head = digits("bank_code", bank_code, 3) + REAL
    tail = digits("fator", str(fator), 4) + digits("amount", str(cents), 10) + campo_livre
    return head + general_check_digit(head + tail) + tail


def general_check_digit(others: str) -> str:
    """Over the 43 other digits; never 0, so that a lost digit cannot hide.

    >>> general_check_digit("7569697400000300001427701017227800000040001")
    '1'
    """
    return modulo_11(others, rest_0="1", rest_1="1")


def ensure_barcode(barcode: str) -> None:
    """Raise InvalidBarcode unless these are 44 digits with the right check digit."""
    _ensure_digits(barcode, 44)
    if barcode[4] != general_check_digit(barcode[:4] + barcode[5:]):
        raise InvalidBarcode(reason="general")


def parts_of(barcode: str) -> Parts:
    """Take a valid barcode apart.

    >>> parts_of("75691697400000300001427701017227800000040001").cents
    30000
    """
    ensure_barcode(barcode)
    return Parts(
        bank=barcode[:3],
        currency=barcode[3],
        check_digit=barcode[4],
        fator=int(barcode[5:9]),
        cents=int(barcode[9:19]),
        campo_livre=barcode[19:],
    )


def linha_digitavel(barcode: str) -> str:
    """The barcode as people type it, each of the first three fields with a check digit.

    >>> linha_digitavel("75691697400000300001427701017227800000040001")
    '75691.42776 01017.227800 00000.400010 1 69740000030000'
    """
    ensure_barcode(barcode)
    fields = (barcode[:4] + barcode[19:24], barcode[24:34], barcode[34:44])
    checked = [field + modulo_10(field) for field in fields]
    printed = [f"{field[:5]}.{field[5:]}" for field in checked]
    return " ".join((*printed, barcode[4], barcode[5:19]))


def parse_linha(text: str) -> str:
    """The barcode of a typed line, which may carry spaces, dots and hyphens.

    >>> parse_linha("75691.42776 01017.227800 00000.400010 1 69740000030000")
    '75691697400000300001427701017227800000040001'
    """
    line = "".join(text.split()).replace(".", "").replace("-", "")
    if line.startswith("8"):
        raise InvalidBarcode(reason="arrecadacao")
    _ensure_digits(line, 47)
    for number, field in enumerate((line[:10], line[10:21], line[21:32]), start=1):
        if modulo_10(field[:-1]) != field[-1]:
            raise InvalidBarcode(reason=f"field_{number}")
    barcode = line[:4] + line[32:47] + line[4:9] + line[10:20] + line[21:31]
    ensure_barcode(barcode)
    return barcode


def pair_bars(place: int, pair: str) -> tuple[tuple[int, int], ...]:
    """The five bars of two digits, the `place`-th of the barcode's `PAIRS` counted from 0.

    >>> pair_bars(0, "75")
    ((4, 1), (8, 1), (10, 1), (14, 3), (18, 3))
    """
    dark, light = (_WIDE[int(digit)] for digit in pair)
    start, drawn = _FIRST_PAIR + place * _PAIR_WIDTH, list[tuple[int, int]]()
    for bar, space in zip(dark, light, strict=True):
        drawn.append((start, _WIDTH[bar]))
        start += _WIDTH[bar] + _WIDTH[space]
    return tuple(drawn)


def _ensure_digits(text: str, length: int) -> None:
    if text and not is_number(text):
        raise InvalidBarcode(reason="digits")
    if len(text) != length:
        raise InvalidBarcode(reason="length")
