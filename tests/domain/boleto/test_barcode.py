import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.boleto.barcode import (
    MODULES,
    PAIRS,
    START_BARS,
    STOP_BARS,
    codigo_de_barras,
    ensure_barcode,
    fator_vencimento,
    general_check_digit,
    linha_digitavel,
    pair_bars,
    parse_linha,
    parts_of,
    vencimento,
)
from portal_app.domain.errors import (
    FieldMissing,
    FieldTooLong,
    InvalidBarcode,
    InvalidDate,
    InvalidField,
)

BARCODE = "75691697400000300001427701017227800000040001"
LINHA = "75691.42776 01017.227800 00000.400010 1 69740000030000"
TODAY = date(2026, 11, 22)
VECTORS = Path(__file__).parents[2] / "vectors" / "boleto.json"
PRINTED = [
    example
    for example in json.loads(VECTORS.read_text(encoding="utf-8"))["vetores"]
    if {"codigo_barras", "linha_digitavel"} <= example["esperado"].keys()
]

FATORES = [
    (date(1997, 10, 8), 1),
    (date(2000, 7, 2), 999),
    (date(2000, 7, 3), 1000),
    (date(2025, 2, 20), 9998),
    (date(2025, 2, 21), 9999),
    (date(2025, 2, 22), 1000),
    (date(2025, 2, 23), 1001),
    (date(2026, 7, 1), 1494),
    (date(2026, 11, 22), 1638),
    (date(2049, 10, 13), 9999),
    (date(2049, 10, 14), 1000),
]


@pytest.mark.parametrize(("due", "fator"), FATORES)
def test_the_fator_starts_over_at_1000(due: date, fator: int) -> None:
    assert fator_vencimento(due) == fator


@pytest.mark.parametrize("due", [date(1997, 10, 7), date(1990, 1, 1)])
def test_a_date_before_the_first_fator_is_refused(due: date) -> None:
    with pytest.raises(InvalidDate) as refusal:
        fator_vencimento(due)

    assert refusal.value.details["field"] == "due"


@given(due=st.dates(date(2000, 7, 3), date(2080, 12, 31)))
def test_a_fator_has_four_digits_and_moves_by_one_a_day(due: date) -> None:
    fator, following = fator_vencimento(due), fator_vencimento(due + timedelta(days=1))

    assert 1000 <= fator <= 9999
    assert following == (1000 if fator == 9999 else fator + 1)


@given(today=st.dates(date(2000, 1, 1), date(2080, 12, 31)), away=st.integers(-3000, 5500))
def test_a_fator_is_read_back_as_the_date_near_today(today: date, away: int) -> None:
    due = today + timedelta(days=away)
    if due <= date(1997, 10, 7):
        return

    assert vencimento(fator_vencimento(due), today) == due


@pytest.mark.parametrize("away", [-3001, 5501])
def test_a_fator_too_far_from_today_is_refused(away: int) -> None:
    fator = fator_vencimento(TODAY + timedelta(days=away))

    with pytest.raises(InvalidDate):
        vencimento(fator, TODAY)


def test_fator_zero_means_no_due_date() -> None:
    assert vencimento(0, TODAY) is None


@pytest.mark.parametrize("fator", [10_000, -1])
def test_a_fator_out_of_range_is_refused(fator: int) -> None:
    with pytest.raises(InvalidField, match="fator"):
        vencimento(fator, TODAY)


@pytest.mark.parametrize("example", PRINTED, ids=lambda example: example["id"])
def test_line_fator_and_value_of_any_banks_published_barcode(
    example: dict[str, dict[str, str]],
) -> None:
    entrada, expected = example["entrada"], example["esperado"]

    parts = parts_of(expected["codigo_barras"])

    assert linha_digitavel(expected["codigo_barras"]) == expected["linha_digitavel"]
    assert parse_linha(expected["linha_digitavel"]) == expected["codigo_barras"]
    assert fator_vencimento(date.fromisoformat(entrada["vencimento"])) == parts.fator
    assert parts.cents == int(entrada["valor"].replace(".", ""))


barcodes = st.builds(
    codigo_de_barras,
    st.integers(0, 999).map("{:03}".format),
    st.integers(0, 9999),
    st.integers(0, 10**10 - 1),
    st.integers(0, 10**25 - 1).map("{:025}".format),
).filter(lambda barcode: not barcode.startswith("8"))


@given(barcode=barcodes)
def test_the_line_gives_the_barcode_back(barcode: str) -> None:
    assert parse_linha(linha_digitavel(barcode)) == barcode


@given(barcode=barcodes)
def test_the_general_check_digit_is_never_zero(barcode: str) -> None:
    assert barcode[4] in "123456789"


@given(barcode=barcodes, place=st.integers(0, 46), other=st.integers(1, 9))
def test_one_wrong_digit_in_the_line_is_noticed(barcode: str, place: int, other: int) -> None:
    line = linha_digitavel(barcode).replace(".", "").replace(" ", "")
    wrong = str((int(line[place]) + other) % 10)
    typed = line[:place] + wrong + line[place + 1 :]
    # Rests 0, 1 and 10 of the general check digit all print 1: fator and amount are
    # the only places the other three check digits do not cover.
    if place >= 33 and general_check_digit(_others(typed)) == line[32]:
        return

    with pytest.raises(InvalidBarcode):
        parse_linha(typed)


def _others(line: str) -> str:
    return line[:4] + line[33:47] + line[4:9] + line[10:20] + line[21:31]


@pytest.mark.parametrize(
    "typed",
    [
        LINHA,
        LINHA.replace(".", "").replace(" ", ""),
        f"  {LINHA}\n",
        LINHA.replace(" ", "\u00a0"),
        LINHA.replace(".", "-"),
        LINHA.replace(" ", "\t "),
    ],
)
def test_punctuation_and_spaces_do_not_matter(typed: str) -> None:
    assert parse_linha(typed) == BARCODE


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "length"),
        (LINHA[:-1], "length"),
        (LINHA + "0", "length"),
        (LINHA.replace("7", "O", 1), "digits"),
        (LINHA.replace("7", "７", 1), "digits"),
        (LINHA.replace("42776", "42777"), "field_1"),
        (LINHA.replace("227800", "227801"), "field_2"),
        (LINHA.replace("400010", "400011"), "field_3"),
        (LINHA.replace(" 1 ", " 2 "), "general"),
        (LINHA.replace("30000", "30001"), "general"),
        ("84670000001 7 43590024020 9 02405000243 5 84221010811 9", "arrecadacao"),
    ],
)
def test_a_wrong_line_is_refused_with_its_reason(typed: str, reason: str) -> None:
    with pytest.raises(InvalidBarcode) as refusal:
        parse_linha(typed)

    assert refusal.value.details == {"reason": reason}


@pytest.mark.parametrize(
    ("barcode", "reason"),
    [("", "length"), (BARCODE[:-1], "length"), ("x" * 44, "digits"), ("1" * 44, "general")],
)
def test_a_wrong_barcode_is_refused_with_its_reason(barcode: str, reason: str) -> None:
    with pytest.raises(InvalidBarcode) as refusal:
        ensure_barcode(barcode)

    assert refusal.value.details == {"reason": reason}


def test_an_amount_of_eleven_digits_is_refused() -> None:
    with pytest.raises(FieldTooLong) as refusal:
        codigo_de_barras("756", 6974, 10**10, "1" * 25)

    assert refusal.value.details == {"field": "amount", "longest": 10}


@pytest.mark.parametrize("campo_livre", ["", "1" * 24, "1" * 26, "x" * 25])
def test_a_campo_livre_that_is_not_25_digits_is_refused(campo_livre: str) -> None:
    with pytest.raises(InvalidField, match="campo_livre"):
        codigo_de_barras("756", 6974, 100, campo_livre)


def test_a_barcode_without_a_bank_is_refused() -> None:
    with pytest.raises(FieldMissing, match="bank_code"):
        codigo_de_barras("", 6974, 100, "1" * 25)


def test_a_barcode_comes_apart() -> None:
    parts = parts_of(BARCODE)

    assert (parts.bank, parts.currency, parts.check_digit) == ("756", "9", "1")
    assert (parts.fator, parts.cents) == (6974, 30000)
    assert parts.campo_livre == BARCODE[19:]


@given(barcode=barcodes)
def test_the_bars_fill_405_modules_from_edge_to_edge(barcode: str) -> None:
    pairs = [pair_bars(place, barcode[2 * place : 2 * place + 2]) for place in range(PAIRS)]
    drawn = [*START_BARS, *(bar for pair in pairs for bar in pair), *STOP_BARS]

    assert len(drawn) == 2 + 22 * 5 + 2
    assert drawn[0][0] == 0
    assert sum(drawn[-1]) == MODULES
    assert {width for _, width in drawn} == {1, 3}
    assert all(sum(bar) < following for bar, (following, _) in pairwise(drawn))
