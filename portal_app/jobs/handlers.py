"""Table: job kind → service function. Each finishes its job in the transaction of its work."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from portal_app.services import (
    access,
    bank_reports,
    checkouts,
    jobs,
    mail,
    receipts,
    refunds,
    registration,
    retention,
)
from portal_app.services.jobs import Claim

Handler = Callable[[Claim], None]


def clean_sessions(claimed: Claim) -> None:
    access.forget_expired(claimed.company)
    jobs.finish(claimed)


HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "boleto.register": registration.register,
        "boleto.poll": registration.poll,
        "boleto.wait_over": registration.wait_over,
        "boleto.cancel": registration.cancel,
        "boleto.amend": registration.amend,
        "boleto.expire": registration.expire,
        "boleto.hint": registration.hint,
        "report.catch_up": bank_reports.catch_up,
        "payment.open": checkouts.open_again,
        "payment.look": checkouts.look,
        "payment.close": checkouts.close,
        "payment.sweep": checkouts.sweep,
        refunds.JOB: refunds.send,
        "receipt.issue": receipts.issue,
        "mail.send": mail.deliver,
        "session.clean": clean_sessions,
        "job.clean": jobs.forget_ended,
        "trace.forget": retention.forget,
    }
)
