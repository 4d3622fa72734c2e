"""Registration of boletos at banks: which gateway to ask.

A gateway talks to one bank and knows nothing of payments: `register` hands a
title over (once per nosso número, however often it is called), `query` asks what
became of it, `cancel` asks to withdraw it. `answers_in` is how long it usually takes.
"""

from datetime import datetime, timedelta
from typing import Protocol

from portal_app.domain.errors import MethodUnavailable
from portal_app.gateways.registration.demo import DemoBank
from portal_app.gateways.registration.report import Report
from portal_app.settings import settings


class BankGateway(Protocol):
    @property
    def answers_in(self) -> timedelta: ...

    def register(self, nosso_numero: str, /) -> None: ...

    def query(
        self, nosso_numero: str, requested_at: datetime, now: datetime, /
    ) -> Report | None: ...

    def cancel(self, nosso_numero: str, /) -> None: ...


def gateway_of(bank: str) -> BankGateway:
    """The gateway of a bank; MethodUnavailable where the installation has none for it."""
    if settings().mode != "demo":
        raise MethodUnavailable(method="boleto", bank=bank)
    return DemoBank.of(bank, settings().demo_bank_seconds)
