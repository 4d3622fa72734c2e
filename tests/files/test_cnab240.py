"""A remessa is read title by title; what is not understood is named."""

import dataclasses
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.documents import DocumentType
from portal_app.domain.errors import FileBroken, FileHeaderMissing, InvalidFile, PortalError
from portal_app.domain.imports import ImportedDocument, LineWarning, RefusedLine, is_tax_id
from portal_app.domain.money import Money
from portal_app.files import cnab240, source
from portal_app.files.cnab240 import records
from portal_app.files.cnab240.banks import PROFILES, profile_of
from portal_app.files.fixed_width import Field
from portal_app.settings import ROOT
from tests.files.remessa import content, lines, title
from tests.files.samples import samples

EXAMPLE = ROOT / "examples" / "remessa-nordeste.rem"
EXPECTED_OF_SAMPLES = {
    "santander": ("9999", "0000012345679", "000100001234567", 19990, date(2015, 7, 14)),
    "bancoob": ("6969", "0000429715", "4327/3666", 5000, date(2015, 7, 14)),
    "unicred": ("6969", "072000031", "165/623", 5000, date(2007, 7, 14)),
}


def read(data: bytes, tax_id: str = "") -> list[cnab240.Item]:
    return list(cnab240.read(source.lines(io.BytesIO(data)), tax_id))


def documents(items: Sequence[cnab240.Item]) -> list[ImportedDocument]:
    return [item for item in items if isinstance(item, ImportedDocument)]


def refused(items: Sequence[cnab240.Item]) -> list[tuple[int, str]]:
    return [(item.line, item.code) for item in items if isinstance(item, RefusedLine)]


def warned(items: Sequence[cnab240.Item]) -> list[tuple[int, str]]:
    return [(item.line, item.code) for item in items if isinstance(item, LineWarning)]


def two(end: str = "\r\n") -> bytes:
    return content(lines(title(), _second()), end)


def _second(**changed: str):
    return title({"nosso_numero": "28831470000000102", "number": "1002", **changed})


def changed(line: int, first: int, text: str) -> bytes:
    """A file of two titles with this text at this position of this line."""
    written = lines(title(), _second())
    old = written[line - 1]
    written[line - 1] = old[: first - 1] + text + old[first - 1 + len(text) :]
    return content(written)


def test_a_title_is_read_with_its_payer() -> None:
    (first, second) = documents(read(two()))

    assert first.type is DocumentType.TIT
    assert (first.number, first.line) == ("1001", 3)
    assert (first.issued, first.due) == (date(2026, 11, 20), date(2026, 12, 15))
    assert first.total == Money(12990, "BRL")
    assert first.registration is not None
    assert first.registration.bank == "001"
    assert first.registration.convenio == "2883147"
    assert first.registration.nosso_numero == "28831470000000101"
    assert first.customer.key == "52998224725"
    assert first.customer.postcode == "50030-230"
    assert second.number == "1002"


@pytest.mark.parametrize(
    "data",
    [
        two().rstrip(b"\r\n"),
        two("\n"),
        two(" \r\n"),
        two() + b"\x1a",
        two() + b"\r\n\r\n",
        b"\xef\xbb\xbf" + two(),
    ],
    ids=["no last CRLF", "LF only", "241 with a blank", "ctrl-z", "blank lines", "BOM"],
)
def test_shapes_found_in_real_files_are_read(data: bytes) -> None:
    items = read(data)

    assert len(documents(items)) == 2
    assert not refused(items)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_accents_are_read_in_either_encoding(encoding: str) -> None:
    written = lines(title(payer={"name": "JOSÉ DA CONCEIÇÃO"}))
    data = "\r\n".join(written).encode(encoding)

    assert documents(read(data))[0].customer.name == "JOSÉ DA CONCEIÇÃO"


def test_an_alphanumeric_cnpj_keeps_its_letters() -> None:
    payer = {"tax_id_type": "2", "tax_id": "12ABC34501DE35"}

    (found,) = documents(read(content(lines(title(payer=payer)))))

    assert found.customer.key == "12ABC34501DE35"


@pytest.mark.parametrize("day", ["00000000", "        "])
def test_a_title_without_dates_is_kept_with_warnings(day: str) -> None:
    items = read(changed(3, 78, day))
    undated = read(content(lines(title({"issued": "0", "due": "0"}))))

    assert documents(items)[0].due is None
    assert warned(items) == [(3, "DUE_DATE_MISSING")]
    assert documents(undated)[0].issued == date(2026, 11, 20)
    assert warned(undated) == [(3, "DUE_DATE_MISSING"), (3, "ISSUE_DATE_MISSING")]


@pytest.mark.parametrize(
    ("first", "text", "code"),
    [
        (78, "31022026", "DATE_INVALID"),
        (78, "2026-1-1", "DATE_INVALID"),
        (78, "01010026", "DATE_INVALID"),
        (110, "99999999", "DATE_INVALID"),
        (143, "31112026", "DATE_INVALID"),
        (86, "00000000012A990", "FIELD_NOT_NUMERIC"),
        (86, "0000000000-1299", "FIELD_NOT_NUMERIC"),
        (86, "000000000000000", "AMOUNT_NOT_POSITIVE"),
        (86, "999999999999999", "AMOUNT_TOO_LARGE"),
        (16, "02", "MOVEMENT_NOT_IMPORTED"),
        (16, "77", "MOVEMENT_NOT_IMPORTED"),
        (1, "341", "OTHER_BANK"),
        (228, "02", "CURRENCY_UNKNOWN"),
        (38, "28 31", "FIELD_INVALID"),
        (14, "X", "SEGMENT_UNKNOWN"),
        (8, "4", "RECORD_UNKNOWN"),
        (64, "\x07", "LINE_UNREADABLE"),
    ],
)
def test_a_title_with_a_wrong_field_is_named_and_the_other_kept(
    first: int, text: str, code: str
) -> None:
    items = read(changed(3, first, text))

    assert (3, code) in refused(items)
    assert [found.number for found in documents(items)] == ["1002"]


def test_a_refused_title_is_named_once() -> None:
    assert refused(read(changed(3, 16, "02"))) == [(3, "MOVEMENT_NOT_IMPORTED")]


@pytest.mark.parametrize("line", [3, 4, 5])
@pytest.mark.parametrize("length", [9, 60, 239])
def test_a_cut_line_takes_its_title_with_it_and_no_other(line: int, length: int) -> None:
    written = lines(title(), _second())
    written[line - 1] = written[line - 1][:length]

    items = read(content(written))

    assert (line, "LINE_CUT") in refused(items)
    assert "1002" in [found.number for found in documents(items)]


def test_a_refused_payer_refuses_the_title() -> None:
    items = read(changed(4, 34, " " * 40))

    assert refused(items) == [(4, "FIELD_MISSING"), (3, "TITLE_INCOMPLETE")]


def test_a_title_without_payer_is_refused() -> None:
    written = lines(title(), _second())
    del written[3]

    items = read(content(written))

    assert refused(items) == [(3, "PAYER_MISSING"), (8, "COUNT_MISMATCH"), (9, "COUNT_MISMATCH")]
    assert [found.number for found in documents(items)] == ["1002"]


def test_a_payer_without_title_is_refused() -> None:
    written = lines(title())
    written.insert(2, written[3])

    assert (3, "SEGMENT_WITHOUT_TITLE") in refused(read(content(written)))


def test_a_payer_without_tax_id_cannot_be_told_from_others() -> None:
    assert (4, "FIELD_MISSING") in refused(read(changed(4, 18, "0" * 16)))


def test_a_long_line_is_refused_unless_the_surplus_is_blank() -> None:
    written = lines(title(), _second())
    written[2] += "x"

    assert (3, "LINE_TOO_LONG") in refused(read(content(written)))


def test_an_optional_segment_is_named_and_left_out() -> None:
    written = lines(title(), _second())
    written[4] = written[4][:13] + "Y" + written[4][14:]

    items = read(content(written))

    assert warned(items) == [(5, "SEGMENT_IGNORED")]
    assert len(documents(items)) == 2


def test_an_abatement_is_not_taken_off_in_silence() -> None:
    items = read(content(lines(title({"abatement": "500"}))))

    assert warned(items) == [(3, "ABATEMENT_IGNORED")]
    assert documents(items)[0].total == Money(12990, "BRL")


def test_another_companys_remessa_is_warned_of() -> None:
    assert warned(read(two(), "12.345.678/0001-95")) == []
    assert warned(read(two(), "98765432000198")) == [(2, "OTHER_BENEFICIARY")]


def test_without_a_number_of_ours_the_banks_number_is_shown() -> None:
    (found,) = documents(read(content(lines(title({"number": ""})))))

    assert found.number == "28831470000000101"


def test_a_file_without_header_is_refused_whole() -> None:
    with pytest.raises(FileHeaderMissing):
        read(content(lines(title())[1:]))


@pytest.mark.parametrize(
    ("drop", "reason"),
    [(1, "lote_header"), (-2, "lote_trailer"), (-1, "file_trailer")],
)
def test_a_file_without_its_frame_is_refused_whole(drop: int, reason: str) -> None:
    written = lines(title())
    del written[drop]

    with pytest.raises(FileBroken) as refusal:
        read(content(written))
    assert refusal.value.details["reason"] == reason


@pytest.mark.parametrize("line", [1, 2, 6, 7])
def test_a_damaged_frame_is_refused_whole(line: int) -> None:
    written = lines(title())
    written[line - 1] = written[line - 1][:100]

    with pytest.raises(FileBroken) as refusal:
        read(content(written))
    assert refusal.value.details == {"reason": "cut", "line": line}


def test_lines_after_the_end_are_refused() -> None:
    with pytest.raises(FileBroken):
        read(two() + two())


@pytest.mark.parametrize(("direction", "reason"), [("2", "retorno"), ("0", "not_collection")])
def test_only_a_remessa_is_taken(direction: str, reason: str) -> None:
    with pytest.raises(InvalidFile) as refusal:
        read(content(lines(title(), header={"direction": direction})))
    assert refusal.value.details["reason"] == reason


def test_titles_come_one_by_one() -> None:
    written = lines(*(title() for _ in range(50)))
    taken: list[int] = []

    def counted():
        for number, text in enumerate(written, start=1):
            taken.append(number)
            yield source.Line(number, text)

    next(iter(cnab240.read(counted())))

    assert len(taken) < 10


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=3), st.integers(0, 2))
def test_mutated_bytes_are_refused_never_an_accident(at: int, new: bytes, cut: int) -> None:
    data = two()
    at %= len(data)
    mutated = data[:at] + new + data[at + (0, 1, 300)[cut] :]

    try:
        items = read(mutated)
    except PortalError:
        return
    for found in documents(items):
        assert found.total.cents > 0


@given(st.integers(0, 2400))
def test_a_cut_file_is_never_taken_for_whole(length: int) -> None:
    data = content(lines(title(), _second()))
    whole = len(data.rstrip(b"\r\n"))

    if length < whole:
        with pytest.raises(PortalError):
            read(data[:length])


@given(st.binary(max_size=400))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(PortalError):
        read(data)


@pytest.mark.parametrize("bank", ["common", *PROFILES])
def test_the_positions_overlap_nowhere(bank: str) -> None:
    layout = profile_of(bank).layout
    tables = [getattr(layout, each.name) for each in dataclasses.fields(layout)]
    for own in (table for table in tables if not isinstance(table, Field)):
        fields = [*records.COMMON.values(), *own.values()]
        places = [at for field in fields for at in range(field.first, field.last + 1)]

        assert len(places) == len(set(places))
        assert max(places) <= records.LENGTH


def test_our_example_holds_what_the_readme_says() -> None:
    items = read(EXAMPLE.read_bytes(), "12345678000195")

    found = documents(items)
    assert items == found
    assert [each.number for each in found] == [str(number) for number in range(7001, 7009)]
    assert sum(each.total.cents for each in found) == 680610
    assert {each.due for each in found} >= {date(2026, 12, 5), date(2027, 1, 18)}
    assert all(each.due and each.due > date(2026, 12, 1) for each in found)
    assert all(is_tax_id(each.customer.tax_id, "BR") for each in found)
    assert "7KN4R2PX000152" in {each.customer.key for each in found}


@pytest.mark.parametrize(
    "file",
    [
        file
        for file in samples("*-cnab240.rem")
        if any(bank in file.name for bank in EXPECTED_OF_SAMPLES)
    ],
    ids=lambda file: file.stem,
)
def test_remessas_of_other_programs_are_read(file: Path) -> None:
    items = read(file.read_bytes())
    (bank,) = (bank for bank in EXPECTED_OF_SAMPLES if bank in file.name)

    (found,) = documents(items)

    assert refused(items) == []
    assert found.registration is not None
    assert (
        found.number,
        found.registration.nosso_numero,
        found.registration.convenio,
        found.total.cents,
        found.due,
    ) == EXPECTED_OF_SAMPLES[bank]
    assert found.customer.name == "PABLO DIEGO JOSE FRANCISCO DE PAULA JUAN"


@pytest.mark.parametrize("file", samples("*correspondente*.rem"), ids=lambda file: file.stem)
def test_a_layout_without_header_is_refused_whole(file: Path) -> None:
    with pytest.raises(FileHeaderMissing):
        read(file.read_bytes())
