"""A boleto that was made: what is stored of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal_app.domain.boleto.gateway import TitleRef
from portal_app.domain.boleto.order import Order
from portal_app.domain.boleto.registration import BoletoState
from portal_app.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Boleto:
    """A title as stored. `sheet` holds the printed facts, frozen when it was made.

    `order` is what its bank is told, None for a title made before orders were kept.
    `amended_due` is a later due date the bank has confirmed; the code still says the first one.
    `asked_due` is one the bank was asked for and has not answered yet.
    `pix` is the code to copy and paste, empty where its bank gave none.
    """

    id: int
    payment: int
    customer: int
    carteira: int
    account: int
    bank: str
    nosso_numero: str
    seu_numero: str
    bank_ref: str
    barcode: str
    linha_digitavel: str
    pix: str
    amount: Money
    due: date
    amended_due: date | None
    asked_due: date | None
    state: BoletoState
    confirms: bool
    requested_at: datetime
    available_at: datetime
    reject_reason: str
    sheet: dict[str, Any]
    order: Order | None

    @property
    def ref(self) -> TitleRef:
        """How its bank is asked about it."""
        return TitleRef(
            nosso_numero=self.nosso_numero,
            seu_numero=self.seu_numero,
            bank_ref=self.bank_ref,
            asked_at=self.requested_at,
            due=self.due,
        )

    @property
    def payable_until(self) -> date:
        """The due date that holds now."""
        return self.amended_due or self.due


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBoleto:
    """A title about to be stored; `sequence` is None where the bank gives the number.

    `stated_number` is the number as the bank's retornos will state it, without leading zeros;
    empty where the bank gives it.
    """

    payment: int
    customer: int
    carteira: int
    account: int
    bank: str
    sequence: int | None
    seu_numero: str
    nosso_numero: str
    stated_number: str
    barcode: str
    linha_digitavel: str
    amount: Money
    due: date
    confirms: bool
    requested_at: datetime
    available_at: datetime
    sheet: dict[str, Any]
    order: dict[str, Any]
