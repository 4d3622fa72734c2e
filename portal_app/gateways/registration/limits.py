"""What APIs of banks refuse in an order, as far as they refuse the same."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from portal_app.domain.boleto.check_digits import is_number
from portal_app.domain.boleto.gateway import Answer, Problem, Report
from portal_app.domain.boleto.order import ADDRESS, Order, Payer
from portal_app.domain.contact_data import STATES
from portal_app.domain.errors import (
    AmountTooLarge,
    FieldMissing,
    FieldTooLong,
    InvalidAmount,
    InvalidField,
)

_REQUIRED: Final = ("name", "tax_id", *ADDRESS)
_GREATEST: Final = 99_999_999_99
_TWO_DECIMALS: Final = Decimal("0.01")


def payer_problems(payer: Payer, longest: Mapping[str, int]) -> Iterator[Problem]:
    """`longest`: characters by the payer's fields."""
    for field in _REQUIRED:
        if not getattr(payer, field):
            yield Problem(field, FieldMissing.code)
    for field, length in longest.items():
        if len(getattr(payer, field)) > length:
            yield Problem(field, FieldTooLong.code)
    if payer.tax_id and len(payer.tax_id) not in {11, 14}:
        yield Problem("tax_id", InvalidField.code)
    if payer.state and payer.state not in STATES:
        yield Problem("state", InvalidField.code)
    if payer.postcode and not (is_number(payer.postcode) and len(payer.postcode) == 8):
        yield Problem("postcode", InvalidField.code)


def amount_problems(order: Order, least: int) -> Iterator[Problem]:
    """`least`: cents."""
    if order.amount.currency != "BRL" or order.amount.cents < least:
        yield Problem("amount", InvalidAmount.code)
    if order.amount.cents > _GREATEST:
        yield Problem("amount", AmountTooLarge.code)
    discount = order.discount
    if discount and (discount.until > order.due or discount.amount.cents >= order.amount.cents):
        yield Problem("discount", InvalidField.code)


def refused_here(problems: Sequence[Problem]) -> Report:
    """What the bank would answer, without asking it."""
    reasons = tuple(f"{problem.field}: {problem.code}" for problem in problems)
    return Report(answer=Answer.REJECTED, reasons=reasons)


def percent(rate: Decimal | None) -> Decimal | None:
    """A rate as banks take it; None where they would round it, so that an amount says it better.

    >>> percent(Decimal("0.02")), percent(Decimal("0.00033"))
    (Decimal('2.00'), None)
    """
    if rate is None:
        return None
    hundredths = (rate * 100).quantize(_TWO_DECIMALS)
    return hundredths if hundredths == rate * 100 else None
