"""What was paid: payments, settled documents and receipts, by period."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import ceil

from portal_app.db import payments, receipts
from portal_app.db.engine import transaction
from portal_app.domain.documents import PAGE_SIZE, Period
from portal_app.domain.grants import Feature
from portal_app.domain.money import Money
from portal_app.domain.payments import Payment
from portal_app.domain.receipts import Receipt, ReceiptName
from portal_app.services.actors import Actor, require


@dataclass(frozen=True, slots=True)
class SettledDocument:
    """A document with nothing left to pay; `paid_on` is the day the last of it came."""

    number: str
    issued: date
    paid_on: date
    total: Money


@dataclass(frozen=True, slots=True)
class PaymentsPage:
    """`receipts`: what was stated of each payment, by its id."""

    payments: tuple[Payment, ...]
    matching: int
    page: int
    pages: int
    receipts: Mapping[int, tuple[ReceiptName, ...]] = field(
        default_factory=dict[int, tuple[ReceiptName, ...]]
    )


@dataclass(frozen=True, slots=True)
class SettledPage:
    documents: tuple[SettledDocument, ...]
    matching: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ReceiptsPage:
    receipts: tuple[Receipt, ...]
    matching: int
    page: int
    pages: int


def list_payments(actor: Actor, period: Period, page: int) -> PaymentsPage:
    """Payments whose money came in the period, newest first."""
    require(actor, Feature.HISTORY)
    company, customer = actor.company.id, actor.scope.customer
    with transaction(write=False) as session:
        matching = payments.count_history(session, company, customer, period)
        shown, pages = _page(page, matching)
        found = payments.history(session, company, customer, period, shown)
        stated = receipts.names(session, company, [payment.id for payment in found])
    return PaymentsPage(tuple(found), matching, shown, pages, stated)


def list_settled(actor: Actor, period: Period, page: int) -> SettledPage:
    """Documents settled in the period, newest first."""
    require(actor, Feature.HISTORY)
    company, customer = actor.company.id, actor.scope.customer
    with transaction(write=False) as session:
        matching = payments.count_paid_documents(session, company, customer, period)
        shown, pages = _page(page, matching)
        found = payments.paid_documents(session, company, customer, period, shown)
    rows = tuple(SettledDocument(*row) for row in found)
    return SettledPage(rows, matching, shown, pages)


def list_receipts(actor: Actor, period: Period, page: int) -> ReceiptsPage:
    """Receipts of money that came, or went back, in the period, newest first."""
    require(actor, Feature.HISTORY)
    company, customer = actor.company.id, actor.scope.customer
    with transaction(write=False) as session:
        matching = receipts.count_history(session, company, customer, period)
        shown, pages = _page(page, matching)
        found = receipts.history(session, company, customer, period, shown)
    return ReceiptsPage(tuple(found), matching, shown, pages)


def _page(wanted: int, matching: int) -> tuple[int, int]:
    pages = max(1, ceil(matching / PAGE_SIZE))
    return min(max(wanted, 0), pages - 1), pages
