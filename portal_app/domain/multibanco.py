"""Multibanco: entidade, referência and its check digits.

A reference has nine digits: seven of the payee's and two that check them with the entity (five
digits) and the amount, by the weights SIBS gives its customers (modulo 97).
"""

from __future__ import annotations

from typing import Final

from portal_app.domain.errors import FieldNotNumeric
from portal_app.domain.money import Money

_WEIGHTS: Final = (51, 73, 17, 89, 38, 62, 45, 53, 15, 50, 5, 49, 34, 81, 76, 27, 90, 9, 30, 3)
_MODULUS: Final = 97


def reference(entity: str, own: str, amount: Money) -> str:
    """The reference of a payee's own seven digits for an amount in euros.

    >>> reference("11604", "9990001", Money(2586, "EUR"))
    '999000176'
    """
    for field, value, length in (("entity", entity, 5), ("own", own, 7)):
        if len(value) != length or not value.isascii() or not value.isdigit():
            raise FieldNotNumeric(field=field)
    digits = f"{entity}{own}{amount.cents:08d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return f"{own}{98 - total % _MODULUS:02d}"


def spaced(number: str) -> str:
    """As people read it.

    >>> spaced("999000176")
    '999 000 176'
    """
    return " ".join(number[start : start + 3] for start in range(0, len(number), 3))
