"""Tax ids (CPF, CNPJ, NIF) as others may see them."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "•"
_LENGTHS: Final = frozenset({9, 11, 14})
_DIGITS: Final = re.compile(r"[0-9]+(?:[.\-/][0-9]+)*")


def masked(tax_id: str) -> str:
    """A tax id that its owner recognises and nobody learns.

    >>> masked("12345678901"), masked("12345678000195")
    ('•••.456.789-••', '••.345.678/0001-••')
    >>> masked("234567813")
    '••••••813'
    """
    if len(tax_id) == 11:
        return f"•••.{tax_id[3:6]}.{tax_id[6:9]}-••"
    if len(tax_id) == 14:
        return f"••.{tax_id[2:5]}.{tax_id[5:8]}/{tax_id[8:12]}-••"
    return f"{HIDDEN * (len(tax_id) - 3)}{tax_id[-3:]}" if len(tax_id) > 6 else "—"


def stands_in(text: str) -> bool:
    """Whether as many digits as a CPF, CNPJ or NIF has stand together in a text.

    >>> stands_in("CPF 100.200.301-69 pagou duas vezes"), stands_in("pago em 05/11/2026, 2x")
    (True, False)
    """
    return any(sum(sign.isdigit() for sign in found) in _LENGTHS for found in _DIGITS.findall(text))


def masked_code(code: str, tax_id: str) -> str:
    """A customer's code; where it is his tax id, as imported ones are, masked like it.

    >>> masked_code("C-77", "12345678901"), masked_code("12345678901", "12345678901")
    ('C-77', '•••.456.789-••')
    """
    return masked(tax_id) if code == tax_id and code else code
