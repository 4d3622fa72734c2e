"""Sessions of people and of portal links: hashes of what they carry, never the thing itself.

Finding a session by its hash comes before any company is known
(see tests/architecture).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, func, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from portal_app.db.companies import company_of
from portal_app.db.links import Link, link_of
from portal_app.db.models import PortalUserRow, SessionRow
from portal_app.db.users import Member, User, user_of
from portal_app.domain.companies import Company
from portal_app.domain.grants import MemberKind

# Asked before every event, hence made once and of plain columns: loading entities costs
# several times as much as the question itself.
_PARTS: Final = tuple(
    SQLModel.metadata.tables[name]
    for name in ("session", "company", "portal_user", "access_link", "membership")
)
_SESSION, _COMPANY, _USER, _LINK, _MEMBER = _PARTS
_CUSTOMER: Final = SQLModel.metadata.tables["customer"]
_ROLE: Final = SQLModel.metadata.tables["staff_role"]
_FIND: Final = (
    select(
        *(column for table in _PARTS for column in table.c),
        _CUSTOMER.c.name.label("customer_name"),
        _ROLE.c.permissions.label("permissions"),
    )
    .select_from(_SESSION)
    .join(_COMPANY, _COMPANY.c.id == _SESSION.c.company_id)
    .outerjoin(_USER, _USER.c.id == _SESSION.c.user_id)
    .outerjoin(_LINK, _LINK.c.id == _SESSION.c.link_id)
    .outerjoin(
        _MEMBER,
        and_(
            _MEMBER.c.user_id == _SESSION.c.user_id,
            _MEMBER.c.customer_id == _SESSION.c.customer_id,
        ),
    )
    .outerjoin(_ROLE, _ROLE.c.id == _USER.c.staff_role_id)
    .outerjoin(
        _CUSTOMER,
        _CUSTOMER.c.id
        == func.coalesce(_LINK.c.customer_id, _SESSION.c.viewed_id, _SESSION.c.customer_id),
    )
    .where(_SESSION.c.id_hash == bindparam("id_hash"), _SESSION.c.ended_at.is_(None))
)


class Stage(StrEnum):
    """FACTOR: the password was right, a second factor is awaited; only OPEN lets anybody in."""

    OPEN = "open"
    FACTOR = "factor"


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that has not ended, with the user or the link behind it.

    `chosen`: the customer the user chose to act for, `member` what he is to him, None for nothing
    any more; `viewed`: the customer as whom he sees; `customer_name` that
    of the customer it is about.
    """

    id: int
    company: Company
    stage: Stage
    seen_at: datetime
    expires_at: datetime
    user: User | None
    member: Member | None
    chosen: int | None
    viewed: int | None
    link: Link | None
    customer_name: str
    device: str
    address: str


def find(session: Session, id_hash: str) -> LiveSession | None:
    """The session with this hash, unless somebody ended it. Expiry is the caller's to judge."""
    row = session.execute(_FIND, {"id_hash": id_hash}).one_or_none()
    if row is None:
        return None
    found, company, user, link, member = _parts(row)
    return LiveSession(
        id=found.id,
        company=company_of(company),
        stage=Stage(found.stage),
        seen_at=found.seen_at,
        expires_at=found.expires_at,
        user=user_of(user, row.permissions) if user.id else None,
        member=(
            Member(member.customer_id, MemberKind(member.kind), member.ends_on)
            if member.id
            else None
        ),
        chosen=found.customer_id,
        viewed=found.viewed_id,
        link=link_of(link) if link.id else None,
        customer_name=row.customer_name or "",
        device=found.device,
        address=found.address,
    )


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session about to begin, of a user (for a customer) or of a link.

    `device` is what the browser calls itself, in few words; `address` whence it came.
    """

    id_hash: str
    begins: datetime
    expires_at: datetime
    user: int | None = None
    link: int | None = None
    customer: int | None = None
    viewed: int | None = None
    stage: Stage = Stage.OPEN
    device: str = ""
    address: str = ""


def add(session: Session, company: int, new: NewSession) -> None:
    """On PostgreSQL after whoever ends all of its user's at this moment."""
    session.add(
        SessionRow(
            company_id=company,
            id_hash=new.id_hash,
            user_id=new.user,
            link_id=new.link,
            customer_id=new.customer,
            viewed_id=new.viewed,
            stage=new.stage.value,
            device=new.device,
            address=new.address,
            created_at=new.begins,
            seen_at=new.begins,
            expires_at=new.expires_at,
        )
    )
    session.flush()


def touch(session: Session, company: int, id_: int, now: datetime) -> None:
    session.execute(
        update(SessionRow)
        .where(col(SessionRow.company_id) == company, col(SessionRow.id) == id_)
        .values(seen_at=now)
    )


def end(session: Session, company: int, id_hash: str, now: datetime) -> bool:
    """End a session; False if it had ended: whoever puts another in its place must not then."""
    return _end(session, company, now, col(SessionRow.id_hash) == id_hash) == 1


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One of somebody's sessions, as he knows it again."""

    id: int
    device: str
    address: str
    began_at: datetime
    seen_at: datetime


def of_user(
    session: Session, company: int, user: int, now: datetime, seen_after: datetime
) -> list[OwnSession]:
    """Somebody's open sessions that can still be used, the last used first."""
    query = (
        select(SessionRow)
        .where(
            col(SessionRow.company_id) == company,
            col(SessionRow.user_id) == user,
            col(SessionRow.stage) == Stage.OPEN.value,
            col(SessionRow.ended_at).is_(None),
            col(SessionRow.expires_at) > now,
            col(SessionRow.seen_at) >= seen_after,
        )
        .order_by(col(SessionRow.seen_at).desc(), col(SessionRow.id).desc())
    )
    return [
        OwnSession(row.id, row.device, row.address, row.created_at, row.seen_at)
        for row in session.scalars(query)
    ]


def end_one(session: Session, company: int, user: int, id_: int, now: datetime) -> bool:
    """End one of somebody's sessions; False if it is not his, or ended before."""
    return (
        _end(session, company, now, col(SessionRow.user_id) == user, col(SessionRow.id) == id_) == 1
    )


def end_all(
    session: Session, company: int, user: int, now: datetime, *, keep: int | None = None
) -> int:
    """End all of somebody's sessions, but the one to `keep`; how many that were.

    Before anything else of his is changed: what locks less of him first could wait for a sign-in
    that waits for it.
    """
    _keep_others_out(session, company, user)
    others = [] if keep is None else [col(SessionRow.id) != keep]
    return _end(session, company, now, col(SessionRow.user_id) == user, *others)


def end_for_customer(
    session: Session, company: int, user: int, customer: int, now: datetime
) -> None:
    """End the sessions in which a user acts for this customer, and no others of his."""
    _keep_others_out(session, company, user)
    his = col(SessionRow.user_id) == user, col(SessionRow.customer_id) == customer
    _end(session, company, now, *his)


def end_of_link(session: Session, company: int, link: int, now: datetime) -> None:
    """End the sessions a portal link opened."""
    _end(session, company, now, col(SessionRow.link_id) == link)


def forget_before(session: Session, company: int, moment: datetime) -> None:
    session.execute(
        delete(SessionRow).where(
            col(SessionRow.company_id) == company, col(SessionRow.expires_at) < moment
        )
    )


def _keep_others_out(session: Session, company: int, user: int) -> None:
    """Wait for who is opening a session of somebody's; whoever begins to waits for us.

    On PostgreSQL a session refers to its user, and no reference to a locked row is written.
    """
    session.execute(
        select(col(PortalUserRow.id))
        .where(col(PortalUserRow.company_id) == company, col(PortalUserRow.id) == user)
        .with_for_update()
    )


def _end(session: Session, company: int, now: datetime, *which: ColumnElement[bool]) -> int:
    done = session.execute(
        update(SessionRow)
        .where(col(SessionRow.company_id) == company, col(SessionRow.ended_at).is_(None), *which)
        .values(ended_at=now)
    )
    assert isinstance(done, CursorResult)
    return done.rowcount


def _parts(row: Row[Any]) -> Iterator[Any]:
    """The rows of each of _PARTS in one row of them all."""
    values = iter(row)
    for table in _PARTS:
        # As many as the table has columns: `values` goes on with those of the next.
        yield SimpleNamespace(**dict(zip(table.c.keys(), values, strict=False)))
