"""Two small companies for tests, on a Sunday of the design: today is 22/11/2026."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeVar

import pytest
from sqlalchemy import update
from sqlmodel import col

from portal_app.db import audit, loading, staff_roles, users
from portal_app.db.audit import Wanted
from portal_app.db.engine import Session, transaction
from portal_app.db.loading import (
    NewBankCarteira,
    NewCompany,
    NewContract,
    NewCustomer,
    NewDocument,
    NewUser,
)
from portal_app.db.models import CustomerRow, PortalUserRow
from portal_app.domain.audit import Action, Entry
from portal_app.domain.companies import Contact
from portal_app.domain.documents import BillingMode, DocumentType
from portal_app.domain.grants import Role, StaffFeature
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.gateways import clock, passwords
from portal_app.jobs.runner import Runner
from portal_app.services import access, actors, demo_checkouts, payments
from portal_app.services.access import From, Whose
from portal_app.services.actors import Actor

T = TypeVar("T")

NOW: Final = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
TODAY: Final = date(2026, 11, 22)
PASSWORD: Final = "a-password-for-tests"

_CUSTOMER: Final = {
    "phone": "",
    "street": "Rua das Ninfas, 84",
    "district": "Soledade",
    "city": "Recife",
    "state": "PE",
    "postcode": "50070-050",
}
_BANKS: Final = {
    "001": NewBankCarteira(
        name="BB",
        bank="001",
        agencia="3128",
        conta="28114",
        convenio="2883147",
        carteira="17",
    ),
    "756": NewBankCarteira(
        name="Sicoob",
        bank="756",
        agencia="4117",
        conta="90125",
        convenio="1723445",
        carteira="1",
        modalidade="01",
        confirms=False,
    ),
    "341": NewBankCarteira(
        name="Itaú", bank="341", agencia="0915", conta="41207", convenio="", carteira="109"
    ),
    # Confirms, says the carteira; the demo bank never answers for it.
    "silent": NewBankCarteira(
        name="Sicoob 3",
        bank="756",
        agencia="4117",
        conta="90126",
        convenio="1723446",
        carteira="3",
        modalidade="02",
    ),
}


@dataclass(frozen=True)
class World:
    """Ids of what was loaded: documents and customers by name, bank carteiras by code."""

    company: int
    other_company: int
    customers: dict[str, int]
    contracts: dict[str, int]
    documents: dict[str, int]
    banks: dict[str, int]

    @property
    def three(self) -> list[int]:
        """The three documents of the design: 347,38 today, 347,64 by boleto."""
        return [self.documents[name] for name in ("overdue_43", "overdue_12", "soon")]

    def add(
        self, kind: str, number: int, due: int | None, cents: int, contract: str = "ana"
    ) -> int:
        """Another document of Ana's, due so many days from today."""
        owner = (self.customers["ana"], self.contracts[contract])
        total = Money(cents, "BRL")
        with transaction() as session:
            return _document(session, self.company, owner, kind, number, due, total)


@lru_cache(maxsize=1)
def password_hash() -> str:
    return passwords.hash_password(PASSWORD)


@pytest.fixture
def world(database: str) -> Iterator[World]:
    """Both companies, the clock standing still at their moment."""
    with clock.fixed_at(NOW):
        yield build()


def build() -> World:
    """Load both companies into an empty database."""
    with transaction() as session:
        norte = loading.add_company(session, _company("norte", "BRL", "America/Sao_Paulo"))
        sul = loading.add_company(session, _company("sul", "EUR", "Europe/Lisbon"))
        banks = {
            name: loading.add_bank_carteira(session, norte, bank) for name, bank in _BANKS.items()
        }
        fatura = loading.add_fatura(session, norte, "Fatura", list(banks.values()))
        loading.set_default_carteira(session, norte, fatura)
        customers = {
            "ana": _subscriber(session, norte, "ana", "10020030169"),
            "bia": _subscriber(session, norte, "bia", "20408016183"),
            "rui": _subscriber(session, sul, "rui", "234567813"),
        }
        _staff(session, norte)
        contracts = _contracts(session, norte, customers, fatura, banks)
        contracts["rui"] = loading.add_contract(session, sul, NewContract(customers["rui"], "9"))
        documents: dict[str, int] = {}
        for name, kind, number, due, cents in (
            ("overdue_43", "FT", 1841, -43, 12990),
            ("overdue_12", "FT", 1990, -12, 12990),
            ("soon", "ND", 77, 3, 8000),
            ("later", "FT", 2114, 18, 12990),
            ("credit_note", "NC", 12, None, 1500),
        ):
            ana = (customers["ana"], contracts["ana"])
            documents[name] = _document(session, norte, ana, kind, number, due, Money(cents, "BRL"))
        bia = (customers["bia"], contracts["bia"])
        documents["of_bia"] = _document(session, norte, bia, "FT", 3001, 5, Money(5000, "BRL"))
        rui = (customers["rui"], contracts["rui"])
        documents["of_rui"] = _document(session, sul, rui, "FT", 1841, -20, Money(6430, "EUR"))
    return World(norte, sul, customers, contracts, documents, banks)


def actor(name: str) -> Actor:
    """Somebody of these companies with a session: 'ana', 'bia', 'rui', 'staff'."""
    with transaction() as session:
        user = users.by_login(session, f"{name}@example.com")
        assert user is not None
        # Without the password, whose check is slow on purpose.
        whom = users.members(session, user.company, user.id)
        whose = Whose(user=user.id, customer=whom[0].customer if whom else None)
        opened = access.open_session(session, user.company, whose, From("192.0.2.1"))
    found = actors.actor_of(opened.token)
    assert found is not None
    return found


def add_person(
    company: int, name: str, role: Role = Role.MANAGER, staff_role: int | None = None
) -> int:
    """A user of the company, who is nothing to a customer yet; his id."""
    login = f"{name}@example.com"
    new = NewUser(login, name.title(), password_hash(), role, staff_role=staff_role)
    with transaction() as session:
        return loading.add_user(session, company, new)


def user_of(name: str) -> int:
    with transaction(write=False) as session:
        found = users.by_login(session, f"{name}@example.com")
    assert found is not None
    return found.id


def page_of(world: World, name: str = "ana") -> str:
    """The public id of a customer, as it stands in the address of his page."""
    with transaction(write=False) as session:
        return session.get_one(CustomerRow, world.customers[name]).public_id


def pay(world: World) -> str:
    """Ana pays the three documents of the design by Pix, and the portal knows; its public id."""
    ana, total = actor("ana"), Money(34738, "BRL")
    started = payments.start(ana, world.three, PaymentMethod.PIX, total)
    demo_checkouts.decide(ana, started.payment, "approved")
    run_jobs()
    return started.payment


def sign_in(name: str) -> str:
    return access.sign_in(f"{name}@example.com", PASSWORD, From("192.0.2.1")).token


def permit_staff(company: int, *features: StaffFeature) -> None:
    """Give 'staff' a role that permits these, and nothing else."""
    with transaction() as session:
        role = staff_roles.add(session, company, "Financeiro", [each.value for each in features])
        session.execute(
            update(PortalUserRow)
            .where(
                col(PortalUserRow.company_id) == company,
                col(PortalUserRow.login) == "staff@example.com",
            )
            .values(staff_role_id=role)
        )


def run_jobs() -> int:
    """Run everything that is due; how many that was."""
    runner, ran = Runner(), 0
    while runner.run_once():
        ran += 1
    return ran


def together(count: int, action: Callable[[int], T]) -> list[T | Exception]:
    """Run the action in so many threads at the same moment; what each returned or raised."""
    barrier = threading.Barrier(count)

    def one(number: int) -> T | Exception:
        barrier.wait(30)
        try:
            return action(number)
        except Exception as error:  # noqa: BLE001  what a thread raised is its answer
            return error

    with ThreadPoolExecutor(count) as pool:
        # Each thread in a copy of this context: the clock stands still there too.
        started = [pool.submit(copy_context().run, one, number) for number in range(count)]
        return [future.result(60) for future in started]


def _company(slug: str, currency: str, zone: str) -> NewCompany:
    brazilian = currency == "BRL"
    return NewCompany(
        slug=slug,
        name=slug.title(),
        tax_id="12345678000195" if brazilian else "509123473",
        country="BR" if brazilian else "PT",
        currency=currency,
        zone=zone,
        locale="pt_BR" if brazilian else "pt_PT",
        address="Rua da Aurora, 1200",
        contact=Contact("Financeiro", f"contas@{slug}.example", "1"),
        fine_bp=200 if brazilian else 0,
        interest_bp=100 if brazilian else 0,
    )


def _subscriber(session: Session, company: int, name: str, tax_id: str) -> int:
    new = NewCustomer(
        code=tax_id, name=name.title(), tax_id=tax_id, email=f"{name}@example.com", **_CUSTOMER
    )
    customer = loading.add_customer(session, company, new)
    user = NewUser(f"{name}@example.com", name.title(), password_hash(), Role.CUSTOMER, customer)
    loading.add_user(session, company, user)
    return customer


def _staff(session: Session, company: int) -> None:
    user = NewUser("staff@example.com", "Staff", password_hash(), Role.STAFF)
    loading.add_user(session, company, user)


def _contracts(
    session: Session, company: int, customers: dict[str, int], fatura: int, banks: dict[str, int]
) -> dict[str, int]:
    ana = customers["ana"]
    debit = BillingMode.DIRECT_DEBIT
    return {
        name: loading.add_contract(session, company, new)
        for name, new in {
            "ana": NewContract(ana, "10482", "Fibra", fatura),
            "ana_001": NewContract(ana, "10483", "Fibra", banks["001"]),
            "ana_341": NewContract(ana, "10484", "Fibra", banks["341"]),
            "ana_debit": NewContract(ana, "10485", "Fibra", fatura, debit),
            "bia": NewContract(customers["bia"], "10486"),
        }.items()
    }


def _document(
    session: Session,
    company: int,
    owner: tuple[int, int],
    kind: str,
    number: int,
    due: int | None,
    total: Money,
) -> int:
    last = TODAY if due is None else TODAY + timedelta(days=due)
    new = NewDocument(
        customer=owner[0],
        contract=owner[1],
        type=DocumentType(kind),
        series="2026",
        number=str(number),
        description="",
        issued=min(TODAY, last - timedelta(days=20)),
        due=None if due is None else last,
        total=total,
    )
    return loading.add_document(session, company, new, NOW)


def entered(company: int, wanted: Wanted) -> list[Entry]:
    """What the company's audit has of it, the latest first."""
    with transaction(write=False) as session:
        return audit.find(session, company, wanted, 100)


def entered_as(world: World, action: Action) -> list[Entry]:
    """All of that action, the latest first."""
    return entered(world.company, Wanted(action=action.value))
