"""A customer as staff see him, and the portal links made for him."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from portal_app.domain.contact_data import FIELDS, contact_of
from portal_app.domain.errors import NotFound
from portal_app.domain.grants import StaffFeature
from portal_app.domain.tax_ids import masked, masked_code
from portal_app.services import customers
from portal_app.services.customers import MadeLink, Record
from portal_app.services.rules import STAFF, permitted
from portal_app.ui import formats
from portal_app.ui.components.status_badge import GRAY, JADE, RED
from portal_app.ui.people.state import customer_on
from portal_app.ui.session import ask, attempt, current, opens_to
from portal_app.ui.texts import say, say_many


@dataclass(frozen=True)
class ContractLine:
    number: str
    description: str


@dataclass(frozen=True)
class CustomerShown:
    """The customer in words, his tax id with its ends hidden."""

    name: str = ""
    code: str = ""
    tax_id: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    by_himself: str = ""

    @classmethod
    def of(cls, record: Record) -> CustomerShown:
        customer = record.customer
        return cls(
            name=customer.name,
            code=masked_code(customer.code, customer.tax_id),
            tax_id=masked(customer.tax_id) if customer.tax_id else "",
            email=customer.email,
            phone=customer.phone,
            address=formats.address(contact_of(customer)),
            by_himself=_by_himself(customer.own_fields),
        )


def _by_himself(fields: tuple[str, ...]) -> str:
    """Whoever is called back on a number should know whose word it is."""
    names = [say(f"contact_data.field.{name}") for name in FIELDS if name in fields]
    return say("customer.by_himself", fields=", ".join(names).lower()) if names else ""


@opens_to(permitted(StaffFeature.FIND_CUSTOMERS), load=STAFF)
class CustomerState(rx.State):
    """`status` is 'loading', 'ready', 'not_granted', 'not_found' or 'failed'."""

    status: str = "loading"
    customer: CustomerShown = CustomerShown()
    contracts: list[ContractLine] = []
    _public_id: str = ""

    @rx.event
    async def load(self) -> None:
        wanted = customer_on(self.router.url.path)
        if wanted != self._public_id:
            self._public_id, self.status, self.customer = wanted, "loading", CustomerShown()
        answer = await attempt(self, customers.record, wanted)
        missing = isinstance(answer.refusal, NotFound)
        self.status = "not_found" if missing else answer.status
        self.customer = CustomerShown.of(answer.value) if answer.value else CustomerShown()
        found = answer.value.contracts if answer.value else []
        self.contracts = [ContractLine(each.number, each.description) for each in found]


@dataclass(frozen=True)
class LinkLine:
    """A portal link in words: what it is for, when it was made, ends, was opened."""

    id: int
    scope: str
    made: str
    until: str
    opened: str
    state: str
    tone: str
    is_open: bool

    @classmethod
    def of(cls, link: MadeLink) -> LinkLine:
        zone = current().company.zone
        state = customers.state_of(link)
        opened = formats.moment(link.opened_at, zone)
        return cls(
            id=link.id,
            scope=say_many("links.documents", link.documents)
            if link.documents
            else say("links.all"),
            made=formats.moment(link.created_at, zone),
            until=formats.moment(link.expires_at, zone),
            opened=say_many("links.opened", link.opened, day=opened)
            if link.opened
            else say("links.never"),
            state=say(f"links.state.{state}"),
            tone={"open": JADE, "revoked": RED}.get(state, GRAY),
            is_open=state == "open",
        )


@opens_to(permitted(StaffFeature.MAKE_LINKS), load=STAFF)
class LinksState(rx.State):
    """`made` is the address of the link just made: it is said once, and forgotten with the page."""

    status: str = "loading"
    links: list[LinkLine] = []
    made: str = ""
    said: str = ""

    @rx.event
    async def load(self) -> None:
        self.made = self.said = ""
        await self._show()

    @rx.event
    async def make(self) -> None:
        self.made = await ask(self, customers.make_link, self._customer())
        self.said = say("links.said.made")
        await self._show()

    @rx.event
    async def revoke(self, link_id: int) -> None:
        await ask(self, customers.revoke_link, self._customer(), int(link_id))
        self.made, self.said = "", say("links.said.revoked")
        await self._show()

    def _customer(self) -> str:
        return customer_on(self.router.url.path)

    async def _show(self) -> None:
        answer = await attempt(self, customers.list_links, self._customer())
        self.status = answer.status
        self.links = [LinkLine.of(link) for link in answer.value or ()]
