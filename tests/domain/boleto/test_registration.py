from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from portal_app.domain.boleto.registration import (
    RANK,
    BoletoState,
    Stage,
    ensure_move,
    is_payable,
    may_follow,
    stage,
)
from portal_app.domain.errors import IllegalMove

END = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OPEN = (BoletoState.CREATED, BoletoState.QUEUED, BoletoState.SENT, BoletoState.PENDING)
CLOSED = (
    *(BoletoState.EXPIRED, BoletoState.CANCELLED),
    *(BoletoState.PART_PAID, BoletoState.PAID, BoletoState.REVERSED),
)


UNSAID = {BoletoState.CREATED, BoletoState.QUEUED}


def expected_stage(state: BoletoState, confirms: bool, waited: bool) -> Stage:
    """The three cases of the decision, written out as a table."""
    answers = dict.fromkeys(CLOSED, Stage.CLOSED) | {
        BoletoState.REGISTERED: Stage.REGISTERED,
        BoletoState.REJECTED: Stage.REJECTED,
    }
    in_wait = {
        (True, False): Stage.WAITING,
        (False, False): Stage.WAITING,
        (True, True): Stage.OVERDUE_SILENT,
        # Its bank was told of it; of one still here nobody can know.
        (False, True): Stage.OVERDUE_SILENT if state in UNSAID else Stage.REGISTERED,
    }
    return answers.get(state, in_wait[confirms, waited])


@pytest.mark.parametrize(
    ("state", "confirms", "waited"), list(product(BoletoState, (True, False), (True, False)))
)
def test_every_combination_has_its_stage(state: BoletoState, confirms: bool, waited: bool) -> None:
    now = END if waited else END - SECOND

    found = stage(state, confirms=confirms, available_at=END, now=now)

    assert found is expected_stage(state, confirms, waited)


@pytest.mark.parametrize("state", OPEN)
def test_a_confirming_bank_that_stays_silent_never_makes_a_code_payable(state: BoletoState) -> None:
    found = stage(state, confirms=True, available_at=END, now=END + timedelta(days=365))

    assert not is_payable(found)


@pytest.mark.parametrize("each", list(Stage))
def test_only_a_registered_boleto_is_payable(each: Stage) -> None:
    assert is_payable(each) is (each is Stage.REGISTERED)


@pytest.mark.parametrize(("present", "wanted"), list(product(BoletoState, BoletoState)))
def test_only_a_higher_rank_overwrites(present: BoletoState, wanted: BoletoState) -> None:
    moves = may_follow(present, wanted)

    assert moves is (RANK[wanted] > RANK[present])
    if not moves:
        with pytest.raises(IllegalMove):
            ensure_move(present, wanted)
    else:
        ensure_move(present, wanted)


def test_every_state_has_the_decided_rank() -> None:
    ranks = {state.value: rank for state, rank in RANK.items()}

    assert ranks == {
        "created": 0,
        "queued": 1,
        "sent": 2,
        "pending": 3,
        "registered": 4,
        "rejected": 4,
        "expired": 5,
        "cancelled": 5,
        "part_paid": 6,
        "paid": 7,
        "reversed": 8,
    }


@pytest.mark.parametrize("dead", [BoletoState.EXPIRED, BoletoState.CANCELLED, BoletoState.REJECTED])
def test_late_money_is_still_money(dead: BoletoState) -> None:
    assert may_follow(dead, BoletoState.PAID)
    assert not may_follow(BoletoState.PAID, dead)
