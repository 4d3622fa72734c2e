"""What finding customers remembers: what was typed, and which page of those found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from portal_app.domain.customers import Listed
from portal_app.domain.grants import StaffFeature
from portal_app.domain.tax_ids import masked, masked_code
from portal_app.services import customers
from portal_app.services.customers import PAGE, FoundPage
from portal_app.services.rules import STAFF, permitted
from portal_app.ui import routes
from portal_app.ui.choices import typed
from portal_app.ui.session import Answer, attempt, opens_to
from portal_app.ui.texts import say


@dataclass(frozen=True)
class FoundLine:
    """A customer in a list, his tax id with its ends hidden."""

    path: str
    name: str
    code: str
    tax_id: str
    email: str

    @classmethod
    def of(cls, found: Listed) -> FoundLine:
        return cls(
            path=routes.staff_customer(found.public_id),
            name=found.name,
            code=masked_code(found.code, found.tax_id),
            tax_id=masked(found.tax_id),
            email=found.email,
        )


@opens_to(permitted(StaffFeature.FIND_CUSTOMERS), load=STAFF)
class CustomersState(rx.State):
    """What is typed stays here, never in an address."""

    status: str = "loading"
    rows: list[FoundLine] = []
    typed: str = ""
    where: str = ""
    has_previous: bool = False
    has_next: bool = False
    _page: int = 0

    @rx.event
    async def load(self) -> None:
        await self._show(self.typed, self._page)

    @rx.event
    async def search(self, form: dict[str, Any]) -> None:
        await self._show(typed(form, "typed").strip()[:100], 0)

    @rx.event
    async def previous(self) -> None:
        await self._show(self.typed, self._page - 1)

    @rx.event
    async def next(self) -> None:
        await self._show(self.typed, self._page + 1)

    async def _show(self, wanted: str, page: int) -> None:
        answer: Answer[FoundPage] = await attempt(self, customers.find, wanted, page)
        self.status, self.typed = answer.status, wanted
        found = answer.value or FoundPage([], 0, has_next=False)
        self._page, self.rows = found.page, [FoundLine.of(each) for each in found.rows]
        self.has_previous, self.has_next = found.page > 0, found.has_next
        first = found.page * PAGE + 1
        last = found.page * PAGE + len(found.rows)
        self.where = say("customers.where", first=first, last=last) if found.rows else ""
