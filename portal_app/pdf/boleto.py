"""Boletos as PDF files: one, many in one file, a carnê of three a page.

The words are those of the form, in Portuguese whatever the reader's language. A file of many is
written while they are drawn, so that it takes no more memory the longer it gets.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import BinaryIO, Final

from portal_app.domain.boleto.sheet import BoletoSheet
from portal_app.domain.errors import FieldMissing
from portal_app.pdf import carne, slip
from portal_app.pdf.writer import PdfWriter, compressed

_SLIP: Final = {b"/Slip": compressed(slip.FRAME)}
_CARNE: Final = {b"/Carne": compressed(carne.FRAME)}
_SUBJECT: Final = "Boleto de cobrança"


def draw_boleto(sheet: BoletoSheet) -> bytes:
    """One boleto as a PDF; the same sheet gives the same bytes."""
    target = BytesIO()
    pdf = PdfWriter(target, _SLIP)
    for page in slip.pages([sheet]):
        pdf.page(page)
    pdf.close(f"Boleto {sheet.document_number}", sheet.payee.name, _SUBJECT)
    return target.getvalue()


def draw_boletos(sheets: Sequence[BoletoSheet]) -> bytes:
    """Many boletos in one PDF, each beginning on its own page."""
    target = BytesIO()
    write_boletos(sheets, target)
    return target.getvalue()


def draw_carne(sheets: Sequence[BoletoSheet]) -> bytes:
    """Boletos to be bound, three on a page, each with a stub for the payer."""
    target = BytesIO()
    write_carne(sheets, target)
    return target.getvalue()


def write_boletos(sheets: Iterable[BoletoSheet], target: BinaryIO) -> int:
    """`draw_boletos`, each page leaving for `target` when it is drawn; returns how many boletos.

    What stands in `target` when a sheet is refused is no PDF.
    """
    return _write(sheets, target, _SLIP, slip.pages, "Boletos")


def write_carne(sheets: Iterable[BoletoSheet], target: BinaryIO) -> int:
    """`draw_carne`, as `write_boletos` does it."""
    return _write(sheets, target, _CARNE, carne.pages, "Carnê")


def _write(
    sheets: Iterable[BoletoSheet],
    target: BinaryIO,
    forms: Mapping[bytes, bytes],
    pages_of: Callable[[Iterable[BoletoSheet]], Iterator[bytes]],
    title: str,
) -> int:
    count, author = 0, ""

    def counted() -> Iterator[BoletoSheet]:
        nonlocal count, author
        for sheet in sheets:
            count += 1
            author = author or sheet.payee.name
            yield sheet

    pdf = PdfWriter(target, forms)
    for page in pages_of(counted()):
        pdf.page(page)
    if not count:
        raise FieldMissing(field="sheets")
    pdf.close(f"{title} ({count})", author, _SUBJECT)
    return count
