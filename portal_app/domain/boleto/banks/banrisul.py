"""Banrisul (041).

Source: "Cobrança Banrisul – leiaute CNAB 240 posições, padrão FEBRABAN" and the NC (número de
controle) of the 400-position one, as summarised in docs/banks/041-banrisul.md. The convênio is
the código do beneficiário without its NC.
"""

from typing import Final

from portal_app.domain.boleto.bank import (
    Bank,
    Title,
    known_carteira,
    sequence_digits,
    stated_as_printed,
    up_to,
)
from portal_app.domain.boleto.check_digits import digits, modulo_10, weighted_sum
from portal_app.domain.errors import InvalidField

_CARTEIRAS: Final = frozenset("12345678BCDEFGHIJKMNPRSTUX")
_PRODUTOS: Final = frozenset({"1", "2"})


def nosso_numero(title: Title) -> str:
    """'22832563-51': eight digits and their NC."""
    number = sequence_digits(title, 8)
    return f"{number}-{numero_de_controle(number)}"


def campo_livre(title: Title) -> str:
    """produto 1 · '1' · agência 4 · beneficiário 7 · number 8 · '40' · NC 2."""
    known_carteira(title, 1, _CARTEIRAS)
    body = (
        _produto(title)
        + "1"
        + digits("agencia", title.agencia, 4)
        + digits("convenio", title.convenio, 7)
        + sequence_digits(title, 8)
        + "40"
    )
    return body + numero_de_controle(body)


def agencia_codigo(title: Title) -> str:
    """'1102 / 900015.0.46'."""
    code = digits("convenio", title.convenio, 7)
    return f"{title.agencia} / {code[:6]}.{code[6]}.{numero_de_controle(code)}"


def numero_de_controle(number: str) -> str:
    """Two check digits: módulo 10, and módulo 11 (weights 2 to 7) over all before it.

    Where the second would be 10 the first is raised by one until it is not.

    >>> numero_de_controle("00009194"), numero_de_controle("00000458")
    ('38', '02')
    """
    first = int(modulo_10(number))
    while (rest := weighted_sum(f"{number}{first}", range(2, 8)) % 11) == 1:
        first = (first + 1) % 10
    return f"{first}{-rest % 11}"


def _produto(title: Title) -> str:
    """'2' where the beneficiário prints (cobrança direta), '1' where the bank does."""
    produto = digits("produto", title.produto, 1)
    if produto not in _PRODUTOS:
        raise InvalidField(field="produto", value=produto)
    return produto


BANK: Final = Bank(
    "041",
    "8",
    "Banrisul",
    nosso_numero,
    campo_livre,
    agencia_codigo,
    up_to(8),
    stated_as_printed(nosso_numero, check_digits=2),
)
