"""People come and go: sign in and out, choose whom to act for, see as a customer sees."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from portal_app.db import companies, customers, factors, passkeys, sessions, users
from portal_app.db.engine import Session, transaction
from portal_app.db.sessions import NewSession, Stage
from portal_app.db.users import User
from portal_app.domain.audit import Action, Deed
from portal_app.domain.errors import NotFound, SignInDelayed, SignInFailed
from portal_app.domain.grants import Role, StaffFeature
from portal_app.gateways import clock, passwords
from portal_app.services import audit, devices
from portal_app.services.actors import LONGEST, Actor, hash_of, require, valid
from portal_app.settings import settings

SESSION_COOKIE: Final = "portal_session"
DEVICE_COOKIE: Final = "portal_device"
FREE_FAILURES: Final = 5
FACTOR_WITHIN: Final = timedelta(minutes=10)
_FIRST_DELAY: Final = timedelta(seconds=15)
_LONGEST_DELAY: Final = timedelta(minutes=15)
_LONGEST_DEVICE: Final = 80


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: what goes into the cookie, and how long it can last at most.

    `device` goes into the cookie by which the browser is known again, '' where it is not;
    `awaits_factor`: it opens nothing until a second factor was proved.
    """

    token: str
    expires_at: datetime
    device: str = ""
    awaits_factor: bool = False


@dataclass(frozen=True, slots=True)
class From:
    """Whence somebody asks: the network address, what the browser calls itself, and its cookie."""

    address: str = ""
    device: str = ""
    cookie: str = ""


UNKNOWN: Final = From()


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose a session is: a user's, acting for a customer or seeing as one, or a link's."""

    user: int | None = None
    link: int | None = None
    customer: int | None = None
    viewed: int | None = None
    stage: Stage = Stage.OPEN


def session_cookie() -> str:
    return cookie_name(SESSION_COOKIE)


def device_cookie() -> str:
    """Name of the cookie by which a browser is known again."""
    return cookie_name(DEVICE_COOKIE)


def cookie_name(name: str) -> str:
    """A cookie's name as browsers know it: under https one that no other host or path can set.

    Only with `secure`, the path '/' and no domain do they take it, also to delete it.
    """
    return f"__Host-{name}" if is_secure() else name


def is_secure() -> bool:
    """Whether people reach the portal by https."""
    return settings().public_url.startswith("https://")


def sign_in(login: str, password: str, origin: From) -> Opened:
    """Open a session for a login and password coming from a network address.

    One answer, after the same work, for a wrong password, an unknown login and a
    disabled user. After FREE_FAILURES each failure doubles the wait, up to 15
    minutes. Slow on purpose: call it off the event loop.

    An attempt counts as a failure before its password is looked at, so that those
    sent at one moment wait for each other's count; a right password forgives it.
    """
    login = login.strip().lower()
    key = hash_of(f"{login}|{origin.address}")
    with transaction(write=False) as session:
        # Asked first without the write lock, which whoever must wait should not take.
        _ensure_not_delayed(users.blocked_until(session, key), clock.now())
        user = users.by_login(session, login)
    count_attempt(key)
    right = passwords.matches(user.password_hash if user else None, password)
    if not right or user is None or not user.active:
        raise SignInFailed
    with transaction() as session:
        users.forgive(session, key)
        return admit(session, user, origin)


def admit(session: Session, user: User, origin: From) -> Opened:
    """A session for somebody who has proved one factor: it awaits the second, if he has one."""
    if not factors.has_any(session, user.company, user.id):
        return open_for(session, user, origin)
    whose = Whose(user=user.id, stage=Stage.FACTOR)
    until = clock.now() + FACTOR_WITHIN
    opened = open_session(session, user.company, whose, origin, until)
    return replace(opened, awaits_factor=True)


def open_for(session: Session, user: User, origin: From) -> Opened:
    """A session for somebody who has proved who he is; SignInFailed if he is nobody's any more."""
    customer = _whom(session, user)
    opened = open_session(session, user.company, Whose(user=user.id, customer=customer), origin)
    # Before it is written down that he was here: the first time is no news.
    device = devices.recognise(session, user, origin.cookie, (origin.device, origin.address))
    users.signed_in(session, user.company, user.id, clock.now())
    deed = Deed(f"user:{user.id}", Action.SIGNED_IN, f"user:{user.id}", customer)
    audit.enter(session, user.company, deed)
    return replace(opened, device=device)


def sign_out(token: str) -> None:
    """End the session; its live sockets are refused at their next event. Idempotent."""
    id_hash = hash_of(token)
    with transaction() as session:
        live = sessions.find(session, id_hash)
        if live is None:
            return
        sessions.end(session, live.company.id, id_hash, clock.now())
        if live.user is not None and live.stage is Stage.OPEN:
            subject = f"user:{live.user.id}"
            audit.enter(session, live.company.id, Deed(subject, Action.SIGNED_OUT, subject))


def act_for(actor: Actor, token: str, customer: int) -> Opened:
    """Go on as somebody who acts for this customer of his; NotFound for anybody else's."""
    with transaction() as session:
        found = users.members(session, actor.company.id, actor.user)
        ids = {member.customer for member in found if valid(member, actor.company)}
        if customer not in ids or actor.role is not Role.CUSTOMER:
            raise NotFound(kind="customer")
        return renew(session, actor, token, customer=customer)


def view_as(actor: Actor, token: str, customer: int) -> Opened:
    """See what a customer would see, and change nothing; entered in the audit."""
    require(actor, StaffFeature.VIEW_AS)
    with transaction() as session:
        customers.by_id(session, actor.company.id, customer)
        opened = renew(session, actor, token, viewed=customer)
        about = f"customer:{customer}"
        deed = Deed(actor.subject, Action.VIEW_BEGUN, about, customer)
        audit.enter(session, actor.company.id, deed)
    return opened


def stop_viewing(actor: Actor, token: str) -> Opened:
    """Be oneself again."""
    if not actor.viewing:
        raise NotFound(kind="view")
    with transaction() as session:
        opened = renew(session, actor, token)
        audit.record(session, actor, Action.VIEW_ENDED, f"customer:{actor.customer}")
    return opened


def forget_expired(company: int) -> None:
    """Delete sessions and sign-in failures that no longer mean anything."""
    day_ago = clock.now() - timedelta(days=1)
    with transaction() as session:
        sessions.forget_before(session, company, day_ago)
        users.forget_before(session, day_ago)
        passkeys.forget_before(session, day_ago)


def open_session(
    session: Session, company: int, whose: Whose, origin: From, until: datetime | None = None
) -> Opened:
    """A new session, `until` then at most. Whoever asks has made sure of who it is."""
    now = clock.now()
    token = secrets.token_urlsafe(32)
    expires = min(now + LONGEST, until or now + LONGEST)
    new = NewSession(
        id_hash=hash_of(token),
        begins=now,
        expires_at=expires,
        user=whose.user,
        link=whose.link,
        customer=whose.customer,
        viewed=whose.viewed,
        stage=whose.stage,
        device=origin.device[:_LONGEST_DEVICE],
        address=origin.address,
    )
    sessions.add(session, company, new)
    return Opened(token, expires)


def renew(
    session: Session,
    actor: Actor,
    token: str,
    *,
    customer: int | None = None,
    viewed: int | None = None,
) -> Opened:
    """Another session in place of this one, for whose token nobody has asked before.

    NotFound for one that has ended, at this very moment too: by somebody who ended all of his.
    """
    id_hash = hash_of(token)
    live = sessions.find(session, id_hash)
    if live is None or live.id != actor.session:
        raise NotFound(kind="session")
    whose = Whose(user=actor.user, customer=customer, viewed=viewed)
    origin = From(live.address, live.device)
    opened = open_session(session, actor.company.id, whose, origin, live.expires_at)
    # After it: who ends all of his has either seen the new one, or ended the old one by now.
    if not sessions.end(session, actor.company.id, id_hash, clock.now()):
        raise NotFound(kind="session")
    return opened


def _whom(session: Session, user: User) -> int | None:
    """The one customer a user acts for; None if he must choose, or is the company's own."""
    if user.role is not Role.CUSTOMER:
        return None
    company = companies.by_id(session, user.company)
    found = users.members(session, user.company, user.id)
    members = [member for member in found if valid(member, company)]
    if not members:
        raise SignInFailed
    return members[0].customer if len(members) == 1 else None


def _ensure_not_delayed(until: datetime | None, now: datetime) -> None:
    if until is not None and until > now:
        wait = (until - now).total_seconds()
        raise SignInDelayed(seconds=max(1, round(wait)))


def count_attempt(key: str) -> None:
    """Note a failure, which a right answer takes back (`users.forgive`); SignInDelayed in a wait."""
    with transaction() as session:
        now = clock.now()
        before, until = users.failures(session, key, now)
        _ensure_not_delayed(until, now)
        failures = before + 1
        over = failures - FREE_FAILURES
        delay = min(_FIRST_DELAY * 2**over, _LONGEST_DELAY) if 0 <= over < 20 else _LONGEST_DELAY
        users.fail(session, key, now, failures, now + delay if over >= 0 else None)
