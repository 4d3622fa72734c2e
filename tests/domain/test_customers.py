"""What may be meant by what staff type to find a customer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.customers import FOLDED, Wanted, folded, wanted


@pytest.mark.parametrize(
    ("typed", "tax_id"),
    [
        ("123.456.789-01", "12345678901"),
        ("12.345.678/0001-95", "12345678000195"),
        ("12.abc.345/01DE-35", "12ABC34501DE35"),
        ("234567813", "234567813"),
        ("1234567890", ""),
        ("Ana Beatriz", ""),
    ],
)
def test_a_tax_id_is_known_by_its_length_whatever_stands_between(typed: str, tax_id: str) -> None:
    assert wanted(typed).tax_id == tax_id


def test_a_number_is_no_name_and_a_name_no_address() -> None:
    assert wanted("10482") == Wanted(text="10482")
    assert wanted("ana").email == ""
    assert wanted("  ") == Wanted()


def test_each_letter_is_folded_to_a_plain_one() -> None:
    before, after = FOLDED

    assert len(before) == len(after)
    assert after.isascii()
    assert after.islower()


@given(st.text())
def test_whatever_is_typed_is_read_and_folding_again_changes_nothing(typed: str) -> None:
    found = wanted(typed)

    assert len(found.text) <= 100
    assert folded(found.name) == found.name
