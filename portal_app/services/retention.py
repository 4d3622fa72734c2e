"""What is deleted by the clock: secrets that are over, old browsers, e-mails and reports.

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
from portal_app.domain.privacy import KEEP_DEVICES, KEEP_MAILS, KEEP_PROOFS, months_after
from portal_app.gateways import clock

# Each batch a transaction of its own: nobody waits long for the write lock.
BATCH: Final = 500

_Forget = Callable[[Session, int, datetime, int], int]


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
