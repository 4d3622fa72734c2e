"""What staff do about a task: have its job tried again, or say that they did it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import col

from portal_app.db import jobs as stored_jobs
from portal_app.db import tasks as stored
from portal_app.db.engine import transaction
from portal_app.db.models import JobRow, TaskRow
from portal_app.domain.errors import NotFound, NotGranted
from portal_app.domain.jobs import MOST_FAILURES
from portal_app.domain.tasks import Task
from portal_app.gateways import clock
from portal_app.services import jobs, tasks
from tests.company import NOW, World, actor, run_jobs, together
from tests.services.test_receipts import gap, of_payment, pay, undrawable


def open_tasks() -> list[Task]:
    return list(tasks.list_open(actor("staff")))


def kinds() -> list[str]:
    return sorted(task.kind for task in open_tasks())


def put(world: World, kind: str = "boleto_over", subject: str = "payment:1") -> int:
    with transaction() as session:
        stored.put(session, world.company, kind, subject, NOW)
    return next(task.id for task in open_tasks() if (task.kind, task.subject) == (kind, subject))


def put_job(world: World, company: int | None = None) -> None:
    with transaction() as session:
        stored_jobs.put(session, company or world.company, "some.kind", "1", NOW)


def give_up(moment=NOW) -> None:
    """Fail the job that is due until it is dead."""
    for _ in range(MOST_FAILURES):
        with clock.fixed_at(moment):
            job = jobs.claim()
            assert job is not None
            jobs.fail(job, "BankDown")
            moment += timedelta(seconds=jobs.seconds_to_next() or 0)


def job() -> tuple[str, int, object]:
    with transaction(write=False) as session:
        row = session.scalars(select(JobRow).where(col(JobRow.kind) == "some.kind")).one()
        return row.state, row.failures, row.run_at


def test_a_job_that_was_given_up_runs_again_and_its_task_goes(world: World) -> None:
    put_job(world)
    give_up()
    (task,) = open_tasks()

    assert tasks.retry(actor("staff"), task.id)

    assert (job(), kinds()) == (("queued", 0, NOW), [])
    claimed = jobs.claim()
    assert claimed is not None
    assert (claimed.kind, claimed.failures) == ("some.kind", 0)


def test_a_receipt_that_failed_is_issued_at_once_and_all_its_tasks_go(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})
    moment = NOW
    with undrawable(monkeypatch):
        for _ in range(MOST_FAILURES):
            with clock.fixed_at(moment):
                run_jobs()
                moment += timedelta(seconds=jobs.seconds_to_next() or 0)
    assert kinds() == ["job_dead", "receipt_failed"]
    failed = next(task for task in open_tasks() if task.kind == "receipt_failed")

    assert tasks.retry(actor("staff"), failed.id)
    assert kinds() == ["receipt_failed"]
    run_jobs()

    assert [receipt.number for receipt in of_payment(world, payment)] == ["REC 2026/1"]
    assert (kinds(), gap(world)) == ([], None)


def test_a_job_waiting_for_its_next_try_runs_at_once(world: World) -> None:
    put_job(world)
    claimed = jobs.claim()
    assert claimed is not None
    jobs.fail(claimed, "BankDown")
    with transaction() as session:
        facts = {"kind": "some.kind", "key": "1"}
        stored.put(session, world.company, "some_failed", "payment:1", NOW, details=facts)
    (task,) = open_tasks()

    assert tasks.retry(actor("staff"), task.id)

    assert job() == ("queued", 0, NOW)


@pytest.mark.parametrize("state", ["running", "done"])
def test_a_job_that_runs_or_is_done_is_left_alone(world: World, state: str) -> None:
    put_job(world)
    give_up()
    (task,) = open_tasks()
    with transaction() as session:
        session.execute(update(JobRow).values(state=state))
    before = job()

    assert not tasks.retry(actor("staff"), task.id)

    assert (job(), kinds()) == (before, [])


def test_pressed_by_eight_at_once_a_job_is_put_back_once(world: World) -> None:
    put_job(world)
    give_up()
    (task,) = open_tasks()
    staff = actor("staff")

    answers = together(8, lambda _: tasks.retry(staff, task.id))

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert (job(), kinds()) == (("queued", 0, NOW), [])


def test_a_task_of_no_job_or_of_one_forgotten_is_not_tried_again(world: World) -> None:
    manual = put(world)
    put_job(world)
    give_up()
    dead = next(task.id for task in open_tasks() if task.kind == "job_dead")
    with transaction() as session:
        session.execute(delete(JobRow))

    for task in (manual, dead):
        with pytest.raises(NotFound):
            tasks.retry(actor("staff"), task)

    assert kinds() == ["boleto_over", "job_dead"]


def test_a_task_done_by_hand_is_closed_and_no_other(world: World) -> None:
    first, other = put(world), put(world, subject="payment:2")

    tasks.close(actor("staff"), first)

    assert [task.id for task in open_tasks()] == [other]


def test_a_task_closed_before_does_not_close_the_next_of_its_kind(world: World) -> None:
    first = put(world)
    tasks.close(actor("staff"), first)
    again = put(world)
    with transaction(write=False) as session:
        closed_at = session.get_one(TaskRow, first).closed_at

    with clock.fixed_at(NOW + timedelta(minutes=1)):
        tasks.close(actor("staff"), first)

    assert [task.id for task in open_tasks()] == [again]
    with transaction(write=False) as session:
        assert session.get_one(TaskRow, first).closed_at == closed_at


def test_another_company_s_task_does_not_exist(world: World) -> None:
    put_job(world, world.other_company)
    give_up()
    with transaction(write=False) as session:
        task = session.scalars(select(col(TaskRow.id))).one()

    for act in (tasks.retry, tasks.close):
        with pytest.raises(NotFound):
            act(actor("staff"), task)

    assert job()[0] == "dead"


def test_customers_work_no_tasks(world: World) -> None:
    task = put(world)

    for act in (tasks.retry, tasks.close):
        with pytest.raises(NotGranted):
            act(actor("ana"), task)

    assert [each.id for each in open_tasks()] == [task]


def test_what_was_closed_is_listed_the_last_first_and_only_to_its_company(world: World) -> None:
    staff = actor("staff")
    first, second = put(world), put(world, subject="payment:2")
    assert tasks.list_closed(staff) == ()

    for moment, task in ((NOW, second), (NOW + timedelta(minutes=1), first)):
        with clock.fixed_at(moment):
            tasks.close(staff, task)

    closed = tasks.list_closed(staff)
    assert [task.id for task in closed] == [first, second]
    assert closed[0].closed_at == NOW + timedelta(minutes=1)
    with transaction(write=False) as session:
        assert stored.closed_tasks(session, world.other_company, 10) == []
    with pytest.raises(NotGranted):
        tasks.list_closed(actor("ana"))
