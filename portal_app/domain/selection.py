"""The live total of the ticked documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from portal_app.domain.calendar import business_day_after
from portal_app.domain.documents import Document, ensure_payable
from portal_app.domain.errors import (
    MixedCurrencies,
    NoActiveBank,
    NothingSelected,
    SeparatePayments,
    TooManyDocuments,
)
from portal_app.domain.late_charges import LateTerms, last_day_on_time, late_charges
from portal_app.domain.money import Money

MOST_DOCUMENTS: Final = 500


@dataclass(frozen=True, slots=True)
class QuoteItem:
    """One document's price: principal, fine and interest in its own currency."""

    document: int
    number: str
    principal: Money
    fine: Money
    interest: Money

    @property
    def total(self) -> Money:
        return self.principal + self.fine + self.interest


@dataclass(frozen=True, slots=True)
class Quote:
    """Price of a selection on a day. `terms` are those of its late documents where they agree."""

    items: tuple[QuoteItem, ...]
    currency: str
    on: date
    terms: LateTerms | None = None

    @property
    def principal(self) -> Money:
        return Money.total((item.principal for item in self.items), self.currency)

    @property
    def fine(self) -> Money:
        return Money.total((item.fine for item in self.items), self.currency)

    @property
    def interest(self) -> Money:
        return Money.total((item.interest for item in self.items), self.currency)

    @property
    def total(self) -> Money:
        return self.principal + self.fine + self.interest


def price(
    documents: Sequence[Document],
    terms: Mapping[int, LateTerms],
    today: date,
    on: date | None = None,
) -> Quote:
    """Price documents as paid on day `on` (today if None); `terms` by document id.

    A document that is not late today carries no charges even if `on` lies after
    its due date; a late one is charged to `on`. Refuses anything not payable and
    more than one currency. An empty selection costs nothing and has no currency.
    """
    for document in documents:
        ensure_payable(document)
    currencies = {document.balance.currency for document in documents}
    if len(currencies) > 1:
        raise MixedCurrencies(currencies=sorted(currencies))
    day = on or today
    items = tuple(_item(document, terms[document.id], today, day) for document in documents)
    late = {terms[i.document] for i in items if i.fine or i.interest}
    return Quote(
        items,
        currencies.pop() if currencies else "",
        day,
        late.pop() if len(late) == 1 else None,
    )


def ensure_size(documents: Sequence[Document]) -> None:
    """Raise unless there is something to pay and not too much for one payment."""
    if not documents:
        raise NothingSelected
    if len(documents) > MOST_DOCUMENTS:
        raise TooManyDocuments(most=MOST_DOCUMENTS)


def boleto_due_date(
    documents: Sequence[Document], today: date, days_to_pay: int, country: str
) -> date:
    """Due date of one boleto over several documents.

    The earliest due date not yet past, at least the next business day; if all are
    overdue (or have none), the next business day plus the carteira's days to pay.
    """
    soonest = business_day_after(today, country)
    coming = [d.due for d in documents if d.due is not None and d.due >= today]
    if coming:
        return max(min(coming), soonest)
    return soonest + timedelta(days=days_to_pay)


def common_banks(offers: Sequence[tuple[str, tuple[int, ...]]]) -> tuple[int, ...]:
    """Bank carteiras that can collect every document, in the first one's order.

    `offers` pairs a document's number with the bank carteiras of its contract.
    Raises NoActiveBank if some document has none at all, SeparatePayments naming
    the groups that can be paid together if no bank serves all.
    """
    if not offers or any(not banks for _, banks in offers):
        raise NoActiveBank(documents=[number for number, banks in offers if not banks])
    shared = set(offers[0][1]).intersection(*(banks for _, banks in offers))
    if not shared:
        groups: dict[tuple[int, ...], list[str]] = {}
        for number, banks in offers:
            groups.setdefault(banks, []).append(number)
        raise SeparatePayments(groups=list(groups.values()))
    return tuple(bank for bank in offers[0][1] if bank in shared)


def free_until(document: Document, terms: LateTerms, today: date) -> date | None:
    """For a document past due that still costs no charges today: the last such day."""
    if document.due is None or document.due >= today:
        return None
    last = last_day_on_time(document.due, terms)
    return last if last >= today else None


def item_today(document: Document, terms: LateTerms, today: date) -> QuoteItem:
    """What this one document costs today, payable here or not."""
    return _item(document, terms, today, today)


def _item(document: Document, terms: LateTerms, today: date, on: date) -> QuoteItem:
    late = document.due is not None and today > last_day_on_time(document.due, terms)
    charges = late_charges(
        document.balance,
        document.due if late else None,
        on,
        terms,
        fine_paid=document.fine_paid,
    )
    return QuoteItem(document.id, document.number, document.balance, charges.fine, charges.interest)
