"""What the audit page remembers: the filter as it was typed, and which page of what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from portal_app import locales
from portal_app.domain.documents import Period
from portal_app.domain.grants import StaffFeature
from portal_app.services import audit_search
from portal_app.services.audit_search import MOST_ROWS, PAGE, Filter, Page, Typed
from portal_app.services.audit_words import Told
from portal_app.services.rules import STAFF, permitted
from portal_app.ui import routes
from portal_app.ui.components import date_range
from portal_app.ui.session import attempt, locale, opens_to
from portal_app.ui.texts import refusal, say, say_many

_LONGEST = 100


@dataclass(frozen=True)
class Line:
    """An entry in words; what there is nothing of is empty."""

    number: int
    when: str
    who: str
    what: str
    about: str
    customer: str
    facts: str

    @classmethod
    def of(cls, told: Told) -> Line:
        return cls(
            number=told.number,
            when=locales.minute(told.when, locale()),
            who=told.who,
            what=told.what,
            about=told.about,
            customer=told.customer,
            facts=told.facts,
        )


@dataclass(frozen=True)
class Fields:
    """The filter's fields as they were typed."""

    person: str = ""
    action: str = ""
    customer: str = ""
    document: str = ""


@opens_to(permitted(StaffFeature.SEE_AUDIT), load=STAFF)
class AuditState(rx.State):
    """A page of entries, the latest first. `cleared` makes the form's fields anew."""

    status: str = "loading"
    entries: list[Line] = []
    fields: Fields = Fields()
    days: date_range.Typed = date_range.Typed()
    cleared: int = 0
    error: str = ""
    code: str = ""
    is_filtered: bool = False
    is_empty: bool = False
    count: str = ""
    position: str = ""
    has_newer: bool = False
    has_older: bool = False
    export: str = ""
    export_limit: str = ""
    _filter: Filter = Filter()
    _ends: list[int | None] = [None]
    _older: int | None = None

    @rx.event
    async def load(self) -> None:
        await self._show()

    @rx.event
    async def choose(self, form: dict[str, Any]) -> None:
        period, self.days = date_range.read(form)
        self.fields = Fields(**{name: _text(form.get(name)) for name in Fields.__annotations__})
        if period is not None:
            await self._choose(period)

    @rx.event
    async def forget(self) -> None:
        self.fields, self.days = Fields(), date_range.Typed()
        self.cleared += 1
        await self._choose(Period())

    @rx.event
    async def newer(self) -> None:
        self._ends = self._ends[:-1] or [None]
        await self._show()

    @rx.event
    async def older(self) -> None:
        if self._older is not None:
            self._ends = [*self._ends, self._older]
            await self._show()

    async def _choose(self, period: Period) -> None:
        typed = Typed(**vars(self.fields))
        answer = await attempt(self, audit_search.understand, typed, period)
        self.error = self.code = ""
        if answer.value is not None:
            self._filter, self._ends = answer.value, [None]
            await self._show()
        elif answer.refusal is not None:
            self.code = answer.refusal.code
            self.error = _too_many(answer.refusal.details) or refusal(answer.refusal)
        else:
            self.status = answer.status

    async def _show(self) -> None:
        answer = await attempt(self, audit_search.page, self._filter, self._ends[-1], locale())
        self.status = answer.status
        if answer.value is not None:
            self._fill(answer.value)

    def _fill(self, page: Page) -> None:
        self.entries = [Line.of(told) for told in page.entries]
        self._older, self.is_empty = page.older, page.matching == 0
        self.is_filtered = self._filter != Filter()
        self.count = say_many("audit.count", page.matching) if page.matching else ""
        first = (len(self._ends) - 1) * PAGE + 1
        last = first + len(page.entries) - 1
        self.position = say("audit.position", first=first, last=last, count=page.matching)
        self.has_newer, self.has_older = len(self._ends) > 1, page.older is not None
        self.export = routes.audit_csv(_query(self._filter)) if page.matching else ""
        too_many = page.matching > MOST_ROWS
        limit = {"most": MOST_ROWS, "count": page.matching}
        self.export_limit = say("audit.export.limit", **limit) if too_many else ""


def _text(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _too_many(details: dict[str, object]) -> str:
    if details.get("reason") != "too_many_found":
        return ""
    return say(f"audit.filter.many.{details['field']}")


def _query(wanted: Filter) -> dict[str, list[str]]:
    """The parameters of the file's address: ids and days, nothing of what was typed."""
    period = wanted.period
    asked = {
        "person": [str(id_) for id_ in wanted.people or ()],
        "customer": [str(id_) for id_ in wanted.customers or ()],
        "about": list(wanted.abouts or ()),
        "action": [wanted.action] if wanted.action else [],
        "first": [period.first.isoformat()] if period.first else [],
        "last": [period.last.isoformat()] if period.last else [],
    }
    return {name: values for name, values in asked.items() if values}
