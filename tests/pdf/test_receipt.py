"""A receipt's paper says who paid whom, how much, for what, and what is still owed."""

from dataclasses import replace
from datetime import date

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.domain.receipts import ReceiptFacts, ReceiptKind, ReceiptLine
from portal_app.pdf.receipt import draw_receipt


def brl(cents: int) -> Money:
    return Money(cents, "BRL")


def line(number: str, paid: int, charges: int = 0, owed: int = 0, discount: int = 0) -> ReceiptLine:
    return ReceiptLine(number, brl(paid), brl(charges), brl(discount), brl(owed))


RECEIPT = ReceiptFacts(
    kind=ReceiptKind.RECEIPT,
    number="REC 2026/12",
    issued_on=date(2026, 11, 23),
    paid_on=date(2026, 11, 22),
    method=PaymentMethod.PIX,
    reference="E0001",
    company="Nordeste Telecom",
    company_tax_id="12345678000195",
    company_address="Rua da Aurora, 1200, Recife - PE",
    customer="Ana Lima",
    customer_tax_id="10020030169",
    lines=(line("FT 2026/1841", 13436, 446), line("FT 2026/1990", 13302, 312, owed=150)),
    total=brl(27238),
    credit=brl(500),
    owed=brl(150),
    company_contact="Financeiro · (81) 3030-1200",
)
REFUND = replace(
    RECEIPT,
    kind=ReceiptKind.REFUND,
    number="REC 2026/14",
    answers="REC 2026/12",
    lines=(line("FT 2026/1841", 13436, 446, owed=12990),),
    total=brl(13436),
    credit=brl(0),
    owed=brl(12990),
)


def pages(facts: ReceiptFacts, locale: str = "pt_BR") -> list[str]:
    with pypdfium2.PdfDocument(draw_receipt(facts, locale)) as paper:
        return [
            " ".join(page.get_textpage().get_text_range().replace("\u00a0", " ").split())
            for page in paper
        ]


def test_a_receipt_says_who_paid_whom_how_much_and_for_what() -> None:
    (text,) = pages(RECEIPT)

    for fact in (
        "Nordeste Telecom",
        "CNPJ 12.345.678/0001-95",
        "Rua da Aurora, 1200",
        "Financeiro · (81) 3030-1200",
        "Recibo REC 2026/12",
        "Emitido em 23/11/2026",
        "Ana Lima",
        "CPF 100.200.301-69",
        "Pago em 22/11/2026",
        "Forma de pagamento Pix",
        "Referência E0001",
        "R$ 272,38",
        "Ainda em aberto R$ 1,50",
        "FT 2026/1841 134,36 4,46 0,00",
        "FT 2026/1990 133,02 3,12 1,50",
        "Crédito a seu favor 5,00",
        "Total 272,38 7,58 1,50",
        "não é documento fiscal",
    ):
        assert fact in text, fact
    assert "Desconto" not in text
    assert "Página" not in text


def test_a_refund_names_the_receipt_it_takes_back() -> None:
    (text,) = pages(REFUND)

    for fact in (
        "Estorno REC 2026/14",
        "Estornado em 22/11/2026",
        "Do recibo REC 2026/12",
        "Total estornado",
        "Em aberto agora R$ 129,90",
        "FT 2026/1841 134,36 4,46 129,90",
        "o valor que voltou",
    ):
        assert fact in text, fact
    assert "Recibo REC" not in text


def test_the_reader_s_language_and_the_money_s_currency_decide_the_words() -> None:
    eur = ReceiptLine("FT 2026/9", Money(6430, "EUR"), *[Money(0, "EUR")] * 3)
    facts = replace(
        RECEIPT,
        company_tax_id="509123473",
        method=PaymentMethod.MULTIBANCO,
        lines=(eur,),
        total=Money(6430, "EUR"),
        credit=Money(0, "EUR"),
        owed=Money(0, "EUR"),
    )

    (text,) = pages(facts, "en")

    for fact in (
        "NIF 509123473",
        "Receipt REC 2026/12",
        "Paid on 22 Nov 2026",
        "Method Multibanco",
        "€64.30",
        "Still owed €0.00",
        "FT 2026/9 64.30 — 0.00",
    ):
        assert fact in text, fact


def test_a_discount_has_a_column_of_its_own() -> None:
    discounted = replace(RECEIPT, lines=(line("FT 2026/1841", 12000, discount=990),))

    (text,) = pages(discounted)

    assert "Desconto" in text
    assert "FT 2026/1841 120,00 — 9,90 0,00" in text


def test_money_that_fitted_nowhere_has_no_table() -> None:
    (text,) = pages(replace(RECEIPT, lines=(), total=brl(500), owed=brl(0)))

    assert "Crédito a seu favor R$ 5,00" in text
    assert "Documento" not in text


def test_what_is_not_known_leaves_no_label_behind() -> None:
    bare = replace(
        RECEIPT,
        reference="",
        company_tax_id="",
        company_address="",
        company_contact="",
        customer_tax_id="",
    )

    (text,) = pages(bare)

    assert not [word for word in ("Referência", "CNPJ", "CPF", "NIF", "Do recibo") if word in text]


@pytest.mark.parametrize("count", [1, 14, 15, 16, 43, 44, 45, 500])
def test_every_document_stands_once_and_the_sum_with_the_last(count: int) -> None:
    lines = tuple(line(f"FT 2026/{10_000 + n}", 100) for n in range(count))
    facts = replace(RECEIPT, lines=lines, total=brl(100 * count), credit=brl(0), owed=brl(0))

    said = pages(facts)

    whole = " ".join(said)
    assert [whole.count(each.number) for each in lines] == [1] * count
    assert ("Total" in said[-1].replace("Total recebido", "")) is (count > 1)
    assert lines[-1].number in said[-1]
    if len(said) > 1:
        assert all(f"Página {n} de {len(said)}" in text for n, text in enumerate(said, 1))
        assert all("Recibo REC 2026/12" in text for text in said)
    assert len(said) <= 1 + count / 29 + 1


def test_the_same_facts_give_the_same_bytes() -> None:
    assert draw_receipt(RECEIPT, "pt_BR") == draw_receipt(RECEIPT, "pt_BR")


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(max_size=400),
    cents=st.integers(1, 10**15),
    accent=st.sampled_from(["", "#208368", "jade"]),
)
def test_names_of_any_length_and_alphabet_and_any_amount_stay_on_one_page(
    text: str, cents: int, accent: str
) -> None:
    named = replace(
        RECEIPT,
        company=text,
        company_tax_id=text,
        company_address=text,
        company_contact=text,
        customer=text,
        customer_tax_id=text,
        reference=text,
        number=f"REC {text}",
        accent=accent,
        lines=(line(f"FT {text}", cents, cents, cents, cents),),
        total=brl(cents),
        credit=brl(0),
        owed=brl(cents),
    )

    assert len(pages(named)) == 1
    inside = _ink(named)
    assert inside, "something is drawn over the edge of the page"


def _ink(facts: ReceiptFacts) -> bool:
    """Whether the left and right margins, below the coloured bar, are white."""
    with pypdfium2.PdfDocument(draw_receipt(facts, "pt_BR")) as paper:
        picture = paper[0].render(scale=1, grayscale=True).to_pil()
    width, height = picture.size
    edges = (picture.crop((0, 20, 40, height)), picture.crop((width - 40, 20, width, height)))
    return all(edge.getextrema() == (255, 255) for edge in edges)
