"""Text as banks take it: capitals without accents, cut only where it may be."""

from __future__ import annotations

import unicodedata
from typing import Final

# Banks advise against other signs; in names and addresses these are understood.
_SIGNS: Final = frozenset(".,-/&")


def bank_text(text: str) -> str:
    """Capitals, digits and few signs; anything else becomes a blank, blanks become one.

    >>> bank_text("  João d'Ávila & Cia. Ltda")
    'JOAO D AVILA & CIA. LTDA'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
    return " ".join(text.upper().translate(_TAKEN).split())


def shortened(text: str, width: int) -> str:
    """The words that fit; a first word that does not is cut. For names and addresses only.

    >>> shortened("PEDRO DE ALCANTARA FRANCISCO", 20)
    'PEDRO DE ALCANTARA'
    """
    if len(text) <= width:
        return text
    words = text[: width + 1].rpartition(" ")[0].rstrip(" ,-/&")
    return words or text[:width]


class _Taken(dict[int, str]):
    """For `str.translate`: an accent goes, what is not taken becomes a blank."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        taken = sign if sign.isascii() and (sign.isalnum() or sign in _SIGNS) else " "
        self[code] = "" if unicodedata.combining(sign) else taken
        return self[code]


_TAKEN: Final = _Taken()
