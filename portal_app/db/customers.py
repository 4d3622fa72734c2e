"""Customers of a company, and their contracts."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.orm import Mapped, Session
from sqlmodel import col

from portal_app.db.models import ContractRow, CustomerRow, MembershipRow, PortalUserRow
from portal_app.domain.customers import (
    FOLDED,
    LONGEST_SEARCH,
    NO_GROUP,
    PUNCTUATION,
    Contract,
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


def locked(session: Session, company: int, customer: int) -> Customer:
    """The customer as he is now, and stays until the transaction ends; payments go on."""
    query = (
        select(CustomerRow)
        .where(col(CustomerRow.company_id) == company, col(CustomerRow.id) == customer)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(kind="customer")
    return _customer(row, ())


def set_contact(
    session: Session, company: int, customer: Customer, changed: Mapping[str, str]
) -> None:
    """Write what a customer changed himself, and that it was he."""
    own = sorted({*customer.own_fields, *changed})
    session.execute(
        update(CustomerRow)
        .where(col(CustomerRow.company_id) == company, col(CustomerRow.id) == customer.id)
        .values(**changed, own_fields=own)
    )


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


def by_public_id(session: Session, company: int, public_id: str) -> Customer:
    """The customer whose page has this in its address."""
    return by_id(session, company, id_of(session, company, public_id))


def id_of(session: Session, company: int, public_id: str) -> int:
    query = select(col(CustomerRow.id)).where(
        col(CustomerRow.company_id) == company, col(CustomerRow.public_id) == public_id
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(kind="customer")
    return found


def contracts(session: Session, company: int, customer: int) -> list[Contract]:
    query = (
        select(ContractRow)
        .where(col(ContractRow.company_id) == company, col(ContractRow.customer_id) == customer)
        .order_by(col(ContractRow.id))
    )
    return [Contract(row.number, row.description) for row in session.scalars(query)]


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
        select(row)
        .where(*_wanted(company, wanted))
        .order_by(_folded(col(row.name)), col(row.id))
        .offset(first)
        .limit(limit)
    )
    return [
        Listed(
            id=found.id,
            public_id=found.public_id,
            code=found.code,
            name=found.name,
            tax_id=found.tax_id,
            email=found.email,
            group=found.group_id,
        )
        for found in session.scalars(query)
    ]


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
    text = " ".join(wanted.text.split())[:LONGEST_SEARCH]
    if text:
        yield or_(*_said(company, text))


def _said(company: int, text: str) -> Iterator[ColumnElement[bool]]:
    """What a text somebody looks for may be."""
    row, words = CustomerRow, folded(text)
    if any(letter.isalpha() for letter in words):
        name = _folded(col(row.name))
        yield and_(*(name.contains(word, autoescape=True) for word in words.split()))
    if "@" in text:
        yield _folded(col(row.email)).contains(words, autoescape=True)
        yield _of_login(company, words)
    yield _of_contract(company, text)
    number = compact(text)
    if number:
        for column in (col(row.code), col(row.tax_id)):
            yield _folded(column, PUNCTUATION) == number


def _of_contract(company: int, number: str) -> ColumnElement[bool]:
    of_contract = select(col(ContractRow.customer_id)).where(
        col(ContractRow.company_id) == company, col(ContractRow.number) == number
    )
    return col(CustomerRow.id).in_(of_contract)


def _of_login(company: int, part: str) -> ColumnElement[bool]:
    """One of the customer's people signs in with such an address."""
    of_people = (
        select(col(MembershipRow.customer_id))
        .join(PortalUserRow, col(PortalUserRow.id) == col(MembershipRow.user_id))
        .where(
            col(MembershipRow.company_id) == company,
            _folded(col(PortalUserRow.login)).contains(part, autoescape=True),
        )
    )
    return col(CustomerRow.id).in_(of_people)


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
        public_id=row.public_id,
        own_fields=tuple(row.own_fields),
    )
