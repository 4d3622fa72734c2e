"""What a boleto itself costs once it is late: told to the bank when it is registered.

A boleto may contain charges of the documents in it. Its own fine and interest are
on the principal only, and a document that was fined is never fined again.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from portal_app.domain.late_charges import LateTerms
from portal_app.domain.money import Money
from portal_app.domain.selection import Quote


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
