"""States never go back: a lower or equal rank does not overwrite."""

import pytest

from portal_app.domain.errors import IllegalMove
from portal_app.domain.payments import (
    LIVE,
    RANK,
    VOUCHERS,
    PaymentMethod,
    PaymentState,
    ensure_move,
    may_follow,
)

ENDED = {
    PaymentState.FAILED,
    PaymentState.EXPIRED,
    PaymentState.CANCELLED,
    PaymentState.SUPERSEDED,
}


def test_ranks_are_those_decided() -> None:
    assert {state.value: RANK[state] for state in PaymentState} == {
        "created": 0,
        "pending": 1,
        "failed": 2,
        "expired": 2,
        "cancelled": 2,
        "superseded": 2,
        "confirmed": 3,
        "disputed": 4,
        "refunded": 5,
    }


@pytest.mark.parametrize("present", list(PaymentState))
@pytest.mark.parametrize("wanted", list(PaymentState))
def test_a_state_follows_only_one_of_lower_rank(
    present: PaymentState, wanted: PaymentState
) -> None:
    if RANK[wanted] > RANK[present]:
        ensure_move(present, wanted)
        return
    with pytest.raises(IllegalMove) as refused:
        ensure_move(present, wanted)
    assert refused.value.details == {"present": present.value, "wanted": wanted.value}


@pytest.mark.parametrize("dead", sorted(ENDED))
def test_money_that_comes_late_still_confirms_a_dead_attempt(dead: PaymentState) -> None:
    assert may_follow(dead, PaymentState.CONFIRMED)
    assert not any(may_follow(dead, other) for other in ENDED | LIVE)


def test_only_boleto_and_multibanco_can_be_paid_after_they_were_given_up() -> None:
    assert {PaymentMethod.BOLETO, PaymentMethod.MULTIBANCO} == VOUCHERS
