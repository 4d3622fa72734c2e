"""What a bank is told of a title, frozen when the title is made: the order to register it.

Late charges and discount are amounts or rates as the bank takes them. A title that already
contains charges has its own ones on the principal only, so they are amounts then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from portal_app.domain.boleto.bank import Title
from portal_app.domain.facts import facts_of
from portal_app.domain.money import Money

# What no bank does without of where a payer is.
ADDRESS: Final = ("street", "city", "state", "postcode")


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays, in the parts banks want. `tax_id` and `postcode` without punctuation."""

    name: str
    tax_id: str
    street: str
    district: str
    city: str
    state: str
    postcode: str
    email: str = ""

    @property
    def is_company(self) -> bool:
        """A CNPJ has 14 characters, letters among them since 2026; a CPF 11."""
        return len(self.tax_id) == 14


@dataclass(frozen=True, slots=True)
class Late:
    """What the bank charges once the title is late.

    `fine` is due once; `fine_rate` says the same as a fraction of the title's amount where it
    is just that, else None. Likewise `interest_a_day` and `interest_rate`, the latter a month.
    """

    fine: Money
    fine_rate: Decimal | None
    interest_a_day: Money
    interest_rate: Decimal | None

    @classmethod
    def none(cls, currency: str) -> Late:
        zero = Money.zero(currency)
        return cls(zero, None, zero, None)


@dataclass(frozen=True, slots=True)
class Discount:
    """`amount` less if paid on `until` at the latest."""

    until: date
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A title to be registered. `title` has amount and due date; `nosso_numero` as printed.

    `nosso_numero` is empty and the title's sequence 0 where the bank gives the number.
    `seu_numero` of the title is ours and never used twice: a bank that was told twice knows by
    it. `write_off_days`: after so many days past due the bank gives the title up by itself.
    """

    title: Title
    nosso_numero: str
    payer: Payer
    document_date: date
    late: Late
    discount: Discount | None = None
    write_off_days: int = 60
    especie_doc: str = "DM"
    aceite: str = "N"
    wants_pix: bool = False
    instructions: tuple[str, ...] = ()

    @property
    def amount(self) -> Money:
        assert self.title.amount is not None, "an order has an amount"
        return self.title.amount

    @property
    def due(self) -> date:
        assert self.title.due is not None, "an order has a due date"
        return self.title.due

    @property
    def late_from(self) -> date:
        """The first day on which late charges count. Banks refuse the due date itself."""
        return self.due + timedelta(days=1)

    def facts(self) -> dict[str, Any]:
        """As stored."""
        return facts_of(self)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Order:
        """The order that `facts` were taken from."""
        title = {**facts["title"]}
        title["amount"] = Money(**title["amount"])
        title["due"] = date.fromisoformat(title["due"])
        discount = facts["discount"]
        read: dict[str, Any] = {
            "title": Title(**title),
            "payer": Payer(**facts["payer"]),
            "document_date": date.fromisoformat(facts["document_date"]),
            "late": _late(facts["late"]),
            "discount": _discount(discount) if discount else None,
            "instructions": tuple(facts["instructions"]),
        }
        return cls(**{**facts, **read})


def with_due(order: Order, due: date) -> Order:
    """The same title with another due date, for asking its bank to move it."""
    return replace(order, title=replace(order.title, due=due))


def _late(facts: Mapping[str, Any]) -> Late:
    fine_rate, interest_rate = facts["fine_rate"], facts["interest_rate"]
    return Late(
        Money(**facts["fine"]),
        Decimal(fine_rate) if fine_rate is not None else None,
        Money(**facts["interest_a_day"]),
        Decimal(interest_rate) if interest_rate is not None else None,
    )


def _discount(facts: Mapping[str, Any]) -> Discount:
    return Discount(date.fromisoformat(facts["until"]), Money(**facts["amount"]))
