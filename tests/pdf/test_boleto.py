"""The paper is read back as a bank's scanner and a person would read it."""

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from portal_app.domain.boleto.bank import Bank
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.barcode import linha_digitavel
from portal_app.domain.boleto.sheet import BoletoSheet, Party
from portal_app.domain.errors import FieldMissing, FieldTooLong, InvalidBarcode
from portal_app.domain.money import Money
from portal_app.pdf import style
from portal_app.pdf.boleto import (
    draw_boleto,
    draw_boletos,
    draw_carne,
    write_boletos,
    write_carne,
)
from portal_app.settings import ROOT
from tests.pdf.paper import (
    FICHA,
    MM,
    PAYEE,
    PAYER,
    RECEIPT,
    SHEET,
    Area,
    barcode_bounds,
    barcodes_of,
    beside,
    letters_of,
    numbered,
    page_of,
    published,
    sheet_of,
    text_in,
    text_of,
    under,
    with_items,
)

Draw = Callable[[Sequence[BoletoSheet]], bytes]


def alone(sheets: Sequence[BoletoSheet]) -> bytes:
    return draw_boleto(sheets[0])


every_layout = pytest.mark.parametrize("draw", [alone, draw_boletos, draw_carne])


@pytest.mark.parametrize("example", published(), ids=lambda example: example["id"])
def test_the_barcode_of_each_published_example_is_read_back(example: dict[str, Any]) -> None:
    barcode = example["esperado"]["codigo_barras"]
    line = example["esperado"].get("linha_digitavel", linha_digitavel(barcode))

    paper = draw_boleto(sheet_of(example))

    assert barcodes_of(paper) == [barcode]
    assert text_of(paper).count(line) == 2


def test_each_bank_has_a_published_example_that_is_drawn() -> None:
    assert {example["banco"] for example in published()} == BANKS.keys()


@pytest.mark.parametrize("bank", BANKS.values(), ids=lambda bank: bank.code)
@every_layout
def test_the_code_and_name_of_each_bank_are_printed_whole(draw: Draw, bank: Bank) -> None:
    example = next(example for example in published() if example["banco"] == bank.code)

    text = text_of(draw([sheet_of(example)])).replace("\r\n", " ")

    assert text.count(f"{bank.code}-{bank.dv}") == 2
    assert text.count(bank.name) == 2


@pytest.mark.skipif(
    not (shutil.which("zbarimg") and shutil.which("pdftoppm")), reason="needs zbar and poppler"
)
@every_layout
def test_a_second_reader_agrees(draw: Draw, tmp_path: Path) -> None:
    (tmp_path / "boleto.pdf").write_bytes(draw([SHEET]))
    drawing = ["pdftoppm", "-r", "200", "-png", "boleto.pdf", "boleto"]
    reading = ["zbarimg", "-q", "--raw", "-Sdisable", "-Si25.enable", "-Si25.min-length=44"]

    drawn = subprocess.run(drawing, cwd=tmp_path, check=True, capture_output=True, text=True)
    found = subprocess.run(
        [*reading, "boleto-1.png"], cwd=tmp_path, check=True, capture_output=True, text=True
    )

    assert drawn.stderr == ""
    assert found.stdout.split() == [SHEET.barcode]


@pytest.mark.skipif(not shutil.which("qpdf"), reason="needs qpdf")
@every_layout
def test_the_file_is_without_a_fault(draw: Draw, tmp_path: Path) -> None:
    (tmp_path / "boleto.pdf").write_bytes(draw([with_items(40)]))

    checked = subprocess.run(
        ["qpdf", "--check", "boleto.pdf"], cwd=tmp_path, check=False, capture_output=True, text=True
    )

    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_barcode_measures_103_by_13_mm_with_its_centre_12_mm_above_the_edge() -> None:
    (bars,) = barcode_bounds(page_of(draw_boleto(SHEET)))

    assert bars.right - bars.left == pytest.approx(103, abs=0.005)
    assert bars.top - bars.foot == pytest.approx(13, abs=0.005)
    assert (bars.foot + bars.top) / 2 == pytest.approx(12, abs=0.005)
    assert bars.left >= 5


@pytest.mark.parametrize("area", [RECEIPT, FICHA])
def test_code_and_line_are_as_high_as_banks_ask(area: Area) -> None:
    page = page_of(draw_boleto(SHEET))

    line, code = (
        letters_of(page, printed, area)[0] for printed in (SHEET.linha_digitavel, "341-7")
    )

    assert 3.5 <= line.top - line.foot <= 4.0
    assert 4.9 <= code.top - code.foot <= 5.2


@pytest.mark.parametrize(
    ("label", "value", "width"),
    [
        ("Local de pagamento", "Pagável em qualquer banco", 145),
        ("Vencimento", "25/11/2026", 45),
        ("Agência/Código do beneficiário", "0810 / 53678-9", 45),
        ("Data do documento", "22/11/2026", 28),
        ("Nº do documento", "BOL-000184", 47),
        ("Espécie doc.", "DM", 20),
        ("Aceite", "N", 15),
        ("Data do processamento", "23/11/2026", 35),
        ("Nosso número", SHEET.nosso_numero, 45),
        ("Uso do banco", "", 28),
        ("Carteira", "109", 25),
        ("Espécie moeda", "R$", 24),
        ("Quantidade", "", 34),
        ("(x) Valor", "", 34),
        ("(=) Valor do documento", "R$ 347,64", 45),
        ("(–) Desconto/Abatimento", "", 45),
        ("(–) Outras deduções", "", 45),
        ("(+) Mora/Multa", "", 45),
        ("(+) Outros acréscimos", "", 45),
        ("(=) Valor cobrado", "", 45),
    ],
)
def test_each_field_of_the_ficha_stands_under_its_label(
    label: str, value: str, width: float
) -> None:
    page = page_of(draw_boleto(SHEET))
    height = 7.2 if label.startswith("Agência") else 4.0

    assert under(page, label, FICHA, width, height) == value


@pytest.mark.parametrize(
    ("label", "value", "width"),
    [
        ("Agência/Código do beneficiário", "0810 / 53678-9", 45),
        ("Data do documento", "22/11/2026", 28),
        ("Nº do documento", "BOL-000184", 47),
        ("Nosso número", SHEET.nosso_numero, 45),
        ("Vencimento", "25/11/2026", 45),
        ("(=) Valor do documento", "R$ 347,64", 45),
        (
            "Beneficiário",
            "Nordeste Telecom Serviços de Comunicação Ltda. CPF/CNPJ 12.ABC.345/01DE-35\r\n"
            "Av. Boa Viagem, 1.200 – 51011-000 Recife/PE",
            145,
        ),
        (
            "Pagador",
            "Ana Beatriz de Albuquerque CPF/CNPJ 111.444.777-35\r\n"
            "Rua da Aurora, 325 – 50050-000 Recife/PE",
            100,
        ),
    ],
)
def test_each_field_of_the_receipt_stands_under_its_label(
    label: str, value: str, width: float
) -> None:
    page = page_of(draw_boleto(SHEET))
    height = 4.0 if label in {"Data do documento", "Nº do documento", "Nosso número"} else 7.2

    assert under(page, label, RECEIPT, width, height) == value


@pytest.mark.parametrize("area", [RECEIPT, FICHA])
def test_both_parts_name_bank_and_parties(area: Area) -> None:
    text = text_in(page_of(draw_boleto(SHEET)), area)

    for fact in (
        "Itaú",
        "341-7",
        SHEET.linha_digitavel,
        PAYEE.name,
        "CPF/CNPJ 12.ABC.345/01DE-35",
        "Av. Boa Viagem, 1.200 – 51011-000 Recife/PE",
        PAYER.name,
        "CPF/CNPJ 111.444.777-35",
        "Rua da Aurora, 325 – 50050-000 Recife/PE",
        "Autenticação mecânica",
    ):
        assert fact in text, fact


def test_only_the_ficha_instructs_the_bank() -> None:
    page = page_of(draw_boleto(SHEET))

    ficha, receipt = text_in(page, FICHA), text_in(page, RECEIPT)

    for fact in (
        "Instruções (texto de responsabilidade do beneficiário)",
        *SHEET.instructions,
        "FICHA DE COMPENSAÇÃO",
    ):
        assert fact in ficha, fact
        assert fact not in receipt, fact
    line = beside(page, "Beneficiário final", FICHA)
    assert "Fundo Aurora" in line
    assert "Código de baixa" in line
    assert "RECIBO DO PAGADOR" in receipt
    assert "SAC 0800 000 1234" in receipt


def test_a_long_bank_name_takes_two_lines() -> None:
    text = text_of(draw_boleto(replace(SHEET, bank_name="Caixa Econômica Federal")))

    assert text.count("Caixa Econômica\r\nFederal") == 2


def test_the_receipt_lists_the_documents_paid_with_their_parts() -> None:
    text = text_of(draw_boleto(SHEET))

    assert "FT 2026/1841 10/10/2026 129,90 2,60 1,99 134,49" in text
    assert "FT 2026/1990 10/11/2026 129,90 2,60 0,65 133,15" in text
    assert "ND 2026/77 25/11/2026 80,00 0,00 0,00 80,00" in text
    assert "Total deste boleto R$ 347,64" in text


@pytest.mark.parametrize(
    ("count", "pages"), [(0, 1), (17, 1), (18, 2), (66, 2), (67, 3), (500, 11)]
)
def test_no_document_is_left_out_however_many_there_are(count: int, pages: int) -> None:
    sheet = with_items(count)
    paper = draw_boleto(sheet)

    text = "".join(text_of(paper, page) for page in range(pages))

    assert len(pypdfium2.PdfDocument(paper)) == pages
    assert all(text.count(item.document) == 1 for item in sheet.items)
    assert barcodes_of(paper) == [SHEET.barcode]


def test_a_long_name_shrinks_then_ends_in_an_ellipsis_but_the_tax_id_stays_whole() -> None:
    endless = replace(PAYER, name="Associação " * 40, address=("Avenida Comprida, 1 " * 20,))

    text = text_of(draw_boleto(replace(SHEET, payee=replace(endless, tax_id="11222333000181"))))

    assert "…" in text
    assert text.count("CPF/CNPJ 11.222.333/0001-81") == 3
    assert "…" not in text_of(draw_boleto(SHEET))


@every_layout
def test_a_number_is_never_shortened(draw: Draw) -> None:
    long = "DOCUMENTO-DE-NUMERO-MUITO-COMPRIDO-2026/0000001234-PARCELA-0012"

    text = text_of(draw([replace(SHEET, document_number=long)]))

    assert text.count(long) == 2


@every_layout
def test_nothing_is_drawn_beyond_the_margins(draw: Draw) -> None:
    wide = "W" * 300
    endless = Party(wide, wide[:14], (wide,))
    items = (replace(SHEET.items[0], document=wide),)
    paper = draw(
        [
            replace(
                SHEET,
                bank_name=wide,
                payee=endless,
                payer=endless,
                guarantor=wide,
                contact=wide,
                instructions=(wide,),
                items=items,
                payment_place=wide,
                especie_doc=wide,
            )
        ]
    )
    objects = page_of(paper).get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=2)
    margin = 5.0 if draw is draw_carne else style.LEFT

    lefts, _, rights, _ = zip(*(text.get_bounds() for text in objects), strict=True)

    assert min(lefts) / MM >= margin - 0.5
    assert max(rights) / MM <= style.PAGE_WIDTH - margin + 0.5


@every_layout
def test_more_instructions_than_fit_are_refused_and_not_cut(draw: Draw) -> None:
    with pytest.raises(FieldTooLong) as refusal:
        draw([replace(SHEET, instructions=("Uma instrução.",) * 40)])

    assert refusal.value.details["field"] == "instructions"


@pytest.mark.parametrize(("draw", "count"), [(alone, 10), (draw_carne, 8)])
def test_many_instructions_are_all_printed(draw: Draw, count: int) -> None:
    lines = tuple(f"Instrução {number}." for number in range(count))

    text = text_of(draw([replace(SHEET, instructions=lines)]))

    assert all(line in text for line in lines)


def test_a_long_instruction_takes_as_many_lines_as_it_needs() -> None:
    words = [f"palavra{number}" for number in range(60)]

    text = text_of(draw_boleto(replace(SHEET, instructions=(" ".join(words),))))

    assert " ".join(words) in text.replace("\r\n", " ")


@every_layout
def test_letters_beyond_western_europe_do_not_stop_the_paper(draw: Draw) -> None:
    payer = replace(PAYER, name="Żaneta Ő. “Čapek” 中\n\x00\ud800")

    text = text_of(draw([replace(SHEET, payer=payer)]))

    assert "Zaneta O. “Capek” ?" in text


@every_layout
def test_what_means_something_in_a_pdf_means_nothing_in_a_name(draw: Draw) -> None:
    name = r"João & Cia (Filial) \ nº 2) Tj ET €"

    text = text_of(draw([replace(SHEET, payer=replace(PAYER, name=name))]))

    assert text.count(name) == 2


@every_layout
def test_the_same_sheets_give_the_same_bytes(draw: Draw) -> None:
    assert draw([SHEET, numbered(2)]) == draw([SHEET, numbered(2)])


@pytest.mark.parametrize(
    ("draw", "title"),
    [(alone, "Boleto BOL-000184"), (draw_boletos, "Boletos (2)"), (draw_carne, "Carnê (2)")],
)
def test_title_author_and_language_are_stated(draw: Draw, title: str) -> None:
    paper = draw([SHEET, numbered(2)])
    facts = pypdfium2.PdfDocument(paper).get_metadata_dict()

    assert facts["Title"] == title
    assert facts["Author"] == PAYEE.name
    assert facts["Subject"] == "Boleto de cobrança"
    assert facts["Creator"] == "Em Dia"
    assert b"/Lang (pt-BR)" in paper


def test_a_sheet_stored_before_a_field_existed_is_drawn_as_ever() -> None:
    stored = json.loads(json.dumps(SHEET.facts()))
    del stored["pix"]

    assert draw_boleto(BoletoSheet.from_facts(stored)) == draw_boleto(SHEET)


def test_many_boletos_are_one_file_with_a_page_each() -> None:
    second = replace(numbered(185), items=())

    paper = draw_boletos([SHEET, second])

    assert barcodes_of(paper, 0) == [SHEET.barcode]
    assert barcodes_of(paper, 1) == [second.barcode]
    assert second.nosso_numero in text_of(paper, 1)
    assert "Documentos pagos" not in text_of(paper, 1)


def test_300_boletos_are_300_pages_in_their_order() -> None:
    sheets = [numbered(sequence) for sequence in range(1, 301)]

    document = pypdfium2.PdfDocument(draw_boletos(sheets))

    assert len(document) == 300
    for page, sheet in zip(document, sheets, strict=True):
        assert sheet.document_number in page.get_textpage().get_text_bounded()


def test_what_is_written_is_what_is_drawn() -> None:
    sheets = [numbered(sequence) for sequence in range(1, 6)]
    merged, carne = io.BytesIO(), io.BytesIO()

    assert write_boletos(iter(sheets), merged) == 5
    assert write_carne(iter(sheets), carne) == 5

    assert merged.getvalue() == draw_boletos(sheets)
    assert carne.getvalue() == draw_carne(sheets)


@pytest.mark.parametrize(("write", "at_once"), [(write_boletos, 1), (write_carne, 3)])
def test_a_page_has_left_before_the_next_sheet_is_asked_for(
    write: Callable[..., int], at_once: int
) -> None:
    target, lengths = io.BytesIO(), list[int]()

    def sheets() -> Any:
        for sequence in range(1, 13):
            lengths.append(target.tell())
            yield numbered(sequence)

    write(sheets(), target)

    starts = lengths[::at_once]
    assert starts == sorted(set(starts))


_PEAKS = """
import os, re
from pathlib import Path
from portal_app.pdf.boleto import write_boletos
from tests.pdf.paper import numbered

def peak(count):
    with open(os.devnull, "wb") as target:
        write_boletos((numbered(number) for number in range(1, count + 1)), target)
    return int(re.search(r"VmHWM:\\s+([0-9]+) kB", Path("/proc/self/status").read_text())[1])

print(peak(1_000), peak(10_000))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_ten_times_as_many_pages_take_no_more_memory() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _PEAKS], cwd=ROOT, check=True, capture_output=True, text=True
    )

    short, long = map(int, told.stdout.split())

    # In kB: 9,000 pages of 1.6 kB would be 14,000, their offsets are 140.
    assert long - short < 2_000


@pytest.mark.parametrize("draw", [draw_boletos, draw_carne])
def test_a_file_without_boletos_is_refused(draw: Draw) -> None:
    with pytest.raises(FieldMissing):
        draw([])


@every_layout
def test_a_boleto_whose_bank_has_not_numbered_it_yet_is_not_drawn(draw: Draw) -> None:
    with pytest.raises(InvalidBarcode):
        draw([replace(SHEET, barcode="", nosso_numero="")])


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"amount": Money(34765, "BRL")}, "amount"),
        ({"amount": Money(34764, "EUR")}, "amount"),
        ({"due": date(2026, 11, 26)}, "due"),
        ({"bank_code": "001"}, "bank"),
        ({"barcode": SHEET.barcode[:-1] + "1"}, "general"),
    ],
)
def test_a_paper_that_contradicts_its_barcode_is_refused(
    wrong: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidBarcode) as refusal:
        replace(SHEET, **wrong)

    assert refusal.value.details == {"reason": reason}
