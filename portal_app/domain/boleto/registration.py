"""The life of a boleto at its bank, and when its code and PDF may be shown."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from portal_app.domain.errors import IllegalMove


class BoletoState(StrEnum):
    CREATED = "created"
    QUEUED = "queued"
    SENT = "sent"
    PENDING = "pending"
    REGISTERED = "registered"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    PART_PAID = "part_paid"
    PAID = "paid"
    REVERSED = "reversed"


RANK: Final[Mapping[BoletoState, int]] = {
    BoletoState.CREATED: 0,
    BoletoState.QUEUED: 1,
    BoletoState.SENT: 2,
    BoletoState.PENDING: 3,
    BoletoState.REGISTERED: 4,
    BoletoState.REJECTED: 4,
    BoletoState.EXPIRED: 5,
    BoletoState.CANCELLED: 5,
    BoletoState.PART_PAID: 6,
    BoletoState.PAID: 7,
    BoletoState.REVERSED: 8,
}


class Stage(StrEnum):
    """What the customer is told; only a REGISTERED boleto has a code and a PDF."""

    WAITING = "waiting"
    OVERDUE_SILENT = "overdue_silent"
    REGISTERED = "registered"
    REJECTED = "rejected"
    CLOSED = "closed"


def may_follow(present: BoletoState, wanted: BoletoState) -> bool:
    """Bank reports come late, twice and out of order: only a higher rank is news.

    Money that comes late moves an expired, cancelled or rejected boleto on.

    >>> may_follow(BoletoState.EXPIRED, BoletoState.PAID)
    True
    >>> may_follow(BoletoState.PAID, BoletoState.REGISTERED)
    False
    """
    return RANK[wanted] > RANK[present]


def ensure_move(present: BoletoState, wanted: BoletoState) -> None:
    if not may_follow(present, wanted):
        raise IllegalMove(present=present.value, wanted=wanted.value)


def stage(state: BoletoState, *, confirms: bool, available_at: datetime, now: datetime) -> Stage:
    """Where a boleto stands for the customer who waits for it.

    `confirms`: the carteira's bank answers each registration. `available_at`:
    the end of the wait counted from the customer's choice, itself included.
    A bank that should have answered by then and did not makes nothing payable, nor does
    one that was not even told.

    >>> from datetime import UTC
    >>> end = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    >>> stage(BoletoState.SENT, confirms=False, available_at=end, now=end)
    <Stage.REGISTERED: 'registered'>
    >>> stage(BoletoState.SENT, confirms=True, available_at=end, now=end)
    <Stage.OVERDUE_SILENT: 'overdue_silent'>
    """
    if RANK[state] > RANK[BoletoState.REGISTERED]:
        return Stage.CLOSED
    if state is BoletoState.REGISTERED:
        return Stage.REGISTERED
    if state is BoletoState.REJECTED:
        return Stage.REJECTED
    if now < available_at:
        return Stage.WAITING
    unsaid = state in {BoletoState.CREATED, BoletoState.QUEUED}
    return Stage.OVERDUE_SILENT if confirms or unsaid else Stage.REGISTERED


def is_payable(stage: Stage) -> bool:
    """Whether code, PDF and printing are open.

    >>> [is_payable(each) for each in (Stage.WAITING, Stage.OVERDUE_SILENT, Stage.REGISTERED)]
    [False, False, True]
    """
    return stage is Stage.REGISTERED
