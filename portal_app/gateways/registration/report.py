"""What a bank says of a title."""

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    REGISTERED = "registered"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Report:
    """A bank's answer. `reason` is a stable code, empty unless rejected."""

    answer: Answer
    reason: str = ""
