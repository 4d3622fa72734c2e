"""Documents as questions ask for them. Every function takes the company first."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.orm import Mapped, Session
from sqlmodel import SQLModel, col

from portal_app.db.models import (
    ContractRow,
    DocumentRow,
    PaymentItemRow,
)
from portal_app.domain.documents import (
    PAGE_SIZE,
    PAYABLE_TYPES,
    SOON_DAYS,
    Attempt,
    BillingMode,
    Document,
    DocumentType,
    OpenCounts,
    OpenFilter,
    Period,
    Show,
    SortBy,
)
from portal_app.domain.errors import NotFound
from portal_app.domain.imports import Registration
from portal_app.domain.money import Money

_SORT = {
    SortBy.NUMBER: col(DocumentRow.sort_number),
    SortBy.DUE: col(DocumentRow.due_date),
    SortBy.TOTAL: col(DocumentRow.total_cents),
    SortBy.BALANCE: col(DocumentRow.balance_cents),
}
# For what is asked at every tick: plain columns answer faster than those of entities.
_COMPANY, _CONTRACT, _DOCUMENT, _ITEM, _PAYMENT, _BOLETO = (
    SQLModel.metadata.tables[name]
    for name in ("company", "contract", "document", "payment_item", "payment", "boleto")
)
# The words of the partial index over open documents. A zero that is a parameter would hide
# from PostgreSQL's prepared plans that the index answers.
IS_OPEN = (col(DocumentRow.balance_cents) > literal_column("0"), ~col(DocumentRow.cancelled))
# IN lists longer than this are asked in parts: both databases limit parameters.
_MOST_IDS = 1000
# The field of a nosso número in a bank's file.
_LONGEST_NUMBER = 20
# Files that let more follow a nosso número in that field give the number so many digits.
_PADDED = 10


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose documents: a customer's, or only some of them (a link made for those)."""

    customer: int
    documents: frozenset[int] | None = None


def owned(
    session: Session, company: int, scope: Scope, ids: Iterable[int], *, lock: bool = False
) -> list[Document]:
    """The customer's own documents with these ids, in due order.

    Raises NotFound if any of them is missing, somebody else's or out of scope.
    `lock` holds the rows until the transaction ends.
    """
    wanted = sorted(set(ids))
    if lock:
        _lock(session, company, wanted)
    found = owned_among(session, company, scope, wanted)
    if len(found) != len(wanted):
        raise NotFound(kind="document")
    return found


def owned_among(session: Session, company: int, scope: Scope, ids: Iterable[int]) -> list[Document]:
    """Those of the ids that are the customer's own and in scope, in due order."""
    wanted = sorted(set(ids) if scope.documents is None else scope.documents.intersection(ids))
    found: list[Document] = []
    for start in range(0, len(wanted), _MOST_IDS):
        part = wanted[start : start + _MOST_IDS]
        parameters = {"customer": scope.customer, "ids": part}
        found += [_document(row) for row in session.execute(_by_ids(company), parameters)]
    return sorted(found, key=lambda d: (d.due is None, d.due or date.min, d.issued, d.number))


def by_public_id(session: Session, company: int, scope: Scope, public_id: str) -> Document:
    """One of the customer's own documents; NotFound otherwise."""
    query = _documents(company).where(
        col(DocumentRow.customer_id) == scope.customer, col(DocumentRow.public_id) == public_id
    )
    row = session.execute(query).one_or_none()
    if row is None or (scope.documents is not None and row.id not in scope.documents):
        raise NotFound(kind="document")
    return _document(row)


def registrations(session: Session, company: int, ids: Iterable[int]) -> dict[int, Registration]:
    """Where those of these documents that are a bank's titles are registered, by id."""
    query = select(
        col(DocumentRow.id),
        col(DocumentRow.bank),
        col(DocumentRow.convenio),
        col(DocumentRow.nosso_numero),
    ).where(
        _confirms(company),
        col(DocumentRow.id).in_(sorted(ids)),
        col(DocumentRow.nosso_numero) != "",
    )
    return {id_: Registration(*facts) for id_, *facts in session.execute(query)}


def is_registered(
    session: Session, company: int, bank: str, agreements: Collection[str], number: str
) -> bool:
    """Whether an imported title of these agreements already has this nosso número.

    A file may pad the number to ten digits and let more of the bank's field follow it.
    """
    stored, padded = col(DocumentRow.nosso_numero), number.zfill(_PADDED)
    query = (
        select(col(DocumentRow.id))
        .where(
            *_of_agreements(company, bank, agreements),
            (stored == number) | stored.startswith(padded, autoescape=True),
        )
        .limit(1)
    )
    return session.execute(query).first() is not None


def registered_after(
    session: Session, company: int, bank: str, agreements: Collection[str], number: str
) -> Callable[[str], bool]:
    """`is_registered` for any greater nosso número of as many digits, asked once for all of them."""
    stored, padded = col(DocumentRow.nosso_numero), number.zfill(_PADDED)
    query = select(stored).where(
        *_of_agreements(company, bank, agreements), stored > min(number, padded)
    )
    found = session.scalars(query).all()
    taken = {*found, *(each[: len(padded)] for each in found)}
    return lambda greater: greater in taken or greater.zfill(_PADDED) in taken


def registered_agreements(session: Session, company: int, bank: str) -> list[str]:
    """Agreements with a bank under which titles were imported, as they are stored."""
    query = (
        select(col(DocumentRow.convenio))
        .where(
            col(DocumentRow.company_id) == company,
            col(DocumentRow.bank) == bank,
            col(DocumentRow.nosso_numero) != "",
        )
        .distinct()
    )
    return list(session.scalars(query))


def registered_as(
    session: Session, company: int, bank: str, agreements: Collection[str], number: str
) -> Document | None:
    """The imported title of these agreements that the bank knows by this number, locked.

    Files write a number with more or fewer zeros in front. None too where several would fit.
    """
    stripped = number.lstrip("0")
    spellings = {stripped.zfill(length) for length in range(len(stripped), _LONGEST_NUMBER + 1)}
    if not stripped:
        return None
    query = select(col(DocumentRow.id), col(DocumentRow.customer_id)).where(
        col(DocumentRow.company_id) == company,
        col(DocumentRow.bank) == bank,
        col(DocumentRow.convenio).in_(sorted(agreements)),
        col(DocumentRow.nosso_numero).in_(sorted(spellings)),
        # The index of titles holds only these.
        col(DocumentRow.nosso_numero) != "",
    )
    found = session.execute(query).all()
    if len(found) != 1:
        return None
    document, customer = found[0]
    return owned(session, company, Scope(customer), [document], lock=True)[0]


def open_documents(
    session: Session, company: int, scope: Scope, wanted: OpenFilter, today: date
) -> list[Document]:
    """One page of open documents.

    Default order: due date, issue date, number; rows without a due date last either way.
    """
    # The page is cut on the index alone; only its rows are looked up and joined.
    page = (
        select(col(DocumentRow.id))
        .where(*_open(company, scope), *_filter(wanted, today))
        .order_by(*_order(wanted))
        .limit(PAGE_SIZE)
        .offset(wanted.page * PAGE_SIZE)
        .subquery()
    )
    query = (
        _documents(company).join(page, page.c.id == col(DocumentRow.id)).order_by(*_order(wanted))
    )
    return [_document(row) for row in session.execute(query)]


def count_open(
    session: Session, company: int, scope: Scope, wanted: OpenFilter, today: date
) -> tuple[OpenCounts, int]:
    """All, overdue and soon due, whatever the filter; and how many match the filter."""
    due = col(DocumentRow.due_date)
    query = select(
        func.count(),
        func.count().filter(due < today),
        func.count().filter(due.between(today, _soon(today))),
        func.count().filter(and_(true(), *_filter(wanted, today))),
    ).where(*_open(company, scope))
    everything, overdue, soon, matching = session.execute(query).one()
    return OpenCounts(everything, overdue, soon), matching


def payable_ids(
    session: Session,
    company: int,
    scope: Scope,
    wanted: OpenFilter,
    today: date,
    currency: str | None,
) -> list[int]:
    """All documents of the filter, all pages, that may be ticked (see domain `block_of`)."""
    query = (
        select(col(DocumentRow.id))
        .outerjoin(ContractRow, _of_contract())
        .where(
            *_open(company, scope),
            *_filter(wanted, today),
            col(DocumentRow.type).in_(PAYABLE_TYPES),
            ~col(DocumentRow.registered_elsewhere),
            func.coalesce(col(ContractRow.billing_mode), BillingMode.BOLETO.value)
            == BillingMode.BOLETO.value,
            ~select(col(PaymentItemRow.id))
            .where(col(PaymentItemRow.document_id) == col(DocumentRow.id), col(PaymentItemRow.live))
            .exists(),
        )
        .order_by(*_order(wanted))
    )
    if currency is not None:
        query = query.where(col(DocumentRow.currency) == currency)
    return list(session.scalars(query))


def ids_by_number(
    session: Session, company: int, customer: int, numbers: Sequence[str]
) -> list[int]:
    """Ids of the customer's documents with these printed numbers; NotFound if one is missing."""
    query = select(
        col(DocumentRow.id), col(DocumentRow.type), col(DocumentRow.series), col(DocumentRow.number)
    ).where(col(DocumentRow.company_id) == company, col(DocumentRow.customer_id) == customer)
    if not numbers:
        return []
    by_number = {printed_number(*row[1:]): row[0] for row in session.execute(query)}
    try:
        return [by_number[number] for number in numbers]
    except KeyError as missing:
        raise NotFound(kind="document", number=missing.args[0]) from None


def printed_number(kind: str, series: str, number: str) -> str:
    """'FT 2026/1841'; without a series 'TIT 429715'."""
    return f"{kind} {series}/{number}" if series else f"{kind} {number}"


def sort_number(kind: str, series: str, number: str) -> str:
    """The number with its digits padded, so that text order is counting order."""
    padded = (part.zfill(12) if part.isdigit() else part for part in (series, number))
    return "|".join((kind, *padded))


def _of_agreements(
    company: int, bank: str, agreements: Collection[str]
) -> Sequence[ColumnElement[bool]]:
    """The imported titles of these agreements, named without leading zeros."""
    return (
        col(DocumentRow.company_id) == company,
        col(DocumentRow.bank) == bank,
        func.ltrim(col(DocumentRow.convenio), "0").in_(sorted(agreements)),
        col(DocumentRow.nosso_numero) != "",
    )


def _open(company: int, scope: Scope) -> list[ColumnElement[bool]]:
    where = [
        col(DocumentRow.company_id) == company,
        col(DocumentRow.customer_id) == scope.customer,
        *IS_OPEN,
    ]
    if scope.documents is not None:
        where.append(col(DocumentRow.id).in_(sorted(scope.documents)))
    return where


def _filter(wanted: OpenFilter, today: date) -> list[ColumnElement[bool]]:
    due = col(DocumentRow.due_date)
    where: list[ColumnElement[bool]] = []
    if wanted.show is Show.OVERDUE:
        where.append(due < today)
    elif wanted.show is Show.SOON:
        where.append(due.between(today, _soon(today)))
    return where + _within(wanted.period)


def _within(period: Period) -> list[ColumnElement[bool]]:
    due = col(DocumentRow.due_date)
    return [
        *([due >= period.first] if period.first else []),
        *([due <= period.last] if period.last else []),
    ]


def _order(wanted: OpenFilter) -> Sequence[ColumnElement[Any] | Mapped[Any]]:
    ties = (col(DocumentRow.issue_date), col(DocumentRow.sort_number), col(DocumentRow.id))
    column = _SORT[wanted.sort]
    return ((column.desc() if wanted.descending else column.asc()).nulls_last(), *ties)


def _soon(today: date) -> date:
    return today + timedelta(days=SOON_DAYS)


def _lock(session: Session, company: int, ids: Sequence[int]) -> None:
    # In id order, so that two payments over the same documents cannot deadlock.
    for start in range(0, len(ids), _MOST_IDS):
        part = ids[start : start + _MOST_IDS]
        session.execute(
            select(col(DocumentRow.id))
            .where(_confirms(company), col(DocumentRow.id).in_(part))
            .order_by(col(DocumentRow.id))
            .with_for_update()
        ).all()


def _of_contract() -> ColumnElement[bool]:
    return and_(
        col(ContractRow.id) == col(DocumentRow.contract_id),
        col(ContractRow.company_id) == col(DocumentRow.company_id),
    )


def _confirms(company: int) -> ColumnElement[bool]:
    """The document is this company's, asked so that no index over companies answers it.

    Between such an index and a list of ids SQLite takes the index: it would read all of the
    company's documents to find a few.
    """
    return _DOCUMENT.c.company_id + literal_column("0") == company


@lru_cache(maxsize=1024)
def _by_ids(company: int) -> Select[*tuple[Any, ...]]:
    """The `customer`'s documents with these `ids`, both of them parameters."""
    return _columns(company).where(
        _confirms(company),
        _DOCUMENT.c.customer_id == bindparam("customer"),
        _DOCUMENT.c.id.in_(bindparam("ids", expanding=True)),
    )


@lru_cache(maxsize=1024)
def _documents(company: int) -> Select[*tuple[Any, ...]]:
    return _columns(company).where(_DOCUMENT.c.company_id == company)


def _columns(company: int) -> Select[*tuple[Any, ...]]:
    """Documents with what decides about them: contract, carteira, live payment."""
    default_carteira = (
        select(_COMPANY.c.default_carteira_id).where(_COMPANY.c.id == company).scalar_subquery()
    )
    return (
        select(  # pyright: ignore[reportCallIssue]  more columns than its overloads spell out
            _DOCUMENT.c.id,
            _DOCUMENT.c.public_id,
            _DOCUMENT.c.customer_id,
            _DOCUMENT.c.type,
            _DOCUMENT.c.series,
            _DOCUMENT.c.number,
            _DOCUMENT.c.description,
            _DOCUMENT.c.issue_date,
            _DOCUMENT.c.due_date,
            _DOCUMENT.c.currency,
            _DOCUMENT.c.total_cents,
            _DOCUMENT.c.balance_cents,
            _DOCUMENT.c.cancelled,
            _DOCUMENT.c.fine_paid,
            _DOCUMENT.c.registered_elsewhere,
            _CONTRACT.c.number.label("contract"),
            _CONTRACT.c.billing_mode,
            func.coalesce(_CONTRACT.c.carteira_id, default_carteira).label("carteira"),
            _PAYMENT.c.public_id.label("payment"),
            _PAYMENT.c.method,
            _BOLETO.c.bank.label("bank"),
            _BOLETO.c.state.label("boleto_state"),
            _BOLETO.c.available_at.label("available_at"),
        )
        .select_from(_DOCUMENT)
        .outerjoin(
            _CONTRACT,
            and_(
                _CONTRACT.c.id == _DOCUMENT.c.contract_id,
                _CONTRACT.c.company_id == _DOCUMENT.c.company_id,
            ),
        )
        .outerjoin(
            _ITEM,
            and_(_ITEM.c.document_id == _DOCUMENT.c.id, _ITEM.c.live),
        )
        .outerjoin(_PAYMENT, _PAYMENT.c.id == _ITEM.c.payment_id)
        .outerjoin(_BOLETO, _BOLETO.c.payment_id == _PAYMENT.c.id)
    )


def _document(row: Row[Any]) -> Document:
    # pyright and ruff take SQLAlchemy's public name for a private one.
    found = row._mapping  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    attempt = None
    if found["payment"]:
        attempt = Attempt(
            found["payment"],
            found["method"],
            found["bank"],
            found["boleto_state"],
            found["available_at"],
        )
    return Document(
        id=found["id"],
        public_id=found["public_id"],
        customer=found["customer_id"],
        type=DocumentType(found["type"]),
        number=printed_number(found["type"], found["series"], found["number"]),
        description=found["description"],
        issued=found["issue_date"],
        due=found["due_date"],
        total=Money(found["total_cents"], found["currency"]),
        balance=Money(found["balance_cents"], found["currency"]),
        contract=found["contract"],
        carteira=found["carteira"],
        billing_mode=BillingMode(found["billing_mode"] or BillingMode.BOLETO),
        cancelled=found["cancelled"],
        registered_elsewhere=found["registered_elsewhere"],
        fine_paid=found["fine_paid"],
        attempt=attempt,
    )
