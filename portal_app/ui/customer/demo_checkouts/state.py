"""What the demo provider's page remembers: which payment it plays, and whether that is over."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from portal_app.services import demo_checkouts
from portal_app.services.demo_checkouts import DemoCheckout
from portal_app.services.rules import CUSTOMERS, PAYING
from portal_app.ui import formats, routes
from portal_app.ui.session import ask, attempt, opens_to
from portal_app.ui.texts import say


@dataclass(frozen=True)
class Played:
    """What is to be paid, in words. `stands_for` is what a real customer would do instead."""

    company: str = ""
    initial: str = ""
    amount: str = ""
    method: str = ""
    name: str = ""
    stands_for: str = ""
    documents: str = ""
    later: str = ""
    back: str = ""

    @classmethod
    def of(cls, page: DemoCheckout) -> Played:
        return cls(
            company=page.company,
            initial=page.company[:1].upper(),
            amount=formats.money(page.amount),
            method=page.method.value,
            name=say(f"payment.method.{page.method}"),
            stands_for=say(f"demo.stands_for.{page.method}"),
            documents=" · ".join(page.numbers),
            later=say("demo.later", seconds=f"{page.seconds:g}"),
            back=routes.pay(page.payment),
        )


@opens_to(PAYING, load=CUSTOMERS)
class DemoState(rx.State):
    """`status` is 'loading', 'open', 'over' or 'not_found': there is no such page for this reader."""

    status: str = "loading"
    played: Played = Played()
    _payment: str = ""

    @rx.event
    async def load(self) -> None:
        """Safe to repeat."""
        wanted = self.router.url.path.rstrip("/").rpartition("/")[2]
        if wanted != self._payment:
            self._payment, self.status = wanted, "loading"
        page = await attempt(self, demo_checkouts.page, wanted)
        if page.value is None:
            self.status, self.played = "not_found", Played()
            return
        self.status = "open" if page.value.is_open else "over"
        self.played = Played.of(page.value)

    @rx.event
    async def decide(self, decision: str) -> EventSpec | None:
        """Play the customer, then go back as he would; where it was too late, say so."""
        if not await ask(self, demo_checkouts.decide, self._payment, decision):
            self.status = "over"
            return None
        return rx.redirect(routes.pay(self._payment))  # pyright: ignore[reportReturnType]
