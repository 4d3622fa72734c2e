"""A sheet in words: each printed fact once, in the letters of the fonts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal_app.domain.boleto.sheet import BoletoSheet, Party
from portal_app.pdf import style
from portal_app.pdf.style import encoded

_DASH: Final = encoded(" – ")


@dataclass(frozen=True, slots=True)
class PartyWords:
    name: bytes
    tax_id: bytes
    address: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Named as in BoletoSheet."""

    bank_name: bytes
    bank_code: bytes
    linha_digitavel: bytes
    payee: PartyWords
    payer: PartyWords
    guarantor: bytes
    agencia_codigo: bytes
    nosso_numero: bytes
    document_number: bytes
    document_date: bytes
    processing_date: bytes
    due: bytes
    amount: bytes
    carteira: bytes
    payment_place: bytes
    especie_doc: bytes
    aceite: bytes
    contact: bytes


def words_of(sheet: BoletoSheet) -> Words:
    return Words(
        bank_name=encoded(sheet.bank_name),
        bank_code=encoded(f"{sheet.bank_code}-{sheet.bank_dv}"),
        linha_digitavel=encoded(sheet.linha_digitavel),
        payee=_party(sheet.payee),
        payer=_party(sheet.payer),
        guarantor=encoded(sheet.guarantor),
        agencia_codigo=encoded(sheet.agencia_codigo),
        nosso_numero=encoded(sheet.nosso_numero),
        document_number=encoded(sheet.document_number),
        document_date=encoded(style.day(sheet.document_date)),
        processing_date=encoded(style.day(sheet.processing_date)),
        due=encoded(style.day(sheet.due)),
        amount=encoded(style.money(sheet.amount)),
        carteira=encoded(sheet.carteira),
        payment_place=encoded(sheet.payment_place),
        especie_doc=encoded(sheet.especie_doc),
        aceite=encoded(sheet.aceite),
        contact=encoded(sheet.contact),
    )


def _party(party: Party) -> PartyWords:
    return PartyWords(
        name=encoded(party.name),
        tax_id=encoded(f"CPF/CNPJ {style.tax_id(party.tax_id)}"),
        address=_DASH.join(map(encoded, party.address)),
    )
