"""What is typed to find a customer is folded as the databases fold what they hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.customers import FOLDED, PUNCTUATION, compact, folded


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("123.456.789-01", "12345678901"),
        ("12.345.678/0001-95", "12345678000195"),
        ("12.ABC.345/01DE-35", "12abc34501de35"),
        ("Ana  Beatriz", "anabeatriz"),
    ],
)
def test_what_people_write_between_the_digits_does_not_count(typed: str, meant: str) -> None:
    assert compact(typed) == meant


def test_each_letter_is_folded_to_a_plain_one() -> None:
    before, after = FOLDED

    assert len(before) == len(after)
    assert after.isascii()
    assert after.islower()


@given(st.text())
def test_folding_again_changes_nothing(typed: str) -> None:
    assert folded(folded(typed)) == folded(typed)
    assert not set(compact(typed)) & set(PUNCTUATION)
