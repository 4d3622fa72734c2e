"""A CNAB 400 retorno is read line by line for the banks whose layout is known, and only for those."""

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from portal_app.domain.boleto.events import BankEvent, EventKind
from portal_app.domain.errors import (
    FileBroken,
    FileHeaderMissing,
    FormatNotSupported,
    InvalidFile,
)
from portal_app.files import cnab400, retorno, source
from portal_app.files.reported import Reported, Retorno
from tests.files.orders import brl, remessa
from tests.files.samples import GOLDEN, samples

KNOWN = ("001", "033", "237", "341")
AGREEMENT = {
    "001": "1234567",
    "033": "1234/1300012",
    "237": "4466911",
    "341": "1234/56789",
}
NOSSO_NUMERO = {
    "001": "12345670000000005",
    "033": "0000000004448",
    "237": "00400000000000004531",
    "341": "109002233502",
}


def found(data: bytes) -> Retorno:
    return cnab400.read_retorno(source.lines(io.BytesIO(data)))


def golden(bank: str) -> list[str]:
    return (GOLDEN / f"{bank}-400.ret").read_bytes().decode("ascii").splitlines()


def read(written: Sequence[str]) -> list[Reported]:
    return list(found("\r\n".join(written).encode("latin-1")))


def events(items: Sequence[Reported]) -> list[BankEvent]:
    return [item for item in items if isinstance(item, BankEvent)]


def told(items: Sequence[Reported]) -> list[tuple[int, str]]:
    return [(item.line, item.code) for item in items if not isinstance(item, BankEvent)]


def changed(bank: str, line: int, first: int, text: str) -> list[str]:
    written = golden(bank)
    old = written[line - 1]
    written[line - 1] = old[: first - 1] + text + old[first - 1 + len(text) :]
    return written


@pytest.mark.parametrize("bank", KNOWN)
def test_the_header_says_which_file_it_is(bank: str) -> None:
    header = found((GOLDEN / f"{bank}-400.ret").read_bytes()).header

    assert (header.bank, header.agreement) == (bank, AGREEMENT[bank])
    assert header.made_on == date(2026, 12, 17)
    assert header.sequence == (0 if bank == "033" else 42)


@pytest.mark.parametrize("bank", KNOWN)
def test_a_payment_has_its_charges_fee_and_days(bank: str) -> None:
    paid = events(read(golden(bank)))[2]

    assert (paid.kind, paid.movement, paid.line) == (EventKind.PAID, "06", 4)
    assert (paid.nosso_numero, paid.seu_numero) == (NOSSO_NUMERO[bank], "7001")
    assert (paid.face, paid.charges, paid.paid) == (brl(12990), brl(264), brl(13254))
    assert paid.fee == brl(190)
    assert paid.net == (brl(0) if bank == "237" else brl(13064))
    assert (paid.occurred_on, paid.credited_on) == (date(2026, 12, 16), date(2026, 12, 17))
    assert paid.due == date(2026, 12, 15)


@pytest.mark.parametrize("bank", KNOWN)
def test_a_payment_with_discount_may_wait_for_its_credit(bank: str) -> None:
    paid = events(read(golden(bank)))[3]

    assert (paid.kind, paid.paid, paid.discount) == (EventKind.PAID, brl(12490), brl(500))
    assert paid.credited_on is None


@pytest.mark.parametrize(
    ("bank", "kinds"),
    [
        ("001", "registered rejected paid paid expired cancelled amended fee reversed noted"),
        ("033", "registered rejected paid paid expired cancelled amended fee refused noted"),
        (
            "237",
            "registered rejected paid paid expired cancelled amended fee reversed refused noted",
        ),
        (
            "341",
            "registered rejected paid paid cancelled cancelled amended fee reversed refused noted",
        ),
    ],
)
def test_every_movement_has_the_meaning_its_bank_gives_it(bank: str, kinds: str) -> None:
    items = read(golden(bank))

    assert [event.kind for event in events(items)] == [EventKind(kind) for kind in kinds.split()]
    assert {code for _, code in told(items)} <= {"MOVEMENT_UNKNOWN", "RECORD_IGNORED"}


@pytest.mark.parametrize(
    ("bank", "line", "reasons"),
    [
        ("001", 3, ("33",)),
        ("033", 3, ("011",)),
        ("237", 9, ("03", "08")),
        ("341", 4, ("B2",)),
        ("341", 11, ("61",)),
    ],
)
def test_reasons_are_kept(bank: str, line: int, reasons: tuple[str, ...]) -> None:
    event = next(event for event in events(read(golden(bank))) if event.line == line)

    assert event.reasons == reasons


@pytest.mark.parametrize("bank", KNOWN)
def test_a_title_is_stated_as_in_the_240_positions_of_its_bank(bank: str) -> None:
    long = retorno.read(io.BytesIO((GOLDEN / f"{bank}-240.ret").read_bytes()))
    short = retorno.read(io.BytesIO((GOLDEN / f"{bank}-400.ret").read_bytes()))

    assert events(list(short))[0].nosso_numero == events(list(long))[0].nosso_numero


def test_the_same_payment_reported_in_both_lengths_is_one_fact() -> None:
    for bank in ("001", "237", "341"):
        long = events(list(retorno.read(io.BytesIO((GOLDEN / f"{bank}-240.ret").read_bytes()))))
        short = events(read(golden(bank)))

        assert short[2].key == long[2].key


def test_years_of_two_digits_have_a_century() -> None:
    last_century = read(changed("237", 4, 111, "161299"))

    assert events(last_century)[2].occurred_on == date(1999, 12, 16)


@pytest.mark.parametrize(
    ("first", "text", "code"),
    [
        (111, "310226", "DATE_INVALID"),
        (153, "00000A0012990", "FIELD_NOT_NUMERIC"),
        (254, "0" * 13, "AMOUNT_NOT_POSITIVE"),
        (71, "#", "FIELD_INVALID"),
        (1, "6", "RECORD_UNKNOWN"),
        (1, "4", "RECORD_IGNORED"),
        (200, "\x07", "LINE_UNREADABLE"),
        (395, "000003", "LINE_OUT_OF_ORDER"),
    ],
)
def test_a_line_that_is_not_understood_is_named_and_the_others_read(
    first: int, text: str, code: str
) -> None:
    items = read(changed("237", 4, first, text))

    assert told(items)[0] == (4, code)
    assert len(events(items)) == 10


def test_a_payment_of_no_title_is_refused() -> None:
    line = golden("237")[3]
    nobody = line[:37] + " " * 25 + line[62:70] + "0" * 12 + line[82:116] + " " * 10 + line[126:]

    items = read([*golden("237")[:3], nobody, *golden("237")[4:]])

    assert told(items)[0] == (4, "FIELD_MISSING")


@pytest.mark.parametrize("length", [1, 200, 399])
def test_a_cut_line_is_named(length: int) -> None:
    written = golden("341")
    written[3] = written[3][:length]

    items = read(written)

    assert told(items)[0] == (4, "LINE_CUT")
    assert len(events(items)) == 10


def test_a_missing_line_shows_in_the_count() -> None:
    written = golden("001")
    del written[3]

    items = read(written)

    assert told(items)[-1] == (12, "COUNT_MISMATCH")


def test_a_line_that_is_there_twice_pays_once() -> None:
    written = golden("001")
    written.insert(4, written[3])

    items = read(written)

    assert told(items)[0] == (5, "LINE_OUT_OF_ORDER")
    assert len(events(items)) == 10


def test_a_slip_in_a_lines_number_does_not_condemn_the_lines_after_it() -> None:
    items = read(changed("001", 4, 395, "900004"))

    assert len(events(items)) == 10


@pytest.mark.parametrize(("first", "text"), [(95, "310226"), (101, "00A0042")])
def test_a_header_that_is_damaged_refuses_the_file(first: int, text: str) -> None:
    with pytest.raises(FileBroken) as refusal:
        read(changed("001", 1, first, text))
    assert refusal.value.details == {"reason": "cut", "line": 1}


def test_every_line_of_a_bank_unknown_here_is_refused_and_none_guessed() -> None:
    written = changed("237", 1, 77, "999")

    items = read(written)

    assert events(items) == []
    assert [code for _, code in told(items)] == ["BANK_UNKNOWN"] * (len(written) - 2)


def test_a_file_that_breaks_off_is_refused_whole() -> None:
    with pytest.raises(FileBroken) as cut:
        read(golden("237")[:-1])
    with pytest.raises(FileBroken) as after:
        read([*golden("237"), golden("237")[-1]])

    assert (cut.value.details["reason"], after.value.details["reason"]) == (
        "file_trailer",
        "after_trailer",
    )


def test_a_file_without_its_header_is_refused_whole() -> None:
    with pytest.raises(FileHeaderMissing):
        read(golden("237")[1:])
    with pytest.raises(InvalidFile):
        found(b"")


def test_a_remessa_is_no_retorno() -> None:
    with pytest.raises(InvalidFile) as refusal:
        read(["01REMESSA" + golden("237")[0][9:], *golden("237")[1:]])
    assert refusal.value.details["reason"] == "remessa"


def test_either_length_is_told_from_its_content() -> None:
    assert retorno.read(io.BytesIO((GOLDEN / "237-240.ret").read_bytes())).header.bank == "237"
    assert retorno.read(io.BytesIO((GOLDEN / "341-400.ret").read_bytes())).header.bank == "341"
    with pytest.raises(FormatNotSupported):
        retorno.read(io.BytesIO(b"type;number\n"))
    with pytest.raises(InvalidFile):
        retorno.read(io.BytesIO(remessa("001")))


EXPECTED_OF_SAMPLES = {
    "banco_brasil": [("11122450000000290", 2500, 2500, 900)],
    "bradesco": [("00900000000000000097", 500, 0, 252), ("00900000000000000097", 500, 500, 0)],
    "itau": [("109002313270", 38975, 21330, 333), ("109001234425", 56500, 0, 333)],
    "__bb": [("12345670000000001", 10000, 0, 0)],
    "santander": [("0000000000019", 10000, 0, 0)],
}


@pytest.mark.parametrize("file", samples("*cnab400*.ret"), ids=lambda file: file.stem)
def test_retornos_of_real_banks_are_read_or_reported_line_by_line(file: Path) -> None:
    data = file.read_bytes()

    items = list(retorno.read(io.BytesIO(data)))

    # Each fact is one line and each report is about another.
    assert {item.line for item in items} == set(range(2, len(data.strip().splitlines())))
    assert len(items) == len({item.line for item in items})
    expected = next((facts for name, facts in EXPECTED_OF_SAMPLES.items() if name in file.stem), [])
    stated = [
        (event.nosso_numero, event.face.cents, event.paid.cents, event.fee.cents)
        for event in events(items)
    ]
    assert stated[: len(expected)] == expected
    assert bool(stated) is bool(expected)


@pytest.mark.parametrize("file", samples("*cnab400.rem"), ids=lambda file: file.stem)
def test_remessas_of_other_programs_are_refused_by_what_they_are(file: Path) -> None:
    with pytest.raises(InvalidFile) as refusal:
        retorno.read(io.BytesIO(file.read_bytes()))
    assert refusal.value.details["reason"] == "remessa"


MOVEMENTS_OF_SAMPLES = {
    "itau": "06 25 06 06",
    "bradesco": "02 06 17 17 17 17 17",
    "banco_brasil": "06",
}


@pytest.mark.parametrize(
    "file",
    [
        file
        for file in samples("*cnab400*.ret")
        if file.stem.rpartition("__")[2] in MOVEMENTS_OF_SAMPLES
    ],
    ids=lambda file: file.stem,
)
def test_only_settlements_of_real_files_are_payments(file: Path) -> None:
    facts = events(list(retorno.read(io.BytesIO(file.read_bytes()))))

    movements = [event.movement for event in facts]
    paid = [event.movement for event in facts if event.kind is EventKind.PAID]
    assert movements == MOVEMENTS_OF_SAMPLES[file.stem.rpartition("__")[2]].split()
    assert paid == [movement for movement in movements if movement in {"06", "17"}]
