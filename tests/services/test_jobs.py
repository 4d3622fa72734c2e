"""Leases, fencing tokens, giving up, and what runs by the clock."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from portal_app.db import jobs as stored
from portal_app.db import tasks as stored_tasks
from portal_app.db.engine import transaction
from portal_app.db.models import JobRow, PortalUserRow
from portal_app.domain.errors import StaleClaim
from portal_app.domain.jobs import KEEP_DEAD, KEEP_DONE, LEASE, MOST_FAILURES, Cron, Every, JobState
from portal_app.gateways import clock
from portal_app.jobs.schedule import SCHEDULE
from portal_app.services import jobs, tasks
from portal_app.services.jobs import Claim
from tests.company import NOW, World, actor, run_jobs, together


def put(world: World, key: str = "1", kind: str = "some.kind") -> None:
    with transaction() as session:
        stored.put(session, world.company, kind, key, NOW, {"what": "ever"})


def claimed() -> Claim:
    found = jobs.claim()
    assert found is not None
    return found


def work_and_finish(job: Claim) -> None:
    with transaction() as session:
        session.execute(update(PortalUserRow).values(name="Changed"))
        stored.done(session, job)


def test_a_job_is_claimed_once_with_what_was_put(world: World) -> None:
    put(world)

    first = claimed()

    assert (first.company, first.kind, first.key, first.payload) == (
        world.company,
        "some.kind",
        "1",
        {"what": "ever"},
    )
    assert jobs.claim() is None


def test_a_job_is_not_claimed_before_its_time(world: World) -> None:
    put(world)

    with clock.fixed_at(NOW - timedelta(seconds=3)):
        assert jobs.seconds_to_next() == 3
        assert jobs.claim() is None


def test_without_jobs_there_is_nothing_to_wait_for(world: World) -> None:
    assert jobs.seconds_to_next() is None


def test_a_job_whose_lease_ran_out_is_taken_over_and_the_first_worker_undone(
    world: World,
) -> None:
    put(world)
    first = claimed()

    with clock.fixed_at(NOW + LEASE + timedelta(seconds=1)):
        second = claimed()

    assert (second.id, second.token) == (first.id, first.token + 1)
    with pytest.raises(StaleClaim):
        work_and_finish(first)
    assert actor("ana").name == "Ana"
    with pytest.raises(StaleClaim):
        jobs.renew(first)
    with pytest.raises(StaleClaim):
        jobs.fail(first, "Late")
    jobs.finish(second)
    with clock.fixed_at(NOW + timedelta(days=1)):
        assert jobs.claim() is None


def test_a_renewed_lease_keeps_the_job(world: World) -> None:
    put(world)
    first = claimed()

    with clock.fixed_at(NOW + LEASE - timedelta(seconds=1)):
        jobs.renew(first)
    with clock.fixed_at(NOW + LEASE + timedelta(seconds=1)):
        assert jobs.claim() is None

    jobs.finish(first)


def test_a_job_that_keeps_failing_waits_longer_and_becomes_a_task(world: World) -> None:
    put(world)
    waits: list[float] = []
    given_up = False
    moment = NOW
    for _ in range(MOST_FAILURES):
        with clock.fixed_at(moment):
            given_up = jobs.fail(claimed(), "BankDown")
            wait = jobs.seconds_to_next()
        waits.append(wait if wait is not None else -1)
        moment += timedelta(seconds=wait or 0)

    assert given_up
    assert waits == [5, 10, 20, 40, 80, 160, 320, -1]
    (task,) = tasks.list_open(actor("staff"))
    assert task.kind == "job_dead"
    assert dict(task.details) == {"kind": "some.kind", "key": "1", "error": "BankDown"}


def test_a_job_put_back_forgets_its_failures(world: World) -> None:
    put(world)
    jobs.fail(claimed(), "BankDown")

    with clock.fixed_at(NOW + timedelta(seconds=5)):
        again = claimed()
        with transaction() as session:
            stored.again(session, again, clock.now())
        assert (again.failures, claimed().failures) == (1, 0)


def test_eight_workers_take_eight_different_jobs(world: World) -> None:
    for key in range(8):
        put(world, str(key))

    taken = together(8, lambda _: [job.key for job in iter(jobs.claim, None)])

    keys = [key for part in taken if isinstance(part, list) for key in part]
    assert sorted(keys) == [str(key) for key in range(8)]


def test_what_runs_by_the_clock_is_put_once_by_two_workers(world: World) -> None:
    schedule = (Cron("by.hour", Every.HOUR), Cron("by.day", Every.DAY))

    new = together(2, lambda _: jobs.plan(schedule))

    assert sum(count for count in new if isinstance(count, int)) == 4
    with clock.fixed_at(NOW + timedelta(hours=1)):
        assert jobs.plan(schedule) == 2
    with clock.fixed_at(NOW + timedelta(days=1)):
        assert jobs.plan(schedule) == 4


def test_the_portal_s_own_schedule_runs_through(world: World) -> None:
    jobs.plan(SCHEDULE)

    assert run_jobs() == 2 * len(SCHEDULE)

    with transaction(write=False) as session:
        states = set(session.scalars(select(col(JobRow.state))))
    assert states == {"done"}


def test_a_task_is_open_once_and_again_after_it_was_closed(world: World) -> None:
    with transaction() as session:
        new = [
            stored_tasks.put(session, world.company, "kind", "a:1", NOW),
            stored_tasks.put(session, world.company, "kind", "a:1", NOW),
        ]
        stored_tasks.close(session, world.company, "kind", "a:1", NOW)
        new.append(stored_tasks.put(session, world.company, "kind", "a:1", NOW))

    assert new == [True, False, True]


def end(world: World, key: str, state: JobState, ago: timedelta, company: int = 0) -> None:
    """A job that was due on time and ended so long ago."""
    with clock.fixed_at(NOW - ago):
        with transaction() as session:
            owner = company or world.company
            stored.put(session, owner, "some.kind", key, clock.now())
        job = claimed()
        if state is JobState.DONE:
            jobs.finish(job)
        else:
            for _ in range(MOST_FAILURES - 1):
                jobs.fail(job, "TROUBLE")
                with transaction() as session:
                    session.execute(update(JobRow).values(run_at=clock.now()))
                job = claimed()
            assert jobs.fail(job, "TROUBLE")


def keys() -> set[str]:
    with transaction(write=False) as session:
        kind = col(JobRow.kind) == "some.kind"
        return set(session.scalars(select(col(JobRow.key)).where(kind)))


def clean(world: World) -> None:
    with transaction() as session:
        stored.put(session, world.company, "job.clean", "now", NOW)
    assert run_jobs() == 1


def test_jobs_that_ended_long_ago_are_deleted(world: World) -> None:
    minutes = timedelta(minutes=2)
    end(world, "done long ago", JobState.DONE, KEEP_DONE + minutes)
    end(world, "done", JobState.DONE, KEEP_DONE - minutes)
    end(world, "given up long ago", JobState.DEAD, KEEP_DEAD + minutes)
    end(world, "given up", JobState.DEAD, KEEP_DEAD - minutes)

    clean(world)

    assert keys() == {"done", "given up"}


def test_a_job_counts_from_its_end_and_not_from_when_it_was_due(world: World) -> None:
    with transaction() as session:
        stored.put(session, world.company, "some.kind", "late", NOW - 2 * KEEP_DONE)
    jobs.finish(claimed())

    clean(world)

    assert keys() == {"late"}


def test_what_still_waits_and_another_company_s_jobs_are_kept(world: World) -> None:
    end(world, "other", JobState.DONE, 2 * KEEP_DONE, world.other_company)
    with transaction() as session:
        late = NOW + timedelta(days=1)
        stored.put(session, world.company, "some.kind", "waiting", late)
        session.execute(
            update(JobRow)
            .where(col(JobRow.key) == "waiting")
            .values(lease_until=NOW - 2 * KEEP_DEAD)
        )

    clean(world)

    assert keys() == {"other", "waiting"}


def test_old_jobs_are_deleted_every_day(world: World) -> None:
    assert Cron("job.clean", Every.DAY) in SCHEDULE
