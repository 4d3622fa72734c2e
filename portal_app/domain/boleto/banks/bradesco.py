"""Bradesco (237).

Source: "Especificação de boleto de cobrança" and "Layout CNAB 240 posições", as summarised in
docs/banks/237-bradesco.md.
"""

from typing import Final

from portal_app.domain.boleto.bank import (
    Bank,
    Title,
    agencia_and_conta,
    confirmed,
    known_carteira,
    sequence_digits,
    up_to,
)
from portal_app.domain.boleto.check_digits import digits, modulo_11

_CARTEIRAS: Final = frozenset({"02", "03", "04", "06", "09", "19", "21", "26"})


def nosso_numero(title: Title) -> str:
    """'06/00000000525-P': carteira, number and check digit, as the bank's manual prints it."""
    return f"{_carteira(title)}/{_number_and_check_digit(title)}"


def campo_livre(title: Title) -> str:
    """agência 4 · carteira 2 · number 11 · conta 7 · '0'."""
    return (
        digits("agencia", title.agencia, 4)
        + _carteira(title)
        + _number(title)
        + digits("conta", title.conta, 7)
        + "0"
    )


def sequence_of(stated: str, title: Title) -> int | None:
    """carteira 3 · '00000' · number 11 · check digit, at 38-57 of segment P."""
    return confirmed(stated[-12:-1], title, stated, _in_remessa)


def _in_remessa(title: Title) -> str:
    return f"{_carteira(title):0>3}00000{_number_and_check_digit(title)}"


def _in_three_digits(title: Title) -> str:
    """'004/00000000453-1'."""
    return f"{_carteira(title):0>3}/{_number_and_check_digit(title)}"


def _number_and_check_digit(title: Title) -> str:
    covered = _carteira(title) + _number(title)
    return f"{_number(title)}-{modulo_11(covered, top=7, rest_1='P')}"


def _number(title: Title) -> str:
    """'00123456789'."""
    return sequence_digits(title, 11)


def _carteira(title: Title) -> str:
    return known_carteira(title, 2, _CARTEIRAS)


BANK: Final = Bank(
    "237",
    "2",
    "Bradesco",
    nosso_numero,
    campo_livre,
    agencia_and_conta,
    up_to(11),
    sequence_of,
    also_printed=(_in_three_digits, _number),
    stated=_in_remessa,
)
