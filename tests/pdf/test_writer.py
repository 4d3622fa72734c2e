import io
import os
import re
import tracemalloc
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.pdf.writer import PdfWriter, compressed


def written(count: int, **facts: str) -> bytes:
    target = io.BytesIO()
    pdf = PdfWriter(target, {b"/Mark": compressed(b"0 0 9 9 re f\n")})
    for number in range(count):
        pdf.page(b"/Mark Do BT /F1 9 Tf 9 9 Td (page %d) Tj ET" % number)
    pdf.close(**{"title": "Title", "author": "Author", "subject": "Subject", **facts})
    return target.getvalue()


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 128, 129, 1000])
def test_all_pages_are_found_in_their_order(count: int) -> None:
    document = pypdfium2.PdfDocument(written(count))

    assert len(document) == count
    for number in {0, count // 2, count - 1}:
        assert document[number].get_textpage().get_text_bounded() == f"page {number}"


@pytest.mark.parametrize("count", [1, 130])
def test_the_table_says_where_each_object_begins(count: int) -> None:
    paper = written(count)

    start = int(paper.rsplit(b"startxref\n", 1)[1].split()[0])
    offsets = re.findall(rb"(\d{10}) 00000 n \n", paper[start:])

    assert paper[start:].startswith(b"xref\n0 %d\n" % (len(offsets) + 1))
    for number, offset in enumerate(offsets, start=1):
        assert paper[int(offset) :].startswith(b"%d 0 obj\n" % number)


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_what_the_file_says_of_itself_is_read_back(text: str) -> None:
    facts = pypdfium2.PdfDocument(written(1, title=f"[{text}]", author="x")).get_metadata_dict()

    assert facts["Author"] == "x"
    assert facts["Title"].startswith("[")
    assert facts["Title"].endswith("]")


@pytest.mark.parametrize("text", ["(a) \\ b)", "Łódź – “€”", "Ação", "José (Zé"])
def test_letters_that_mean_something_elsewhere_are_read_back(text: str) -> None:
    facts = pypdfium2.PdfDocument(written(1, title=text)).get_metadata_dict()

    assert facts["Title"] == text.replace("Ł", "?").replace("ź", "z")


def test_nothing_is_kept_of_a_page_but_numbers() -> None:
    content = bytes(range(256)) * 16
    with Path(os.devnull).open("wb") as nowhere:
        pdf = PdfWriter(nowhere, {})
        tracemalloc.start()
        try:
            for _ in range(1_000):
                pdf.page(content)
            first, _ = tracemalloc.get_traced_memory()
            for _ in range(9_000):
                pdf.page(content)
            last, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert (last - first) / 9_000 < 32
