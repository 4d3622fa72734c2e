"""Who is billed, and how somebody looks for one."""

import string
import unicodedata
from dataclasses import dataclass
from typing import Final

_ACCENTED: Final = "áàâãäåéèêëíìîïóòôõöúùûüçñýÿ"
_PLAIN: Final = "aaaaaaeeeeiiiiooooouuuucnyy"
# What a search holds for the same, letter for letter: a database folds by it as `folded` does.
FOLDED: Final = (
    string.ascii_uppercase + _ACCENTED + _ACCENTED.upper(),
    string.ascii_lowercase + _PLAIN + _PLAIN,
)
# Between the digits of a code or tax id as people write it.
PUNCTUATION: Final = ".-/ "
_FOLD: Final = str.maketrans(*FOLDED)
_COMPACT: Final = str.maketrans(*FOLDED, PUNCTUATION)

_LONGEST_SEARCH: Final = 100
# CPF 11, CNPJ 14, NIF 9; a CNPJ may hold letters from July 2026 on.
_TAX_ID_LENGTHS: Final = frozenset({9, 11, 14})


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
    bare = compact(text).upper()
    is_tax_id = len(bare) in _TAX_ID_LENGTHS and bare.isalnum() and bare[-2:].isdigit()
    return Wanted(
        text=text,
        tax_id=bare if is_tax_id else "",
        name=folded(text) if any(letter.isalpha() for letter in text) else "",
        email=text.lower() if "@" in text else "",
    )


def folded(text: str) -> str:
    """Without case and accents, as far as both databases know them.

    >>> folded("Mercado São João")
    'mercado sao joao'
    """
    return unicodedata.normalize("NFC", text).translate(_FOLD)


def compact(text: str) -> str:
    """A code or tax id without what people write between its digits.

    >>> compact("20.486.319/0001-86")
    '20486319000186'
    """
    return unicodedata.normalize("NFC", text).translate(_COMPACT)
