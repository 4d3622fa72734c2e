"""Ailos (085), formerly Cecred.

Source: "Manual técnico de cobrança bancária – 240 posições", as summarised in
docs/banks/085-ailos.md.
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
from portal_app.domain.boleto.check_digits import digits

_CARTEIRAS: Final = frozenset({"01"})


def nosso_numero(title: Title) -> str:
    """'02315602000074644': conta 7 · its check digit · number 9; no check digit of its own."""
    return (
        digits("conta", title.conta, 7)
        + digits("conta_dv", title.conta_dv, 1)
        + sequence_digits(title, 9)
    )


def campo_livre(title: Title) -> str:
    """convênio 6 · nosso número 17 · carteira 2."""
    convenio = digits("convenio", title.convenio, 6)
    return convenio + nosso_numero(title) + known_carteira(title, 2, _CARTEIRAS)


def sequence_of(stated: str, title: Title) -> int | None:
    """The 17 digits, at 38-57 of segment P."""
    return confirmed(stated[-9:], title, stated, nosso_numero)


BANK: Final = Bank(
    "085",
    "1",
    "Ailos",
    nosso_numero,
    campo_livre,
    agencia_and_conta,
    up_to(9),
    sequence_of,
)
