"""A company whose customers have exactly so many open documents each, all of them payable."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import Final

from portal_app.db import companies, engine, loading, migrate, seeding, sessions
from portal_app.db.documents import sort_number
from portal_app.db.engine import Session, transaction
from portal_app.db.loading import NewBankCarteira, NewCompany, NewContract, NewCustomer, NewUser
from portal_app.db.seeding import Row
from portal_app.db.sessions import NewSession
from portal_app.domain.companies import Contact
from portal_app.domain.documents import DocumentType
from portal_app.domain.grants import Role
from portal_app.gateways import clock, passwords
from portal_app.services import access

PASSWORD: Final = "bench-portal-2026"
SLUG: Final = "bench"

_COMPANY: Final = NewCompany(
    slug=SLUG,
    name="Carga Telecom",
    tax_id="11222333000181",
    country="BR",
    currency="BRL",
    zone="America/Sao_Paulo",
    locale="pt_BR",
    address="Av. Norte, 100 – Recife – PE",
    contact=Contact("Financeiro", "financeiro@bench.example", ""),
    fine_bp=200,
    interest_bp=100,
)
_BANK: Final = NewBankCarteira(
    name="BB", bank="001", agencia="1234", conta="123456", convenio="1234567", carteira="17"
)
# Due dates go round these days from today: some documents late, some not.
_OLDEST, _DAYS = -40, 80


@dataclass(frozen=True, slots=True)
class Person:
    """A customer's user, signed in: `token` is what the session's cookie carries."""

    login: str
    token: str
    user: int
    customer: int
    contract: int

    @property
    def cookie(self) -> str:
        return f"{access.session_cookie()}={self.token}"


def load(url: str, documents: Sequence[int]) -> list[Person]:
    """Fill a new database: the n-th person has `documents[n]` open documents and a session."""
    engine.configure(url)
    try:
        migrate.upgrade(url)
        with transaction() as session:
            company = _company(session)
            secret = passwords.hash_password(PASSWORD)
            people = [_person(session, company, i, secret) for i in range(len(documents))]
        with seeding.loading() as target:
            first = target.next_id("document")
            starts = accumulate(documents, initial=first)
            rows = [
                row
                for person, count, start in zip(people, documents, starts, strict=False)
                for row in _documents(person, count, start)
            ]
            target.write("document", _COLUMNS, rows, **_SAME, company_id=company)
            target.write_ledger(company, range(first, first + len(rows)), range(0), clock.now())
        return people
    finally:
        engine.configure(None)


def _company(session: Session) -> int:
    company = loading.add_company(session, _COMPANY)
    bank = loading.add_bank_carteira(session, company, _BANK)
    fatura = loading.add_fatura(session, company, "Fatura", [bank])
    loading.set_default_carteira(session, company, fatura)
    assert companies.by_id(session, company).slug == SLUG
    return company


def _person(session: Session, company: int, number: int, secret: str) -> Person:
    login, name = f"p{number}@bench.example", f"Pessoa {number}"
    customer = loading.add_customer(
        session,
        company,
        NewCustomer(
            code=str(number),
            name=name,
            tax_id=f"{number:011}",
            email=login,
            phone="",
            street="Rua da Aurora, 1",
            district="Boa Vista",
            city="Recife",
            state="PE",
            postcode="50050000",
        ),
    )
    contract = loading.add_contract(session, company, NewContract(customer, f"C{number}", "Fibra"))
    user = loading.add_user(session, company, NewUser(login, name, secret, Role.CUSTOMER, customer))
    token = secrets.token_urlsafe(32)
    now = clock.now()
    id_hash = hashlib.sha256(token.encode()).hexdigest()
    sessions.add(session, company, NewSession(id_hash, now, now + access.LONGEST, user))
    return Person(login, token, user, customer, contract)


_COLUMNS: Final = (
    *("id", "public_id", "series", "number", "sort_number", "customer_id", "contract_id"),
    *("issue_date", "due_date", "total_cents", "balance_cents"),
)
_SAME: Final = {
    "type": DocumentType.FT.value,
    "description": "Mensalidade",
    "currency": "BRL",
    "cancelled": 0,
    "fine_paid": 0,
    "registered_elsewhere": 0,
    "bank": "",
    "convenio": "",
    "nosso_numero": "",
}


def _documents(person: Person, count: int, start: int) -> list[Row]:
    today = clock.today(_COMPANY.zone)
    rows: list[Row] = []
    for place in range(count):
        id_, due = start + place, today + timedelta(days=_OLDEST + place % _DAYS)
        series, cents = str(due.year), 4_990 + 137 * (place % 60)
        rows.append(
            (
                id_,
                f"bench{id_:012x}",
                series,
                str(id_),
                sort_number(DocumentType.FT.value, series, str(id_)),
                person.customer,
                person.contract,
                min(today, due - timedelta(days=20)).isoformat(),
                due.isoformat(),
                cents,
                cents,
            )
        )
    return rows
