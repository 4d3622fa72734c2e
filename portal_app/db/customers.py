"""Customers of a company, and their contracts."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Mapped, Session
from sqlmodel import col

from portal_app.db.models import ContractRow, CustomerRow, MembershipRow, PortalUserRow
from portal_app.domain.customers import FOLDED, Contract, Customer, Wanted
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


@dataclass(frozen=True, slots=True)
class Found:
    """A customer in a list of those who were looked for."""

    public_id: str
    code: str
    name: str
    tax_id: str
    email: str


def look_up(session: Session, company: int, wanted: Wanted, offset: int, limit: int) -> list[Found]:
    """Those who match any part of what was typed, by name."""
    query = (
        select(CustomerRow)
        .where(col(CustomerRow.company_id) == company, _matches(company, wanted))
        .order_by(_folded(col(CustomerRow.name)), col(CustomerRow.id))
        .offset(offset)
        .limit(limit)
    )
    return [
        Found(row.public_id, row.code, row.name, row.tax_id, row.email)
        for row in session.scalars(query)
    ]


def _matches(company: int, wanted: Wanted) -> ColumnElement[bool]:
    if not wanted.text:
        return col(CustomerRow.company_id) == company
    ways = [col(CustomerRow.code) == wanted.text, _of_contract(company, wanted.text)]
    if wanted.tax_id:
        ways += [col(CustomerRow.tax_id) == wanted.tax_id, col(CustomerRow.code) == wanted.tax_id]
    if wanted.name:
        ways.append(_folded(col(CustomerRow.name)).contains(wanted.name, autoescape=True))
    if wanted.email:
        email = func.lower(col(CustomerRow.email))
        ways += [email.contains(wanted.email, autoescape=True), _of_login(company, wanted.email)]
    return or_(*ways)


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
            col(PortalUserRow.login).contains(part, autoescape=True),
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
    )
