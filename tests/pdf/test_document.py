"""A document's paper says what the list says, in its reader's language, and that it is no invoice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.companies import Company, Contact
from portal_app.domain.customers import Customer
from portal_app.domain.documents import Document, DocumentType
from portal_app.domain.late_charges import LateTerms
from portal_app.domain.money import Money
from portal_app.domain.selection import item_today
from portal_app.pdf.document import DocumentPaper, draw_document

TODAY = date(2026, 11, 22)
TERMS = LateTerms(Decimal("0.02"), Decimal("0.01"), "BR")
COMPANY = Company(
    id=1,
    slug="nordeste",
    name="Nordeste Telecom",
    tax_id="12345678000195",
    country="BR",
    currency="BRL",
    zone="America/Recife",
    locale="pt_BR",
    address="Rua da Aurora, 1200, Recife - PE",
    contact=Contact("Financeiro", "financeiro@nordeste.example", "(81) 3030-1200"),
)
LUSITANA = replace(COMPANY, name="Lusitana Energia", tax_id="509123473", country="PT")
ANA = Customer(
    id=1,
    code="10020030169",
    name="Ana Lima",
    tax_id="10020030169",
    tax_id_valid=True,
    email="ana@nordeste.example",
    phone="",
    street="Rua das Ninfas, 84",
    district="Soledade",
    city="Recife",
    state="PE",
    postcode="50070-050",
)
OVERDUE = Document(
    id=1,
    public_id="d1",
    customer=1,
    type=DocumentType.FT,
    number="FT 2026/1841",
    description="Fibra 500 Mb · set/2026",
    issued=date(2026, 9, 20),
    due=date(2026, 10, 10),
    total=Money(12990, "BRL"),
    balance=Money(12990, "BRL"),
    contract="10482",
)


def draw(document: Document, locale: str = "pt_BR", company: Company = COMPANY) -> bytes:
    today = item_today(document, TERMS, TODAY)
    return draw_document(DocumentPaper(company, ANA, document, today, TODAY, locale))


def words(*args: Any) -> str:
    with pypdfium2.PdfDocument(draw(*args)) as paper:
        assert len(paper) == 1
        return " ".join(paper[0].get_textpage().get_text_range().replace("\u00a0", " ").split())


def test_an_overdue_document_says_whose_it_is_and_what_it_costs_today() -> None:
    text = words(OVERDUE)

    for fact in (
        "Nordeste Telecom",
        "12.345.678/0001-95",
        "Rua da Aurora, 1200",
        "financeiro@nordeste.example",
        "Fatura FT 2026/1841",
        "Vencido há 43 dias",
        "Ana Lima",
        "100.200.301-69",
        "50070-050 Recife - PE",
        "Emissão 20/09/2026",
        "Vencimento 10/10/2026",
        "Contrato 10482",
        "Fibra 500 Mb · set/2026",
        "Saldo R$ 129,90",
        "Multa R$ 2,60",
        "Juros R$ 1,86",
        "Total em 22/11/2026 R$ 134,36",
        "não é documento fiscal",
    ):
        assert fact in text, fact


def test_a_document_on_time_costs_its_balance_and_says_nothing_of_charges() -> None:
    text = words(replace(OVERDUE, due=date(2026, 12, 10), balance=Money(9990, "BRL")))

    assert "Já pago R$ 30,00 Saldo R$ 99,90" in text
    assert not [word for word in ("Multa", "Juros", "Total em", "Vencido") if word in text]


def test_a_credit_note_counts_down() -> None:
    credit = replace(OVERDUE, type=DocumentType.NC, number="NC 2026/12", due=None)

    text = words(credit)

    assert "Nota de crédito NC 2026/12" in text
    assert "Vencimento —" in text
    assert "Saldo - R$ 129,90" in text


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (replace(OVERDUE, balance=Money(0, "BRL")), "Pago"),
        (replace(OVERDUE, cancelled=True), "Cancelado"),
    ],
)
def test_what_is_over_says_so(document: Document, said: str) -> None:
    text = words(document)

    assert f"{document.number} {said} " in text or f"{said} {document.number}" in text
    assert "Vencido" not in text


def test_the_reader_s_language_and_the_company_s_country_decide_the_words() -> None:
    text = words(OVERDUE, "en", LUSITANA)

    assert "NIF 509123473" in text
    assert "Due 10 Oct 2026" in text
    assert "43 days overdue" in text


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert draw(OVERDUE) == draw(OVERDUE)


@given(text=st.text(max_size=600), accent=st.sampled_from(["", "#208368", "jade"]))
def test_names_of_any_length_and_alphabet_stay_on_one_page(text: str, accent: str) -> None:
    named = replace(COMPANY, name=text, address=text, accent=accent)
    document = replace(OVERDUE, description=text, number=f"FT {text}", contract=text)
    customer = replace(ANA, name=text, street=text, code=text)
    paper = DocumentPaper(
        named, customer, document, item_today(document, TERMS, TODAY), TODAY, "en"
    )

    with pypdfium2.PdfDocument(draw_document(paper)) as drawn:
        assert len(drawn) == 1
        assert "R$134.36" in drawn[0].get_textpage().get_text_range()
