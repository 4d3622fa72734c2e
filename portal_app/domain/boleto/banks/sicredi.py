"""Sicredi (748).

Source: "Manual CNAB 240 – Cobrança Sicredi" (nosso número and código de barras), as summarised
in docs/banks/748-sicredi.md. The agência is the cooperativa, the convênio the código do
beneficiário. The nosso número is year 2 · byte 1 · number 5; a title that states year and byte
has the number alone as its sequence, any other all eight digits.
"""

from dataclasses import replace
from typing import Final

from portal_app.domain.boleto.bank import (
    Bank,
    Title,
    confirmed,
    known_carteira,
    plain,
    sequence_digits,
)
from portal_app.domain.boleto.check_digits import digits, modulo_11
from portal_app.domain.errors import InvalidField

_CARTEIRAS: Final = frozenset({"1", "2", "3"})
_SIMPLE: Final = "1"
_WITH_AMOUNT: Final = "10"
_REGISTERED_OR_NOT: Final = frozenset({"1", "3"})
# Who numbers within the year: 0 and 1 are the cooperativa's.
_OUR_BYTES: Final = frozenset("23456789")


def nosso_numero(title: Title) -> str:
    """'07/200003-1': year, byte with the number, and a check digit.

    It covers cooperativa 4 · posto 2 · beneficiário 5 before year, byte and number.
    """
    number = _number(title)
    return f"{number[:2]}/{number[2:]}-{modulo_11(_beneficiary(title) + number)}"


def campo_livre(title: Title) -> str:
    """tipo 1 · '1' · nosso número 9 · cooperativa 4 · posto 2 · beneficiário 5 · '10' · DV."""
    known_carteira(title, 1, _CARTEIRAS)
    body = _tipo(title) + _SIMPLE + plain(nosso_numero(title)) + _beneficiary(title) + _WITH_AMOUNT
    return body + modulo_11(body)


def agencia_codigo(title: Title) -> str:
    """'0710.65.00129'."""
    beneficiary = _beneficiary(title)
    return f"{beneficiary[:4]}.{beneficiary[4:6]}.{beneficiary[6:]}"


def first_sequence(title: Title) -> int:
    """Number 00001 of byte 2: the numbering begins anew each year."""
    return 1 if _states_year_and_byte(title) else int(_year(title) + "200001")


def last_sequence(title: Title) -> int:
    """Number 99999 of byte 9, or of the byte stated."""
    return 99_999 if _states_year_and_byte(title) else int(_year(title) + "999999")


def sequence_of(stated: str, title: Title) -> int | None:
    """Nine digits, at 38-57 of segment P; of whatever year, unless year and byte are stated."""
    if _states_year_and_byte(title):
        return confirmed(stated[3:-1], title, stated, nosso_numero)
    return confirmed(stated[:-1], replace(title, ano=""), stated, nosso_numero)


def _number(title: Title) -> str:
    """Year 2 · byte 1 · number 5."""
    if _states_year_and_byte(title):
        return _year(title) + _byte(title) + sequence_digits(title, 5)
    number = sequence_digits(title, 8)
    of_its_year = not title.ano or number[:2] == _year(title)
    of_its_byte = number[2] == _byte(title) if title.byte else number[2] in _OUR_BYTES
    if not (of_its_year and of_its_byte):
        raise InvalidField(field="sequence", value=number)
    return number


def _states_year_and_byte(title: Title) -> bool:
    return bool(title.ano and title.byte)


def _year(title: Title) -> str:
    return digits("ano", title.ano, 2)


def _byte(title: Title) -> str:
    byte = digits("byte", title.byte, 1)
    if byte not in _OUR_BYTES:
        raise InvalidField(field="byte", value=byte)
    return byte


def _beneficiary(title: Title) -> str:
    """cooperativa 4 · posto 2 · código 5."""
    return (
        digits("agencia", title.agencia, 4)
        + digits("posto", title.posto, 2)
        + digits("convenio", title.convenio, 5)
    )


def _tipo(title: Title) -> str:
    """'1' for a registered title, '3' for one that is not."""
    tipo = digits("tipo_cobranca", title.tipo_cobranca, 1)
    if tipo not in _REGISTERED_OR_NOT:
        raise InvalidField(field="tipo_cobranca", value=tipo)
    return tipo


BANK: Final = Bank(
    "748",
    "X",
    "Sicredi",
    nosso_numero,
    campo_livre,
    agencia_codigo,
    last_sequence,
    sequence_of,
    first_sequence=first_sequence,
)
