"""What was paid, by period."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal_app.db import loading
from portal_app.db.engine import transaction
from portal_app.db.loading import PastPayment
from portal_app.domain.allocation import Charged
from portal_app.domain.documents import PAGE_SIZE, Period
from portal_app.domain.errors import NotGranted
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod, PaymentState
from portal_app.services import boletos, history
from tests.company import NOW, TODAY, World, actor

ALWAYS = Period()


def pay(world: World, parts: dict[str, int], day: date, customer: str = "ana") -> int:
    """A payment of so many cents for each of the named documents."""
    none = Money.zero("BRL")
    owed = [
        Charged(world.documents[name], None, Money(cents, "BRL"), none, none)
        for name, cents in parts.items()
    ]
    past = PastPayment(
        world.customers[customer],
        PaymentMethod.COUNTER,
        day,
        Money(sum(parts.values()), "BRL"),
        owed,
    )
    with transaction() as session:
        return loading.add_payment(session, world.company, past, NOW)


def test_payments_are_listed_newest_first_with_what_they_paid(world: World) -> None:
    pay(world, {"soon": 8_000}, TODAY - timedelta(days=3))
    pay(world, {"overdue_43": 12_990, "overdue_12": 990}, TODAY)

    page = history.list_payments(actor("ana"), ALWAYS, 0)

    assert [payment.amount for payment in page.payments] == [
        Money(13_980, "BRL"),
        Money(8_000, "BRL"),
    ]
    assert {item.number for item in page.payments[0].items} == {"FT 2026/1841", "FT 2026/1990"}
    assert page.payments[0].state is PaymentState.CONFIRMED
    assert (page.matching, page.page, page.pages) == (2, 0, 1)


def test_a_period_takes_the_days_money_came_both_ends_included(world: World) -> None:
    pay(world, {"soon": 1_000}, TODAY - timedelta(days=2))
    pay(world, {"soon": 2_000}, TODAY - timedelta(days=1))
    pay(world, {"soon": 3_000}, TODAY)

    first, last = TODAY - timedelta(days=2), TODAY - timedelta(days=1)
    page = history.list_payments(actor("ana"), Period(first, last), 0)

    assert [payment.amount.cents for payment in page.payments] == [2_000, 1_000]


def test_an_attempt_without_money_is_not_history(world: World) -> None:
    ana = actor("ana")
    bank = boletos.offer(ana, world.three).banks[0]
    boletos.issue(ana, world.three, bank.carteira, bank.total)

    assert history.list_payments(ana, ALWAYS, 0).matching == 0
    assert history.list_settled(ana, ALWAYS, 0).matching == 0


def test_a_document_is_settled_on_the_day_its_last_cent_came(world: World) -> None:
    pay(world, {"soon": 3_000}, TODAY - timedelta(days=9))
    pay(world, {"soon": 5_000, "later": 100}, TODAY - timedelta(days=1))

    (settled,) = history.list_settled(actor("ana"), ALWAYS, 0).documents

    assert (settled.number, settled.total) == ("ND 2026/77", Money(8_000, "BRL"))
    assert settled.paid_on == TODAY - timedelta(days=1)
    early = Period(None, TODAY - timedelta(days=5))
    assert history.list_settled(actor("ana"), early, 0).documents == ()


def test_a_page_past_the_end_is_the_last_one(world: World) -> None:
    for number in range(PAGE_SIZE + 1):
        pay(world, {"later": 1}, TODAY - timedelta(days=number))

    page = history.list_payments(actor("ana"), ALWAYS, 9)

    assert (page.page, page.pages, page.matching) == (1, 2, PAGE_SIZE + 1)
    assert [payment.paid_on for payment in page.payments] == [TODAY - timedelta(days=PAGE_SIZE)]


@pytest.mark.parametrize("name", ["bia", "rui"])
def test_somebody_else_s_payments_never_appear(world: World, name: str) -> None:
    pay(world, {"soon": 8_000}, TODAY)

    assert history.list_payments(actor(name), ALWAYS, 0).payments == ()
    assert history.list_settled(actor(name), ALWAYS, 0).documents == ()


def test_whoever_was_not_granted_the_history_is_refused(world: World) -> None:
    stranger = replace(actor("ana"), features=frozenset())

    with pytest.raises(NotGranted):
        history.list_payments(stranger, ALWAYS, 0)
    with pytest.raises(NotGranted):
        history.list_settled(stranger, ALWAYS, 0)
