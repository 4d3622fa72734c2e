"""Customers of a company, and their contracts."""

from sqlalchemy import case, select
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import ContractRow, CustomerRow
from portal_app.domain.customers import Customer
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
