"""What the history remembers: which of its lists, which period, which page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import reflex as rx

from portal_app.domain.documents import Period
from portal_app.domain.grants import Feature
from portal_app.domain.money import Money
from portal_app.domain.payments import Payment, PaymentState
from portal_app.domain.receipts import Receipt, ReceiptKind, ReceiptName
from portal_app.services import history
from portal_app.services.history import PaymentsPage, ReceiptsPage, SettledDocument, SettledPage
from portal_app.services.rules import CUSTOMERS, granted
from portal_app.ui import formats, routes
from portal_app.ui.components import date_range
from portal_app.ui.components.date_range import Typed
from portal_app.ui.customer.send_email.state import EmailState, may_send
from portal_app.ui.session import attempt, current, opens_to
from portal_app.ui.texts import say, say_many

PAYMENTS = "payments"
DOCUMENTS = "documents"
RECEIPTS = "receipts"

_NUMBERS_SHOWN = 3
_LISTS: Final = {
    PAYMENTS: history.list_payments,
    DOCUMENTS: history.list_settled,
    RECEIPTS: history.list_receipts,
}


@dataclass(frozen=True)
class PaymentLine:
    """A payment, already in words. `remark` is empty for one that simply came in.

    `receipt` is the address of its receipt, `refunded` what went back of it; '' for none.
    """

    id: str
    day: str
    method: str
    documents: str
    amount: str
    remark: str
    href: str
    receipt: str
    number: str
    refunded: str

    @classmethod
    def of(cls, payment: Payment, stated: Sequence[ReceiptName]) -> PaymentLine:
        came = payment.received or payment.amount
        own = next((each for each in stated if each.kind is ReceiptKind.RECEIPT), None)
        gone = [each.total for each in stated if each.kind is ReceiptKind.REFUND]
        return cls(
            id=payment.public_id,
            day=formats.day(payment.paid_on),
            method=say(f"payment.method.{payment.method}"),
            documents=_named([item.number for item in payment.items]) or say("history.credit"),
            amount=formats.money(came),
            remark=""
            if payment.state is PaymentState.CONFIRMED
            else say(f"payment.state.{payment.state}"),
            href=routes.pay(payment.public_id),
            receipt=_paper(own.public_id) if own else "",
            number=own.number if own else "",
            refunded=formats.money(-Money.total(gone, came.currency)) if gone else "",
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


@dataclass(frozen=True)
class ReceiptLine:
    """A receipt, already in words; money that went back with its minus. `href` is its paper's."""

    id: str
    number: str
    day: str
    documents: str
    amount: str
    is_refund: bool
    href: str

    @classmethod
    def of(cls, receipt: Receipt) -> ReceiptLine:
        is_refund = receipt.kind is ReceiptKind.REFUND
        return cls(
            id=receipt.public_id,
            number=receipt.number,
            day=formats.day(receipt.paid_on),
            documents=_named([line.number for line in receipt.facts.lines])
            or say("history.credit"),
            amount=formats.money(-receipt.total if is_refund else receipt.total),
            is_refund=is_refund,
            href=_paper(receipt.public_id),
        )


def _named(numbers: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    shown = ", ".join(numbers[:_NUMBERS_SHOWN])
    left = len(numbers) - _NUMBERS_SHOWN
    return say("history.and_more", shown=shown, count=left) if left > 0 else shown


def _paper(receipt: str) -> str:
    """The address of a receipt's paper, '' for a reader who may not print."""
    return routes.receipt_pdf(receipt) if current().may(Feature.PRINT) else ""


@opens_to(granted(Feature.HISTORY), load=CUSTOMERS)
class HistoryState(rx.State):
    """One list at a time, newest first, a page of it."""

    status: str = "loading"
    tab: str = PAYMENTS
    payments: list[PaymentLine] = []
    documents: list[DocumentLine] = []
    receipts: list[ReceiptLine] = []
    has_papers: bool = False
    may_send: bool = False
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
        await (await self.get_state(EmailState))._arrive()
        await self._show(self.tab, self._period, self._page)

    @rx.event
    async def choose_tab(self, tab: str) -> None:
        await self._show(tab if tab in _LISTS else PAYMENTS, self._period, 0)

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
        answer = await attempt(self, _LISTS[tab], period, page)
        self.status, self.tab, self._period = answer.status, tab, period
        self.is_filtered = period != Period()
        if answer.value:
            self._fill(answer.value)
            self._place(answer.value.matching, answer.value.page, answer.value.pages)

    def _fill(self, found: PaymentsPage | SettledPage | ReceiptsPage) -> None:
        if isinstance(found, PaymentsPage):
            self.payments = [
                PaymentLine.of(each, found.receipts.get(each.id, ())) for each in found.payments
            ]
            self.has_papers = any(line.receipt for line in self.payments)
        elif isinstance(found, SettledPage):
            self.documents = [DocumentLine.of(each) for each in found.documents]
        else:
            self.receipts = [ReceiptLine.of(each) for each in found.receipts]
            self.may_send = may_send()

    def _place(self, matching: int, page: int, pages: int) -> None:
        self._page, self.is_empty = page, matching == 0
        self.count = say_many(f"history.count.{self.tab}", matching) if matching else ""
        self.position = say("list.page", page=page + 1, pages=pages) if pages > 1 else ""
        self.has_newer, self.has_older = page > 0, page + 1 < pages
