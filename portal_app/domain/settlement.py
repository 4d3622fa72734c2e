"""What a bank says was paid on a boleto, shared out over the documents behind it.

The documents may have changed since the boleto was made: what was paid another way meanwhile
is not paid twice, the customer keeps it as credit. Late charges of the boleto itself are shared
by principal, and so is a discount: what was paid another way keeps its part of it. It counts only
where it makes the boleto whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from portal_app.domain.allocation import Allocation, Charged, allocate, oldest_first
from portal_app.domain.boleto.order import Discount, Late
from portal_app.domain.calendar import business_day_from
from portal_app.domain.money import Money

_COUNTRY = "BR"


class Fit(StrEnum):
    """How what came in compares with what was asked."""

    WHOLE = "whole"
    SHORT = "short"
    OVER = "over"


class Outcome(StrEnum):
    """What became of something a bank reported.

    LATE: the money came for an attempt that was given up. CREDITED: none of it fitted. SAME: the
    money is known already by another way. NO_NEWS: the boleto was further on. UNKNOWN: the title
    is none of ours. FAILED: the portal could not deal with it; told again, it is tried again.
    """

    SETTLED = "settled"
    SHORT = "short"
    OVER = "over"
    LATE = "late"
    CREDITED = "credited"
    SAME = "same"
    REGISTERED = "registered"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    AMENDED = "amended"
    REVERSED = "reversed"
    REFUSED = "refused"
    NOTED = "noted"
    NO_NEWS = "no_news"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Claim:
    """A document as the boleto froze it, and what of it this money may still pay.

    `open` is its balance now, nothing where another attempt has it. `fined`: its fine was paid
    by another payment meanwhile.
    """

    document: int
    due: date | None
    principal: Money
    fine: Money
    interest: Money
    open: Money
    fined: bool

    @property
    def frozen(self) -> Money:
        return self.principal + self.fine + self.interest

    def less(self, paid: Iterable[Allocation]) -> Claim:
        """What is left of it after shares this boleto's money gave it before."""
        none = Money.zero(self.principal.currency)
        left = self
        for share in paid:
            left = replace(
                left,
                principal=max(none, left.principal - share.principal - share.discount),
                fine=max(none, left.fine - share.fine),
                interest=max(none, left.interest - share.interest),
            )
        return left

    def asked(self) -> Charged:
        """What it asks for now: nothing, charges neither, once it was settled otherwise."""
        none = Money.zero(self.principal.currency)
        if not self.open:
            return Charged(self.document, self.due, none, none, none)
        return Charged(
            self.document,
            self.due,
            min(self.principal, self.open),
            none if self.fined else self.fine,
            self.interest,
        )


@dataclass(frozen=True, slots=True)
class Came:
    """Money that came in. `charges` of it are fine and interest where the bank says so."""

    paid: Money
    on: date
    charges: Money | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the boleto's bank was told: due date, late charges, discount."""

    due: date
    late: Late
    discount: Discount | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """Shares in the order they were paid, none of them empty, and what is left: customer's credit.

    Shares and credit together are what was paid. `missing` is what the documents still ask for.
    """

    allocations: tuple[Allocation, ...]
    credit: Money
    missing: Money

    @property
    def fit(self) -> Fit:
        if self.missing:
            return Fit.SHORT
        return Fit.OVER if self.credit else Fit.WHOLE


def settle(claims: Sequence[Claim], came: Came, terms: Terms) -> Settlement:
    """Pay the documents, oldest first; interest, then fine, then principal of each.

    Without claims, as when a boleto is paid a second time, all of it is credit.
    """
    face = Money.total((claim.frozen for claim in claims), came.paid.currency)
    # The order of the claims is the reader's: what was paid last is what goes back first.
    asked = oldest_first([claim.asked() for claim in claims])
    owed = _with_own_charges(asked, _own_charges(face, came, terms), terms.late)
    principal = Money.total((claim.principal for claim in claims), came.paid.currency)
    granted = min(_granted(face, came, terms), principal)
    let_off = _let_off(owed, _of_those_asking(owed, granted, principal), came.paid)
    due = [replace(c, principal=c.principal - let_off[c.document]) for c in owed]
    allocations, credit = allocate(came.paid, due)
    shares = tuple(_shares(allocations, let_off))
    given = Money.total((share.total for share in shares), came.paid.currency)
    return Settlement(shares, credit, _total(due, came.paid.currency) - given)


def expected_charges(face: Money, terms: Terms, on: date) -> Money:
    """Fine and interest a bank takes for a boleto of this amount, paid on that day."""
    if on <= business_day_from(terms.due, _COUNTRY):
        return Money.zero(face.currency)
    late, days = terms.late, (on - terms.due).days
    interest = (
        face.times(late.interest_rate * days, over=30)
        if late.interest_rate is not None
        else Money(late.interest_a_day.cents * days, face.currency)
    )
    return late.fine + interest


def _own_charges(face: Money, came: Came, terms: Terms) -> Money:
    """What of the money is the boleto's own fine and interest: at most what lies above its amount."""
    none = Money.zero(face.currency)
    told = came.charges or expected_charges(face, terms, came.on)
    return max(none, min(told, came.paid - face))


def _granted(face: Money, came: Came, terms: Terms) -> Money:
    """The discount that was taken: in time, and at most what was promised."""
    promised, none = terms.discount, Money.zero(face.currency)
    if promised is None or came.on > business_day_from(promised.until, _COUNTRY):
        return none
    return max(none, min(promised.amount, face - came.paid))


def _with_own_charges(asked: Sequence[Charged], own: Money, late: Late) -> list[Charged]:
    """The boleto's fine goes to documents without one, the rest is interest on all, by principal."""
    bases = [charged.principal.cents for charged in asked]
    if not own or not any(bases):
        return list(asked)
    unfined = [0 if c.fine else c.principal.cents for c in asked]
    fine = min(own, late.fine) if any(unfined) else Money.zero(own.currency)
    fines = fine.shared(unfined) if fine else [fine] * len(asked)
    interests = (own - fine).shared(bases)
    return [
        replace(charged, fine=charged.fine + fine_share, interest=charged.interest + interest_share)
        for charged, fine_share, interest_share in zip(asked, fines, interests, strict=True)
    ]


def _of_those_asking(owed: Sequence[Charged], granted: Money, principal: Money) -> Sequence[Money]:
    """The discount of each, by what it still asks for of the boleto's principal."""
    bases = [charged.principal.cents for charged in owed]
    otherwise = principal.cents - sum(bases)
    return granted.shared([*bases, otherwise])[:-1] if granted else [granted] * len(owed)


def _let_off(owed: Sequence[Charged], parts: Sequence[Money], paid: Money) -> dict[int, Money]:
    """The discount by document; none of it where the money is short even so."""
    none = Money.zero(paid.currency)
    whole = paid + Money.total(parts, paid.currency) >= _total(owed, paid.currency)
    return {
        charged.document: part if whole else none for charged, part in zip(owed, parts, strict=True)
    }


def _shares(
    allocations: Sequence[Allocation], let_off: Mapping[int, Money]
) -> Iterator[Allocation]:
    """Each share with its discount; also where there was nothing left to pay beside it."""
    paid = {share.document: share for share in allocations}
    for document, discount in let_off.items():
        none = Money.zero(discount.currency)
        share = paid.get(document, Allocation(document, none, none, none))
        if share.total or discount:
            yield replace(share, let_off=discount)


def _total(charged: Sequence[Charged], currency: str) -> Money:
    amounts = (each.principal + each.fine + each.interest for each in charged)
    return Money.total(amounts, currency)
