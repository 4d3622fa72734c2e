"""The inbox of providers' calls: each kept once, before it is handled."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import ProviderEventRow
from portal_app.domain.checkout import Provider, ProviderEvent

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def put(
    session: Session,
    provider: Provider,
    event: ProviderEvent,
    about: tuple[int, int] | None,
    now: datetime,
) -> int | None:
    """Keep a call; its id, or None if it was kept before. `about`: the company and payment it names."""
    company, payment = about or (None, None)
    insert = _INSERT[session.get_bind().dialect.name]
    statement = (
        insert(ProviderEventRow)
        .values(
            company_id=company,
            provider=provider.value,
            account=event.account,
            event_id=event.id,
            type=event.type,
            api_version=event.api_version,
            ref=event.session or event.intent,
            payment_id=payment,
            received_at=now,
            handled_at=now if about is None else None,
        )
        .on_conflict_do_nothing(index_elements=["provider", "account", "event_id"])
        .returning(col(ProviderEventRow.id))
    )
    # Never rowcount: PostgreSQL does not tell it here.
    made = session.execute(statement).first()
    return made[0] if made else None


def handled(session: Session, company: int, event: int, now: datetime) -> None:
    session.execute(
        update(ProviderEventRow)
        .where(col(ProviderEventRow.company_id) == company, col(ProviderEventRow.id) == event)
        .values(handled_at=now)
    )
