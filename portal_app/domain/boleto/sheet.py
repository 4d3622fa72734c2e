"""Everything printed on a boleto, as it is stored and drawn again for a second copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from portal_app.domain.boleto.barcode import fator_vencimento, linha_digitavel, parts_of
from portal_app.domain.errors import FieldTooLong, InvalidBarcode
from portal_app.domain.facts import facts_of
from portal_app.domain.money import Money

# EMV Merchant-Presented Mode, which Pix follows: a code has no more characters.
LONGEST_PIX: Final = 512


@dataclass(frozen=True, slots=True)
class Party:
    """Payee or payer. `tax_id` without punctuation; `address` line by line."""

    name: str
    tax_id: str
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetItem:
    """A document paid with the boleto, and its part of the amount."""

    document: str
    due: date | None
    principal: Money
    fine: Money
    interest: Money

    @property
    def total(self) -> Money:
        return self.principal + self.fine + self.interest


@dataclass(frozen=True, slots=True, kw_only=True)
class BoletoSheet:
    """The facts of the paper; those the barcode also states must agree with it.

    `barcode` and `nosso_numero` are empty while a bank that numbers its titles has not told them.
    """

    bank_code: str
    bank_dv: str
    bank_name: str
    barcode: str
    payee: Party
    payer: Party
    agencia_codigo: str
    nosso_numero: str
    document_number: str
    document_date: date
    processing_date: date
    due: date
    amount: Money
    carteira: str
    payment_place: str
    especie_doc: str = "DM"
    aceite: str = "N"
    guarantor: str = ""
    """Beneficiário final, where it is not the payee."""
    instructions: tuple[str, ...] = ()
    items: tuple[SheetItem, ...] = ()
    contact: str = ""
    """SAC, ouvidoria, finance department."""
    pix: str = ""
    """The code to copy and paste as the bank issued it at registration; without one there is no QR."""

    def __post_init__(self) -> None:
        """Raise InvalidBarcode where the code would collect something else than the paper says."""
        if len(self.pix) > LONGEST_PIX:
            raise FieldTooLong(field="pix", longest=LONGEST_PIX)
        if not self.barcode:
            return
        coded = parts_of(self.barcode)
        if coded.bank != self.bank_code:
            raise InvalidBarcode(reason="bank")
        if coded.fator != fator_vencimento(self.due):
            raise InvalidBarcode(reason="due")
        if self.amount != Money(coded.cents, "BRL"):
            raise InvalidBarcode(reason="amount")

    @property
    def linha_digitavel(self) -> str:
        return linha_digitavel(self.barcode)

    def facts(self) -> dict[str, Any]:
        """As stored."""
        return facts_of(self)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> BoletoSheet:
        """The sheet that `facts` were taken from, maybe before some optional field existed."""
        read: dict[str, Any] = {
            "payee": _party(facts["payee"]),
            "payer": _party(facts["payer"]),
            "amount": Money(**facts["amount"]),
            "instructions": tuple(facts["instructions"]),
            "items": tuple(_item(item) for item in facts["items"]),
        }
        for name in ("document_date", "processing_date", "due"):
            read[name] = date.fromisoformat(facts[name])
        return cls(**{**facts, **read})


def _party(facts: Mapping[str, Any]) -> Party:
    return Party(facts["name"], facts["tax_id"], tuple(facts["address"]))


def _item(facts: Mapping[str, Any]) -> SheetItem:
    return SheetItem(
        document=facts["document"],
        due=date.fromisoformat(facts["due"]) if facts["due"] else None,
        principal=Money(**facts["principal"]),
        fine=Money(**facts["fine"]),
        interest=Money(**facts["interest"]),
    )
