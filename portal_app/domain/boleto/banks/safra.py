"""Safra (422).

Source: "Layout de cobrança", barcode of the registered collection, as summarised in
docs/banks/422-safra.md.
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

_CARTEIRAS: Final = frozenset({"1", "2"})
_SYSTEM: Final = "7"
_REGISTERED: Final = "2"


def nosso_numero(title: Title) -> str:
    """'93199999-5': eight digits and a check digit, which is 1 where the rest is 0."""
    number = sequence_digits(title, 8)
    return f"{number}-{modulo_11(number, rest_0='1')}"


def campo_livre(title: Title) -> str:
    """'7' · agência 5 · conta 9, each with its check digit · nosso número 9 · '2'."""
    if title.carteira:
        known_carteira(title, 1, _CARTEIRAS)
    return (
        _SYSTEM
        + digits("agencia", title.agencia, 4)
        + digits("agencia_dv", title.agencia_dv, 1)
        + digits("conta", title.conta, 8)
        + digits("conta_dv", title.conta_dv, 1)
        + plain(nosso_numero(title))
        + _REGISTERED
    )


BANK: Final = Bank(
    "422",
    "7",
    "Safra",
    nosso_numero,
    campo_livre,
    agencia_and_conta,
    up_to(8),
    stated_as_printed(nosso_numero),
)
