"""A carnê: each of the three slips on a page is a whole boleto."""

from dataclasses import replace

import pypdfium2
import pytest

from portal_app.domain.boleto.banks import BANKS
from portal_app.pdf.boleto import draw_carne
from tests.pdf.paper import (
    PAYEE,
    PAYER,
    SHEET,
    SLIP_HEIGHT,
    barcode_bounds,
    barcodes_of,
    beside,
    ficha_of,
    letters_of,
    numbered,
    page_of,
    published,
    sheet_of,
    stub_of,
    text_in,
    text_of,
    under,
    with_items,
)

THREE = [numbered(sequence) for sequence in (184, 185, 186)]


@pytest.mark.parametrize("bank", BANKS)
def test_the_barcodes_of_all_published_examples_are_read_back(bank: str) -> None:
    sheets = [sheet_of(example) for example in published() if example["banco"] == bank]
    paper = draw_carne(sheets)

    read = [
        barcode
        for page in range(len(pypdfium2.PdfDocument(paper)))
        for barcode in barcodes_of(paper, page)
    ]

    assert read == [sheet.barcode for sheet in sheets]


@pytest.mark.parametrize(("count", "on_pages"), [(1, [1]), (3, [3]), (4, [3, 1]), (8, [3, 3, 2])])
def test_three_stand_on_a_page_and_the_rest_on_the_last(count: int, on_pages: list[int]) -> None:
    sheets = [numbered(sequence) for sequence in range(1, count + 1)]
    paper = draw_carne(sheets)

    read = [barcodes_of(paper, page) for page in range(len(pypdfium2.PdfDocument(paper)))]

    assert [len(page) for page in read] == on_pages
    assert [barcode for page in read for barcode in page] == [sheet.barcode for sheet in sheets]


def test_each_barcode_measures_103_by_13_mm_with_its_centre_12_mm_above_its_foot() -> None:
    for place, bars in enumerate(barcode_bounds(page_of(draw_carne(THREE)))):
        ficha = ficha_of(place)

        assert bars.right - bars.left == pytest.approx(103, abs=0.005)
        assert bars.top - bars.foot == pytest.approx(13, abs=0.005)
        assert (bars.foot + bars.top) / 2 - ficha.foot == pytest.approx(12, abs=0.005)
        assert bars.left - ficha.left >= 4.99


def test_a_ficha_is_as_large_as_one_in_a_carne_must_be() -> None:
    ficha = ficha_of(0)

    assert ficha.right - ficha.left >= 145
    assert 60 <= SLIP_HEIGHT <= 108


@pytest.mark.parametrize("place", [0, 1, 2])
def test_code_and_line_are_narrow_but_as_high_as_ever(place: int) -> None:
    page, area = page_of(draw_carne(THREE)), ficha_of(place)

    line = letters_of(page, THREE[place].linha_digitavel, area)
    code = letters_of(page, "341-7", area)

    assert 3.5 <= line[0].top - line[0].foot <= 4.0
    assert 4.9 <= code[0].top - code[0].foot <= 5.2
    assert 100 <= line[-1].right - line[0].left <= 115


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    ("label", "value", "width"),
    [
        ("Local de pagamento", "Pagável em qualquer banco", 107),
        ("Vencimento", "25/11/2026", 40),
        (
            "Beneficiário",
            "Nordeste Telecom Serviços de Comunicação Ltda. CPF/CNPJ 12.ABC.345/01DE-35\r\n"
            "Av. Boa Viagem, 1.200 – 51011-000 Recife/PE",
            107,
        ),
        ("Agência/Código do beneficiário", "0810 / 53678-9", 40),
        ("Data do documento", "22/11/2026", 20.7),
        ("Nº do documento", "document_number", 34.8),
        ("Espécie doc.", "DM", 14.8),
        ("Aceite", "N", 11.1),
        ("Data do processamento", "23/11/2026", 25.9),
        ("Nosso número", "nosso_numero", 40),
        ("Uso do banco", "", 20.7),
        ("Carteira", "109", 18.5),
        ("Espécie moeda", "R$", 17.8),
        ("Quantidade", "", 25.2),
        ("(x) Valor", "", 25.2),
        ("(=) Valor do documento", "R$ 347,64", 40),
        ("(–) Desconto/Abatimento", "", 40),
        ("(–) Outras deduções", "", 40),
        ("(+) Mora/Multa", "", 40),
        ("(+) Outros acréscimos", "", 40),
        ("(=) Valor cobrado", "", 40),
    ],
)
def test_each_field_of_the_ficha_stands_under_its_label(
    place: int, label: str, value: str, width: float
) -> None:
    page = page_of(draw_carne(THREE))
    height = (
        7.2
        if "eneficiário" in label
        else 2.8
        if label.startswith(("(–)", "(+)", "(=) Valor c"))
        else 3.9
    )
    expected = getattr(THREE[place], value, value) if value else value

    assert under(page, label, ficha_of(place), width, height) == expected


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    ("label", "value", "width", "height"),
    [
        ("Vencimento", "25/11/2026", 19, 4.2),
        ("(=) Valor do documento", "R$ 347,64", 26, 4.2),
        ("Agência/Código do beneficiário", "0810 / 53678-9", 45, 3.7),
        ("Nosso número", "nosso_numero", 45, 3.7),
        ("Nº do documento", "document_number", 45, 3.7),
        ("Pagador", "Ana Beatriz de Albuquerque\r\nCPF/CNPJ 111.444.777-35", 45, 6.4),
        (
            "Beneficiário",
            "Nordeste Telecom Serviços de Comunicação Ltda.\r\n"
            "CPF/CNPJ 12.ABC.345/01DE-35\r\n"
            "Av. Boa Viagem, 1.200 – 51011-000 Recife/PE\r\n"
            "SAC 0800 000 1234",
            45,
            11.8,
        ),
    ],
)
def test_each_field_of_the_stub_stands_under_its_label(
    place: int, label: str, value: str, width: float, height: float
) -> None:
    page = page_of(draw_carne(THREE))

    found = under(page, label, stub_of(place), width, height)

    assert found == getattr(THREE[place], value, value)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_stub_repeats_the_line_in_two_halves(place: int) -> None:
    page = page_of(draw_carne(THREE))

    found = under(page, "Linha digitável", stub_of(place), 45, 6.4)

    assert found.replace("\r\n", " ") == THREE[place].linha_digitavel


@pytest.mark.parametrize("place", [0, 1, 2])
def test_ficha_and_stub_say_what_they_are(place: int) -> None:
    page = page_of(draw_carne(THREE))

    stub, ficha = text_in(page, stub_of(place)), text_in(page, ficha_of(place))

    for part in (stub, ficha):
        for fact in ("Itaú", "341-7", PAYEE.name, PAYER.name, "Autenticação mecânica"):
            assert fact in part, fact
    assert "RECIBO DO PAGADOR" in stub
    for fact in (
        THREE[place].linha_digitavel,
        "FICHA DE COMPENSAÇÃO",
        "Instruções (texto de responsabilidade do beneficiário)",
        *SHEET.instructions,
        "CPF/CNPJ 111.444.777-35",
        "Rua da Aurora, 325 – 50050-000 Recife/PE",
        "Código de baixa",
    ):
        assert fact in ficha, fact
    assert "Fundo Aurora" in beside(page, "Beneficiário final", ficha_of(place))


@pytest.mark.parametrize(
    ("count", "named", "more"), [(1, 1, ""), (6, 6, ""), (7, 5, "e mais 2"), (500, 5, "e mais 495")]
)
def test_the_stub_names_as_many_documents_as_it_has_room_for(
    count: int, named: int, more: str
) -> None:
    sheet = with_items(count)

    stub = text_in(page_of(draw_carne([sheet])), stub_of(0))

    assert [item.document for item in sheet.items if item.document in stub] == [
        item.document for item in sheet.items[:named]
    ]
    assert more in stub
    assert ("e mais" in stub) is bool(more)


def test_a_stub_without_documents_names_none() -> None:
    assert "Documentos pagos" not in text_of(draw_carne([replace(SHEET, items=())]))


def test_what_a_slip_says_stays_on_it() -> None:
    long = "Nome muito comprido de quem há de pagar " * 5
    sheets = [
        replace(sheet, payer=replace(PAYER, name=f"{place} {long}"), contact=f"{place} {long}")
        for place, sheet in enumerate(THREE)
    ]

    page = page_of(draw_carne(sheets))

    for place in (0, 1, 2):
        for part in (stub_of(place), ficha_of(place)):
            assert f"{place} Nome muito" in text_in(page, part)
