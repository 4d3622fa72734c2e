"""Deletion requests, consents and choices; and making somebody nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, delete, exists, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import (
    AuthenticatorRow,
    CeremonyRow,
    ConsentRow,
    CustomerRow,
    DeletionRequestRow,
    DeviceRow,
    DocumentRow,
    FeatureGrantRow,
    MailRecipientRow,
    MailRow,
    MembershipRow,
    PasskeyRow,
    PortalUserRow,
    ProofRow,
    RecoveryCodeRow,
    SelectionRow,
    SessionRow,
)
from portal_app.domain.emails import RecipientState
from portal_app.domain.errors import NotFound
from portal_app.domain.grants import MemberKind
from portal_app.domain.privacy import Addressee, Consent, DeletionRequest, Kept, RequestState

_UNDER_WAY: Final = (RecipientState.QUEUED.value, RecipientState.SENDING.value)
# Whatever belongs to a user and to nobody else.
_OWN: Final = (
    SessionRow,
    AuthenticatorRow,
    RecoveryCodeRow,
    PasskeyRow,
    ProofRow,
    DeviceRow,
    ConsentRow,
    MembershipRow,
    FeatureGrantRow,
)


def latest_request(session: Session, company: int, user: int) -> DeletionRequest | None:
    """The last time a user asked, whatever became of it."""
    row = DeletionRequestRow
    query = _requests(company).where(col(row.user_id) == user).order_by(col(row.id).desc()).limit(1)
    found = session.execute(query).first()
    return _request(*found) if found else None


def requests(session: Session, company: int, most: int) -> list[DeletionRequest]:
    """Those that wait, oldest first, then those decided, the latest first."""
    row = DeletionRequestRow
    waiting = _requests(company).where(col(row.decided_at).is_(None)).order_by(col(row.id))
    decided = (
        _requests(company)
        .where(col(row.decided_at).is_not(None))
        .order_by(col(row.decided_at).desc(), col(row.id).desc())
    )
    found = [*session.execute(waiting.limit(most)), *session.execute(decided.limit(most))]
    return [_request(*each) for each in found[:most]]


def locked_request(session: Session, company: int, request: int) -> DeletionRequest:
    """A request nobody else decides until this transaction ends; NotFound for any other company's."""
    row = DeletionRequestRow
    query = select(col(row.id)).where(col(row.company_id) == company, col(row.id) == request)
    if session.scalars(query.with_for_update()).one_or_none() is None:
        raise NotFound(kind="deletion_request")
    found = session.execute(_requests(company).where(col(row.id) == request)).one()
    return _request(*found)


def add_request(
    session: Session, company: int, user: int, customer: int | None, kept: Kept, now: datetime
) -> None:
    session.add(
        DeletionRequestRow(
            company_id=company,
            user_id=user,
            customer_id=customer,
            state=RequestState.ASKED.value,
            kept={
                "documents": kept.documents,
                "until": kept.until.isoformat() if kept.until else "",
            },
            asked_at=now,
        )
    )
    session.flush()


def decide(
    session: Session, company: int, request: int, state: RequestState, reason: str, now: datetime
) -> None:
    session.execute(
        update(DeletionRequestRow)
        .where(col(DeletionRequestRow.company_id) == company, col(DeletionRequestRow.id) == request)
        .values(state=state.value, reason=reason, decided_at=now)
    )


def lock_user(session: Session, company: int, user: int) -> None:
    """Let what a user asks for happen one thing after another, until the transaction ends."""
    session.execute(
        select(col(PortalUserRow.id))
        .where(col(PortalUserRow.company_id) == company, col(PortalUserRow.id) == user)
        .with_for_update(key_share=True)
    )


def choices(session: Session, company: int, user: int) -> Mapping[str, object]:
    """What a user said about e-mails that may be declined; silent about the others."""
    row = session.get(PortalUserRow, user)
    return dict(row.mail_choices) if row is not None and row.company_id == company else {}


def set_choices(session: Session, company: int, user: int, wanted: Mapping[str, bool]) -> None:
    session.execute(
        update(PortalUserRow)
        .where(col(PortalUserRow.company_id) == company, col(PortalUserRow.id) == user)
        .values(mail_choices=dict(wanted))
    )


def add_consent(session: Session, company: int, user: int, new: Consent) -> None:
    session.add(
        ConsentRow(
            company_id=company,
            user_id=user,
            purpose=new.purpose,
            version=new.version,
            given=new.given,
            at=new.at,
        )
    )


def consents(session: Session, company: int, user: int, most: int) -> list[Consent]:
    """The latest first."""
    query = (
        select(ConsentRow)
        .where(col(ConsentRow.company_id) == company, col(ConsentRow.user_id) == user)
        .order_by(col(ConsentRow.id).desc())
        .limit(most)
    )
    return [Consent(row.purpose, row.version, row.given, row.at) for row in session.scalars(query)]


def addressees(session: Session, company: int, customer: int, today: date) -> list[Addressee]:
    """A customer's people who may still sign in for him."""
    member, user = MembershipRow, PortalUserRow
    query = (
        select(col(user.login), col(member.kind), col(user.mail_choices))
        .join(user, col(user.id) == col(member.user_id))
        .where(
            col(member.company_id) == company,
            col(member.customer_id) == customer,
            col(member.ends_on).is_(None) | (col(member.ends_on) >= today),
            col(user.active),
        )
    )
    return [
        Addressee(login, kind == MemberKind.OWNER, said)
        for login, kind, said in session.execute(query)
    ]


def tax_documents(
    session: Session, company: int, customers: Iterable[int]
) -> tuple[int, date | None]:
    """How many documents customers have, and the day the last one was issued."""
    row = DocumentRow
    query = select(func.count(), func.max(col(row.issue_date))).where(
        col(row.company_id) == company, col(row.customer_id).in_(list(customers))
    )
    count, last = session.execute(query).one()
    return count, last


def forget_user(session: Session, company: int, user: int, login: str) -> None:
    """Make somebody nobody: only the row stays, which the books and the audit name by its id."""
    for row in _OWN:
        session.execute(delete(row).where(col(row.company_id) == company, col(row.user_id) == user))
    session.execute(delete(CeremonyRow).where(col(CeremonyRow.user_id) == user))
    session.execute(
        delete(SelectionRow).where(
            col(SelectionRow.company_id) == company, col(SelectionRow.subject) == f"user:{user}"
        )
    )
    _forget_mails(session, company, user)
    session.execute(
        update(PortalUserRow)
        .where(col(PortalUserRow.company_id) == company, col(PortalUserRow.id) == user)
        .values(
            login=login,
            name="",
            password_hash="",
            active=False,
            locale="",
            staff_role_id=None,
            mail_choices={},
            signed_in_at=None,
        )
    )


def forget_contact(session: Session, company: int, customers: Sequence[int]) -> None:
    """Remove how customers are reached, and what nobody keeps any more against a file.

    Name and tax id are the company's own register.
    """
    session.execute(
        update(CustomerRow)
        .where(col(CustomerRow.company_id) == company, col(CustomerRow.id).in_(customers))
        .values(
            email="",
            phone="",
            street="",
            district="",
            city="",
            state="",
            postcode="",
            own_fields=[],
        )
    )


def _forget_mails(session: Session, company: int, user: int) -> None:
    """E-mails about somebody's sign-in, but those on their way."""
    of_user = select(col(MailRow.id)).where(
        col(MailRow.company_id) == company, col(MailRow.user_id) == user
    )
    session.execute(
        delete(MailRecipientRow).where(
            col(MailRecipientRow.company_id) == company,
            col(MailRecipientRow.mail_id).in_(of_user),
            col(MailRecipientRow.state).not_in(_UNDER_WAY),
        )
    )
    addressed = exists().where(col(MailRecipientRow.mail_id) == col(MailRow.id))
    session.execute(
        delete(MailRow).where(
            col(MailRow.company_id) == company, col(MailRow.user_id) == user, ~addressed
        )
    )


def _requests(company: int) -> Select[*tuple[Any, ...]]:
    row = DeletionRequestRow
    return (
        select(row, col(PortalUserRow.name), col(PortalUserRow.login), col(CustomerRow.name))
        .join(PortalUserRow, col(PortalUserRow.id) == col(row.user_id))
        .outerjoin(CustomerRow, col(CustomerRow.id) == col(row.customer_id))
        .where(col(row.company_id) == company, col(PortalUserRow.company_id) == company)
    )


def _request(
    row: DeletionRequestRow, name: str, login: str, customer: str | None
) -> DeletionRequest:
    until = row.kept.get("until")
    return DeletionRequest(
        id=row.id,
        user=row.user_id,
        name=name,
        login=login,
        customer=row.customer_id,
        customer_name=customer or "",
        state=RequestState(row.state),
        kept=Kept(row.kept.get("documents", 0), date.fromisoformat(until) if until else None),
        reason=row.reason,
        asked_at=row.asked_at,
        decided_at=row.decided_at,
    )
