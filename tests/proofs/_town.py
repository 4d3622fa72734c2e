"""A company whose customers owe as much as a proof asks for."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from portal_app.db import loading
from portal_app.db.engine import Session, transaction
from portal_app.db.loading import NewContract, NewCustomer, NewDocument, NewUser
from portal_app.domain.documents import DocumentType
from portal_app.domain.grants import Role
from portal_app.domain.money import Money
from portal_app.gateways import clock
from tests.company import World, build, password_hash

CUSTOMERS: Final = 8

_ZONE: Final = "America/Sao_Paulo"
_FIRST_NUMBER: Final = 100_000
_CENTS: Final = (3_000, 40_000)
_MOST_DOCUMENTS: Final = 3
# With the digits that make a CPF of it.
_TAX_ID: Final = "10020030169"


@dataclass(frozen=True, slots=True)
class Customer:
    """`name` is what `tests.company.actor` knows him by."""

    name: str
    id: int
    contract: int


class Town:
    """The companies of `tests.company`, and customers of the first who are billed again and again."""

    def __init__(self) -> None:
        self.world: World = build()
        self._next_number = _FIRST_NUMBER
        with transaction() as session:
            self.customers = [self._settle(session, f"c{number}") for number in range(CUSTOMERS)]

    def bill(self, customer: Customer, count: int, lots: random.Random) -> tuple[int, ...]:
        """So many documents, due in a month; their ids."""
        with transaction() as session:
            return tuple(self._document(session, customer, lots) for _ in range(count))

    def selections(self, count: int, lots: random.Random) -> list[tuple[str, tuple[int, ...]]]:
        """So many times a customer's name, and one to three new documents he is to pay at once."""
        with transaction() as session:
            return [
                (customer.name, self._documents(session, customer, lots))
                for customer in lots.choices(self.customers, k=count)
            ]

    def _documents(
        self, session: Session, customer: Customer, lots: random.Random
    ) -> tuple[int, ...]:
        count = lots.randint(1, _MOST_DOCUMENTS)
        return tuple(self._document(session, customer, lots) for _ in range(count))

    def _document(self, session: Session, customer: Customer, lots: random.Random) -> int:
        today = clock.today(_ZONE)
        self._next_number += 1
        new = NewDocument(
            customer=customer.id,
            contract=customer.contract,
            type=DocumentType.FT,
            series="2026",
            number=str(self._next_number),
            description="",
            issued=today,
            due=today + timedelta(days=30),
            total=Money(lots.randint(*_CENTS), "BRL"),
        )
        return loading.add_document(session, self.world.company, new, clock.now())

    def _settle(self, session: Session, name: str) -> Customer:
        company, address = self.world.company, f"{name}@example.com"
        new = NewCustomer(
            code=name,
            name=name.title(),
            tax_id=_TAX_ID,
            email=address,
            phone="",
            street="Rua da Aurora, 12",
            district="Boa Vista",
            city="Recife",
            state="PE",
            postcode="50050-000",
        )
        customer = loading.add_customer(session, company, new)
        user = NewUser(address, name, password_hash(), Role.CUSTOMER, customer)
        loading.add_user(session, company, user)
        contract = NewContract(customer, name)
        return Customer(name, customer, loading.add_contract(session, company, contract))
