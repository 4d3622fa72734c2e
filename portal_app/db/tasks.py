"""What waits for a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import TaskRow
from portal_app.domain.errors import NotFound
from portal_app.domain.tasks import Task

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def put(
    session: Session,
    company: int,
    kind: str,
    subject: str,
    now: datetime,
    *,
    details: dict[str, Any] | None = None,
) -> bool:
    """Open a task unless one of this kind on this subject is open already. True if it was new."""
    insert = _INSERT[session.get_bind().dialect.name]
    statement = (
        insert(TaskRow)
        .values(
            company_id=company,
            kind=kind,
            subject=subject,
            details=details or {},
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(col(TaskRow.id))
    )
    return session.execute(statement).first() is not None


def close(session: Session, company: int, kind: str, subject: str, now: datetime) -> None:
    """The cause is gone: close the open task, if there is one."""
    session.execute(
        update(TaskRow)
        .where(
            col(TaskRow.company_id) == company,
            col(TaskRow.kind) == kind,
            col(TaskRow.subject) == subject,
            col(TaskRow.closed_at).is_(None),
        )
        .values(closed_at=now)
    )


def end(session: Session, company: int, task: int, now: datetime) -> bool:
    """Close this task and no other; False for one that is closed, which stays as it is."""
    statement = (
        update(TaskRow)
        .where(
            col(TaskRow.company_id) == company,
            col(TaskRow.id) == task,
            col(TaskRow.closed_at).is_(None),
        )
        .values(closed_at=now)
        .returning(col(TaskRow.id))
    )
    return session.execute(statement).first() is not None


def count_open(session: Session, company: int) -> int:
    query = select(func.count()).where(
        col(TaskRow.company_id) == company, col(TaskRow.closed_at).is_(None)
    )
    return session.scalar(query) or 0


def by_id(session: Session, company: int, task: int) -> Task:
    """Open or closed."""
    query = select(TaskRow).where(col(TaskRow.company_id) == company, col(TaskRow.id) == task)
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(kind="task")
    return _task(row)


def open_tasks(session: Session, company: int) -> list[Task]:
    """Oldest first."""
    query = (
        select(TaskRow)
        .where(col(TaskRow.company_id) == company, col(TaskRow.closed_at).is_(None))
        .order_by(col(TaskRow.created_at), col(TaskRow.id))
    )
    return [_task(row) for row in session.scalars(query)]


def open_subjects(session: Session, company: int, kind: str) -> set[str]:
    """What the open tasks of a kind are about."""
    query = select(col(TaskRow.subject)).where(
        col(TaskRow.company_id) == company,
        col(TaskRow.kind) == kind,
        col(TaskRow.closed_at).is_(None),
    )
    return set(session.scalars(query))


def closed_tasks(session: Session, company: int, limit: int) -> list[Task]:
    """The last that was closed first."""
    query = (
        select(TaskRow)
        .where(col(TaskRow.company_id) == company, col(TaskRow.closed_at).is_not(None))
        .order_by(col(TaskRow.closed_at).desc(), col(TaskRow.id).desc())
        .limit(limit)
    )
    return [_task(row) for row in session.scalars(query)]


def _task(row: TaskRow) -> Task:
    return Task(row.id, row.kind, row.subject, row.details, row.created_at, row.closed_at)
