"""Tax ids (CPF, CNPJ, NIF) as others may see them."""

from __future__ import annotations

from typing import Final

HIDDEN: Final = "•"


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


def masked_code(code: str, tax_id: str) -> str:
    """A customer's code; where it is his tax id, as imported ones are, masked like it.

    >>> masked_code("C-77", "12345678901"), masked_code("12345678901", "12345678901")
    ('C-77', '•••.456.789-••')
    """
    return masked(tax_id) if code == tax_id and code else code
