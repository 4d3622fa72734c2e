"""People's sessions and portal links: hashes of what they carry, never the thing itself.

Finding a session by its hash and opening a link come before any company is known
(see tests/architecture).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, delete, func, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from portal_app.db.companies import company_of
from portal_app.db.models import AccessLinkRow, SessionRow
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
class Link:
    """A portal link. `documents` empty: all of the customer's."""

    id: int
    company: int
    customer: int
    documents: tuple[int, ...]
    expires_at: datetime
    revoked_at: datetime | None


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
        link=_link(link) if link.id else None,
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


def touch(session: Session, company: int, id_: int, now: datetime) -> None:
    session.execute(
        update(SessionRow)
        .where(col(SessionRow.company_id) == company, col(SessionRow.id) == id_)
        .values(seen_at=now)
    )


def end(session: Session, company: int, id_hash: str, now: datetime) -> None:
    session.execute(
        update(SessionRow)
        .where(col(SessionRow.company_id) == company, col(SessionRow.id_hash) == id_hash)
        .values(ended_at=now)
    )


def end_others(
    session: Session, company: int, user: int, keep_hash: str | None, now: datetime
) -> None:
    """End all sessions of a user but one (all, if None)."""
    session.execute(
        update(SessionRow)
        .where(
            col(SessionRow.company_id) == company,
            col(SessionRow.user_id) == user,
            col(SessionRow.id_hash) != (keep_hash or ""),
            col(SessionRow.ended_at).is_(None),
        )
        .values(ended_at=now)
    )


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
    done = session.execute(
        update(SessionRow)
        .where(
            col(SessionRow.company_id) == company,
            col(SessionRow.user_id) == user,
            col(SessionRow.id) == id_,
            col(SessionRow.ended_at).is_(None),
        )
        .values(ended_at=now)
    )
    assert isinstance(done, CursorResult)
    return done.rowcount == 1


def end_all_but(session: Session, company: int, user: int, keep: int, now: datetime) -> int:
    """End all of somebody's sessions but one; how many that were."""
    done = session.execute(
        update(SessionRow)
        .where(
            col(SessionRow.company_id) == company,
            col(SessionRow.user_id) == user,
            col(SessionRow.id) != keep,
            col(SessionRow.ended_at).is_(None),
        )
        .values(ended_at=now)
    )
    assert isinstance(done, CursorResult)
    return done.rowcount


def end_for_customer(
    session: Session, company: int, user: int, customer: int, now: datetime
) -> None:
    """End the sessions in which a user acts for this customer, and no others of his."""
    session.execute(
        update(SessionRow)
        .where(
            col(SessionRow.company_id) == company,
            col(SessionRow.user_id) == user,
            col(SessionRow.customer_id) == customer,
            col(SessionRow.ended_at).is_(None),
        )
        .values(ended_at=now)
    )


def forget_before(session: Session, company: int, moment: datetime) -> None:
    session.execute(
        delete(SessionRow).where(
            col(SessionRow.company_id) == company, col(SessionRow.expires_at) < moment
        )
    )


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link about to be given out; `documents` empty: all of the customer's."""

    customer: int
    jti_hash: str
    documents: Sequence[int]
    created_at: datetime
    expires_at: datetime


def add_link(session: Session, company: int, new: NewLink) -> int:
    row = AccessLinkRow(
        company_id=company,
        customer_id=new.customer,
        jti_hash=new.jti_hash,
        documents=list(new.documents),
        created_at=new.created_at,
        expires_at=new.expires_at,
    )
    session.add(row)
    session.flush()
    return row.id


def find_link(session: Session, jti_hash: str) -> Link | None:
    row = session.scalars(
        select(AccessLinkRow).where(col(AccessLinkRow.jti_hash) == jti_hash)
    ).one_or_none()
    return _link(row) if row else None


def revoke_link(session: Session, company: int, jti_hash: str, now: datetime) -> bool:
    """Revoke the link and end the sessions it opened. False if there is no such link."""
    row = session.scalars(
        select(AccessLinkRow).where(
            col(AccessLinkRow.company_id) == company, col(AccessLinkRow.jti_hash) == jti_hash
        )
    ).one_or_none()
    if row is None:
        return False
    row.revoked_at = row.revoked_at or now
    session.execute(
        update(SessionRow)
        .where(
            col(SessionRow.company_id) == company,
            col(SessionRow.link_id) == row.id,
            col(SessionRow.ended_at).is_(None),
        )
        .values(ended_at=now)
    )
    return True


@dataclass(frozen=True, slots=True)
class OwnLink:
    """A link to a customer's documents; `documents`: to how many, 0 for all of them."""

    id: int
    documents: int
    created_at: datetime
    expires_at: datetime


def links_of(session: Session, company: int, customer: int, now: datetime) -> list[OwnLink]:
    """The links to a customer's documents that still open, the newest first."""
    query = (
        select(AccessLinkRow)
        .where(
            col(AccessLinkRow.company_id) == company,
            col(AccessLinkRow.customer_id) == customer,
            col(AccessLinkRow.revoked_at).is_(None),
            col(AccessLinkRow.expires_at) > now,
        )
        .order_by(col(AccessLinkRow.id).desc())
    )
    return [
        OwnLink(row.id, len(row.documents), row.created_at, row.expires_at)
        for row in session.scalars(query)
    ]


def revoke_of(session: Session, company: int, customer: int, link: int, now: datetime) -> bool:
    """Revoke one of a customer's links; False if it is not his, or was revoked before."""
    jti_hash = session.scalars(
        select(col(AccessLinkRow.jti_hash)).where(
            col(AccessLinkRow.company_id) == company,
            col(AccessLinkRow.customer_id) == customer,
            col(AccessLinkRow.id) == link,
            col(AccessLinkRow.revoked_at).is_(None),
        )
    ).one_or_none()
    return jti_hash is not None and revoke_link(session, company, jti_hash, now)


def _link(row: AccessLinkRow) -> Link:
    return Link(
        id=row.id,
        company=row.company_id,
        customer=row.customer_id,
        documents=tuple(row.documents),
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _parts(row: Row[Any]) -> Iterator[Any]:
    """The rows of each of _PARTS in one row of them all."""
    values = iter(row)
    for table in _PARTS:
        yield SimpleNamespace(**dict(zip(table.c.keys(), values)))  # noqa: B905  `values` goes on
