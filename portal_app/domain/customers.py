"""Who is billed, and how somebody looks for one."""

from __future__ import annotations

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
LONGEST_SEARCH: Final = 100
# Between the digits of a code or tax id as people write it.
PUNCTUATION: Final = ".-/ "
_FOLD: Final = str.maketrans(*FOLDED)
_COMPACT: Final = str.maketrans(*FOLDED, PUNCTUATION)


@dataclass(frozen=True, slots=True)
class Customer:
    """Who is billed. `address` is street, district, city, state, postcode as far as known.

    `public_id` stands in addresses instead of his number, code or tax id. `own_fields` names what
    he changed himself, as far as no file says the same by now.
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
    own_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    number: str
    description: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A customer as a list shows him. `group` is None for one in no group."""

    id: int
    public_id: str
    code: str
    name: str
    tax_id: str
    email: str
    group: int | None


@dataclass(frozen=True, slots=True)
class CustomerSearch:
    """Which customers: the words of a name, part of an e-mail, or a code, contract or tax id.

    The last three must be typed whole: what a list masks is not to be found out digit by digit.
    `group` None is any; NO_GROUP is those in none. Pages count from 0.
    """

    text: str = ""
    group: int | None = None
    page: int = 0


NO_GROUP: Final = 0


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
