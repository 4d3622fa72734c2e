"""JSON of banks: amounts to the cent both ways, and nothing but a refusal for the rest."""

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.errors import InvalidAmount, InvalidDate, InvalidField, InvalidInput
from portal_app.domain.money import Money
from portal_app.gateways.registration import payload


@pytest.mark.parametrize("text", ["0.07", "1234567.89", "99999999.99", "0.10", "129.90", "5.00"])
def test_an_awkward_amount_comes_and_goes_to_the_cent(text: str) -> None:
    written = payload.dumps({"valor": Money.parse(text, "BRL")})

    assert written == f'{{"valor":{text}}}'
    assert payload.amount(payload.record(payload.loads(written.encode()), ""), "valor") == (
        Money.parse(text, "BRL")
    )


@given(cents=st.integers(0, 10**13))
def test_every_amount_comes_back_as_it_went(cents: int) -> None:
    written = payload.dumps({"valor": Money(cents, "BRL")}).encode()

    assert payload.amount(payload.record(payload.loads(written), ""), "valor").cents == cents


@pytest.mark.parametrize(
    ("sent", "cents"),
    [("10", 1000), ("10.5", 1050), ('"10.50"', 1050), ("1.0E7", 10**9), ("1e-2", 1), ("null", 0)],
)
def test_an_amount_may_be_written_in_any_way_that_loses_nothing(sent: str, cents: int) -> None:
    told = payload.record(payload.loads(f'{{"valor": {sent}}}'.encode()), "")

    assert payload.amount(told, "valor").cents == cents


@pytest.mark.parametrize(
    "sent",
    ["0.001", "10.505", '"10,50"', "-1.00", "true", "[]", "{}", "1e99999", "1e-99999", '"1.2345"'],
)
def test_an_amount_that_is_not_plain_reais_is_refused_by_its_name(sent: str) -> None:
    told = payload.record(payload.loads(f'{{"valor": {sent}}}'.encode()), "")

    with pytest.raises(InvalidAmount) as refused:
        payload.amount(told, "valor")

    assert refused.value.details["field"] == "valor"


def test_money_that_came_in_is_never_nothing() -> None:
    assert payload.received({"valor": Decimal("0.01")}, "valor").cents == 1
    with pytest.raises(InvalidAmount):
        payload.received({"valor": 0}, "valor")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"NaN",
        b"[Infinity]",
        b"[" * 100_000,
        b'{"a": 1e99999999999999999999}',
        b"1" * 5000,
    ],
)
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        payload.loads(raw)


@pytest.mark.parametrize("value", [True, 1.5, [], {}, "a\x00b", "\ud800", "a\nb", "x" * 9000])
def test_what_is_no_line_of_text_is_refused(value: Any) -> None:
    with pytest.raises(InvalidField):
        payload.text({"nome": value}, "nome")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("2026-11-24", "2026-11-24"),
        ("2026-11-24T23:59:59", "2026-11-24"),
        ("2026-11-25T02:59:59Z", "2026-11-24"),
        ("2026-11-25T00:30:00-03:00", "2026-11-25"),
    ],
)
def test_a_moment_counts_for_its_day_in_brazil(sent: str, expected: str) -> None:
    assert str(payload.iso_day({"dia": sent}, "dia")) == expected


@pytest.mark.parametrize("sent", ["24/11/2026", "2026-13-01", "0001-01-01T00:00:00Z", "soon"])
def test_a_day_that_is_none_is_refused(sent: str) -> None:
    with pytest.raises(InvalidDate):
        payload.iso_day({"dia": sent}, "dia")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(value=json_values)
def test_what_is_written_reads_as_it_was(value: Any) -> None:
    assert json.loads(payload.dumps(value)) == value


@given(value=json_values)
def test_every_reader_reads_or_refuses(value: Any) -> None:
    told = {"x": value}
    readers = (payload.text, payload.stated, payload.amount, payload.number, payload.iso_day)
    for reader in (*readers, payload.member, payload.received):
        with suppress(InvalidInput):
            reader(told, "x")
    assert len(payload.said(told, "x")) <= 300
