"""The company that bills, its contact and its carteiras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

PAYABLE_BY_BOLETO: Final = "BRL"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a customer asks about money."""

    name: str
    email: str
    phone: str


class SecondFactor(StrEnum):
    """Whether a company's managers must have a second factor. BY_MODE: in production."""

    REQUIRED = "required"
    BY_MODE = "by_mode"
    OPTIONAL = "optional"

    def is_required(self, *, production: bool) -> bool:
        return self is SecondFactor.REQUIRED or (self is SecondFactor.BY_MODE and production)


@dataclass(frozen=True, slots=True)
class Company:
    """`zone` is an IANA name; `locale` the company's language, e.g. 'pt_BR'.

    `retention_months`: how long the company keeps its papers, where no law makes it longer.
    """

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
    second_factor: SecondFactor = SecondFactor.BY_MODE
    retention_months: int = 120


def is_payee(company: Company) -> bool:
    """A boleto must say who is paid, and where they are."""
    return bool(company.tax_id and company.address)


class CarteiraKind(StrEnum):
    """BANK collects at one bank; FATURA lets the customer choose among several."""

    BANK = "bank"
    FATURA = "fatura"


class Channel(StrEnum):
    """How an account's bank is reached. DEMO answers by the clock and only in demo mode."""

    DEMO = "demo"
    CNAB240 = "cnab240"
    INTER = "inter"
    BANCO_DO_BRASIL = "bb"


class Homologation(StrEnum):
    """Whether the bank approved the carteira's boletos and files. APPROVED: fit for production."""

    NONE = "none"
    TESTING = "testing"
    APPROVED = "approved"


class Overdue(StrEnum):
    """What becomes of a registered boleto that is past due.

    SAME: printed again, the bank charges what it was told. AMEND: its due date is moved at the
    bank. REISSUE: it is withdrawn and another is made.
    """

    SAME = "same"
    AMEND = "amend"
    REISSUE = "reissue"


@dataclass(frozen=True, slots=True)
class BankCarteira:
    """A carteira at one bank, with the account behind it, as the customer chooses it.

    `confirms`: the bank answers a registration; else the boleto counts as
    registered when `wait_minutes` are over. `contract` holds what only some banks ask for, by
    the names of `Title`: variacao, produto, posto … `discount_bp` off, in basis points, up to
    `discount_days` before the due date. `write_off_days` past due the bank gives a title up.
    `credentials` names a file of secrets kept outside the database.
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
    name: str = ""
    channel: Channel = Channel.DEMO
    credentials: str = ""
    contract: Mapping[str, str] = field(default_factory=dict[str, str])
    especie_doc: str = "DM"
    discount_bp: int = 0
    discount_days: int = 0
    write_off_days: int = 60
    overdue: Overdue = Overdue.SAME
    homologation: Homologation = Homologation.NONE
    wants_pix: bool = False
