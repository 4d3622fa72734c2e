"""Banco do Brasil (001).

Source: "Especificações técnicas para confecção de boleto de cobrança do Banco
do Brasil", as summarised in docs/banks/001-banco-do-brasil.md. The length of
the convênio decides the shape of nosso número and campo livre.
"""

from typing import Final

from portal_app.domain.boleto.bank import (
    Bank,
    Title,
    agencia_and_conta,
    confirmed,
    known_carteira,
    sequence_digits,
)
from portal_app.domain.boleto.check_digits import digits, modulo_11
from portal_app.domain.errors import InvalidField

# Digits left for our own number beside a convênio of so many digits.
_SEQUENCE: Final = {4: 7, 6: 5, 7: 10, 8: 9}
_CARTEIRAS: Final = frozenset({"11", "12", "15", "16", "17", "18", "31", "51"})
_FREE_CARTEIRAS: Final = frozenset({"16", "18", "21"})
_FREE_TYPE: Final = "21"


def nosso_numero(title: Title) -> str:
    """'12345670000000005', or '12345600001-7' where the convênio has 4 or 6 digits."""
    number = _number(title)
    return number if len(number) == 17 else f"{number}-{modulo_11(number, rest_1='X')}"


def campo_livre(title: Title) -> str:
    """By convênio.

    4 · 6: nosso número 11 · agência 4 · conta 8 · carteira 2
    6, free number: convênio 6 · nosso número 17 · '21'
    7 · 8: '000000' · nosso número 17 · carteira 2
    """
    carteira = known_carteira(title, 2, _FREE_CARTEIRAS if title.nn17 else _CARTEIRAS)
    number = _number(title)
    if title.nn17:
        return _convenio(title) + number + _FREE_TYPE
    if len(number) == 17:
        return "000000" + number + carteira
    agencia = digits("agencia", title.agencia, 4)
    return number + agencia + digits("conta", title.conta, 8) + carteira


def last_sequence(title: Title) -> int:
    return 10 ** _sequence_length(title) - 1


def sequence_of(stated: str, title: Title) -> int | None:
    """17 digits, or 11 and their check digit."""
    length = _sequence_length(title)
    whole = len(_convenio(title)) + length == 17 or title.nn17
    return confirmed((stated if whole else stated[:-1])[-length:], title, stated, nosso_numero)


def _number(title: Title) -> str:
    convenio = _convenio(title)
    sequence = sequence_digits(title, _sequence_length(title))
    return sequence if title.nn17 else convenio + sequence


def _sequence_length(title: Title) -> int:
    return 17 if title.nn17 else _SEQUENCE[len(_convenio(title))]


def _convenio(title: Title) -> str:
    convenio = title.convenio
    digits("convenio", convenio, max(_SEQUENCE))
    # Seven and eight digits begin at 1.000.000: a zero in front is a shorter convênio,
    # whose campo livre is another.
    padded = len(convenio) > 6 and convenio.startswith("0")
    if len(convenio) not in _SEQUENCE or padded or (title.nn17 and len(convenio) != 6):
        raise InvalidField(field="convenio", value=convenio)
    return convenio


BANK: Final = Bank(
    "001",
    "9",
    "Banco do Brasil",
    nosso_numero,
    campo_livre,
    agencia_and_conta,
    last_sequence,
    sequence_of,
)
