"""A receipt is owed by whatever moves a payment's money; a job makes it (`services/receipts.py`)."""

from typing import Final

from portal_app.db import jobs
from portal_app.db.engine import Session
from portal_app.domain.companies import Company
from portal_app.gateways import clock

JOB: Final = "receipt.issue"
REVERSAL: Final = "reversal"
"""What a receipt is about that takes back money a bank took back."""


def owe(session: Session, company: Company, payment: int, about: str = "") -> None:
    """Queue the receipt of a payment's money, or (`about` 'refund:3') of what went back of it.

    In the transaction that moves the money: whatever then fails, the money stays where it is.
    """
    key = f"{payment}/{about}" if about else str(payment)
    jobs.put(session, company.id, JOB, key, clock.now())
