"""Payments at Stripe, from the ticked documents to the books: its server, its signed calls, our jobs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from portal_app.db import tasks
from portal_app.db.engine import transaction
from portal_app.db.models import AllocationRow, JobRow, PaymentRow, ProviderEventRow
from portal_app.domain.errors import AlreadyPaid, MethodUnavailable, RefundUnderWay
from portal_app.domain.grants import StaffFeature
from portal_app.domain.ledger import Account
from portal_app.domain.money import Money
from portal_app.domain.payments import Hosted, Payment, PaymentMethod, PaymentState
from portal_app.gateways import clock
from portal_app.jobs.schedule import SCHEDULE
from portal_app.services import jobs, ledger, payments, provider_calls, refunds
from portal_app.settings import settings
from tests.company import NOW, World, actor, page_of, permit_staff, run_jobs, together
from tests.gateways.fixtures import stripe_server as stripe_server
from tests.gateways.stripe_server import KEY, SECRET, Fault, StripeServer
from tests.services.test_checkouts import account, balances, brl, kinds

TOTAL = 34738
PAID = "checkout.session.completed"


@pytest.fixture
def stripe(
    world: World, stripe_server: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StripeServer]:
    """The installation has Stripe's key, and a Stripe whose clock is the test's."""
    monkeypatch.setenv("PORTAL_STRIPE_SECRET_KEY", KEY)
    monkeypatch.setenv("PORTAL_STRIPE_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("PORTAL_STRIPE_API_BASE", stripe_server.base_url)
    settings.cache_clear()
    stripe_server.set_clock(NOW)
    yield stripe_server
    settings.cache_clear()


def start(world: World, method: PaymentMethod = PaymentMethod.CARD) -> str:
    return payments.start(actor("ana"), world.three, method, brl(TOTAL)).payment


def payment(public_id: str) -> Payment:
    return payments.view(actor("ana"), public_id)


def hosted(public_id: str) -> Hosted:
    known = payment(public_id).hosted
    assert known is not None
    return known


def tell(stripe: StripeServer, public_id: str, kind: str = PAID) -> bool:
    """Stripe calls, and the jobs ask it."""
    body, signature = stripe.sign(stripe.event(kind, public_id))
    new = provider_calls.receive(body, signature)
    run_jobs()
    return new


def count(row: type[PaymentRow | AllocationRow | ProviderEventRow]) -> int:
    with transaction(write=False) as session:
        return session.execute(select(func.count()).select_from(row)).scalar_one()


def test_it_leads_to_stripes_page_and_one_page_only(world: World, stripe: StripeServer) -> None:
    started = payments.start(actor("ana"), world.three, PaymentMethod.CARD, brl(TOTAL))

    assert started.url.startswith(f"{stripe.base_url}/c/pay/")
    assert payment(started.payment).state is PaymentState.PENDING
    run_jobs()
    assert list(stripe.opened.values()) == [1]


def test_paid_it_is_confirmed_once_whoever_tells(world: World, stripe: StripeServer) -> None:
    paid = start(world)
    stripe.pay(paid)

    assert tell(stripe, paid)
    assert payments.refresh(actor("ana"), paid, arrived=True).state is PaymentState.CONFIRMED
    tell(stripe, paid, "payment_intent.succeeded")

    assert balances(world) == [0, 0, 0]
    assert count(AllocationRow) == 3
    assert account(Account.CLEARING) == TOTAL
    assert account(Account.FEES) == -account(Account.PROVIDER) > 0
    assert ledger.verify().ok


def test_the_same_call_twice_is_kept_once(world: World, stripe: StripeServer) -> None:
    paid = start(world)
    stripe.pay(paid)
    body, signature = stripe.sign(stripe.event(PAID, paid))

    answers = together(8, lambda _: provider_calls.receive(body, signature))

    assert sorted(map(str, answers)) == ["False"] * 7 + ["True"]
    assert count(ProviderEventRow) == 1
    run_jobs()
    with transaction(write=False) as session:
        assert session.scalars(select(col(ProviderEventRow.handled_at))).one() == clock.now()


def test_a_call_about_nothing_of_ours_is_kept_and_done_with(
    world: World, stripe: StripeServer
) -> None:
    paid = start(world)
    event = stripe.event(PAID, paid)
    event["data"]["object"] |= {
        "client_reference_id": "x",
        "metadata": {},
        "id": "cs_x",
        "payment_intent": None,
    }

    assert provider_calls.receive(*stripe.sign(event))

    with transaction(write=False) as session:
        row = session.scalars(select(ProviderEventRow)).one()
    assert (row.company_id, row.handled_at) == (None, clock.now())


def test_a_voucher_waits_and_is_paid_days_later(world: World, stripe: StripeServer) -> None:
    rui, document = actor("rui"), world.documents["of_rui"]
    amount = Money(6430, "EUR")
    started = payments.start(rui, [document], PaymentMethod.MULTIBANCO, amount)
    stripe.submit(started.payment)
    tell(stripe, started.payment)

    waiting = payments.view(rui, started.payment)
    assert waiting.state is PaymentState.PENDING
    assert waiting.hosted is not None
    assert len(waiting.hosted.voucher.entity + waiting.hosted.voucher.reference) == 14

    stripe.pay(started.payment)
    tell(stripe, started.payment, "checkout.session.async_payment_succeeded")
    assert payments.view(rui, started.payment).state is PaymentState.CONFIRMED


def test_a_voucher_nobody_paid_frees_its_document(world: World, stripe: StripeServer) -> None:
    rui, document = actor("rui"), world.documents["of_rui"]
    started = payments.start(rui, [document], PaymentMethod.MULTIBANCO, Money(6430, "EUR"))
    stripe.submit(started.payment)
    tell(stripe, started.payment)

    stripe.expire(started.payment)
    tell(stripe, started.payment, "checkout.session.async_payment_failed")

    assert payments.view(rui, started.payment).state is PaymentState.FAILED
    assert payments.quote(rui, [document]).total == Money(6430, "EUR")


def test_a_voucher_given_up_and_paid_is_credit_and_a_task(
    world: World, stripe: StripeServer
) -> None:
    rui, document = actor("rui"), world.documents["of_rui"]
    started = payments.start(rui, [document], PaymentMethod.MULTIBANCO, Money(6430, "EUR"))
    stripe.submit(started.payment)
    tell(stripe, started.payment)
    payments.supersede(rui, started.payment)
    again = payments.start(rui, [document], PaymentMethod.CARD, Money(6430, "EUR"))
    stripe.pay(again.payment)
    tell(stripe, again.payment)

    stripe.pay(started.payment)
    tell(stripe, started.payment, "checkout.session.async_payment_succeeded")

    assert payments.view(rui, started.payment).state is PaymentState.CONFIRMED
    assert account(Account.CUSTOMER_CREDIT) == -6430
    assert ledger.verify().ok


def test_a_decline_keeps_the_page_open_and_is_said(world: World, stripe: StripeServer) -> None:
    declined = start(world)
    stripe.decline(declined)
    tell(stripe, declined, "payment_intent.payment_failed")

    assert payment(declined).state is PaymentState.PENDING
    assert payment(declined).failure == "insufficient_funds"
    assert hosted(declined).url


def test_an_instant_payment_is_given_up_only_with_stripe(
    world: World, stripe: StripeServer
) -> None:
    given_up = start(world)
    payments.supersede(actor("ana"), given_up)
    assert payment(given_up).state is PaymentState.SUPERSEDED
    assert not stripe.pay(given_up)

    paid = start(world)
    stripe.pay(paid)
    with pytest.raises(AlreadyPaid):
        payments.supersede(actor("ana"), paid)
    assert payment(paid).state is PaymentState.CONFIRMED


def test_a_lost_webhook_is_found_by_the_sweep(world: World, stripe: StripeServer) -> None:
    paid = start(world)
    stripe.pay(paid)
    with transaction() as session:
        for job in session.scalars(select(JobRow)):
            session.delete(job)

    with clock.fixed_at(NOW + timedelta(minutes=36)):
        jobs.plan(SCHEDULE)
        run_jobs()

    assert payment(paid).state is PaymentState.CONFIRMED


def test_refunds_at_stripe_come_home(world: World, stripe: StripeServer) -> None:
    paid = start(world)
    stripe.pay(paid)
    tell(stripe, paid)

    refund = stripe.give_back(paid, 8000)
    tell(stripe, paid, "charge.refunded")
    tell(stripe, paid, "refund.updated")
    assert balances(world) == [0, 0, 8000]

    stripe.fail_refund(refund)
    tell(stripe, paid, "refund.failed")

    assert account(Account.CUSTOMER_CREDIT) == -8000
    assert kinds() == ["refund_failed"]
    assert payment(paid).state is PaymentState.CONFIRMED
    assert ledger.verify().ok


@pytest.mark.parametrize("ruled", ["won", "lost"])
def test_disputes_come_home(world: World, stripe: StripeServer, ruled: str) -> None:
    paid = start(world)
    stripe.pay(paid)
    tell(stripe, paid)
    dispute = stripe.dispute(paid)
    tell(stripe, paid, "charge.dispute.created")
    assert payment(paid).state is PaymentState.DISPUTED

    stripe.rule(dispute, ruled)
    tell(stripe, paid, "charge.dispute.closed")

    lost = ruled == "lost"
    assert payment(paid).state is (PaymentState.REFUNDED if lost else PaymentState.CONFIRMED)
    assert sum(balances(world)) == (33980 if lost else 0)
    assert account(Account.DISPUTES) == 0
    assert ledger.verify().ok


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.DROP_AFTER, Fault.DROP_BEFORE])
def test_whatever_goes_wrong_there_is_one_page(
    world: World, stripe: StripeServer, fault: Fault
) -> None:
    stripe.fail(*[fault] * 3)

    started = payments.start(actor("ana"), world.three, PaymentMethod.CARD, brl(TOTAL))
    assert payment(started.payment).state is PaymentState.CREATED
    stripe.mend()
    with clock.fixed_at(NOW + timedelta(seconds=20)):
        run_jobs()

    assert payment(started.payment).state is PaymentState.PENDING
    assert list(stripe.opened.values()) == [1]


def test_an_error_that_its_key_repeats_is_searched_for(world: World, stripe: StripeServer) -> None:
    stripe.fail(Fault.BROKEN_AFTER)

    started = payments.start(actor("ana"), world.three, PaymentMethod.CARD, brl(TOTAL))
    with clock.fixed_at(NOW + timedelta(minutes=6)):
        run_jobs()

    assert payment(started.payment).state is PaymentState.PENDING
    assert list(stripe.opened.values()) == [1]


def test_over_a_hundred_documents_are_one_line(world: World, stripe: StripeServer) -> None:
    many = [world.add("FT", 5000 + number, 5, 100) for number in range(101)]

    started = payments.start(actor("ana"), many, PaymentMethod.CARD, brl(10_100))
    stripe.pay(started.payment)
    tell(stripe, started.payment)

    assert payment(started.payment).state is PaymentState.CONFIRMED
    assert sum(balances(world, many)) == 0


def test_shuffled_repeated_calls_beside_the_return_page(world: World, stripe: StripeServer) -> None:
    paid = start(world)
    stripe.pay(paid)
    told = [
        stripe.sign(stripe.event(kind, paid))
        for kind in (PAID, "payment_intent.succeeded", "checkout.session.expired")
    ] * 4
    random.Random(7).shuffle(told)
    ana = actor("ana")

    def act(number: int) -> object:
        if number % 3 == 2:
            return payments.refresh(ana, paid, arrived=True)
        return [provider_calls.receive(*call) for call in told[number::8]]

    answers = together(8, act)
    run_jobs()

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert payment(paid).state is PaymentState.CONFIRMED
    assert count(AllocationRow) == 3
    assert account(Account.CLEARING) == TOTAL


def test_without_a_key_nobody_can_call(world: World) -> None:
    with pytest.raises(MethodUnavailable):
        provider_calls.receive(b"{}", "")


@pytest.mark.parametrize(
    "fault", [None, Fault.DROP_AFTER, Fault.DROP_BEFORE, Fault.BROKEN_AFTER, Fault.CONFLICT]
)
def test_money_goes_back_at_stripe_once_whatever_goes_wrong_there(
    world: World, stripe: StripeServer, fault: Fault | None
) -> None:
    paid = start(world)
    stripe.pay(paid)
    tell(stripe, paid)
    permit_staff(world.company, StaffFeature.FIND_CUSTOMERS, StaffFeature.REFUND)
    clerk = actor("staff")
    wanted = refunds.Wanted("80,00", brl(TOTAL), "x")

    refunds.ask(clerk, page_of(world), paid, wanted)
    stripe.fail(*[fault] * 3 if fault else [])
    run_jobs()
    stripe.mend()
    with clock.fixed_at(NOW + timedelta(minutes=10)):
        run_jobs()

    (row,) = refunds.list_payments(clerk, page_of(world)).rows
    assert (row.gone, row.coming) == (brl(8000), brl(0))
    (page,) = stripe.desk.pages.values()
    assert [refund["amount"] for refund in page.refunds] == [8000]
    assert balances(world) == [0, 0, 8000]
    assert ledger.verify().ok


def test_a_refund_stripe_has_begun_is_on_its_way_until_it_went(
    world: World, stripe: StripeServer
) -> None:
    paid = start(world)
    stripe.pay(paid)
    tell(stripe, paid)
    permit_staff(world.company, StaffFeature.FIND_CUSTOMERS, StaffFeature.REFUND)
    clerk = actor("staff")
    stripe.desk.refund_status = "pending"

    refunds.ask(clerk, page_of(world), paid, refunds.Wanted("80,00", brl(TOTAL), "x"))
    run_jobs()

    (row,) = refunds.list_payments(clerk, page_of(world)).rows
    assert (row.gone, row.coming, row.left) == (brl(0), brl(8000), brl(0))
    with pytest.raises(RefundUnderWay):
        refunds.ask(clerk, page_of(world), paid, refunds.Wanted("80,00", brl(TOTAL), "x"))

    (page,) = stripe.desk.pages.values()
    stripe.fail_refund(page.refunds[0]["id"])
    tell(stripe, paid, "refund.failed")

    (row,) = refunds.list_payments(clerk, page_of(world)).rows
    assert (row.gone, row.coming, row.left) == (brl(0), brl(0), brl(TOTAL))
    with transaction(write=False) as session:
        assert [task.kind for task in tasks.open_tasks(session, world.company)] == [
            "refund_refused"
        ]
    assert balances(world) == [0, 0, 0]


def test_stripe_refuses_what_its_owner_sent_back_meanwhile(
    world: World, stripe: StripeServer
) -> None:
    """Another refund was made at Stripe, and its call was lost: more than is left is asked for."""
    paid = start(world)
    stripe.pay(paid)
    tell(stripe, paid)
    permit_staff(world.company, StaffFeature.FIND_CUSTOMERS, StaffFeature.REFUND)
    clerk = actor("staff")
    refunds.ask(clerk, page_of(world), paid, refunds.Wanted("347,38", brl(TOTAL), "x"))
    stripe.give_back(paid, 10000)

    run_jobs()

    (row,) = refunds.list_payments(clerk, page_of(world)).rows
    assert (row.gone, row.left) == (brl(10000), brl(TOTAL - 10000))
    with transaction(write=False) as session:
        assert [task.kind for task in tasks.open_tasks(session, world.company)] == [
            "refund_refused"
        ]
