"""The paper is read back as a bank's scanner and a person would read it."""

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import zxingcpp

from portal_app.domain.boleto.bank import Title, barcode_of
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.barcode import linha_digitavel
from portal_app.domain.boleto.sheet import BoletoSheet, Party, SheetItem
from portal_app.domain.errors import FieldMissing, FieldTooLong, InvalidBarcode
from portal_app.domain.money import Money
from portal_app.pdf import style
from portal_app.pdf.boleto import draw_boleto, draw_boletos

MM = 72 / 25.4
VECTORS = Path(__file__).parents[1] / "vectors" / "boleto.json"

PAYEE = Party(
    "Nordeste Telecom Serviços de Comunicação Ltda.",
    "12ABC34501DE35",
    ("Av. Boa Viagem, 1.200", "51011-000 Recife/PE"),
)
PAYER = Party(
    "Ana Beatriz de Albuquerque", "11144477735", ("Rua da Aurora, 325", "50050-000 Recife/PE")
)


def reais(cents: int) -> Money:
    return Money(cents, "BRL")


ITEMS = (
    SheetItem("FT 2026/1841", date(2026, 10, 10), reais(12990), reais(260), reais(199)),
    SheetItem("FT 2026/1990", date(2026, 11, 10), reais(12990), reais(260), reais(65)),
    SheetItem("ND 2026/77", date(2026, 11, 25), reais(8000), reais(0), reais(0)),
)
TITLE = Title(
    sequence=184,
    amount=reais(34764),
    due=date(2026, 11, 25),
    agencia="0810",
    conta="53678",
    carteira="109",
)
ITAU = BANKS["341"]
SHEET = BoletoSheet(
    bank_code=ITAU.code,
    bank_dv=ITAU.dv,
    bank_name=ITAU.name,
    barcode=barcode_of(ITAU, TITLE),
    payee=PAYEE,
    payer=PAYER,
    agencia_codigo=ITAU.agencia_codigo(TITLE),
    nosso_numero=ITAU.nosso_numero(TITLE),
    document_number="BOL-000184",
    document_date=date(2026, 11, 22),
    processing_date=date(2026, 11, 23),
    due=date(2026, 11, 25),
    amount=reais(34764),
    carteira="109",
    payment_place="Pagável em qualquer banco",
    guarantor="Fundo Aurora",
    instructions=("Após o vencimento, multa de 2,00 %.", "Não receber após 60 dias."),
    items=ITEMS,
    contact="SAC 0800 000 1234",
)


def text_of(paper: bytes, page: int = 0) -> str:
    return pypdfium2.PdfDocument(paper)[page].get_textpage().get_text_bounded()


def barcodes_of(paper: bytes, page: int = 0) -> list[str]:
    image = pypdfium2.PdfDocument(paper)[page].render(scale=3).to_pil()
    return [barcode.text for barcode in zxingcpp.read_barcodes(image)]


def barcode_bounds(paper: bytes) -> tuple[float, float, float, float]:
    """Left, foot, right and top in mm of the tallest drawing on the page itself, the frame being apart."""
    page = pypdfium2.PdfDocument(paper)[0]
    paths = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=1)
    boxes = [path.get_bounds() for path in paths]
    left, foot, right, top = max(boxes, key=lambda box: box[3] - box[1])
    return left / MM, foot / MM, right / MM, top / MM


EXAMPLES = [
    example
    for example in json.loads(VECTORS.read_text(encoding="utf-8"))["vetores"]
    if example["banco"] in BANKS and "codigo_barras" in example["esperado"]
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["id"])
def test_the_barcode_of_each_published_example_is_read_back(
    example: dict[str, dict[str, str]],
) -> None:
    barcode = example["esperado"]["codigo_barras"]
    line = example["esperado"].get("linha_digitavel", linha_digitavel(barcode))
    due = date.fromisoformat(example["entrada"]["vencimento"])
    sheet = replace(
        SHEET,
        bank_code=str(example["banco"]),
        barcode=barcode,
        due=due,
        amount=Money.parse(example["entrada"]["valor"], "BRL"),
    )

    paper = draw_boleto(sheet)

    assert barcodes_of(paper) == [barcode]
    assert line in text_of(paper)


def test_each_bank_has_a_published_example_that_is_drawn() -> None:
    assert {str(example["banco"]) for example in EXAMPLES} == BANKS.keys()


@pytest.mark.skipif(
    not (shutil.which("zbarimg") and shutil.which("pdftoppm")), reason="needs zbar and poppler"
)
def test_a_second_reader_agrees(tmp_path: Path) -> None:
    (tmp_path / "boleto.pdf").write_bytes(draw_boleto(SHEET))
    drawing = ["pdftoppm", "-r", "200", "-png", "boleto.pdf", "boleto"]
    reading = ["zbarimg", "-q", "--raw", "-Sdisable", "-Si25.enable", "-Si25.min-length=44"]

    subprocess.run(drawing, cwd=tmp_path, check=True)
    found = subprocess.run(
        [*reading, "boleto-1.png"], cwd=tmp_path, check=True, capture_output=True, text=True
    )

    assert found.stdout.split() == [SHEET.barcode]


def test_the_barcode_measures_103_by_13_mm_and_stands_12_mm_above_the_edge() -> None:
    left, foot, right, top = barcode_bounds(draw_boleto(SHEET))

    assert right - left == pytest.approx(103, abs=0.005)
    assert top - foot == pytest.approx(13, abs=0.005)
    assert foot == pytest.approx(12, abs=0.005)
    assert left >= 5


def test_the_figures_of_the_line_are_3_5_to_4_mm_high() -> None:
    page = pypdfium2.PdfDocument(draw_boleto(SHEET))[0]
    text = page.get_textpage()
    start = text.search(SHEET.linha_digitavel).get_next()
    assert start is not None
    boxes = [text.get_charbox(start[0] + offset) for offset in range(5)]

    heights = {round((top - foot) / MM, 2) for _, foot, _, top in boxes}

    assert all(3.5 <= height <= 4.0 for height in heights)


def test_both_parts_say_every_printed_fact() -> None:
    text = text_of(draw_boleto(SHEET))

    for fact in (
        SHEET.linha_digitavel,
        "341-7",
        "Itaú",
        PAYEE.name,
        "CPF/CNPJ 12.ABC.345/01DE-35",
        PAYER.name,
        "CPF/CNPJ 111.444.777-35",
        "Rua da Aurora, 325 – 50050-000 Recife/PE",
        "0810 / 53678-9",
        SHEET.nosso_numero,
        "BOL-000184",
        "25/11/2026",
        "R$ 347,64",
    ):
        assert text.count(fact) >= 2, fact
    for fact in ("22/11/2026", "23/11/2026", "Pagável em qualquer banco", "Fundo Aurora"):
        assert fact in text
    for fact in (*SHEET.instructions, "SAC 0800 000 1234", "RECIBO DO PAGADOR"):
        assert fact in text


@pytest.mark.parametrize(
    "label",
    [
        "Local de pagamento",
        "Vencimento",
        "Beneficiário",
        "Agência/Código do beneficiário",
        "Data do documento",
        "Nº do documento",
        "Espécie doc.",
        "Aceite",
        "Data do processamento",
        "Nosso número",
        "Uso do banco",
        "Carteira",
        "Espécie moeda",
        "Quantidade",
        "(x) Valor",
        "(=) Valor do documento",
        "Instruções",
        "(–) Desconto/Abatimento",
        "(–) Outras deduções",
        "(+) Mora/Multa",
        "(+) Outros acréscimos",
        "(=) Valor cobrado",
        "Pagador",
        "Beneficiário final",
        "Código de baixa",
        "Autenticação mecânica",
        "FICHA DE COMPENSAÇÃO",
    ],
)
def test_the_ficha_has_every_mandatory_field(label: str) -> None:
    page = pypdfium2.PdfDocument(draw_boleto(SHEET))[0]

    ficha = page.get_textpage().get_text_bounded(top=108 * MM)

    assert label in ficha


def test_the_receipt_lists_the_documents_paid_with_their_parts() -> None:
    text = text_of(draw_boleto(SHEET))

    for document, total in (("FT 2026/1841", "134,49"), ("FT 2026/1990", "133,15")):
        assert document in text
        assert total in text
    assert "2,60" in text
    assert "1,99" in text


@pytest.mark.parametrize(
    ("count", "pages"), [(0, 1), (17, 1), (18, 2), (66, 2), (67, 3), (500, 11)]
)
def test_no_document_is_left_out_however_many_there_are(count: int, pages: int) -> None:
    one = reais(100)
    items = tuple(SheetItem(f"FT {i:04}", None, one, one, one) for i in range(count))
    paper = draw_boleto(replace(SHEET, items=items))

    text = "".join(text_of(paper, page) for page in range(pages))

    assert len(pypdfium2.PdfDocument(paper)) == pages
    assert all(item.document in text for item in items)
    assert barcodes_of(paper) == [SHEET.barcode]


def test_a_long_name_shrinks_then_ends_in_an_ellipsis_but_the_tax_id_stays_whole() -> None:
    endless = replace(PAYER, name="Associação " * 40, address=("Avenida Comprida, 1 " * 20,))

    text = text_of(draw_boleto(replace(SHEET, payee=replace(endless, tax_id="11222333000181"))))

    assert "…" in text
    assert text.count("CPF/CNPJ 11.222.333/0001-81") == 3
    assert "…" not in text_of(draw_boleto(SHEET))


def test_a_number_is_never_shortened() -> None:
    long = "DOCUMENTO-DE-NUMERO-MUITO-COMPRIDO-2026/0000001234-PARCELA-0012"

    text = text_of(draw_boleto(replace(SHEET, document_number=long)))

    assert text.count(long) == 2


def test_nothing_is_drawn_beyond_the_margins() -> None:
    endless = Party("W" * 300, "11144477735", ("M" * 300,))
    paper = draw_boleto(
        replace(SHEET, payee=endless, payer=endless, guarantor="W" * 300, contact="W" * 300)
    )
    page = pypdfium2.PdfDocument(paper)[0]
    objects = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=2)

    lefts, _, rights, _ = zip(*(text.get_bounds() for text in objects), strict=True)

    assert min(lefts) / MM >= style.LEFT - 0.5
    assert max(rights) / MM <= style.RIGHT + 0.5


def test_more_instructions_than_fit_are_refused_and_not_cut() -> None:
    with pytest.raises(FieldTooLong) as refusal:
        draw_boleto(replace(SHEET, instructions=("Uma instrução.",) * 40))

    assert refusal.value.details["field"] == "instructions"


def test_many_instructions_are_all_printed() -> None:
    lines = tuple(f"Instrução {number}." for number in range(10))

    text = text_of(draw_boleto(replace(SHEET, instructions=lines)))

    assert all(line in text for line in lines)


def test_letters_beyond_western_europe_do_not_stop_the_paper() -> None:
    payer = replace(PAYER, name="Żaneta Ő. “Čapek” 中\n\x00")

    text = text_of(draw_boleto(replace(SHEET, payer=payer)))

    assert "Zaneta O. “Capek” ?" in text


def test_the_same_sheet_gives_the_same_bytes() -> None:
    assert draw_boleto(SHEET) == draw_boleto(SHEET)


def test_title_author_and_language_are_stated() -> None:
    paper = draw_boleto(SHEET)
    facts = pypdfium2.PdfDocument(paper).get_metadata_dict()

    assert facts["Title"] == "Boleto BOL-000184"
    assert facts["Author"] == PAYEE.name
    assert b"/Lang (pt-BR)" in paper


def test_many_boletos_are_one_file_with_a_page_each() -> None:
    other = replace(TITLE, sequence=185)
    second = replace(
        SHEET, barcode=barcode_of(ITAU, other), nosso_numero=ITAU.nosso_numero(other), items=()
    )

    paper = draw_boletos([SHEET, second])

    assert barcodes_of(paper, 0) == [SHEET.barcode]
    assert barcodes_of(paper, 1) == [second.barcode]
    assert second.nosso_numero in text_of(paper, 1)
    assert "Documentos pagos" not in text_of(paper, 1)


def test_a_file_without_boletos_is_refused() -> None:
    with pytest.raises(FieldMissing):
        draw_boletos([])


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
    wrong: dict[str, object], reason: str
) -> None:
    with pytest.raises(InvalidBarcode) as refusal:
        replace(SHEET, **wrong)

    assert refusal.value.details == {"reason": reason}
