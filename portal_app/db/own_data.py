"""Everything that is held about somebody, and about a customer, as plain rows for his own file.

Left out are hashes, secrets and what names other people; each list has its latest rows only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from portal_app.db.models import (
    AccessLinkRow,
    AuditEntryRow,
    AuthenticatorRow,
    BoletoRow,
    ConsentRow,
    ContractRow,
    CustomerGroupRow,
    CustomerRow,
    DeletionRequestRow,
    DeviceRow,
    DocumentRow,
    FeatureGrantRow,
    MailRecipientRow,
    MailRow,
    MembershipRow,
    PasskeyRow,
    PaymentRow,
    PortalUserRow,
    ProofRow,
    ReceiptRow,
    RecoveryCodeRow,
    SelectionRow,
    SessionRow,
    StaffRoleRow,
)

Rows = list[dict[str, Any]]
_Table = type[SQLModel]

_OF_USER: Final[Mapping[str, tuple[_Table, tuple[str, ...]]]] = {
    "sessions": (
        SessionRow,
        ("created_at", "seen_at", "expires_at", "ended_at", "device", "address"),
    ),
    "devices": (DeviceRow, ("name", "first_seen_at", "seen_at")),
    "passkeys": (PasskeyRow, ("name", "created_at", "used_at")),
    "authenticator": (AuthenticatorRow, ("confirmed_at",)),
    "recovery_codes": (RecoveryCodeRow, ("used_at",)),
    "codes_sent": (ProofRow, ("purpose", "created_at", "expires_at", "used_at")),
    "consents": (ConsentRow, ("purpose", "version", "given", "at")),
    "deletion_requests": (
        DeletionRequestRow,
        ("state", "kept", "reason", "asked_at", "decided_at"),
    ),
    "grants_taken": (FeatureGrantRow, ("feature", "allowed")),
}
_OF_CUSTOMER: Final[Mapping[str, tuple[_Table, tuple[str, ...]]]] = {
    "contracts": (ContractRow, ("number", "description", "billing_mode")),
    "documents": (
        DocumentRow,
        (
            "type",
            "series",
            "number",
            "description",
            "issue_date",
            "due_date",
            "currency",
            "total_cents",
            "balance_cents",
            "cancelled",
        ),
    ),
    "payments": (
        PaymentRow,
        (
            "public_id",
            "method",
            "state",
            "currency",
            "amount_cents",
            "received_cents",
            "created_at",
            "paid_on",
        ),
    ),
    "boletos": (
        BoletoRow,
        (
            "bank",
            "nosso_numero",
            "linha_digitavel",
            "currency",
            "amount_cents",
            "due_date",
            "state",
            "sheet",
        ),
    ),
    "receipts": (
        ReceiptRow,
        ("kind", "series", "number", "currency", "amount_cents", "paid_on", "facts"),
    ),
    "links": (AccessLinkRow, ("created_at", "expires_at", "revoked_at")),
    "grants": (FeatureGrantRow, ("feature", "allowed")),
}


def of_user(session: Session, company: int, user: int, most: int) -> dict[str, Any]:
    """By section; the first one is the user himself."""
    row = PortalUserRow
    person = (
        "login",
        "name",
        "role",
        "active",
        "locale",
        "mail_choices",
        "created_at",
        "signed_in_at",
    )
    found: dict[str, Any] = {
        "user": _rows(session, company, row, person, col(row.id) == user, 1)[0],
        "memberships": _memberships(session, company, user),
        "staff_role": _staff_role(session, company, user),
    }
    for name, (table, columns) in _OF_USER.items():
        of_him = _column(table, "user_id") == user
        found[name] = _rows(session, company, table, columns, of_him, most)
    mine = col(SelectionRow.subject) == f"user:{user}"
    found["selections"] = _rows(
        session, company, SelectionRow, ("documents", "updated_at"), mine, most
    )
    found["mails"] = _mails(session, company, col(MailRow.user_id) == user, most)
    found["audit"] = _audit(session, company, f"user:{user}", most)
    return found


def of_customer(session: Session, company: int, customer: int, most: int) -> dict[str, Any]:
    """By section; the first one is the customer himself."""
    row = CustomerRow
    columns = (
        "code",
        "name",
        "tax_id",
        "email",
        "phone",
        "street",
        "district",
        "city",
        "state",
        "postcode",
        "locale",
        "own_fields",
    )
    found: dict[str, Any] = {
        "customer": _rows(session, company, row, columns, col(row.id) == customer, 1)[0],
        "group": _group(session, company, customer),
    }
    for name, (table, names) in _OF_CUSTOMER.items():
        of_him = _column(table, "customer_id") == customer
        found[name] = _rows(session, company, table, names, of_him, most)
    found["mails"] = _mails(session, company, col(MailRow.customer_id) == customer, most)
    return found


def _rows(
    session: Session,
    company: int,
    table: _Table,
    names: Iterable[str],
    condition: ColumnElement[bool],
    most: int,
) -> Rows:
    """The latest first."""
    query = (
        select(*(_column(table, name) for name in names))
        .where(_column(table, "company_id") == company, condition)
        .order_by(_column(table, "id").desc())
        .limit(most)
    )
    return _plain(session, query)


def _column(table: _Table, name: str) -> Any:
    return col(getattr(table, name))


def _memberships(session: Session, company: int, user: int) -> Rows:
    member, customer = MembershipRow, CustomerRow
    query = (
        select(col(customer.code), col(customer.name), col(member.kind), col(member.ends_on))
        .join(customer, col(customer.id) == col(member.customer_id))
        .where(col(member.company_id) == company, col(member.user_id) == user)
        .order_by(col(member.id))
    )
    return _plain(session, query)


def _staff_role(session: Session, company: int, user: int) -> Rows:
    role, person = StaffRoleRow, PortalUserRow
    query = (
        select(col(role.name), col(role.permissions))
        .join(person, col(person.staff_role_id) == col(role.id))
        .where(col(role.company_id) == company, col(person.id) == user)
    )
    return _plain(session, query)


def _group(session: Session, company: int, customer: int) -> str:
    group, row = CustomerGroupRow, CustomerRow
    query = (
        select(col(group.name))
        .join(row, col(row.group_id) == col(group.id))
        .where(col(group.company_id) == company, col(row.id) == customer)
    )
    return session.scalars(query).one_or_none() or ""


def _mails(session: Session, company: int, condition: ColumnElement[bool], most: int) -> Rows:
    """One row for each address, as it is; the caller covers it."""
    mail, to = MailRow, MailRecipientRow
    query = (
        select(
            col(mail.kind),
            col(mail.created_at),
            col(mail.asked_by),
            col(to.address),
            col(to.state),
            col(to.changed_at),
        )
        .join(to, col(to.mail_id) == col(mail.id))
        .where(col(mail.company_id) == company, col(to.company_id) == company, condition)
        .order_by(col(to.id).desc())
        .limit(most)
    )
    return _plain(session, query)


def _audit(session: Session, company: int, reference: str, most: int) -> Rows:
    """What he did, and what was done about him, without who did it."""
    row = AuditEntryRow
    query = (
        select(
            col(row.number),
            col(row.at),
            (col(row.subject) == reference).label("by_yourself"),
            col(row.action),
            col(row.about),
            col(row.facts),
        )
        .where(
            col(row.company_id) == company,
            (col(row.subject) == reference) | (col(row.about) == reference),
        )
        .order_by(col(row.number).desc())
        .limit(most)
    )
    return _plain(session, query)


def _plain(session: Session, query: Any) -> Rows:
    return [
        {str(name): value for name, value in found.items()}
        for found in session.execute(query).mappings()
    ]
