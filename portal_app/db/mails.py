"""E-mails that were asked for or owed, and each of their addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import CustomerRow, MailRecipientRow, MailRow
from portal_app.domain.emails import Mail, MailKind, Recipient, RecipientState, ensure_move
from portal_app.domain.errors import NotFound

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMail:
    """An e-mail about to be asked for; `key` keeps it from being asked for twice.

    About a customer's business, or about a user's sign-in.
    """

    customer: int | None = None
    user: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    key: str
    kind: MailKind
    about: str
    locale: str
    addresses: tuple[str, ...]
    created_at: datetime
    asked_by: str = ""


def wait_turn(session: Session, company: int, customer: int) -> None:
    """Count a customer's e-mails one request after another, until the transaction ends."""
    session.execute(
        select(col(CustomerRow.id))
        .where(col(CustomerRow.company_id) == company, col(CustomerRow.id) == customer)
        .with_for_update(key_share=True)
    )


def asked_since(
    session: Session, company: int, customer: int, since: datetime
) -> list[tuple[str, datetime]]:
    """By whom and when, once for each address a customer's people asked to write to."""
    query = (
        select(col(MailRow.asked_by), col(MailRow.created_at))
        .join(MailRecipientRow, col(MailRecipientRow.mail_id) == col(MailRow.id))
        .where(
            col(MailRow.company_id) == company,
            col(MailRow.customer_id) == customer,
            col(MailRow.created_at) > since,
            col(MailRow.asked_by) != "",
        )
    )
    return [(who, when) for who, when in session.execute(query)]


def add(session: Session, company: int, new: NewMail) -> tuple[int, ...]:
    """Write the e-mail down, each address `queued`. Ids of its addresses; none if its key is there."""
    insert = _INSERT[session.get_bind().dialect.name]
    statement = (
        insert(MailRow)
        .values(
            company_id=company,
            customer_id=new.customer,
            user_id=new.user,
            facts=dict(new.facts),
            key=new.key,
            kind=new.kind.value,
            about=new.about,
            locale=new.locale,
            asked_by=new.asked_by,
            created_at=new.created_at,
        )
        .on_conflict_do_nothing(index_elements=["company_id", "key"])
        .returning(col(MailRow.id))
    )
    made = session.execute(statement).first()
    if made is None:
        return ()
    rows = [
        MailRecipientRow(
            company_id=company,
            mail_id=made[0],
            address=address,
            state=RecipientState.QUEUED.value,
            changed_at=new.created_at,
        )
        for address in new.addresses
    ]
    session.add_all(rows)
    session.flush()
    return tuple(row.id for row in rows)


def by_recipient(session: Session, company: int, recipient: int) -> Recipient:
    """An address with its e-mail."""
    query = _recipients(company).where(col(MailRecipientRow.id) == recipient)
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(kind="mail")
    return _recipient(*found)


def of_subjects(
    session: Session, company: int, customer: int, about: Sequence[str], most: int
) -> list[Recipient]:
    """The addresses a customer's e-mails about these went to, the newest first."""
    query = (
        _recipients(company)
        .where(col(MailRow.customer_id) == customer, col(MailRow.about).in_(about))
        .order_by(col(MailRow.created_at).desc(), col(MailRecipientRow.id))
        .limit(most)
    )
    return [_recipient(*row) for row in session.execute(query)]


def move(
    session: Session,
    company: int,
    recipient: int,
    state: RecipientState,
    now: datetime,
    *,
    reply: str = "",
) -> None:
    """Set what became of an address; IllegalMove if that may not follow what became of it before.

    `reply` is the server's own code.
    """
    row = session.scalars(
        select(MailRecipientRow)
        .where(col(MailRecipientRow.company_id) == company, col(MailRecipientRow.id) == recipient)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    ensure_move(RecipientState(row.state), state)
    row.state = state.value
    row.reply = reply
    row.changed_at = now
    session.flush()


def _recipients(company: int) -> Select[*tuple[Any, ...]]:
    return (
        select(MailRecipientRow, MailRow)
        .join(MailRow, col(MailRow.id) == col(MailRecipientRow.mail_id))
        .where(col(MailRow.company_id) == company, col(MailRecipientRow.company_id) == company)
    )


def _recipient(row: MailRecipientRow, mail: MailRow) -> Recipient:
    return Recipient(
        id=row.id,
        mail=Mail(
            id=mail.id,
            customer=mail.customer_id,
            user=mail.user_id,
            kind=MailKind(mail.kind),
            about=mail.about,
            locale=mail.locale,
            asked_by=mail.asked_by,
            created_at=mail.created_at,
            facts={name: str(fact) for name, fact in mail.facts.items()},
        ),
        address=row.address,
        state=RecipientState(row.state),
    )
