"""What the analysis remembers: the period, its panels in words, and the figure that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import reflex as rx

from portal_app.domain.analysis import (
    AgeBand,
    Behind,
    Figure,
    Month,
    Panel,
    Span,
    month_of,
    span_period,
)
from portal_app.domain.documents import Period
from portal_app.domain.grants import Feature
from portal_app.domain.money import Money
from portal_app.services import analysis
from portal_app.services.analysis import FigureName
from portal_app.services.rules import CUSTOMERS, granted
from portal_app.ui import formats, routes
from portal_app.ui.choices import chosen
from portal_app.ui.components import date_range
from portal_app.ui.components.date_range import Typed
from portal_app.ui.session import ask, attempt, current, opens_to
from portal_app.ui.texts import say, say_many

NOTHING: Final = "—"
BAR_WIDTH: Final = 1000


@dataclass(frozen=True)
class FigureShown:
    """A figure in words; one with nothing behind it cannot be opened."""

    amount: str
    note: str
    is_empty: bool

    @classmethod
    def of(cls, figure: Figure, things: str, *, never_bought: bool) -> FigureShown:
        if never_bought and not figure.count:
            return cls(NOTHING, "", is_empty=True)
        if not figure.count:
            return cls(formats.money(figure.amount), say(f"analysis.none.{things}"), is_empty=True)
        note = say_many(f"analysis.count.{things}", figure.count)
        return cls(formats.money(figure.amount), note, is_empty=False)


@dataclass(frozen=True)
class Band:
    """An age of the open balance: its sum, and its part of the bar as `x` and `width`."""

    name: str
    label: str
    amount: str
    x: int
    width: int


@dataclass(frozen=True)
class PanelShown:
    """The analysis of one currency, in words but for the heights of the chart's bars (cents)."""

    currency: str
    purchased: FigureShown
    paid: FigureShown
    coming_due: FigureShown
    overdue: FigureShown
    last_amount: str
    last_day: str
    last_number: str
    bands: list[Band]
    months: list[dict[str, str | int]]

    @classmethod
    def of(cls, panel: Panel) -> PanelShown:
        never = panel.is_empty
        last = panel.last
        return cls(
            currency=panel.currency,
            purchased=FigureShown.of(panel.purchased, "documents", never_bought=never),
            paid=FigureShown.of(panel.paid, "payments", never_bought=never),
            coming_due=FigureShown.of(panel.coming_due, "documents", never_bought=never),
            overdue=FigureShown.of(panel.overdue, "documents", never_bought=never),
            last_amount=formats.money(last.amount) if last else NOTHING,
            last_day=formats.day(last.day) if last else NOTHING,
            last_number=last.number if last else "",
            bands=_bands(panel.ageing),
            months=[_month(month) for month in panel.months],
        )


@dataclass(frozen=True)
class BehindLine:
    """A row behind a figure; `href` is empty for a document."""

    label: str
    day: str
    amount: str
    href: str

    @classmethod
    def of(cls, row: Behind, figure: FigureName) -> BehindLine:
        day, amount = formats.day(row.day), formats.money(row.amount)
        if figure is not FigureName.PAID:
            return cls(row.number, day, amount, "")
        return cls(say("analysis.behind.payment"), day, amount, routes.pay(row.number))


@opens_to(granted(Feature.ANALYSIS), load=CUSTOMERS)
class AnalysisState(rx.State):
    """The panels of a period, one a currency."""

    status: str = "loading"
    chip: str = Span.MONTH.value
    is_typing: bool = False
    typed: Typed = Typed()
    period: str = ""
    panels: list[PanelShown] = []
    has_currencies: bool = False
    _span: Span = Span.MONTH
    _period: Period | None = None
    _connection: str = ""

    @rx.event
    async def load(self) -> None:
        """Opens on the present month; what was being read survives a reload and a reconnection."""
        connection = self.router.session.session_id
        if connection == self._connection:
            self._span, self._period, self.is_typing = Span.MONTH, None, False
        self._connection = connection
        (await self.get_state(BehindState)).is_open = False
        await self._show(self._span, self._period or month_of(current().today))

    @rx.event
    async def choose_span(self, span: str) -> None:
        wanted = chosen(Span, span)
        self.is_typing, self.typed = False, Typed()
        await self._show(wanted, span_period(wanted, current().today))

    @rx.event
    async def type_period(self) -> None:
        self.is_typing, self.chip = True, Span.CUSTOM.value
        self.typed = date_range.typed(self._period or month_of(current().today))

    @rx.event
    async def choose_period(self, form: dict[str, Any]) -> None:
        period, self.typed = date_range.read(form)
        if period is not None:
            await self._show(Span.CUSTOM, period)

    async def _show(self, span: Span, period: Period) -> None:
        """Ask for a period's panels; one that is refused leaves the old ones standing."""
        answer = await attempt(self, analysis.panels, period)
        if span is Span.CUSTOM and answer.refusal and answer.status == "failed":
            self.typed = date_range.wrong(self.typed.first, self.typed.last, answer.refusal)
            return
        self.status, self.chip = answer.status, span.value
        self._span, self._period = span, period
        self.panels = [PanelShown.of(panel) for panel in answer.value or ()]
        self.has_currencies = len(self.panels) > 1
        if period.first and period.last:
            self.period = formats.long_period(period.first, period.last)


@opens_to(granted(Feature.ANALYSIS))
class BehindState(rx.State):
    """The rows behind the figure that is open, and their sum."""

    is_open: bool = False
    title: str = ""
    period: str = ""
    rows: list[BehindLine] = []
    sum: str = ""

    @rx.event
    async def open(self, figure: str, currency: str) -> None:
        wanted = chosen(FigureName, figure)
        shown = await self.get_state(AnalysisState)
        period = shown._period or month_of(current().today)
        found = await ask(self, analysis.behind, wanted, period, currency)
        self.title, self.period = say(f"analysis.{wanted}"), shown.period
        self.rows = [BehindLine.of(row, wanted) for row in found]
        self.sum = formats.money(Money.total((row.amount for row in found), currency))
        self.is_open = True

    @rx.event
    async def close(self) -> None:
        self.is_open = False


def _bands(ageing: Sequence[tuple[AgeBand, Money]]) -> list[Band]:
    whole = sum(amount.cents for _, amount in ageing)
    bands: list[Band] = []
    before = 0
    for band, amount in ageing:
        x = BAR_WIDTH * before // whole if whole else 0
        before += amount.cents
        width = BAR_WIDTH * before // whole - x if whole else 0
        label = say(f"analysis.age.{band}")
        bands.append(Band(band.value, label, formats.money(amount), x, width))
    return bands


def _month(month: Month) -> dict[str, str | int]:
    return {
        "month": formats.month(month.first),
        "long": f"{formats.month(month.first)} {month.first.year}",
        "purchased": month.purchased.cents,
        "paid": month.paid.cents,
        "purchased_text": formats.money(month.purchased),
        "paid_text": formats.money(month.paid),
    }
