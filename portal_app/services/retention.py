"""How long things are kept, and what is deleted by the clock: secrets, browsers, e-mails, reports.

Sessions and sign-in failures go by `access.forget_expired`. Documents, payments, receipts, the
journal and the audit are never touched here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Final

from portal_app.db import companies, jobs
from portal_app.db import retention as traces
from portal_app.db.engine import Session, transaction
from portal_app.db.jobs import Claim
from portal_app.domain.audit import Action
from portal_app.domain.errors import KeepsLess
from portal_app.domain.grants import StaffFeature
from portal_app.domain.privacy import (
    KEEP_DEVICES,
    KEEP_MAILS,
    KEEP_PROOFS,
    ensure_months,
    months_after,
)
from portal_app.gateways import clock
from portal_app.services import audit
from portal_app.services.actors import Actor, require

# Each batch a transaction of its own: nobody waits long for the write lock.
BATCH: Final = 500

_Forget = Callable[[Session, int, datetime, int], int]


def keep_for(actor: Actor, months: int, *, confirmed: bool) -> None:
    """Say for how many months the company keeps its papers; what is older goes the next night.

    InvalidField for less than the law asks: it never counts for less. KeepsLess for less than now,
    unless that is `confirmed`.
    """
    require(actor, StaffFeature.CONFIGURE_SECURITY)
    ensure_months(months, actor.company.country)
    company = actor.company.id
    with transaction() as session:
        before = companies.locked(session, company).retention_months
        if before == months:
            return
        if months < before and not confirmed:
            raise KeepsLess(before=before, after=months)
        companies.set_retention(session, company, months)
        facts = {"before": before, "after": months}
        audit.record(session, actor, Action.RETENTION_CHANGED, "company", **facts)


def forget(claimed: Claim) -> None:
    """Job: delete what is over. Done again it deletes nothing more."""
    now = clock.now()
    with transaction(write=False) as session:
        company = companies.by_id(session, claimed.company)
    oldest = months_after(clock.today(company.zone), -company.retention_months)
    reports = datetime.combine(oldest, time(), UTC)
    for forget_some, before in (
        (traces.proofs, now - KEEP_PROOFS),
        (traces.devices, now - KEEP_DEVICES),
        (traces.mails, now - KEEP_MAILS),
        (traces.provider_events, reports),
        (traces.bank_reports, reports),
    ):
        _in_batches(claimed, forget_some, before)
    with transaction() as session:
        traces.ceremonies(session, now)
        jobs.done(session, claimed)


def _in_batches(claimed: Claim, forget_some: _Forget, before: datetime) -> None:
    while True:
        with transaction() as session:
            # Whoever lost the job learns it here; a long night holds on to it.
            jobs.renew(session, claimed, clock.now())
            if forget_some(session, claimed.company, before, BATCH) < BATCH:
                return
