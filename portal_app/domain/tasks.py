"""What waits for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Task:
    """`kind` is a stable name, `subject` what it is about ('payment:12'), `details` the facts.

    `closed_at`: when a person did it or its cause went, None while it waits.
    """

    id: int
    kind: str
    subject: str
    details: Mapping[str, object]
    created_at: datetime
    closed_at: datetime | None = None


def job_of(task: Task) -> tuple[str, str] | None:
    """Kind and key of the job whose failure the task is; None for one of no job.

    >>> from datetime import UTC
    >>> moment = datetime(2026, 11, 22, tzinfo=UTC)
    >>> job_of(Task(1, "receipt_failed", "payment:7", {"kind": "receipt.issue", "key": "7"}, moment))
    ('receipt.issue', '7')
    """
    kind, key = task.details.get("kind"), task.details.get("key")
    return (kind, key) if isinstance(kind, str) and isinstance(key, str) else None
