"""Who is billed, and how staff look for one."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

_ACCENTED: Final = "áàâãäåéèêëíìîïóòôõöúùûüçñý"
FOLDED: Final = _ACCENTED + _ACCENTED.upper()
"""Letters whose accent a search does without, and in the same order those they are taken for."""
FOLDS_TO: Final = "".join(unicodedata.normalize("NFD", letter)[0] for letter in FOLDED)

_LONGEST_SEARCH: Final = 100
# CPF 11, CNPJ 14, NIF 9; a CNPJ may hold letters from July 2026 on.
_TAX_ID_LENGTHS: Final = frozenset({9, 11, 14})
_PUNCTUATION: Final = str.maketrans("", "", ".-/ ")


@dataclass(frozen=True, slots=True)
class Customer:
    """Who is billed. `address` is street, district, city, state, postcode as far as known.

    `public_id` stands in addresses instead of his number, code or tax id.
    """

    id: int
    code: str
    name: str
    tax_id: str
    tax_id_valid: bool
    email: str
    phone: str
    street: str
    district: str
    city: str
    state: str
    postcode: str
    contracts: tuple[str, ...] = ()
    public_id: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    number: str
    description: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed to find customers by. A part that it cannot be is empty.

    Codes, contracts and tax ids must be typed whole: what is masked in the list is not to be
    found out digit by digit.
    """

    text: str = ""
    tax_id: str = ""
    name: str = ""
    email: str = ""


def wanted(typed: str) -> Wanted:
    """What may be meant.

    >>> wanted("100.200.301-69").tax_id, wanted("São  João").name, wanted("Ana@").email
    ('10020030169', 'sao joao', 'ana@')
    """
    text = " ".join(typed.split())[:_LONGEST_SEARCH]
    bare = text.translate(_PUNCTUATION).upper()
    is_tax_id = len(bare) in _TAX_ID_LENGTHS and bare.isalnum() and bare[-2:].isdigit()
    return Wanted(
        text=text,
        tax_id=bare if is_tax_id else "",
        name=folded(text) if any(letter.isalpha() for letter in text) else "",
        email=text.lower() if "@" in text else "",
    )


def folded(text: str) -> str:
    """In small letters without the accents of our languages.

    >>> folded("Conceição d'Ávila")
    "conceicao d'avila"
    """
    return text.translate(str.maketrans(FOLDED, FOLDS_TO)).lower()
