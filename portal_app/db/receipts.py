"""That a payment's money came in, once a payment."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal_app.db.models import ReceiptRow
from portal_app.domain.money import Money


@dataclass(frozen=True, slots=True)
class NewReceipt:
    payment: int
    customer: int
    amount: Money
    paid_on: date
    created_at: datetime


def add(session: Session, company: int, new: NewReceipt) -> None:
    """A second one of the same payment breaks the table's uniqueness."""
    session.add(
        ReceiptRow(
            company_id=company,
            payment_id=new.payment,
            customer_id=new.customer,
            currency=new.amount.currency,
            amount_cents=new.amount.cents,
            paid_on=new.paid_on,
            created_at=new.created_at,
        )
    )
    session.flush()
