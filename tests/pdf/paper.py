"""A boleto to draw, and how a paper is read back: as a scanner and as a person would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp

from portal_app.domain.boleto.bank import Title, barcode_of
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.sheet import BoletoSheet, Party, SheetItem
from portal_app.domain.money import Money

MM: Final = 72 / 25.4
SLIP_HEIGHT: Final = 99.0

PAYEE: Final = Party(
    "Nordeste Telecom Serviços de Comunicação Ltda.",
    "12ABC34501DE35",
    ("Av. Boa Viagem, 1.200", "51011-000 Recife/PE"),
)
PAYER: Final = Party(
    "Ana Beatriz de Albuquerque", "11144477735", ("Rua da Aurora, 325", "50050-000 Recife/PE")
)


def reais(cents: int) -> Money:
    return Money(cents, "BRL")


ITEMS: Final = (
    SheetItem("FT 2026/1841", date(2026, 10, 10), reais(12990), reais(260), reais(199)),
    SheetItem("FT 2026/1990", date(2026, 11, 10), reais(12990), reais(260), reais(65)),
    SheetItem("ND 2026/77", date(2026, 11, 25), reais(8000), reais(0), reais(0)),
)
TITLE: Final = Title(
    sequence=184,
    amount=reais(34764),
    due=date(2026, 11, 25),
    agencia="0810",
    conta="53678",
    carteira="109",
)
ITAU: Final = BANKS["341"]
SHEET: Final = BoletoSheet(
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
PIX: Final = (
    "00020101021226730014br.gov.bcb.pix2551pix.example.com/qr/v2/cobv/93598be01bd0499783188177"
    "5204000053039865802BR5913NORDESTE TELE6006RECIFE62070503***6304E2CA"
)


def numbered(sequence: int) -> BoletoSheet:
    """A boleto of its own for each sequence."""
    title = replace(TITLE, sequence=sequence)
    return replace(
        SHEET,
        barcode=barcode_of(ITAU, title),
        nosso_numero=ITAU.nosso_numero(title),
        document_number=f"BOL-{sequence:06}",
    )


def with_items(count: int) -> BoletoSheet:
    one = reais(100)
    items = (SheetItem(f"FT {number:04}", None, one, one, one) for number in range(count))
    return replace(SHEET, items=tuple(items))


def published() -> list[dict[str, Any]]:
    """The published examples with a barcode, of the banks there are."""
    vectors = Path(__file__).parents[1] / "vectors" / "boleto.json"
    examples = json.loads(vectors.read_text(encoding="utf-8"))["vetores"]
    return [
        example
        for example in examples
        if example["banco"] in BANKS and "codigo_barras" in example["esperado"]
    ]


def sheet_of(example: dict[str, Any]) -> BoletoSheet:
    bank = BANKS[example["banco"]]
    return replace(
        SHEET,
        bank_code=bank.code,
        bank_dv=bank.dv,
        bank_name=bank.name,
        barcode=example["esperado"]["codigo_barras"],
        due=date.fromisoformat(example["entrada"]["vencimento"]),
        amount=Money.parse(example["entrada"]["valor"], "BRL"),
    )


@dataclass(frozen=True, slots=True)
class Area:
    """Part of a page in mm from the lower left corner."""

    left: float
    foot: float
    right: float
    top: float

    def holds(self, left: float, foot: float) -> bool:
        return self.left <= left <= self.right and self.foot <= foot <= self.top


FICHA: Final = Area(0, 0, 210, 103)
RECEIPT: Final = Area(0, 103, 210, 297)


def stub_of(place: int) -> Area:
    """The stub of the carnê's slip at this place, 0 being the uppermost."""
    foot = (2 - place) * SLIP_HEIGHT
    return Area(0, foot, 52.5, foot + SLIP_HEIGHT)


def ficha_of(place: int) -> Area:
    foot = (2 - place) * SLIP_HEIGHT
    return Area(52.5, foot, 210, foot + SLIP_HEIGHT)


def page_of(paper: bytes, page: int = 0) -> pypdfium2.PdfPage:
    return pypdfium2.PdfDocument(paper)[page]


def text_of(paper: bytes, page: int = 0) -> str:
    return page_of(paper, page).get_textpage().get_text_bounded()


def text_in(page: pypdfium2.PdfPage, area: Area) -> str:
    left, foot, right, top = (side * MM for side in (area.left, area.foot, area.right, area.top))
    return page.get_textpage().get_text_bounded(left=left, bottom=foot, right=right, top=top)


def under(page: pypdfium2.PdfPage, label: str, area: Area, width: float, height: float) -> str:
    """What stands in the box of a label: so many mm wide and high beneath it."""
    left, foot = max(_places(page, label, area), key=lambda at: at[1])
    box = Area(left - 0.5, foot - height, left + width - 2, foot - 0.7)
    return text_in(page, box).strip()


def beside(page: pypdfium2.PdfPage, label: str, area: Area) -> str:
    """The label and what stands right of it."""
    left, foot = next(_places(page, label, area))
    return text_in(page, Area(left - 0.5, foot - 0.5, area.right, foot + 1.5)).strip()


def codes_of(paper: bytes, page: int = 0) -> list[zxingcpp.Barcode]:
    """All codes on a page, from its top."""
    image = page_of(paper, page).render(scale=3).to_pil()
    return sorted(zxingcpp.read_barcodes(image), key=lambda code: code.position.top_left.y)


def barcodes_of(paper: bytes, page: int = 0) -> list[str]:
    codes = codes_of(paper, page)
    return [code.text for code in codes if code.format == zxingcpp.BarcodeFormat.ITF]


def qr_codes_of(paper: bytes, page: int = 0) -> list[str]:
    codes = codes_of(paper, page)
    return [code.text for code in codes if code.format == zxingcpp.BarcodeFormat.QRCode]


def drawn_paths(page: pypdfium2.PdfPage) -> list[Area]:
    """What is drawn on the page itself, in mm; the frame is a form apart."""
    paths = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=1)
    boxes = ((side / MM for side in path.get_bounds()) for path in paths)
    return [Area(*box) for box in boxes]


def barcode_bounds(page: pypdfium2.PdfPage) -> list[Area]:
    """The bars of each barcode, from the top of the page."""
    wide = [path for path in drawn_paths(page) if 90 < path.right - path.left < 150]
    return sorted(wide, key=lambda path: -path.top)


def letters_of(page: pypdfium2.PdfPage, printed: str, area: Area) -> list[Area]:
    """The box of each letter of what is printed in the area, where it is found first."""
    text = page.get_textpage()
    at = next(_indices(text, printed, area))
    return [_charbox(text, at + offset) for offset in range(len(printed))]


def _places(page: pypdfium2.PdfPage, label: str, area: Area) -> Iterator[tuple[float, float]]:
    """Left and foot of the label's first letter, wherever it stands in the area."""
    text = page.get_textpage()
    for at in _indices(text, label, area):
        box = _charbox(text, at)
        yield box.left, box.foot


def _indices(text: pypdfium2.PdfTextPage, printed: str, area: Area) -> Iterator[int]:
    search = text.search(printed, match_case=True)
    while found := search.get_next():
        box = _charbox(text, found[0])
        if area.holds(box.left, box.foot):
            yield found[0]


def _charbox(text: pypdfium2.PdfTextPage, at: int) -> Area:
    return Area(*(side / MM for side in text.get_charbox(at)))
