"""The outbox: put in the transaction that causes it, claimed with a lease, finished with its token."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import JobRow
from portal_app.domain.errors import StaleClaim
from portal_app.domain.jobs import JobState, lease_until

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in this worker's hands. `token` is the attempt it was claimed for."""

    id: int
    company: int
    kind: str
    key: str
    payload: dict[str, Any]
    token: int
    failures: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A job that is not done, as whoever waits for it sees it."""

    key: str
    payload: dict[str, Any]
    state: JobState


def put(
    session: Session,
    company: int,
    kind: str,
    key: str,
    run_at: datetime,
    payload: dict[str, Any] | None = None,
) -> bool:
    """Queue a job once: a kind and key already there is left as it is. True if it was new."""
    insert = _INSERT[session.get_bind().dialect.name]
    statement = (
        insert(JobRow)
        .values(
            company_id=company,
            kind=kind,
            key=key,
            payload=payload or {},
            state=JobState.QUEUED.value,
            run_at=run_at,
            attempts=0,
            failures=0,
            last_error="",
        )
        .on_conflict_do_nothing(index_elements=["kind", "key"])
        .returning(col(JobRow.id))
    )
    return session.execute(statement).first() is not None


def claim(session: Session, now: datetime) -> Claim | None:
    """Take the next due job, or one whose worker let its lease run out.

    Of all companies: a worker serves the installation.
    """
    due = (
        select(JobRow)
        .where(
            or_(
                (col(JobRow.state) == JobState.QUEUED.value) & (col(JobRow.run_at) <= now),
                (col(JobRow.state) == JobState.RUNNING.value) & (col(JobRow.lease_until) < now),
            )
        )
        .order_by(col(JobRow.run_at), col(JobRow.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = session.scalars(due).one_or_none()
    return None if row is None else _claimed(session, row, now)


def claim_one(session: Session, company: int, kind: str, key: str, now: datetime) -> Claim | None:
    """Take this job, whenever it is due, also one that was given up.

    None where somebody has it, or it is done.
    """
    query = (
        select(JobRow)
        .where(
            col(JobRow.company_id) == company,
            col(JobRow.kind) == kind,
            col(JobRow.key) == key,
            or_(
                col(JobRow.state).in_((JobState.QUEUED.value, JobState.DEAD.value)),
                (col(JobRow.state) == JobState.RUNNING.value) & (col(JobRow.lease_until) < now),
            ),
        )
        .with_for_update(skip_locked=True)
    )
    row = session.scalars(query).one_or_none()
    return None if row is None else _claimed(session, row, now)


def unfinished(session: Session, company: int, kind: str) -> list[Unfinished]:
    """The company's jobs of a kind that are not done, those that were given up among them."""
    query = (
        select(JobRow)
        .where(
            col(JobRow.company_id) == company,
            col(JobRow.kind) == kind,
            col(JobRow.state) != JobState.DONE.value,
        )
        .order_by(col(JobRow.id))
    )
    return [Unfinished(row.key, row.payload, JobState(row.state)) for row in session.scalars(query)]


def next_run_at(session: Session) -> datetime | None:
    """When the next job of any company is due or its lease runs out; None if there is none."""
    queued = select(func.min(JobRow.run_at)).where(col(JobRow.state) == JobState.QUEUED.value)
    running = select(func.min(JobRow.lease_until)).where(
        col(JobRow.state) == JobState.RUNNING.value
    )
    times = (session.scalar(queued), session.scalar(running))
    return min((time for time in times if time is not None), default=None)


def renew(session: Session, claimed: Claim, now: datetime) -> None:
    """Hold the job for another lease; StaleClaim if somebody else has it now."""
    _finish(session, claimed, lease_until=lease_until(now))


def done(session: Session, claimed: Claim) -> None:
    """Finish the job in the transaction that did its work; StaleClaim undoes that work."""
    # The lease stays: it tells, to a minute, when the job ended.
    _finish(session, claimed, state=JobState.DONE.value)


def again(session: Session, claimed: Claim, run_at: datetime) -> None:
    """Put the job back for later; nothing went wrong."""
    _finish(
        session, claimed, state=JobState.QUEUED.value, run_at=run_at, lease_until=None, failures=0
    )


def requeue(session: Session, company: int, kind: str, key: str, now: datetime) -> int | None:
    """Have a job that waits, or was given up, run now as if it had never failed; its id.

    None where there is none: one that runs or is done is left alone.
    """
    statement = (
        update(JobRow)
        .where(
            col(JobRow.company_id) == company,
            col(JobRow.kind) == kind,
            col(JobRow.key) == key,
            col(JobRow.state).in_((JobState.QUEUED.value, JobState.DEAD.value)),
        )
        .values(state=JobState.QUEUED.value, run_at=now, lease_until=None, failures=0)
        .returning(col(JobRow.id))
    )
    return session.scalars(statement).one_or_none()


def state_of(session: Session, company: int, kind: str, key: str) -> JobState | None:
    """None if there is no such job, or it was done so long ago that it is forgotten."""
    query = select(col(JobRow.state)).where(
        col(JobRow.company_id) == company, col(JobRow.kind) == kind, col(JobRow.key) == key
    )
    found = session.scalars(query).one_or_none()
    return None if found is None else JobState(found)


def failed(session: Session, claimed: Claim, error: str, run_at: datetime | None) -> None:
    """Note a failure: try again at `run_at`, or (None) give the job up."""
    state = JobState.DEAD if run_at is None else JobState.QUEUED
    _finish(
        session,
        claimed,
        state=state.value,
        failures=claimed.failures + 1,
        last_error=error[:500],
        **({} if run_at is None else {"run_at": run_at, "lease_until": None}),
    )


def forget_ended(
    session: Session, company: int, done_before: datetime, dead_before: datetime
) -> None:
    """Delete jobs that were done, or given up, before these moments."""
    ended = func.coalesce(col(JobRow.lease_until), col(JobRow.run_at))
    session.execute(
        delete(JobRow).where(
            col(JobRow.company_id) == company,
            or_(
                and_(col(JobRow.state) == JobState.DONE.value, ended < done_before),
                and_(col(JobRow.state) == JobState.DEAD.value, ended < dead_before),
            ),
        )
    )


def _claimed(session: Session, row: JobRow, now: datetime) -> Claim:
    row.state = JobState.RUNNING.value
    row.attempts += 1
    row.lease_until = lease_until(now)
    session.flush()
    return Claim(row.id, row.company_id, row.kind, row.key, row.payload, row.attempts, row.failures)


def _finish(session: Session, claimed: Claim, **values: object) -> None:
    statement = (
        update(JobRow)
        .where(
            col(JobRow.id) == claimed.id,
            col(JobRow.company_id) == claimed.company,
            col(JobRow.state) == JobState.RUNNING.value,
            col(JobRow.attempts) == claimed.token,
        )
        .values(**values)
        .returning(col(JobRow.id))
    )
    if session.execute(statement).first() is None:
        raise StaleClaim(job=claimed.id)
