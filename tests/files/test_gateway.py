"""A bank reached by files takes every word for its next remessa and answers by retorno."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal_app.domain.boleto.events import EventKind
from portal_app.domain.boleto.gateway import (
    Answer,
    BankGateway,
    Capability,
    Problem,
    TitleRef,
)
from portal_app.domain.errors import InvalidFile, NotSupported
from portal_app.files.gateway import FileGateway
from tests.files.orders import MARINA, account, order
from tests.files.samples import GOLDEN

MADE = datetime(2026, 11, 20, 15, tzinfo=UTC)
REF = TitleRef("12345670000000005", "7001", "", MADE, date(2026, 12, 15))


@pytest.fixture
def bank() -> BankGateway:
    return FileGateway(account("001"))


def test_everything_is_queued_for_the_next_remessa(bank: BankGateway) -> None:
    said = (bank.register(order("001")), bank.cancel(REF), bank.amend(REF, date(2027, 1, 5)))

    assert {report.answer for report in said} == {Answer.QUEUED}
    assert Capability.FILE in bank.capabilities
    assert bank.expected_wait == timedelta(days=1)


def test_a_bank_that_is_not_called_cannot_be_asked(bank: BankGateway) -> None:
    assert Capability.QUERY not in bank.capabilities
    with pytest.raises(NotSupported):
        bank.query(REF)


def test_what_could_not_be_written_is_told_before(bank: BankGateway) -> None:
    assert bank.validate(order("001")) == []
    assert bank.validate(order("001", payer=replace(MARINA, city=""))) == [
        Problem("city", "FIELD_MISSING")
    ]


@pytest.mark.parametrize("length", ["240", "400"])
def test_a_retorno_of_either_length_is_understood(bank: BankGateway, length: str) -> None:
    data = (GOLDEN / f"001-{length}.ret").read_bytes()

    facts = bank.parse_events(data, {})

    assert {EventKind.REGISTERED, EventKind.PAID} < {fact.kind for fact in facts}


def test_what_is_no_retorno_is_refused(bank: BankGateway) -> None:
    with pytest.raises(InvalidFile):
        bank.parse_events(b"hello", {})
