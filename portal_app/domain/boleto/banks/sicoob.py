"""Sicoob (756).

Source: "Layout de cobrança Sicoob – sistema de terceiros", as summarised in
docs/banks/756-sicoob.md. The agência is the cooperativa, the convênio the
código do cliente with its check digit.
"""

from typing import Final

from portal_app.domain.boleto.bank import (
    Bank,
    Title,
    agencia_and_convenio,
    confirmed,
    known_carteira,
    plain,
    sequence_digits,
    up_to,
)
from portal_app.domain.boleto.check_digits import digits, weighted_sum

_CARTEIRAS: Final = frozenset({"1", "3"})


def nosso_numero(title: Title) -> str:
    """Seven digits and a check digit, e.g. '0000004-0'.

    The check digit runs 3-1-9-7 from the left over
    cooperativa (4) + cliente (10) + nosso número (7).
    """
    number = sequence_digits(title, 7)
    cliente = digits("convenio", title.convenio, 7).zfill(10)
    seed = digits("agencia", title.agencia, 4) + cliente + number
    rest = weighted_sum(seed[::-1], (3, 1, 9, 7)) % 11
    return f"{number}-{0 if rest < 2 else 11 - rest}"


def campo_livre(title: Title) -> str:
    """carteira 1 · cooperativa 4 · modalidade 2 · cliente 7 · nosso número 8 · parcela 3."""
    return (
        known_carteira(title, 1, _CARTEIRAS)
        + digits("agencia", title.agencia, 4)
        + digits("modalidade", title.modalidade, 2)
        + digits("convenio", title.convenio, 7)
        + nosso_numero(title).replace("-", "")
        + digits("parcela", str(title.parcela), 3)
    )


def sequence_of(stated: str, title: Title) -> int | None:
    """nosso número 10 · parcela 2 · modalidade 2 · kind of paper 1, at 38-52 of segment P.

    None where parcela and modalidade are left out: the barcode holds both.
    """
    without_paper = stated[:14]
    return confirmed(without_paper[:9], title, without_paper, _in_remessa)


def reported(stated: str, title: Title) -> int | None:
    """nosso número 10, at 38-47 of segment T: what follows need not be known."""
    return confirmed(stated[:9], title, stated[:10], nosso_numero)


def _in_remessa(title: Title) -> str:
    number = plain(nosso_numero(title)).zfill(10)
    parcela = digits("parcela", str(title.parcela), 2)
    return number + parcela + digits("modalidade", title.modalidade, 2)


BANK: Final = Bank(
    "756",
    "0",
    "Sicoob",
    nosso_numero,
    campo_livre,
    agencia_and_convenio,
    up_to(7),
    sequence_of,
    reported=reported,
)
