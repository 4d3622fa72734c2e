"""What was paid, by period."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, event

from portal_app.db import loading
from portal_app.db.engine import transaction
from portal_app.db.loading import PastPayment
from portal_app.domain.allocation import Charged
from portal_app.domain.documents import PAGE_SIZE, Period
from portal_app.domain.errors import NotGranted
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod, PaymentState
from portal_app.services import boletos, history
from tests.company import NOW, TODAY, World, actor, run_jobs
from tests.services import test_receipts as receipt_of

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
    with pytest.raises(NotGranted):
        history.list_receipts(stranger, ALWAYS, 0)


def test_receipts_are_listed_by_the_day_the_money_went(world: World) -> None:
    paid = receipt_of.pay(world, 8_000, {"soon": (8_000, 0, 0)})
    run_jobs()
    receipt_of.go_back(world, paid, 3_000)
    run_jobs()

    page = history.list_receipts(actor("ana"), ALWAYS, 0)
    of_payments = history.list_payments(actor("ana"), ALWAYS, 0)

    assert [(each.number, each.total) for each in page.receipts] == [
        ("REC 2026/2", Money(3_000, "BRL")),
        ("REC 2026/1", Money(8_000, "BRL")),
    ]
    assert (page.matching, page.pages) == (2, 1)
    assert history.list_receipts(actor("ana"), Period(None, TODAY - timedelta(1)), 0).matching == 0
    assert [(name.number, name.kind.value, name.total) for name in of_payments.receipts[paid]] == [
        ("REC 2026/1", "receipt", Money(8_000, "BRL")),
        ("REC 2026/2", "refund", Money(3_000, "BRL")),
    ]
    assert of_payments.receipts[paid][0].public_id == page.receipts[1].public_id


def test_a_page_of_payments_asks_as_often_as_one_payment(world: World) -> None:
    def asked() -> int:
        asked_for = 0

        def count(*_: object) -> None:
            nonlocal asked_for
            asked_for += 1

        ana = actor("ana")
        event.listen(Engine, "before_cursor_execute", count)
        try:
            for ask in (history.list_payments, history.list_receipts):
                ask(ana, ALWAYS, 0)
        finally:
            event.remove(Engine, "before_cursor_execute", count)
        return asked_for

    receipt_of.pay(world, 100, {"later": (12_990, 0, 0)})
    run_jobs()
    one = asked()
    for _ in range(9):
        receipt_of.pay(world, 100, {"later": (12_000, 0, 0)})
    run_jobs()

    assert asked() == one


@pytest.mark.parametrize("name", ["bia", "rui"])
def test_somebody_else_s_receipts_never_appear(world: World, name: str) -> None:
    receipt_of.pay(world, 8_000, {"soon": (8_000, 0, 0)})
    run_jobs()

    assert history.list_receipts(actor(name), ALWAYS, 0).receipts == ()
