"""What the open documents page remembers: the list, the boxes, the total."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import reflex as rx

from portal_app.domain.documents import PAGE_SIZE, OpenFilter, Period, Show, SortBy
from portal_app.domain.errors import PortalError
from portal_app.domain.grants import Feature
from portal_app.domain.money import Money
from portal_app.domain.selection import Quote
from portal_app.services import documents, payments
from portal_app.services.documents import Header, OpenPage
from portal_app.services.rules import CUSTOMERS, PAYING, granted
from portal_app.ui import formats
from portal_app.ui.choices import chosen
from portal_app.ui.components import date_range
from portal_app.ui.components.date_range import Typed
from portal_app.ui.customer.choose_bank.state import ChoiceState
from portal_app.ui.customer.choose_method.state import MethodState
from portal_app.ui.customer.open_documents.rows import Row, rows_of
from portal_app.ui.customer.send_email.state import EmailState, may_send
from portal_app.ui.errors import NoticeState
from portal_app.ui.session import ask, ask_later, ask_now, attempt, current, opens_to
from portal_app.ui.shell import CountState
from portal_app.ui.texts import say, say_many


@dataclass(frozen=True)
class Listing:
    """Around the rows: which of them, in which order, how many there are."""

    show: str = Show.ALL.value
    sort: str = SortBy.DUE.value
    descending: bool = False
    period: str = ""
    all: int = 0
    overdue: int = 0
    soon: int = 0
    page: str = ""
    is_empty: bool = False
    has_previous: bool = False
    has_next: bool = False


@dataclass(frozen=True)
class Whose:
    """Whose documents, whether they can be paid and sent here, and what an empty page says."""

    line: str = ""
    last_payment: str = ""
    can_pay: bool = True
    can_email: bool = False


@dataclass(frozen=True)
class Total:
    """The payment bar, already in words."""

    amount: str = ""
    count: int = 0
    documents: str = ""
    principal: str = ""
    fine: str = ""
    fine_rate: str = ""
    interest: str = ""
    interest_rate: str = ""

    @classmethod
    def of(cls, quote: Quote, currency: str) -> Total:
        count, terms = len(quote.items), quote.terms
        if not count:
            return cls(formats.money(Money(0, currency)), 0, say("total.nothing"))
        return cls(
            amount=formats.money(quote.total),
            count=count,
            documents=say_many("total.documents", count),
            principal=formats.money(quote.principal),
            fine=formats.money(quote.fine) if quote.fine else "",
            fine_rate=formats.percent(terms.fine) if terms else "",
            interest=formats.money(quote.interest) if quote.interest else "",
            interest_rate=formats.percent(terms.interest) if terms else "",
        )


@opens_to(granted(Feature.SEE_DOCUMENTS), load=CUSTOMERS)
class OpenState(rx.State):
    """The list. A tick changes nothing here, so it redraws no row."""

    status: str = "loading"
    problem: str = ""
    whose: Whose = Whose()
    rows: list[Row] = []
    listing: Listing = Listing()
    period: Typed = Typed()
    _filter: OpenFilter = OpenFilter()

    @rx.event
    async def load(self) -> None:
        """Everything anew, as the database has it; safe to repeat."""
        await (await self.get_state(EmailState))._arrive()
        header = await attempt(self, documents.header)
        self.status = header.status
        self.problem = header.sentence
        if header.status == "ready":
            self.whose = await self._whose(header.required())
            await (await self.get_state(SelectionState))._restore()
            await self._list()

    @rx.event
    async def show(self, which: str) -> None:
        self._filter = OpenFilter(chosen(Show, which), Period(), *self._order())
        self.period = Typed()
        await self._list()

    @rx.event
    async def set_period(self, form: dict[str, Any]) -> None:
        period, self.period = date_range.read(form)
        if period is None:
            return
        self._filter = OpenFilter(Show.ALL, period, *self._order())
        await self._list()

    @rx.event
    async def sort_by(self, column: str) -> None:
        """By another column upwards, by the same one the other way round."""
        wanted, now = chosen(SortBy, column), self._filter
        descending = not now.descending if now.sort is wanted else False
        self._filter = replace(now, sort=wanted, descending=descending, page=0)
        await self._list()

    @rx.event
    async def previous(self) -> None:
        self._filter = replace(self._filter, page=max(self._filter.page - 1, 0))
        await self._list()

    @rx.event
    async def next(self) -> None:
        self._filter = replace(self._filter, page=self._filter.page + 1)
        await self._list()

    def _order(self) -> tuple[SortBy, bool]:
        return self._filter.sort, self._filter.descending

    async def _list(self) -> None:
        answer = await attempt(self, documents.list_open, self._filter)
        self.status, self.problem = answer.status, answer.sentence
        if answer.value is None:
            return
        page = answer.value
        self._filter = replace(self._filter, page=page.page)
        self.rows = rows_of(page)
        self.listing = _listing(page, self._filter)
        (await self.get_state(CountState))._show(page.counts.all)
        (await self.get_state(MarksState))._draw(page, await self.get_state(SelectionState))

    async def _whose(self, header: Header) -> Whose:
        contracts = header.contracts
        parts = [header.customer]
        if contracts:
            named = say_many("open.contracts", len(contracts), contracts=", ".join(contracts))
            parts.append(named)
        last = header.last_payment
        return Whose(
            line=" · ".join(parts),
            last_payment=say("open.last_payment", amount=last[1], day=formats.day(last[0]))
            if last
            else "",
            can_pay=bool(await ask(self, payments.methods)),
            can_email=may_send(),
        )


class MarksState(rx.State):
    """What the boxes of the page show when they are drawn; after that the browser knows better.

    A new `version` draws them anew. `currency` is said only where the page mixes currencies.
    """

    ticked: list[int] = []
    everything: bool = False
    version: int = 0
    currency: str = ""
    _ids: frozenset[int] = frozenset()
    _mixed: bool = False

    def _draw(self, page: OpenPage, selection: SelectionState) -> None:
        self._ids = frozenset(row.document.id for row in page.rows)
        self._mixed = len({row.document.balance.currency for row in page.rows}) > 1
        self._redraw(selection)

    def _redraw(self, selection: SelectionState) -> None:
        self.ticked = sorted(self._ids & selection._chosen)
        self.everything = selection._everything
        self.version += 1
        self._fix(selection)

    def _fix(self, selection: SelectionState) -> None:
        currency = selection._currency if self._mixed else ""
        if currency != self.currency:  # setting a var sends it, changed or not
            self.currency = currency

    def _follow(self, selection: SelectionState) -> None:
        """After a tick: nothing to redraw, but for the box above all boxes."""
        if self.everything:
            self._redraw(selection)
        self._fix(selection)


@opens_to(granted(Feature.SEE_DOCUMENTS), pay=PAYING, pay_group=PAYING)
class SelectionState(rx.State):
    """What is ticked, and what that costs. The ids never travel: the browser's own boxes show them."""

    total: Total = Total()
    _chosen: frozenset[int] = frozenset()
    _currency: str = ""
    _everything: bool = False
    _shown: Money | None = None

    @rx.event
    async def tick(self, document_id: int, ticked: bool) -> None:
        wanted = self._chosen | {document_id} if ticked else self._chosen - {document_id}
        answer = await attempt(self, payments.quote, sorted(wanted))
        if answer.value is None:
            await self._take_back(answer.refusal)
            return
        self._everything = False
        self._keep(answer.value)
        (await self.get_state(MarksState))._follow(self)

    @rx.event
    async def everything(self, ticked: bool) -> None:
        """Everything of the filter that may be ticked, on all its pages; or nothing."""
        page = await self.get_state(OpenState)
        ids: list[int] = []
        if ticked:
            ids = await ask(self, documents.payable_ids, page._filter, self._currency or None)
        await self._choose(ids, everything=ticked)

    @rx.event
    async def overdue(self) -> None:
        await self._choose(await ask(self, documents.overdue_ids, self._currency or None))

    @rx.event
    async def clear(self) -> None:
        await self._choose([])

    @rx.event
    async def pay(self) -> None:
        await self._ask_how()

    @rx.event
    async def pay_group(self, group: int) -> None:
        """Only the documents of one of the groups that must be paid apart."""
        banks = await self.get_state(ChoiceState)
        await self._choose(banks._group(group))
        await self._ask_how()

    async def _ask_how(self) -> None:
        await ask_now(self, documents.save_selection)
        method = await self.get_state(MethodState)
        await method._start(sorted(self._chosen), self._shown)

    async def _choose(self, ids: Iterable[int], *, everything: bool = False) -> None:
        quote = await ask(self, payments.quote, sorted(ids))
        self._everything = everything
        self._keep(quote)
        (await self.get_state(MarksState))._redraw(self)

    async def _take_back(self, refused: PortalError | None) -> None:
        """The box goes back and the page says why; whatever else cannot be paid any more goes too."""
        await self._restore()
        await (await self.get_state(OpenState))._list()
        (await self.get_state(NoticeState))._show(refused)

    async def _restore(self) -> None:
        """What was ticked before and may still be, as the database has it."""
        await ask_now(self, documents.save_selection)
        kept = await ask(self, documents.load_selection)
        self._everything = False
        self._take(await ask(self, payments.quote, kept))

    def _keep(self, quote: Quote) -> None:
        self._take(quote)
        ask_later(self, documents.save_selection, sorted(self._chosen))

    def _take(self, quote: Quote) -> None:
        self._chosen = frozenset(item.document for item in quote.items)
        self._currency = quote.currency
        self._shown = quote.total if quote.items else None
        self.total = Total.of(quote, current().company.currency)


def _listing(page: OpenPage, wanted: OpenFilter) -> Listing:
    first = page.page * PAGE_SIZE
    period = wanted.period
    return Listing(
        show=wanted.show.value,
        sort=wanted.sort.value,
        descending=wanted.descending,
        period=_period(period),
        all=page.counts.all,
        overdue=page.counts.overdue,
        soon=page.counts.soon,
        page=say("pager.of", first=first + 1, last=first + len(page.rows), count=page.matching),
        is_empty=not page.rows,
        has_previous=page.page > 0,
        has_next=page.page + 1 < page.pages,
    )


def _period(period: Period) -> str:
    """'01/11 – 30/11', with an open end left empty."""
    if not (period.first or period.last):
        return ""
    first, last = (formats.short_day(day) if day else "" for day in (period.first, period.last))
    return f"{first} – {last}".strip()
