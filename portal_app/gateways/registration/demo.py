"""The demo bank: answers by the clock, so that every way a registration can go can be seen.

001 confirms and 341 rejects after `seconds`; any other bank stays silent. It is a
gateway of ours, refused outside demo mode, and needs no memory: what it answers
follows from when it was asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from portal_app.gateways.registration.report import Answer, Report

SECONDS: Final = 20
_ANSWERS: Final = {
    "001": Report(Answer.REGISTERED),
    "341": Report(Answer.REJECTED, "payer_address_incomplete"),
}


@dataclass(frozen=True, slots=True)
class DemoBank:
    report: Report | None
    answers_in: timedelta

    @classmethod
    def of(cls, bank: str, seconds: float | None) -> "DemoBank":
        wait = timedelta(seconds=SECONDS if seconds is None else seconds)
        return cls(_ANSWERS.get(bank), wait)

    def register(self, _nosso_numero: str, /) -> None:
        """Taken, always."""

    def query(self, _nosso_numero: str, requested_at: datetime, now: datetime, /) -> Report | None:
        return self.report if now >= requested_at + self.answers_in else None

    def cancel(self, _nosso_numero: str, /) -> None:
        """Withdrawn, always."""
