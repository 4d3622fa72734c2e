"""Customers as staff find and see them, and the portal links staff make for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal_app.db import customers, links
from portal_app.db.engine import transaction
from portal_app.db.links import MadeLink
from portal_app.domain.audit import Action, Deed
from portal_app.domain.customers import Contract, Customer, CustomerSearch, Listed
from portal_app.domain.grants import StaffFeature
from portal_app.gateways import clock
from portal_app.services import audit
from portal_app.services.actors import Actor, require
from portal_app.services.links import MOST_SHOWN, close, make

PAGE: Final = 50
_MOST_PAGES: Final = 2_000


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Customers who match, by name; `page` counts from 0."""

    rows: list[Listed]
    page: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A customer as staff see him."""

    customer: Customer
    contracts: list[Contract]


def find(actor: Actor, typed: str, page: int = 0) -> FoundPage:
    """Customers by name, code, contract, tax id or e-mail; all of them for nothing typed."""
    require(actor, StaffFeature.FIND_CUSTOMERS)
    page = min(max(page, 0), _MOST_PAGES)
    with transaction(write=False) as session:
        rows = customers.find(
            session, actor.company.id, CustomerSearch(typed), page * PAGE, PAGE + 1
        )
    return FoundPage(rows[:PAGE], page, len(rows) > PAGE)


def record(actor: Actor, customer: str) -> Record:
    """The customer with this public id; NotFound for another company's."""
    require(actor, StaffFeature.FIND_CUSTOMERS)
    with transaction(write=False) as session:
        found = customers.by_public_id(session, actor.company.id, customer)
        return Record(found, customers.contracts(session, actor.company.id, found.id))


def list_links(actor: Actor, customer: str) -> list[MadeLink]:
    """The customer's portal links, the latest first."""
    require(actor, StaffFeature.MAKE_LINKS)
    with transaction(write=False) as session:
        whose = customers.id_of(session, actor.company.id, customer)
        return links.of_customer(session, actor.company.id, whose, MOST_SHOWN)


def state_of(link: MadeLink) -> str:
    """'open', 'revoked' or 'expired'."""
    if link.revoked_at is not None:
        return "revoked"
    return "open" if clock.now() < link.expires_at else "expired"


def make_link(actor: Actor, customer: str) -> str:
    """The address of a new link to all of the customer's documents, which is said only now."""
    require(actor, StaffFeature.MAKE_LINKS)
    company = actor.company
    with transaction() as session:
        whose = customers.id_of(session, company.id, customer)
        address, link = make(session, company.id, whose, company.link_days, ())
        deed = Deed(actor.subject, Action.LINK_MADE, f"link:{link}", whose)
        audit.enter(session, company.id, deed)
    return address


def revoke_link(actor: Actor, customer: str, link: int) -> None:
    """Close a link for good, with the sessions it opened. Again, it is closed already."""
    require(actor, StaffFeature.MAKE_LINKS)
    company = actor.company.id
    with transaction() as session:
        whose = customers.id_of(session, company, customer)
        close(session, company, whose, link, actor.subject)
