"""Our CSV is read line by line; what is not understood is named with its field."""

import io
from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.documents import DocumentType
from portal_app.domain.errors import FileHeaderMissing, InvalidFile, PortalError
from portal_app.domain.imports import ImportedDocument, RefusedLine, is_tax_id
from portal_app.domain.money import Money
from portal_app.files import csv, source
from portal_app.settings import ROOT

EXAMPLE = ROOT / "examples" / "documentos.csv"
ROW = {
    "customer_code": "C-1",
    "customer_name": "Marina Alves",
    "tax_id": "529.982.247-25",
    "email": "marina@exemplo.example",
    "type": "FT",
    "series": "2026",
    "number": "41",
    "issue_date": "2026-11-20",
    "due_date": "15/12/2026",
    "amount": "1.234,56",
    "currency": "BRL",
    "contract": "10",
}


def read(data: bytes) -> list[ImportedDocument | RefusedLine]:
    return list(csv.read(source.lines(io.BytesIO(data)), "BRL"))


def written(*rows: Mapping[str, str], delimiter: str = ";") -> bytes:
    columns = list(ROW)
    table = [columns, *([{**ROW, **row}[name] for name in columns] for row in rows)]
    return "\n".join(delimiter.join(cells) for cells in table).encode()


def only(items: Sequence[ImportedDocument | RefusedLine]) -> ImportedDocument:
    (item,) = items
    assert isinstance(item, ImportedDocument), item
    return item


def refusal(row: Mapping[str, str]) -> tuple[str, object]:
    (item,) = read(written(row))
    assert isinstance(item, RefusedLine), item
    assert item.line == 2
    return item.code, item.details.get("field")


def test_a_document_is_read_with_its_customer() -> None:
    found = only(read(written({})))

    assert found.type is DocumentType.FT
    assert (found.series, found.number, found.contract) == ("2026", "41", "10")
    assert (found.issued, found.due) == (date(2026, 11, 20), date(2026, 12, 15))
    assert found.total == Money(123456, "BRL")
    assert (found.customer.key, found.customer.tax_id) == ("C-1", "52998224725")
    assert found.registration is None


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + written({"customer_name": "São"}),
        written({"customer_name": "São"}).decode().encode("latin-1"),
        written({"customer_name": "São"}).replace(b"\n", b"\r\n") + b"\r\n",
        written({"customer_name": "São", "amount": "1234.56"}, delimiter=","),
        written({"customer_name": '"São"'}),
    ],
    ids=["BOM", "latin-1", "CRLF", "comma", "quotes"],
)
def test_shapes_programs_write_are_read(data: bytes) -> None:
    found = only(read(data))

    assert found.customer.name == "São"
    assert found.total == Money(123456, "BRL")


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        ("10", 1000),
        ("10.5", 1050),
        ("10,50", 1050),
        ("1234.56", 123456),
        ("1.234.567,89", 123456789),
    ],
)
def test_amounts_that_can_be_read_one_way(amount: str, cents: int) -> None:
    assert only(read(written({"amount": amount}))).total.cents == cents


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("1.234", "AMOUNT_AMBIGUOUS"),
        ("1,234", "AMOUNT_AMBIGUOUS"),
        ("10.555", "AMOUNT_AMBIGUOUS"),
        ("0.125", "AMOUNT_INVALID"),
        ("1234.567", "AMOUNT_INVALID"),
        ("1.234,567", "AMOUNT_INVALID"),
        ("12.34,56", "AMOUNT_INVALID"),
        ("R$ 10,00", "AMOUNT_INVALID"),
        ("1e3", "AMOUNT_INVALID"),
        ("٣", "AMOUNT_INVALID"),
        ("=1+1", "AMOUNT_INVALID"),
        ("-10,00", "AMOUNT_NOT_POSITIVE"),
        ("0.00", "AMOUNT_NOT_POSITIVE"),
        ("99999999999999999", "AMOUNT_TOO_LARGE"),
        ("100000000000.00", "AMOUNT_TOO_LARGE"),
        ("9" * 300, "AMOUNT_INVALID"),
        ("", "FIELD_MISSING"),
    ],
)
def test_amounts_that_cannot(amount: str, code: str) -> None:
    assert refusal({"amount": amount}) == (code, "amount")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("issue_date", "31/02/2026", "DATE_INVALID"),
        ("issue_date", "2026-13-01", "DATE_INVALID"),
        ("issue_date", "", "FIELD_MISSING"),
        ("due_date", "12/15/2026", "DATE_INVALID"),
        ("due_date", "15/12/26", "DATE_INVALID"),
        ("due_date", "0026-12-15", "DATE_INVALID"),
        ("type", "XX", "TYPE_UNKNOWN"),
        ("type", "", "FIELD_MISSING"),
        ("number", "", "FIELD_MISSING"),
        ("number", "9" * 5000, "FIELD_TOO_LONG"),
        ("customer_name", " ", "FIELD_MISSING"),
        ("currency", "XYZ", "CURRENCY_UNKNOWN"),
        ("currency", "JPY", "CURRENCY_UNKNOWN"),
        ("email", "not an address", "ADDRESS_INVALID"),
    ],
)
def test_a_wrong_cell_is_named_with_its_field(field: str, value: str, code: str) -> None:
    assert refusal({field: value}) == (code, field)


def test_somebody_must_owe_the_document() -> None:
    assert refusal({"customer_code": "", "tax_id": ""}) == ("FIELD_MISSING", "customer_code")


def test_without_a_code_the_tax_id_is_the_customers_code() -> None:
    found = only(read(written({"customer_code": "", "tax_id": "12.ABC.345/01DE-35"})))

    assert found.customer.key == "12ABC34501DE35"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("C-1;Marina", "CELL_COUNT"),
        ('"C-1;Marina', "LINE_UNREADABLE"),
        ("\x07;", "LINE_UNREADABLE"),
    ],
)
def test_a_line_that_is_no_row_is_named_and_the_next_is_read(row: str, code: str) -> None:
    header, good = written({}).split(b"\n")

    items = read(b"\n".join([header, row.encode(), good]))

    assert isinstance(items[0], RefusedLine)
    assert (items[0].line, items[0].code) == (2, code)
    assert isinstance(items[1], ImportedDocument)


@pytest.mark.parametrize("formula", ['=HYPERLINK("http://x.example")', "+1", "@SUM(A1)", "-2+3"])
def test_a_formula_is_text(formula: str) -> None:
    quoted = '"' + formula.replace('"', '""') + '"'

    assert only(read(written({"customer_name": quoted}))).customer.name == formula


def test_a_file_without_header_is_refused_whole() -> None:
    with pytest.raises(FileHeaderMissing) as refused:
        read(written({}).partition(b"\n")[2])
    assert "amount" in refused.value.details["missing"]  # pyright: ignore[reportOperatorIssue]


@pytest.mark.parametrize(
    ("header", "reason"),
    [(b"duedate", "column_unknown"), (b"series", "column_repeated")],
)
def test_a_column_that_would_be_lost_refuses_the_file(header: bytes, reason: str) -> None:
    with pytest.raises(InvalidFile) as refused:
        read(written({}).replace(b"due_date", header, 1))
    assert refused.value.details["reason"] == reason


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=4), st.booleans())
def test_mutated_bytes_are_refused_never_an_accident(at: int, new: bytes, replaced: bool) -> None:
    data = written({}, {"number": "42"})
    at %= len(data)

    try:
        items = read(data[:at] + new + data[at + replaced :])
    except PortalError:
        return
    assert all(
        isinstance(item, RefusedLine) or (item.total.cents > 0 and item.number) for item in items
    )


@given(st.integers(0, 400))
def test_a_cut_file_is_read_or_refused(length: int) -> None:
    try:
        items = read(written({}, {"number": "42"})[:length])
    except PortalError:
        return
    assert len(items) <= 2


def test_our_example_holds_what_the_readme_says() -> None:
    found = read(EXAMPLE.read_bytes())
    documents = [item for item in found if isinstance(item, ImportedDocument)]

    assert documents == found
    assert len(documents) == 10
    assert {each.customer.key for each in documents} == {"C-2041", "C-2107"}
    assert {each.type for each in documents} == {*DocumentType} - {DocumentType.RC}
    assert all(is_tax_id(each.customer.tax_id, "BR") for each in documents)
    assert all(each.due is None or each.due >= date(2026, 12, 1) for each in documents)
