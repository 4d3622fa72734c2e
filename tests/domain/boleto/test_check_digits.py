import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.boleto.check_digits import digits, modulo_10, modulo_11
from portal_app.domain.errors import FieldMissing, FieldNotNumeric, FieldTooLong

numbers = st.text("0123456789", min_size=1, max_size=30)


@given(value=numbers, length=st.integers(1, 30))
def test_a_field_is_padded_or_refused_and_never_cut(value: str, length: int) -> None:
    if len(value) > length:
        with pytest.raises(FieldTooLong) as refusal:
            digits("conta", value, length)
        assert refusal.value.details == {"field": "conta", "longest": length}
        return

    padded = digits("conta", value, length)

    assert len(padded) == length
    assert padded.endswith(value)
    assert set(padded.removesuffix(value)) <= {"0"}


def test_nothing_is_refused_as_missing() -> None:
    with pytest.raises(FieldMissing) as refusal:
        digits("conta", "", 5)

    assert refusal.value.details == {"field": "conta"}


@pytest.mark.parametrize("value", ["12a", "1-2", " 12", "-1", "1.5", "²", "١٢"])
def test_only_the_ten_digits_are_digits(value: str) -> None:
    with pytest.raises(FieldNotNumeric) as refusal:
        digits("conta", value, 8)

    assert refusal.value.details["field"] == "conta"


@given(number=numbers, place=st.integers(0, 29), other=st.integers(1, 9))
def test_modulo_10_notices_any_single_wrong_digit(number: str, place: int, other: int) -> None:
    place %= len(number)
    wrong = number[:place] + str((int(number[place]) + other) % 10) + number[place + 1 :]

    assert modulo_10(wrong) != modulo_10(number)


@pytest.mark.parametrize(
    ("number", "rest_0", "rest_1", "expected"),
    [
        ("0", "0", "0", "0"),
        ("0", "1", "0", "1"),
        ("6", "0", "0", "0"),
        ("6", "0", "X", "X"),
        ("1", "1", "1", "9"),
        ("5", "0", "0", "1"),
    ],
)
def test_modulo_11_lets_the_bank_say_what_rests_0_and_1_become(
    number: str, rest_0: str, rest_1: str, expected: str
) -> None:
    assert modulo_11(number, rest_0=rest_0, rest_1=rest_1) == expected


def test_modulo_11_starts_its_weights_over_after_the_top_one() -> None:
    assert modulo_11("1" + "0" * 6, top=7) == modulo_11("1")
    assert modulo_11("1" + "0" * 6, top=8) != modulo_11("1")
