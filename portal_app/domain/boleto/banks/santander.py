"""Santander (033).

Source: "Layout de código de barras" and "Cobrança CNAB 240 – H7815", as summarised in
docs/banks/033-santander.md. The convênio is the código do beneficiário.
"""

from typing import Final

from portal_app.domain.boleto.bank import (
    Bank,
    Title,
    agencia_and_convenio,
    known_carteira,
    plain,
    sequence_digits,
    stated_as_printed,
    up_to,
)
from portal_app.domain.boleto.check_digits import digits, modulo_11

_CARTEIRAS: Final = frozenset({"101", "102", "201"})


def nosso_numero(title: Title) -> str:
    """'000000000444-8': twelve digits and a check digit."""
    number = sequence_digits(title, 12)
    return f"{number}-{modulo_11(number)}"


def campo_livre(title: Title) -> str:
    """'9' · beneficiário 7 · nosso número 13 · IOF '0' (no insurer) · carteira 3."""
    return (
        "9"
        + digits("convenio", title.convenio, 7)
        + plain(nosso_numero(title))
        + "0"
        + known_carteira(title, 3, _CARTEIRAS)
    )


def _short(title: Title) -> str:
    """'90002720-7': at least seven digits."""
    number, check_digit = nosso_numero(title).split("-")
    return f"{int(number):07}-{check_digit}"


BANK: Final = Bank(
    "033",
    "7",
    "Santander",
    nosso_numero,
    campo_livre,
    agencia_and_convenio,
    up_to(12),
    # At 45-57 of segment P, 41-53 of T.
    stated_as_printed(nosso_numero),
    also_printed=(_short,),
)
