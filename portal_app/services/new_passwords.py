"""A new password for somebody who lost his, and the first one of somebody who was invited."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from portal_app.db import proofs as sent
from portal_app.db import sessions, users
from portal_app.db.engine import transaction
from portal_app.domain.audit import Action, Deed
from portal_app.domain.emails import MailKind
from portal_app.domain.errors import ProofInvalid
from portal_app.domain.proofs import MOST_AN_HOUR, Purpose
from portal_app.gateways import clock, passwords
from portal_app.services import access, audit, mail, proofs
from portal_app.services.access import From, Opened
from portal_app.services.account import ensure_hard_to_guess, ensure_length
from portal_app.services.actors import hash_of

_KINDS: Final = {Purpose.RESET: MailKind.NEW_PASSWORD, Purpose.CODE: MailKind.SIGN_IN_CODE}
_HOUR: Final = timedelta(hours=1)
_log = logging.getLogger(__name__)


def ask(purpose: Purpose, login: str, origin: From) -> None:
    """Count that somebody asks for an e-mail to a login; SignInDelayed if he asks too often.

    The same for every login: whether there is such a user is asked by `send`, after the answer.
    """
    access.count_attempt(_throttle(purpose, login, origin))


def send(purpose: Purpose, login: str) -> None:
    """Write to the user with this login, if there is one. Nobody waits for it or hears of it."""
    now = clock.now()
    with transaction() as session:
        user = users.by_login(session, login.strip().lower())
        if user is None or not user.active:
            return
        company = user.company
        if sent.made_since(session, company, user.id, purpose, now - _HOUR) >= MOST_AN_HOUR:
            _log.warning("user %d: no more e-mails of %s within the hour", user.id, purpose)
            return
        proof = proofs.make(session, company, user.id, purpose)
        mail.tell(session, user, _KINDS[purpose], about=f"proof:{proof}")


@dataclass(frozen=True, slots=True)
class Whose:
    """For whom a secret that came by e-mail lets somebody choose a password."""

    login: str
    is_invitation: bool


def whose(kept: str) -> Whose | None:
    """Of what the browser keeps of such a secret; None if it is no good one."""
    purpose, secret = kept_proof(kept)
    if not secret:
        return None
    try:
        user = proofs.look(purpose, secret)
    except ProofInvalid:
        return None
    return Whose(user.login, purpose is Purpose.INVITE)


def kept_proof(kept: str) -> tuple[Purpose, str]:
    """Purpose and secret; what nobody wrote for us is no good secret of any purpose."""
    name, _, secret = kept.partition(".")
    return (Purpose.INVITE if name == Purpose.INVITE else Purpose.RESET), secret


def choose(purpose: Purpose, secret: str, wanted: str, origin: From) -> Opened:
    """Take the secret of an invitation or a reset, set the password, and let its owner in.

    All his sessions before it end. ProofInvalid, or what is wrong with the password: then the
    secret is still good.
    """
    ensure_length(wanted)
    ensure_hard_to_guess(proofs.look(purpose, secret), wanted)
    new_hash = passwords.hash_password(wanted)
    with transaction() as session:
        user = proofs.take(session, purpose, secret)
        company, subject = user.company, f"user:{user.id}"
        sessions.end_all(session, company, user.id, clock.now())
        users.set_password(session, company, user.id, new_hash)
        for other in Purpose:
            sent.spend(session, company, user.id, other, clock.now())
        if purpose is Purpose.RESET:
            mail.tell(session, user, MailKind.PASSWORD_CHANGED)
        joined = Action.USER_JOINED if purpose is Purpose.INVITE else Action.PASSWORD_CHANGED
        audit.enter(session, company, Deed(subject, joined, subject))
        return access.admit(session, user, origin)


def sign_in_by_code(login: str, code: str, origin: From) -> Opened:
    """Let in whoever typed the code that was sent to his login; ProofInvalid whatever is wrong.

    The same work for every login; a wrong code counts as a try of it.
    """
    key = _throttle_of_code(login, origin)
    access.count_attempt(key)
    with transaction() as session:
        user = users.by_login(session, login.strip().lower())
        right = proofs.take_code(session, user, code)
        if right and user is not None:
            users.forgive(session, key)
            return access.admit(session, user, origin)
    raise ProofInvalid


def _throttle(purpose: Purpose, login: str, origin: From) -> str:
    return hash_of(f"{purpose}|{login.strip().lower()}|{origin.address}")


def _throttle_of_code(login: str, origin: From) -> str:
    return hash_of(f"typed|{login.strip().lower()}|{origin.address}")
