"""What is said to banks by file, and the files that went out and came in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import BankAccountRow, BankFileRow, BankInstructionRow
from portal_app.domain.boleto.remessa import Movement
from portal_app.domain.errors import NotFound

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
REMESSA: Final = "remessa"
RETORNO: Final = "retorno"
_MOST_IDS: Final = 500


@dataclass(frozen=True, slots=True)
class Queued:
    """Something to say about a boleto; `due` where its due date is to be moved."""

    id: int
    boleto: int
    movement: Movement
    due: date | None


@dataclass(frozen=True, slots=True)
class RemessaFile:
    """A remessa that was made. Its content follows from its instructions and this."""

    id: int
    account: int
    sequence: int
    made_at: datetime
    sha256: str


def instruct(
    session: Session,
    company: int,
    account: int,
    new: Queued,
    key: str,
    now: datetime,
) -> bool:
    """Say this with the account's next file, once for a boleto and key. True if it was new."""
    insert = _INSERT[session.get_bind().dialect.name]
    statement = (
        insert(BankInstructionRow)
        .values(
            company_id=company,
            bank_account_id=account,
            boleto_id=new.boleto,
            key=key,
            movement=new.movement.value,
            due_date=new.due,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["boleto_id", "key"])
        .returning(col(BankInstructionRow.id))
    )
    return session.execute(statement).first() is not None


def take_back(session: Session, company: int, boleto: int) -> bool:
    """Leave out what was not said yet of a boleto. False if its entry has gone out already."""
    ours = (
        col(BankInstructionRow.company_id) == company,
        col(BankInstructionRow.boleto_id) == boleto,
    )
    # Locked first: whoever is writing them into a file now is waited for.
    files = session.scalars(
        select(col(BankInstructionRow.file_id)).where(*ours).with_for_update()
    ).all()
    if any(file is not None for file in files):
        return False
    session.execute(delete(BankInstructionRow).where(*ours))
    return True


def accounts_waiting(session: Session, company: int) -> list[int]:
    """Accounts with something to say."""
    query = (
        select(col(BankInstructionRow.bank_account_id))
        .where(
            col(BankInstructionRow.company_id) == company,
            col(BankInstructionRow.file_id).is_(None),
        )
        .distinct()
    )
    return sorted(session.scalars(query))


def next_file(session: Session, company: int, account: int) -> int:
    """Take the account's next file number. The row stays locked until the transaction ends."""
    row = session.scalars(
        select(BankAccountRow)
        .where(col(BankAccountRow.company_id) == company, col(BankAccountRow.id) == account)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    taken = row.next_file
    row.next_file = taken + 1
    session.flush()
    return taken


def waiting(session: Session, company: int, account: int) -> list[Queued]:
    """What the account has to say, in the order it came up, locked."""
    query = (
        select(BankInstructionRow)
        .where(
            col(BankInstructionRow.company_id) == company,
            col(BankInstructionRow.bank_account_id) == account,
            col(BankInstructionRow.file_id).is_(None),
        )
        .order_by(col(BankInstructionRow.id))
        .with_for_update()
    )
    return [_queued(row) for row in session.scalars(query)]


def said_in(session: Session, company: int, file: int) -> list[Queued]:
    """What a remessa says, in its order."""
    query = (
        select(BankInstructionRow)
        .where(
            col(BankInstructionRow.company_id) == company, col(BankInstructionRow.file_id) == file
        )
        .order_by(col(BankInstructionRow.id))
    )
    return [_queued(row) for row in session.scalars(query)]


@dataclass(frozen=True, slots=True)
class NewFile:
    direction: str
    account: int | None
    sequence: int
    sha256: str
    made_at: datetime
    records: int


def add(session: Session, company: int, new: NewFile) -> int:
    """The file's id."""
    row = BankFileRow(
        company_id=company,
        bank_account_id=new.account,
        direction=new.direction,
        sequence=new.sequence,
        sha256=new.sha256,
        made_at=new.made_at,
        records=new.records,
    )
    session.add(row)
    session.flush()
    return row.id


def count(session: Session, company: int, file: int, records: int) -> None:
    """How many titles a file turned out to speak of."""
    session.execute(
        update(BankFileRow)
        .where(col(BankFileRow.company_id) == company, col(BankFileRow.id) == file)
        .values(records=records)
    )


def known(session: Session, company: int, direction: str, sha256: str) -> int | None:
    """The file with this very content, if it went through before."""
    query = select(col(BankFileRow.id)).where(
        col(BankFileRow.company_id) == company,
        col(BankFileRow.direction) == direction,
        col(BankFileRow.sha256) == sha256,
    )
    return session.scalars(query).one_or_none()


def put_in(session: Session, company: int, ids: Sequence[int], file: int) -> None:
    """These instructions go out with this file."""
    for some in _parts(ids):
        session.execute(
            update(BankInstructionRow)
            .where(
                col(BankInstructionRow.company_id) == company, col(BankInstructionRow.id).in_(some)
            )
            .values(file_id=file)
        )


def leave_out(session: Session, company: int, ids: Sequence[int]) -> None:
    """These will not be said any more."""
    for some in _parts(ids):
        session.execute(
            delete(BankInstructionRow).where(
                col(BankInstructionRow.company_id) == company, col(BankInstructionRow.id).in_(some)
            )
        )


def remessa(session: Session, company: int, account: int, sequence: int) -> RemessaFile:
    """The account's remessa of this number; NotFound if there is none."""
    row = session.scalars(
        select(BankFileRow).where(
            col(BankFileRow.company_id) == company,
            col(BankFileRow.bank_account_id) == account,
            col(BankFileRow.direction) == REMESSA,
            col(BankFileRow.sequence) == sequence,
        )
    ).one_or_none()
    if row is None:
        raise NotFound(kind="remessa")
    return RemessaFile(row.id, account, row.sequence, row.made_at, row.sha256)


def _queued(row: BankInstructionRow) -> Queued:
    return Queued(row.id, row.boleto_id, Movement(row.movement), row.due_date)


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Both databases limit what one statement names."""
    for start in range(0, len(ids), _MOST_IDS):
        yield ids[start : start + _MOST_IDS]
