"""Every published example of a bank we have, digit for digit, and what each bank refuses."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.boleto.bank import Bank, Title, barcode_of, ensure_numbering
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
ITAU = replace(COLLECTED, agencia="0810", conta="53678", carteira="109")
SICOOB = replace(COLLECTED, agencia="4277", convenio="172278", modalidade="01", carteira="1")

CONTRACTS = {
    "001": (
        BRASIL,
        replace(BRASIL, convenio="12345678"),
        replace(BRASIL, convenio="123456", carteira="18"),
        replace(BRASIL, convenio="123456", carteira="16", nn17=True),
        replace(BRASIL, convenio="1234"),
    ),
    "341": (
        ITAU,
        replace(ITAU, carteira="168"),
        replace(ITAU, carteira="198", convenio="12345", seu_numero="1234567"),
    ),
    "756": (SICOOB, replace(SICOOB, carteira="3", parcela=12)),
}
ALL = [(BANKS[code], contract) for code, contracts in CONTRACTS.items() for contract in contracts]


def title_of(entrada: dict[str, str]) -> Title:
    names = {"agencia", "agencia_dv", "conta", "conta_dv", "convenio", "carteira", "modalidade"}
    given_facts = {name: entrada[name] for name in names & entrada.keys()}
    title = Title(sequence=int(entrada["nosso_numero"]), seu_numero=entrada.get("seu_numero", ""))
    return replace(title, nn17=bool(entrada.get("nn17")), **given_facts)


def test_every_bank_has_a_contract_in_the_properties_below() -> None:
    assert CONTRACTS.keys() == BANKS.keys()
    assert all(bank.code == code for code, bank in BANKS.items())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["id"])
def test_a_published_example_comes_out_digit_for_digit(example: dict[str, dict[str, str]]) -> None:
    bank = BANKS[str(example["banco"])]
    entrada, expected = example["entrada"], example["esperado"]
    title = title_of(entrada)

    if "nosso_numero" in expected:
        assert bank.nosso_numero(title) == expected["nosso_numero"]
    if "campo_livre" in expected:
        assert bank.campo_livre(title) == expected["campo_livre"]
    # One published example is of R$ 0,00: the portal refuses to issue it, the campo livre holds.
    if "codigo_barras" in expected and entrada["valor"] != "0.00":
        amount = Money.parse(entrada["valor"], "BRL")
        due = date.fromisoformat(entrada["vencimento"])
        barcode = barcode_of(bank, replace(title, amount=amount, due=due))
        assert barcode == expected["codigo_barras"]
        assert linha_digitavel(barcode) == expected["linha_digitavel"]


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
    sequence = fraction % (bank.last_sequence(terms) + 1)
    title = replace(terms, sequence=sequence, amount=Money(cents, "BRL"), due=due)

    barcode = barcode_of(bank, title)

    ensure_barcode(barcode)
    assert parts_of(barcode).cents == cents
    assert parse_linha(linha_digitavel(barcode)) == barcode


@given(contract=st.sampled_from(ALL), numbers=st.tuples(st.integers(0), st.integers(0)))
def test_two_numbers_never_share_a_barcode(
    contract: tuple[Bank, Title], numbers: tuple[int, int]
) -> None:
    bank, terms = contract
    one, other = (number % (bank.last_sequence(terms) + 1) for number in numbers)

    codes = {bank.campo_livre(replace(terms, sequence=number)) for number in (one, other)}

    assert len(codes) == len({one, other})


@pytest.mark.parametrize(("bank", "terms"), ALL)
def test_the_number_after_the_last_one_is_refused_and_not_cut(bank: Bank, terms: Title) -> None:
    last = replace(terms, sequence=bank.last_sequence(terms))
    beyond = replace(terms, sequence=last.sequence + 1)

    ensure_numbering(bank, last)
    with pytest.raises(NumberingExhausted) as refusal:
        ensure_numbering(bank, beyond)
    with pytest.raises(FieldTooLong, match="sequence"):
        barcode_of(bank, beyond)

    assert refusal.value.details == {"bank": bank.code, "last": last.sequence}
    assert len(barcode_of(bank, last)) == 44


@pytest.mark.parametrize(
    ("code", "terms", "field", "longest"),
    [
        ("001", replace(BRASIL, convenio="123456789"), "convenio", 8),
        ("001", replace(BRASIL, convenio="1234", agencia="12345"), "agencia", 4),
        ("001", replace(BRASIL, convenio="1234", conta="123456789"), "conta", 8),
        ("001", replace(BRASIL, carteira="017"), "carteira", 2),
        ("341", replace(ITAU, agencia="00810"), "agencia", 4),
        ("341", replace(ITAU, conta="053678"), "conta", 5),
        ("341", replace(ITAU, conta_dv="12"), "conta_dv", 1),
        ("341", replace(ITAU, carteira="0109"), "carteira", 3),
        ("341", replace(CONTRACTS["341"][2], seu_numero="12345678"), "seu_numero", 7),
        ("341", replace(CONTRACTS["341"][2], convenio="123456"), "convenio", 5),
        ("756", replace(SICOOB, agencia="04277"), "agencia", 4),
        ("756", replace(SICOOB, convenio="12345678"), "convenio", 7),
        ("756", replace(SICOOB, modalidade="001"), "modalidade", 2),
        ("756", replace(SICOOB, carteira="01"), "carteira", 1),
        ("756", replace(SICOOB, parcela=1000), "parcela", 3),
    ],
)
def test_a_value_longer_than_its_field_is_refused_by_name(
    code: str, terms: Title, field: str, longest: int
) -> None:
    with pytest.raises(FieldTooLong) as refusal:
        barcode_of(BANKS[code], terms)

    assert refusal.value.details == {"field": field, "longest": longest}


@pytest.mark.parametrize(
    ("code", "terms", "field"),
    [
        ("001", replace(BRASIL, convenio=""), "convenio"),
        ("001", replace(BRASIL, carteira=""), "carteira"),
        ("001", replace(BRASIL, convenio="1234", agencia=""), "agencia"),
        ("001", replace(BRASIL, convenio="123456", conta=""), "conta"),
        ("001", replace(BRASIL, amount=None), "amount"),
        ("001", replace(BRASIL, due=None), "due"),
        ("341", replace(ITAU, agencia=""), "agencia"),
        ("341", replace(ITAU, conta=""), "conta"),
        ("341", replace(ITAU, carteira=""), "carteira"),
        ("341", replace(CONTRACTS["341"][2], seu_numero=""), "seu_numero"),
        ("341", replace(CONTRACTS["341"][2], convenio=""), "convenio"),
        ("756", replace(SICOOB, convenio=""), "convenio"),
        ("756", replace(SICOOB, modalidade=""), "modalidade"),
        ("756", replace(SICOOB, agencia=""), "agencia"),
    ],
)
def test_a_missing_value_is_refused_by_name(code: str, terms: Title, field: str) -> None:
    with pytest.raises(FieldMissing) as refusal:
        barcode_of(BANKS[code], terms)

    assert refusal.value.details == {"field": field}


@pytest.mark.parametrize(
    ("code", "terms"),
    [
        ("001", replace(BRASIL, carteira="99")),
        ("001", replace(BRASIL, carteira="21")),
        ("001", replace(BRASIL, convenio="123456", nn17=True, carteira="17")),
        ("341", replace(ITAU, carteira="999")),
        ("341", replace(ITAU, carteira="9")),
        ("756", replace(SICOOB, carteira="2")),
    ],
)
def test_a_carteira_without_a_known_rule_is_refused(code: str, terms: Title) -> None:
    with pytest.raises(UnknownCarteira) as refusal:
        barcode_of(BANKS[code], terms)

    assert refusal.value.details["field"] == "carteira"


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
    ],
)
def test_agencia_and_code_as_printed(code: str, terms: Title, printed: str) -> None:
    assert BANKS[code].agencia_codigo(terms) == printed


def test_the_next_day_changes_the_barcode_across_the_restart() -> None:
    last = replace(SICOOB, due=date(2025, 2, 21))
    first = replace(last, due=date(2025, 2, 21) + timedelta(days=1))

    assert parts_of(barcode_of(BANKS["756"], last)).fator == 9999
    assert parts_of(barcode_of(BANKS["756"], first)).fator == 1000


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
