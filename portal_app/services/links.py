"""Portal links: made for a customer or some documents, opened, revoked, asked for anew."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from portal_app.db import companies, customers, documents, sessions, tasks
from portal_app.db import links as stored
from portal_app.db.engine import Session, transaction
from portal_app.db.links import Link, NewLink
from portal_app.domain.audit import OPERATOR, Action, Deed
from portal_app.domain.errors import LinkInvalid, NotFound
from portal_app.gateways import clock, tokens
from portal_app.services import audit
from portal_app.services.access import UNKNOWN, From, Opened, Whose, open_session
from portal_app.services.actors import hash_of
from portal_app.settings import settings

MOST_SHOWN: Final = 50
_AUDIENCE: Final = "portal-link"


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """Whom a good link would sign in."""

    subject: str
    name: str
    company: str


def create(company: str, customer: str, numbers: Sequence[str] = ()) -> str:
    """Make a signed portal link for a customer's code and return its address.

    It is open for the company's number of days; `numbers` (as printed, such as
    'FT 2026/1841') narrow it to those documents. An operator's command: whoever
    can run it on the server may.
    """
    with transaction() as session:
        owner = companies.by_slug(session, company)
        whose = customers.by_code(session, owner.id, customer)
        scope = documents.ids_by_number(session, owner.id, whose.id, numbers)
        address, link = make(session, owner.id, whose.id, owner.link_days, scope)
        deed = Deed(OPERATOR, Action.LINK_MADE, f"link:{link}", whose.id)
        audit.enter(session, owner.id, deed)
    return address


def make(
    session: Session, company: int, customer: int, days: int, scope: Sequence[int]
) -> tuple[str, int]:
    """A new link's address and id. Whoever asks for it was checked, and enters it in the audit."""
    now = clock.now()
    jti = secrets.token_urlsafe(32)
    expires = now + timedelta(days=days)
    link = stored.add(session, company, NewLink(customer, hash_of(jti), scope, now, expires))
    claims = tokens.Claims(_AUDIENCE, secrets.token_urlsafe(8), jti, now, expires)
    return f"{settings().public_url}/l/{tokens.sign(claims, settings().signing_keys)}", link


def target(token: str) -> LinkTarget:
    """Whom the link would sign in; LinkInvalid if it is altered, expired, revoked or unknown."""
    with transaction(write=False) as session:
        link = _good(session, token)
        customer = customers.by_id(session, link.company, link.customer)
        company = companies.by_id(session, link.company)
    return LinkTarget(f"link:{link.id}", customer.name, company.name)


def open_(token: str, origin: From = UNKNOWN) -> Opened:
    """Exchange a good link for a session of its scope; LinkInvalid for any other."""
    with transaction() as session:
        link = _good(session, token)
        opened = open_session(session, link.company, Whose(link=link.id), origin, link.expires_at)
        about = f"link:{link.id}"
        deed = Deed(about, Action.LINK_OPENED, about, link.customer)
        audit.enter(session, link.company, deed)
    return opened


def revoke(company: str, token: str) -> None:
    """Close a link for good and end the sessions it opened; LinkInvalid if it is not the company's."""
    jti = tokens.read(token, _AUDIENCE, settings().signing_keys, expired=True)
    with transaction() as session:
        owner = companies.by_slug(session, company)
        link = stored.find(session, hash_of(jti))
        if link is None or link.company != owner.id:
            raise LinkInvalid
        close(session, owner.id, link.customer, link.id, OPERATOR)


def close(session: Session, company: int, customer: int, link: int, subject: str) -> bool:
    """Close a customer's link with the sessions it opened; NotFound for anybody else's.

    Whoever asks for it was checked. False if it was closed before, when nothing is entered.
    """
    now = clock.now()
    was_open = stored.revoke(session, company, customer, link, now)
    if was_open is None:
        raise NotFound(kind="link")
    if was_open:
        sessions.end_of_link(session, company, link, now)
        deed = Deed(subject, Action.LINK_REVOKED, f"link:{link}", customer)
        audit.enter(session, company, deed)
    return was_open


def ask_for_new(token: str) -> None:
    """Tell staff that the holder of an old link wants a new one. Says nothing, whatever the token."""
    try:
        jti = tokens.read(token, _AUDIENCE, settings().signing_keys, expired=True)
    except LinkInvalid:
        return
    with transaction() as session:
        link = stored.find(session, hash_of(jti))
        if link is not None and link.revoked_at is None:
            subject = f"customer:{link.customer}"
            tasks.put(session, link.company, "link_requested", subject, clock.now())


def _good(session: Session, token: str) -> Link:
    jti = tokens.read(token, _AUDIENCE, settings().signing_keys)
    link = stored.find(session, hash_of(jti))
    if link is None or link.revoked_at is not None or link.expires_at <= clock.now():
        raise LinkInvalid
    return link
