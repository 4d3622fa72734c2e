"""What a boleto itself costs once it is late, and less if paid early: told to its bank.

A boleto may contain charges of the documents in it. Its own fine and interest are
on the principal only, and a document that was fined is never fined again.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from portal_app.domain.boleto.order import Discount, Late
from portal_app.domain.late_charges import LateTerms
from portal_app.domain.money import Money
from portal_app.domain.selection import Quote

_DAYS_IN_A_MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class OwnCharges:
    """`fine` once, on `fine_base`; interest is counted on `interest_base`."""

    fine: Money
    fine_base: Money
    interest_base: Money


def own_charges(quote: Quote, fined: Set[int], terms: LateTerms) -> OwnCharges:
    """Late charges of a boleto over this quote; `fined` are documents whose fine was paid before."""
    unfined = (
        item.principal for item in quote.items if not item.fine and item.document not in fined
    )
    fine_base = Money.total(unfined, quote.currency)
    return OwnCharges(fine_base.times(terms.fine), fine_base, quote.principal)


def late_of(charges: OwnCharges, amount: Money, terms: LateTerms) -> Late:
    """The same as a bank takes it for a title of this amount.

    Where a base is not the whole amount a rate would be wrong, so an amount is told: a day's
    interest is cut to the cent, since rounding it up would charge more than was agreed.
    """
    a_day = charges.interest_base.cents * terms.interest / _DAYS_IN_A_MONTH
    return Late(
        charges.fine,
        terms.fine if charges.fine and charges.fine_base == amount else None,
        Money(int(a_day), amount.currency),
        terms.interest if terms.interest and charges.interest_base == amount else None,
    )


def discount_of(
    quote: Quote, due: date, today: date, *, rate: Decimal, days: int
) -> Discount | None:
    """What is let off on documents that are not late, if paid `days` before the due date."""
    until = due - timedelta(days=days)
    in_time = (item.principal for item in quote.items if not (item.fine or item.interest))
    amount = Money.total(in_time, quote.currency).times(rate)
    return Discount(until, amount) if amount and until >= today else None
