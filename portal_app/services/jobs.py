"""Claim, renew, finish and retry jobs for the runner; plan what runs by the clock.

There is no actor: the installation itself asks.
"""

from collections.abc import Iterable

from portal_app.db import companies, jobs, tasks
from portal_app.db.engine import transaction
from portal_app.db.jobs import Claim
from portal_app.domain.jobs import KEEP_DEAD, KEEP_DONE, Cron, period_of, retry_at
from portal_app.gateways import clock

__all__ = [
    "Claim",
    "claim",
    "fail",
    "finish",
    "forget_ended",
    "plan",
    "renew",
    "seconds_to_next",
]


def claim() -> Claim | None:
    """Take the next due job; None if nothing is due."""
    wait = seconds_to_next()
    # Looked at first without the write lock, which an idle worker must not take all the time.
    if wait is None or wait > 0:
        return None
    with transaction() as session:
        return jobs.claim(session, clock.now())


def seconds_to_next() -> float | None:
    """How long until a job is due, 0 if one is; None if none waits."""
    with transaction(write=False) as session:
        when = jobs.next_run_at(session)
    return None if when is None else max(0.0, (when - clock.now()).total_seconds())


def renew(claimed: Claim) -> None:
    """Hold a long job for another lease; StaleClaim if somebody else has it now."""
    with transaction() as session:
        jobs.renew(session, claimed, clock.now())


def finish(claimed: Claim) -> None:
    """For a job whose work is harmless to repeat and was committed before."""
    with transaction() as session:
        jobs.done(session, claimed)


def fail(claimed: Claim, error: str) -> bool:
    """Note a failure: try again later, or give the job up and open a task. True if given up.

    `error` is a class name or code: what went wrong, never whose.
    """
    now = clock.now()
    again = retry_at(now, claimed.failures + 1)
    with transaction() as session:
        jobs.failed(session, claimed, error, again)
        if again is None:
            facts = {"kind": claimed.kind, "key": claimed.key, "error": error}
            tasks.put(session, claimed.company, "job_dead", f"job:{claimed.id}", now, details=facts)
    return again is None


def forget_ended(claimed: Claim) -> None:
    """Delete the company's jobs that ended so long ago that nobody will ask for them."""
    now = clock.now()
    with transaction() as session:
        jobs.forget_ended(session, claimed.company, now - KEEP_DONE, now - KEEP_DEAD)
        jobs.done(session, claimed)


def plan(schedule: Iterable[Cron]) -> int:
    """Queue what this hour and day call for, once each company; how many were new."""
    now = clock.now()
    with transaction() as session:
        new = [
            jobs.put(session, company, cron.kind, f"{company}/{period_of(cron.every, now)}", now)
            for company in companies.list_ids(session)
            for cron in schedule
        ]
    return sum(new)
