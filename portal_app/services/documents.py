"""A customer's open documents: the page, the counts, what may be ticked; each document's paper."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import ceil

from portal_app.db import companies, customers, payments, selections
from portal_app.db import documents as stored
from portal_app.db.engine import Session, transaction
from portal_app.domain.companies import Company
from portal_app.domain.documents import (
    PAGE_SIZE,
    Block,
    Document,
    OpenCounts,
    OpenFilter,
    Show,
    block_of,
)
from portal_app.domain.grants import Feature
from portal_app.domain.late_charges import LateTerms
from portal_app.domain.money import Money
from portal_app.domain.selection import free_until, item_today
from portal_app.gateways import clock
from portal_app.pdf.document import DocumentPaper, draw_document
from portal_app.services import audit
from portal_app.services.actors import Actor, require
from portal_app.services.papers import second_copies


@dataclass(frozen=True, slots=True)
class OpenRow:
    """An open document as the list shows it.

    `today` is what paying it today costs, None if that is just the balance;
    `free_until` the last day without charges of one past due but within grace;
    `printable`: a boleto made outside the portal that may be printed again.
    """

    document: Document
    block: Block | None
    today: Money | None
    free_until: date | None
    printable: bool = False


@dataclass(frozen=True, slots=True)
class OpenPage:
    """One page of the list. `page` is the one shown, moved back if fewer are left."""

    rows: tuple[OpenRow, ...]
    counts: OpenCounts
    matching: int
    page: int
    pages: int
    today: date
    now: datetime


@dataclass(frozen=True, slots=True)
class Header:
    """Who is looking: the customer's name and contracts; for the empty page, the last payment."""

    customer: str
    contracts: tuple[str, ...]
    last_payment: tuple[date, Money] | None


def header(actor: Actor) -> Header:
    require(actor, Feature.SEE_DOCUMENTS)
    with transaction(write=False) as session:
        company, scope = actor.company.id, actor.scope
        customer = customers.by_id(session, company, scope.customer)
        last = (
            payments.last_payment(session, company, scope.customer)
            if actor.may(Feature.HISTORY)
            else None
        )
    return Header(customer.name, customer.contracts, last)


def list_open(actor: Actor, wanted: OpenFilter) -> OpenPage:
    """One page of what the customer owes, oldest due date first unless sorted otherwise."""
    require(actor, Feature.SEE_DOCUMENTS)
    today = actor.today
    with transaction(write=False) as session:
        company, scope = actor.company.id, actor.scope
        counts, matching = stored.count_open(session, company, scope, wanted, today)
        pages = max(1, ceil(matching / PAGE_SIZE))
        page = min(max(wanted.page, 0), pages - 1)
        found = stored.open_documents(session, company, scope, replace(wanted, page=page), today)
        terms = companies.late_terms(session, company, [document.carteira for document in found])
        copies = second_copies(session, actor.company, found) if actor.may(Feature.PRINT) else {}
    rows = tuple(
        replace(_row(document, terms[document.carteira], today), printable=document.id in copies)
        for document in found
    )
    return OpenPage(rows, counts, matching, page, pages, today, clock.now())


def counts(actor: Actor) -> OpenCounts:
    """How many documents are open, whatever the page lists."""
    require(actor, Feature.SEE_DOCUMENTS)
    with transaction(write=False) as session:
        company, scope = actor.company.id, actor.scope
        return stored.count_open(session, company, scope, OpenFilter(), actor.today)[0]


def payable_ids(actor: Actor, wanted: OpenFilter, currency: str | None) -> list[int]:
    """Everything of the filter that may be ticked, on all its pages.

    Without a currency fixed by a first tick, that of the first of them.
    """
    require(actor, Feature.SEE_DOCUMENTS)
    with transaction(write=False) as session:
        company, scope = actor.company.id, actor.scope
        ids = stored.payable_ids(session, company, scope, wanted, actor.today, currency)
        if currency is None and ids:
            first = stored.owned(session, company, scope, ids[:1])[0].balance.currency
            ids = stored.payable_ids(session, company, scope, wanted, actor.today, first)
        return ids


def overdue_ids(actor: Actor, currency: str | None) -> list[int]:
    """Everything overdue that may be ticked, whatever the list shows."""
    return payable_ids(actor, OpenFilter(show=Show.OVERDUE), currency)


def load_selection(actor: Actor) -> list[int]:
    """What was ticked before and still may be."""
    require(actor, Feature.SEE_DOCUMENTS)
    with transaction(write=False) as session:
        company, scope = actor.company.id, actor.scope
        kept = selections.load(session, company, actor.subject, scope.customer)
        found = stored.owned_among(session, company, scope, kept)
    payable = [document for document in found if block_of(document) is None]
    currency = payable[0].balance.currency if payable else None
    return [document.id for document in payable if block_of(document, currency) is None]


def save_selection(actor: Actor, ids: list[int]) -> None:
    """Keep what is ticked; only ids of the customer's own documents are ever read back.

    Whoever only sees as the customer sees leaves nothing behind.
    """
    require(actor, Feature.SEE_DOCUMENTS)
    if actor.viewing:
        return
    with transaction() as session:
        selections.save(
            session,
            actor.company.id,
            actor.subject,
            actor.scope.customer,
            sorted(ids),
            clock.now(),
        )


def pdf(actor: Actor, public_id: str) -> tuple[str, bytes]:
    """File name and PDF of one of the actor's own documents, of whatever type; NotFound for any other."""
    require(actor, Feature.PRINT)
    with transaction(write=False) as session:
        document = stored.by_public_id(session, actor.company.id, actor.scope, public_id)
        paper = paper_of(session, actor.company, document, actor.locale)
    drawn = draw_document(paper)
    audit.opened(actor, f"document:{document.id}")
    return file_name(document), drawn


def paper_of(session: Session, company: Company, document: Document, locale: str) -> DocumentPaper:
    """What a document's paper says today, in a language."""
    today = clock.today(company.zone)
    terms = companies.late_terms(session, company.id, [document.carteira])[document.carteira]
    return DocumentPaper(
        company=company,
        customer=customers.by_id(session, company.id, document.customer),
        document=document,
        today=item_today(document, terms, today),
        on=today,
        locale=locale,
    )


def file_name(document: Document) -> str:
    """'FT-2026-1841.pdf': letters that every disk and header takes."""
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', document.number).strip('-')}.pdf"


def _row(document: Document, terms: LateTerms, today: date) -> OpenRow:
    cost = item_today(document, terms, today)
    return OpenRow(
        document=document,
        block=block_of(document),
        today=cost.total if cost.total != document.balance else None,
        free_until=free_until(document, terms, today) if not document.is_credit else None,
    )
