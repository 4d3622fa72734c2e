"""The demo bank: answers by the clock, so that every way a registration can go can be seen.

001 confirms and 341 rejects after `seconds`; any other bank stays silent. It is a
gateway of ours, refused outside demo mode, and needs no memory: what it answers
follows from when it was asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from portal_app.domain.boleto.events import BankEvent
from portal_app.domain.boleto.gateway import Answer, Capability, Problem, Report, TitleRef
from portal_app.domain.boleto.order import Order
from portal_app.domain.errors import NotSupported
from portal_app.gateways import clock

_ANSWERS: Final = {
    "001": Report(answer=Answer.REGISTERED),
    "341": Report(answer=Answer.REJECTED, reasons=("payer_address_incomplete",)),
}
_PENDING: Final = Report(answer=Answer.PENDING)


@dataclass(frozen=True, slots=True)
class DemoBank:
    """`expected_wait` after it was asked it gives its one answer, `answer`."""

    answer: Report
    expected_wait: timedelta
    capabilities: frozenset[Capability] = frozenset(
        {Capability.QUERY, Capability.CANCEL, Capability.AMEND}
    )

    @classmethod
    def of(cls, bank: str, seconds: float) -> "DemoBank":
        return cls(_ANSWERS.get(bank, _PENDING), timedelta(seconds=seconds))

    def validate(self, _order: Order, /) -> Sequence[Problem]:
        return ()

    def register(self, _order: Order, /) -> Report:
        """Taken, always."""
        return _PENDING

    def query(self, ref: TitleRef, /) -> Report:
        return self.answer if clock.now() >= ref.asked_at + self.expected_wait else _PENDING

    def cancel(self, _ref: TitleRef, /) -> Report:
        """Withdrawn, always."""
        return Report(answer=Answer.CANCELLED)

    def amend(self, _ref: TitleRef, _due: date, /) -> Report:
        return Report(answer=Answer.AMENDED)

    def parse_events(self, _raw: bytes, _headers: Mapping[str, str], /) -> Sequence[BankEvent]:
        """It never calls."""
        raise NotSupported(action="webhook")
