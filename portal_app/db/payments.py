"""Payments and the documents frozen in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.documents import Scope, printed_number
from portal_app.db.models import AllocationRow, DocumentRow, PaymentItemRow, PaymentRow
from portal_app.domain.allocation import Allocation
from portal_app.domain.checkout import CheckoutReport
from portal_app.domain.documents import PAGE_SIZE, PAYABLE_TYPES, Period
from portal_app.domain.errors import NotFound
from portal_app.domain.facts import facts_of
from portal_app.domain.money import Money
from portal_app.domain.payments import (
    RANK,
    VOUCHERS,
    Hosted,
    Payment,
    PaymentItem,
    PaymentMethod,
    PaymentState,
    Voucher,
    ensure_move,
)
from portal_app.domain.selection import Quote


@dataclass(frozen=True, slots=True)
class NewCheckout:
    """The order a provider will be asked for, frozen as facts under its key."""

    provider: str
    account: str
    key: str
    facts: dict[str, Any]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewPayment:
    """An attempt about to be made: a quote to freeze, who wants it and how it is paid.

    `checkout` is what a provider will be asked for; None where it is none's.
    """

    customer: int
    public_id: str
    subject: str
    method: PaymentMethod
    quote: Quote
    created_at: datetime
    replaces: int | None = None
    checkout: NewCheckout | None = None


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
        **_checkout(new.checkout),
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
class PaymentNames:
    """How a provider's call may name a payment; '' where it does not."""

    public_id: str
    session: str
    intent: str


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


def _checkout(new: NewCheckout | None) -> dict[str, Any]:
    if new is None:
        return {}
    return {
        "provider": new.provider,
        "account": new.account,
        "checkout_key": new.key,
        "checkout": new.facts,
        "expires_at": new.expires_at,
    }


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


def by_name(session: Session, company: int, public_id: str) -> Payment:
    """A payment of any of the company's customers, for an operator who names it."""
    found = _payments(session, company, col(PaymentRow.public_id) == public_id)
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


def locked(session: Session, company: int, payment: int) -> Payment:
    """The payment as it is now, held until the transaction ends. Lock its documents before it."""
    session.scalars(
        select(PaymentRow)
        .where(col(PaymentRow.company_id) == company, col(PaymentRow.id) == payment)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    return by_id(session, company, payment)


def note_checkout(
    session: Session, company: int, payment: int, report: CheckoutReport, now: datetime
) -> None:
    """How its provider knows it and where to go on, whatever its state."""
    row = _row(session, company, payment)
    row.session = report.session or row.session
    row.intent = report.intent or row.intent
    row.checkout_url = report.url
    if report.voucher is not None:
        row.voucher = facts_of(report.voucher)
    row.failure = report.failure or row.failure
    row.looked_at = now
    session.flush()


def note_asked(session: Session, company: int, payment: int, now: datetime) -> None:
    """Its provider is being asked about it."""
    session.execute(
        update(PaymentRow)
        .where(col(PaymentRow.company_id) == company, col(PaymentRow.id) == payment)
        .values(looked_at=now)
    )


def set_outcome(session: Session, company: int, payment: int, state: PaymentState) -> None:
    """What became of money that came in: the one move that may lead to a lower rank (ADR 0020)."""
    row = _row(session, company, payment)
    row.state, row.state_rank = state.value, RANK[state]
    session.flush()


def order_of(session: Session, company: int, payment: int) -> dict[str, Any]:
    """The frozen facts of the checkout its provider is asked for."""
    return _row(session, company, payment).checkout


def waiting(
    session: Session, company: int, before: datetime, asked: datetime, voucher_asked: datetime
) -> list[int]:
    """Attempts at a provider made before a moment, not ended, and not asked about since another.

    Vouchers wait for days: they are asked about less often.
    """
    is_voucher = col(PaymentRow.method).in_(sorted(VOUCHERS))
    since = case((is_voucher, voucher_asked), else_=asked)
    query = (
        select(col(PaymentRow.id))
        .where(
            col(PaymentRow.company_id) == company,
            # The words of the partial index (see db.documents.IS_OPEN).
            col(PaymentRow.provider) != literal_column("''"),
            col(PaymentRow.state_rank) < literal_column("2"),
            col(PaymentRow.created_at) < before,
            col(PaymentRow.looked_at).is_(None) | (col(PaymentRow.looked_at) < since),
        )
        .order_by(col(PaymentRow.created_at))
    )
    return list(session.scalars(query))


def named(session: Session, provider: str, names: PaymentNames) -> tuple[int, int] | None:
    """Company and id of the payment a provider's call names, of whatever company."""
    wanted = (
        (col(PaymentRow.public_id), names.public_id),
        (col(PaymentRow.session), names.session),
        (col(PaymentRow.intent), names.intent),
    )
    for column, value in wanted:
        query = select(col(PaymentRow.company_id), col(PaymentRow.id)).where(
            col(PaymentRow.provider) == provider, column == value
        )
        found = session.execute(query).one_or_none() if value else None
        if found:
            return found[0], found[1]
    return None


def _row(session: Session, company: int, payment: int) -> PaymentRow:
    query = select(PaymentRow).where(
        col(PaymentRow.company_id) == company, col(PaymentRow.id) == payment
    )
    return session.scalars(query).one()


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


def of_customer(
    session: Session, company: int, customer: int, first: int, limit: int
) -> list[Payment]:
    """All a customer's payments and attempts from the `first` on, the newest first."""
    query = (
        select(col(PaymentRow.id))
        .where(col(PaymentRow.company_id) == company, col(PaymentRow.customer_id) == customer)
        .order_by(col(PaymentRow.created_at).desc(), col(PaymentRow.id).desc())
        .offset(first)
        .limit(limit)
    )
    ids = list(session.scalars(query))
    found = _payments(session, company, col(PaymentRow.id).in_(ids)) if ids else []
    return sorted(found, key=lambda payment: ids.index(payment.id))


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
        hosted=_hosted(row),
    )


def _hosted(row: PaymentRow) -> Hosted | None:
    if not row.provider or row.expires_at is None:
        return None
    facts = dict(row.voucher)
    ends = facts.pop("expires_at", None)
    return Hosted(
        provider=row.provider,
        account=row.account,
        key=row.checkout_key,
        session=row.session,
        intent=row.intent,
        url=row.checkout_url,
        expires_at=row.expires_at,
        looked_at=row.looked_at,
        voucher=Voucher(**facts, expires_at=datetime.fromisoformat(ends) if ends else None),
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
