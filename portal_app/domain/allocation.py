"""Sharing a payment out over documents, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal_app.domain.money import Money


@dataclass(frozen=True, slots=True)
class Charged:
    """What one document asks for: principal with its fine and interest."""

    document: int
    due: date | None
    principal: Money
    fine: Money
    interest: Money


@dataclass(frozen=True, slots=True)
class Allocation:
    """What one document got, part by part; `let_off` is principal a discount took off besides."""

    document: int
    principal: Money
    fine: Money
    interest: Money
    let_off: Money | None = None

    @property
    def total(self) -> Money:
        """What came in for it."""
        return self.principal + self.fine + self.interest

    @property
    def discount(self) -> Money:
        return self.let_off or Money.zero(self.principal.currency)


def allocate(payment: Money, owed: Sequence[Charged]) -> tuple[list[Allocation], Money]:
    """Pay documents in order of due date until the money runs out.

    Within a document money pays interest, then the fine, then the principal
    (Código Civil, art. 354). Returns the allocations, none of them zero, and what
    is left over: the customer's credit. Together they always add up to `payment`.
    """
    left = payment
    allocations: list[Allocation] = []
    for charged in sorted(owed, key=lambda c: (c.due is None, c.due or date.min, c.document)):
        interest, left = _take(left, charged.interest)
        fine, left = _take(left, charged.fine)
        principal, left = _take(left, charged.principal)
        allocation = Allocation(charged.document, principal, fine, interest)
        if allocation.total:
            allocations.append(allocation)
    return allocations, left


def _take(available: Money, wanted: Money) -> tuple[Money, Money]:
    taken = min(available, wanted)
    return taken, available - taken
