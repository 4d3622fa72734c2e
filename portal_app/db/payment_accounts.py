"""What each company's account at the payment provider takes, by currency."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import PaymentAccountRow
from portal_app.domain.methods import usual_methods
from portal_app.domain.payments import PaymentMethod


@dataclass(frozen=True, slots=True)
class PaymentAccount:
    """`account` is the provider's name of it, '' for the installation's own."""

    account: str
    methods: tuple[PaymentMethod, ...]


def of_company(session: Session, company: int, currency: str) -> PaymentAccount:
    """The company's account for a currency; without one of its own, the usual methods."""
    row = _row(session, company, currency)
    if row is None:
        return PaymentAccount("", usual_methods(currency))
    return PaymentAccount(row.account, tuple(PaymentMethod(name) for name in row.methods))


def put(
    session: Session, company: int, currency: str, account: str, methods: Sequence[PaymentMethod]
) -> None:
    row = _row(session, company, currency)
    if row is None:
        row = PaymentAccountRow(company_id=company, currency=currency)
        session.add(row)
    row.account = account
    row.methods = [method.value for method in methods]
    session.flush()


def _row(session: Session, company: int, currency: str) -> PaymentAccountRow | None:
    query = select(PaymentAccountRow).where(
        col(PaymentAccountRow.company_id) == company, col(PaymentAccountRow.currency) == currency
    )
    return session.scalars(query).one_or_none()
