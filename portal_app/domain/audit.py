"""The audit: what may be entered, and the chain that shows any later change.

Each entry carries the hash of the one before it in its company; the last is sealed with a key of the
portal (`services/audit.py`), so that whoever can write to the database cannot write the chain anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

FIRST: Final = "0" * 64
"""What stands in the first entry where the others name the hash of the one before."""

OPERATOR: Final = "operator"
"""The subject of what was done by a command on the server."""


class Action(StrEnum):
    """What somebody did. Its words are `audit.NAME` in the catalogs."""

    SIGNED_IN = "session.opened"
    SIGNED_OUT = "session.closed"
    SESSION_ENDED = "session.ended"
    SIGN_IN_REFUSED = "session.refused"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105  a name
    FACTOR_ADDED = "factor.added"
    FACTOR_REMOVED = "factor.removed"
    RECOVERY_USED = "factor.recovery_used"
    LINK_MADE = "link.made"
    LINK_OPENED = "link.opened"
    LINK_REVOKED = "link.revoked"
    GRANT_CHANGED = "grant.changed"
    GROUP_CHANGED = "group.changed"
    VIEW_BEGUN = "view.begun"
    VIEW_ENDED = "view.ended"
    USER_INVITED = "user.invited"
    USER_JOINED = "user.joined"
    USER_CHANGED = "user.changed"
    USER_DISABLED = "user.disabled"
    USER_ENABLED = "user.enabled"
    ROLE_CHANGED = "role.changed"
    SECURITY_CHANGED = "security.changed"
    DOCUMENT_OPENED = "document.opened"
    PAYMENT_STARTED = "payment.started"
    PAYMENT_GIVEN_UP = "payment.given_up"
    DUE_MOVED = "payment.due_moved"
    REFUND_ASKED = "payment.refund_asked"
    MAIL_ASKED = "mail.asked"
    DATA_EDITED = "data.edited"
    DATA_EXPORTED = "data.exported"
    DELETION_ASKED = "deletion.asked"
    DELETION_DONE = "deletion.done"
    DELETION_REFUSED = "deletion.refused"
    CONSENT_CHANGED = "consent.changed"
    AUDIT_EXPORTED = "audit.exported"
    TASK_CLOSED = "task.closed"
    TASK_RETRIED = "task.retried"


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what to whom. `subject` and `about` name by our own ids: 'user:12', 'document:5'.

    No name, address or number of anybody goes in: an entry is kept when they are deleted. `facts`
    hold text, whole numbers, booleans and lists or objects of them.
    """

    subject: str
    action: Action
    about: str = ""
    customer: int | None = None
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A deed with its place in the chain of its company. `number` counts from 1 without gaps."""

    number: int
    at: datetime
    subject: str
    action: str
    about: str
    customer: int | None
    facts: Mapping[str, Any]
    before: str
    hash: str


def chained(deed: Deed, number: int, at: datetime, before: str) -> Entry:
    """The entry of a deed, after the one with the hash `before`."""
    entry = Entry(
        number=number,
        at=at,
        subject=deed.subject,
        action=deed.action.value,
        about=deed.about,
        customer=deed.customer,
        facts=dict(deed.facts or {}),
        before=before,
        hash="",
    )
    return replace(entry, hash=_hash(entry))


def is_true(entry: Entry) -> bool:
    """Whether the entry still says what it said when it was written."""
    return entry.hash == _hash(entry)


def _hash(entry: Entry) -> str:
    moment = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    who = (entry.subject, entry.action, entry.about, entry.customer)
    said = [entry.before, entry.number, moment, *who, entry.facts]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
