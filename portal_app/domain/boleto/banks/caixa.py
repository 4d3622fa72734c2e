"""Caixa Econômica Federal (104), SIGCB.

Source: "Especificação do código de barras para bloquetos de cobrança no SIGCB" (67.119), as
summarised in docs/banks/104-caixa.md. The convênio is the código do beneficiário.
"""

from types import MappingProxyType
from typing import Final

from portal_app.domain.boleto.bank import (
    Bank,
    Title,
    confirmed,
    known_carteira,
    sequence_digits,
    up_to,
)
from portal_app.domain.boleto.check_digits import digits, modulo_11
from portal_app.domain.errors import InvalidField

# Cobrança registrada or sem registro, by the carteira's letters or number.
_MODALIDADES: Final = MappingProxyType({"RG": "1", "14": "1", "SR": "2", "24": "2"})
_PRINTED_BY_THE_BENEFICIARY: Final = "4"


def nosso_numero(title: Title) -> str:
    """'14000000000000006-5': modalidade 1 · emissão 1 · number 15, and a check digit."""
    number = _number(title)
    return f"{number}-{modulo_11(number)}"


def campo_livre(title: Title) -> str:
    """Beneficiário 7, the nosso número in an order of its own, and a check digit.

    Its digits 3-5 · 1 · 6-8 · 2 · 9-17.
    """
    code, number = _code(title), _number(title)
    # Seven digits leave no place for the code's own check digit.
    beneficiary = code if len(code) == 7 else code + modulo_11(code)
    mixed = number[2:5] + number[0] + number[5:8] + number[1] + number[8:]
    return beneficiary + mixed + modulo_11(beneficiary + mixed)


def agencia_codigo(title: Title) -> str:
    """'1825 / 245274-0'."""
    code = _code(title)
    return f"{title.agencia} / {code}-{modulo_11(code)}"


def sequence_of(stated: str, title: Title) -> int | None:
    """17 digits at 41-57 of segment P; T has their check digit too, at 40-57."""
    number = stated.lstrip("0")
    written = nosso_numero if len(number) > 17 else _number
    return confirmed(number[2:17], title, number, written)


def _number(title: Title) -> str:
    return _modalidade(title) + _emissao(title) + sequence_digits(title, 15)


def _modalidade(title: Title) -> str:
    modalidade = _MODALIDADES[known_carteira(title, 2, _MODALIDADES)]
    if title.modalidade and digits("modalidade", title.modalidade, 1) != modalidade:
        raise InvalidField(field="modalidade", value=title.modalidade)
    return modalidade


def _emissao(title: Title) -> str:
    emissao = digits("emissao", title.emissao or _PRINTED_BY_THE_BENEFICIARY, 1)
    if emissao != _PRINTED_BY_THE_BENEFICIARY:
        raise InvalidField(field="emissao", value=emissao)
    return emissao


def _code(title: Title) -> str:
    """The beneficiário's, of six digits or seven."""
    code = digits("convenio", title.convenio, 7)
    if len(title.convenio) < 7:
        return code[1:]
    if code.startswith("0"):
        # A shorter code, written longer, has another campo livre.
        raise InvalidField(field="convenio", value=code)
    return code


BANK: Final = Bank(
    "104",
    "0",
    "Caixa Econômica Federal",
    nosso_numero,
    campo_livre,
    agencia_codigo,
    up_to(15),
    sequence_of,
    stated=_number,
)
