"""FileGateway: a bank reached by remessa and retorno."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from portal_app.domain.boleto.events import BankEvent
from portal_app.domain.boleto.gateway import Answer, Capability, Problem, Report, TitleRef
from portal_app.domain.boleto.order import Order
from portal_app.domain.errors import NotSupported
from portal_app.files import retorno
from portal_app.files.cnab240.banks import Beneficiary
from portal_app.files.cnab240.remessa import ensure_account, problems

_QUEUED: Final = Report(answer=Answer.QUEUED)


@dataclass(frozen=True, slots=True)
class FileGateway:
    """A BankGateway that says nothing by itself: the next remessa does (`cnab240.write`)."""

    account: Beneficiary

    @classmethod
    def of(cls, account: Beneficiary) -> FileGateway:
        """InvalidField names what the account's files would lack."""
        ensure_account(account)
        return cls(account)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.FILE, Capability.CANCEL, Capability.AMEND})

    @property
    def expected_wait(self) -> timedelta:
        """The retorno that answers a remessa comes the next day."""
        return timedelta(days=1)

    def validate(self, order: Order, /) -> Sequence[Problem]:
        return problems(self.account, order)

    def register(self, _: Order, /) -> Report:
        return _QUEUED

    def query(self, _: TitleRef, /) -> Report:
        raise NotSupported(action="query")

    def cancel(self, _: TitleRef, /) -> Report:
        return _QUEUED

    def amend(self, _ref: TitleRef, _due: date, /) -> Report:
        return _QUEUED

    def parse_events(self, raw: bytes, _headers: Mapping[str, str], /) -> Sequence[BankEvent]:
        """The facts of a retorno of either length; the lines it refuses are told by retorno.read."""
        items = retorno.read(io.BytesIO(raw))
        return [item for item in items if isinstance(item, BankEvent)]
