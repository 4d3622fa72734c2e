"""How what staff type to find a customer is held for the same as what is stored."""

from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.customers import FOLDED, PUNCTUATION, compact, folded


def test_each_letter_is_folded_to_a_plain_small_one() -> None:
    before, after = FOLDED

    assert len(before) == len(after)
    assert after.isascii()
    assert after.islower()


@given(st.text())
def test_folding_again_changes_nothing(typed: str) -> None:
    assert folded(folded(typed)) == folded(typed)


@given(st.text())
def test_nothing_stands_between_the_digits_of_what_is_compact(typed: str) -> None:
    assert not set(compact(typed)) & set(PUNCTUATION)
