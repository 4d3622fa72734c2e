"""Who is asking: sign in and out, portal links, the Actor, and `require`."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from portal_app.db import companies, customers, documents, grants, sessions, tasks, users
from portal_app.db.documents import Scope
from portal_app.db.engine import Session, transaction
from portal_app.db.sessions import LiveSession, NewLink, NewSession
from portal_app.db.users import User
from portal_app.domain.companies import Company
from portal_app.domain.errors import (
    AssuranceTooLow,
    FieldTooLong,
    InvalidField,
    LinkInvalid,
    NotFound,
    NotGranted,
    NotSignedIn,
    SignInDelayed,
    SignInFailed,
)
from portal_app.domain.grants import (
    NEEDS_PASSWORD,
    AnyFeature,
    Assurance,
    Feature,
    Role,
    effective,
)
from portal_app.gateways import clock, passwords, tokens
from portal_app.settings import settings

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
FREE_FAILURES: Final = 5
SHORTEST_PASSWORD: Final = passwords.SHORTEST
_FIRST_DELAY: Final = timedelta(seconds=15)
_LONGEST_DELAY: Final = timedelta(minutes=15)
_LINK_AUDIENCE: Final = "portal-link"
# A session's last use is written down at most this often: not every event needs a write.
_TOUCH_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking, for which company and customer, and what they may do.

    `subject` names the user or link ('user:12', 'link:7'); `documents` is the scope
    of a link made for some documents only, None for all of the customer's.
    """

    company: Company
    role: Role
    assurance: Assurance
    features: frozenset[AnyFeature]
    subject: str
    name: str
    login: str
    locale: str
    customer: int | None = None
    documents: frozenset[int] | None = None

    @property
    def scope(self) -> Scope:
        """Whose documents this actor sees; NotFound for somebody without a customer."""
        if self.customer is None:
            raise NotFound(kind="customer")
        return Scope(self.customer, self.documents)

    @property
    def today(self) -> date:
        return clock.today(self.company.zone)

    def may(self, feature: AnyFeature) -> bool:
        return feature in self.features


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: what goes into the cookie, and how long it can last at most."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """Whom a good link would sign in."""

    subject: str
    name: str
    company: str


@dataclass(frozen=True, slots=True)
class Account:
    """What the account page shows."""

    name: str
    login: str
    customer: str
    code: str
    tax_id: str
    email: str
    contracts: tuple[str, ...]


def session_cookie() -> str:
    """Name of the session's cookie: under https one that no other host or path can set."""
    return "__Host-portal_session" if is_secure() else "portal_session"


def is_secure() -> bool:
    """Whether people reach the portal by https."""
    return settings().public_url.startswith("https://")


def require(actor: Actor, feature: AnyFeature) -> None:
    """Raise NotGranted unless the company opened this feature to the actor."""
    if actor.may(feature):
        return
    if actor.assurance is Assurance.LINK and feature in NEEDS_PASSWORD:
        raise AssuranceTooLow
    raise NotGranted(feature=feature.value)


def sign_in(login: str, password: str, address: str) -> Opened:
    """Open a session for a login and password coming from a network address.

    One answer, after the same work, for a wrong password, an unknown login and a
    disabled user. After FREE_FAILURES each failure doubles the wait, up to 15
    minutes. Slow on purpose: call it off the event loop.

    An attempt counts as a failure before its password is looked at, so that those
    sent at one moment wait for each other's count; a right password forgives it.
    """
    login = login.strip().lower()
    key = hash_of(f"{login}|{address}")
    with transaction(write=False) as session:
        # Asked first without the write lock, which whoever must wait should not take.
        _ensure_not_delayed(users.blocked_until(session, key), clock.now())
        user = users.by_login(session, login)
    _count_attempt(key)
    right = passwords.matches(user.password_hash if user else None, password)
    if not right or user is None or not user.active:
        raise SignInFailed
    with transaction() as session:
        users.forgive(session, key)
        return _open(session, user.company, user=user.id)


def sign_out(token: str) -> None:
    """End the session; its live sockets are refused at their next event. Idempotent."""
    id_hash = hash_of(token)
    with transaction() as session:
        live = sessions.find(session, id_hash)
        if live is not None:
            sessions.end(session, live.company.id, id_hash, clock.now())


def actor_of(token: str) -> Actor | None:
    """Who this session belongs to; None if it ended, expired or never was."""
    if not token:
        return None
    id_hash = hash_of(token)
    now = clock.now()
    with transaction(write=False) as session:
        live = sessions.find(session, id_hash)
        if live is None or not _is_alive(live, now):
            return None
        actor = _actor(session, live)
    if now - live.seen_at > _TOUCH_EVERY:
        with transaction() as session:
            sessions.touch(session, live.company.id, live.id, now)
    return actor


def change_password(actor: Actor, present: str, wanted: str, keep: str) -> None:
    """Change one's own password; all sessions of the user but `keep` (a token) end."""
    require(actor, Feature.CHANGE_PASSWORD)
    if len(wanted) < passwords.SHORTEST:
        raise InvalidField(field="password", shortest=passwords.SHORTEST)
    if len(wanted) > passwords.LONGEST:
        raise FieldTooLong(field="password", longest=passwords.LONGEST)
    with transaction(write=False) as session:
        user = users.by_id(session, actor.company.id, _user_id(actor))
    if not passwords.matches(user.password_hash if user else None, present):
        raise SignInFailed
    new_hash = passwords.hash_password(wanted)
    with transaction() as session:
        users.set_password(session, actor.company.id, _user_id(actor), new_hash)
        sessions.end_others(session, actor.company.id, _user_id(actor), hash_of(keep), clock.now())


def set_locale(actor: Actor, locale: str) -> None:
    """Keep the language a user chose; a link session has nowhere to keep it."""
    if actor.assurance is Assurance.PASSWORD:
        with transaction() as session:
            users.set_locale(session, actor.company.id, _user_id(actor), locale)


def account(actor: Actor) -> Account:
    require(actor, Feature.ACCOUNT)
    with transaction(write=False) as session:
        customer = customers.by_id(session, actor.company.id, actor.scope.customer)
    return Account(
        name=actor.name,
        login=actor.login,
        customer=customer.name,
        code=customer.code,
        tax_id=customer.tax_id,
        email=customer.email,
        contracts=customer.contracts,
    )


def create_link(company: str, customer: str, numbers: Sequence[str] = ()) -> str:
    """Make a signed portal link for a customer's code and return its address.

    It is open for the company's number of days; `numbers` (as printed, such as
    'FT 2026/1841') narrow it to those documents. An operator's command: whoever
    can run it on the server may.
    """
    now = clock.now()
    jti = secrets.token_urlsafe(32)
    with transaction() as session:
        owner = companies.by_slug(session, company)
        whose = customers.by_code(session, owner.id, customer)
        scope = documents.ids_by_number(session, owner.id, whose.id, numbers)
        expires = now + timedelta(days=owner.link_days)
        new = NewLink(whose.id, hash_of(jti), scope, now, expires)
        sessions.add_link(session, owner.id, new)
    claims = tokens.Claims(_LINK_AUDIENCE, secrets.token_urlsafe(8), jti, now, expires)
    return f"{settings().public_url}/l/{tokens.sign(claims, _keys())}"


def link_target(token: str) -> LinkTarget:
    """Whom the link would sign in; LinkInvalid if it is altered, expired, revoked or unknown."""
    with transaction(write=False) as session:
        link = _good_link(session, token)
        customer = customers.by_id(session, link.company, link.customer)
        company = companies.by_id(session, link.company)
    return LinkTarget(f"link:{link.id}", customer.name, company.name)


def open_link(token: str) -> Opened:
    """Exchange a good link for a session of its scope; LinkInvalid for any other."""
    with transaction() as session:
        link = _good_link(session, token)
        return _open(session, link.company, link=link.id, until=link.expires_at)


def revoke_link(company: str, token: str) -> None:
    """Close a link for good and end the sessions it opened; LinkInvalid if it is not the company's."""
    jti = tokens.read(token, _LINK_AUDIENCE, _keys(), expired=True)
    with transaction() as session:
        owner = companies.by_slug(session, company)
        if not sessions.revoke_link(session, owner.id, hash_of(jti), clock.now()):
            raise LinkInvalid


def ask_for_new_link(token: str) -> None:
    """Tell staff that the holder of an old link wants a new one. Says nothing, whatever the token."""
    try:
        jti = tokens.read(token, _LINK_AUDIENCE, _keys(), expired=True)
    except LinkInvalid:
        return
    with transaction() as session:
        link = sessions.find_link(session, hash_of(jti))
        if link is not None and link.revoked_at is None:
            subject = f"customer:{link.customer}"
            tasks.put(session, link.company, "link_requested", subject, clock.now())


def forget_expired(company: int) -> None:
    """Delete sessions and sign-in failures that no longer mean anything."""
    day_ago = clock.now() - timedelta(days=1)
    with transaction() as session:
        sessions.forget_before(session, company, day_ago)
        users.forget_before(session, day_ago)


def _actor(session: Session, live: LiveSession) -> Actor:
    company = live.company
    if live.user is not None:
        return _user_actor(session, company, live.user)
    assert live.link is not None, "a session belongs to a user or a link"
    scope = frozenset(live.link.documents) or None
    defaults, own = grants.of(session, company.id, live.link.customer)
    return Actor(
        company=company,
        role=Role.CUSTOMER,
        assurance=Assurance.LINK,
        features=effective(Role.CUSTOMER, Assurance.LINK, defaults, own, scoped=scope is not None),
        subject=f"link:{live.link.id}",
        name=live.customer_name,
        login="",
        locale=company.locale,
        customer=live.link.customer,
        documents=scope,
    )


def _user_actor(session: Session, company: Company, user: User) -> Actor:
    defaults, own = grants.of(session, company.id, user.customer)
    return Actor(
        company=company,
        role=user.role,
        assurance=Assurance.PASSWORD,
        features=effective(user.role, Assurance.PASSWORD, defaults, own),
        subject=f"user:{user.id}",
        name=user.name,
        login=user.login,
        locale=user.locale or company.locale,
        customer=user.customer,
    )


def _is_alive(live: LiveSession, now: datetime) -> bool:
    if now >= live.expires_at or now - live.seen_at > IDLE:
        return False
    if live.user is not None:
        return live.user.active
    return live.link is not None and live.link.revoked_at is None


def _open(
    session: Session,
    company: int,
    *,
    user: int | None = None,
    link: int | None = None,
    until: datetime | None = None,
) -> Opened:
    now = clock.now()
    token = secrets.token_urlsafe(32)
    expires = min(now + LONGEST, until or now + LONGEST)
    new = NewSession(hash_of(token), now, expires, user, link)
    sessions.add(session, company, new)
    return Opened(token, expires)


def _good_link(session: Session, token: str) -> sessions.Link:
    jti = tokens.read(token, _LINK_AUDIENCE, _keys())
    link = sessions.find_link(session, hash_of(jti))
    if link is None or link.revoked_at is not None or link.expires_at <= clock.now():
        raise LinkInvalid
    return link


def _ensure_not_delayed(until: datetime | None, now: datetime) -> None:
    if until is not None and until > now:
        wait = (until - now).total_seconds()
        raise SignInDelayed(seconds=max(1, round(wait)))


def _count_attempt(key: str) -> None:
    """Note a failure, which a right password takes back; SignInDelayed while a wait lasts."""
    with transaction() as session:
        now = clock.now()
        before, until = users.failures(session, key, now)
        _ensure_not_delayed(until, now)
        failures = before + 1
        over = failures - FREE_FAILURES
        delay = min(_FIRST_DELAY * 2**over, _LONGEST_DELAY) if 0 <= over < 20 else _LONGEST_DELAY
        users.fail(session, key, now, failures, now + delay if over >= 0 else None)


def _user_id(actor: Actor) -> int:
    kind, _, id_ = actor.subject.partition(":")
    if kind != "user":
        raise NotSignedIn
    return int(id_)


def _keys() -> list[str]:
    """The signing keys: the first signs, all of them are accepted (rotation: 'new,old')."""
    return settings().secret_key.get_secret_value().split(",")


def hash_of(secret: str) -> str:
    """What is kept of a secret that is looked up by itself."""
    return hashlib.sha256(secret.encode()).hexdigest()
