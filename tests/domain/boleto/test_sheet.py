import json
from dataclasses import replace
from datetime import date

import pytest

from portal_app.domain.boleto.sheet import BoletoSheet, Party, SheetItem
from portal_app.domain.errors import FieldTooLong, InvalidBarcode
from portal_app.domain.money import Money

ONE = Money(10000, "BRL")
SHEET = BoletoSheet(
    bank_code="756",
    bank_dv="0",
    bank_name="Sicoob",
    barcode="75691697400000300001427701017227800000040001",
    payee=Party("Nordeste Telecom", "12ABC34501DE35", ("Av. Boa Viagem", "Recife/PE")),
    payer=Party("Ana", "11144477735"),
    agencia_codigo="4277-3 / 172278",
    nosso_numero="0000004-0",
    document_number="BOL-4",
    document_date=date(2016, 11, 1),
    processing_date=date(2016, 11, 2),
    due=date(2016, 11, 10),
    amount=Money(30000, "BRL"),
    carteira="1",
    payment_place="Pagável em qualquer banco",
    instructions=("Não receber após 60 dias.",),
    items=(
        SheetItem("FT 2016/1", date(2016, 10, 1), ONE, ONE, ONE),
        SheetItem("ND 2016/2", None, Money.zero("BRL"), Money.zero("BRL"), Money.zero("BRL")),
    ),
)


def test_a_stored_sheet_is_printed_again_as_it_was() -> None:
    stored = json.loads(json.dumps(SHEET.facts()))

    assert BoletoSheet.from_facts(stored) == SHEET


def test_a_sheet_stored_before_pix_was_known_is_printed_without_it() -> None:
    stored = SHEET.facts()
    del stored["pix"]

    assert BoletoSheet.from_facts(stored) == SHEET


def test_the_banks_pix_code_is_stored_with_the_sheet() -> None:
    sheet = replace(SHEET, pix="00020126580014br.gov.bcb.pix")

    assert BoletoSheet.from_facts(json.loads(json.dumps(sheet.facts()))).pix == sheet.pix


def test_a_pix_code_longer_than_any_may_be_is_refused() -> None:
    with pytest.raises(FieldTooLong, match="pix"):
        replace(SHEET, pix="0" * 513)


def test_a_stored_sheet_that_was_altered_is_refused() -> None:
    stored = SHEET.facts() | {"amount": {"cents": 1, "currency": "BRL"}}

    with pytest.raises(InvalidBarcode) as refusal:
        BoletoSheet.from_facts(stored)

    assert refusal.value.details == {"reason": "amount"}


def test_the_line_is_that_of_the_barcode() -> None:
    assert SHEET.linha_digitavel == "75691.42776 01017.227800 00000.400010 1 69740000030000"


def test_an_item_adds_up_its_parts() -> None:
    assert SHEET.items[0].total == Money(30000, "BRL")
