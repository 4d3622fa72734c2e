"""Sharing a payment out over documents, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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

    def less(self, taken: Allocation | None) -> Allocation:
        """What is left of it after a part was taken off."""
        if taken is None:
            return self
        return replace(
            self,
            principal=self.principal - taken.principal,
            fine=self.fine - taken.fine,
            interest=self.interest - taken.interest,
        )


def allocate(payment: Money, owed: Sequence[Charged]) -> tuple[list[Allocation], Money]:
    """Pay documents in order of due date until the money runs out.

    Within a document money pays interest, then the fine, then the principal
    (Código Civil, art. 354). Returns the allocations, none of them zero, and what
    is left over: the customer's credit. Together they always add up to `payment`.
    """
    left = payment
    allocations: list[Allocation] = []
    for charged in oldest_first(owed):
        interest, left = _take(left, charged.interest)
        fine, left = _take(left, charged.fine)
        principal, left = _take(left, charged.principal)
        allocation = Allocation(charged.document, principal, fine, interest)
        if allocation.total:
            allocations.append(allocation)
    return allocations, left


def oldest_first(owed: Sequence[Charged]) -> list[Charged]:
    """In order of due date, those without one last; of one day, the one that was there first."""
    return sorted(owed, key=lambda c: (c.due is None, c.due or date.min, c.document))


@dataclass(frozen=True, slots=True)
class Returned:
    """Money that went back, from which shares and from how much of the customer's credit."""

    shares: tuple[Allocation, ...]
    credit: Money

    @property
    def total(self) -> Money:
        return (
            Money.total((share.total for share in self.shares), self.credit.currency) + self.credit
        )


def take_back(amount: Money, shares: Sequence[Allocation], credit: Money) -> Returned:
    """What money that goes back takes from a payment's shares, given in the order they were paid.

    The other way round than it was paid: first what was credit, then the last document, and of
    each the principal before the charges. What is more than all of it makes the credit a debt.
    """
    of_credit, left = _take(amount, credit)
    taken: list[Allocation] = []
    for share in reversed(shares):
        principal, left = _take(left, share.principal)
        fine, left = _take(left, share.fine)
        interest, left = _take(left, share.interest)
        part = Allocation(share.document, principal, fine, interest)
        if part.total:
            taken.append(part)
    return Returned(tuple(taken), of_credit + left)


def _take(available: Money, wanted: Money) -> tuple[Money, Money]:
    taken = min(available, wanted)
    return taken, available - taken
