"""Every published example of a bank we have, digit for digit, and what each bank refuses."""

import json
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal_app.domain.boleto.bank import Bank, Title, barcode_of, ensure_numbering, plain
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.barcode import ensure_barcode, linha_digitavel, parse_linha, parts_of
from portal_app.domain.errors import (
    FieldMissing,
    FieldNotNumeric,
    FieldTooLong,
    InvalidAmount,
    InvalidField,
    NumberingExhausted,
    UnknownCarteira,
)
from portal_app.domain.money import Money

VECTORS = Path(__file__).parents[2] / "vectors" / "boleto.json"
EXAMPLES = [
    example
    for example in json.loads(VECTORS.read_text(encoding="utf-8"))["vetores"]
    if example["nivel"] == "completo" and example["banco"] in BANKS
]
COLLECTED = Title(sequence=1, amount=Money(34764, "BRL"), due=date(2026, 11, 25))
BRASIL = replace(COLLECTED, agencia="1234", conta="12345", convenio="1234567", carteira="17")
BRASIL_4 = replace(BRASIL, convenio="1234")
BNB = replace(COLLECTED, agencia="0016", conta="0001193", conta_dv="2", carteira="21")
SANTANDER = replace(COLLECTED, agencia="0059", convenio="1899775", carteira="102")
BANRISUL = replace(COLLECTED, agencia="1102", convenio="9000150", carteira="1", produto="2")
INTER = replace(COLLECTED, agencia="0001", agencia_dv="9", carteira="110", operacao="1234567")
AILOS = replace(
    COLLECTED, agencia="0101", conta="356156", conta_dv="9", convenio="234", carteira="01"
)
CAIXA = replace(COLLECTED, agencia="1825", convenio="245274", carteira="RG")
UNICRED = replace(COLLECTED, agencia="3302", conta="225", conta_dv="9", carteira="21")
BRADESCO = replace(COLLECTED, agencia="4042", conta="61900", carteira="06")
ITAU = replace(COLLECTED, agencia="0810", conta="53678", carteira="109")
ITAU_15 = replace(ITAU, carteira="198", convenio="12345", seu_numero="1234567")
SAFRA = replace(
    COLLECTED, agencia="1150", agencia_dv="0", conta="627672", conta_dv="9", carteira="1"
)
SICREDI_16 = replace(
    COLLECTED,
    agencia="0710",
    posto="65",
    convenio="00129",
    carteira="1",
    tipo_cobranca="1",
    ano="16",
    byte="2",
)
SICREDI = replace(SICREDI_16, ano="26", byte="", sequence=26200001)
SICOOB = replace(COLLECTED, agencia="4277", convenio="172278", modalidade="01", carteira="1")

CONTRACTS = {
    "001": (
        BRASIL,
        replace(BRASIL, convenio="12345678"),
        replace(BRASIL, convenio="123456", carteira="18"),
        replace(BRASIL, convenio="123456", carteira="16", nn17=True),
        BRASIL_4,
    ),
    "004": (BNB, replace(BNB, carteira="41")),
    "033": (SANTANDER, replace(SANTANDER, carteira="201")),
    "041": (BANRISUL, replace(BANRISUL, produto="1", carteira="C")),
    "077": (INTER,),
    "085": (AILOS, replace(AILOS, convenio="101104", conta="1111111", carteira="1")),
    "104": (
        CAIXA,
        replace(CAIXA, carteira="24", modalidade="2", emissao="4"),
        replace(CAIXA, convenio="1242119", carteira="14"),
    ),
    "136": (UNICRED, replace(UNICRED, conta="123456789", carteira="51")),
    "237": (BRADESCO, replace(BRADESCO, carteira="9")),
    "341": (ITAU, replace(ITAU, carteira="168"), ITAU_15),
    "422": (SAFRA, replace(SAFRA, carteira="")),
    "748": (SICREDI, replace(SICREDI, ano="07"), SICREDI_16, replace(SICREDI_16, byte="9")),
    "756": (SICOOB, replace(SICOOB, carteira="3", parcela=12)),
}
ALL = [(BANKS[code], contract) for code, contracts in CONTRACTS.items() for contract in contracts]

# What a contract must state, and in how many places.
REQUIRED: tuple[tuple[str, Title, dict[str, int]], ...] = (
    ("001", BRASIL_4, {"convenio": 8, "agencia": 4, "conta": 8, "carteira": 2}),
    ("004", BNB, {"agencia": 4, "conta": 7, "conta_dv": 1, "carteira": 2}),
    ("033", SANTANDER, {"convenio": 7, "carteira": 3}),
    ("041", BANRISUL, {"agencia": 4, "convenio": 7, "produto": 1, "carteira": 1}),
    ("077", INTER, {"agencia": 4, "operacao": 7, "carteira": 3}),
    ("085", AILOS, {"convenio": 6, "conta": 7, "conta_dv": 1, "carteira": 2}),
    ("104", CAIXA, {"convenio": 7, "carteira": 2}),
    ("136", UNICRED, {"agencia": 4, "conta": 9, "conta_dv": 1, "carteira": 2}),
    ("237", BRADESCO, {"agencia": 4, "conta": 7, "carteira": 2}),
    ("341", ITAU, {"agencia": 4, "conta": 5, "carteira": 3}),
    ("341", ITAU_15, {"seu_numero": 7, "convenio": 5}),
    ("422", SAFRA, {"agencia": 4, "agencia_dv": 1, "conta": 8, "conta_dv": 1}),
    ("748", SICREDI, {"agencia": 4, "posto": 2, "convenio": 5, "tipo_cobranca": 1, "carteira": 1}),
    ("756", SICOOB, {"agencia": 4, "convenio": 7, "modalidade": 2, "carteira": 1}),
)
# What it may leave out.
OPTIONAL: tuple[tuple[str, Title, dict[str, int]], ...] = (
    ("104", CAIXA, {"modalidade": 1, "emissao": 1}),
    ("341", ITAU, {"conta_dv": 1}),
    ("422", SAFRA, {"carteira": 1}),
    ("748", SICREDI_16, {"ano": 2, "byte": 1}),
)


def each_field(
    *tables: tuple[tuple[str, Title, dict[str, int]], ...],
) -> list[tuple[str, Title, str, int]]:
    return [
        (code, terms, field, places)
        for table in tables
        for code, terms, places_of in table
        for field, places in places_of.items()
    ]


def title_of(entrada: dict[str, str]) -> Title:
    title = Title(
        sequence=int(entrada["nosso_numero"]),
        parcela=int(entrada.get("parcela", "1")),
        nn17=bool(entrada.get("nn17")),
    )
    stated = {field.name for field in fields(Title)} & entrada.keys() - {"parcela", "nn17"}
    return replace(title, **{name: entrada[name] for name in stated})


def numbered(bank: Bank, terms: Title, fraction: int) -> Title:
    """A title with one of the numbers its contract may give."""
    first, last = bank.first_sequence(terms), bank.last_sequence(terms)
    return replace(terms, sequence=first + fraction % (last - first + 1))


def in_remessa(bank: Bank, title: Title) -> str:
    """The nosso número of segment P as each bank's page in docs/banks says."""
    number = plain(bank.nosso_numero(title))
    match bank.code:
        case "077":
            return number[-11:]
        case "104":
            return f"000{number[:-1]}"
        case "237":
            return f"0{number[:2]}00000{number[2:]}"
        case "756":
            return f"{number:0>10}{title.parcela:02}{title.modalidade}"
        case _:
            return number


def in_retorno(bank: Bank, title: Title) -> str:
    """The nosso número of segment T: with a check digit at Caixa, and nothing else at Sicoob."""
    number = plain(bank.nosso_numero(title))
    match bank.code:
        case "104":
            return number
        case "756":
            return f"{number:0>10}"
        case _:
            return in_remessa(bank, title)


def test_every_bank_has_a_contract_in_the_properties_below() -> None:
    assert CONTRACTS.keys() == BANKS.keys()
    assert {code for code, _, _ in REQUIRED} == BANKS.keys()
    assert all(bank.code == code for code, bank in BANKS.items())


def test_codes_and_check_digits_are_those_printed() -> None:
    printed = {f"{bank.code}-{bank.dv}" for bank in BANKS.values()}

    assert printed == {
        *("001-9", "004-3", "033-7", "041-8", "077-9", "085-1", "104-0"),
        *("136-8", "237-2", "341-7", "422-7", "748-X", "756-0"),
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["id"])
def test_a_published_example_comes_out_digit_for_digit(example: dict[str, dict[str, str]]) -> None:
    bank = BANKS[str(example["banco"])]
    entrada, expected = example["entrada"], example["esperado"]
    title = title_of(entrada)

    if "nosso_numero" in expected:
        forms = [form(title) for form in (bank.nosso_numero, *bank.also_printed)]
        assert expected["nosso_numero"] in forms
    if "campo_livre" in expected:
        assert bank.campo_livre(title) == expected["campo_livre"]
    # One published example is of R$ 0,00: the portal refuses to issue it, the campo livre holds.
    if "codigo_barras" in expected and entrada["valor"] != "0.00":
        amount = Money.parse(entrada["valor"], "BRL")
        due = date.fromisoformat(entrada["vencimento"])
        barcode = barcode_of(bank, replace(title, amount=amount, due=due))
        assert barcode == expected["codigo_barras"]
        if "linha_digitavel" in expected:
            assert linha_digitavel(barcode) == expected["linha_digitavel"]


@pytest.mark.parametrize(
    ("code", "terms", "own", "others"),
    [
        (
            "237",
            replace(BRADESCO, sequence=525),
            "06/00000000525-P",
            ["006/00000000525-P", "00000000525"],
        ),
        ("033", replace(SANTANDER, sequence=444), "000000000444-8", ["0000444-8"]),
        ("033", replace(SANTANDER, sequence=90002720), "000090002720-7", ["90002720-7"]),
    ],
)
def test_the_form_on_our_own_paper_and_the_others_in_use(
    code: str, terms: Title, own: str, others: list[str]
) -> None:
    bank = BANKS[code]

    assert bank.nosso_numero(terms) == own
    assert [form(terms) for form in bank.also_printed] == others


@given(
    contract=st.sampled_from(ALL),
    fraction=st.integers(0, 10**17),
    cents=st.integers(1, 10**10 - 1),
    due=st.dates(date(1997, 10, 8), date(2080, 12, 31)),
)
def test_44_digits_for_any_number_amount_and_due_date(
    contract: tuple[Bank, Title], fraction: int, cents: int, due: date
) -> None:
    bank, terms = contract
    title = replace(numbered(bank, terms, fraction), amount=Money(cents, "BRL"), due=due)

    barcode = barcode_of(bank, title)

    ensure_barcode(barcode)
    assert parts_of(barcode).cents == cents
    assert parse_linha(linha_digitavel(barcode)) == barcode


@given(contract=st.sampled_from(ALL), numbers=st.tuples(st.integers(0), st.integers(0)))
def test_two_numbers_never_share_a_barcode(
    contract: tuple[Bank, Title], numbers: tuple[int, int]
) -> None:
    bank, terms = contract
    titles = [numbered(bank, terms, number) for number in numbers]

    codes = {bank.campo_livre(title) for title in titles}

    assert len(codes) == len({title.sequence for title in titles})


@pytest.mark.parametrize(("bank", "terms"), ALL)
def test_the_number_after_the_last_one_is_refused_and_not_cut(bank: Bank, terms: Title) -> None:
    last = replace(terms, sequence=bank.last_sequence(terms))
    beyond = replace(terms, sequence=last.sequence + 1)

    ensure_numbering(bank, last)
    with pytest.raises(NumberingExhausted) as refusal:
        ensure_numbering(bank, beyond)
    with pytest.raises(InvalidField, match="sequence"):
        barcode_of(bank, beyond)

    assert refusal.value.details == {"bank": bank.code, "last": last.sequence}
    assert len(barcode_of(bank, last)) == 44


@pytest.mark.parametrize(("code", "terms", "field", "places"), each_field(REQUIRED, OPTIONAL))
def test_a_value_longer_than_its_field_is_refused_by_name(
    code: str, terms: Title, field: str, places: int
) -> None:
    longer = replace(terms, **{field: "1" * (places + 1)})

    with pytest.raises(FieldTooLong) as refusal:
        barcode_of(BANKS[code], longer)

    assert refusal.value.details == {"field": field, "longest": places}


@pytest.mark.parametrize(("code", "terms", "field", "_places"), each_field(REQUIRED))
def test_a_missing_value_is_refused_by_name(
    code: str, terms: Title, field: str, _places: int
) -> None:
    with pytest.raises(FieldMissing) as refusal:
        barcode_of(BANKS[code], replace(terms, **{field: ""}))

    assert refusal.value.details == {"field": field}


@pytest.mark.parametrize(("code", "terms", "field", "_places"), each_field(REQUIRED, OPTIONAL))
def test_a_letter_where_the_bank_has_digits_is_refused_by_name(
    code: str, terms: Title, field: str, _places: int
) -> None:
    with pytest.raises((FieldNotNumeric, UnknownCarteira)) as refusal:
        barcode_of(BANKS[code], replace(terms, **{field: "x"}))

    assert refusal.value.details["field"] == field


def test_a_parcela_of_four_digits_is_refused() -> None:
    with pytest.raises(FieldTooLong, match="parcela"):
        barcode_of(BANKS["756"], replace(SICOOB, parcela=1000))


@pytest.mark.parametrize("field", ["amount", "due"])
def test_without_amount_or_due_date_there_is_no_barcode(field: str) -> None:
    with pytest.raises(FieldMissing, match=field):
        barcode_of(BANKS["756"], replace(SICOOB, **{field: None}))


@pytest.mark.parametrize(
    ("code", "terms"),
    [
        ("001", replace(BRASIL, carteira="99")),
        ("001", replace(BRASIL, carteira="21")),
        ("001", replace(BRASIL, convenio="123456", nn17=True, carteira="17")),
        ("004", replace(BNB, carteira="1")),
        ("033", replace(SANTANDER, carteira="999")),
        ("041", replace(BANRISUL, carteira="9")),
        ("041", replace(BANRISUL, carteira="L")),
        ("077", replace(INTER, carteira="111")),
        ("085", replace(AILOS, carteira="2")),
        ("104", replace(CAIXA, carteira="12")),
        ("104", replace(CAIXA, carteira="1")),
        ("136", replace(UNICRED, carteira="1")),
        ("237", replace(BRADESCO, carteira="99")),
        ("341", replace(ITAU, carteira="999")),
        ("341", replace(ITAU, carteira="9")),
        ("422", replace(SAFRA, carteira="3")),
        ("748", replace(SICREDI, carteira="4")),
        ("756", replace(SICOOB, carteira="2")),
    ],
)
def test_a_carteira_without_a_known_rule_is_refused(code: str, terms: Title) -> None:
    with pytest.raises(UnknownCarteira) as refusal:
        barcode_of(BANKS[code], terms)

    assert refusal.value.details["field"] == "carteira"


@pytest.mark.parametrize(
    ("code", "terms", "field"),
    [
        ("041", replace(BANRISUL, produto="3"), "produto"),
        ("104", replace(CAIXA, modalidade="2"), "modalidade"),
        ("104", replace(CAIXA, carteira="24", modalidade="1"), "modalidade"),
        ("104", replace(CAIXA, emissao="1"), "emissao"),
        ("104", replace(CAIXA, convenio="0245274"), "convenio"),
        ("748", replace(SICREDI, tipo_cobranca="2"), "tipo_cobranca"),
        ("748", replace(SICREDI_16, byte="0"), "byte"),
        ("748", replace(SICREDI_16, byte="1"), "byte"),
        ("748", replace(SICREDI, sequence=26100001), "sequence"),
        ("748", replace(SICREDI, sequence=26000001), "sequence"),
        ("748", replace(SICREDI, sequence=25200001), "sequence"),
        ("748", replace(SICREDI, sequence=1), "sequence"),
        ("748", replace(SICREDI, ano="", byte="3"), "sequence"),
        ("748", replace(SICREDI, ano="", byte="1"), "byte"),
    ],
)
def test_terms_that_contradict_themselves_are_refused(code: str, terms: Title, field: str) -> None:
    with pytest.raises(InvalidField) as refusal:
        barcode_of(BANKS[code], terms)

    assert refusal.value.details["field"] == field


@pytest.mark.parametrize("convenio", ["1", "123", "12345", "0123456", "01234567"])
def test_a_convenio_of_no_known_shape_is_refused(convenio: str) -> None:
    with pytest.raises(InvalidField) as refusal:
        barcode_of(BANKS["001"], replace(BRASIL, convenio=convenio))

    assert refusal.value.details["field"] == "convenio"


def test_the_free_number_belongs_to_convenios_of_six_only() -> None:
    with pytest.raises(InvalidField, match="convenio"):
        barcode_of(BANKS["001"], replace(BRASIL, nn17=True, carteira="18"))


@pytest.mark.parametrize("conta", ["5367-8", "５３６７８", "53 78", "-5367"])
def test_a_value_that_is_not_digits_is_refused_by_name(conta: str) -> None:
    with pytest.raises(FieldNotNumeric, match="conta"):
        barcode_of(BANKS["341"], replace(ITAU, conta=conta))


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(FieldNotNumeric, match="sequence"):
        barcode_of(BANKS["756"], replace(SICOOB, sequence=-1))


@pytest.mark.parametrize("amount", [Money(0, "BRL"), Money(-1, "BRL"), Money(100, "EUR")])
def test_only_a_positive_amount_in_reais_is_collected(amount: Money) -> None:
    with pytest.raises(InvalidAmount):
        barcode_of(BANKS["756"], replace(SICOOB, amount=amount))


def test_an_amount_over_ten_digits_is_refused() -> None:
    with pytest.raises(FieldTooLong, match="amount"):
        barcode_of(BANKS["756"], replace(SICOOB, amount=Money(10**10, "BRL")))


def test_the_check_digit_of_a_short_convenio_may_be_x() -> None:
    numbers = (
        BANKS["001"].nosso_numero(replace(BRASIL, convenio="123456", sequence=sequence))
        for sequence in range(1, 60)
    )

    assert "X" in {number[-1] for number in numbers}


def test_itau_covers_carteira_and_number_only_in_the_escritural_carteiras() -> None:
    escritural = replace(ITAU, carteira="168")
    moved = replace(escritural, conta="11111")

    assert BANKS["341"].nosso_numero(escritural) == BANKS["341"].nosso_numero(moved)
    assert BANKS["341"].nosso_numero(ITAU) != BANKS["341"].nosso_numero(
        replace(ITAU, conta="11111")
    )


@pytest.mark.parametrize(
    ("code", "terms", "printed"),
    [
        ("001", replace(BRASIL, agencia_dv="X", conta_dv="0"), "1234-X / 12345-0"),
        ("001", BRASIL, "1234 / 12345"),
        ("341", ITAU, "0810 / 53678-9"),
        ("341", replace(ITAU, conta_dv="0"), "0810 / 53678-0"),
        ("756", replace(SICOOB, agencia_dv="3"), "4277-3 / 172278"),
        ("033", SANTANDER, "0059 / 1899775"),
        ("041", BANRISUL, "1102 / 900015.0.46"),
        ("104", CAIXA, "1825 / 245274-0"),
        ("104", replace(CAIXA, convenio="1242119"), "1825 / 1242119-7"),
        ("136", UNICRED, "3302 / 225-9"),
        ("748", SICREDI, "0710.65.00129"),
    ],
)
def test_agencia_and_code_as_printed(code: str, terms: Title, printed: str) -> None:
    assert BANKS[code].agencia_codigo(terms) == printed


def test_the_next_day_changes_the_barcode_across_the_restart() -> None:
    last = replace(SICOOB, due=date(2025, 2, 21))
    first = replace(last, due=date(2025, 2, 21) + timedelta(days=1))

    assert parts_of(barcode_of(BANKS["756"], last)).fator == 9999
    assert parts_of(barcode_of(BANKS["756"], first)).fator == 1000


def test_sicredi_numbers_anew_each_year_and_gives_all_its_own_bytes() -> None:
    bank, next_year = BANKS["748"], replace(SICREDI, ano="27")

    assert (bank.first_sequence(SICREDI), bank.last_sequence(SICREDI)) == (26200001, 26999999)
    assert bank.first_sequence(next_year) == 27200001
    assert bank.nosso_numero(replace(SICREDI, sequence=26999999)).startswith("26/999999-")


def test_sicredi_cannot_number_without_a_year() -> None:
    with pytest.raises(FieldMissing, match="ano"):
        BANKS["748"].first_sequence(replace(SICREDI, ano=""))


@pytest.mark.parametrize("ano", ["", "26", "27"])
def test_a_sicredi_number_says_its_year_itself(ano: str) -> None:
    bank = BANKS["748"]
    stated = plain(bank.nosso_numero(SICREDI))

    assert bank.sequence_of(stated, replace(SICREDI, ano=ano)) == SICREDI.sequence


def test_sicredi_s_own_numbers_are_read_as_nobody_s() -> None:
    assert BANKS["748"].sequence_of("261000017", SICREDI) is None


# Barcodes the bank made in carteira 112, as the tests of klawdyo/boleto_parser and
# viniciusccosta/ClipBarcode state them.
NUMBERED_BY_INTER = (
    "07797900200000151300001112064449900815936556",
    "07792937900000050000001112047370601011601523",
    "07791937900000050000001112047370601011605193",
)


@pytest.mark.parametrize("barcode", NUMBERED_BY_INTER)
def test_a_barcode_made_by_inter_is_checked_and_printed(barcode: str) -> None:
    bank, parts = BANKS["077"], parts_of(barcode)
    operacao, number = parts.campo_livre[7:14], parts.campo_livre[14:]
    terms = replace(INTER, carteira="112", operacao=operacao)

    sequence = bank.sequence_of(number, terms)

    assert sequence == int(number)
    title = replace(terms, sequence=sequence)
    assert bank.campo_livre(title) == parts.campo_livre
    assert bank.nosso_numero(title) == f"00019/112/{number[:-1]}-{number[-1]}"


def test_no_number_of_inter_s_carteira_112_is_ours_to_give() -> None:
    bank, terms = BANKS["077"], replace(INTER, carteira="112")

    with pytest.raises(NumberingExhausted) as refusal:
        ensure_numbering(bank, terms)
    with pytest.raises(FieldMissing, match="sequence"):
        bank.nosso_numero(replace(terms, sequence=0))

    assert refusal.value.details == {"bank": "077", "last": 0}
    assert bank.sequence_of("00815936555", terms) is None


def test_inter_prints_the_check_digit_of_the_agencia() -> None:
    bank = BANKS["077"]

    with pytest.raises(FieldMissing, match="agencia_dv"):
        bank.nosso_numero(replace(INTER, agencia_dv=""))
    with pytest.raises(FieldTooLong, match="agencia_dv"):
        bank.nosso_numero(replace(INTER, agencia_dv="99"))


@given(contract=st.sampled_from(ALL), fraction=st.integers(0, 10**17))
def test_the_number_a_remessa_states_is_read_back(
    contract: tuple[Bank, Title], fraction: int
) -> None:
    bank, terms = contract
    title = numbered(bank, terms, fraction)

    found = bank.sequence_of(in_remessa(bank, title), terms)

    # Itaú's barcode of 15 positions also holds the seu número, which the field does not state.
    assert found == (None if terms is ITAU_15 else title.sequence)


@given(contract=st.sampled_from(ALL), fraction=st.integers(0, 10**17))
def test_the_number_a_retorno_states_is_read_back(
    contract: tuple[Bank, Title], fraction: int
) -> None:
    bank, terms = contract
    title = numbered(bank, terms, fraction)

    assert bank.sequence_reported(in_retorno(bank, title), terms) == title.sequence


@given(
    contract=st.sampled_from(ALL),
    fraction=st.integers(0, 10**17),
    other=st.sampled_from("0123456789PX"),
)
def test_a_wrong_check_digit_is_nobody_s_title(
    contract: tuple[Bank, Title], fraction: int, other: str
) -> None:
    bank, terms = contract
    right = in_retorno(bank, numbered(bank, terms, fraction))
    # Their seventeen digits have no check digit.
    assume(bank.code != "085" and (bank.code != "001" or len(right) == 12))
    assume(other != right[-1])

    assert bank.sequence_reported(right[:-1] + other, terms) is None


def test_a_wrong_check_digit_before_sicoob_s_parcela_is_noticed() -> None:
    right = in_remessa(BANKS["756"], SICOOB)

    assert BANKS["756"].sequence_of(right, SICOOB) == 1
    assert BANKS["756"].sequence_of(right[:9] + "0" + right[10:], SICOOB) is None


@given(
    contract=st.sampled_from(ALL),
    stated=st.text("0123456789PX", max_size=30) | st.text(max_size=30) | st.just("9" * 5000),
)
def test_whatever_is_stated_is_a_number_of_the_contract_or_nobody_s(
    contract: tuple[Bank, Title], stated: str
) -> None:
    bank, terms = contract

    for found in (bank.sequence_of(stated, terms), bank.sequence_reported(stated, terms)):
        assert found is None or 0 <= found <= max(bank.last_sequence(terms), 99_999_999)


@pytest.mark.parametrize(
    ("code", "terms", "stated"),
    [
        # Without the seu número, which the barcode also holds.
        ("341", replace(ITAU, carteira="198", convenio="12345"), "198000000012"),
        # Without parcela and modalidade.
        ("756", SICOOB, "0000000019"),
    ],
)
def test_a_retorno_may_state_less_than_a_second_copy_needs(
    code: str, terms: Title, stated: str
) -> None:
    bank = BANKS[code]

    assert bank.sequence_of(stated, terms) is None
    assert bank.sequence_reported(stated, terms) == 1
    assert bank.sequence_reported(stated[:-1] + "3", terms) is None


def test_what_follows_the_number_in_sicoob_s_retorno_is_not_asked() -> None:
    bank = BANKS["756"]

    assert bank.sequence_of("000000001902014", SICOOB) is None
    assert bank.sequence_reported("000000001902014", SICOOB) == 1
