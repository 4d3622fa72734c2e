"""Bulk writing for load work: the driver's fastest way in, the ledger derived in the database."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Executable,
    Select,
    Table,
    UniqueConstraint,
    case,
    func,
    insert,
    literal,
    null,
    select,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.schema import AddConstraint, Constraint, CreateIndex, DropConstraint, DropIndex
from sqlmodel import SQLModel, col

from portal_app.db import engine
from portal_app.db.models import (
    AllocationRow,
    DocumentRow,
    JournalEntryRow,
    JournalLineRow,
    PaymentItemRow,
    PaymentRow,
)
from portal_app.domain.documents import DocumentType
from portal_app.domain.ledger import Account, EntryKind

Row = tuple[str | int | None, ...]

_TABLES: Final = SQLModel.metadata.tables
# A commit that did not wait for the disk would keep the VACUUM after it from marking pages as
# visible to all, and an index alone could answer nothing.
_SETTINGS: Final = ("TIME ZONE 'UTC'", "maintenance_work_mem = '256MB'", "synchronous_commit = on")
# The tables that get most of the rows: on a fresh database they are filled bare.
_LARGE: Final = tuple(
    _TABLES[name]
    for name in (
        "customer",
        "contract",
        "document",
        "payment",
        "payment_item",
        "allocation",
        "journal_entry",
        "journal_line",
    )
)


@dataclass(frozen=True, slots=True)
class Load:
    """A load under way. All of it is one transaction, the session's too: whole or not at all."""

    connection: Connection
    session: Session

    def next_id(self, table: str) -> int:
        """The first free id; nobody else takes it while the load is under way."""
        greatest = select(func.max(_TABLES[table].c.id))
        return (self.connection.execute(greatest).scalar_one() or 0) + 1

    def write(
        self,
        table: str,
        columns: Sequence[str],
        rows: Sequence[Row],
        **same: str | int | None,
    ) -> None:
        """Append rows; `same` are columns with one value for all of them.

        Dates and moments as ISO text, moments in UTC, truth as 0 or 1. Text holds no tab,
        backslash or quote and is not 'None': the two databases read it differently.
        """
        names = ", ".join((*columns, *same))
        cursor: Any = self.connection.connection.cursor()
        if self.connection.dialect.name == "sqlite":
            values = ", ".join((*("?" for _ in columns), *map(_literal, same.values())))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({values})", rows)  # noqa: S608  names of our own
        else:
            line = "\t".join((*("%s" for _ in columns), *map(str, same.values()))) + "\n"
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN WITH (NULL 'None')") as copy:
                copy.write("".join([line % row for row in rows]))
        cursor.close()

    def write_ledger(self, company: int, documents: range, payments: range, now: datetime) -> None:
        """Write allocations and journal of these documents and of payments with their items.

        As `domain.ledger` would, entry by entry: issue, cancellation, payment.
        """
        first = self.next_id("journal_entry")
        for statement in _ledger(company, documents, payments, first, now):
            self.connection.execute(statement)


@contextmanager
def loading() -> Generator[Load]:
    """A load into the database the engine uses, committed at the end.

    Into a fresh database (no document yet) without indexes and foreign keys: they are made
    again from the models before the commit, so a failure leaves all as it was. Ends with
    fresh statistics. A tool for an operator: it holds up everybody who writes.
    """
    url = engine.engine().url.render_as_string(hide_password=False)
    engine.dispose()
    own = engine.make_engine(url)
    try:
        with own.connect() as connection:
            with connection.begin():
                fresh = connection.execute(select(col(DocumentRow.id)).limit(1)).first() is None
            if connection.dialect.name == "sqlite":
                _prepare_sqlite(connection, fresh)
            with connection.begin():
                yield from _loaded(connection, fresh)
        with own.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            _finish(connection)
    finally:
        own.dispose()


def _loaded(connection: Connection, fresh: bool) -> Iterator[Load]:
    if connection.dialect.name == "postgresql":
        for setting in _SETTINGS:
            connection.exec_driver_sql(f"SET LOCAL {setting}")
        names = ", ".join(table.name for table in _LARGE)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
    if fresh:
        _strip(connection)
    with Session(connection, autoflush=False, join_transaction_mode="rollback_only") as session:
        yield Load(connection, session)
    if fresh:
        _dress(connection)
    if connection.dialect.name == "postgresql":
        for table in _LARGE:
            last = select(func.max(table.c.id)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, "id")
            connection.execute(select(func.setval(sequence, func.coalesce(last, 1))))


def _prepare_sqlite(connection: Connection, fresh: bool) -> None:
    """Bounded memory; on a fresh file a journal that need not repeat what is only appended."""
    run = connection.connection.cursor().execute
    run("PRAGMA temp_store = FILE")
    run("PRAGMA cache_size = -262144")
    if fresh:
        run("PRAGMA foreign_keys = OFF")
        run("PRAGMA busy_timeout = 0")
        # Somebody else has the file open: slower, not worse.
        with suppress(OperationalError, connection.dialect.loaded_dbapi.OperationalError):
            run("PRAGMA journal_mode = DELETE")
        run("PRAGMA busy_timeout = 30000")


def _finish(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        with connection.begin():
            connection.exec_driver_sql("PRAGMA analysis_limit = 1000")
            connection.exec_driver_sql("ANALYZE")
    else:
        for table in _LARGE:
            connection.exec_driver_sql(f"VACUUM (ANALYZE) {table.name}")


def _strip(connection: Connection) -> None:
    for table in reversed(_LARGE):
        for index in table.indexes:
            connection.execute(DropIndex(index))
        for constraint in _droppable(connection, table):
            connection.execute(DropConstraint(constraint))


def _dress(connection: Connection) -> None:
    for table in _LARGE:
        for index in table.indexes:
            connection.execute(CreateIndex(index))
        for constraint in _droppable(connection, table):
            connection.execute(AddConstraint(constraint))


def _droppable(connection: Connection, table: Table) -> list[Constraint]:
    """Constraints that come off: PostgreSQL's, where checking each row takes longer than all else.

    SQLite's belong to the table for ever.
    """
    if connection.dialect.name == "sqlite":
        return []
    unique = [found for found in table.constraints if isinstance(found, UniqueConstraint)]
    return [*unique, *table.foreign_key_constraints]


@dataclass(frozen=True, slots=True)
class _Event:
    """Rows that each cause one journal entry, and the id and day of that entry."""

    of: Any
    source: str
    entry: Any
    day: Any
    where: tuple[Any, ...]

    def entries(self, kind: EntryKind, now: datetime) -> Executable:
        columns = {
            "id": self.entry,
            "company_id": col(self.of.company_id),
            "customer_id": col(self.of.customer_id),
            "kind": literal(kind.value),
            "source_type": literal(self.source),
            "source_id": col(self.of.id),
            "value_date": self.day,
            "created_at": literal(now, _TABLES["journal_entry"].c.created_at.type),
        }
        return insert(JournalEntryRow).from_select([*columns], self._select(columns))

    def lines(self, account: Any, cents: Any, document: Any = None, *where: Any) -> Executable:
        columns = {
            "company_id": col(self.of.company_id),
            "entry_id": self.entry,
            "customer_id": col(self.of.customer_id),
            "value_date": self.day,
            "account": account,
            "document_id": null() if document is None else document,
            "currency": col(self.of.currency),
            "amount_cents": cents,
        }
        return insert(JournalLineRow).from_select([*columns], self._select(columns, *where))

    def _select(self, columns: dict[str, Any], *where: Any) -> Select[*tuple[Any, ...]]:
        return select(*columns.values()).where(*self.where, *where)


def _ledger(
    company: int, documents: range, payments: range, first: int, now: datetime
) -> Iterator[Executable]:
    """Statements in order; entry ids from `first`: issues, payments, cancellations."""
    document, payment = col(DocumentRow.id), col(PaymentRow.id)
    entry = document - documents.start + first
    ours = (
        col(DocumentRow.company_id) == company,
        document.between(documents.start, documents.stop - 1),
    )
    issued = _Event(DocumentRow, "document", entry, col(DocumentRow.issue_date), ours)
    cancelled = replace(
        issued,
        entry=entry + len(documents) + len(payments),
        where=(*ours, col(DocumentRow.cancelled)),
    )
    paid = _Event(
        PaymentRow,
        "payment",
        payment - payments.start + first + len(documents),
        col(PaymentRow.paid_on),
        (
            col(PaymentRow.company_id) == company,
            payment.between(payments.start, payments.stop - 1),
        ),
    )
    yield _allocations(paid.where)
    yield issued.entries(EntryKind.ISSUE, now)
    yield paid.entries(EntryKind.PAYMENT, now)
    yield cancelled.entries(EntryKind.CANCELLATION, now)

    is_credit = col(DocumentRow.type) == DocumentType.NC.value
    total = col(DocumentRow.total_cents)
    owed = case((is_credit, -total), else_=total)
    kept = case((is_credit, Account.CREDIT_NOTE.value), else_=Account.RECEIVABLE.value)
    yield issued.lines(kept, owed, document)
    yield issued.lines(literal(Account.REVENUE.value), -owed)
    yield cancelled.lines(kept, -owed, document)
    yield cancelled.lines(literal(Account.REVENUE.value), owed)

    principal = col(PaymentItemRow.principal_cents)
    charges = col(PaymentItemRow.fine_cents) + col(PaymentItemRow.interest_cents)
    of_payment = col(PaymentItemRow.payment_id) == payment
    share = col(PaymentItemRow.document_id)
    yield paid.lines(literal(Account.RECEIVABLE.value), -principal, share, of_payment)
    yield paid.lines(literal(Account.LATE_CHARGES.value), -charges, share, of_payment, charges > 0)
    yield paid.lines(literal(Account.CLEARING.value), col(PaymentRow.amount_cents))


def _allocations(payments: tuple[Any, ...]) -> Executable:
    columns = {
        "company_id": col(PaymentItemRow.company_id),
        "payment_id": col(PaymentItemRow.payment_id),
        "document_id": col(PaymentItemRow.document_id),
        "currency": col(PaymentRow.currency),
        "principal_cents": col(PaymentItemRow.principal_cents),
        "fine_cents": col(PaymentItemRow.fine_cents),
        "interest_cents": col(PaymentItemRow.interest_cents),
        "reversed_by": null(),
    }
    of_payment = col(PaymentItemRow.payment_id) == col(PaymentRow.id)
    query = select(*columns.values()).where(*payments, of_payment)
    return insert(AllocationRow).from_select([*columns], query)


def _literal(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else f"'{value}'"
