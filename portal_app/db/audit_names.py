"""What the audit's ids stand for today, and which ids a name or number stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.documents import printed_number
from portal_app.db.models import (
    CustomerRow,
    DocumentRow,
    PaymentItemRow,
    PortalUserRow,
    ReceiptRow,
)
from portal_app.domain.receipts import number_of


def names(session: Session, company: int, references: Iterable[str]) -> dict[str, str]:
    """What 'user:12' or 'document:5' is called now; without those that are gone or have no name."""
    wanted: dict[str, set[int]] = {}
    for reference in references:
        kind, _, id_ = reference.partition(":")
        if id_.isdecimal():
            wanted.setdefault(kind, set()).add(int(id_))
    return {
        f"{kind}:{id_}": name
        for kind, ids in wanted.items()
        if kind in _NAMED
        for id_, name in _NAMED[kind](session, company, ids)
        if name
    }


def people(session: Session, company: int, text: str, most: int) -> list[int]:
    """Ids of users whose name or login has this in it, at most so many."""
    row = PortalUserRow
    named = col(row.name).icontains(text, autoescape=True)
    called = col(row.login).icontains(text, autoescape=True)
    query = select(col(row.id)).where(col(row.company_id) == company, named | called).limit(most)
    return list(session.scalars(query))


def customers(session: Session, company: int, text: str, most: int) -> list[int]:
    """Ids of customers with this code, or whose name has this in it, at most so many."""
    row = CustomerRow
    named = col(row.name).icontains(text, autoescape=True)
    query = (
        select(col(row.id))
        .where(col(row.company_id) == company, named | (col(row.code) == text))
        .limit(most)
    )
    return list(session.scalars(query))


def about_document(session: Session, company: int, printed: str, most: int) -> list[str]:
    """Documents of a printed number ('FT 2026/1841', '2026/1841', '1841'), their payments, their receipts."""
    found = list(session.scalars(_of_number(company, printed).limit(most)))
    paid = list(
        session.scalars(
            select(col(PaymentItemRow.payment_id))
            .where(
                col(PaymentItemRow.company_id) == company,
                col(PaymentItemRow.document_id).in_(found),
            )
            .distinct()
        )
    )
    receipts = session.scalars(
        select(col(ReceiptRow.id)).where(
            col(ReceiptRow.company_id) == company, col(ReceiptRow.payment_id).in_(paid)
        )
    )
    return [
        *(f"document:{id_}" for id_ in found),
        *(f"payment:{id_}" for id_ in paid),
        *(f"receipt:{id_}" for id_ in receipts),
    ]


def _of_number(company: int, printed: str) -> Any:
    kind, _, rest = printed.strip().rpartition(" ")
    series, _, number = rest.rpartition("/")
    row = DocumentRow
    asked: list[ColumnElement[bool]] = [
        col(row.company_id) == company,
        col(row.number) == number,
        *([col(row.type) == kind.strip().upper()] if kind else []),
        *([col(row.series) == series] if series else []),
    ]
    return select(col(row.id)).where(*asked)


def _users(session: Session, company: int, ids: set[int]) -> Iterable[tuple[int, str]]:
    row = PortalUserRow
    query = select(col(row.id), col(row.name)).where(
        col(row.company_id) == company, col(row.id).in_(ids)
    )
    return [(id_, name) for id_, name in session.execute(query)]


def _customers(session: Session, company: int, ids: set[int]) -> Iterable[tuple[int, str]]:
    row = CustomerRow
    query = select(col(row.id), col(row.name)).where(
        col(row.company_id) == company, col(row.id).in_(ids)
    )
    return [(id_, name) for id_, name in session.execute(query)]


def _documents(session: Session, company: int, ids: set[int]) -> Iterable[tuple[int, str]]:
    row = DocumentRow
    query = select(col(row.id), col(row.type), col(row.series), col(row.number)).where(
        col(row.company_id) == company, col(row.id).in_(ids)
    )
    return [(id_, printed_number(*parts)) for id_, *parts in session.execute(query)]


def _receipts(session: Session, company: int, ids: set[int]) -> Iterable[tuple[int, str]]:
    row = ReceiptRow
    query = select(col(row.id), col(row.series), col(row.number)).where(
        col(row.company_id) == company, col(row.id).in_(ids)
    )
    return [(id_, number_of(series, number)) for id_, series, number in session.execute(query)]


def _payments(session: Session, company: int, ids: set[int]) -> Iterable[tuple[int, str]]:
    """A payment is called by its first documents: nobody knows its id."""
    item, row = PaymentItemRow, DocumentRow
    query = (
        select(col(item.payment_id), col(row.type), col(row.series), col(row.number))
        .join(row, col(row.id) == col(item.document_id))
        .where(col(item.company_id) == company, col(item.payment_id).in_(ids))
        .order_by(col(item.id))
    )
    found: dict[int, list[str]] = {}
    for payment, *parts in session.execute(query):
        found.setdefault(payment, []).append(printed_number(*parts))
    return [(payment, _few(numbers)) for payment, numbers in found.items()]


def _few(numbers: list[str]) -> str:
    more = f" +{len(numbers) - _MOST_NAMED}" if len(numbers) > _MOST_NAMED else ""
    return ", ".join(numbers[:_MOST_NAMED]) + more


_MOST_NAMED: Final = 3
_NAMED: Final[Mapping[str, Callable[[Session, int, set[int]], Iterable[tuple[int, str]]]]] = {
    "user": _users,
    "customer": _customers,
    "document": _documents,
    "receipt": _receipts,
    "payment": _payments,
}
