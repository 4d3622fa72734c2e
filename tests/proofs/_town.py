"""A Brazilian and a Portuguese company whose customers owe as much as a proof asks for."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from portal_app.db import loading
from portal_app.db.engine import Session, transaction
from portal_app.db.loading import NewCustomer, NewDocument, NewUser
from portal_app.domain.documents import DocumentType
from portal_app.domain.grants import Role, StaffFeature
from portal_app.domain.money import Money
from portal_app.gateways import clock
from tests.company import build, password_hash, permit_staff

_CUSTOMERS: Final = 8
_ZONE: Final = "America/Sao_Paulo"
_FIRST_NUMBER: Final = 100_000
_CENTS: Final = (3_000, 40_000)
_MOST_DOCUMENTS: Final = 3
_ADDRESS: Final = {
    "phone": "",
    "street": "Rua da Aurora, 12",
    "district": "Boa Vista",
    "city": "Recife",
    "state": "PE",
    "postcode": "50050-000",
}


@dataclass(frozen=True, slots=True)
class Customer:
    """`name` is what `tests.company.actor` knows him by."""

    name: str
    id: int
    company: int
    currency: str


@dataclass(frozen=True, slots=True)
class Selection:
    """One to three new documents that a customer is to pay at once."""

    customer: Customer
    documents: tuple[int, ...]


class Town:
    """The companies of `tests.company`, with customers who are billed again and again."""

    def __init__(self) -> None:
        world = build()
        permit_staff(world.company, StaffFeature.FIND_CUSTOMERS, StaffFeature.REFUND)
        self._next_number = _FIRST_NUMBER
        with transaction() as session:
            self.in_reais = [
                _settled(session, f"c{number}", world.company, "BRL", "10020030169")
                for number in range(_CUSTOMERS)
            ]
            self.in_euros = [
                _settled(session, f"e{number}", world.other_company, "EUR", "234567813")
                for number in range(_CUSTOMERS)
            ]

    def bill(self, customer: Customer, count: int, lots: random.Random) -> tuple[int, ...]:
        """So many documents, due in a month; their ids."""
        with transaction() as session:
            return self._billed(session, customer, count, lots)

    def selections(self, payers: list[Customer], lots: random.Random) -> list[Selection]:
        """One for each of the payers, who may be there more than once."""
        with transaction() as session:
            return [
                Selection(each, self._billed(session, each, lots.randint(1, _MOST_DOCUMENTS), lots))
                for each in payers
            ]

    def _billed(
        self, session: Session, customer: Customer, count: int, lots: random.Random
    ) -> tuple[int, ...]:
        today = clock.today(_ZONE)
        billed: list[int] = []
        for _ in range(count):
            self._next_number += 1
            new = NewDocument(
                customer=customer.id,
                contract=None,
                type=DocumentType.FT,
                series="2026",
                number=str(self._next_number),
                description="",
                issued=today,
                due=today + timedelta(days=30),
                total=Money(lots.randint(*_CENTS), customer.currency),
            )
            billed.append(loading.add_document(session, customer.company, new, clock.now()))
        return tuple(billed)


def _settled(session: Session, name: str, company: int, currency: str, tax_id: str) -> Customer:
    address = f"{name}@example.com"
    new = NewCustomer(code=name, name=name.title(), tax_id=tax_id, email=address, **_ADDRESS)
    customer = loading.add_customer(session, company, new)
    user = NewUser(address, name, password_hash(), Role.CUSTOMER, customer)
    loading.add_user(session, company, user)
    return Customer(name, customer, company, currency)
