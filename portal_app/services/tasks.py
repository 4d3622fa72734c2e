"""What staff see and do under "Tarefas"."""

from typing import Final

from portal_app.db import jobs, tasks
from portal_app.db.engine import transaction
from portal_app.domain.audit import Action
from portal_app.domain.errors import NotFound
from portal_app.domain.grants import StaffFeature
from portal_app.domain.tasks import Task, job_of
from portal_app.gateways import clock
from portal_app.services import audit
from portal_app.services.actors import Actor, require

MOST_CLOSED: Final = 100
_DEAD: Final = "job_dead"


def list_open(actor: Actor) -> tuple[Task, ...]:
    """What waits for a person of the actor's company, oldest first."""
    require(actor, StaffFeature.WORK_TASKS)
    with transaction(write=False) as session:
        return tuple(tasks.open_tasks(session, actor.company.id))


def list_closed(actor: Actor) -> tuple[Task, ...]:
    """What was done, or went by itself, the last one first; not all there ever were."""
    require(actor, StaffFeature.WORK_TASKS)
    with transaction(write=False) as session:
        return tuple(tasks.closed_tasks(session, actor.company.id, MOST_CLOSED))


def count_open(actor: Actor) -> int:
    require(actor, StaffFeature.WORK_TASKS)
    with transaction(write=False) as session:
        return tasks.count_open(session, actor.company.id)


def retry(actor: Actor, task_id: int) -> bool:
    """Have the job a task names run now; False for one that runs or is done, which is left alone.

    The task of a job that was given up goes with it; any other goes once its cause is gone.
    NotFound for a task that names no job, or one that is forgotten.
    """
    require(actor, StaffFeature.WORK_TASKS)
    company, now = actor.company.id, clock.now()
    with transaction() as session:
        task = tasks.by_id(session, company, task_id)
        kind, key = job_of(task) or ("", "")
        job = jobs.requeue(session, company, kind, key, now)
        if job is not None:
            tasks.close(session, company, _DEAD, f"job:{job}", now)
        elif jobs.state_of(session, company, kind, key) is None:
            raise NotFound(kind="job")
        elif task.kind == _DEAD:
            tasks.end(session, company, task.id, now)
        if job is not None:
            audit.record(session, actor, Action.TASK_RETRIED, f"task:{task.id}", kind=task.kind)
    return job is not None


def close(actor: Actor, task_id: int) -> None:
    """A person did it; closed before, it stays so. NotFound for another company's."""
    require(actor, StaffFeature.WORK_TASKS)
    with transaction() as session:
        task = tasks.by_id(session, actor.company.id, task_id)
        if tasks.end(session, actor.company.id, task.id, clock.now()):
            audit.record(session, actor, Action.TASK_CLOSED, f"task:{task.id}", kind=task.kind)
