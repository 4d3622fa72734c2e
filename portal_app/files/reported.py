"""What a retorno says: which file it is, then fact by fact, and every line that was not understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from portal_app.domain.boleto.events import NOTHING, BankEvent, EventKind, counted
from portal_app.domain.imports import LineWarning, RefusedLine
from portal_app.domain.money import Money

Reported = BankEvent | RefusedLine | LineWarning

# Other kinds repeat the title's amount in the place of the payment, or leave anything there.
MONEY: Final = frozenset({EventKind.PAID, EventKind.REVERSED})
# What may be said without naming a title.
NAMELESS: Final = frozenset({EventKind.FEE, EventKind.NOTED})


@dataclass(frozen=True, slots=True)
class Header:
    """Which file of a bank it is. `sequence` is the bank's count, 0 where it keeps none."""

    bank: str
    agreement: str
    sequence: int
    made_on: date | None


@dataclass(frozen=True, slots=True)
class Retorno:
    """A retorno being read, once.

    Going through it raises InvalidFile where the file breaks off: what came before must then
    not be kept.
    """

    header: Header
    items: Iterator[Reported]

    def __iter__(self) -> Iterator[Reported]:
        return self.items


@dataclass(frozen=True, slots=True)
class Amounts:
    """The money of a payment, in the words of BankEvent."""

    paid: Money = NOTHING
    net: Money = NOTHING
    charges: Money = NOTHING
    discount: Money = NOTHING


def told_apart(items: Iterable[Reported]) -> Iterator[Reported]:
    """The same in the same order, equal facts counted so that two payments stay two."""
    others: list[Reported] = []

    def events() -> Iterator[BankEvent]:
        for item in items:
            if isinstance(item, BankEvent):
                yield item
            else:
                others.append(item)

    for event in counted(events()):
        yield from others
        others.clear()
        yield event
    yield from others
