"""What waits for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Task:
    """`kind` is a stable name, `subject` what it is about ('payment:12'), `details` the facts."""

    id: int
    kind: str
    subject: str
    details: Mapping[str, object]
    created_at: datetime
