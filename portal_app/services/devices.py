"""Browsers somebody signed in from before; he is told of any other."""

from __future__ import annotations

import re
import secrets
from typing import Final

from portal_app.db import devices
from portal_app.db.engine import Session
from portal_app.db.users import User
from portal_app.domain.emails import MailKind
from portal_app.gateways import clock
from portal_app.services import mail
from portal_app.services.actors import hash_of

_OURS: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST: Final = 80


def recognise(session: Session, user: User, cookie: str, origin: tuple[str, str]) -> str:
    """What the browser is to keep, and be known by the next time.

    Whoever signs in from one that is not known, and not for the first time, gets an e-mail.
    `origin`: what the browser calls itself, and the network address.
    """
    device, address = origin
    kept = cookie if _OURS.fullmatch(cookie) else secrets.token_urlsafe(32)
    been_in = devices.has_been_in(session, user.company, user.id)
    known = devices.seen(
        session, user.company, user.id, hash_of(kept), device[:_LONGEST], clock.now()
    )
    if been_in and not known:
        facts = {"device": device[:_LONGEST], "address": address}
        mail.tell(session, user, MailKind.NEW_DEVICE, facts=facts)
    return kept
