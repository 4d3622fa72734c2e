"""Which ways to pay are offered: by currency, total, the company's account and what is granted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from portal_app.domain.grants import AnyFeature, Feature
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod

FEATURE_OF: Final[Mapping[PaymentMethod, Feature]] = {
    PaymentMethod.PIX: Feature.PAY_PIX,
    PaymentMethod.MB_WAY: Feature.PAY_MB_WAY,
    PaymentMethod.MULTIBANCO: Feature.PAY_MULTIBANCO,
    PaymentMethod.CARD: Feature.PAY_CARD,
    PaymentMethod.BOLETO: Feature.PAY_BOLETO,
}
"""Methods a customer can choose, in the order they are offered, with the grant each needs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Least and most cents of one payment; None: the account's own limit holds."""

    least: int
    most: int | None = None


# Stripe's documentation, 2026-11: payments/mb-way, multibanco, pix, boleto; card by currency.
_LIMITS: Final[Mapping[tuple[PaymentMethod, str], Limits]] = {
    (PaymentMethod.CARD, "BRL"): Limits(50),
    (PaymentMethod.CARD, "EUR"): Limits(50),
    (PaymentMethod.PIX, "BRL"): Limits(50),
    (PaymentMethod.BOLETO, "BRL"): Limits(500),
    (PaymentMethod.MB_WAY, "EUR"): Limits(50, 500_000),
    (PaymentMethod.MULTIBANCO, "EUR"): Limits(50, 9_999_900),
}

_USUAL: Final[Mapping[str, tuple[PaymentMethod, ...]]] = {
    "BRL": (PaymentMethod.PIX, PaymentMethod.CARD),
    "EUR": (PaymentMethod.MB_WAY, PaymentMethod.MULTIBANCO, PaymentMethod.CARD),
}


def usual_methods(currency: str) -> tuple[PaymentMethod, ...]:
    """What a provider's account takes in a currency unless somebody said otherwise."""
    return _USUAL.get(currency, ())


def takeable(currency: str) -> tuple[PaymentMethod, ...]:
    """What a provider's account can take in a currency at all."""
    return tuple(method for method in FEATURE_OF if (method, currency) in _LIMITS)


def takes(method: PaymentMethod, total: Money) -> bool:
    """Whether a provider takes such a sum by this method.

    >>> takes(PaymentMethod.MB_WAY, Money(500_001, "EUR"))
    False
    """
    limits = _LIMITS.get((method, total.currency))
    if limits is None or total.cents < limits.least:
        return False
    return limits.most is None or total.cents <= limits.most


def offered(
    enabled: Collection[PaymentMethod], total: Money, features: Collection[AnyFeature]
) -> Sequence[PaymentMethod]:
    """The methods of an account open to somebody for this total, in the order they are shown."""
    return tuple(
        method
        for method, feature in FEATURE_OF.items()
        if method in enabled and feature in features and takes(method, total)
    )
