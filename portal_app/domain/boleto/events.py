"""What banks report of titles, by file, by call or when asked, in one form.

A report may come late, twice, out of order and by several ways. `key` tells the same fact
again from another fact; nothing in it depends on the way it came.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from portal_app.domain.money import Money

NOTHING: Final = Money(0, "BRL")


class EventKind(StrEnum):
    """PAID is money (06, 17 …); a baixa (09) never is: the bank gave the title up.

    REFUSED: an instruction other than the entry was refused, the title stands. FEE: only a
    fee. NOTED: understood, and nothing to do for the portal.
    """

    REGISTERED = "registered"
    REJECTED = "rejected"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    AMENDED = "amended"
    REVERSED = "reversed"
    REFUSED = "refused"
    FEE = "fee"
    NOTED = "noted"


class Source(StrEnum):
    """The way a report came."""

    RETORNO = "retorno"
    WEBHOOK = "webhook"
    QUERY = "query"


@dataclass(frozen=True, slots=True, kw_only=True)
class BankEvent:
    """One fact about one title.

    `nosso_numero` without punctuation, as the bank's 240-position files state it (`plain`);
    `agreement` is the convênio, or `agência/conta` where there is none, without leading zeros.
    Amounts: `face` the title's, `paid` what the payer gave, `net` what reaches the account,
    `fee` what the bank keeps, `charges` fine and interest and `discount` (abatement included)
    that are part of `paid`. `credited_on` may be unknown for days. `line` is the file's.
    `nth` counts the same fact within one file: two equal payments are two payments.
    """

    kind: EventKind
    bank: str
    agreement: str
    nosso_numero: str
    movement: str = ""
    seu_numero: str = ""
    bank_ref: str = ""
    occurred_on: date | None = None
    credited_on: date | None = None
    due: date | None = None
    face: Money = NOTHING
    paid: Money = NOTHING
    net: Money = NOTHING
    fee: Money = NOTHING
    charges: Money = NOTHING
    discount: Money = NOTHING
    reasons: tuple[str, ...] = ()
    line: int = 0
    nth: int = 0
    raw: str = ""

    @property
    def key(self) -> str:
        """The same for the same fact, whichever way and however often it is reported."""
        return self._digest().hex()

    @property
    def fingerprint(self) -> int:
        """64 bits of `key`, to tell the facts of one file apart in little memory."""
        return int.from_bytes(self._digest()[:8])

    def _digest(self) -> bytes:
        title = self.nosso_numero.lstrip("0") or self.bank_ref or self.seu_numero
        day = self.occurred_on.isoformat() if self.occurred_on else ""
        # Money has no other name than day and amount; everything else also has its movement.
        what = "" if self.kind is EventKind.PAID else f"{self.movement} {' '.join(self.reasons)}"
        cents = self.fee.cents if self.kind is EventKind.FEE else self.paid.cents
        facts = (self.bank, title, self.kind, what, day, str(cents), str(self.nth))
        return hashlib.sha256("|".join(facts).encode()).digest()


def counted(events: Iterable[BankEvent]) -> Iterator[BankEvent]:
    """Events of one file, equal facts told apart by their order."""
    seen: set[int] = set()
    repeated: Counter[int] = Counter()
    for event in events:
        mark = event.fingerprint
        if mark in seen:
            repeated[mark] += 1
            yield replace(event, nth=repeated[mark])
        else:
            seen.add(mark)
            yield event
