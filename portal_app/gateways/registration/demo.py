"""The demo bank: answers by the clock, so that every way a registration can go can be seen.

001 confirms and 341 rejects after `seconds`; any other bank stays silent. It is a
gateway of ours, refused outside demo mode, and needs no memory: what it answers
follows from when it was asked. Its Pix codes can be read, and pay nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from portal_app.domain.boleto.bank import plain
from portal_app.domain.boleto.events import BankEvent
from portal_app.domain.boleto.gateway import Answer, Capability, Problem, Report, TitleRef
from portal_app.domain.boleto.order import Order
from portal_app.domain.companies import BankCarteira
from portal_app.domain.errors import NotSupported
from portal_app.domain.pix import BRCode, encode
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
    gives_pix: bool = False
    capabilities: frozenset[Capability] = frozenset(
        {Capability.QUERY, Capability.CANCEL, Capability.AMEND, Capability.PIX}
    )

    @classmethod
    def of(cls, carteira: BankCarteira, seconds: float) -> "DemoBank":
        answer = _ANSWERS.get(carteira.bank, _PENDING)
        gives_pix = carteira.wants_pix and answer.answer is Answer.REGISTERED
        return cls(answer, timedelta(seconds=seconds), gives_pix)

    def validate(self, _order: Order, /) -> Sequence[Problem]:
        return ()

    def register(self, _order: Order, /) -> Report:
        """Taken, always."""
        return _PENDING

    def query(self, ref: TitleRef, /) -> Report:
        if clock.now() < ref.asked_at + self.expected_wait:
            return _PENDING
        return replace(self.answer, pix=_pix(ref)) if self.gives_pix else self.answer

    def cancel(self, _ref: TitleRef, /) -> Report:
        """Withdrawn, always."""
        return Report(answer=Answer.CANCELLED)

    def amend(self, _ref: TitleRef, _due: date, /) -> Report:
        return Report(answer=Answer.AMENDED)

    def parse_events(self, _raw: bytes, _headers: Mapping[str, str], /) -> Sequence[BankEvent]:
        """It never calls."""
        raise NotSupported(action="webhook")


def _pix(ref: TitleRef) -> str:
    code = BRCode(
        name="Banco de demonstração",
        city="Recife",
        key="demonstracao@example.com",
        txid=plain(ref.nosso_numero),
    )
    return encode(code)
