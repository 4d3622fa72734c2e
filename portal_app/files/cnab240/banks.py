"""The banks of CNAB 240: where their fields stand, what they mean and how they want them filled.

Sources, with version, and what only the bank can confirm: docs/banks/cnab.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from portal_app.domain.boleto.bank import Title, plain
from portal_app.domain.boleto.banks import itau
from portal_app.domain.boleto.check_digits import digits
from portal_app.domain.boleto.order import Order
from portal_app.domain.companies import BankCarteira, Homologation
from portal_app.files.cnab240 import layouts, movements
from portal_app.files.cnab240.layouts import Layout
from portal_app.files.cnab240.movements import Kinds

# Species of the title, by the letters on the paper.
_ESPECIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CH": "01",
        "DM": "02",
        "DMI": "03",
        "DS": "04",
        "DSI": "05",
        "DR": "06",
        "LC": "07",
        "NP": "12",
        "RC": "17",
        "FAT": "18",
        "ND": "19",
        "ME": "21",
        "DD": "24",
        "OU": "99",
    }
)
_SANTANDER_ESPECIES: Final = {
    "DM": "02",
    "DS": "04",
    "LC": "07",
    "NP": "12",
    "RC": "17",
    "CH": "97",
}
_ITAU_ESPECIES: Final = {
    "DM": "01",
    "NP": "02",
    "ME": "04",
    "RC": "05",
    "DS": "08",
    "LC": "09",
    "ND": "13",
    "DD": "15",
    "OU": "99",
}
# Registered, printed and sent by us, never protested.
_OURS: Final = {"registration": "1", "issued_by": "2", "distributed_by": "2", "protest_code": "3"}


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """Who collects, and the carteira with its account. `tax_id` without punctuation."""

    name: str
    tax_id: str
    carteira: BankCarteira

    @property
    def is_testing(self) -> bool:
        """Before the bank's approval no file is meant to register anything."""
        return self.carteira.homologation is not Homologation.APPROVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How a bank wants a remessa filled in where the layout leaves a choice.

    `fixed`: segment P's unchanging fields. `carteira`: its code there. `rates`: interest may be
    a rate a month, else it is always reais a day; `codes`: interest and discount have codes at
    all, `no_interest` being the one for none. `gives_up`: the file says after how many days a
    title is given up, else only the contract does. `situation`: what a file in test and one in
    production say of themselves.
    """

    bank_name: str
    layout: str
    lote_layout: str
    fixed: Mapping[str, str]
    convenio: Callable[[BankCarteira], str]
    nosso_numero: Callable[[Order], str]
    especies: Mapping[str, str]
    carteira: Callable[[Title], str] = lambda _: "1"
    rates: bool = True
    codes: bool = True
    no_interest: str = "3"
    gives_up: bool = True
    situation: tuple[str, str] = ("", "")
    account_dv: Callable[[BankCarteira], str] = lambda _: ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A bank. `states_net`: what it calls paid is what reached the account, its fee taken off."""

    layout: Layout
    kinds: Kinds
    states_net: bool = False
    writing: Writing | None = None


def _convenio(length: int) -> Callable[[BankCarteira], str]:
    return lambda carteira: digits("convenio", carteira.convenio, length)


def _brasil_convenio(carteira: BankCarteira) -> str:
    """convênio 9 · '0014' (cobrança cedente) · carteira 2 · variação 3."""
    return (
        digits("convenio", carteira.convenio, 9)
        + "0014"
        + digits("carteira", carteira.carteira, 2)
        + digits("variacao", carteira.contract.get("variacao", ""), 3)
    )


def _transmissao(carteira: BankCarteira) -> str:
    """The código de transmissão the bank gave, else agência 4 · '0000' · beneficiário 7."""
    given = carteira.contract.get("transmissao", "")
    if given:
        return digits("transmissao", given, 15)
    agencia = digits("agencia", carteira.agencia, 4)
    return agencia + "0000" + digits("convenio", carteira.convenio, 7)


def _brasil_carteira(title: Title) -> str:
    return {"17": "7", "31": "2", "51": "4"}.get(title.carteira, "1")


def _santander_carteira(title: Title) -> str:
    """'Rápida com registro', simple (101) or as a pledge (201)."""
    return {"101": "5", "201": "6"}.get(title.carteira, "1")


def _as_printed(order: Order) -> str:
    return plain(order.nosso_numero)


def _santander_number(order: Order) -> str:
    return _as_printed(order).zfill(13)


def _caixa_number(order: Order) -> str:
    """17 digits, without the check digit that is printed behind them."""
    return _as_printed(order)[:17]


def _bradesco_number(order: Order) -> str:
    """carteira 3 · '00000' · number 11 · check digit."""
    carteira = digits("carteira", order.title.carteira, 3)
    return carteira + "00000" + _as_printed(order)[-12:].zfill(12)


def _sicoob_number(order: Order) -> str:
    """number 10 · parcela 2 · modalidade 2 · '4' (A4, without envelope)."""
    parcela = digits("parcela", str(order.title.parcela), 2)
    modalidade = digits("modalidade", order.title.modalidade, 2)
    return _as_printed(order).zfill(10) + parcela + modalidade + "4"


def _itau_dac(carteira: BankCarteira) -> str:
    """Where the others have a check digit over agência and conta together."""
    account = Title(
        sequence=0, agencia=carteira.agencia, conta=carteira.conta, conta_dv=carteira.conta_dv
    )
    return itau.conta_dac(account)


COMMON: Final = Profile(layouts.COMMON, movements.COMMON)
PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        "001": Profile(
            layouts.BANCO_DO_BRASIL,
            movements.COMMON,
            writing=Writing(
                bank_name="BANCO DO BRASIL S.A.",
                layout="083",
                lote_layout="042",
                fixed=_OURS | {"document_kind": "1", "currency": "09"},
                convenio=_brasil_convenio,
                nosso_numero=_as_printed,
                especies=_ESPECIES,
                carteira=_brasil_carteira,
                gives_up=False,
                situation=("TS", ""),
            ),
        ),
        "033": Profile(
            layouts.SANTANDER,
            movements.SANTANDER,
            writing=Writing(
                bank_name="BANCO SANTANDER",
                layout="040",
                lote_layout="030",
                fixed={"registration": "1", "document_kind": "2"},
                convenio=_transmissao,
                nosso_numero=_santander_number,
                carteira=_santander_carteira,
                especies=_SANTANDER_ESPECIES,
                # Its manual gives a rate two decimals in one place and five in another.
                rates=False,
            ),
        ),
        "104": Profile(
            layouts.CAIXA,
            movements.CAIXA,
            writing=Writing(
                bank_name="CAIXA ECONOMICA FEDERAL",
                layout="101",
                lote_layout="060",
                fixed=_OURS | {"document_kind": "2", "distributed_by": "0", "currency": "09"},
                convenio=_convenio(6),
                nosso_numero=_caixa_number,
                especies=_ESPECIES,
                situation=("REMESSA-TESTE", "REMESSA-PRODUCAO"),
            ),
        ),
        "237": Profile(
            layouts.BRADESCO,
            movements.BRADESCO,
            writing=Writing(
                bank_name="BRADESCO",
                layout="084",
                lote_layout="042",
                fixed=_OURS | {"document_kind": "1", "currency": "09"},
                convenio=_convenio(20),
                nosso_numero=_bradesco_number,
                especies=_ESPECIES,
            ),
        ),
        "341": Profile(
            layouts.ITAU,
            movements.ITAU,
            states_net=True,
            writing=Writing(
                bank_name="BANCO ITAU SA",
                layout="040",
                lote_layout="030",
                fixed={},
                convenio=lambda _: "",
                nosso_numero=_as_printed,
                especies=_ITAU_ESPECIES,
                rates=False,
                codes=False,
                account_dv=_itau_dac,
            ),
        ),
        "756": Profile(
            layouts.SICOOB,
            movements.SICOOB,
            writing=Writing(
                bank_name="SICOOB",
                layout="081",
                lote_layout="040",
                fixed=_OURS | {"registration": "0", "currency": "09"},
                convenio=lambda _: "",
                nosso_numero=_sicoob_number,
                especies=_ESPECIES,
                carteira=lambda title: digits("carteira", title.carteira, 1),
                no_interest="0",
                gives_up=False,
            ),
        ),
    }
)


def profile_of(bank: str) -> Profile:
    return PROFILES.get(bank, COMMON)
