"""What is deleted by the clock: traces that are over, in batches; never papers, books or the audit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel

from portal_app.db import jobs as stored_jobs
from portal_app.db.engine import transaction
from portal_app.db.models import (
    BankAccountRow,
    BankEventRow,
    CeremonyRow,
    DeviceRow,
    MailRecipientRow,
    MailRow,
    ProofRow,
    ProviderEventRow,
)
from portal_app.domain.audit import Action, Deed
from portal_app.domain.errors import StaleClaim
from portal_app.domain.jobs import Cron, Every
from portal_app.gateways import clock
from portal_app.jobs.schedule import SCHEDULE
from portal_app.services import audit, jobs, retention
from tests.company import NOW, World, actor, run_jobs

DAY: Final = timedelta(days=1)
TABLES: Final = (
    ProofRow,
    CeremonyRow,
    DeviceRow,
    MailRow,
    MailRecipientRow,
    ProviderEventRow,
    BankEventRow,
)


def put(world: World, at: datetime, *, mail: str = "sent") -> None:
    """One trace of each kind, of that moment."""
    user, key = actor("ana").user, at.isoformat()
    own: dict[str, Any] = {"company_id": world.company, "user_id": user}
    with transaction() as session:
        account = session.scalars(select(BankAccountRow).limit(1)).one()
        sent = MailRow(
            company_id=world.company,
            customer_id=world.customers["ana"],
            key=key,
            kind="document",
            about="document:1",
            locale="en",
            asked_by="",
            created_at=at,
        )
        session.add_all(
            [
                ProofRow(**own, purpose="p", secret_hash=key, created_at=at, expires_at=at),
                CeremonyRow(id_hash=key, challenge="c", expires_at=at),
                DeviceRow(**own, cookie_hash=key, name="n", first_seen_at=at, seen_at=at),
                sent,
                ProviderEventRow(
                    company_id=world.company,
                    provider="stripe",
                    account="",
                    event_id=key,
                    type="t",
                    api_version="v",
                    ref="r",
                    received_at=at,
                    handled_at=at,
                ),
                BankEventRow(
                    company_id=world.company,
                    bank_account_id=account.id,
                    key=key,
                    source="file",
                    kind="paid",
                    movement="06",
                    nosso_numero="1",
                    seu_numero="",
                    bank_ref="",
                    face_cents=1,
                    paid_cents=1,
                    net_cents=1,
                    fee_cents=0,
                    charges_cents=0,
                    discount_cents=0,
                    raw="what the bank said",
                    received_at=at,
                    handled_at=at,
                ),
            ]
        )
        session.flush()
        session.add(
            MailRecipientRow(
                company_id=world.company,
                mail_id=sent.id,
                address="ana@example.com",
                state=mail,
                changed_at=at,
            )
        )


def counted(*tables: type[SQLModel]) -> list[int]:
    with transaction(write=False) as session:
        return [session.scalars(select(func.count()).select_from(table)).one() for table in tables]


def told_by_banks() -> list[str]:
    with transaction(write=False) as session:
        return [row.raw for row in session.scalars(select(BankEventRow).order_by("id"))]


def forget(world: World) -> None:
    """As the night does it."""
    with transaction() as session:
        stored_jobs.put(session, world.company, "trace.forget", f"{clock.now()}", clock.now())
    assert run_jobs() == 1


def test_it_runs_every_night() -> None:
    assert Cron("trace.forget", Every.DAY) in SCHEDULE


@pytest.mark.parametrize(
    ("age", "left"),
    [
        (timedelta(hours=23), [1, 0, 1, 1, 1, 1, 1]),
        (2 * DAY, [0, 0, 1, 1, 1, 1, 1]),
        (364 * DAY, [0, 0, 1, 1, 1, 1, 1]),
        (366 * DAY, [0, 0, 0, 0, 0, 1, 1]),
        (3600 * DAY, [0, 0, 0, 0, 0, 1, 1]),
        (3660 * DAY, [0, 0, 0, 0, 0, 0, 1]),
    ],
)
def test_each_trace_has_its_time(world: World, age: timedelta, left: list[int]) -> None:
    put(world, NOW - age)

    forget(world)

    assert counted(*TABLES) == left


def test_of_an_old_report_only_the_banks_own_words_go(world: World) -> None:
    put(world, NOW - 3660 * DAY)
    put(world, NOW - 3600 * DAY)

    forget(world)

    assert told_by_banks() == ["", "what the bank said"]


@pytest.mark.parametrize("state", ["queued", "sending"])
def test_an_email_on_its_way_stays(world: World, state: str) -> None:
    put(world, NOW - 400 * DAY, mail=state)

    forget(world)

    assert counted(MailRow, MailRecipientRow) == [1, 1]


def test_a_code_that_was_used_goes_before_it_expires(world: World) -> None:
    with transaction() as session:
        session.add(
            ProofRow(
                company_id=world.company,
                user_id=1,
                purpose="p",
                secret_hash="h",
                created_at=NOW - 3 * DAY,
                used_at=NOW - 2 * DAY,
                expires_at=NOW + DAY,
            )
        )

    forget(world)

    assert counted(ProofRow) == [0]


def test_it_goes_on_batch_after_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for days in range(5):
        put(world, NOW - (400 + days) * DAY)

    forget(world)

    assert counted(ProofRow, DeviceRow, MailRow, MailRecipientRow) == [0, 0, 0, 0]


def test_done_twice_it_deletes_nothing_more(world: World) -> None:
    put(world, NOW - 400 * DAY)
    put(world, NOW - 10 * DAY)
    forget(world)
    before = counted(*TABLES)

    with clock.fixed_at(NOW + timedelta(seconds=1)):
        forget(world)

    assert counted(*TABLES) == before


def test_another_companys_traces_stay(world: World) -> None:
    put(world, NOW - 400 * DAY)
    with transaction() as session:
        stored_jobs.put(session, world.other_company, "trace.forget", "1", NOW)

    run_jobs()

    assert counted(ProofRow, DeviceRow, MailRow) == [1, 1, 1]


def test_papers_books_and_audit_are_never_touched(world: World) -> None:
    put(world, NOW - 5000 * DAY)
    with transaction() as session:
        audit.enter(session, world.company, Deed("user:1", Action.SIGNED_IN))
    names = ("document", "journal_entry", "journal_line", "receipt", "payment", "audit_entry")
    tables = [SQLModel.metadata.tables[name] for name in (*names, "customer", "consent")]

    def rows() -> list[list[str]]:
        with transaction(write=False) as session:
            return [[str(row) for row in session.execute(select(table))] for table in tables]

    before = rows()
    with clock.fixed_at(NOW + 9000 * DAY):
        forget(world)

    assert rows() == before
    assert before[0]
    assert audit.verify().first_wrong is None


def test_whoever_lost_the_job_deletes_nothing(world: World) -> None:
    put(world, NOW - 400 * DAY)
    with transaction() as session:
        stored_jobs.put(session, world.company, "trace.forget", "1", NOW)
    asleep = jobs.claim()
    assert asleep is not None
    with clock.fixed_at(NOW + timedelta(minutes=5)):
        assert jobs.claim() is not None

        with pytest.raises(StaleClaim):
            retention.forget(asleep)

    assert counted(ProofRow, MailRow) == [1, 1]
