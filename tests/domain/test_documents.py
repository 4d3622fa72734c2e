"""What may be paid, and why a row cannot be ticked."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal_app.domain.documents import (
    PAYABLE_TYPES,
    Attempt,
    BillingMode,
    Block,
    Document,
    DocumentType,
    Period,
    block_of,
    days_late,
    ensure_payable,
    is_overdue,
)
from portal_app.domain.errors import InAttempt, InvalidPeriod, NotPayable
from portal_app.domain.money import Money

TODAY = date(2026, 11, 22)
LIVE = Attempt("p1", "boleto", "001", "registered", datetime(2026, 11, 22, tzinfo=UTC))


def document(**differently: Any) -> Document:
    facts: dict[str, Any] = {
        "id": 1,
        "public_id": "d1",
        "customer": 1,
        "type": DocumentType.FT,
        "number": "FT 2026/1841",
        "description": "",
        "issued": date(2026, 10, 1),
        "due": TODAY,
        "total": Money(100, "BRL"),
        "balance": Money(100, "BRL"),
    }
    return Document(**facts | differently)


def test_only_ft_fs_fc_nd_and_tit_may_be_paid() -> None:
    payable = {kind.value for kind in DocumentType if block_of(document(type=kind)) is None}

    assert payable == {"FT", "FS", "FC", "ND", "TIT"} == {kind.value for kind in PAYABLE_TYPES}
    for kind in set(DocumentType) - PAYABLE_TYPES:
        with pytest.raises(NotPayable) as refused:
            ensure_payable(document(type=kind))
        assert refused.value.details["reason"] == "type"


@pytest.mark.parametrize(
    ("differently", "reason"),
    [
        ({"type": DocumentType.NC}, Block.TYPE),
        ({"cancelled": True}, Block.CANCELLED),
        ({"balance": Money(0, "BRL")}, Block.PAID),
        ({"attempt": Attempt("p1", "boleto", "001", "queued")}, Block.IN_REGISTRATION),
        ({"attempt": LIVE}, Block.IN_PAYMENT),
        ({"attempt": Attempt("p1", "pix")}, Block.IN_PAYMENT),
        ({"billing_mode": BillingMode.CARD_DEBIT}, Block.AUTOMATIC_DEBIT),
        ({"registered_elsewhere": True}, Block.REGISTERED_ELSEWHERE),
        ({}, None),
    ],
)
def test_a_row_says_why_it_cannot_be_ticked(
    differently: dict[str, Any], reason: Block | None
) -> None:
    assert block_of(document(**differently)) is reason


def test_the_first_tick_fixes_the_currency() -> None:
    assert block_of(document(), "EUR") is Block.CURRENCY
    assert block_of(document(), "BRL") is None


def test_the_first_reason_in_their_order_is_the_one_told() -> None:
    both = document(type=DocumentType.NC, cancelled=True, attempt=LIVE)

    assert block_of(both, "EUR") is Block.TYPE


def test_a_document_in_a_live_payment_names_it() -> None:
    with pytest.raises(InAttempt) as refused:
        ensure_payable(document(attempt=LIVE))

    assert refused.value.details == {"document": "FT 2026/1841", "payment": "p1"}


@pytest.mark.parametrize(
    ("due", "overdue", "late"),
    [
        (date(2026, 11, 21), True, 1),
        (TODAY, False, 0),
        (date(2026, 11, 23), False, -1),
        (None, False, 0),
    ],
)
def test_overdue_begins_the_day_after_the_due_date(
    due: date | None, overdue: bool, late: int
) -> None:
    assert is_overdue(document(due=due), TODAY) is overdue
    assert days_late(document(due=due), TODAY) == late


def test_a_period_the_wrong_way_round_is_refused() -> None:
    with pytest.raises(InvalidPeriod) as refused:
        Period(date(2026, 2, 1), date(2026, 1, 31))

    assert refused.value.details == {"first": "2026-02-01", "last": "2026-01-31"}


def test_a_period_may_be_open_or_one_day() -> None:
    assert Period(TODAY, TODAY).first == TODAY
    assert Period(None, TODAY).first is None
