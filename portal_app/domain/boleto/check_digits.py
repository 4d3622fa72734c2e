"""Check digits and fixed-width fields, as every Brazilian bank uses them.

All weights run from the right, as the manuals write them.
"""

from collections.abc import Iterable
from itertools import cycle

from portal_app.domain.errors import FieldMissing, FieldNotNumeric, FieldTooLong


def digits(field: str, value: str, length: int) -> str:
    """Pad `value` with zeros on the left; a longer one is refused, never cut.

    >>> digits("conta", "56789", 8)
    '00056789'
    >>> digits("conta", "123456789", 8)
    Traceback (most recent call last):
    portal_app.domain.errors.FieldTooLong: FIELD_TOO_LONG(field='conta', longest=8)
    """
    if value and not is_number(value):
        raise FieldNotNumeric(field=field, value=value[:40])
    return padded(field, value, length)


def padded(field: str, value: str, length: int) -> str:
    """Like `digits`, where the bank also takes letters.

    >>> padded("carteira", "RG", 2)
    'RG'
    """
    if not value:
        raise FieldMissing(field=field)
    if len(value) > length:
        raise FieldTooLong(field=field, longest=length)
    return value.zfill(length)


def is_number(text: str) -> bool:
    """Only 0-9: `str.isdigit` alone also accepts other scripts and superscripts.

    >>> is_number("0123"), is_number("²"), is_number("")
    (True, False, False)
    """
    return text.isascii() and text.isdigit()


def weighted_sum(number: str, weights: Iterable[int]) -> int:
    """Sum of digit × weight from the right, the weights starting over when used up.

    >>> weighted_sum("123", (2, 3))  # 3×2 + 2×3 + 1×2
    14
    """
    pairs = zip(reversed(number), cycle(weights), strict=False)
    return sum(int(digit) * weight for digit, weight in pairs)


def modulo_10(number: str) -> str:
    """Weights 2, 1, 2, 1 …; the digits of a two-digit product are added.

    >>> modulo_10("001905009")
    '5'
    """
    products = [
        int(digit) * weight for digit, weight in zip(reversed(number), cycle((2, 1)), strict=False)
    ]
    return str(-sum(product - 9 if product > 9 else product for product in products) % 10)


def modulo_11(number: str, *, top: int = 9, rest_0: str = "0", rest_1: str = "0") -> str:
    """Weights 2 … `top`; 11 minus the rest, the bank saying what rests 0 and 1 become.

    >>> modulo_11("12345600001", rest_1="X")  # Banco do Brasil
    '7'
    >>> modulo_11("0600000000525", top=7, rest_1="P")  # Bradesco
    'P'
    """
    rest = weighted_sum(number, range(2, top + 1)) % 11
    return {0: rest_0, 1: rest_1}.get(rest, str(11 - rest))
