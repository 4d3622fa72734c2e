"""What may go back, which part somebody typed, and which refund an asking led to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.checkout import CheckoutReport, CheckoutStatus, Refund, RefundStatus
from portal_app.domain.errors import AmountTooLarge
from portal_app.domain.facts import facts_of
from portal_app.domain.money import Money
from portal_app.domain.payments import Hosted, Payment, PaymentMethod, PaymentState, Voucher
from portal_app.domain.refunds import Asked, goes_back, including, left_of, made_of, part_of

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
PART = Money(8000, "BRL")
ASKED = Asked(PART, NOW, before=("re_1",))
HOSTED = Hosted(
    provider="demo",
    account="",
    key="k",
    session="s",
    intent="i",
    url="",
    expires_at=NOW,
    looked_at=None,
    voucher=Voucher(),
)
PAID = Payment(
    1,
    "p",
    1,
    PaymentMethod.CARD,
    PaymentState.CONFIRMED,
    Money(34738, "BRL"),
    NOW,
    date(2026, 11, 22),
    "",
    (),
    received=Money(34738, "BRL"),
    hosted=HOSTED,
)


def report(*refunds: Refund) -> CheckoutReport:
    status = CheckoutStatus.PAID
    return CheckoutReport(
        payment="p", session="s", status=status, amount=PAID.amount, refunds=refunds
    )


def refund(ref: str, cents: int = 8000) -> Refund:
    return Refund(ref, Money(cents, "BRL"), RefundStatus.DONE)


def test_the_refund_of_an_asking_is_a_new_one_of_its_amount() -> None:
    assert made_of(ASKED, report()) is None
    assert made_of(ASKED, report(refund("re_1"))) is None
    assert made_of(ASKED, report(refund("re_1"), refund("re_2", 8001))) is None
    assert made_of(ASKED, report(refund("re_1"), refund("re_2"))) == refund("re_2")


def test_a_report_that_does_not_know_the_answer_yet_is_given_it() -> None:
    assert including([refund("re_1")], refund("re_2")) == (refund("re_1"), refund("re_2"))
    done, begun = refund("re_1"), replace(refund("re_1"), status=RefundStatus.PENDING)
    assert including([done], begun) == (done,), "what it was the first time is old"


def test_an_asking_is_the_same_after_it_was_kept() -> None:
    assert Asked.from_facts(facts_of(ASKED)) == ASKED


@pytest.mark.parametrize(("hours", "may"), [(0, True), (19, True), (20, False), (48, False)])
def test_it_is_said_again_only_while_its_key_is_known(hours: int, may: bool) -> None:
    assert ASKED.may_be_said_again(NOW + timedelta(hours=hours)) is may


@pytest.mark.parametrize(
    ("payment", "may"),
    [
        (PAID, True),
        (replace(PAID, method=PaymentMethod.MULTIBANCO), True),
        (replace(PAID, method=PaymentMethod.BOLETO), False),
        (replace(PAID, hosted=None), False),
        (replace(PAID, state=PaymentState.DISPUTED), False),
        (replace(PAID, state=PaymentState.PENDING), False),
        (replace(PAID, state=PaymentState.REFUNDED), False),
    ],
)
def test_only_money_that_a_provider_has_goes_back_by_it(payment: Payment, may: bool) -> None:
    assert goes_back(payment) is may


def test_what_is_left_is_what_came_in_less_what_went_back() -> None:
    assert left_of(replace(PAID, received=Money(30000, "BRL")), PART) == Money(22000, "BRL")
    assert left_of(PAID, Money(99999, "BRL")) == Money(0, "BRL")


@given(cents=st.integers(1, 10**9))
def test_whatever_the_dialog_writes_is_read_as_the_same_sum(cents: int) -> None:
    left = Money(cents, "EUR")
    text = f"{cents // 100},{cents % 100:02}"

    assert part_of(text, left) == part_of(text.replace(",", "."), left) == left
    with pytest.raises(AmountTooLarge):
        part_of(text, Money(cents - 1, "EUR"))
