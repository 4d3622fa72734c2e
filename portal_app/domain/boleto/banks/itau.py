"""Itaú (341).

Source: "Cobrança bancária – intercâmbio eletrônico de arquivos", notes and
annexes, as summarised in docs/banks/341-itau.md. The carteira decides which digits the
DAC of the nosso número covers and which campo livre is used.
"""

from dataclasses import replace
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
from portal_app.domain.boleto.check_digits import digits, modulo_10

_DIRECT: Final = frozenset(
    {"109", "110", "111", "112", "115", "121", "138", "153", "157", "174", "175", "180", "188"}
)
_ESCRITURAL: Final = frozenset({"126", "131", "146", "150", "168"})
_FIFTEEN_POSITIONS: Final = frozenset({"106", "107", "122", "142", "143", "195", "196", "198"})
_CARTEIRAS: Final = _DIRECT | _ESCRITURAL | _FIFTEEN_POSITIONS


def nosso_numero(title: Title) -> str:
    """'109/00223350-2': carteira, number and DAC."""
    return f"{_carteira(title)}/{sequence_digits(title, 8)}-{_dac(title)}"


def campo_livre(title: Title) -> str:
    """carteira 3 · número 8 · DAC · agência 4 · conta 5 · DAC · '000', or the 15-position form."""
    start = _carteira(title) + sequence_digits(title, 8)
    if title.carteira in _FIFTEEN_POSITIONS:
        return _with_seu_numero(start, title)
    return start + _dac(title) + _account(title) + conta_dac(title) + "000"


def conta_dac(title: Title) -> str:
    """The account's own check digit, worked out where the contract does not state it."""
    if title.conta_dv:
        return digits("conta_dv", title.conta_dv, 1)
    return modulo_10(_account(title))


def agencia_codigo(title: Title) -> str:
    """'0810 / 53678-0'."""
    return agencia_and_conta(replace(title, agencia_dv="", conta_dv=conta_dac(title)))


def sequence_of(stated: str, title: Title) -> int | None:
    """carteira 3 · número 8 · DAC, at 38-49 of segment P.

    None where the barcode also holds the seu número: the bank has ten places for it, the
    barcode seven.
    """
    return None if title.carteira in _FIFTEEN_POSITIONS else reported(stated, title)


def reported(stated: str, title: Title) -> int | None:
    """The same at 38-49 of segment T, where nobody asks for the barcode."""
    return confirmed(stated[3:-1], title, stated, nosso_numero)


def _with_seu_numero(start: str, title: Title) -> str:
    """carteira 3 · número 8 · seu número 7 · código do cliente 5 · DAC · '0'."""
    seu_numero = digits("seu_numero", title.seu_numero, 7)
    body = start + seu_numero + digits("convenio", title.convenio, 5)
    return body + modulo_10(body) + "0"


def _dac(title: Title) -> str:
    covered = _carteira(title) + sequence_digits(title, 8)
    return modulo_10(covered if title.carteira in _ESCRITURAL else _account(title) + covered)


def _account(title: Title) -> str:
    return digits("agencia", title.agencia, 4) + digits("conta", title.conta, 5)


def _carteira(title: Title) -> str:
    return known_carteira(title, 3, _CARTEIRAS)


BANK: Final = Bank(
    "341",
    "7",
    "Itaú",
    nosso_numero,
    campo_livre,
    agencia_codigo,
    up_to(8),
    sequence_of,
    reported=reported,
)
