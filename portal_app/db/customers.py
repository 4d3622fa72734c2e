"""Customers of a company, and their contracts."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Mapped, Session
from sqlmodel import col

from portal_app.db.models import ContractRow, CustomerRow
from portal_app.domain.customers import (
    FOLDED,
    NO_GROUP,
    PUNCTUATION,
    Customer,
    CustomerSearch,
    Listed,
    compact,
    folded,
)
from portal_app.domain.errors import NotFound


def by_id(session: Session, company: int, customer: int) -> Customer:
    row = session.scalars(
        select(CustomerRow).where(
            col(CustomerRow.company_id) == company, col(CustomerRow.id) == customer
        )
    ).one_or_none()
    if row is None:
        raise NotFound(kind="customer")
    contracts = session.scalars(
        select(col(ContractRow.number))
        .where(col(ContractRow.company_id) == company, col(ContractRow.customer_id) == customer)
        .order_by(col(ContractRow.id))
    )
    return _customer(row, tuple(contracts))


def by_code(session: Session, company: int, code: str) -> Customer:
    """The customer with this code, else the one whose contract has this number."""
    of_contract = select(col(ContractRow.customer_id)).where(
        col(ContractRow.company_id) == company, col(ContractRow.number) == code
    )
    own_code = col(CustomerRow.code) == code
    row = session.scalars(
        select(CustomerRow)
        .where(
            col(CustomerRow.company_id) == company,
            own_code | col(CustomerRow.id).in_(of_contract),
        )
        .order_by(case((own_code, 0), else_=1))
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound(kind="customer")
    return _customer(row, ())


def count(session: Session, company: int, wanted: CustomerSearch) -> int:
    """How many a search finds, on all its pages."""
    query = select(func.count()).select_from(CustomerRow).where(*_wanted(company, wanted))
    return session.execute(query).scalar_one()


def find(
    session: Session, company: int, wanted: CustomerSearch, first: int, limit: int
) -> list[Listed]:
    """Those a search finds from the `first` on, by name."""
    row = CustomerRow
    query = (
        select(col(row.id), col(row.code), col(row.name), col(row.group_id))
        .where(*_wanted(company, wanted))
        .order_by(_folded(col(row.name)), col(row.id))
        .offset(first)
        .limit(limit)
    )
    return [Listed(*found) for found in session.execute(query)]


def ids_of(session: Session, company: int, wanted: CustomerSearch, most: int) -> list[int]:
    """All a search finds, whatever its page, but `most`."""
    query = select(col(CustomerRow.id)).where(*_wanted(company, wanted))
    return list(session.scalars(query.order_by(col(CustomerRow.id)).limit(most)))


def groups_of(session: Session, company: int, customers: Sequence[int]) -> dict[int, int | None]:
    """The group of each of these customers; whoever is none of the company's is left out."""
    query = select(col(CustomerRow.id), col(CustomerRow.group_id)).where(
        col(CustomerRow.company_id) == company, col(CustomerRow.id).in_(customers)
    )
    return dict(session.execute(query).all())


def _wanted(company: int, wanted: CustomerSearch) -> Iterator[ColumnElement[bool]]:
    yield col(CustomerRow.company_id) == company
    if wanted.group is not None:
        group = col(CustomerRow.group_id)
        yield group.is_(None) if wanted.group == NO_GROUP else group == wanted.group
    text = folded(wanted.text).strip()
    if text:
        yield or_(*_said(text))


def _said(text: str) -> Iterator[ColumnElement[bool]]:
    """Where a text somebody looks for may stand."""
    name = _folded(col(CustomerRow.name))
    yield and_(*(name.contains(word, autoescape=True) for word in text.split()))
    yield _folded(col(CustomerRow.email)).contains(text, autoescape=True)
    number = compact(text)
    if number:
        for column in (col(CustomerRow.code), col(CustomerRow.tax_id)):
            yield _folded(column, PUNCTUATION).contains(number, autoescape=True)


def _folded(column: Mapped[str], without: str = "") -> ColumnElement[str]:
    """As `folded` folds, in the database, and `without` some signs as `compact` does."""
    before, after = FOLDED
    return func.translate(column, before + without, after)


def _customer(row: CustomerRow, contracts: tuple[str, ...]) -> Customer:
    return Customer(
        id=row.id,
        code=row.code,
        name=row.name,
        tax_id=row.tax_id,
        tax_id_valid=row.tax_id_valid,
        email=row.email,
        phone=row.phone,
        street=row.street,
        district=row.district,
        city=row.city,
        state=row.state,
        postcode=row.postcode,
        contracts=contracts,
    )
