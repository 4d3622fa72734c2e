import copy
import json
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from portal_app.domain.errors import InvalidFile
from portal_app.services.boleto_examples import Failure, draw, verify

VECTORS = Path(__file__).parents[1] / "vectors" / "boleto.json"
PUBLISHED: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))["vetores"]
SICOOB = next(example for example in PUBLISHED if example["id"] == "756-119")
BRADESCO = next(example for example in PUBLISHED if example["id"] == "237-021")
DERIVED = next(example for example in PUBLISHED if example["id"] == "084-264")


def changed(example: dict[str, Any], part: str, **facts: object) -> dict[str, Any]:
    other = copy.deepcopy(example)
    other[part] |= facts
    return other


def file_of(folder: Path, *examples: object) -> Path:
    path = folder / "examples.json"
    path.write_text(json.dumps({"vetores": list(examples)}), encoding="utf-8")
    return path


def test_every_published_example_passes() -> None:
    report = verify(VECTORS)

    assert report.failures == ()
    assert (report.passed, report.failed) == (147, 0)


def test_a_bank_not_built_counts_as_failed_and_is_named(tmp_path: Path) -> None:
    report = verify(file_of(tmp_path, {**SICOOB, "banco": "999"}))

    assert report.failures == (Failure("756-119", "banco", "999", "BANK_UNKNOWN"),)
    assert (report.passed, report.failed) == (0, 1)


@pytest.mark.parametrize("key", ["nosso_numero", "codigo_barras", "linha_digitavel"])
def test_a_wrong_expectation_is_reported_with_what_was_found(tmp_path: Path, key: str) -> None:
    right = SICOOB["esperado"][key]

    report = verify(file_of(tmp_path, changed(SICOOB, "esperado", **{key: "1" + right})))

    assert report.failures == (Failure("756-119", key, "1" + right, right),)
    assert (report.passed, report.failed) == (0, 1)


def test_nosso_numero_is_compared_exactly_as_printed(tmp_path: Path) -> None:
    report = verify(file_of(tmp_path, changed(SICOOB, "esperado", nosso_numero="00000040")))

    assert [failure.key for failure in report.failures] == ["nosso_numero"]


@pytest.mark.parametrize(
    "printed",
    ["004/00000000453-1", "04/00000000453-1", "00000000453"],
    ids=["three", "two", "bare"],
)
def test_each_way_in_which_a_bank_prints_the_same_number_passes(
    tmp_path: Path, printed: str
) -> None:
    report = verify(file_of(tmp_path, changed(BRADESCO, "esperado", nosso_numero=printed)))

    assert (report.passed, report.failed) == (1, 0)


@pytest.mark.parametrize("printed", ["004/00000000453-2", "00000000454", "04-00000000453-1"])
def test_a_wrong_digit_fails_in_each_of_them_and_shows_our_own_form(
    tmp_path: Path, printed: str
) -> None:
    report = verify(file_of(tmp_path, changed(BRADESCO, "esperado", nosso_numero=printed)))

    assert report.failures == (Failure("237-021", "nosso_numero", printed, "04/00000000453-1"),)


def test_an_expectation_we_cannot_compute_fails(tmp_path: Path) -> None:
    report = verify(file_of(tmp_path, changed(SICOOB, "esperado", qr_code="0002…")))

    assert report.failures == (Failure("756-119", "qr_code", "0002…", ""),)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"valor": "300.001"}, "AMOUNT_INVALID"),
        ({"valor": ""}, "FIELD_MISSING"),
        ({"valor": 300.0}, "FIELD_INVALID"),
        ({"vencimento": "31/12/2026"}, "DATE_INVALID"),
        ({"vencimento": "1990-01-01"}, "DATE_INVALID"),
        ({"nosso_numero": "12345678"}, "FIELD_TOO_LONG"),
        ({"nosso_numero": "1" * 5000}, "FIELD_TOO_LONG"),
        ({"nosso_numero": "４"}, "FIELD_NOT_NUMERIC"),
        ({"carteira": "9"}, "CARTEIRA_UNKNOWN"),
        ({"convenio": None}, "FIELD_INVALID"),
    ],
)
def test_a_refused_value_is_the_finding_of_its_example(
    tmp_path: Path, facts: dict[str, object], code: str
) -> None:
    report = verify(file_of(tmp_path, SICOOB | {"id": "a"}, changed(SICOOB, "entrada", **facts)))

    assert (report.passed, report.failed) == (1, 1)
    assert {failure.id for failure in report.failures} == {"756-119"}
    assert code in report.failures[-1].found


@pytest.mark.parametrize(
    ("part", "facts", "key"),
    [
        ("entrada", {"valor": "10.51"}, "valor"),
        ("entrada", {"vencimento": "2013-01-02"}, "fator"),
        ("esperado", {"linha_digitavel": "08491.17205"}, "linha_digitavel"),
        ("esperado", {"codigo_barras": "1" * 44}, "codigo_barras"),
    ],
)
def test_check_digits_fator_and_value_are_derived_from_a_given_barcode(
    tmp_path: Path, part: str, facts: dict[str, str], key: str
) -> None:
    assert verify(file_of(tmp_path, DERIVED)).failed == 0

    report = verify(file_of(tmp_path, changed(DERIVED, part, **facts)))

    assert [failure.key for failure in report.failures] == [key]


def test_an_example_of_another_bank_than_its_barcode_fails(tmp_path: Path) -> None:
    report = verify(file_of(tmp_path, {**DERIVED, "banco": "085"}))

    assert report.failures == (Failure("084-264", "banco", "085", "084"),)


def test_a_line_alone_is_enough_to_derive_from(tmp_path: Path) -> None:
    alone = copy.deepcopy(DERIVED)
    del alone["esperado"]["codigo_barras"]
    wrong = changed(alone, "esperado", linha_digitavel="0" + alone["esperado"]["linha_digitavel"])

    assert verify(file_of(tmp_path, alone)).passed == 1
    assert verify(file_of(tmp_path, wrong)).failed == 1


def test_examples_with_nothing_to_derive_are_named() -> None:
    report = verify(VECTORS)

    assert "021-184" in report.without_code
    assert "084-264" not in report.without_code


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "json"),
        (b"{", "json"),
        (b"[" * 100_000, "json"),
        (b"\xff\xfe", "encoding"),
        (b"[]", "root"),
        (b"{}", "vetores"),
        (b'{"vetores": {}}', "vetores"),
        (b'{"vetores": [1]}', "entry"),
    ],
)
def test_a_malformed_file_is_refused_with_its_reason(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "examples.json"
    path.write_bytes(content)

    with pytest.raises(InvalidFile) as refusal:
        verify(path)

    assert refusal.value.details["reason"] == reason


@pytest.mark.parametrize(
    ("example", "reason"),
    [
        (SICOOB | {"id": "../escape"}, "id"),
        (SICOOB | {"id": None}, "id"),
        (SICOOB | {"banco": 756}, "banco"),
        (SICOOB | {"nivel": "outro"}, "nivel"),
        (SICOOB | {"entrada": []}, "entrada"),
        (SICOOB | {"esperado": {}}, "esperado"),
        (SICOOB | {"esperado": {"nosso_numero": 4}}, "esperado"),
    ],
)
def test_a_malformed_entry_is_refused_with_its_place(
    tmp_path: Path, example: dict[str, object], reason: str
) -> None:
    with pytest.raises(InvalidFile) as refusal:
        verify(file_of(tmp_path, DERIVED, example))

    assert refusal.value.details == {"reason": reason, "entry": 2}


def test_two_examples_of_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="id_repeated"):
        draw(file_of(tmp_path, SICOOB, SICOOB), tmp_path)


@pytest.mark.parametrize("path", ["missing.json", "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(InvalidFile, match="unreadable"):
        verify(tmp_path / path)


def test_each_complete_example_with_amount_and_due_date_is_drawn(tmp_path: Path) -> None:
    without_due = {**copy.deepcopy(SICOOB), "id": "no-due"}
    del without_due["entrada"]["vencimento"]

    report = draw(
        file_of(tmp_path, SICOOB, without_due, DERIVED, {**SICOOB, "id": "x", "banco": "999"}),
        tmp_path / "out" / "deep",
    )

    assert report.files == (tmp_path / "out" / "deep" / "756-119.pdf",)
    assert report.drawn == 1
    assert [(left.id, left.reason.split("(")[0]) for left in report.not_drawn] == [
        ("no-due", "FIELD_MISSING"),
        ("084-264", "FIELD_INVALID"),
        ("x", "BANK_UNKNOWN"),
    ]
    page = pypdfium2.PdfDocument(report.files[0])[0]
    assert SICOOB["esperado"]["linha_digitavel"] in page.get_textpage().get_text_bounded()


@pytest.mark.parametrize(
    ("layout", "name", "pages"), [("merged", "boletos.pdf", 4), ("carne", "carne.pdf", 2)]
)
def test_all_examples_are_drawn_in_one_file(
    tmp_path: Path, layout: str, name: str, pages: int
) -> None:
    examples = [{**SICOOB, "id": f"copy-{number}"} for number in range(4)]

    report = draw(file_of(tmp_path, *examples), tmp_path / "out", **{layout: True})

    assert report.files == (tmp_path / "out" / name,)
    assert report.drawn == 4
    assert len(pypdfium2.PdfDocument(report.files[0])) == pages
    assert [file.name for file in (tmp_path / "out").iterdir()] == [name]


@pytest.mark.parametrize("layout", ["merged", "carne"])
def test_of_no_example_that_can_be_drawn_there_is_no_file(tmp_path: Path, layout: str) -> None:
    report = draw(file_of(tmp_path, DERIVED), tmp_path / "out", **{layout: True})

    assert (report.files, report.drawn, len(report.not_drawn)) == ((), 0, 1)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    path = file_of(tmp_path, SICOOB)

    with pytest.raises(InvalidFile, match="out_dir_unusable"):
        draw(path, path)
