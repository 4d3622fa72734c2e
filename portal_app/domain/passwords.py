"""New passwords that others would try first: common ones, and those made of whose they are.

ASVS 5.0 6.1.2, 6.2.4, 6.2.11 and 6.2.12; ADR 0031 says what is covered and why so much. zxcvbn
knows 30,000 leaked passwords, English words and names, keyboards, dates and repeats;
`common_words` adds Portuguese, `leaked_passwords` what zxcvbn would let in. No meter of
strength: what is not easily guessed is taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from zxcvbn_rs_py import zxcvbn

from portal_app.domain.common_words import COMMON
from portal_app.domain.errors import PasswordCommon
from portal_app.domain.leaked_passwords import is_leaked

PRODUCT: Final = ("Em Dia", "portal")

_FEW_GUESSES: Final = 10**6
# Fewer than zxcvbn counts for any five letters that are no word: 10^5.
_OF_A_WORD: Final = 10**4
_SHORTEST_WORD: Final = 5
# zxcvbn needs long for long passwords. So many characters that are no word, name, date, row of
# keys or repeat are enough, whatever follows.
_READ: Final = 24
_SHORTEST_NAME: Final = 3
_SHORTEST_TAKEN_OUT: Final = 4
_NOT_ALPHANUMERIC: Final = re.compile(r"[\W_]+")
_AROUND_A_WORD: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_COMMON: Final = frozenset(COMMON)


def ensure_uncommon(password: str, words: Iterable[str]) -> None:
    """Refuse a password that others would try first, with PasswordCommon.

    `words`: login, names of the person, customers and company. They count for nothing: what is
    left of the password without them must be hard to guess by itself.

    >>> ensure_uncommon("cavalo grampo bateria certo", ["Ana Lima"])
    >>> ensure_uncommon("Flamengo@2026", [])
    Traceback (most recent call last):
    portal_app.domain.errors.PasswordCommon: PASSWORD_COMMON(field='password')
    >>> ensure_uncommon("ana.lima-2026", ["Ana Lima"])
    Traceback (most recent call last):
    portal_app.domain.errors.PasswordCommon: PASSWORD_COMMON(field='password')
    """
    plain = _without_accents(password).lower()
    names = sorted({*_names((*words, *PRODUCT))}, key=len, reverse=True)
    known = [*names, *COMMON]
    tried = {plain[:_READ], *(left[:_READ] for left in _left(plain, names))}
    if (
        is_leaked(password.lower())
        or _is_word_with_trimmings(plain[:_READ], known)
        or any(zxcvbn(each, known).guesses < _FEW_GUESSES for each in tried)
    ):
        raise PasswordCommon(field="password")


def _is_word_with_trimmings(plain: str, known: list[str]) -> bool:
    """'senha@2026', '#welcome-2026!': one common word between figures and signs."""
    word = _AROUND_A_WORD.sub("", plain)
    if word in _COMMON:
        return True
    return len(word) >= _SHORTEST_WORD and zxcvbn(word, known).guesses < _OF_A_WORD


def _names(words: Iterable[str]) -> Iterator[str]:
    """Each of the words, its parts, and the whole without what stands between the parts."""
    for each in words:
        name = _without_accents(each).lower()
        parts = _NOT_ALPHANUMERIC.split(name)
        for part in (name, *parts, "".join(parts)):
            if len(part) >= _SHORTEST_NAME:
                yield part


def _left(plain: str, names: list[str]) -> Iterator[str]:
    """What is left of a password without the names in it, if any are, written in either way.

    Names of three letters stay: they stand in many words.
    """
    taken_out = "|".join(re.escape(name) for name in names if len(name) >= _SHORTEST_TAKEN_OUT)
    for written in (plain, _NOT_ALPHANUMERIC.sub("", plain)):
        left, count = re.subn(taken_out, "", written)
        if count:
            yield left


def _without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(each for each in parts if not unicodedata.combining(each))
