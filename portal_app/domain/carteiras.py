"""Carteiras de cobrança: what may be registered, and what a company's staff must not get wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from portal_app.domain.boleto.bank import CONTRACT_FIELDS, FILE_FIELDS, FREE_NUMBER, title_of
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.companies import BankCarteira, Channel, Homologation, Overdue
from portal_app.domain.errors import FieldMissing, InvalidField, UnknownBank
from portal_app.domain.money import Money

# Above these a rate is a slip of the keyboard; consumer law allows 2 % (CDC, art. 52 § 1).
MOST_FINE_BP: Final = 1000
MOST_INTEREST_BP: Final = 1000
MOST_DISCOUNT_BP: Final = 9900
MOST_WAIT_MINUTES: Final = 7 * 24 * 60
MOST_DAYS: Final = 365
ESPECIES: Final = frozenset({"DM", "DS", "NP", "RC", "ND", "FT", "OU"})

# By a file a bank answers on its next working day, not within the half hour.
_WAIT_BY_FILE: Final = 2 * 24 * 60
_WAIT: Final = 30
_BANK_NUMBERS: Final = frozenset({Channel.INTER})
_BANK_OF: Final = {Channel.INTER: "077", Channel.BANCO_DO_BRASIL: "001"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CarteiraFacts:
    """A carteira at a bank with its account, as staff register it.

    Rates in basis points, `interest_bp` a month; None: the company's own. `contract` as in
    `BankCarteira`. `wait_minutes` None: what is usual for the channel.
    """

    name: str
    bank: str
    agencia: str
    conta: str
    carteira: str
    agencia_dv: str = ""
    conta_dv: str = ""
    convenio: str = ""
    modalidade: str = ""
    contract: Mapping[str, str] = field(default_factory=dict[str, str])
    channel: Channel = Channel.DEMO
    credentials: str = ""
    confirms: bool = True
    wait_minutes: int | None = None
    days_to_pay: int = 3
    fine_bp: int | None = None
    interest_bp: int | None = None
    discount_bp: int = 0
    discount_days: int = 0
    write_off_days: int = 60
    overdue: Overdue = Overdue.SAME
    homologation: Homologation = Homologation.NONE
    wants_pix: bool = False
    especie_doc: str = "DM"
    active: bool = True

    @property
    def wait(self) -> int:
        """In minutes."""
        usual = _WAIT_BY_FILE if self.channel is Channel.CNAB240 else _WAIT
        return usual if self.wait_minutes is None else self.wait_minutes


def ensure_carteira(facts: CarteiraFacts, today: date) -> None:
    """Raise InvalidField, naming the field, unless boletos can be made of this."""
    for name in ("name", "agencia", "conta", "carteira"):
        if not getattr(facts, name).strip():
            raise FieldMissing(field=name)
    if facts.bank not in BANKS:
        raise UnknownBank(field="bank", value=facts.bank)
    _ensure_channel(facts)
    _ensure_terms(facts)
    _ensure_contract(facts, today)


def changed(before: CarteiraFacts | None, name: str, told: Mapping[str, Any]) -> CarteiraFacts:
    """The facts after somebody told some of them; a new carteira needs those without a default."""
    if before is not None:
        return replace(before, **told)
    empty = CarteiraFacts(name=name, bank="", agencia="", conta="", carteira="")
    return replace(empty, **told)


def basis_points(percent: str, field_: str) -> int:
    """'2' or '2.05' per cent as basis points.

    >>> basis_points("2.05", "fine")
    205
    """
    return Money.parse(percent, "BRL", field_).cents


def _ensure_channel(facts: CarteiraFacts) -> None:
    only = _BANK_OF.get(facts.channel)
    if only is not None and facts.bank != only:
        raise InvalidField(field="channel", value=facts.channel.value)
    if only is not None and not facts.confirms:
        # A bank that is called always answers; unheard of, nothing may be paid.
        raise InvalidField(field="confirms", value="false")
    if only is not None and not facts.credentials:
        raise FieldMissing(field="credentials")


def _ensure_terms(facts: CarteiraFacts) -> None:
    limits = (
        ("fine", facts.fine_bp or 0, MOST_FINE_BP),
        ("interest", facts.interest_bp or 0, MOST_INTEREST_BP),
        ("discount", facts.discount_bp, MOST_DISCOUNT_BP),
        ("discount_days", facts.discount_days, MOST_DAYS),
        ("wait_minutes", facts.wait, MOST_WAIT_MINUTES),
        ("days_to_pay", facts.days_to_pay, MOST_DAYS),
        ("write_off_days", facts.write_off_days, MOST_DAYS),
    )
    for name, value, most in limits:
        if not 0 <= value <= most:
            raise InvalidField(field=name, value=str(value))
    if facts.especie_doc not in ESPECIES:
        raise InvalidField(field="especie_doc", value=facts.especie_doc[:40])


def _ensure_contract(facts: CarteiraFacts, today: date) -> None:
    """Make a title of it: the bank's module refuses what does not fit, by the field's name."""
    unknown = sorted(facts.contract.keys() - CONTRACT_FIELDS - FILE_FIELDS - {FREE_NUMBER})
    if unknown:
        raise InvalidField(field="contract", value=unknown[0][:40])
    bank, trial = BANKS[facts.bank], _trial(facts)
    terms = title_of(trial, 0, Money(1, "BRL"), today, "1", today)
    first = bank.first_sequence(terms)
    if bank.last_sequence(terms) < first and facts.channel not in _BANK_NUMBERS:
        # The bank alone gives the numbers, and nothing would ask it for one.
        raise InvalidField(field="carteira", value=facts.carteira)
    title = title_of(trial, first, Money(1, "BRL"), today, "1", today)
    bank.campo_livre(title)
    bank.agencia_codigo(title)


def _trial(facts: CarteiraFacts) -> BankCarteira:
    return BankCarteira(
        id=0,
        bank=facts.bank,
        carteira=facts.carteira,
        modalidade=facts.modalidade,
        agencia=facts.agencia,
        agencia_dv=facts.agencia_dv,
        conta=facts.conta,
        conta_dv=facts.conta_dv,
        convenio=facts.convenio,
        account=0,
        confirms=facts.confirms,
        wait_minutes=facts.wait,
        days_to_pay=facts.days_to_pay,
        contract=facts.contract,
    )
