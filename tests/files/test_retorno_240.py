"""A CNAB 240 retorno is read pair by pair; what is not understood is named, never lost."""

import io
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.events import BankEvent, EventKind
from portal_app.domain.errors import FileBroken, FileHeaderMissing, InvalidFile
from portal_app.domain.imports import LineWarning, RefusedLine
from portal_app.files import cnab240, source
from portal_app.files.cnab240.movements import COMMON, ITAU, kind_of
from portal_app.files.reported import Reported, Retorno
from tests.files.orders import brl, order, remessa
from tests.files.samples import GOLDEN, samples

BANKS_READ = ("001", "033", "104", "237", "341", "756")
AGREEMENT = {
    "001": "1234567",
    "033": "1234567",
    "104": "123456",
    "237": "4466911",
    "341": "1234/56789",
    "756": "4277/6498",
}
NOSSO_NUMERO = {
    "001": "12345670000000005",
    "033": "0000000004448",
    "104": "14000000000000006",
    "237": "00400000000000004531",
    "341": "109002233502",
    "756": "0000000040",
}


def retorno(data: bytes) -> Retorno:
    return cnab240.read_retorno(source.lines(io.BytesIO(data)))


def golden(bank: str) -> list[str]:
    data = (GOLDEN / f"{bank}-240.ret").read_bytes()
    return data.decode("ascii").replace("\r", "").rstrip("\n").split("\n")


def read(written: Sequence[str]) -> list[Reported]:
    return list(retorno("\r\n".join(written).encode("latin-1")))


def events(items: Sequence[Reported]) -> list[BankEvent]:
    return [item for item in items if isinstance(item, BankEvent)]


def told(items: Sequence[Reported]) -> list[tuple[int, str]]:
    """Line and code of everything that is no event."""
    return [(item.line, item.code) for item in items if not isinstance(item, BankEvent)]


def changed(bank: str, line: int, first: int, text: str) -> list[str]:
    written = golden(bank)
    old = written[line - 1]
    written[line - 1] = old[: first - 1] + text + old[first - 1 + len(text) :]
    return written


@pytest.mark.parametrize("bank", BANKS_READ)
def test_the_header_says_which_file_it_is_before_anything_is_read(bank: str) -> None:
    header = retorno((GOLDEN / f"{bank}-240.ret").read_bytes()).header

    assert (header.bank, header.agreement) == (bank, AGREEMENT[bank])
    assert (header.sequence, header.made_on) == (42, date(2026, 12, 17))


@pytest.mark.parametrize("bank", BANKS_READ)
def test_a_payment_has_its_charges_fee_days_and_reasons(bank: str) -> None:
    paid = events(read(golden(bank)))[2]

    assert (paid.kind, paid.movement, paid.line) == (EventKind.PAID, "06", 7)
    assert (paid.nosso_numero, paid.seu_numero) == (NOSSO_NUMERO[bank], "7001")
    assert paid.agreement == AGREEMENT[bank]
    assert (paid.face, paid.charges, paid.paid) == (brl(12990), brl(264), brl(13254))
    assert (paid.fee, paid.net) == (brl(190), brl(13064))
    assert (paid.occurred_on, paid.credited_on) == (date(2026, 12, 16), date(2026, 12, 17))
    assert paid.due == date(2026, 12, 15)
    assert paid.reasons == (("B2",) if bank == "341" else ("04",))


@pytest.mark.parametrize("bank", BANKS_READ)
def test_two_equal_payments_stay_two_and_may_wait_for_their_credit(bank: str) -> None:
    first, second = events(read(golden(bank)))[3:5]

    assert first.credited_on is None
    assert first.discount == brl(500)
    assert (first.nth, second.nth) == (0, 1)
    assert first.key != second.key


@pytest.mark.parametrize("bank", BANKS_READ)
def test_every_movement_of_a_golden_file_has_its_meaning(bank: str) -> None:
    found = Counter(event.kind for event in events(read(golden(bank))))

    itau, caixa = bank == "341", bank == "104"
    assert found == Counter(
        {
            EventKind.REGISTERED: 1,
            EventKind.REJECTED: 1,
            EventKind.PAID: 5 if caixa else 4,
            EventKind.EXPIRED: 0 if itau else 1,
            EventKind.CANCELLED: 2 if itau else 1,
            EventKind.AMENDED: 1,
            EventKind.REFUSED: 2 if itau else 1,
            EventKind.FEE: 1,
            EventKind.REVERSED: {"341": 0, "104": 2}.get(bank, 1),
            EventKind.NOTED: 2 if itau else 1,
        }
    )


@pytest.mark.parametrize("bank", BANKS_READ)
def test_only_what_nobody_knows_is_warned_of(bank: str) -> None:
    items = read(golden(bank))

    assert [code for _, code in told(items)] == ["SEGMENT_IGNORED", "MOVEMENT_UNKNOWN"]
    assert events(items)[-1].kind is EventKind.NOTED


def test_a_baixa_is_no_payment_and_tells_whether_time_was_over() -> None:
    over, withdrawn = events(read(golden("001")))[6:8]

    assert (over.kind, withdrawn.kind) == (EventKind.EXPIRED, EventKind.CANCELLED)
    assert over.paid == withdrawn.paid == brl(0)


def test_a_confirmation_that_repeats_the_amount_is_no_money() -> None:
    items = read(changed("001", 4, 78, f"{12990:015}"))

    assert events(items)[0].paid == brl(0)


def test_a_fee_without_due_date_is_kept() -> None:
    fee = next(event for event in events(read(golden("237"))) if event.kind is EventKind.FEE)

    assert (fee.fee, fee.due, fee.reasons) == (brl(350), None, ("02",))


@pytest.mark.parametrize(
    ("movement", "reasons", "kind"),
    [
        ("17", (), EventKind.REFUSED),
        ("07", (), EventKind.PAID),
        ("08", (), EventKind.PAID),
        ("28", (), EventKind.FEE),
        ("44", (), EventKind.FEE),
        ("47", (), EventKind.NOTED),
    ],
)
def test_itau_numbers_its_movements_otherwise(
    movement: str, reasons: tuple[str, ...], kind: EventKind
) -> None:
    assert kind_of(movement, reasons, ITAU) is kind
    assert kind_of(movement, reasons, COMMON) is not kind or movement == "28"


@pytest.mark.parametrize("bank", [bank for bank in BANKS_READ if bank in BANKS])
def test_a_title_is_stated_in_the_same_words_as_in_its_remessa(bank: str) -> None:
    asked = next(
        item
        for item in cnab240.read(source.lines(io.BytesIO(remessa(bank))))
        if not isinstance(item, RefusedLine | LineWarning)
    )
    assert asked.registration is not None

    assert events(read(golden(bank)))[0].nosso_numero == asked.registration.nosso_numero
    assert order(bank).title.seu_numero == events(read(golden(bank)))[0].seu_numero


@pytest.mark.parametrize(
    ("bank", "first", "last"), [("001", 224, 240), ("033", 219, 240), ("341", 224, 240)]
)
def test_lines_may_lack_the_blanks_that_fill_them_up(bank: str, first: int, last: int) -> None:
    shorter = [line[: first - 1] for line in golden(bank)]

    assert read(shorter)[0] == read(golden(bank))[0]
    assert len(read(shorter)) == len(read(golden(bank)))


@pytest.mark.parametrize(
    "data",
    [
        "\n".join(golden("104")),
        "\n".join(golden("104")) + "\n",
        " \r\n".join(golden("104")) + "\r\n\r\n",
        "\r\n".join(golden("104")) + "\x1a",
    ],
    ids=["no last end", "LF only", "241 with a blank", "ctrl-z"],
)
def test_shapes_found_in_real_files_are_read(data: str) -> None:
    items = list(retorno(data.encode()))

    assert len(events(items)) == 15


@pytest.mark.parametrize(
    ("line", "first", "text", "expected"),
    [
        (3, 14, "X", [(3, "SEGMENT_UNKNOWN"), (4, "SEGMENT_ALONE")]),
        (3, 74, "31022026", [(3, "DATE_INVALID"), (4, "TITLE_INCOMPLETE")]),
        (3, 82, "00000000012A990", [(3, "FIELD_NOT_NUMERIC"), (4, "TITLE_INCOMPLETE")]),
        (3, 40, "#", [(3, "FIELD_INVALID"), (4, "TITLE_INCOMPLETE")]),
        (3, 1, "341", [(3, "OTHER_BANK"), (4, "TITLE_INCOMPLETE")]),
        (3, 4, "0002", [(3, "OTHER_LOTE"), (4, "TITLE_INCOMPLETE")]),
        (3, 8, "4", [(3, "RECORD_UNKNOWN"), (4, "TITLE_INCOMPLETE")]),
        (3, 60, "\x07", [(3, "LINE_UNREADABLE"), (4, "TITLE_INCOMPLETE")]),
        (4, 14, "Z", [(4, "SEGMENT_UNKNOWN"), (3, "SEGMENT_ALONE")]),
        (4, 16, "03", [(3, "TITLE_INCOMPLETE"), (4, "SEGMENT_ALONE")]),
        (4, 138, "99999999", [(3, "TITLE_INCOMPLETE"), (4, "DATE_INVALID")]),
        (8, 78, "0" * 15, [(7, "TITLE_INCOMPLETE"), (8, "AMOUNT_NOT_POSITIVE")]),
        (5, 9, "00001", [(5, "LINE_OUT_OF_ORDER"), (6, "TITLE_INCOMPLETE")]),
    ],
)
def test_a_pair_with_a_wrong_field_is_named_line_by_line(
    line: int, first: int, text: str, expected: list[tuple[int, str]]
) -> None:
    items = read(changed("001", line, first, text))

    assert [named for named in told(items) if named[0] < 13] == expected
    assert len(events(items)) == 12


def test_a_title_without_any_number_is_nobodys_payment() -> None:
    written = changed("001", 14, 38, " " * 20)

    assert (14, "TITLE_INCOMPLETE") in told(read(written))
    assert (15, "FIELD_MISSING") in told(read(written))


def test_a_cut_line_takes_its_pair_with_it_and_no_other() -> None:
    written = golden("237")
    written[6] = written[6][:100]

    items = read(written)

    assert told(items)[:2] == [(7, "LINE_CUT"), (8, "TITLE_INCOMPLETE")]
    assert len(events(items)) == 12


def test_a_line_that_is_there_twice_pays_once() -> None:
    written = golden("001")
    written[8:8] = written[6:8]

    items = read(written)

    assert told(items)[:2] == [(9, "LINE_OUT_OF_ORDER"), (10, "TITLE_INCOMPLETE")]
    assert (len(written) - 1, "COUNT_MISMATCH") in told(items)
    assert len(events(items)) == 13


def test_a_slip_in_a_lines_number_does_not_condemn_the_lines_after_it() -> None:
    items = read(changed("001", 5, 9, "90003"))

    assert len(events(items)) == 13


def test_a_lote_closed_by_another_lotes_trailer_is_told() -> None:
    items = read(changed("001", 30, 4, "0002"))

    assert (30, "OTHER_LOTE") in told(items)
    assert len(events(items)) == 13


def test_a_missing_half_is_told_and_so_are_the_counts() -> None:
    written = golden("001")
    del written[3]

    items = read(written)

    assert told(items)[0] == (3, "SEGMENT_ALONE")
    assert [named for named in told(items) if named[1] == "COUNT_MISMATCH"] == [
        (29, "COUNT_MISMATCH"),
        (30, "COUNT_MISMATCH"),
    ]


@pytest.mark.parametrize(
    ("drop", "reason"), [(1, "lote_header"), (-2, "lote_trailer"), (-1, "file_trailer")]
)
def test_a_file_without_its_frame_is_refused_whole(drop: int, reason: str) -> None:
    written = golden("001")
    del written[drop]

    with pytest.raises(FileBroken) as refusal:
        read(written)
    assert refusal.value.details["reason"] == reason


def test_a_file_without_its_header_is_refused_whole() -> None:
    with pytest.raises(FileHeaderMissing):
        retorno("\n".join(golden("001")[1:]).encode())


@pytest.mark.parametrize(("first", "text"), [(144, "31022026"), (158, "00A042")])
def test_a_header_that_is_damaged_refuses_the_file(first: int, text: str) -> None:
    with pytest.raises(FileBroken) as refusal:
        read(changed("001", 1, first, text))
    assert refusal.value.details == {"reason": "cut", "line": 1}


def test_a_remessa_is_no_retorno() -> None:
    with pytest.raises(InvalidFile) as refusal:
        retorno(remessa("001"))
    assert refusal.value.details["reason"] == "remessa"


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(InvalidFile):
        retorno(b"")


def test_a_bank_without_a_profile_is_read_by_the_common_layout() -> None:
    written = ["136" + line[3:] for line in golden("237")]

    items = read(written)

    assert events(items)[2].bank == "136"
    assert events(items)[2].paid == brl(13254)


def test_facts_come_one_by_one() -> None:
    taken: list[int] = []

    def counted():
        for number, text in enumerate(golden("001"), start=1):
            taken.append(number)
            yield source.Line(number, text)

    next(iter(cnab240.read_retorno(counted())))

    assert len(taken) < 8


@pytest.mark.parametrize("file", samples("*cnab240*.ret"), ids=lambda file: file.stem)
def test_retornos_of_real_banks_are_read_without_loss(file: Path) -> None:
    data = file.read_bytes()
    found = retorno(data)

    items = list(found)

    assert told(items) == []
    assert 2 * len(events(items)) == len(data.strip().splitlines()) - 4
    assert {event.kind for event in events(items)} == {EventKind.PAID}
    first = events(items)[0]
    if "caixa" in file.name:
        assert (found.header.agreement, found.header.sequence) == ("43210", 1622)
        assert (first.nosso_numero, first.paid, first.fee) == (
            "24000000011136997",
            brl(8000),
            brl(125),
        )
        assert (first.occurred_on, first.credited_on) == (date(2014, 1, 6), date(2014, 1, 7))
        assert events(items)[7].discount == brl(6000)
    else:
        assert (found.header.agreement, found.header.sequence) == ("3294860", 257)
        assert (first.nosso_numero, first.paid, first.net) == (
            "32948600000000196",
            brl(4000),
            brl(3500),
        )
        assert first.due == date(2011, 3, 23)
