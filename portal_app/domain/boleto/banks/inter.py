"""Inter (077).

Source: "Manual CNAB 400 – Emissão de boletos de cobrança" (version 2.2, 2024-08-26), sections 6
and 7, as summarised in docs/banks/077-inter.md. In carteira 110 we number within a range the bank
lends; in 112 the bank numbers, and the sequence is the whole number it gave, check digit included.
"""

from typing import Final

from portal_app.domain.boleto.bank import (
    Bank,
    Title,
    agencia_and_conta,
    known_carteira,
    sequence_digits,
)
from portal_app.domain.boleto.check_digits import digits, is_number, modulo_10
from portal_app.domain.errors import FieldMissing

_NUMBERED_BY_US: Final = "110"
_NUMBERED_BY_THE_BANK: Final = "112"
_CARTEIRAS: Final = frozenset({_NUMBERED_BY_US, _NUMBERED_BY_THE_BANK})


def nosso_numero(title: Title) -> str:
    """'00019/110/0004309540-1': agência with its check digit, carteira, number and check digit."""
    agencia = _agencia(title) + digits("agencia_dv", title.agencia_dv, 1)
    number = _number_and_check_digit(title)
    return f"{agencia}/{_carteira(title)}/{number[:-1]}-{number[-1]}"


def campo_livre(title: Title) -> str:
    """agência 4 · carteira 3 · operação 7 · number 10 · check digit."""
    start = _agencia(title) + _carteira(title) + digits("operacao", title.operacao, 7)
    return start + _number_and_check_digit(title)


def last_sequence(title: Title) -> int:
    """None is ours to give where the bank numbers."""
    return 0 if _is_numbered_by_the_bank(title) else 10**10 - 1


def sequence_of(stated: str, title: Title) -> int | None:
    """Number 10 and check digit, as the bank's API and its 400-position files state them.

    It has no collection by 240 positions.
    """
    whole = stated.zfill(11)
    number, check_digit = whole[:10], whole[10:]
    if not is_number(whole) or check_digit != _check_digit(title, number):
        return None
    return int(whole if _is_numbered_by_the_bank(title) else number)


def _number_and_check_digit(title: Title) -> str:
    if _is_numbered_by_the_bank(title):
        if title.sequence == 0:
            raise FieldMissing(field="sequence")
        return sequence_digits(title, 11)
    number = sequence_digits(title, 10)
    return number + _check_digit(title, number)


def _check_digit(title: Title, number: str) -> str:
    return modulo_10(_agencia(title) + _carteira(title) + number)


def _agencia(title: Title) -> str:
    return digits("agencia", title.agencia, 4)


def _carteira(title: Title) -> str:
    return known_carteira(title, 3, _CARTEIRAS)


def _is_numbered_by_the_bank(title: Title) -> bool:
    return _carteira(title) == _NUMBERED_BY_THE_BANK


BANK: Final = Bank(
    "077",
    "9",
    "Inter",
    nosso_numero,
    campo_livre,
    agencia_and_conta,
    last_sequence,
    sequence_of,
    stated=_number_and_check_digit,
)
