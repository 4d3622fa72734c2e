"""What somebody has ticked, kept between pages, tabs and days."""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import Executable, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from portal_app.db.models import SelectionRow

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def load(session: Session, company: int, subject: str, customer: int) -> list[int]:
    query = select(col(SelectionRow.documents)).where(
        col(SelectionRow.company_id) == company,
        col(SelectionRow.subject) == subject,
        col(SelectionRow.customer_id) == customer,
    )
    return list(session.scalars(query).one_or_none() or [])


def save(
    session: Session, company: int, subject: str, customer: int, ids: list[int], now: datetime
) -> None:
    statement = _save(session.get_bind().dialect.name)
    session.execute(
        statement,
        {
            "company_id": company,
            "subject": subject,
            "customer_id": customer,
            "documents": ids,
            "updated_at": now,
        },
    )


def clear(session: Session, company: int, subject: str, customer: int) -> None:
    session.execute(
        delete(SelectionRow).where(
            col(SelectionRow.company_id) == company,
            col(SelectionRow.subject) == subject,
            col(SelectionRow.customer_id) == customer,
        )
    )


@lru_cache(maxsize=2)
def _save(dialect: str) -> Executable:
    """The statement that keeps a selection, made once: it is asked after almost every tick."""
    statement = _INSERT[dialect](SQLModel.metadata.tables["selection"])
    excluded = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["company_id", "subject", "customer_id"],
        set_={"documents": excluded.documents, "updated_at": excluded.updated_at},
    )
