"""The verdict sees what it is there to see."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.engine import transaction
from portal_app.db.models import (
    AllocationRow,
    JobRow,
    JournalEntryRow,
    JournalLineRow,
    MailRecipientRow,
    PaymentRow,
    ReceiptRow,
)
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.services import demo_checkouts, payments
from tests.company import World, actor, run_jobs
from tests.post_office import PostOffice, open_office
from tests.proofs._verdict import first_wrong

TOTAL = Money(34738, "BRL")


@pytest.fixture
def office(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    """After one payment, its receipt and its e-mail."""
    office = PostOffice()
    with open_office(office, monkeypatch):
        started = payments.start(actor("ana"), world.three, PaymentMethod.PIX, TOTAL)
        demo_checkouts.decide(actor("ana"), started.payment, "approved")
        run_jobs()
        with transaction() as session:
            # The look at its end, half an hour from now.
            session.execute(delete(JobRow).where(col(JobRow.state) == "queued"))
        yield office


def _nothing_booked(session: Session) -> None:
    entries = select(col(JournalEntryRow.id)).where(col(JournalEntryRow.kind) == "payment")
    found = session.scalars(entries).all()
    session.execute(delete(JournalLineRow).where(col(JournalLineRow.entry_id).in_(found)))
    session.execute(delete(JournalEntryRow).where(col(JournalEntryRow.id).in_(found)))


def _less_booked(session: Session) -> None:
    of_money = col(JournalLineRow.account) == "clearing"
    session.execute(update(JournalLineRow).where(of_money).values(amount_cents=TOTAL.cents - 1))


def _less_shared(session: Session) -> None:
    share = session.scalars(select(AllocationRow)).first()
    assert share is not None
    share.principal_cents -= 1


def _another_number(session: Session) -> None:
    session.execute(update(ReceiptRow).values(number=2))


def _not_paid(session: Session) -> None:
    session.execute(update(PaymentRow).values(paid_on=None))


def _still_pending(session: Session) -> None:
    session.execute(update(PaymentRow).values(state="pending"))


def _a_job_left(session: Session) -> None:
    session.execute(update(JobRow).where(col(JobRow.kind) == "receipt.issue").values(state="dead"))


def _silent(session: Session) -> None:
    session.execute(update(MailRecipientRow).values(state="unknown"))


@pytest.mark.parametrize(
    ("spoil", "seen"),
    [
        (_nothing_booked, "charged 34738, booked []"),
        (_less_booked, "charged 34738, booked [34737]"),
        (_less_shared, "34737 is shared out"),
        (_another_number, "1 is missing"),
        (_not_paid, "charged 34738, and confirmed"),
        (_still_pending, "is pending for ever"),
        (_a_job_left, "job receipt.issue 1 is dead"),
        (_silent, "nobody is told"),
    ],
)
def test_what_was_spoilt_is_seen(
    office: PostOffice, spoil: Callable[[Session], None], seen: str
) -> None:
    assert first_wrong(office) == ""

    with transaction() as session:
        spoil(session)

    assert seen in first_wrong(office)


def test_an_e_mail_that_came_twice_is_seen(office: PostOffice) -> None:
    office.received *= 2

    assert "came 2 times" in first_wrong(office)


def test_an_e_mail_that_never_came_is_seen(office: PostOffice) -> None:
    office.received.clear()

    assert "never came" in first_wrong(office)
