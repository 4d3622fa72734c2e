"""Secrets sent by e-mail: made, computed again for the e-mail, taken once.

A secret is kept nowhere. It is derived from the portal's key and the proof it belongs to, so
that the job that writes the e-mail can say it; the table knows it when it comes back.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from datetime import UTC
from typing import Final

from portal_app.db import proofs, users
from portal_app.db.engine import Session, transaction
from portal_app.db.proofs import NewProof
from portal_app.db.users import User
from portal_app.domain.errors import ProofInvalid
from portal_app.domain.proofs import CODE_DIGITS, GOOD_FOR, Proof, Purpose, typed
from portal_app.gateways import clock
from portal_app.services import keys
from portal_app.settings import settings

_NOBODY: Final = 0


def make(session: Session, company: int, user: int, purpose: Purpose) -> int:
    """A new proof's id. Those of the same purpose that nobody used yet are spent."""
    now = clock.now()
    proofs.spend(session, company, user, purpose, now)
    made = proofs.add(
        session, company, NewProof(user, purpose, now, expires_at=now + GOOD_FOR[purpose])
    )
    key = settings().signing_keys[0]
    proofs.keep(session, company, made.id, _kept(key, purpose, _derived(key, made), made.id))
    return made.id


def secret_of(session: Session, company: int, proof: int) -> str:
    """The secret of a proof that is still good; ProofInvalid for any other.

    The key it was made with may have been replaced: it is the one whose secret the table knows.
    """
    found = proofs.by_id(session, company, proof)
    if found is None or not found.is_good(clock.now()):
        raise ProofInvalid
    for key in settings().signing_keys:
        secret = _derived(key, found)
        if _fits(key, found, secret):
            return secret
    raise ProofInvalid


def take(session: Session, purpose: Purpose, secret: str) -> User:
    """Whose secret this is, which is spent with it; ProofInvalid whatever is wrong."""
    found = proofs.find(
        session, purpose, [_kept(key, purpose, secret) for key in settings().signing_keys]
    )
    user = _user(session, found)
    proofs.spend(session, user.company, user.id, purpose, clock.now())
    return user


def take_code(session: Session, user: User | None, code: str) -> bool:
    """Whether this is the code that was last sent to somebody, which is spent with it.

    A wrong one counts as a try, so whoever asks must let the transaction end well. For nobody it
    asks the database as much as for somebody.
    """
    company, whose = (user.company, user.id) if user else (_NOBODY, _NOBODY)
    found = proofs.latest(session, company, whose, Purpose.CODE)
    proofs.count_try(session, company, found.id if found else _NOBODY)
    if user is None or found is None or not user.active or not found.is_good(clock.now()):
        return False
    if not any(_fits(key, found, typed(code)) for key in settings().signing_keys):
        return False
    proofs.spend(session, company, whose, Purpose.CODE, clock.now())
    return True


def look(purpose: Purpose, secret: str) -> User:
    """Whose secret this is, without taking it; ProofInvalid whatever is wrong."""
    with transaction() as session:
        kept = [_kept(key, purpose, secret) for key in settings().signing_keys]
        return _user(session, proofs.find(session, purpose, kept))


def _user(session: Session, found: Proof | None) -> User:
    if found is None or not found.is_good(clock.now()):
        raise ProofInvalid
    user = users.by_id(session, found.company, found.user)
    if user is None or not user.active:
        raise ProofInvalid
    return user


def _derived(key: str, proof: Proof) -> str:
    made = proof.created_at.astimezone(UTC).isoformat(timespec="microseconds")
    secret = keys.digest(key, "proof", proof.purpose.value, proof.id, proof.user, made)
    if proof.purpose is Purpose.CODE:
        return str(int.from_bytes(secret) % 10**CODE_DIGITS).zfill(CODE_DIGITS)
    return urlsafe_b64encode(secret).rstrip(b"=").decode()


def _kept(key: str, purpose: Purpose, secret: str, proof: int = 0) -> str:
    """What the table keeps of a secret, of which nobody without the key can try all values.

    Two proofs may have the same code, but nothing the same is kept of them.
    """
    whose = proof if purpose is Purpose.CODE else 0
    return keys.digest(key, "kept", purpose.value, whose, secret).hex()


def _fits(key: str, proof: Proof, secret: str) -> bool:
    return hmac.compare_digest(proof.kept, _kept(key, proof.purpose, secret, proof.id))
