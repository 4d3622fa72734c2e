"""A way back for whoever lost his app, his passkeys and his recovery codes: somebody takes them away.

Who may do it for whom: `staff` for colleagues, `people` for a customer's people, `security` for an
operator. The password stays, and alone signs in again.
"""

from __future__ import annotations

from portal_app.db import factors, passkeys, sessions, users
from portal_app.db.engine import Session
from portal_app.domain.audit import Action, Deed
from portal_app.domain.emails import MailKind
from portal_app.domain.errors import NotFound
from portal_app.domain.people import Identity
from portal_app.gateways import clock
from portal_app.services import audit, mail, second_factor


def take_away(session: Session, company: int, user: int, deed: Deed) -> bool:
    """Everything somebody proves himself with besides the password, and his sessions, end.

    He is told by e-mail. False, and nothing done, if he has no second factor: so a second call
    does nothing. In its cause's transaction.
    """
    # Whoever adds a factor at this moment is done before it, or finds his session ended.
    found = users.locked(session, company, user)
    if found is None:
        raise NotFound(kind="user")
    if not factors.has_any(session, company, user):
        return False
    factors.remove(session, company, user)
    factors.put_codes(session, company, user, ())
    passkeys.remove_all(session, company, user)
    sessions.end_all(session, company, user, clock.now())
    second_factor.forgive(session, user)
    mail.tell(session, found, MailKind.FACTOR_RESET)
    audit.enter(session, company, deed)
    return True


def removal(by: str, user: int, identity: Identity, customer: int | None = None) -> Deed:
    """What the audit keeps of it, with how `by` made sure who asked him."""
    facts = {"identity": identity.check.value, "words": identity.words}
    return Deed(by, Action.FACTOR_RESET, f"user:{user}", customer, facts)
