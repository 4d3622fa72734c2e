"""Writing whole companies: the demo, and data for load work. Money moves only through the ledger."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from portal_app.db import allocations, ledger
from portal_app.db.documents import sort_number
from portal_app.db.models import (
    BankAccountRow,
    CarteiraOptionRow,
    CarteiraRow,
    CompanyRow,
    ContractRow,
    CustomerRow,
    DocumentRow,
    MembershipRow,
    PaymentItemRow,
    PaymentRow,
    PortalUserRow,
    StaffRoleRow,
)
from portal_app.domain import ledger as entries
from portal_app.domain.allocation import Allocation, Charged, allocate
from portal_app.domain.companies import CarteiraKind, Contact
from portal_app.domain.documents import BillingMode, DocumentType
from portal_app.domain.grants import MemberKind, Role, StaffFeature
from portal_app.domain.money import Money
from portal_app.domain.payments import RANK, PaymentMethod, PaymentState

# Any number of ours will do: it names the lock, nothing else.
_LOADING_LOCK = 20_261_122


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCompany:
    slug: str
    name: str
    tax_id: str
    country: str
    currency: str
    zone: str
    locale: str
    address: str
    contact: Contact
    fine_bp: int = 0
    interest_bp: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCustomer:
    code: str
    name: str
    tax_id: str
    email: str
    phone: str
    street: str
    district: str
    city: str
    state: str
    postcode: str


@dataclass(frozen=True, slots=True)
class NewUser:
    """`customer` for a subscriber, None for the company's own people."""

    login: str
    name: str
    password_hash: str
    role: Role
    customer: int | None = None
    kind: MemberKind = MemberKind.OWNER
    staff_role: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBankCarteira:
    """A carteira with the bank account behind it."""

    name: str
    bank: str
    agencia: str
    conta: str
    convenio: str
    carteira: str
    agencia_dv: str = ""
    conta_dv: str = ""
    modalidade: str = ""
    confirms: bool = True
    wait_minutes: int = 30
    wants_pix: bool = False


@dataclass(frozen=True, slots=True)
class NewContract:
    customer: int
    number: str
    description: str = ""
    carteira: int | None = None
    billing_mode: BillingMode = BillingMode.BOLETO


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    customer: int
    contract: int | None
    type: DocumentType
    series: str
    number: str
    description: str
    issued: date
    due: date | None
    total: Money


@dataclass(frozen=True, slots=True)
class PastPayment:
    """Money that came in on a day; `owed` is what its documents cost on that day."""

    customer: int
    method: PaymentMethod
    paid_on: date
    amount: Money
    owed: Sequence[Charged]


def wait_alone(session: Session) -> None:
    """Keep other loaders out until this transaction ends. SQLite's writers are alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOADING_LOCK)))


def add_company(session: Session, new: NewCompany) -> int:
    return _added(
        session,
        CompanyRow(
            slug=new.slug,
            name=new.name,
            tax_id=new.tax_id,
            country=new.country,
            currency=new.currency,
            zone=new.zone,
            locale=new.locale,
            address=new.address,
            contact_name=new.contact.name,
            contact_email=new.contact.email,
            contact_phone=new.contact.phone,
            fine_bp=new.fine_bp,
            interest_bp=new.interest_bp,
        ),
    )


def set_default_carteira(session: Session, company: int, carteira: int) -> None:
    """The carteira of documents whose contract has none."""
    session.execute(
        update(CompanyRow).where(col(CompanyRow.id) == company).values(default_carteira_id=carteira)
    )


def add_customer(session: Session, company: int, new: NewCustomer) -> int:
    return _added(
        session,
        CustomerRow(
            company_id=company,
            code=new.code,
            name=new.name,
            tax_id=new.tax_id,
            email=new.email,
            phone=new.phone,
            street=new.street,
            district=new.district,
            city=new.city,
            state=new.state,
            postcode=new.postcode,
        ),
    )


def add_user(session: Session, company: int, new: NewUser) -> int:
    user = _added(
        session,
        PortalUserRow(
            company_id=company,
            login=new.login,
            name=new.name,
            password_hash=new.password_hash,
            role=new.role.value,
            staff_role_id=new.staff_role,
        ),
    )
    if new.customer is not None:
        _added(
            session,
            MembershipRow(
                company_id=company, user_id=user, customer_id=new.customer, kind=new.kind.value
            ),
        )
    return user


def add_staff_role(
    session: Session, company: int, name: str, permissions: Iterable[StaffFeature]
) -> int:
    names = sorted(permission.value for permission in permissions)
    return _added(session, StaffRoleRow(company_id=company, name=name, permissions=names))


def add_bank_carteira(session: Session, company: int, new: NewBankCarteira) -> int:
    account = _added(
        session,
        BankAccountRow(
            company_id=company,
            bank=new.bank,
            agencia=new.agencia,
            agencia_dv=new.agencia_dv,
            conta=new.conta,
            conta_dv=new.conta_dv,
            convenio=new.convenio,
        ),
    )
    return _added(
        session,
        CarteiraRow(
            company_id=company,
            name=new.name,
            kind=CarteiraKind.BANK.value,
            bank_account_id=account,
            code=new.carteira,
            modalidade=new.modalidade,
            confirms=new.confirms,
            wait_minutes=new.wait_minutes,
            wants_pix=new.wants_pix,
        ),
    )


def add_fatura(session: Session, company: int, name: str, banks: Sequence[int]) -> int:
    """A carteira that lets the customer choose among these bank carteiras, in this order."""
    fatura = _added(
        session, CarteiraRow(company_id=company, name=name, kind=CarteiraKind.FATURA.value)
    )
    session.add_all(
        CarteiraOptionRow(
            company_id=company, fatura_id=fatura, bank_carteira_id=bank, position=position
        )
        for position, bank in enumerate(banks)
    )
    session.flush()
    return fatura


def add_contract(session: Session, company: int, new: NewContract) -> int:
    return _added(
        session,
        ContractRow(
            company_id=company,
            customer_id=new.customer,
            number=new.number,
            description=new.description,
            carteira_id=new.carteira,
            billing_mode=new.billing_mode.value,
        ),
    )


def add_document(session: Session, company: int, new: NewDocument, now: datetime) -> int:
    """Insert the document and post its issue, which gives it its balance."""
    document = _added(
        session,
        DocumentRow(
            company_id=company,
            public_id=secrets.token_urlsafe(16),
            customer_id=new.customer,
            contract_id=new.contract,
            type=new.type.value,
            series=new.series,
            number=new.number,
            sort_number=sort_number(new.type.value, new.series, new.number),
            description=new.description,
            issue_date=new.issued,
            due_date=new.due,
            currency=new.total.currency,
            total_cents=new.total.cents,
            balance_cents=0,
        ),
    )
    credit = new.type is DocumentType.NC
    entry = entries.issue(document, new.customer, new.total, new.issued, credit=credit)
    ledger.post(session, company, entry, now)
    return document


def add_payment(session: Session, company: int, past: PastPayment, now: datetime) -> int:
    """A confirmed payment, its money shared out over its documents; the rest is credit."""
    shares, credit = allocate(past.amount, past.owed)
    noon = datetime.combine(past.paid_on, time(12), UTC)
    payment = _added(
        session,
        PaymentRow(
            company_id=company,
            public_id=secrets.token_urlsafe(16),
            customer_id=past.customer,
            method=past.method.value,
            state=PaymentState.CONFIRMED.value,
            state_rank=RANK[PaymentState.CONFIRMED],
            currency=past.amount.currency,
            amount_cents=past.amount.cents,
            created_at=min(noon, now),
            paid_on=past.paid_on,
        ),
    )
    _freeze(session, company, payment, shares)
    allocations.add(session, company, payment, shares)
    entry = entries.payment(payment, past.customer, shares, credit, past.paid_on)
    ledger.post(session, company, entry, now)
    return payment


def _freeze(session: Session, company: int, payment: int, shares: Sequence[Allocation]) -> None:
    session.add_all(
        PaymentItemRow(
            company_id=company,
            payment_id=payment,
            document_id=share.document,
            principal_cents=share.principal.cents,
            fine_cents=share.fine.cents,
            interest_cents=share.interest.cents,
            live=False,
        )
        for share in shares
    )
    session.flush()


def _added(session: Session, row: SQLModel) -> int:
    session.add(row)
    session.flush()
    return row.id  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]  every table has one
