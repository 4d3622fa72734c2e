"""Receipts: numbered without a gap, each payment's once."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.documents import Scope
from portal_app.db.models import PaymentItemRow, PaymentRow, ReceiptRow, ReceiptSeriesRow
from portal_app.domain.documents import PAGE_SIZE, Period
from portal_app.domain.errors import NotFound
from portal_app.domain.money import Money
from portal_app.domain.receipts import Receipt, ReceiptFacts, ReceiptKind, ReceiptName, number_of

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class NewReceipt:
    """`about` is '' for the receipt itself, else the refund or dispute it is of ('refund:3')."""

    payment: int
    customer: int
    about: str
    series: str
    number: int
    facts: ReceiptFacts
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A series of which only `count` receipts are there though `taken` numbers were."""

    series: str
    count: int
    taken: int


def take_number(session: Session, company: int, series: str) -> int:
    """The next number. Whoever takes one holds the series until the transaction ends."""
    insert = _INSERT[session.get_bind().dialect.name]
    session.execute(
        insert(ReceiptSeriesRow)
        .values(company_id=company, series=series, next_number=1)
        .on_conflict_do_nothing(index_elements=["company_id", "series"])
    )
    taken = (
        update(ReceiptSeriesRow)
        .where(col(ReceiptSeriesRow.company_id) == company, col(ReceiptSeriesRow.series) == series)
        .values(next_number=col(ReceiptSeriesRow.next_number) + 1)
        .returning(col(ReceiptSeriesRow.next_number))
    )
    return session.execute(taken).scalar_one() - 1


def add(session: Session, company: int, new: NewReceipt) -> int:
    """A second one of the same payment and matter breaks the table's uniqueness. Returns its id."""
    row = ReceiptRow(
        company_id=company,
        public_id=secrets.token_urlsafe(16),
        payment_id=new.payment,
        customer_id=new.customer,
        about=new.about,
        kind=new.facts.kind.value,
        series=new.series,
        number=new.number,
        currency=new.facts.total.currency,
        amount_cents=new.facts.total.cents,
        paid_on=new.facts.paid_on,
        created_at=new.created_at,
        facts=new.facts.as_facts(),
    )
    session.add(row)
    session.flush()
    return row.id


def of_payment(session: Session, company: int, payment: int) -> list[Receipt]:
    """Everything stated of a payment, the receipt itself first."""
    query = _receipts(company).where(col(ReceiptRow.payment_id) == payment)
    return [_receipt(*row) for row in session.execute(query.order_by(col(ReceiptRow.id)))]


def names(
    session: Session, company: int, payments: Collection[int]
) -> dict[int, tuple[ReceiptName, ...]]:
    """What was stated of each of these payments, without all that the papers say."""
    query = (
        select(
            col(ReceiptRow.payment_id),
            col(ReceiptRow.public_id),
            col(ReceiptRow.kind),
            col(ReceiptRow.series),
            col(ReceiptRow.number),
            col(ReceiptRow.amount_cents),
            col(ReceiptRow.currency),
        )
        .where(col(ReceiptRow.company_id) == company, col(ReceiptRow.payment_id).in_(payments))
        .order_by(col(ReceiptRow.id))
    )
    found: dict[int, tuple[ReceiptName, ...]] = {}
    for payment, public_id, kind, series, number, cents, currency in session.execute(query):
        printed = number_of(series, number)
        name = ReceiptName(public_id, ReceiptKind(kind), printed, Money(cents, currency))
        found[payment] = (*found.get(payment, ()), name)
    return found


def about(session: Session, company: int, payment: int, matter: str) -> Receipt | None:
    """What was stated of a payment about one matter ('' for the receipt itself)."""
    query = _receipts(company).where(
        col(ReceiptRow.payment_id) == payment, col(ReceiptRow.about) == matter
    )
    found = session.execute(query).one_or_none()
    return _receipt(*found) if found else None


def by_id(session: Session, company: int, receipt: int) -> Receipt:
    found = session.execute(_receipts(company).where(col(ReceiptRow.id) == receipt)).one_or_none()
    if found is None:
        raise NotFound(kind="receipt")
    return _receipt(*found)


def by_public_id(session: Session, company: int, scope: Scope, public_id: str) -> Receipt:
    """One of the customer's own receipts; NotFound otherwise.

    A scope of some documents sees a receipt only if all documents of its payment are in it.
    """
    query = _receipts(company).where(
        col(ReceiptRow.customer_id) == scope.customer, col(ReceiptRow.public_id) == public_id
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(kind="receipt")
    if scope.documents is not None:
        query = select(col(PaymentItemRow.document_id)).where(
            col(PaymentItemRow.company_id) == company,
            col(PaymentItemRow.payment_id) == found[0].payment_id,
        )
        paid = set(session.scalars(query))
        # Money for no document at all is in nobody's scope but the whole customer's.
        if not paid or not scope.documents.issuperset(paid):
            raise NotFound(kind="receipt")
    return _receipt(*found)


def history(
    session: Session, company: int, customer: int, period: Period, page: int
) -> list[Receipt]:
    """Newest first, one page."""
    query = (
        _receipts(company)
        .where(col(ReceiptRow.customer_id) == customer, *_within(period))
        .order_by(col(ReceiptRow.paid_on).desc(), col(ReceiptRow.id).desc())
        .limit(PAGE_SIZE)
        .offset(page * PAGE_SIZE)
    )
    return [_receipt(*row) for row in session.execute(query)]


def count_history(session: Session, company: int, customer: int, period: Period) -> int:
    query = select(func.count()).where(
        col(ReceiptRow.company_id) == company,
        col(ReceiptRow.customer_id) == customer,
        *_within(period),
    )
    return session.execute(query).scalar_one()


def first_gap(session: Session, company: int) -> Gap | None:
    """The first series whose numbers are not 1 to the last one taken."""
    counted = select(
        col(ReceiptSeriesRow.series),
        col(ReceiptSeriesRow.next_number),
        func.count(col(ReceiptRow.id)),
    ).outerjoin(
        ReceiptRow,
        (col(ReceiptRow.company_id) == col(ReceiptSeriesRow.company_id))
        & (col(ReceiptRow.series) == col(ReceiptSeriesRow.series))
        & (col(ReceiptRow.number) < col(ReceiptSeriesRow.next_number)),
    )
    query = (
        counted.where(col(ReceiptSeriesRow.company_id) == company)
        .group_by(col(ReceiptSeriesRow.series), col(ReceiptSeriesRow.next_number))
        .order_by(col(ReceiptSeriesRow.series))
    )
    for series, following, count in session.execute(query):
        if count != following - 1:
            return Gap(series, count, following - 1)
    return None


def _within(period: Period) -> list[Any]:
    day = col(ReceiptRow.paid_on)
    return [
        *([day >= period.first] if period.first else []),
        *([day <= period.last] if period.last else []),
    ]


def _receipts(company: int) -> Select[*tuple[Any, ...]]:
    return (
        select(ReceiptRow, col(PaymentRow.public_id))
        .join(PaymentRow, col(PaymentRow.id) == col(ReceiptRow.payment_id))
        .where(col(ReceiptRow.company_id) == company)
    )


def _receipt(row: ReceiptRow, payment: str) -> Receipt:
    return Receipt(
        id=row.id,
        public_id=row.public_id,
        payment=payment,
        customer=row.customer_id,
        kind=ReceiptKind(row.kind),
        number=number_of(row.series, row.number),
        total=Money(row.amount_cents, row.currency),
        paid_on=row.paid_on,
        facts=ReceiptFacts.from_facts(row.facts),
    )
