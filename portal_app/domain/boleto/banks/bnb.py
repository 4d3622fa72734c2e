"""Banco do Nordeste (004).

Source: "Compensação eletrônica (código de barras) – manual de instruções e preenchimento dos
bloquetes", as summarised in docs/banks/004-bnb.md.
"""

from typing import Final

from portal_app.domain.boleto.bank import (
    Bank,
    Title,
    agencia_and_conta,
    known_carteira,
    plain,
    sequence_digits,
    stated_as_printed,
    up_to,
)
from portal_app.domain.boleto.check_digits import digits, modulo_11

_CARTEIRAS: Final = frozenset({"21", "31", "41"})


def nosso_numero(title: Title) -> str:
    """'0020572-9': seven digits and a check digit with weights 2 to 8."""
    number = sequence_digits(title, 7)
    return f"{number}-{modulo_11(number, top=8)}"


def campo_livre(title: Title) -> str:
    """agência 4 · conta 7 · its check digit · nosso número 8 · carteira 2 · '000'."""
    return (
        digits("agencia", title.agencia, 4)
        + digits("conta", title.conta, 7)
        + digits("conta_dv", title.conta_dv, 1)
        + plain(nosso_numero(title))
        + known_carteira(title, 2, _CARTEIRAS)
        + "000"
    )


BANK: Final = Bank(
    "004",
    "3",
    "Banco do Nordeste",
    nosso_numero,
    campo_livre,
    agencia_and_conta,
    up_to(7),
    stated_as_printed(nosso_numero),
)
