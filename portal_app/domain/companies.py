"""The company that bills, its contact and its carteiras."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PAYABLE_BY_BOLETO: Final = "BRL"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a customer asks about money."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Company:
    """`zone` is an IANA name; `locale` the company's language, e.g. 'pt_BR'."""

    id: int
    slug: str
    name: str
    tax_id: str
    country: str
    currency: str
    zone: str
    locale: str
    address: str
    contact: Contact
    link_days: int = 30
    accent: str = ""


class CarteiraKind(StrEnum):
    """BANK collects at one bank; FATURA lets the customer choose among several."""

    BANK = "bank"
    FATURA = "fatura"


@dataclass(frozen=True, slots=True)
class BankCarteira:
    """A carteira at one bank, with the account behind it, as the customer chooses it.

    `confirms`: the bank answers a registration; else the boleto counts as
    registered when `wait_minutes` are over.
    """

    id: int
    bank: str
    carteira: str
    modalidade: str
    agencia: str
    agencia_dv: str
    conta: str
    conta_dv: str
    convenio: str
    account: int
    confirms: bool
    wait_minutes: int
    days_to_pay: int
