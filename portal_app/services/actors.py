"""Who is asking: the session behind a token, the Actor, and `require`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from portal_app.db import factors, grants, sessions
from portal_app.db.documents import Scope
from portal_app.db.engine import Session, transaction
from portal_app.db.sessions import LiveSession, Stage
from portal_app.db.users import Member, User
from portal_app.domain.companies import Company
from portal_app.domain.errors import AssuranceTooLow, NotFound, NotGranted, NotSignedIn
from portal_app.domain.grants import (
    NEEDS_PASSWORD,
    AnyFeature,
    Assurance,
    MemberKind,
    OwnFeature,
    Role,
    StaffFeature,
    is_member,
    of_customer,
    of_staff,
)
from portal_app.gateways import clock
from portal_app.settings import settings

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
# A session's last use is written down at most this often: not every event needs a write.
_TOUCH_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking, for which company and customer, and what they may do.

    `subject` names the user or link ('user:12', 'link:7'); `customer` is whom they act for, None
    for the company's own people and for a user of several customers who has not chosen yet;
    `documents` is the scope of a link made for some documents only, None for all of the
    customer's. `viewing`: one of the company's own people sees as the customer sees. `member`:
    what a user is to his customer. `must_enrol`: nothing opens to a manager without a second factor.
    """

    company: Company
    role: Role
    assurance: Assurance
    features: frozenset[AnyFeature]
    subject: str
    session: int
    name: str
    login: str
    locale: str
    customer: int | None = None
    customer_name: str = ""
    documents: frozenset[int] | None = None
    viewing: bool = False
    member: MemberKind | None = None
    must_enrol: bool = False

    @property
    def scope(self) -> Scope:
        """Whose documents this actor sees; NotFound for somebody without a customer."""
        if self.customer is None:
            raise NotFound(kind="customer")
        return Scope(self.customer, self.documents)

    @property
    def today(self) -> date:
        return clock.today(self.company.zone)

    @property
    def user(self) -> int:
        """The id of the user; NotSignedIn for a link, which is nobody in particular."""
        kind, _, id_ = self.subject.partition(":")
        if kind != "user":
            raise NotSignedIn
        return int(id_)

    @property
    def identity(self) -> str:
        """Changes whenever what one may see changes hands: the person, or whom he acts for."""
        return f"{self.subject} {self.customer or ''}{' viewing' if self.viewing else ''}"

    def may(self, feature: AnyFeature) -> bool:
        return feature in self.features


def require(actor: Actor, feature: AnyFeature) -> None:
    """Raise NotGranted unless the company opened this feature to the actor."""
    if actor.may(feature):
        return
    if actor.assurance is Assurance.LINK and feature in NEEDS_PASSWORD:
        raise AssuranceTooLow
    raise NotGranted(feature=feature.value)


def actor_of(token: str) -> Actor | None:
    """Who this session belongs to; None if it ended, expired, is not open yet or never was."""
    if not token:
        return None
    id_hash = hash_of(token)
    now = clock.now()
    with transaction(write=False) as session:
        live = sessions.find(session, id_hash)
        if live is None or live.stage is not Stage.OPEN or not is_alive(live, now):
            return None
        actor = _actor(session, live)
    if actor is not None and now - live.seen_at > _TOUCH_EVERY:
        with transaction() as session:
            sessions.touch(session, live.company.id, live.id, now)
    return actor


def is_alive(live: LiveSession, now: datetime) -> bool:
    """Whether a session may still be used, whatever its stage."""
    if now >= live.expires_at or now - live.seen_at > IDLE:
        return False
    if live.user is not None:
        return live.user.active
    return live.link is not None and live.link.revoked_at is None


def hash_of(secret: str) -> str:
    """What is kept of a secret that is looked up by itself."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _actor(session: Session, live: LiveSession) -> Actor | None:
    if live.link is not None:
        return _of_link(session, live, live.link)
    assert live.user is not None, "a session belongs to a user or a link"
    if live.user.role is not Role.CUSTOMER:
        return _of_staff(session, live, live.user)
    return _of_user(session, live, live.user)


def _of_link(session: Session, live: LiveSession, link: sessions.Link) -> Actor:
    scope = frozenset(link.documents) or None
    layers = grants.of(session, live.company.id, link.customer)
    return Actor(
        company=live.company,
        role=Role.CUSTOMER,
        assurance=Assurance.LINK,
        features=of_customer(layers, Assurance.LINK, scoped=scope is not None),
        subject=f"link:{link.id}",
        session=live.id,
        name=live.customer_name,
        login="",
        locale=live.company.locale,
        customer=link.customer,
        customer_name=live.customer_name,
        documents=scope,
    )


def _of_user(session: Session, live: LiveSession, user: User) -> Actor | None:
    """None once he is nothing to the customer any more; with no customer chosen, his own things."""
    person = _person(live, user)
    member = live.member
    if member is None:
        return person if live.chosen is None else None
    if not valid(member, live.company):
        return None
    layers = grants.of(session, live.company.id, member.customer, user.id)
    features = of_customer(layers, Assurance.PASSWORD, kind=member.kind)
    return replace(
        person,
        features=features,
        customer=member.customer,
        customer_name=live.customer_name,
        member=member.kind,
    )


def _of_staff(session: Session, live: LiveSession, user: User) -> Actor | None:
    person = _person(live, user)
    if _must_enrol(session, live.company, user):
        return replace(person, must_enrol=True)
    features = of_staff(user.role, user.permissions)
    if live.viewed is None:
        return replace(person, features=features)
    if StaffFeature.VIEW_AS not in features:
        return None
    layers = grants.of(session, live.company.id, live.viewed)
    seen = of_customer(layers, Assurance.PASSWORD, kind=MemberKind.OWNER, reads_only=True)
    return replace(
        person,
        role=Role.CUSTOMER,
        features=seen,
        customer=live.viewed,
        customer_name=live.customer_name,
        viewing=True,
    )


def _must_enrol(session: Session, company: Company, user: User) -> bool:
    """Whether a manager has to get a second factor before he may anything but that."""
    if user.role is not Role.MANAGER:
        return False
    required = company.second_factor.is_required(production=settings().is_production)
    return required and not factors.has_any(session, company.id, user.id)


def _person(live: LiveSession, user: User) -> Actor:
    return Actor(
        company=live.company,
        role=user.role,
        assurance=Assurance.PASSWORD,
        features=frozenset(OwnFeature),
        subject=f"user:{user.id}",
        session=live.id,
        name=user.name,
        login=user.login,
        locale=user.locale or live.company.locale,
    )


def valid(member: Member, company: Company) -> bool:
    """Whether a user still is what he was made to a customer, by the company's today."""
    return is_member(member.ends, clock.today(company.zone))
