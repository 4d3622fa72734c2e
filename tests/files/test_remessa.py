"""A remessa is written as its bank wants it, and read back as what it was written from."""

import io
import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.order import Discount, Late, Order, Payer
from portal_app.domain.boleto.remessa import Instruction, Movement
from portal_app.domain.errors import FieldTooLong, InvalidField, InvalidFile, UnknownBank
from portal_app.domain.imports import ImportedDocument
from portal_app.domain.money import Money
from portal_app.files import cnab240, source
from portal_app.files.bank_text import bank_text, shortened
from portal_app.files.cnab240.banks import PROFILES
from tests.files.orders import (
    CARTEIRAS,
    MARINA,
    NOW,
    account,
    brl,
    instructions,
    order,
    remessa,
)
from tests.files.samples import GOLDEN

WRITTEN = sorted(CARTEIRAS)


# What stands in the place by which the bank knows the title.
STATED = {
    "001": "12345670000000005",
    "033": "0000000004448",
    "104": "14000000000000006",
    "237": "00400000000000004531",
    "341": "109002233502",
    "756": "0000000040",
}


def lines(data: bytes) -> list[str]:
    return data.decode("ascii").split("\r\n")[:-1]


def entry(bank: str, **changed: object) -> list[str]:
    """P, Q and R of one title."""
    said = [Instruction(Movement.ENTRY, order(bank, **changed))]
    return lines(remessa(bank, said))[2:5]


def at(record: str, first: int, last: int) -> str:
    return record[first - 1 : last]


def read(data: bytes) -> list[cnab240.Item]:
    return list(cnab240.read(source.lines(io.BytesIO(data))))


@pytest.mark.parametrize("bank", WRITTEN)
def test_a_remessa_is_the_golden_one_of_its_bank(bank: str) -> None:
    golden = GOLDEN / f"{bank}.rem"

    assert remessa(bank) == golden.read_bytes()


@pytest.mark.parametrize("bank", WRITTEN)
def test_every_line_has_its_length_and_every_trailer_the_right_counts(bank: str) -> None:
    written = lines(remessa(bank))

    assert {len(line) for line in written} == {240}
    assert [at(line, 9, 13) for line in written[2:-2]] == [f"{n:05}" for n in range(1, 14)]
    assert at(written[-2], 18, 23) == f"{len(written) - 2:06}"
    assert at(written[-1], 18, 29) == f"000001{len(written):06}"


@pytest.mark.parametrize(
    ("bank", "first", "last", "expected"),
    [
        ("001", 38, 57, "12345670000000005   "),
        ("033", 45, 57, "0000000004448"),
        ("104", 41, 57, "14000000000000006"),
        ("237", 38, 57, "00400000000000004531"),
        ("341", 38, 57, "109002233502        "),
        ("756", 38, 57, "000000004001014     "),
    ],
)
def test_the_nosso_numero_stands_where_the_bank_looks_for_it(
    bank: str, first: int, last: int, expected: str
) -> None:
    assert at(entry(bank)[0], first, last) == expected


@pytest.mark.parametrize(
    ("bank", "first", "last", "expected"),
    [
        ("001", 33, 52, "001234567001417019  "),
        ("033", 33, 47, "123400001234567"),
        ("104", 59, 64, "123456"),
        ("237", 33, 52, "00000000000004466911"),
        ("341", 33, 52, " " * 20),
        ("756", 33, 52, " " * 20),
    ],
)
def test_the_header_names_the_agreement_as_the_bank_does(
    bank: str, first: int, last: int, expected: str
) -> None:
    assert at(lines(remessa(bank))[0], first, last) == expected


def test_santander_is_told_the_transmission_code_it_gave() -> None:
    given_code = replace(CARTEIRAS["033"], contract={"transmissao": "987654321"})
    beneficiary = replace(account("033"), carteira=given_code)

    written = b"".join(cnab240.write(beneficiary, instructions("033"), 1, NOW))

    assert at(lines(written)[0], 33, 47) == "000000987654321"


def test_only_an_entry_has_the_third_segment() -> None:
    written = lines(remessa("341"))

    segments = [(at(line, 14, 14), at(line, 16, 17)) for line in written[2:-2]]
    assert segments[:9] == [("P", "01"), ("Q", "01"), ("R", "01")] * 3
    assert segments[9:] == [("P", "02"), ("Q", "02"), ("P", "06"), ("Q", "06")]


def test_an_amended_title_is_stated_with_its_new_due_date() -> None:
    moved = lines(remessa("001"))[-4]

    assert at(moved, 16, 17) == "06"
    assert at(moved, 78, 85) == "20012027"
    assert at(moved, 119, 126) == "21012027"


@pytest.mark.parametrize("bank", WRITTEN)
def test_late_charges_begin_the_day_after_the_due_date(bank: str) -> None:
    p, _, r = entry(bank)

    assert at(p, 119, 126) == "16122026"
    assert at(r, 67, 74) == "16122026"


@pytest.mark.parametrize(
    ("bank", "late", "interest", "fine"),
    [
        ("001", Late(brl(260), Decimal("0.02"), brl(4), Decimal("0.01")), "2100", "2200"),
        ("001", Late(brl(150), None, brl(12), None), "112", "1150"),
        ("001", Late(brl(1), Decimal("0.000125"), brl(3), Decimal("0.00033")), "13", "11"),
        ("001", Late.none("BRL"), "30", "00"),
        ("756", Late.none("BRL"), "00", "00"),
        ("033", Late(brl(260), Decimal("0.02"), brl(4), Decimal("0.01")), "14", "2200"),
        ("341", Late(brl(260), Decimal("0.02"), brl(4), Decimal("0.01")), "04", "2200"),
    ],
)
def test_late_charges_are_a_rate_where_two_decimals_say_it_else_an_amount(
    bank: str, late: Late, interest: str, fine: str
) -> None:
    p, _, r = entry(bank, late=late)

    assert at(p, 118, 118) + str(int(at(p, 127, 141))) == interest
    assert at(r, 66, 66) + str(int(at(r, 75, 89))) == fine


def test_a_discount_has_its_last_day() -> None:
    with_discount, without = entry("237")[0], entry("237", discount=None)[0]

    assert at(with_discount, 142, 165) == "110122026000000000000500"
    assert at(without, 142, 165) == "0" * 24


def test_an_alphanumeric_cnpj_goes_through_whole() -> None:
    payer = replace(MARINA, tax_id="12ABC34501DE35")

    assert at(entry("104", payer=payer)[1], 18, 33) == "2012ABC34501DE35"


def test_text_is_in_capitals_without_accents() -> None:
    q = entry("001")[1]

    assert at(q, 34, 73).rstrip() == "MARINA ALVES DE MOURA CONCEICAO"
    assert at(q, 74, 113).rstrip() == "RUA DA CONCORDIA, 310 APTO. 12"


def test_a_name_too_long_is_cut_at_a_word() -> None:
    payer = replace(MARINA, name="Pedro de Alcântara Francisco Antônio João Carlos")

    assert at(entry("001", payer=payer)[1], 34, 73).rstrip() == (
        "PEDRO DE ALCANTARA FRANCISCO ANTONIO"
    )
    assert at(entry("341", payer=payer)[1], 34, 73).rstrip() == "PEDRO DE ALCANTARA FRANCISCO"


@given(st.text(max_size=80), st.integers(1, 50))
def test_bank_text_is_plain_and_fits(text: str, width: int) -> None:
    written = shortened(bank_text(text), width)

    assert written.isascii()
    assert written == written.upper()
    assert len(written) <= width
    assert bank_text(text) == bank_text(bank_text(text))


@pytest.mark.parametrize(
    ("bank", "changed", "field", "code"),
    [
        ("001", {"seu_numero": "1" * 16}, "number", "FIELD_TOO_LONG"),
        ("341", {"seu_numero": "1" * 11}, "number", "FIELD_TOO_LONG"),
        ("104", {"seu_numero": "1" * 12}, "number", "FIELD_TOO_LONG"),
        ("001", {"seu_numero": ""}, "number", "FIELD_MISSING"),
        ("001", {"seu_numero": "7001;"}, "number", "FIELD_INVALID"),
        ("001", {"nosso_numero": ""}, "nosso_numero", "FIELD_MISSING"),
        ("001", {"nosso_numero": "1" * 21}, "nosso_numero", "FIELD_TOO_LONG"),
        ("001", {"amount": brl(0), "discount": None}, "amount", "AMOUNT_NOT_POSITIVE"),
        ("001", {"amount": brl(10_000_000_000)}, "amount", "AMOUNT_TOO_LARGE"),
        ("001", {"amount": Money(12990, "EUR")}, "currency", "CURRENCY_UNKNOWN"),
        ("001", {"due": date(2026, 11, 19), "discount": None}, "due_date", "DATE_INVALID"),
        (
            "001",
            {"discount": Discount(date(2026, 12, 16), brl(500))},
            "discount_until",
            "DATE_INVALID",
        ),
        (
            "001",
            {"discount": Discount(date(2026, 12, 1), brl(12990))},
            "discount",
            "AMOUNT_INVALID",
        ),
        ("001", {"late": Late(brl(-1), None, brl(0), None)}, "fine", "AMOUNT_INVALID"),
        ("001", {"late": Late(brl(0), None, brl(0), Decimal(-1))}, "interest", "AMOUNT_INVALID"),
        ("033", {"especie_doc": "ME"}, "especie_doc", "FIELD_INVALID"),
        ("001", {"aceite": "?"}, "aceite", "FIELD_INVALID"),
        ("033", {"write_off_days": 100}, "write_off_days", "FIELD_TOO_LONG"),
        ("104", {"write_off_days": 0}, "write_off_days", "FIELD_INVALID"),
        ("001", {"payer": replace(MARINA, name=" ")}, "customer_name", "FIELD_MISSING"),
        ("001", {"payer": replace(MARINA, street="")}, "street", "FIELD_MISSING"),
        ("001", {"payer": replace(MARINA, city="")}, "city", "FIELD_MISSING"),
        ("001", {"payer": replace(MARINA, state="Pernambuco")}, "state", "FIELD_INVALID"),
        ("001", {"payer": replace(MARINA, postcode="50020-055")}, "postcode", "FIELD_INVALID"),
        ("001", {"payer": replace(MARINA, tax_id="")}, "tax_id", "FIELD_MISSING"),
        ("001", {"payer": replace(MARINA, tax_id="52998224726")}, "tax_id", "FIELD_INVALID"),
    ],
)
def test_what_cannot_be_stated_is_refused_with_its_field(
    bank: str, changed: dict[str, object], field: str, code: str
) -> None:
    refused = order(bank, **changed)

    with pytest.raises(InvalidField) as refusal:
        remessa(bank, [Instruction(Movement.ENTRY, refused)])

    assert (refusal.value.details["field"], refusal.value.code) == (field, code)
    told = [(problem.field, problem.code) for problem in cnab240.problems(account(bank), refused)]
    assert told == [(field, code)]


def test_all_problems_of_an_order_are_told_at_once() -> None:
    payer = replace(MARINA, street="", postcode="5")

    found = cnab240.problems(account("001"), order("001", payer=payer, seu_numero=""))

    assert [problem.field for problem in found] == ["number", "street", "postcode"]
    assert cnab240.problems(account("001"), order("001")) == []


@pytest.mark.parametrize(
    ("bank", "changed", "field"),
    [
        ("001", {"contract": {}}, "variacao"),
        ("001", {"agencia": "12A4"}, "agencia"),
        ("001", {"conta": "1" * 13}, "conta"),
        ("001", {"conta_dv": "XX"}, "check_digit"),
        ("104", {"convenio": "1234567"}, "convenio"),
        ("033", {"convenio": ""}, "convenio"),
    ],
)
def test_an_account_the_bank_would_not_know_is_refused(
    bank: str, changed: dict[str, object], field: str
) -> None:
    beneficiary = replace(account(bank), carteira=replace(CARTEIRAS[bank], **changed))

    with pytest.raises(InvalidField) as refusal:
        list(cnab240.write(beneficiary, instructions(bank), 1, NOW))

    assert refusal.value.details["field"] == field


def test_caixa_needs_no_account_number() -> None:
    beneficiary = replace(account("104"), carteira=replace(CARTEIRAS["104"], conta=""))
    stated = order("104")
    said = [
        Instruction(Movement.ENTRY, replace(stated, title=replace(stated.title, conta=""))),
    ]

    written = b"".join(cnab240.write(beneficiary, said, 7, NOW))

    assert lines(written)[:3] == lines(remessa("104"))[:3]


def test_a_title_of_another_account_is_refused() -> None:
    stranger = order("001")
    stranger = replace(stranger, title=replace(stranger.title, conta="654321"))

    with pytest.raises(InvalidField) as refusal:
        remessa("001", [Instruction(Movement.ENTRY, stranger)])
    assert refusal.value.details == {"field": "conta", "value": "654321"}


def test_a_bank_whose_ways_are_not_known_is_refused() -> None:
    unknown = replace(account("001"), carteira=replace(CARTEIRAS["001"], bank="999"))

    with pytest.raises(UnknownBank):
        list(cnab240.write(unknown, instructions("001"), 1, NOW))


@pytest.mark.parametrize(("sequence", "error"), [(0, InvalidField), (1_000_000, FieldTooLong)])
def test_a_file_has_a_sequence_its_header_can_hold(
    sequence: int, error: type[InvalidField]
) -> None:
    with pytest.raises(error) as refusal:
        next(cnab240.write(account("001"), instructions("001"), sequence, NOW))
    assert refusal.value.details["field"] == "file_sequence"


def test_a_remessa_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidFile):
        remessa("001", iter(()))


def test_a_full_lote_is_followed_by_another() -> None:
    titles = 33_334
    said = itertools.repeat(Instruction(Movement.ENTRY, order("756")), titles)
    written = lines(b"".join(cnab240.write(account("756"), said, 1, NOW)))

    trailers = [line for line in written if line[7] == "5"]
    assert [at(line, 18, 29) for line in trailers] == ["100001033333", "000005000001"]
    assert at(written[-1], 18, 29) == f"000002{3 * titles + 6:06}"
    assert max(at(line, 9, 13) for line in written if line[7] == "3") == "99999"


def test_titles_are_written_one_by_one() -> None:
    taken: list[int] = []

    def said():
        for number in range(100):
            taken.append(number)
            yield Instruction(Movement.ENTRY, order("001"))

    pieces = cnab240.write(account("001"), said(), 1, NOW)
    for _ in range(4):
        next(pieces)

    assert len(taken) < 5


@pytest.mark.parametrize("bank", WRITTEN)
def test_the_bank_finds_our_number_in_what_it_is_told(bank: str) -> None:
    title = replace(order(bank).title, sequence=123)
    stated = replace(order(bank, nosso_numero=BANKS[bank].nosso_numero(title)), title=title)

    p = lines(remessa(bank, [Instruction(Movement.ENTRY, stated)]))[2]
    first = PROFILES[bank].layout.nosso_numero.first

    assert BANKS[bank].sequence_of(at(p, first, 57).strip(), title) == 123


@st.composite
def orders(draw: st.DrawFn) -> tuple[str, Order]:
    """Any order a bank would take."""
    bank = draw(st.sampled_from(WRITTEN))
    issued = draw(st.dates(date(2020, 1, 1), date(2050, 1, 1)))
    due = issued + timedelta(draw(st.integers(0, 2000)))
    amount = draw(st.integers(2, 9_999_999_999))
    letters = st.text(st.sampled_from("AZÇÉãõ19 -.&/'"), min_size=1, max_size=60)
    word = letters.filter(lambda text: any(sign.isalnum() for sign in bank_text(text)))
    payer = replace(
        MARINA,
        name=draw(word),
        tax_id=draw(st.sampled_from(["52998224725", "12ABC34501DE35", "12345678000195"])),
        street=draw(word),
        district=draw(st.text(max_size=40)),
        city=draw(word),
        postcode=f"{draw(st.integers(1, 99_999_999)):08}",
    )
    rates = st.sampled_from([None, Decimal(0), Decimal("0.0001"), Decimal("0.02"), Decimal("0.1")])
    cents = st.integers(0, amount).map(brl)
    discount = st.builds(Discount, st.dates(issued, due), st.integers(1, amount - 1).map(brl))
    return bank, order(
        bank,
        amount=brl(amount),
        due=due,
        document_date=issued,
        seu_numero=str(draw(st.integers(1, 9_999_999_999))),
        payer=payer,
        late=Late(draw(cents), draw(rates), draw(cents), draw(rates)),
        discount=draw(st.none() | discount),
        write_off_days=draw(st.integers(1, 99)),
    )


@given(orders())
def test_what_is_written_is_read_back(made: tuple[str, Order]) -> None:
    bank, stated = made

    items = read(remessa(bank, [Instruction(Movement.ENTRY, stated)]))

    found = only_document(items)
    assert found.number == stated.title.seu_numero
    assert (found.due, found.issued, found.total) == (
        stated.due,
        stated.document_date,
        stated.amount,
    )
    assert found.customer.tax_id == stated.payer.tax_id
    assert bank_text(stated.payer.name).startswith(found.customer.name)
    assert found.customer.postcode.replace("-", "") == stated.payer.postcode
    assert found.registration is not None
    assert found.registration.nosso_numero == STATED[bank]


@given(
    st.sampled_from(WRITTEN),
    st.fixed_dictionaries(
        {},
        optional={
            "nosso_numero": st.text(),
            "seu_numero": st.text(),
            "especie_doc": st.text(),
            "aceite": st.text(),
            "write_off_days": st.integers(),
            "payer": st.builds(Payer, *[st.text()] * 7),
        },
    ),
)
def test_any_order_is_written_in_whole_lines_or_refused(
    bank: str, changed: dict[str, object]
) -> None:
    stated = order(bank, **changed)

    found = cnab240.problems(account(bank), stated)

    if found:
        with pytest.raises(InvalidField):
            remessa(bank, [Instruction(Movement.ENTRY, stated)])
    else:
        assert {
            len(line) for line in lines(remessa(bank, [Instruction(Movement.ENTRY, stated)]))
        } == {240}


def only_document(items: Sequence[cnab240.Item]) -> ImportedDocument:
    (item,) = items
    assert isinstance(item, ImportedDocument), item
    return item
