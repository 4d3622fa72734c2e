"""Payments and the documents frozen in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.documents import Scope, printed_number
from portal_app.db.models import AllocationRow, DocumentRow, PaymentItemRow, PaymentRow
from portal_app.domain.allocation import Allocation
from portal_app.domain.documents import PAGE_SIZE, PAYABLE_TYPES, Period
from portal_app.domain.errors import NotFound
from portal_app.domain.money import Money
from portal_app.domain.payments import (
    RANK,
    Payment,
    PaymentItem,
    PaymentMethod,
    PaymentState,
    ensure_move,
)
from portal_app.domain.selection import Quote


@dataclass(frozen=True, slots=True)
class NewPayment:
    """An attempt about to be made: a quote to freeze, who wants it and how it is paid."""

    customer: int
    public_id: str
    subject: str
    method: PaymentMethod
    quote: Quote
    created_at: datetime
    replaces: int | None = None


def add(session: Session, company: int, new: NewPayment) -> int:
    """Freeze a quote as a payment; its documents are held by it. Returns the payment's id.

    A document already held by another live payment breaks `uq_payment_item_live`.
    """
    row = PaymentRow(
        company_id=company,
        public_id=new.public_id,
        customer_id=new.customer,
        subject=new.subject,
        method=new.method.value,
        state=PaymentState.CREATED.value,
        state_rank=RANK[PaymentState.CREATED],
        currency=new.quote.currency,
        amount_cents=new.quote.total.cents,
        created_at=new.created_at,
        replaces_id=new.replaces,
    )
    session.add(row)
    session.flush()
    session.add_all(
        PaymentItemRow(
            company_id=company,
            payment_id=row.id,
            document_id=item.document,
            principal_cents=item.principal.cents,
            fine_cents=item.fine.cents,
            interest_cents=item.interest.cents,
            live=True,
        )
        for item in new.quote.items
    )
    session.flush()
    return row.id


@dataclass(frozen=True, slots=True)
class Received:
    """Money that came in for no attempt of ours, or after its attempt had its money."""

    customer: int
    public_id: str
    method: PaymentMethod
    amount: Money
    paid_on: date
    items: Sequence[Allocation]
    created_at: datetime


def add_received(session: Session, company: int, new: Received) -> int:
    """A confirmed payment over the documents it pays. Returns its id."""
    row = PaymentRow(
        company_id=company,
        public_id=new.public_id,
        customer_id=new.customer,
        method=new.method.value,
        state=PaymentState.CONFIRMED.value,
        state_rank=RANK[PaymentState.CONFIRMED],
        currency=new.amount.currency,
        amount_cents=new.amount.cents,
        created_at=new.created_at,
        paid_on=new.paid_on,
    )
    session.add(row)
    session.flush()
    session.add_all(
        PaymentItemRow(
            company_id=company,
            payment_id=row.id,
            document_id=share.document,
            principal_cents=share.principal.cents,
            fine_cents=share.fine.cents,
            interest_cents=share.interest.cents,
            live=False,
        )
        for share in new.items
    )
    session.flush()
    return row.id


def confirm(
    session: Session, company: int, payment: Payment, paid_on: date, received: Money
) -> None:
    """Its money came in on that day: as much as was asked, less or more."""
    move(session, company, payment, PaymentState.CONFIRMED)
    session.execute(
        update(PaymentRow)
        .where(col(PaymentRow.company_id) == company, col(PaymentRow.id) == payment.id)
        .values(
            paid_on=paid_on,
            received_cents=None if received == payment.amount else received.cents,
        )
    )


def by_public_id(session: Session, company: int, scope: Scope, public_id: str) -> Payment:
    """One of the customer's own payments, whole; NotFound otherwise.

    A scope of some documents sees a payment only if all of its documents are in it.
    """
    found = _payments(
        session,
        company,
        col(PaymentRow.customer_id) == scope.customer,
        col(PaymentRow.public_id) == public_id,
    )
    if not found or not _in_scope(found[0], scope):
        raise NotFound(kind="payment")
    return found[0]


def by_id(session: Session, company: int, payment: int) -> Payment:
    found = _payments(session, company, col(PaymentRow.id) == payment)
    if not found:
        raise NotFound(kind="payment")
    return found[0]


def live_over(session: Session, company: int, documents: Sequence[int]) -> Payment | None:
    """The oldest live payment that holds any of these documents."""
    query = select(func.min(col(PaymentItemRow.payment_id))).where(
        col(PaymentItemRow.company_id) == company,
        col(PaymentItemRow.document_id).in_(documents),
        col(PaymentItemRow.live),
    )
    payment = session.scalars(query).first()
    return by_id(session, company, payment) if payment else None


def move(
    session: Session, company: int, payment: Payment, state: PaymentState, failure: str = ""
) -> None:
    """Set the state by the rule of ranks; one that is no longer live frees its documents."""
    row = session.scalars(
        select(PaymentRow)
        .where(col(PaymentRow.company_id) == company, col(PaymentRow.id) == payment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    ensure_move(PaymentState(row.state), state)
    row.state = state.value
    row.state_rank = RANK[state]
    row.failure = failure
    session.flush()
    if RANK[state] > RANK[PaymentState.PENDING]:
        session.execute(
            update(PaymentItemRow)
            .where(
                col(PaymentItemRow.company_id) == company,
                col(PaymentItemRow.payment_id) == payment.id,
            )
            .values(live=False)
        )


def history(
    session: Session, company: int, customer: int, period: Period, page: int
) -> list[Payment]:
    """Payments that brought money, newest first, one page."""
    query = (
        select(col(PaymentRow.id))
        .where(*_paid_by(company, customer, period))
        .order_by(col(PaymentRow.paid_on).desc(), col(PaymentRow.id).desc())
        .limit(PAGE_SIZE)
        .offset(page * PAGE_SIZE)
    )
    ids = list(session.scalars(query))
    found = _payments(session, company, col(PaymentRow.id).in_(ids)) if ids else []
    return sorted(found, key=lambda p: (p.paid_on or date.min, p.id), reverse=True)


def count_history(session: Session, company: int, customer: int, period: Period) -> int:
    query = select(func.count()).where(*_paid_by(company, customer, period))
    return session.execute(query).scalar_one()


def paid_documents(
    session: Session, company: int, customer: int, period: Period, page: int
) -> list[tuple[str, date, date, Money]]:
    """Settled documents: number, issue date, the day the last cent came, total. Newest first."""
    last = func.max(col(PaymentRow.paid_on))
    query = (
        _settled(company, customer, period)
        .with_only_columns(
            col(DocumentRow.type),
            col(DocumentRow.series),
            col(DocumentRow.number),
            col(DocumentRow.issue_date),
            col(DocumentRow.total_cents),
            col(DocumentRow.currency),
            last,
        )
        .order_by(last.desc(), col(DocumentRow.sort_number).desc())
        .limit(PAGE_SIZE)
        .offset(page * PAGE_SIZE)
    )
    return [
        (printed_number(kind, series, number), issued, paid, Money(cents, currency))
        for kind, series, number, issued, cents, currency, paid in session.execute(query)
        if paid is not None
    ]


def count_paid_documents(session: Session, company: int, customer: int, period: Period) -> int:
    settled = _settled(company, customer, period).with_only_columns(col(DocumentRow.id))
    return session.execute(select(func.count()).select_from(settled.subquery())).scalar_one()


def last_payment(session: Session, company: int, customer: int) -> tuple[date, Money] | None:
    """Day and amount of the newest payment, for the empty state."""
    came = func.coalesce(col(PaymentRow.received_cents), col(PaymentRow.amount_cents))
    query = (
        select(col(PaymentRow.paid_on), came, col(PaymentRow.currency))
        .where(*_paid_by(company, customer, Period()))
        .order_by(col(PaymentRow.paid_on).desc(), col(PaymentRow.id).desc())
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    day, cents, currency = row
    return (day, Money(cents, currency)) if day else None


def _settled(company: int, customer: int, period: Period) -> Select[Any]:
    last = func.max(col(PaymentRow.paid_on))
    having = [
        *([last >= period.first] if period.first else []),
        *([last <= period.last] if period.last else []),
    ]
    return (
        select(col(DocumentRow.id))
        .join(AllocationRow, col(AllocationRow.document_id) == col(DocumentRow.id))
        .join(PaymentRow, col(PaymentRow.id) == col(AllocationRow.payment_id))
        .where(
            col(DocumentRow.company_id) == company,
            col(DocumentRow.customer_id) == customer,
            col(DocumentRow.balance_cents) == 0,
            col(DocumentRow.type).in_(PAYABLE_TYPES),
            col(AllocationRow.reversed_by).is_(None),
        )
        .group_by(col(DocumentRow.id))
        .having(*having)
    )


def _paid_by(company: int, customer: int, period: Period) -> list[ColumnElement[bool]]:
    paid_on = col(PaymentRow.paid_on)
    return [
        col(PaymentRow.company_id) == company,
        col(PaymentRow.customer_id) == customer,
        paid_on.is_not(None),
        *([paid_on >= period.first] if period.first else []),
        *([paid_on <= period.last] if period.last else []),
    ]


def _payments(session: Session, company: int, *where: ColumnElement[bool]) -> list[Payment]:
    rows = list(
        session.scalars(select(PaymentRow).where(col(PaymentRow.company_id) == company, *where))
    )
    ids = [row.id for row in rows]
    items: dict[int, list[PaymentItem]] = {id_: [] for id_ in ids}
    query = (
        select(PaymentItemRow, DocumentRow)
        .join(DocumentRow, col(DocumentRow.id) == col(PaymentItemRow.document_id))
        .where(col(PaymentItemRow.company_id) == company, col(PaymentItemRow.payment_id).in_(ids))
        .order_by(col(DocumentRow.due_date).nulls_last(), col(DocumentRow.sort_number))
    )
    for item, document in session.execute(query).all():
        items[item.payment_id].append(_item(item, document))
    links = _links(session, company, rows)
    return [_payment(row, tuple(items[row.id]), links) for row in rows]


def _links(
    session: Session, company: int, rows: Sequence[PaymentRow]
) -> dict[tuple[str, int], str]:
    ids = [row.id for row in rows]
    before = [row.replaces_id for row in rows if row.replaces_id]
    query = select(
        col(PaymentRow.id), col(PaymentRow.public_id), col(PaymentRow.replaces_id)
    ).where(
        col(PaymentRow.company_id) == company,
        col(PaymentRow.id).in_(before) | col(PaymentRow.replaces_id).in_(ids),
    )
    links: dict[tuple[str, int], str] = {}
    for id_, public_id, replaces in session.execute(query):
        links["replaces", id_] = public_id
        if replaces is not None:
            links["replaced_by", replaces] = public_id
    return links


def _item(item: PaymentItemRow, document: DocumentRow) -> PaymentItem:
    return PaymentItem(
        item.document_id,
        printed_number(document.type, document.series, document.number),
        Money(item.principal_cents, document.currency),
        Money(item.fine_cents, document.currency),
        Money(item.interest_cents, document.currency),
    )


def _payment(
    row: PaymentRow, items: tuple[PaymentItem, ...], links: dict[tuple[str, int], str]
) -> Payment:
    return Payment(
        id=row.id,
        public_id=row.public_id,
        customer=row.customer_id,
        method=PaymentMethod(row.method),
        state=PaymentState(row.state),
        amount=Money(row.amount_cents, row.currency),
        received=_received(row),
        created_at=row.created_at,
        paid_on=row.paid_on,
        failure=row.failure,
        items=items,
        replaces=links.get(("replaces", row.replaces_id or 0)),
        replaced_by=links.get(("replaced_by", row.id)),
    )


def _received(row: PaymentRow) -> Money | None:
    if row.paid_on is None:
        return None
    cents = row.amount_cents if row.received_cents is None else row.received_cents
    return Money(cents, row.currency)


def _in_scope(payment: Payment, scope: Scope) -> bool:
    return scope.documents is None or all(
        item.document in scope.documents for item in payment.items
    )
