"""Where one is signed in, which links open one's documents, and how to end each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal_app.db import links as stored
from portal_app.db import sessions
from portal_app.db.engine import transaction
from portal_app.db.links import MadeLink
from portal_app.domain.audit import Action
from portal_app.domain.errors import NotFound
from portal_app.domain.grants import MemberKind, OwnFeature
from portal_app.gateways import clock
from portal_app.services import audit, links
from portal_app.services.actors import IDLE, Actor, require


@dataclass(frozen=True, slots=True)
class Place:
    """Where one is signed in. `is_here`: in the browser that asks."""

    id: int
    device: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_here: bool


def places(actor: Actor) -> tuple[Place, ...]:
    """Where one is signed in, the last used first."""
    require(actor, OwnFeature.SECURITY)
    now = clock.now()
    with transaction(write=False) as session:
        found = sessions.of_user(session, actor.company.id, actor.user, now, now - IDLE)
    return tuple(
        Place(
            each.id,
            each.device,
            each.address,
            clock.local(each.began_at, actor.company.zone),
            clock.local(each.seen_at, actor.company.zone),
            each.id == actor.session,
        )
        for each in found
    )


def end(actor: Actor, place: int) -> None:
    """End one of one's own sessions; NotFound for anybody else's and for one that ended."""
    require(actor, OwnFeature.SECURITY)
    with transaction() as session:
        company, user = actor.company.id, actor.user
        if not sessions.end_one(session, company, user, place, clock.now()):
            raise NotFound(kind="session")
        audit.record(session, actor, Action.SESSION_ENDED, actor.subject, sessions=1)


def end_others(actor: Actor) -> None:
    """End all of one's own sessions but this one."""
    require(actor, OwnFeature.SECURITY)
    with transaction() as session:
        ended = sessions.end_all(
            session, actor.company.id, actor.user, clock.now(), keep=actor.session
        )
        if ended:
            audit.record(session, actor, Action.SESSION_ENDED, actor.subject, sessions=ended)


def list_links(actor: Actor) -> tuple[MadeLink, ...]:
    """The links that still open the customer's documents, the newest first; none for who only reads."""
    require(actor, OwnFeature.SECURITY)
    if not _acts_for_customer(actor):
        return ()
    with transaction(write=False) as session:
        company, customer = actor.company.id, actor.scope.customer
        return tuple(
            stored.of_customer(session, company, customer, links.MOST_SHOWN, open_at=clock.now())
        )


def revoke(actor: Actor, link: int) -> None:
    """Close one of the customer's links for good and end the sessions it opened."""
    require(actor, OwnFeature.SECURITY)
    if not _acts_for_customer(actor):
        raise NotFound(kind="link")
    with transaction() as session:
        customer = actor.scope.customer
        if not links.close(session, actor.company.id, customer, link, actor.subject):
            raise NotFound(kind="link")


def _acts_for_customer(actor: Actor) -> bool:
    return actor.member in {MemberKind.OWNER, MemberKind.MEMBER}
