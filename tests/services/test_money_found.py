"""Faults of money that the proofs found, each as its shortest story."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal_app.domain.boleto.order import Late
from portal_app.domain.money import Money
from portal_app.domain.settlement import Terms, expected_charges
from portal_app.gateways import clock
from portal_app.services import payments
from tests.company import NOW, World, actor

FRIDAY = date(2026, 11, 13)


@pytest.mark.parametrize(("cents", "interest"), [(375, 1), (374, 0), (374_625, 500)])
def test_half_a_cent_of_interest_is_rounded_up(world: World, cents: int, interest: int) -> None:
    # 3,75 at 1 % a month, 4 of 30 days: 0,5 cents. A thirtieth of the rate, cut, made it less.
    document = world.add("FT", 60, 0, cents)

    with clock.fixed_at(NOW + timedelta(days=4)):
        (item,) = payments.quote(actor("ana"), [document]).items

    assert item.interest == Money(interest, "BRL")


def test_half_a_cent_of_a_boletos_own_interest_is_rounded_up_too() -> None:
    none = Money.zero("BRL")
    late = Late(none, None, none, Decimal("0.01"))

    charges = expected_charges(
        Money(374_625, "BRL"), Terms(FRIDAY, late), FRIDAY + timedelta(days=4)
    )

    assert charges == Money(500, "BRL")
