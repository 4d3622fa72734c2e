"""The Pix code of a boleto: only where the bank issued one, and outside the ficha."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import zxingcpp

from portal_app.domain.boleto.sheet import BoletoSheet
from portal_app.pdf.boleto import draw_boleto, draw_carne
from tests.pdf.paper import (
    PIX,
    SHEET,
    Area,
    barcodes_of,
    codes_of,
    drawn_paths,
    numbered,
    page_of,
    qr_codes_of,
    text_of,
    with_items,
)

WITH_PIX = replace(SHEET, pix=PIX)


def carne(sheet: BoletoSheet) -> bytes:
    return draw_carne([sheet])


every_layout = pytest.mark.parametrize("draw", [draw_boleto, carne])
Draw = Callable[[BoletoSheet], bytes]


@every_layout
@pytest.mark.parametrize("code", [PIX, "1", "0123456789ABCDEFGHIJ-" * 24 + "a" * 8, "São João ☺"])
def test_the_code_is_read_back_beside_the_barcode(draw: Draw, code: str) -> None:
    paper = draw(replace(SHEET, pix=code))

    assert qr_codes_of(paper) == [code]
    assert barcodes_of(paper) == [SHEET.barcode]
    assert text_of(paper).count("Pague com Pix") == 1


@every_layout
def test_without_a_code_there_is_no_trace_of_pix(draw: Draw) -> None:
    paper = draw(SHEET)

    assert qr_codes_of(paper) == []
    assert "Pix" not in text_of(paper)
    assert len(drawn_paths(page_of(paper))) < len(drawn_paths(page_of(draw(WITH_PIX))))


@every_layout
def test_the_code_has_error_correction_m_and_is_large_enough(draw: Draw) -> None:
    paper = draw(WITH_PIX)
    (code,) = (c for c in codes_of(paper) if c.format == zxingcpp.BarcodeFormat.QRCode)
    square = qr_bounds(paper)

    assert code.ec_level == "M"
    modules = 53
    assert (square.right - square.left) * (modules + 8) / modules >= 25 - 0.01
    assert square.right - square.left == pytest.approx(square.top - square.foot, abs=0.02)


def test_the_code_stands_on_the_receipt_and_not_on_the_ficha() -> None:
    square = qr_bounds(draw_boleto(WITH_PIX))

    assert square.foot > 103


def test_the_code_of_a_slip_stands_on_its_stub() -> None:
    sheets = [replace(numbered(sequence), pix=f"{PIX}{sequence}") for sequence in (1, 2, 3)]
    paper = draw_carne(sheets)

    assert qr_codes_of(paper) == [sheet.pix for sheet in sheets]
    assert barcodes_of(paper) == [sheet.barcode for sheet in sheets]
    assert all(square.right < 52.5 for square in squares(paper))
    assert len(squares(paper)) == 3


def test_only_the_boletos_with_a_code_show_one() -> None:
    paper = draw_carne([SHEET, WITH_PIX, SHEET])

    (square,) = squares(paper)

    assert 99 < square.foot < square.top < 198


@pytest.mark.parametrize(("count", "pages"), [(11, 1), (12, 2), (60, 2), (61, 3)])
def test_the_documents_stand_under_the_code_and_none_is_left_out(count: int, pages: int) -> None:
    sheet = replace(with_items(count), pix=PIX)
    paper = draw_boleto(sheet)

    text = "".join(text_of(paper, page) for page in range(pages))

    assert all(text.count(item.document) == 1 for item in sheet.items)
    assert qr_codes_of(paper) == [PIX]


def test_a_stub_with_a_code_names_fewer_documents() -> None:
    text = text_of(draw_carne([replace(with_items(9), pix=PIX)]))

    assert "FT 0002" in text
    assert "FT 0003" not in text
    assert "e mais 6" in text


def qr_bounds(paper: bytes) -> Area:
    (square,) = squares(paper)
    return square


def squares(paper: bytes) -> list[Area]:
    """The drawn paths as wide as high: QR codes without their quiet zones."""
    return [
        path
        for path in drawn_paths(page_of(paper))
        if abs((path.right - path.left) - (path.top - path.foot)) < 0.05
    ]
