"""What paying the ticked documents remembers: which ways are open, at what total, for whom.

The banks of a boleto stand beneath the ways, with a state of their own (choose_bank).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from portal_app.domain.errors import InAttempt, PortalError, QuoteChanged
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.services import payments
from portal_app.services.payments import Started, Ways
from portal_app.services.rules import PAYING
from portal_app.ui import formats, routes
from portal_app.ui.choices import chosen
from portal_app.ui.customer.choose_bank.state import ChoiceState
from portal_app.ui.session import attempt, attempt_outside, opens_to
from portal_app.ui.texts import say, say_many, why

WAYS = "ways"
CHANGED = "changed"
REFUSED = "refused"
NONE = "none"


@dataclass(frozen=True)
class Way:
    """A way to pay. `leads_to_banks`: pressing it pays nothing yet, the bank is chosen first."""

    method: str
    name: str
    hint: str
    leads_to_banks: bool


@opens_to(PAYING)
class MethodState(rx.State):
    """`busy` is the way that is being started; `problem` why the last one was not.

    `has_banks`: a boleto's banks stand beneath the ways.
    """

    step: str = ""
    amount: str = ""
    documents: str = ""
    ways: list[Way] = []
    has_banks: bool = False
    busy: str = ""
    before: str = ""
    now: str = ""
    problem: str = ""
    code: str = ""
    href: str = ""
    _ids: tuple[int, ...] = ()
    _today: Money | None = None
    _replaces: str | None = None

    @rx.event
    async def start(self, method: str) -> AsyncIterator[EventSpec | None]:
        """Pay this way at the total that is shown, and go on where that is done.

        A double click's second half finds nothing left to start.
        """
        wanted = chosen(PaymentMethod, method)
        if self.step != WAYS or self._today is None:
            return
        self.busy, self.problem = wanted.value, ""
        yield
        asked = (self._ids, wanted, self._today, self._replaces)
        started = await attempt_outside(self, payments.start, *asked)
        if started.value is None:
            await self._answer(started.refusal)
            return
        await self._end()
        yield rx.redirect(_onward(started.value))  # pyright: ignore[reportReturnType]

    @rx.event
    async def accept(self) -> None:
        """The reader has seen that the total is another one now."""
        self.step = WAYS

    @rx.event
    async def close(self) -> None:
        if (await self.get_state(ChoiceState)).shown:
            await self._end()

    async def _start(
        self, ids: Sequence[int], agreed: Money | None, replaces: str | None = None
    ) -> None:
        """Ask in the dialog how to pay these documents. `agreed` is the total shown before.

        `replaces` is the payment this one is made in place of.
        """
        self.reset()
        self._ids, self._replaces = tuple(ids), replaces
        await self._offer()
        if self.step == WAYS and self._today and agreed and agreed != self._today:
            self._differs(agreed, self._today)
        (await self.get_state(ChoiceState)).shown = True

    async def _offer(self) -> None:
        banks = await self.get_state(ChoiceState)
        banks.reset()
        offered = await attempt(self, payments.ways, self._ids)
        if offered.value is None:
            self._refuse(offered.refusal)
            return
        self._show(offered.value)
        if self.has_banks:
            await banks._begin(self._ids, self._replaces)

    def _show(self, offered: Ways) -> None:
        today = offered.today
        self.step = WAYS if offered.methods else NONE
        self.amount, self._today = formats.money(today.total), today.total
        self.documents = say_many("total.documents", len(today.items))
        self.ways = [_way(method, at_bank=offered.at_bank) for method in offered.methods]
        self.has_banks = any(way.leads_to_banks for way in self.ways)

    async def _answer(self, refused: PortalError | None) -> None:
        """Say in place why it was not started; the other ways stay open where they may be."""
        self.busy = ""
        if isinstance(refused, QuoteChanged):
            await self._offer_again(refused)
            return
        step = REFUSED if isinstance(refused, InAttempt) else WAYS
        self._refuse(refused)
        self.step = step

    async def _offer_again(self, changed: QuoteChanged) -> None:
        await self._offer()
        (await self.get_state(ChoiceState)).shown = True
        shown, now = changed.details["shown"], changed.details["now"]
        if self.step == WAYS and isinstance(shown, Money) and isinstance(now, Money):
            self._differs(shown, now)

    def _refuse(self, refused: PortalError | None) -> None:
        self.step = REFUSED
        self.problem, self.code = why(refused)
        if isinstance(refused, InAttempt):
            self.href = routes.pay(str(refused.details["payment"]))

    def _differs(self, before: Money, now: Money) -> None:
        self.step = CHANGED
        self.before, self.now = formats.money(before), formats.money(now)

    async def _end(self) -> None:
        (await self.get_state(ChoiceState)).reset()
        self.reset()


def _way(method: PaymentMethod, *, at_bank: bool) -> Way:
    leads_to_banks = at_bank and method is PaymentMethod.BOLETO
    return Way(
        method=method.value,
        name=say(f"payment.method.{method}"),
        hint=say("methods.hint.by_bank" if leads_to_banks else f"methods.hint.{method}"),
        leads_to_banks=leads_to_banks,
    )


def _onward(started: Started) -> str:
    """The provider's page; while that is not known, the payment's own, where it will be."""
    return routes.here(started.url) if started.url else routes.pay(started.payment)
