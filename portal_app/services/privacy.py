"""One's own data: what somebody chooses, asks to be deleted, and what the company answers.

His own data as a file: `own_data`. What is deleted by the clock: `retention`.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from portal_app.db import privacy as stored
from portal_app.db import tasks, users
from portal_app.db.engine import Session, transaction
from portal_app.domain.audit import Action
from portal_app.domain.companies import Company
from portal_app.domain.emails import MailKind
from portal_app.domain.errors import FieldMissing, FieldTooLong, IllegalMove, LastManagerLeaves
from portal_app.domain.grants import MemberKind, OwnFeature, Role, StaffFeature
from portal_app.domain.privacy import (
    FORGOTTEN,
    LONGEST_REASON,
    TEXT_VERSION,
    Choice,
    Consent,
    DeletionRequest,
    Kept,
    RequestState,
    kept_until,
)
from portal_app.gateways import clock
from portal_app.services import audit, mail
from portal_app.services.actors import Actor, require, valid

_TASK: Final = "deletion_requested"
_MOST_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Privacy:
    """What somebody sees of it: what he declined, said before, what would stay, what he asked for."""

    declined: frozenset[Choice]
    history: tuple[Consent, ...]
    kept: Kept
    request: DeletionRequest | None


def show(actor: Actor) -> Privacy:
    require(actor, OwnFeature.PRIVACY)
    company = actor.company
    with transaction(write=False) as session:
        said = stored.choices(session, company.id, actor.user)
        return Privacy(
            declined=frozenset(each for each in Choice if said.get(each.value) is False),
            history=tuple(stored.consents(session, company.id, actor.user, _MOST_SHOWN)),
            kept=_kept(session, company, _owned(session, company, actor.user)),
            request=stored.latest_request(session, company.id, actor.user),
        )


def choose_mails(actor: Actor, wanted: Collection[Choice]) -> None:
    """Get these of the e-mails that may be declined, and no other; what changed is kept for proof."""
    require(actor, OwnFeature.PRIVACY)
    company, now = actor.company.id, clock.now()
    with transaction() as session:
        stored.lock_user(session, company, actor.user)
        said = stored.choices(session, company, actor.user)
        new = {each.value: each in wanted for each in Choice}
        changed = {name: yes for name, yes in new.items() if (said.get(name) is not False) != yes}
        if not changed:
            return
        stored.set_choices(session, company, actor.user, new)
        for name, given in changed.items():
            consent = Consent(f"mail.{name}", TEXT_VERSION, given, now)
            stored.add_consent(session, company, actor.user, consent)
        facts = {"version": TEXT_VERSION, **{f"mail.{name}": yes for name, yes in changed.items()}}
        audit.record(session, actor, Action.CONSENT_CHANGED, actor.subject, **facts)


def ask_deletion(actor: Actor) -> DeletionRequest:
    """Ask to be forgotten, with a task for staff; asked before and not answered yet, it is that one."""
    require(actor, OwnFeature.PRIVACY)
    company, now = actor.company, clock.now()
    with transaction() as session:
        # Locked first: a double click's second half waits here and sees the first.
        stored.lock_user(session, company.id, actor.user)
        before = stored.latest_request(session, company.id, actor.user)
        if before is not None and before.state is RequestState.ASKED:
            return before
        kept = _kept(session, company, _owned(session, company, actor.user))
        stored.add_request(session, company.id, actor.user, actor.customer, kept, now)
        asked = stored.latest_request(session, company.id, actor.user)
        assert asked is not None, "added above"
        tasks.put(session, company.id, _TASK, actor.subject, now)
        audit.record(session, actor, Action.DELETION_ASKED, actor.subject)
    return asked


def list_requests(actor: Actor) -> tuple[DeletionRequest, ...]:
    """Those that wait, oldest first, then the latest of those decided."""
    require(actor, StaffFeature.WORK_PRIVACY)
    with transaction(write=False) as session:
        return tuple(stored.requests(session, actor.company.id, _MOST_SHOWN))


def carry_out(actor: Actor, request: int) -> None:
    """Forget whoever asked; what the law keeps is kept. LastManagerLeaves, IllegalMove if decided."""
    require(actor, StaffFeature.WORK_PRIVACY)
    company, now = actor.company, clock.now()
    with transaction() as session:
        asked = _waiting(session, company, request)
        _ensure_managed(session, company, asked.user)
        # Told while the portal still knows where.
        _tell(session, company, asked.user, MailKind.DELETION_DONE)
        owned = _owned(session, company, asked.user)
        stored.forget_user(
            session, company.id, asked.user, f"{FORGOTTEN}{secrets.token_urlsafe(18)}"
        )
        bare = [each for each in owned if _is_free(session, company, each)]
        stored.forget_contact(session, company.id, bare)
        stored.decide(session, company.id, request, RequestState.DONE, "", now)
        tasks.close(session, company.id, _TASK, f"user:{asked.user}", now)
        facts = {"contact_removed": bool(bare)}
        audit.record(session, actor, Action.DELETION_DONE, f"user:{asked.user}", **facts)


def refuse(actor: Actor, request: int, reason: str) -> None:
    """Say no, and why: the person reads it. FieldMissing, FieldTooLong, IllegalMove if decided."""
    require(actor, StaffFeature.WORK_PRIVACY)
    reason = reason.strip()
    if not reason:
        raise FieldMissing(field="reason")
    if len(reason) > LONGEST_REASON:
        raise FieldTooLong(field="reason", longest=LONGEST_REASON)
    company, now = actor.company, clock.now()
    with transaction() as session:
        asked = _waiting(session, company, request)
        stored.decide(session, company.id, request, RequestState.REFUSED, reason, now)
        _tell(session, company, asked.user, MailKind.DELETION_REFUSED, reason=reason)
        tasks.close(session, company.id, _TASK, f"user:{asked.user}", now)
        audit.record(session, actor, Action.DELETION_REFUSED, f"user:{asked.user}")


def _tell(session: Session, company: Company, user: int, kind: MailKind, **facts: str) -> None:
    found = users.by_id(session, company.id, user)
    assert found is not None, "a request is somebody's"
    mail.tell(session, found, kind, facts=facts)


def _waiting(session: Session, company: Company, request: int) -> DeletionRequest:
    found = stored.locked_request(session, company.id, request)
    if found.state is not RequestState.ASKED:
        raise IllegalMove(present=found.state.value, wanted=RequestState.DONE.value)
    return found


def _ensure_managed(session: Session, company: Company, user: int) -> None:
    """A company without a manager could never name one again."""
    found = users.by_id(session, company.id, user)
    is_manager = found is not None and found.role is Role.MANAGER
    if is_manager and not stored.other_managers(session, company.id, user):
        raise LastManagerLeaves


def _owned(session: Session, company: Company, user: int) -> list[int]:
    """The customers somebody is the owner of."""
    return [
        member.customer
        for member in users.members(session, company.id, user)
        if member.kind is MemberKind.OWNER and valid(member, company)
    ]


def _kept(session: Session, company: Company, customers: Collection[int]) -> Kept:
    count, last = stored.tax_documents(session, company.id, customers)
    if last is None:
        return Kept()
    until = kept_until(last, company.country, company.retention_months)
    return Kept(count, until) if until >= clock.today(company.zone) else Kept()


def _is_free(session: Session, company: Company, customer: int) -> bool:
    """Whether nobody needs to reach a customer: no tax document binds him, nobody signs in for him."""
    today = clock.today(company.zone)
    people = stored.addressees(session, company.id, customer, today)
    return not people and not _kept(session, company, [customer]).binds
