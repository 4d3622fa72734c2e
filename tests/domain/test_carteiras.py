"""What staff register is refused by the field that would spoil a boleto."""

from dataclasses import replace
from datetime import date

import pytest

from portal_app.domain.carteiras import CarteiraFacts, basis_points, ensure_carteira
from portal_app.domain.companies import Channel
from portal_app.domain.errors import (
    FieldMissing,
    FieldTooLong,
    InvalidAmount,
    InvalidField,
    UnknownBank,
    UnknownCarteira,
)

TODAY = date(2026, 11, 22)
BRASIL = CarteiraFacts(
    name="BB 17", bank="001", agencia="3128", conta="28114", convenio="2883147", carteira="17"
)


def test_a_carteira_that_makes_a_boleto_is_taken() -> None:
    ensure_carteira(BRASIL, TODAY)


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"name": " "}, FieldMissing, "name"),
        ({"agencia": ""}, FieldMissing, "agencia"),
        ({"carteira": ""}, FieldMissing, "carteira"),
        ({"convenio": ""}, FieldMissing, "convenio"),
        ({"convenio": "288314799"}, FieldTooLong, "convenio"),
        ({"carteira": "99"}, UnknownCarteira, "carteira"),
        ({"bank": "999"}, UnknownBank, "bank"),
        ({"fine_bp": 1001}, InvalidField, "fine"),
        ({"interest_bp": -1}, InvalidField, "interest"),
        ({"discount_bp": 10000}, InvalidField, "discount"),
        ({"wait_minutes": 8 * 24 * 60}, InvalidField, "wait_minutes"),
        ({"especie_doc": "XX"}, InvalidField, "especie_doc"),
        ({"contract": {"posta": "01"}}, InvalidField, "contract"),
        ({"channel": Channel.INTER, "credentials": "x"}, InvalidField, "channel"),
        ({"channel": Channel.BANCO_DO_BRASIL}, FieldMissing, "credentials"),
    ],
)
def test_what_is_wrong_is_named(
    change: dict[str, object], refusal: type[InvalidField], field: str
) -> None:
    with pytest.raises(refusal) as refused:
        ensure_carteira(replace(BRASIL, **change), TODAY)

    assert refused.value.details["field"] == field


def test_a_carteira_the_bank_numbers_is_asked_for_by_call() -> None:
    inter = CarteiraFacts(
        name="Inter",
        bank="077",
        agencia="0001",
        agencia_dv="9",
        conta="123456",
        carteira="112",
        contract={"operacao": "1234567"},
        credentials="inter",
        channel=Channel.INTER,
    )
    ensure_carteira(inter, TODAY)

    for change, field in (
        ({"channel": Channel.DEMO}, "carteira"),
        ({"confirms": False}, "confirms"),
    ):
        with pytest.raises(InvalidField) as refused:
            ensure_carteira(replace(inter, **change), TODAY)
        assert refused.value.details["field"] == field


def test_a_file_takes_days_and_a_call_minutes() -> None:
    assert replace(BRASIL, channel=Channel.CNAB240).wait == 2 * 24 * 60
    assert BRASIL.wait == 30
    assert replace(BRASIL, channel=Channel.CNAB240, wait_minutes=90).wait == 90


@pytest.mark.parametrize(("percent", "bp"), [("2", 200), ("2.05", 205), ("0.33", 33)])
def test_rates_are_typed_in_per_cent(percent: str, bp: int) -> None:
    assert basis_points(percent, "fine") == bp


def test_a_rate_finer_than_a_basis_point_is_refused() -> None:
    with pytest.raises(InvalidAmount):
        basis_points("2.005", "fine")
