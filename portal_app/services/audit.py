"""Who did what: entered in the transaction of the deed, sealed, proved. Its readers: audit_search."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from portal_app.db import audit as entries
from portal_app.db import companies
from portal_app.db.audit import Head, Wanted
from portal_app.db.engine import Session, transaction
from portal_app.domain.audit import Action, Deed, Entry, is_true
from portal_app.gateways import clock
from portal_app.services import keys
from portal_app.services.actors import Actor
from portal_app.settings import settings

# Whoever has a paper open draws it anew with each look at it.
_SAME_LOOK: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries were looked at, and the first that is wrong, in words; None if none is.

    `heads`: each company's slug, last number and the beginning of its hash. An audit that was put back
    whole to an earlier day agrees with itself: only such a pair written down elsewhere shows it.
    """

    entries: int
    first_wrong: str | None
    heads: tuple[tuple[str, int, str], ...]


def record(session: Session, actor: Actor, action: Action, about: str = "", **facts: Any) -> None:
    """Enter what the actor does, in the transaction in which he does it: late, it holds a lock."""
    customer = actor.customer
    enter(session, actor.company.id, Deed(actor.subject, action, about, customer, facts))


def enter(session: Session, company: int, deed: Deed) -> None:
    """The same for a deed of somebody else: an operator, a user who is not yet signed in."""
    before = entries.locked_head(session, company)
    entry = entries.append(session, company, deed, clock.now(), before)
    seal = _seal(company, entry.number, entry.hash, settings().signing_keys[0])
    entries.set_head(session, company, Head(entry.number, entry.hash, seal))


def enter_all(session: Session, company: int, deeds: Sequence[Deed]) -> None:
    """Enter many deeds at one moment, one after the other."""
    if not deeds:
        return
    last, now = entries.locked_head(session, company), clock.now()
    for deed in deeds:
        entry = entries.append(session, company, deed, now, last)
        last = Head(entry.number, entry.hash)
    seal = _seal(company, last.number, last.hash, settings().signing_keys[0])
    entries.set_head(session, company, Head(last.number, last.hash, seal))


def opened(actor: Actor, about: str) -> None:
    """Enter that the actor was shown a paper, unless he was shown the same within a minute."""
    company, now = actor.company.id, clock.now()
    same = Wanted(actor.subject, Action.DOCUMENT_OPENED.value, about, since=now - _SAME_LOOK)
    with transaction(write=False) as session:
        if entries.find(session, company, same, 1):
            return
    with transaction() as session:
        record(session, actor, Action.DOCUMENT_OPENED, about)


def verify() -> Verdict:
    """Go through all companies' entries: every hash, every number, and the seal on the last."""
    counted = 0
    heads: list[tuple[str, int, str]] = []
    with transaction(write=False) as session:
        for company in companies.list_ids(session):
            slug = companies.by_id(session, company).slug
            last = Head()
            for entry in entries.chain(session, company):
                counted += 1
                if wrong := _wrong(entry, last):
                    return Verdict(counted, f"company {slug}, entry {entry.number}: {wrong}", ())
                last = Head(entry.number, entry.hash)
            if wrong := _wrong_head(company, entries.head(session, company), last):
                return Verdict(counted, f"company {slug}: {wrong}", ())
            heads.append((slug, last.number, last.hash[:16]))
    return Verdict(counted, None, tuple(heads))


def _wrong(entry: Entry, last: Head) -> str | None:
    if entry.number != last.number + 1:
        return f"number {last.number + 1} is missing"
    if entry.before != last.hash:
        return f"does not follow entry {last.number}"
    return None if is_true(entry) else "is not what was written"


def _wrong_head(company: int, head: Head, last: Head) -> str | None:
    if (head.number, head.hash) != (last.number, last.hash):
        return f"entries end at {last.number}, the head says {head.number}"
    if last.number == 0:
        return None
    seals = [_seal(company, head.number, head.hash, key) for key in settings().signing_keys]
    if not any(hmac.compare_digest(head.seal, seal) for seal in seals):
        return f"the seal on entry {head.number} is not the portal's"
    return None


def _seal(company: int, number: int, hash_: str, key: str) -> str:
    return keys.digest(key, "audit", company, number, hash_).hex()
