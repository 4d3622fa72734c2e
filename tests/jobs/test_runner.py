"""The worker: what it does with a job that fails, takes long, or is taken from it."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal_app.db import jobs as stored
from portal_app.db.engine import transaction
from portal_app.db.models import JobRow
from portal_app.domain.boleto.registration import Stage
from portal_app.domain.jobs import LEASE, MOST_FAILURES
from portal_app.gateways import clock
from portal_app.jobs import runner
from portal_app.jobs.handlers import HANDLERS
from portal_app.jobs.runner import Runner
from portal_app.jobs.schedule import SCHEDULE
from portal_app.services import boletos, jobs, tasks
from portal_app.services.jobs import Claim
from portal_app.settings import settings
from tests.company import NOW, World, actor, build


def put(world: World, kind: str = "some.kind", key: str = "1") -> None:
    with transaction() as session:
        stored.put(session, world.company, kind, key, clock.now())


def state(key: str = "1") -> tuple[str, str]:
    with transaction(write=False) as session:
        row = session.scalars(select(JobRow).where(col(JobRow.key) == key)).one()
    return row.state, row.last_error


def in_thread(worker: Runner, stop: threading.Event) -> threading.Thread:
    """A thread for which the clock stands where it stands here."""
    return threading.Thread(target=copy_context().run, args=(worker.run_forever, stop))


def eventually(holds: Callable[[], bool], within: float = 10.0) -> bool:
    until = time.monotonic() + within
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_every_job_that_services_put_has_a_handler() -> None:
    assert {cron.kind for cron in SCHEDULE} <= HANDLERS.keys()
    assert {
        "boleto.register",
        "boleto.poll",
        "boleto.wait_over",
        "boleto.cancel",
        "mail.send",
    } <= HANDLERS.keys()


def test_a_due_job_is_run_and_finished(world: World) -> None:
    put(world)

    worker = Runner({"some.kind": jobs.finish})

    assert (worker.run_once(), worker.run_once()) == (True, False)
    assert state() == ("done", "")


def test_a_failing_job_is_tried_again_and_its_words_are_kept_nowhere(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "-".join(("100.200.301", "69"))

    def fail(claimed: Claim) -> None:
        raise ValueError(secret)

    put(world)

    with caplog.at_level(logging.INFO):
        assert Runner({"some.kind": fail}).run_once()

    assert state() == ("queued", "ValueError")
    assert "ValueError" in caplog.text
    assert "some.kind" in caplog.text
    assert secret not in caplog.text


def test_a_job_nobody_knows_becomes_a_task(world: World) -> None:
    put(world, "unheard.of")
    moment = NOW

    for _ in range(MOST_FAILURES):
        with clock.fixed_at(moment):
            assert Runner().run_once()
        moment += timedelta(hours=1)

    assert state()[0] == "dead"
    (task,) = tasks.list_open(actor("staff"))
    assert task.kind == "job_dead"


def test_a_job_taken_by_another_worker_is_dropped(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def too_slow(claimed: Claim) -> None:
        with clock.fixed_at(NOW + LEASE + timedelta(seconds=1)):
            assert jobs.claim() is not None
        jobs.finish(claimed)

    put(world)

    assert Runner({"some.kind": too_slow}).run_once()

    assert state() == ("running", "")
    assert "somebody else has it now" in caplog.text


def test_a_long_job_keeps_its_lease(world: World) -> None:
    renewals: list[bool] = []

    def long(claimed: Claim) -> None:
        with transaction() as session:
            session.get_one(JobRow, claimed.id).lease_until = NOW
        renewals.append(eventually(lambda: jobs.seconds_to_next() == LEASE.total_seconds()))
        jobs.finish(claimed)

    put(world)

    assert Runner({"some.kind": long}, renew_every=0.02).run_once()

    assert renewals == [True]
    assert state() == ("done", "")


def test_the_worker_runs_until_it_is_told_to_stop(world: World) -> None:
    stop = threading.Event()
    worker = in_thread(Runner(), stop)
    put(world, "session.clean", "by hand")

    worker.start()
    done = eventually(lambda: state("by hand")[0] == "done")
    stop.set()
    worker.join(5)

    assert done
    assert not worker.is_alive()


def test_a_boleto_is_registered_while_the_worker_runs_in_the_app(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_DEMO_BANK_SECONDS", "0.3")
    settings.cache_clear()
    world = build()
    stop = runner.start_in_thread()
    try:
        ana = actor("ana")
        bank = boletos.offer(ana, world.three).banks[0]
        started = time.monotonic()
        issued = boletos.issue(ana, world.three, bank.carteira, bank.total)
        registered = eventually(lambda: boletos.view(ana, issued).stage is Stage.REGISTERED)
        took = time.monotonic() - started
    finally:
        stop()

    assert registered
    assert took < 3
    assert not [thread for thread in threading.enumerate() if thread.name == "jobs"]


def test_the_worker_outlives_a_database_that_is_gone_for_a_while(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    with transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE job RENAME TO job_gone")
    monkeypatch.setattr(runner, "_WAIT_AFTER_TROUBLE", 0.05)
    worker = in_thread(Runner(), stop)

    worker.start()
    noticed = eventually(lambda: "the worker waits" in caplog.text)
    with transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE job_gone RENAME TO job")
    put(world, "session.clean", "by hand")
    done = eventually(lambda: state("by hand")[0] == "done")
    stop.set()
    worker.join(5)

    assert noticed
    assert done


def test_the_worker_alone_ends_on_sigterm_without_an_error(sqlite_database: str) -> None:
    build()
    with transaction() as session:
        stored.put(session, 1, "session.clean", "by hand", clock.now())
    environment = {**os.environ, "PORTAL_DATABASE_URL": sqlite_database}
    process = subprocess.Popen([sys.executable, "-m", "portal_app", "worker"], env=environment)
    try:
        ran = eventually(lambda: state("by hand")[0] == "done", 30)
        process.send_signal(signal.SIGTERM)
        code = process.wait(10)
    finally:
        process.kill()

    assert ran
    assert code == 0
