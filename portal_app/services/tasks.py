"""What staff see under "Tarefas"."""

from portal_app.db import tasks
from portal_app.db.engine import transaction
from portal_app.domain.grants import StaffFeature
from portal_app.domain.tasks import Task
from portal_app.services.access import Actor, require


def list_open(actor: Actor) -> tuple[Task, ...]:
    """What waits for a person of the actor's company, oldest first."""
    require(actor, StaffFeature.WORK_TASKS)
    with transaction(write=False) as session:
        return tuple(tasks.open_tasks(session, actor.company.id))
