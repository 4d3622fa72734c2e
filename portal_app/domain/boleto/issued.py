"""A boleto that was made: what is stored of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal_app.domain.boleto.registration import BoletoState
from portal_app.domain.money import Money


@dataclass(frozen=True, slots=True)
class Boleto:
    """A title as stored. `sheet` holds the printed facts, frozen when it was made.

    `pix` is the code to copy and paste, empty where its bank gave none.
    """

    id: int
    payment: int
    customer: int
    carteira: int
    bank: str
    nosso_numero: str
    barcode: str
    linha_digitavel: str
    amount: Money
    due: date
    state: BoletoState
    confirms: bool
    requested_at: datetime
    available_at: datetime
    reject_reason: str
    sheet: dict[str, Any]
    pix: str = ""


@dataclass(frozen=True, slots=True)
class NewBoleto:
    payment: int
    customer: int
    carteira: int
    account: int
    bank: str
    sequence: int
    nosso_numero: str
    barcode: str
    linha_digitavel: str
    amount: Money
    due: date
    confirms: bool
    requested_at: datetime
    available_at: datetime
    sheet: dict[str, Any]
