"""What the history remembers: which of its two lists, which period, which page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from portal_app.domain.documents import Period
from portal_app.domain.payments import Payment, PaymentState
from portal_app.services import history
from portal_app.services.history import SettledDocument
from portal_app.ui import formats, routes
from portal_app.ui.components import date_range
from portal_app.ui.components.date_range import Typed
from portal_app.ui.session import attempt
from portal_app.ui.texts import say, say_many

PAYMENTS = "payments"
DOCUMENTS = "documents"

_NUMBERS_SHOWN = 3


@dataclass(frozen=True)
class PaymentLine:
    """A payment, already in words. `remark` is empty for one that simply came in."""

    id: str
    day: str
    method: str
    documents: str
    amount: str
    remark: str
    href: str

    @classmethod
    def of(cls, payment: Payment) -> PaymentLine:
        numbers = [item.number for item in payment.items]
        shown = ", ".join(numbers[:_NUMBERS_SHOWN])
        left = len(numbers) - _NUMBERS_SHOWN
        return cls(
            id=payment.public_id,
            day=formats.day(payment.paid_on),
            method=say(f"payment.method.{payment.method}"),
            documents=say("history.and_more", shown=shown, count=left) if left > 0 else shown,
            amount=formats.money(payment.amount),
            remark=""
            if payment.state is PaymentState.CONFIRMED
            else say(f"payment.state.{payment.state}"),
            href=routes.pay(payment.public_id),
        )


@dataclass(frozen=True)
class DocumentLine:
    """A settled document, already in words."""

    number: str
    issued: str
    paid_on: str
    total: str

    @classmethod
    def of(cls, document: SettledDocument) -> DocumentLine:
        return cls(
            number=document.number,
            issued=formats.day(document.issued),
            paid_on=formats.day(document.paid_on),
            total=formats.money(document.total),
        )


class HistoryState(rx.State):
    """One list at a time, newest first, a page of it."""

    status: str = "loading"
    tab: str = PAYMENTS
    payments: list[PaymentLine] = []
    documents: list[DocumentLine] = []
    typed: Typed = Typed()
    is_filtered: bool = False
    is_empty: bool = False
    count: str = ""
    position: str = ""
    has_newer: bool = False
    has_older: bool = False
    _period: Period = Period()
    _page: int = 0

    @rx.event
    async def load(self) -> None:
        await self._show(self.tab, self._period, self._page)

    @rx.event
    async def choose_tab(self, tab: str) -> None:
        await self._show(DOCUMENTS if tab == DOCUMENTS else PAYMENTS, self._period, 0)

    @rx.event
    async def choose_period(self, form: dict[str, Any]) -> None:
        period, self.typed = date_range.read(form)
        if period is not None:
            await self._show(self.tab, period, 0)

    @rx.event
    async def forget_period(self) -> None:
        self.typed = Typed()
        await self._show(self.tab, Period(), 0)

    @rx.event
    async def newer(self) -> None:
        await self._show(self.tab, self._period, self._page - 1)

    @rx.event
    async def older(self) -> None:
        await self._show(self.tab, self._period, self._page + 1)

    async def _show(self, tab: str, period: Period, page: int) -> None:
        """Ask for a page and, once it is there, move to it."""
        if tab == PAYMENTS:
            answer = await attempt(self, history.list_payments, period, page)
            lines = [PaymentLine.of(each) for each in answer.value.payments] if answer.value else []
            self.payments = lines
        else:
            settled = await attempt(self, history.list_settled, period, page)
            answer = settled
            self.documents = (
                [DocumentLine.of(each) for each in settled.value.documents] if settled.value else []
            )
        self.status, self.tab, self._period = answer.status, tab, period
        self.is_filtered = period != Period()
        if answer.value:
            self._place(answer.value.matching, answer.value.page, answer.value.pages)

    def _place(self, matching: int, page: int, pages: int) -> None:
        self._page, self.is_empty = page, matching == 0
        self.count = say_many(f"history.count.{self.tab}", matching) if matching else ""
        self.position = say("list.page", page=page + 1, pages=pages) if pages > 1 else ""
        self.has_newer, self.has_older = page > 0, page + 1 < pages
