"""Tax ids as others may see them."""

from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.tax_ids import HIDDEN, masked, masked_code


@given(st.text("0123456789", max_size=20))
def test_never_more_than_a_part_of_the_digits_is_shown(tax_id: str) -> None:
    shown = masked(tax_id)

    assert tax_id not in shown or not tax_id
    assert sum(sign.isdigit() for sign in shown) <= max(10, len(tax_id) // 2)
    assert not tax_id or len(tax_id) <= 6 or HIDDEN in shown


@given(st.text("0123456789", min_size=11, max_size=11))
def test_the_check_digits_of_a_cpf_are_hidden(cpf: str) -> None:
    assert masked(cpf) == f"•••.{cpf[3:6]}.{cpf[6:9]}-••"
    assert masked_code(cpf, cpf) == masked(cpf)


def test_nothing_is_shown_of_what_is_too_short_to_hide_a_part() -> None:
    assert masked("") == masked("123456") == "—"


def test_a_code_of_the_company_s_own_is_no_tax_id() -> None:
    assert masked_code("C-1", "12345678901") == "C-1"
    assert masked_code("", "") == ""
