"""Passkeys: made by somebody who is signed in, and a way in that proves two factors at once."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from portal_app.db import factors, passkeys, users
from portal_app.db.engine import transaction
from portal_app.db.passkeys import Ceremony, NewPasskey
from portal_app.domain.audit import Action
from portal_app.domain.errors import NotFound, PasskeyInvalid
from portal_app.domain.grants import OwnFeature
from portal_app.gateways import clock
from portal_app.gateways import passkeys as webauthn
from portal_app.gateways.passkeys import SECONDS, Made, Owner, Site
from portal_app.services import access, second_factor
from portal_app.services.access import From, Opened
from portal_app.services.actors import Actor, hash_of, require
from portal_app.settings import settings

PRODUCT: Final = "Em Dia"
MOST: Final = 10
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Begun:
    """A challenge: `cookie` names it for its answer, `options` is what the browser needs."""

    cookie: str
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OwnPasskey:
    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


def own(actor: Actor) -> tuple[OwnPasskey, ...]:
    """One's own passkeys, first come first."""
    require(actor, OwnFeature.SECURITY)
    with transaction(write=False) as session:
        found = passkeys.of_user(session, actor.company.id, actor.user)
    return tuple(OwnPasskey(each.id, each.name, each.created_at, each.used_at) for each in found)


def begin_adding(actor: Actor, proof: str) -> Begun:
    """Let somebody make a passkey who proves himself again, by password or code."""
    require(actor, OwnFeature.SECURITY)
    right = second_factor.ensure_tried(actor, proof)
    with transaction() as session:
        second_factor.ensure_proved(session, actor, proof, password_right=right)
        others = passkeys.of_user(session, actor.company.id, actor.user)
    challenge = secrets.token_bytes(32)
    handle = hashlib.sha256(f"em-dia|user|{actor.user}".encode()).digest()
    owner = Owner(handle, actor.login, actor.name)
    known = [each.credential for each in others]
    options = webauthn.options_to_make(_site(), owner, challenge, known)
    return Begun(_begin(challenge, actor.user), json.loads(options))


def add(
    actor: Actor, token: str, cookie: str, answer: str, name: str
) -> tuple[Opened, tuple[str, ...]]:
    """Keep a passkey. Another session in place of this one, and recovery codes with the first."""
    require(actor, OwnFeature.SECURITY)
    made = webauthn.made(answer, _challenge(cookie, actor.user), _site())
    codes, hashes = second_factor.new_codes()
    company, user, now = actor.company.id, actor.user, clock.now()
    new = NewPasskey(
        made.credential, made.public_key, made.sign_count, name.strip()[:_LONGEST_NAME], now
    )
    with transaction() as session:
        taken = passkeys.by_credential(session, made.credential) is not None
        if taken or len(passkeys.of_user(session, company, user)) >= MOST:
            raise PasskeyInvalid
        passkeys.add(session, company, user, new)
        first = not factors.codes(session, company, user)
        if first:
            factors.put_codes(session, company, user, hashes)
        opened = access.renew(session, actor, token, customer=actor.customer)
        second_factor.note(session, actor, Action.FACTOR_ADDED, "passkey_added")
    return opened, codes if first else ()


def remove(actor: Actor, passkey: int, proof: str) -> None:
    """Forget a passkey of one's own; NotFound for anybody else's."""
    require(actor, OwnFeature.SECURITY)
    right = second_factor.ensure_tried(actor, proof)
    company, user = actor.company.id, actor.user
    with transaction() as session:
        second_factor.ensure_proved(session, actor, proof, password_right=right)
        if passkey not in {each.id for each in passkeys.of_user(session, company, user)}:
            raise NotFound(kind="passkey")
        passkeys.remove(session, company, passkey)
        second_factor.drop_codes_if_alone(session, company, user)
        second_factor.note(session, actor, Action.FACTOR_REMOVED, "passkey_removed")


def begin_sign_in() -> Begun:
    """Let anybody answer a challenge; nobody knows yet who."""
    challenge = secrets.token_bytes(32)
    options = webauthn.options_to_use(_site(), challenge)
    return Begun(_begin(challenge, None), json.loads(options))


def sign_in(cookie: str, answer: str, origin: From) -> Opened:
    """An open session for the owner of a passkey; PasskeyInvalid whatever is wrong."""
    challenge = _challenge(cookie, None)
    with transaction() as session:
        found = passkeys.by_credential(session, webauthn.credential_of(answer))
        if found is None:
            raise PasskeyInvalid
        known = Made(found.credential, found.public_key, found.sign_count)
        count = webauthn.sign_count(answer, challenge, _site(), known)
        user = users.by_id(session, found.company, found.user)
        if user is None or not user.active:
            raise PasskeyInvalid
        passkeys.used(session, found.company, found.id, count, clock.now())
        return access.open_for(session, user, origin)


def _site() -> Site:
    address = settings().public_url
    return Site(urlsplit(address).hostname or "", address, PRODUCT)


def _begin(challenge: bytes, user: int | None) -> str:
    cookie = secrets.token_urlsafe(32)
    ends = clock.now() + timedelta(seconds=SECONDS)
    text = urlsafe_b64encode(challenge).decode()
    with transaction() as session:
        passkeys.begin(session, Ceremony(hash_of(cookie), text, user, ends))
    return cookie


def _challenge(cookie: str, user: int | None) -> bytes:
    """What was asked, for the first who answers, whether he does so rightly or not."""
    with transaction() as session:
        found = passkeys.finish(session, hash_of(cookie)) if cookie else None
    if found is None or found.user != user or found.expires_at <= clock.now():
        raise PasskeyInvalid
    return urlsafe_b64decode(found.challenge)
