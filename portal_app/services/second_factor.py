"""The second factor by codes: an authenticator app, and recovery codes for when it is lost."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from portal_app.db import factors, passkeys, sessions, users
from portal_app.db.engine import Session, transaction
from portal_app.db.sessions import Stage
from portal_app.db.users import User
from portal_app.domain.audit import Action, Deed
from portal_app.domain.emails import MailKind
from portal_app.domain.errors import FactorInvalid, NotFound, NotSignedIn
from portal_app.domain.grants import OwnFeature
from portal_app.gateways import authenticators, clock, passwords, sealing
from portal_app.pdf.codes import qr_svg
from portal_app.services import access, audit, mail
from portal_app.services.access import From, Opened
from portal_app.services.actors import Actor, hash_of, is_alive, require
from portal_app.settings import settings

RECOVERY_CODES: Final = 10
_CODE_BYTES: Final = 10
_CODE_PART: Final = 4
_SECONDS_SHOWN: Final = 600


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody has besides his password. `codes_left`: recovery codes nobody has used."""

    has_app: bool
    passkeys: int
    codes_left: int

    @property
    def has_any(self) -> bool:
        return self.has_app or self.passkeys > 0


@dataclass(frozen=True, slots=True)
class Pending:
    """An authenticator to be confirmed. `key` is what is typed where no camera is at hand."""

    key: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """With what somebody may prove his second factor; who he is, a password alone does not show."""

    has_app: bool
    has_passkey: bool


def standing(actor: Actor) -> Standing:
    require(actor, OwnFeature.SECURITY)
    with transaction(write=False) as session:
        return standing_of(session, actor.company.id, actor.user)


def standing_of(session: Session, company: int, user: int) -> Standing:
    app = factors.authenticator(session, company, user)
    return Standing(
        has_app=app is not None and app.confirmed,
        passkeys=len(passkeys.of_user(session, company, user)),
        codes_left=len(factors.codes(session, company, user)),
    )


def begin(actor: Actor, proof: str) -> None:
    """Make a secret for an authenticator app; it protects nothing before `confirm`.

    `proof`: the password, or a code if he has an app already, which he must remove first.
    """
    require(actor, OwnFeature.SECURITY)
    right = ensure_tried(actor, proof)
    secret = authenticators.new_secret()
    with transaction() as session:
        ensure_proved(session, actor, proof, password_right=right)
        app = factors.authenticator(session, actor.company.id, actor.user, lock=True)
        if app is not None and app.confirmed:
            raise NotFound(kind="authenticator")
        sealed = sealing.seal(secret, _what(actor.user), settings().signing_keys)
        factors.put(session, actor.company.id, actor.user, sealed)


def pending(actor: Actor) -> Pending:
    """The authenticator to be confirmed; NotFound without one: a confirmed one is never shown."""
    return Pending(_pending_secret(actor))


def picture(actor: Actor) -> bytes:
    """The QR code an app reads, as SVG."""
    secret = _pending_secret(actor)
    return qr_svg(authenticators.address(secret, actor.login, actor.company.name))


def confirm(actor: Actor, token: str, code: str) -> tuple[Opened, tuple[str, ...]]:
    """Prove that the app has the secret. Another session in place of this one, and recovery codes.

    The codes are empty if he has some already, with a passkey.
    """
    require(actor, OwnFeature.SECURITY)
    access.count_attempt(_throttle(actor.user))
    codes, hashes = new_codes()
    company, user = actor.company.id, actor.user
    with transaction() as session:
        app = factors.authenticator(session, company, user, lock=True)
        if app is None or app.confirmed:
            raise NotFound(kind="authenticator")
        if not _takes(session, company, user, code):
            raise FactorInvalid
        forgive(session, user)
        first = not factors.codes(session, company, user)
        if first:
            factors.put_codes(session, company, user, hashes)
        opened = access.renew(session, actor, token, customer=actor.customer)
        note(session, actor, Action.FACTOR_ADDED, "totp_added")
    return opened, codes if first else ()


def remove(actor: Actor, proof: str) -> None:
    """Do without the app, and without recovery codes if no passkey is left that needs them."""
    require(actor, OwnFeature.SECURITY)
    right = ensure_tried(actor, proof)
    company, user = actor.company.id, actor.user
    with transaction() as session:
        ensure_proved(session, actor, proof, password_right=right)
        app = factors.authenticator(session, company, user, lock=True)
        if app is None:
            raise NotFound(kind="authenticator")
        factors.remove(session, company, user)
        drop_codes_if_alone(session, company, user)
        if app.confirmed:
            note(session, actor, Action.FACTOR_REMOVED, "totp_removed")


def renew_codes(actor: Actor, proof: str) -> tuple[str, ...]:
    """Recovery codes in place of those before, which are of no use any more."""
    require(actor, OwnFeature.SECURITY)
    right = ensure_tried(actor, proof)
    codes, hashes = new_codes()
    with transaction() as session:
        ensure_proved(session, actor, proof, password_right=right)
        if not factors.has_any(session, actor.company.id, actor.user):
            raise NotFound(kind="factor")
        factors.put_codes(session, actor.company.id, actor.user, hashes)
        note(session, actor, Action.FACTOR_ADDED, "recovery_renewed")
    return codes


def waiting(token: str) -> Waiting | None:
    """Whose session this is that awaits a second factor; None if it awaits none."""
    with transaction(write=False) as session:
        user = _waiting(session, token)
        if user is None:
            return None
        found = standing_of(session, user.company, user.id)
    return Waiting(found.has_app, found.passkeys > 0)


def enter(token: str, code: str, origin: From) -> Opened:
    """An open session in place of one that awaits a second factor, for a code or a recovery code.

    FactorInvalid for a wrong code and for one used before; NotSignedIn if nothing awaits one.
    """
    with transaction(write=False) as session:
        user = _waiting(session, token)
    if user is None:
        raise NotSignedIn
    access.count_attempt(_throttle(user.id))
    recovery = _recovery(user, code)
    with transaction() as session:
        if _waiting(session, token) is None:
            raise NotSignedIn
        if recovery is not None:
            _use_recovery(session, user, recovery)
        elif not _takes(session, user.company, user.id, code):
            raise FactorInvalid
        forgive(session, user.id)
        opened = access.open_for(session, user, origin)
        if not sessions.end(session, user.company, hash_of(token), clock.now()):
            raise NotSignedIn
        return opened


def ensure_tried(actor: Actor, proof: str) -> bool:
    """Count a try to prove oneself again; whether it was the password. Slow, as a password is."""
    require(actor, OwnFeature.SECURITY)
    access.count_attempt(_throttle(actor.user))
    with transaction(write=False) as session:
        user = users.by_id(session, actor.company.id, actor.user)
    return passwords.matches(user.password_hash if user else None, proof)


def ensure_proved(session: Session, actor: Actor, proof: str, *, password_right: bool) -> None:
    """FactorInvalid unless it was the password or is a code of the app."""
    company, user = actor.company.id, actor.user
    app = factors.authenticator(session, company, user)
    confirmed = app is not None and app.confirmed
    if not password_right and not (confirmed and _takes(session, company, user, proof)):
        raise FactorInvalid
    forgive(session, user)


def new_codes() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Recovery codes and what is kept of each. Slow on purpose, like passwords."""
    made = tuple(
        base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower()
        for _ in range(RECOVERY_CODES)
    )
    shown = tuple("-".join(_parts(code)) for code in made)
    return shown, tuple(passwords.hash_password(code) for code in made)


def drop_codes_if_alone(session: Session, company: int, user: int) -> None:
    """Recovery codes stand in for a factor: without one they would be the only one."""
    if not factors.has_any(session, company, user):
        factors.put_codes(session, company, user, ())


def seal_codes(actor: Actor, codes: Sequence[str]) -> str:
    """Recovery codes as the browser may carry them to the page that shows them."""
    require(actor, OwnFeature.SECURITY)
    return sealing.seal(" ".join(codes), f"codes:{actor.user}", settings().signing_keys)


def opened_codes(actor: Actor, sealed: str) -> tuple[str, ...]:
    """The codes that were just made; SealBroken if they are somebody else's, or too old."""
    require(actor, OwnFeature.SECURITY)
    what = f"codes:{actor.user}"
    return tuple(
        sealing.opened(sealed, what, settings().signing_keys, within=_SECONDS_SHOWN).split()
    )


def forgive(session: Session, user: int) -> None:
    """Forget the codes and passwords somebody got wrong when he was asked to prove himself."""
    users.forgive(session, _throttle(user))


def note(session: Session, actor: Actor, action: Action, change: str) -> None:
    """Tell somebody by e-mail how his sign-in changed, and enter it in the audit."""
    user = users.by_id(session, actor.company.id, actor.user)
    assert user is not None, "whoever acts is there"
    mail.tell(session, user, MailKind.FACTOR_CHANGED, facts={"change": change})
    audit.record(session, actor, action, actor.subject, change=change)


def _waiting(session: Session, token: str) -> User | None:
    live = sessions.find(session, hash_of(token)) if token else None
    if live is None or live.stage is not Stage.FACTOR or not is_alive(live, clock.now()):
        return None
    return live.user


def _pending_secret(actor: Actor) -> str:
    require(actor, OwnFeature.SECURITY)
    with transaction(write=False) as session:
        app = factors.authenticator(session, actor.company.id, actor.user)
    if app is None or app.confirmed:
        raise NotFound(kind="authenticator")
    return sealing.opened(app.secret, _what(actor.user), settings().signing_keys)


def _takes(session: Session, company: int, user: int, code: str) -> bool:
    """Whether this is the app's code of now, taken for the first time."""
    app = factors.authenticator(session, company, user, lock=True)
    if app is None:
        return False
    now = clock.now()
    secret = sealing.opened(app.secret, _what(user), settings().signing_keys)
    step = authenticators.step_of(secret, "".join(code.split()), now)
    if step is None or step <= app.last_step:
        return False
    factors.use(session, company, user, step, now)
    return True


def _recovery(user: User, code: str) -> int | None:
    """Which recovery code this is, before anybody has used it; looked at outside a transaction."""
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    if len(plain) != len(base64.b32encode(bytes(_CODE_BYTES))):
        return None
    with transaction(write=False) as session:
        left = factors.codes(session, user.company, user.id)
    fits = (each.id for each in left if passwords.matches(each.code_hash, plain))
    return next(fits, None)


def _use_recovery(session: Session, user: User, recovery: int) -> None:
    if not factors.use_code(session, user.company, recovery, clock.now()):
        raise FactorInvalid
    subject = f"user:{user.id}"
    mail.tell(session, user, MailKind.FACTOR_CHANGED, facts={"change": "recovery_used"})
    audit.enter(session, user.company, Deed(subject, Action.RECOVERY_USED, subject))


def _parts(code: str) -> list[str]:
    return [code[at : at + _CODE_PART] for at in range(0, len(code), _CODE_PART)]


def _what(user: int) -> str:
    return f"authenticator:{user}"


def _throttle(user: int) -> str:
    return hash_of(f"factor|{user}")
