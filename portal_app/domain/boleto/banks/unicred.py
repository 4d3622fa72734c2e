"""Unicred (136).

Source: "Manual operacional de cobrança – composição da ficha de compensação" (version 1.9,
2013-05-20), as summarised in docs/banks/136-unicred.md.
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

_CARTEIRAS: Final = frozenset({"11", "21", "31", "41", "51"})


def nosso_numero(title: Title) -> str:
    """'0000013951-3': ten digits and a check digit."""
    number = sequence_digits(title, 10)
    return f"{number}-{modulo_11(number)}"


def campo_livre(title: Title) -> str:
    """agência 4 · conta 9 · its check digit · nosso número 11."""
    known_carteira(title, 2, _CARTEIRAS)
    return (
        digits("agencia", title.agencia, 4)
        + digits("conta", title.conta, 9)
        + digits("conta_dv", title.conta_dv, 1)
        + plain(nosso_numero(title))
    )


BANK: Final = Bank(
    "136",
    "8",
    "Unicred",
    nosso_numero,
    campo_livre,
    agencia_and_conta,
    up_to(10),
    stated_as_printed(nosso_numero),
)
