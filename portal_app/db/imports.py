"""What a file brings: customers, contracts and documents looked up and written in batches."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db import ledger
from portal_app.db.documents import sort_number
from portal_app.db.models import CompanyRow, ContractRow, CustomerRow, DocumentRow
from portal_app.domain.documents import DocumentType
from portal_app.domain.imports import (
    ImportedCustomer,
    ImportedDocument,
    KnownCustomer,
    KnownDocument,
    Registration,
    Said,
)
from portal_app.domain.ledger import issue
from portal_app.domain.money import Money

# Rows are written around the session's objects: one read before may have changed since.
_FRESH: Final = {"populate_existing": True}


@dataclass(frozen=True, slots=True)
class KnownContract:
    id: int
    customer: int


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document of a file with the rows it hangs on."""

    facts: ImportedDocument
    number: str
    customer: int
    contract: int | None


def wait_alone(session: Session, company: int) -> None:
    """Keep the company's other imports out until this transaction ends; its customers may work on."""
    session.execute(
        select(col(CompanyRow.id))
        .where(col(CompanyRow.id) == company)
        .with_for_update(key_share=True)
    ).all()


def customers_by_code(
    session: Session, company: int, codes: Collection[str]
) -> dict[str, KnownCustomer]:
    query = (
        select(CustomerRow)
        .where(col(CustomerRow.company_id) == company, col(CustomerRow.code).in_(codes))
        .execution_options(**_FRESH)
    )
    return {row.code: _customer(row) for row in session.scalars(query)}


def customers_by_tax_id(
    session: Session, company: int, tax_ids: Collection[str]
) -> dict[str, KnownCustomer]:
    """By tax id, those left out that two customers share."""
    query = (
        select(CustomerRow)
        .where(col(CustomerRow.company_id) == company, col(CustomerRow.tax_id).in_(tax_ids))
        .execution_options(**_FRESH)
    )
    found: dict[str, list[KnownCustomer]] = {}
    for row in session.scalars(query):
        found.setdefault(row.tax_id, []).append(_customer(row))
    return {tax_id: known[0] for tax_id, known in found.items() if len(known) == 1}


def add_customer(
    session: Session, company: int, new: ImportedCustomer, *, tax_id_valid: bool
) -> KnownCustomer:
    values = asdict(new) | {"code": new.key, "company_id": company, "tax_id_valid": tax_id_valid}
    id_ = session.scalars(insert(CustomerRow).values(values).returning(col(CustomerRow.id))).one()
    return KnownCustomer(id_, tax_id_valid, new)


def locked_customer(session: Session, company: int, customer: int) -> KnownCustomer:
    """As he is now, whatever he changed since he was looked up; he waits until this is over."""
    query = (
        select(CustomerRow)
        .where(col(CustomerRow.company_id) == company, col(CustomerRow.id) == customer)
        .with_for_update(key_share=True)
        .execution_options(**_FRESH)
    )
    return _customer(session.scalars(query).one())


def change_customer(
    session: Session,
    company: int,
    known: KnownCustomer,
    said: Said,
    *,
    tax_id_valid: bool,
) -> KnownCustomer:
    """Write what changed; the customer as known from now on."""
    values = {"tax_id_valid": tax_id_valid, "own_fields": sorted(said.own_fields)}
    session.execute(
        update(CustomerRow)
        .where(col(CustomerRow.company_id) == company, col(CustomerRow.id) == known.id)
        .values(**said.changed, **values)
    )
    facts = replace(known.facts, **said.changed)
    return KnownCustomer(known.id, tax_id_valid, facts, said.own_fields)


def contracts(session: Session, company: int, numbers: Collection[str]) -> dict[str, KnownContract]:
    query = select(ContractRow).where(
        col(ContractRow.company_id) == company, col(ContractRow.number).in_(numbers)
    )
    return {row.number: KnownContract(row.id, row.customer_id) for row in session.scalars(query)}


def add_contract(session: Session, company: int, customer: int, number: str) -> KnownContract:
    """A contract only a file tells of: collected by the company's default carteira."""
    row = ContractRow(company_id=company, customer_id=customer, number=number)
    session.add(row)
    session.flush()
    return KnownContract(row.id, customer)


def titles(
    session: Session, company: int, bank: str, convenio: str, numbers: Collection[str]
) -> dict[str, KnownDocument]:
    """Titles of one agreement with a bank, by nosso número."""
    query = _documents(company).where(
        col(DocumentRow.bank) == bank,
        col(DocumentRow.convenio) == convenio,
        col(DocumentRow.nosso_numero).in_(numbers),
        # The index of titles holds only these; PostgreSQL wants to read it here.
        col(DocumentRow.nosso_numero) != "",
    )
    return {row.nosso_numero: _document(row) for row in session.scalars(query)}


def numbered(
    session: Session, company: int, kind: DocumentType, series: str, numbers: Collection[str]
) -> dict[str, KnownDocument]:
    """Documents of one type and series, by number."""
    query = _documents(company).where(
        col(DocumentRow.type) == kind.value,
        col(DocumentRow.series) == series,
        col(DocumentRow.number).in_(numbers),
    )
    return {row.number: _document(row) for row in session.scalars(query)}


def register(session: Session, company: int, document: int, registration: Registration) -> None:
    """A document known from elsewhere turns out to be a bank's title."""
    session.execute(
        update(DocumentRow)
        .where(col(DocumentRow.company_id) == company, col(DocumentRow.id) == document)
        .values(**_registered(registration))
    )


def add_documents(
    session: Session, company: int, new: Sequence[NewDocument], now: datetime
) -> list[int]:
    """Insert the documents and post their issue, which gives them their balance.

    A receipt owes nothing: it is kept without an entry.
    """
    if not new:
        return []
    ids = list(
        session.scalars(
            insert(DocumentRow).returning(col(DocumentRow.id), sort_by_parameter_order=True),
            [_values(company, each) for each in new],
        )
    )
    entries = [
        issue(
            id_,
            each.customer,
            each.facts.total,
            each.facts.issued,
            credit=each.facts.type is DocumentType.NC,
        )
        for id_, each in zip(ids, new, strict=True)
        if each.facts.type is not DocumentType.RC
    ]
    ledger.post_many(session, company, entries, now)
    return ids


def _values(company: int, new: NewDocument) -> dict[str, object]:
    facts = new.facts
    return {
        "company_id": company,
        "public_id": secrets.token_urlsafe(16),
        "customer_id": new.customer,
        "contract_id": new.contract,
        "type": facts.type.value,
        "series": facts.series,
        "number": new.number,
        "sort_number": sort_number(facts.type.value, facts.series, new.number),
        "description": facts.description,
        "issue_date": facts.issued,
        "due_date": facts.due,
        "currency": facts.total.currency,
        "total_cents": facts.total.cents,
        "balance_cents": 0,
        **_registered(facts.registration),
    }


def _registered(registration: Registration | None) -> dict[str, object]:
    return {
        "registered_elsewhere": registration is not None,
        "bank": registration.bank if registration else "",
        "convenio": registration.convenio if registration else "",
        "nosso_numero": registration.nosso_numero if registration else "",
    }


def _documents(company: int) -> Select[DocumentRow]:
    return (
        select(DocumentRow)
        .where(col(DocumentRow.company_id) == company)
        .execution_options(**_FRESH)
    )


def _document(row: DocumentRow) -> KnownDocument:
    return KnownDocument(
        id=row.id,
        customer=row.customer_id,
        total=Money(row.total_cents, row.currency),
        issued=row.issue_date,
        due=row.due_date,
        nosso_numero=row.nosso_numero,
    )


def _customer(row: CustomerRow) -> KnownCustomer:
    facts = ImportedCustomer(
        code=row.code,
        name=row.name,
        tax_id=row.tax_id,
        email=row.email,
        street=row.street,
        district=row.district,
        city=row.city,
        state=row.state,
        postcode=row.postcode,
    )
    return KnownCustomer(row.id, row.tax_id_valid, facts, frozenset(row.own_fields))
