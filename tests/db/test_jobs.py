"""The outbox table itself."""

from datetime import timedelta

import pytest

from portal_app.db import jobs
from portal_app.db.engine import transaction
from portal_app.domain.errors import StaleClaim
from portal_app.domain.jobs import JobState
from tests.company import NOW, World, together


def put(world: World, key: str, seconds: int = 0) -> bool:
    with transaction() as session:
        return jobs.put(session, world.company, "kind", key, NOW + timedelta(seconds=seconds))


def test_a_kind_and_key_is_put_once(world: World) -> None:
    assert put(world, "1")
    assert not put(world, "1")
    assert put(world, "2")


def test_a_key_is_put_once_by_eight_at_once(world: World) -> None:
    answers = together(8, lambda _: put(world, "1"))

    assert sorted(map(bool, answers)) == [False] * 7 + [True]
    assert not any(isinstance(answer, Exception) for answer in answers)


def test_a_job_is_there_only_if_its_transaction_was(world: World) -> None:
    def put_and_fail() -> None:
        with transaction() as session:
            jobs.put(session, world.company, "kind", "1", NOW)
            raise LookupError

    with pytest.raises(LookupError):
        put_and_fail()

    with transaction() as session:
        assert jobs.claim(session, NOW) is None


def test_the_longest_due_is_claimed_first(world: World) -> None:
    put(world, "late", -5)
    put(world, "later", -1)
    put(world, "first", -60)
    put(world, "tomorrow", 86_400)

    with transaction() as session:
        keys = [job.key for job in iter(lambda: jobs.claim(session, NOW), None)]

    assert keys == ["first", "late", "later"]


def test_the_next_moment_is_a_due_job_or_a_lease_s_end(world: World) -> None:
    put(world, "1", 100)
    put(world, "2")

    with transaction() as session:
        assert jobs.next_run_at(session) == NOW
        assert jobs.claim(session, NOW) is not None
        assert jobs.next_run_at(session) == NOW + timedelta(seconds=60)
        assert jobs.claim(session, NOW + timedelta(seconds=90)) is not None
        assert jobs.next_run_at(session) == NOW + timedelta(seconds=100)


def test_a_job_is_finished_once(world: World) -> None:
    put(world, "1")
    with transaction() as session:
        job = jobs.claim(session, NOW)
        assert job is not None
        jobs.done(session, job)

    with pytest.raises(StaleClaim), transaction() as session:
        jobs.done(session, job)


def test_a_job_that_waits_or_was_given_up_is_put_back_at_the_front(world: World) -> None:
    put(world, "waits", 900)
    put(world, "dead")
    with transaction() as session:
        job = jobs.claim(session, NOW)
        assert job is not None
        jobs.failed(session, job, "Broken", None)

        again = [
            jobs.requeue(session, world.company, "kind", key, NOW) for key in ("waits", "dead")
        ]

        found = [jobs.claim(session, NOW), jobs.claim(session, NOW)]
    assert [each.id for each in found if each] == sorted(id_ for id_ in again if id_)
    assert {each.failures for each in found if each} == {0}


def test_a_job_that_runs_is_done_or_is_somebody_else_s_is_left_alone(world: World) -> None:
    put(world, "done")
    put(world, "runs")
    with transaction() as session:
        first = jobs.claim(session, NOW)
        assert first is not None
        jobs.done(session, first)
        runs = jobs.claim(session, NOW)
        assert runs is not None
        later = NOW + timedelta(hours=1)

        left = [
            jobs.requeue(session, company, "kind", key, later)
            for company, key in (
                (world.company, "done"),
                (world.company, "runs"),
                (world.company, "never was"),
                (world.other_company, "runs"),
            )
        ]

        assert left == [None] * 4
        assert jobs.state_of(session, world.company, "kind", "done") is JobState.DONE
        assert jobs.state_of(session, world.company, "kind", "runs") is JobState.RUNNING
        assert jobs.state_of(session, world.other_company, "kind", "runs") is None
        jobs.renew(session, runs, NOW)
