"""Multa and juros de mora.

Multa once, juros simple pro rata die (monthly rate / 30 × days) from the original
due date on what is still owed. Consumer law caps the multa at 2 % (CDC, art. 52
§ 1); a due date on which banks are closed moves to the next business day (Código
Civil, art. 132 § 1), and only paying after that day is late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal_app.domain.calendar import business_day_from
from portal_app.domain.money import Money

_DAYS_IN_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class LateTerms:
    """Rates as fractions: `fine` once, `interest` a month; `country` gives the calendar."""

    fine: Decimal
    interest: Decimal
    country: str

    @classmethod
    def of_basis_points(cls, fine_bp: int, interest_bp: int, country: str) -> LateTerms:
        return cls(Decimal(fine_bp).scaleb(-4), Decimal(interest_bp).scaleb(-4), country)


@dataclass(frozen=True, slots=True)
class Charges:
    fine: Money
    interest: Money

    @property
    def total(self) -> Money:
        return self.fine + self.interest


def last_day_on_time(due: date, terms: LateTerms) -> date:
    """The last day on which paying costs no charges."""
    return business_day_from(due, terms.country)


def late_charges(
    principal: Money, due: date | None, on: date, terms: LateTerms, *, fine_paid: bool = False
) -> Charges:
    """What paying `principal` on day `on` costs above the principal itself.

    A document whose fine was paid before (`fine_paid`) is never fined again.

    >>> terms = LateTerms(Decimal("0.02"), Decimal("0.01"), "BR")
    >>> late_charges(Money(12990, "BRL"), date(2026, 10, 10), date(2026, 11, 22), terms).total
    Money(cents=446, currency='BRL')
    """
    none = Money.zero(principal.currency)
    if due is None or on <= last_day_on_time(due, terms):
        return Charges(none, none)
    days = (on - due).days
    fine = none if fine_paid else principal.times(terms.fine)
    return Charges(fine, principal.times(terms.interest * days, over=_DAYS_IN_A_MONTH))
