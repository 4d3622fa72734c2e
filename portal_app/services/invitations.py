"""The e-mail that lets somebody who was invited choose a password."""

from __future__ import annotations

from portal_app.db import users
from portal_app.db.engine import Session
from portal_app.domain.emails import MailKind
from portal_app.domain.proofs import Purpose
from portal_app.services import mail, proofs


def send(session: Session, company: int, user: int) -> None:
    """Queue the e-mail, in its cause's transaction; what an earlier one carried is worth nothing."""
    invited = users.by_id(session, company, user)
    assert invited is not None, "made or read in this transaction"
    proof = proofs.make(session, company, user, Purpose.INVITE)
    mail.tell(session, invited, MailKind.INVITATION, about=f"proof:{proof}")
