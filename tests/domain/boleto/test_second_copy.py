"""A title registered elsewhere is printed with its own code or not at all."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from portal_app.domain.boleto.bank import plain, title_of
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.barcode import ensure_barcode, parts_of
from portal_app.domain.boleto.second_copy import second_copy
from portal_app.domain.companies import BankCarteira
from portal_app.domain.documents import Attempt, Document, DocumentType
from portal_app.domain.imports import Registration
from portal_app.domain.money import Money

DUE = date(2026, 12, 5)


def carteira(bank: str, **differently: Any) -> BankCarteira:
    facts: dict[str, Any] = {
        "id": 1,
        "bank": bank,
        "modalidade": "",
        "agencia_dv": "",
        "conta_dv": "",
        "account": 1,
        "confirms": True,
        "wait_minutes": 30,
        "days_to_pay": 3,
    }
    return BankCarteira(**facts | differently)


BRASIL = carteira("001", agencia="3128", conta="28114", convenio="2883147", carteira="17")
BRASIL_6 = replace(BRASIL, convenio="123456", carteira="18")
SICOOB = carteira(
    "756", agencia="4277", conta="90125", convenio="172278", carteira="1", modalidade="01"
)
ITAU = carteira("341", agencia="0057", conta="12345", convenio="", carteira="110")

# Bank, convênio and nosso número as the import keeps them.
AT_BRASIL = Registration("001", "2883147", "28831470000001001")
AT_BRASIL_6 = Registration("001", "123456", "123456000017")
AT_SICOOB = Registration("756", "4277/90125", "000000004001014")
AT_ITAU = Registration("341", "57/12345", "110123456788")


def imported(**differently: Any) -> Document:
    facts: dict[str, Any] = {
        "id": 1,
        "public_id": "d1",
        "customer": 1,
        "type": DocumentType.TIT,
        "number": "TIT 711227001",
        "description": "",
        "issued": date(2026, 11, 5),
        "due": DUE,
        "total": Money(12990, "BRL"),
        "balance": Money(12990, "BRL"),
        "registered_elsewhere": True,
    }
    return Document(**facts | differently)


@pytest.mark.parametrize(
    ("at", "ours", "campo_livre"),
    [
        (AT_BRASIL, BRASIL, "0000002883147000000100117"),
        (AT_BRASIL_6, BRASIL_6, "1234560000131280002811418"),
        (AT_SICOOB, SICOOB, "1427701017227800000040001"),
        (AT_ITAU, ITAU, "1101234567880057123457000"),
    ],
)
def test_the_copy_is_the_title_the_bank_knows(
    at: Registration, ours: BankCarteira, campo_livre: str
) -> None:
    copy = second_copy(imported(), at, [ITAU, ours] if ours is not ITAU else [ours])

    assert copy is not None
    ensure_barcode(copy.barcode)
    assert copy.barcode[19:] == campo_livre
    assert (parts_of(copy.barcode).cents, copy.title.due) == (12990, DUE)
    assert at.nosso_numero.lstrip("0").startswith(
        plain(BANKS[at.bank].nosso_numero(copy.title)).lstrip("0")
    )


@pytest.mark.parametrize(
    "at",
    [
        replace(AT_BRASIL, bank="756"),
        replace(AT_BRASIL, convenio="2883148"),
        replace(AT_BRASIL, nosso_numero="28831480000001001"),
        replace(AT_BRASIL, nosso_numero="2883147000000100"),
        replace(AT_BRASIL, nosso_numero="2883147000000100A"),
        replace(AT_BRASIL_6, nosso_numero="12345600001"),
        # The number alone says neither parcela nor modalidade, which the barcode holds.
        replace(AT_SICOOB, nosso_numero="0000000040"),
        replace(AT_SICOOB, nosso_numero="000000004002014"),
        replace(AT_SICOOB, nosso_numero="000000004001024"),
        replace(AT_SICOOB, nosso_numero="001000004001014"),
        replace(AT_ITAU, nosso_numero="109123456788"),
        replace(AT_ITAU, nosso_numero="1"),
    ],
)
def test_what_cannot_be_read_back_is_not_printed(at: Registration) -> None:
    assert second_copy(imported(), at, [BRASIL, BRASIL_6, SICOOB, ITAU]) is None


def test_a_code_that_also_holds_the_seu_numero_is_not_guessed() -> None:
    ours = replace(ITAU, carteira="198", convenio="12345")
    title = title_of(ours, 7, Money(1, "BRL"), DUE, "711227")
    number = plain(BANKS["341"].nosso_numero(title))

    assert second_copy(imported(), replace(AT_ITAU, nosso_numero=number), [ours]) is None


@pytest.mark.parametrize(
    "differently",
    [
        {"type": DocumentType.FT, "number": "FT 1"},
        {"registered_elsewhere": False},
        {"cancelled": True},
        {"balance": Money(0, "BRL")},
        {"balance": Money(12989, "BRL")},
        {"attempt": Attempt("p1", "boleto")},
        {"due": None},
        {"total": Money(12990, "EUR"), "balance": Money(12990, "EUR")},
        {"due": date(1990, 1, 1)},
    ],
)
def test_only_a_title_that_still_asks_for_what_is_owed_is_printed(
    differently: dict[str, Any],
) -> None:
    assert second_copy(imported(**differently), AT_BRASIL, [BRASIL]) is None


def test_two_carteiras_that_would_print_different_codes_print_none() -> None:
    twin = replace(BRASIL, id=2, conta="28115")
    other = replace(BRASIL, id=3, carteira="11")

    assert second_copy(imported(), AT_BRASIL, [BRASIL, twin]) is not None
    assert second_copy(imported(), AT_BRASIL, [BRASIL, other]) is None


def test_terms_the_bank_s_module_refuses_print_nothing() -> None:
    assert second_copy(imported(), AT_BRASIL, [replace(BRASIL, carteira="99")]) is None
    assert (
        second_copy(
            imported(),
            replace(AT_BRASIL, bank="999"),
            [carteira("999", agencia="1", conta="1", convenio="2883147", carteira="1")],
        )
        is None
    )
