"""Money: whole minor units and a currency. The one place that rounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from portal_app.domain.errors import InvalidAmount, MixedCurrencies

_DECIMAL = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (cents) of one currency.

    >>> Money(12990, "BRL").times(Decimal("0.02"))
    Money(cents=260, currency='BRL')
    """

    cents: int
    currency: str

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str, field: str = "amount") -> Money:
        """Read '1234.56'. A third decimal is refused, never rounded away.

        >>> Money.parse("10.5", "BRL")
        Money(cents=1050, currency='BRL')
        """
        if not _DECIMAL.fullmatch(text):
            raise InvalidAmount(field=field, value=text[:40])
        return cls(int(Decimal(text).scaleb(2)), currency)

    @classmethod
    def total(cls, amounts: Iterable[Money], currency: str) -> Money:
        cents = 0
        for amount in amounts:
            if amount.currency != currency:
                raise MixedCurrencies(currencies=sorted({currency, amount.currency}))
            cents += amount.cents
        return cls(cents, currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + self._same(other).cents, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - self._same(other).cents, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.cents, self.currency)

    def __bool__(self) -> bool:
        return self.cents != 0

    def times(self, rate: Decimal, over: int = 1) -> Money:
        """This amount times a fraction, `rate` / `over`, rounded half up to the minor unit.

        It divides last: a rate that was divided before may be cut, and half a cent then less.

        >>> Money(375, "BRL").times(4 * Decimal("0.01"), over=30)
        Money(cents=1, currency='BRL')
        """
        exact = Decimal(self.cents) * rate / over
        return Money(int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)), self.currency)

    def shared(self, weights: Sequence[int]) -> list[Money]:
        """This amount in parts as the weights are to each other; together exactly this amount.

        What rounding leaves goes to the largest remainders, the first of equal ones first.

        >>> [part.cents for part in Money(100, "BRL").shared([1, 1, 1])]
        [34, 33, 33]
        """
        whole = sum(weights)
        if not whole:
            raise InvalidAmount(field="weights")
        parts = [divmod(self.cents * weight, whole) for weight in weights]
        left = self.cents - sum(cents for cents, _ in parts)
        largest = sorted(range(len(parts)), key=lambda index: -parts[index][1])[:left]
        return [
            Money(cents + (index in largest), self.currency)
            for index, (cents, _) in enumerate(parts)
        ]

    def decimal(self) -> Decimal:
        """For printing and exchange files; never to calculate on."""
        return Decimal(self.cents).scaleb(-2)

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise MixedCurrencies(currencies=sorted({self.currency, other.currency}))
        return other
