"""All tables. A company owns every row; money is `…_cents` (minor units) beside one `currency`.

States and types are text, checked by the rules of `domain/`; what must never be
wrong, whoever writes, is a constraint here.
"""

import secrets
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


def _cents(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(BigInteger, nullable=nullable))


def _count(default: int = 0) -> Any:
    """A whole number the rows that were there before get as `default`."""
    return Field(default=default, sa_column_kwargs={"server_default": text(str(default))})


def _text() -> Any:
    return Field(default="", sa_column_kwargs={"server_default": text("''")})


def _money_that_was_none() -> Any:
    """Cents of something that earlier rows had nothing of."""
    column = Column(BigInteger, nullable=False, server_default=text("0"))
    return Field(default=0, sa_column=column)


def _facts(default: str = "{}") -> Any:
    """A JSON object (or, with '[]', a list)."""
    column = Column(JSON, nullable=False, server_default=text(f"'{default}'"))
    return Field(default_factory=dict if default == "{}" else list, sa_column=column)


def _public_id() -> str:
    """What stands in an address instead of a row's own number: nobody guesses it."""
    return secrets.token_urlsafe(16)


def _company(**options: Any) -> Any:
    return Field(foreign_key="company.id", **options)


class CompanyRow(SQLModel, table=True):
    """Who bills."""

    __tablename__: ClassVar[Any] = "company"

    id: int = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    tax_id: str
    country: str
    currency: str
    zone: str
    locale: str
    address: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    link_days: int = 30
    accent: str = ""
    fine_bp: int = 0
    interest_bp: int = 0
    default_carteira_id: int | None = None
    second_factor: str = Field(
        default="by_mode", sa_column_kwargs={"server_default": text("'by_mode'")}
    )
    retention_months: int = _count(120)


class CustomerGroupRow(SQLModel, table=True):
    """Customers that a manager grants the same features at once."""

    __tablename__: ClassVar[Any] = "customer_group"
    __table_args__ = (UniqueConstraint("company_id", "name"),)

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    name: str


class CustomerRow(SQLModel, table=True):
    """Who is billed. `tax_id_valid` False blocks only boletos.

    `own_fields` names what the customer changed himself: no file overwrites it (docs/adr/0028).
    """

    __tablename__: ClassVar[Any] = "customer"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        Index("ix_customer_group", "company_id", "group_id"),
        Index("ix_customer_tax_id", "company_id", "tax_id"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    public_id: str = Field(default_factory=_public_id, unique=True)
    group_id: int | None = Field(default=None, foreign_key="customer_group.id")
    code: str
    name: str
    tax_id: str = ""
    tax_id_valid: bool = True
    email: str = ""
    phone: str = ""
    street: str = ""
    district: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    locale: str = ""
    own_fields: list[str] = _facts("[]")


class BankAccountRow(SQLModel, table=True):
    """An account with a bank agreement.

    `next_sequence` numbers its titles, `next_file` its remessas: gap-free, under lock, never
    reused. `credentials` names a file of secrets outside the database; of the secret its bank
    calls with only the hash is kept.
    """

    __tablename__: ClassVar[Any] = "bank_account"
    __table_args__ = (
        UniqueConstraint("company_id", "bank", "agencia", "conta", "convenio"),
        CheckConstraint("next_sequence > 0", name="next_sequence_positive"),
        Index(
            "uq_bank_account_webhook",
            "webhook_hash",
            unique=True,
            sqlite_where=text("webhook_hash <> ''"),
            postgresql_where=text("webhook_hash <> ''"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    bank: str
    agencia: str
    agencia_dv: str = ""
    conta: str
    conta_dv: str = ""
    convenio: str = ""
    next_sequence: int = Field(default=1, sa_column=Column(BigInteger, nullable=False))
    next_file: int = _count(1)
    channel: str = Field(default="demo", sa_column_kwargs={"server_default": text("'demo'")})
    credentials: str = _text()
    webhook_hash: str = _text()


class CarteiraRow(SQLModel, table=True):
    """Terms of collection. A kind 'fatura' has no account of its own but options at banks."""

    __tablename__: ClassVar[Any] = "carteira"
    __table_args__ = (
        UniqueConstraint("company_id", "name"),
        CheckConstraint(
            "(kind = 'bank') = (bank_account_id IS NOT NULL)", name="account_fits_kind"
        ),
        CheckConstraint("wait_minutes >= 0 AND days_to_pay >= 0", name="waits_not_negative"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    name: str
    kind: str
    bank_account_id: int | None = Field(default=None, foreign_key="bank_account.id")
    code: str = ""
    modalidade: str = ""
    confirms: bool = True
    wait_minutes: int = 30
    days_to_pay: int = 3
    fine_bp: int | None = None
    interest_bp: int | None = None
    active: bool = True
    contract: dict[str, Any] = _facts()
    especie_doc: str = Field(default="DM", sa_column_kwargs={"server_default": text("'DM'")})
    discount_bp: int = _count()
    discount_days: int = _count()
    write_off_days: int = _count(60)
    overdue: str = Field(default="same", sa_column_kwargs={"server_default": text("'same'")})
    homologation: str = Field(default="none", sa_column_kwargs={"server_default": text("'none'")})
    wants_pix: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class CarteiraOptionRow(SQLModel, table=True):
    """A bank a 'fatura' carteira offers, in order of `position`."""

    __tablename__: ClassVar[Any] = "carteira_option"
    __table_args__ = (UniqueConstraint("fatura_id", "bank_carteira_id"),)

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    fatura_id: int = Field(foreign_key="carteira.id", index=True)
    bank_carteira_id: int = Field(foreign_key="carteira.id")
    position: int = 0
    active: bool = True


class ContractRow(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "contract"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        Index("ix_contract_customer", "company_id", "customer_id"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    customer_id: int = Field(foreign_key="customer.id")
    number: str
    description: str = ""
    carteira_id: int | None = Field(default=None, foreign_key="carteira.id")
    billing_mode: str = "boleto"


class StaffRoleRow(SQLModel, table=True):
    """What some of the company's own people may do: names of `StaffFeature`."""

    __tablename__: ClassVar[Any] = "staff_role"
    __table_args__ = (UniqueConstraint("company_id", "name"),)

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    name: str
    permissions: list[str] = _facts("[]")


class PortalUserRow(SQLModel, table=True):
    """Somebody who can sign in; the login, an e-mail address, is unique across the installation.

    `password_hash` is empty until somebody who was invited chose a password.
    """

    __tablename__: ClassVar[Any] = "portal_user"

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company(index=True)
    login: str = Field(unique=True)
    name: str
    password_hash: str
    role: str
    active: bool = True
    locale: str = ""
    staff_role_id: int | None = Field(default=None, foreign_key="staff_role.id")
    mail_choices: dict[str, Any] = _facts()
    created_at: datetime | None = None
    signed_in_at: datetime | None = None


class MembershipRow(SQLModel, table=True):
    """A user acts for a customer, or (an accountant) reads; `ends_on` is the last day he does."""

    __tablename__: ClassVar[Any] = "membership"
    __table_args__ = (
        UniqueConstraint("user_id", "customer_id"),
        Index("ix_membership_customer", "company_id", "customer_id"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    user_id: int = Field(foreign_key="portal_user.id")
    customer_id: int = Field(foreign_key="customer.id")
    kind: str
    ends_on: date | None = None


def _one_of_owner(owner: str, column: str, others: str) -> Index:
    condition = text(f"{column} IS NOT NULL" if column else others)
    columns = ["company_id", *([column] if column else []), "feature"]
    return Index(
        f"uq_feature_grant_{owner}",
        *columns,
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


class FeatureGrantRow(SQLModel, table=True):
    """A feature given or taken: for the whole company, or for one group, customer or user.

    A user's can only be taken.
    """

    __tablename__: ClassVar[Any] = "feature_grant"
    __table_args__ = (
        _one_of_owner(
            "company", "", "customer_id IS NULL AND group_id IS NULL AND user_id IS NULL"
        ),
        _one_of_owner("group", "group_id", ""),
        _one_of_owner("customer", "customer_id", ""),
        _one_of_owner("user", "user_id", ""),
        CheckConstraint(
            "(CASE WHEN customer_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN group_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN user_id IS NULL THEN 0 ELSE 1 END) <= 1",
            name="one_owner",
        ),
        CheckConstraint("user_id IS NULL OR NOT allowed", name="users_are_narrowed"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    customer_id: int | None = Field(default=None, foreign_key="customer.id")
    group_id: int | None = Field(default=None, foreign_key="customer_group.id")
    user_id: int | None = Field(default=None, foreign_key="portal_user.id")
    feature: str
    allowed: bool


class AccessLinkRow(SQLModel, table=True):
    """A portal link: only the hash of its token's jti is kept. `documents` empty: all of them."""

    __tablename__: ClassVar[Any] = "access_link"

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company(index=True)
    customer_id: int = Field(foreign_key="customer.id")
    jti_hash: str = Field(unique=True)
    documents: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


class SessionRow(SQLModel, table=True):
    """A person's session: the cookie's hash, never the cookie.

    `customer_id` is whom the user acts for, `viewed_id` the customer as whom one of the company's
    own people sees. At the stage 'factor' the password was right and a second factor is awaited.
    """

    __tablename__: ClassVar[Any] = "session"

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company(index=True)
    id_hash: str = Field(unique=True)
    user_id: int | None = Field(default=None, foreign_key="portal_user.id", index=True)
    link_id: int | None = Field(default=None, foreign_key="access_link.id", index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id")
    viewed_id: int | None = Field(default=None, foreign_key="customer.id")
    stage: str = Field(default="open", sa_column_kwargs={"server_default": text("'open'")})
    device: str = _text()
    address: str = _text()
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


class SignInThrottleRow(SQLModel, table=True):
    """Failures of a login at an address, by hash. Kept before any company is known."""

    __tablename__: ClassVar[Any] = "sign_in_throttle"

    key_hash: str = Field(primary_key=True)
    failures: int = 0
    failed_at: datetime
    blocked_until: datetime | None = None


class AuthenticatorRow(SQLModel, table=True):
    """A user's TOTP secret, encrypted; `last_step` was used, and neither it nor an earlier one is again."""

    __tablename__: ClassVar[Any] = "authenticator"

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    user_id: int = Field(foreign_key="portal_user.id", unique=True)
    secret: str
    confirmed_at: datetime | None = None
    last_step: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))


class RecoveryCodeRow(SQLModel, table=True):
    """A code that replaces the second factor once, by hash."""

    __tablename__: ClassVar[Any] = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    user_id: int = Field(foreign_key="portal_user.id")
    code_hash: str
    used_at: datetime | None = None


class PasskeyRow(SQLModel, table=True):
    """A WebAuthn credential's public half."""

    __tablename__: ClassVar[Any] = "passkey"
    __table_args__ = (Index("ix_passkey_user", "company_id", "user_id"),)

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    user_id: int = Field(foreign_key="portal_user.id")
    credential: str = Field(unique=True)
    public_key: str
    sign_count: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    name: str
    created_at: datetime
    used_at: datetime | None = None


class CeremonyRow(SQLModel, table=True):
    """A WebAuthn challenge, once to be answered; at sign-in nobody knows yet by whom."""

    __tablename__: ClassVar[Any] = "ceremony"

    id_hash: str = Field(primary_key=True)
    challenge: str
    user_id: int | None = Field(default=None, foreign_key="portal_user.id")
    expires_at: datetime


class ProofRow(SQLModel, table=True):
    """A secret sent by e-mail, by hash: an invitation, a new password, a code to sign in with."""

    __tablename__: ClassVar[Any] = "proof"
    __table_args__ = (Index("ix_proof_user", "company_id", "user_id", "purpose"),)

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    user_id: int = Field(foreign_key="portal_user.id")
    purpose: str
    secret_hash: str = Field(unique=True)
    tries: int = _count()
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class DeviceRow(SQLModel, table=True):
    """A browser a user signed in from before, by the hash of its cookie."""

    __tablename__: ClassVar[Any] = "device"
    __table_args__ = (UniqueConstraint("user_id", "cookie_hash"),)

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    user_id: int = Field(foreign_key="portal_user.id")
    cookie_hash: str
    name: str
    first_seen_at: datetime
    seen_at: datetime


class ConsentRow(SQLModel, table=True):
    """What somebody agreed to or took back, and when. Added to, never changed."""

    __tablename__: ClassVar[Any] = "consent"
    __table_args__ = (Index("ix_consent_user", "company_id", "user_id"),)

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    user_id: int = Field(foreign_key="portal_user.id")
    purpose: str
    version: str
    given: bool
    at: datetime


class DeletionRequestRow(SQLModel, table=True):
    """Somebody wants his data gone, once at a time. `kept` says what the law keeps, until when.

    `reason` is the company's, where it refused.
    """

    __tablename__: ClassVar[Any] = "deletion_request"
    __table_args__ = (
        Index("ix_deletion_request_company", "company_id", "state"),
        Index(
            "uq_deletion_request_asked",
            "user_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    user_id: int = Field(foreign_key="portal_user.id")
    customer_id: int | None = Field(default=None, foreign_key="customer.id")
    state: str = "asked"
    kept: dict[str, Any] = _facts()
    reason: str = _text()
    asked_at: datetime
    decided_at: datetime | None = None


class AuditEntryRow(SQLModel, table=True):
    """Who did what to whom: numbered without gaps in a company, each with the hash of the one before.

    The database itself refuses to change or delete one.
    """

    __tablename__: ClassVar[Any] = "audit_entry"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        Index("ix_audit_entry_about", "company_id", "about", "number"),
        Index("ix_audit_entry_subject", "company_id", "subject", "number"),
        Index("ix_audit_entry_action", "company_id", "action", "number"),
        Index("ix_audit_entry_customer", "company_id", "customer_id", "number"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
    at: datetime
    subject: str
    action: str
    about: str
    customer_id: int | None = None
    facts: dict[str, Any] = _facts()
    before: str
    hash: str


class AuditHeadRow(SQLModel, table=True):
    """The last entry of a company's audit, sealed with the portal's key."""

    __tablename__: ClassVar[Any] = "audit_head"

    company_id: int = _company(primary_key=True)
    number: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    hash: str = ""
    seal: str = ""


class DocumentRow(SQLModel, table=True):
    """A billing document. Its balance moves only through `db.ledger.post`.

    `sort_number` is type, series and number with digits padded, so that numbers sort
    as people count. `bank`, `convenio`, `nosso_numero` are set on an imported title.
    """

    __tablename__: ClassVar[Any] = "document"
    __table_args__ = (
        UniqueConstraint("company_id", "type", "series", "number"),
        CheckConstraint(
            "0 <= balance_cents AND balance_cents <= total_cents", name="balance_within_total"
        ),
        Index(
            "uq_document_title",
            "company_id",
            "bank",
            "convenio",
            "nosso_numero",
            unique=True,
            sqlite_where=text("nosso_numero <> ''"),
            postgresql_where=text("nosso_numero <> ''"),
        ),
        # What a customer owes, in due order, in any other order and in sum, without touching the
        # table. SQLite uses a partial index only for its own words, "= 0", and covers the
        # columns of those words only if the index has them.
        Index(
            "ix_document_open",
            "company_id",
            "customer_id",
            "due_date",
            "issue_date",
            "sort_number",
            "id",
            "type",
            "currency",
            "balance_cents",
            "total_cents",
            "cancelled",
            sqlite_where=text("balance_cents > 0 AND cancelled = 0"),
            postgresql_where=text("balance_cents > 0 AND NOT cancelled"),
        ),
        # What a customer bought, without touching the table.
        Index(
            "ix_document_issued",
            "company_id",
            "customer_id",
            "issue_date",
            "type",
            "currency",
            "total_cents",
            "cancelled",
            sqlite_where=text("cancelled = 0"),
            postgresql_where=text("NOT cancelled"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    public_id: str = Field(unique=True)
    customer_id: int = Field(foreign_key="customer.id")
    contract_id: int | None = Field(default=None, foreign_key="contract.id")
    type: str
    series: str
    number: str
    sort_number: str
    description: str = ""
    issue_date: date
    due_date: date | None = None
    currency: str
    total_cents: int = _cents()
    balance_cents: int = _cents()
    cancelled: bool = False
    fine_paid: bool = False
    registered_elsewhere: bool = False
    bank: str = ""
    convenio: str = ""
    nosso_numero: str = ""


class SelectionRow(SQLModel, table=True):
    """What somebody has ticked. `subject` is 'user:12' or 'link:7'."""

    __tablename__: ClassVar[Any] = "selection"
    __table_args__ = (UniqueConstraint("company_id", "subject", "customer_id"),)

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    subject: str
    customer_id: int = Field(foreign_key="customer.id")
    documents: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    updated_at: datetime


class PaymentAccountRow(SQLModel, table=True):
    """What a company's account at a payment provider takes in a currency.

    `account` is the provider's name of it, '' for the installation's own. Without a row the
    usual methods of the currency are taken.
    """

    __tablename__: ClassVar[Any] = "payment_account"
    __table_args__ = (UniqueConstraint("company_id", "currency"),)

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    currency: str
    account: str = ""
    methods: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class PaymentRow(SQLModel, table=True):
    """One attempt to pay a frozen selection, or money that came in another way.

    `received_cents` is what came in; NULL where that is the amount itself, or nothing yet.
    Where a provider has it: `checkout` is the order as it was frozen before the provider was
    first asked, under `checkout_key`; `session` and `intent` are the provider's names of it.
    """

    __tablename__: ClassVar[Any] = "payment"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        Index("ix_payment_customer", "company_id", "customer_id", "paid_on", "id"),
        # Attempts the sweep asks about.
        Index(
            "ix_payment_waiting",
            "company_id",
            "created_at",
            sqlite_where=text("provider <> '' AND state_rank < 2"),
            postgresql_where=text("provider <> '' AND state_rank < 2"),
        ),
        *(
            Index(
                f"uq_payment_{name}",
                "provider",
                name,
                unique=True,
                sqlite_where=text(f"{name} <> ''"),
                postgresql_where=text(f"{name} <> ''"),
            )
            for name in ("checkout_key", "session", "intent")
        ),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    public_id: str = Field(unique=True)
    customer_id: int = Field(foreign_key="customer.id")
    subject: str = ""
    method: str
    state: str
    state_rank: int
    currency: str
    amount_cents: int = _cents()
    created_at: datetime
    paid_on: date | None = None
    failure: str = ""
    replaces_id: int | None = Field(default=None, foreign_key="payment.id")
    received_cents: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    provider: str = _text()
    account: str = _text()
    checkout_key: str = _text()
    session: str = _text()
    intent: str = _text()
    checkout_url: str = _text()
    checkout: dict[str, Any] = _facts()
    voucher: dict[str, Any] = _facts()
    expires_at: datetime | None = None
    looked_at: datetime | None = None


class PaymentItemRow(SQLModel, table=True):
    """A document in a payment, frozen. `live` while the attempt holds the document."""

    __tablename__: ClassVar[Any] = "payment_item"
    __table_args__ = (
        UniqueConstraint("payment_id", "document_id"),
        # One live attempt per document, every method.
        Index(
            "uq_payment_item_live",
            "document_id",
            unique=True,
            sqlite_where=text("live = 1"),
            postgresql_where=text("live"),
        ),
        Index("ix_payment_item_document", "document_id"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    payment_id: int = Field(foreign_key="payment.id")
    document_id: int = Field(foreign_key="document.id")
    principal_cents: int = _cents()
    fine_cents: int = _cents()
    interest_cents: int = _cents()
    live: bool


class BoletoRow(SQLModel, table=True):
    """A title at a bank. What is printed is frozen in `sheet`, what the bank is told in `order`.

    Number and code are empty until the bank tells them where it gives the number itself; then
    `sequence` stays NULL and `stated_number` empty: the number as the bank's retornos state it,
    without leading zeros, whatever becomes of its account later. `amended_due` is a later due date the bank has confirmed,
    `asked_due` one it was asked for and has not answered yet.
    """

    __tablename__: ClassVar[Any] = "boleto"
    __table_args__ = (
        UniqueConstraint("bank_account_id", "sequence"),
        Index(
            "uq_boleto_nosso_numero",
            "company_id",
            "bank_account_id",
            "nosso_numero",
            unique=True,
            sqlite_where=text("nosso_numero <> ''"),
            postgresql_where=text("nosso_numero <> ''"),
        ),
        Index(
            "uq_boleto_bank_ref",
            "bank_account_id",
            "bank_ref",
            unique=True,
            sqlite_where=text("bank_ref <> ''"),
            postgresql_where=text("bank_ref <> ''"),
        ),
        Index(
            "ix_boleto_stated_number",
            "bank_account_id",
            "stated_number",
            sqlite_where=text("stated_number <> ''"),
            postgresql_where=text("stated_number <> ''"),
        ),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company(index=True)
    payment_id: int = Field(foreign_key="payment.id", unique=True)
    customer_id: int = Field(foreign_key="customer.id")
    carteira_id: int = Field(foreign_key="carteira.id")
    bank_account_id: int = Field(foreign_key="bank_account.id")
    bank: str
    sequence: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    nosso_numero: str
    barcode: str
    linha_digitavel: str
    currency: str
    amount_cents: int = _cents()
    due_date: date
    state: str
    state_rank: int
    confirms: bool
    requested_at: datetime
    available_at: datetime
    reject_reason: str = ""
    sheet: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    order: dict[str, Any] = _facts()
    seu_numero: str = _text()
    bank_ref: str = _text()
    pix: str = _text()
    registered_at: datetime | None = None
    amended_due: date | None = None
    asked_due: date | None = None
    stated_number: str = _text()


class BankFileRow(SQLModel, table=True):
    """A file that went to a bank or came from one. A remessa is made again from its rows."""

    __tablename__: ClassVar[Any] = "bank_file"
    __table_args__ = (
        Index(
            "uq_bank_file_remessa",
            "bank_account_id",
            "sequence",
            unique=True,
            sqlite_where=text("direction = 'remessa'"),
            postgresql_where=text("direction = 'remessa'"),
        ),
        UniqueConstraint("company_id", "direction", "sha256"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    bank_account_id: int | None = Field(default=None, foreign_key="bank_account.id")
    direction: str
    sequence: int
    sha256: str
    made_at: datetime
    records: int


class BankInstructionRow(SQLModel, table=True):
    """Something to say to a bank by file: the entry of a title or a later change. Append-only."""

    __tablename__: ClassVar[Any] = "bank_instruction"
    __table_args__ = (
        Index(
            "ix_bank_instruction_waiting",
            "bank_account_id",
            "id",
            sqlite_where=text("file_id IS NULL"),
            postgresql_where=text("file_id IS NULL"),
        ),
        Index("ix_bank_instruction_file", "file_id"),
        UniqueConstraint("boleto_id", "key"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    bank_account_id: int = Field(foreign_key="bank_account.id")
    boleto_id: int = Field(foreign_key="boleto.id")
    key: str
    movement: str
    due_date: date | None = None
    created_at: datetime
    file_id: int | None = Field(default=None, foreign_key="bank_file.id")


class BankEventRow(SQLModel, table=True):
    """What a bank reported of a title, once, whichever way it came. Stored before it is handled.

    `outcome` says what became of it; a later report of the same fact only fills what was open, and
    `also_by` names the other ways it came.
    """

    __tablename__: ClassVar[Any] = "bank_event"
    __table_args__ = (
        UniqueConstraint("bank_account_id", "key"),
        Index(
            "ix_bank_event_waiting",
            "bank_account_id",
            "id",
            sqlite_where=text("handled_at IS NULL"),
            postgresql_where=text("handled_at IS NULL"),
        ),
        Index("ix_bank_event_boleto", "boleto_id"),
        Index("ix_bank_event_document", "document_id"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company(index=True)
    bank_account_id: int = Field(foreign_key="bank_account.id")
    key: str
    source: str
    file_id: int | None = Field(default=None, foreign_key="bank_file.id")
    line: int = 0
    kind: str
    movement: str
    nosso_numero: str
    seu_numero: str
    bank_ref: str
    occurred_on: date | None = None
    credited_on: date | None = None
    due_date: date | None = None
    face_cents: int = _cents()
    paid_cents: int = _cents()
    net_cents: int = _cents()
    fee_cents: int = _cents()
    charges_cents: int = _cents()
    discount_cents: int = _cents()
    reasons: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    raw: str = ""
    also_by: str = ""
    received_at: datetime
    handled_at: datetime | None = None
    outcome: str = ""
    boleto_id: int | None = Field(default=None, foreign_key="boleto.id")
    document_id: int | None = Field(default=None, foreign_key="document.id")
    payment_id: int | None = Field(default=None, foreign_key="payment.id")


class RefundRow(SQLModel, table=True):
    """Money of a payment that its provider sent back."""

    __tablename__: ClassVar[Any] = "refund"
    __table_args__ = (
        UniqueConstraint("provider", "ref"),
        Index("ix_refund_payment", "payment_id"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    payment_id: int = Field(foreign_key="payment.id")
    provider: str
    ref: str
    status: str
    currency: str
    amount_cents: int = _cents()
    created_at: datetime


class DisputeRow(SQLModel, table=True):
    """Money of a payment that the customer's bank asks back."""

    __tablename__: ClassVar[Any] = "dispute"
    __table_args__ = (
        UniqueConstraint("provider", "ref"),
        Index("ix_dispute_payment", "payment_id"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    payment_id: int = Field(foreign_key="payment.id")
    provider: str
    ref: str
    status: str
    reason: str = ""
    currency: str
    amount_cents: int = _cents()
    created_at: datetime


class ProviderEventRow(SQLModel, table=True):
    """A signed call of a provider, once. Only what it names: what is so, the provider is asked.

    Kept before any company is known; `company_id` and `payment_id` stay NULL for what is about
    nothing of ours.
    """

    __tablename__: ClassVar[Any] = "provider_event"
    __table_args__ = (
        UniqueConstraint("provider", "account", "event_id"),
        Index("ix_provider_event_payment", "payment_id"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int | None = Field(default=None, foreign_key="company.id")
    provider: str
    account: str
    event_id: str
    type: str
    api_version: str
    ref: str
    payment_id: int | None = Field(default=None, foreign_key="payment.id")
    received_at: datetime
    handled_at: datetime | None = None


class ReceiptSeriesRow(SQLModel, table=True):
    """A company's receipts of a year: `next_number` is taken under lock, so without a gap."""

    __tablename__: ClassVar[Any] = "receipt_series"
    __table_args__ = (
        UniqueConstraint("company_id", "series"),
        CheckConstraint("next_number > 0", name="next_number_positive"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    series: str
    next_number: int = 1


class ReceiptRow(SQLModel, table=True):
    """What was stated of money that came in (kind 'receipt') or went back (kind 'refund').

    `facts` is all the paper says, frozen. `about` tells one refund of a payment from the next
    ('refund:3', 'dispute:1'), '' for the receipt itself.
    """

    __tablename__: ClassVar[Any] = "receipt"
    __table_args__ = (
        UniqueConstraint("company_id", "series", "number"),
        UniqueConstraint("payment_id", "about"),
        Index("ix_receipt_customer", "company_id", "customer_id", "id"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    public_id: str = Field(unique=True)
    payment_id: int = Field(foreign_key="payment.id")
    customer_id: int = Field(foreign_key="customer.id")
    about: str = ""
    kind: str
    series: str
    number: int
    currency: str
    amount_cents: int = _cents()
    paid_on: date
    created_at: datetime
    facts: dict[str, Any] = _facts()


class MailRow(SQLModel, table=True):
    """An e-mail somebody asked for, or that the portal owes. Written when it goes out.

    `about` names what it is about ('payment:12', 'document:5'); `key` keeps it from being asked
    for twice. `asked_by` is an actor's subject, empty where the portal itself sends it. What is about
    somebody's sign-in has a user instead of a customer, and its `facts`: nothing secret.
    """

    __tablename__: ClassVar[Any] = "mail"
    __table_args__ = (
        UniqueConstraint("company_id", "key"),
        Index("ix_mail_customer", "company_id", "customer_id", "created_at"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    customer_id: int | None = Field(default=None, foreign_key="customer.id")
    user_id: int | None = Field(default=None, foreign_key="portal_user.id")
    facts: dict[str, Any] = _facts()
    key: str
    kind: str
    about: str
    locale: str
    asked_by: str
    created_at: datetime


class MailRecipientRow(SQLModel, table=True):
    """One address of an e-mail and what became of it. After `sending` it is never sent again."""

    __tablename__: ClassVar[Any] = "mail_recipient"
    __table_args__ = (UniqueConstraint("mail_id", "address"),)

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company(index=True)
    mail_id: int = Field(foreign_key="mail.id")
    address: str
    state: str
    reply: str = ""
    changed_at: datetime


class AllocationRow(SQLModel, table=True):
    """A document's share of a payment, part by part. Append-only; undone by a reversal.

    `discount_cents` is principal that was let off, beside what was paid.
    """

    __tablename__: ClassVar[Any] = "allocation"
    __table_args__ = (
        Index(
            "uq_allocation_standing",
            "payment_id",
            "document_id",
            unique=True,
            sqlite_where=text("reversed_by IS NULL"),
            postgresql_where=text("reversed_by IS NULL"),
        ),
        Index("ix_allocation_document", "document_id"),
        CheckConstraint(
            "principal_cents >= 0 AND fine_cents >= 0 AND interest_cents >= 0 "
            "AND discount_cents >= 0 "
            "AND principal_cents + fine_cents + interest_cents + discount_cents > 0",
            name="something_paid",
        ),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    payment_id: int = Field(foreign_key="payment.id")
    document_id: int = Field(foreign_key="document.id")
    currency: str
    principal_cents: int = _cents()
    fine_cents: int = _cents()
    interest_cents: int = _cents()
    discount_cents: int = _money_that_was_none()
    reversed_by: int | None = Field(default=None, foreign_key="journal_entry.id")


class JournalEntryRow(SQLModel, table=True):
    """One event of money; its lines sum to zero. Append-only."""

    __tablename__: ClassVar[Any] = "journal_entry"
    __table_args__ = (UniqueConstraint("company_id", "kind", "source_type", "source_id"),)

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    customer_id: int = Field(foreign_key="customer.id")
    kind: str
    source_type: str
    source_id: int
    value_date: date
    created_at: datetime


class JournalLineRow(SQLModel, table=True):
    """A debit (+) or credit (−). Customer and value date repeat the entry's, for the sums.

    `provider` says at whom a clearing line's money is: a payment provider, a bank by its code.
    """

    __tablename__: ClassVar[Any] = "journal_line"
    __table_args__ = (
        Index("ix_journal_line_entry", "entry_id"),
        Index(
            "ix_journal_line_document",
            "document_id",
            "amount_cents",
            sqlite_where=text("document_id IS NOT NULL"),
            postgresql_where=text("document_id IS NOT NULL"),
        ),
        # What a customer paid in a period, without touching the table.
        Index(
            "ix_journal_line_paid",
            "company_id",
            "customer_id",
            "value_date",
            "currency",
            "amount_cents",
            "entry_id",
            "account",
            sqlite_where=text("account = 'clearing'"),
            postgresql_where=text("account = 'clearing'"),
        ),
        CheckConstraint("amount_cents <> 0", name="amount_not_zero"),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    entry_id: int = Field(foreign_key="journal_entry.id")
    customer_id: int = Field(foreign_key="customer.id")
    value_date: date
    account: str
    document_id: int | None = Field(default=None, foreign_key="document.id")
    currency: str
    amount_cents: int = _cents()
    provider: str = _text()


class JobRow(SQLModel, table=True):
    """Work to do later. `attempts` is the fencing token of each claim; only failures use it up."""

    __tablename__: ClassVar[Any] = "job"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        Index(
            "ix_job_due",
            "run_at",
            sqlite_where=text("state IN ('queued', 'running')"),
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    kind: str
    key: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    state: str
    run_at: datetime
    lease_until: datetime | None = None
    attempts: int = 0
    failures: int = 0
    last_error: str = ""


class TaskRow(SQLModel, table=True):
    """What waits for a person. One open task per kind and subject."""

    __tablename__: ClassVar[Any] = "task"
    __table_args__ = (
        Index(
            "uq_task_open",
            "company_id",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    company_id: int = _company()
    kind: str
    subject: str
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime
    closed_at: datetime | None = None
