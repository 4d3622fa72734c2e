"""How a checkout at Stripe stands, from its opening to the last refund."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from stripe.checkout import Session

from portal_app.domain.checkout import (
    CheckoutRef,
    CheckoutStatus,
    Dispute,
    DisputeStatus,
    PaymentGateway,
    Provider,
    Refund,
    RefundStatus,
    Voucher,
)
from portal_app.domain.errors import ProviderRefused, ProviderUnavailable
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.gateways.stripe import StripeGateway
from tests.gateways.checkouts import again, order, ref
from tests.gateways.stripe_desk import ENTITY, FEE, LEFT_OUT, LINE, PIX, REFERENCE
from tests.gateways.stripe_server import ACCOUNT, Fault, StripeServer

PAYMENT = "pay_7Kq"
EUR = Money(12_345, "EUR")


def test_it_is_a_payment_gateway(stripe_gateway: StripeGateway) -> None:
    gateway: PaymentGateway = stripe_gateway

    assert gateway.provider is Provider.STRIPE


def test_an_opened_page_is_open_and_has_its_address(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    report = stripe_gateway.open(order())

    assert report.status is CheckoutStatus.OPEN
    assert report.payment == PAYMENT
    assert report.amount == EUR
    assert report.url == f"{stripe_server.base_url}/c/pay/{report.session}"
    assert (report.intent, report.paid, report.fee, report.voucher) == ("", None, None, None)
    assert stripe_gateway.look(ref(report)) == report


@pytest.mark.parametrize("method", [PaymentMethod.CARD, PaymentMethod.MB_WAY, PaymentMethod.PIX])
def test_money_is_what_came_in_not_what_was_asked(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, method: PaymentMethod
) -> None:
    opened = stripe_gateway.open(order(method))
    stripe_server.pay(PAYMENT, cents=12_000)

    report = stripe_gateway.look(ref(opened))

    assert report.status is CheckoutStatus.PAID
    assert report.amount.cents == 12_345
    assert report.paid == Money(12_000, report.amount.currency)
    assert report.fee == Money(FEE, report.amount.currency)
    assert report.paid_at is not None
    assert abs(report.paid_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert report.intent.startswith("pi_")
    assert (report.url, report.refunds, report.disputes) == ("", (), ())


def test_a_fee_in_another_currency_is_not_told(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order(PaymentMethod.PIX))
    stripe_server.pay(PAYMENT, fee_currency="eur")

    report = stripe_gateway.look(ref(opened))

    assert report.paid == Money(12_345, "BRL")
    assert report.fee is None


def test_a_fee_that_is_not_known_yet_is_not_told(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.pay(PAYMENT)
    stripe_server.desk.pages[opened.session].booked = None
    charge = stripe_server.desk.pages[opened.session].charge
    assert charge is not None
    charge["balance_transaction"] = None

    report = stripe_gateway.look(ref(opened))

    assert (report.status, report.paid, report.fee) == (CheckoutStatus.PAID, EUR, None)


def test_a_declined_card_leaves_the_page_open_and_says_why(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order())

    stripe_server.decline(PAYMENT)
    declined = stripe_gateway.look(ref(opened))
    stripe_server.decline(PAYMENT, code="expired_card")
    again_declined = stripe_gateway.look(ref(opened))
    stripe_server.pay(PAYMENT)
    paid = stripe_gateway.look(ref(opened))

    assert (declined.status, declined.failure) == (CheckoutStatus.OPEN, "insufficient_funds")
    assert declined.url == opened.url
    assert again_declined.failure == "expired_card"
    assert (paid.status, paid.failure, paid.paid) == (CheckoutStatus.PAID, "", EUR)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (PaymentMethod.MULTIBANCO, Voucher(entity=ENTITY, reference=REFERENCE)),
        (PaymentMethod.BOLETO, Voucher(line=LINE)),
    ],
)
def test_a_voucher_is_awaited_then_paid(
    stripe_server: StripeServer,
    stripe_gateway: StripeGateway,
    method: PaymentMethod,
    expected: Voucher,
) -> None:
    opened = stripe_gateway.open(order(method))

    stripe_server.submit(PAYMENT)
    awaited = stripe_gateway.look(ref(opened))
    stripe_server.pay(PAYMENT)
    paid = stripe_gateway.look(ref(opened))

    assert awaited.status is CheckoutStatus.AWAITED
    assert awaited.voucher is not None
    assert awaited.voucher.expires_at is not None
    assert awaited.voucher.expires_at > datetime.now(UTC)
    page = f"{stripe_server.base_url}/voucher"
    assert replace(awaited.voucher, expires_at=None) == replace(expected, page=page)
    assert (paid.status, paid.voucher) == (CheckoutStatus.PAID, None)
    assert paid.paid == paid.amount


@pytest.mark.parametrize("method", [PaymentMethod.MULTIBANCO, PaymentMethod.BOLETO])
def test_a_voucher_whose_time_is_over_has_failed(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, method: PaymentMethod
) -> None:
    opened = stripe_gateway.open(order(method))
    stripe_server.submit(PAYMENT)

    stripe_server.expire(PAYMENT)
    report = stripe_gateway.look(ref(opened))

    assert report.status is CheckoutStatus.FAILED
    assert report.failure == "payment_intent_payment_attempt_expired"
    assert report.voucher is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("processing", CheckoutStatus.AWAITED),
        ("requires_capture", CheckoutStatus.AWAITED),
        ("requires_confirmation", CheckoutStatus.AWAITED),
        ("something_new", CheckoutStatus.AWAITED),
        ("canceled", CheckoutStatus.FAILED),
        ("requires_payment_method", CheckoutStatus.FAILED),
    ],
)
def test_a_page_that_is_done_with_stands_as_its_money_does(
    stripe_server: StripeServer,
    stripe_gateway: StripeGateway,
    status: str,
    expected: CheckoutStatus,
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.move_intent(PAYMENT, status)

    report = stripe_gateway.look(ref(opened))

    assert report.status is expected
    assert (report.paid, report.url) == (None, "")


def test_a_page_whose_time_is_over_has_expired(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.decline(PAYMENT)

    stripe_server.expire(PAYMENT)
    report = stripe_gateway.look(ref(opened))

    assert report.status is CheckoutStatus.EXPIRED
    assert (report.failure, report.url) == ("insufficient_funds", "")
    assert not stripe_server.pay(PAYMENT)


def test_a_pix_code_that_outlives_its_page_is_awaited_until_it_is_over(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order(PaymentMethod.PIX))
    stripe_server.submit(PAYMENT)
    shown = stripe_gateway.look(ref(opened))

    stripe_server.expire(PAYMENT)
    outlived = stripe_gateway.look(ref(opened))
    stripe_server.expire(PAYMENT)
    over = stripe_gateway.look(ref(opened))

    assert (shown.status, shown.url) == (CheckoutStatus.OPEN, opened.url)
    assert outlived.status is CheckoutStatus.AWAITED
    assert outlived.voucher is not None
    assert outlived.voucher.pix == PIX
    assert over.status is CheckoutStatus.EXPIRED


def test_money_under_way_when_its_page_expires_is_awaited(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.move_intent(PAYMENT, "processing")
    stripe_server.desk.pages[opened.session].session["status"] = "expired"

    assert stripe_gateway.look(ref(opened)).status is CheckoutStatus.AWAITED


def test_money_for_a_page_that_expired_is_money(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order(PaymentMethod.PIX))
    stripe_server.submit(PAYMENT)
    stripe_server.expire(PAYMENT)

    assert stripe_server.pay(PAYMENT)
    report = stripe_gateway.look(ref(opened))

    assert (report.status, report.paid) == (CheckoutStatus.PAID, report.amount)


def test_the_same_key_is_the_same_page_and_says_how_it_stands_now(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    told = order()
    opened = stripe_gateway.open(told)

    still_open = stripe_gateway.open(told)
    stripe_server.pay(PAYMENT)
    paid = stripe_gateway.open(told)

    assert still_open == opened
    assert (paid.status, paid.session, paid.paid) == (CheckoutStatus.PAID, opened.session, EUR)
    assert stripe_server.opened == {told.key: 1}


def test_a_key_with_other_facts_leaves_open_what_became_of_it(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    told = order()
    opened = stripe_gateway.open(told)

    with pytest.raises(ProviderUnavailable) as refused:
        stripe_gateway.open(replace(told, locale="en"))
    found = stripe_gateway.find(told, datetime.now(UTC))

    assert refused.value.details == {"reason": "idempotency_error"}
    assert found == opened


def test_a_page_opened_without_an_answer_is_found_among_many(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    since = datetime.now(UTC)
    wanted = stripe_gateway.open(order(account=ACCOUNT))
    elsewhere = stripe_gateway.open(again(order(), "pay:elsewhere:1"))
    for n in range(230):
        stripe_gateway.open(order(payment=f"pay_{n}", cents=(100,), account=ACCOUNT))
    stripe_server.calls.clear()

    found = stripe_gateway.find(order(account=ACCOUNT), since)

    pages = [call for call in stripe_server.calls if call.path == "/v1/checkout/sessions"]
    assert found == wanted
    assert found != elsewhere
    assert len(pages) == 3
    assert {call.query["limit"] for call in pages} == {"100"}
    assert {call.headers["Stripe-Account"] for call in pages} == {ACCOUNT}
    assert len({call.query["created[gte]"] for call in pages}) == 1
    last = str(int(order().expires_at.timestamp()) + 60)
    assert all(call.query["created[lte]"] < last for call in pages)


def test_a_page_that_never_was_is_not_found(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    since = datetime.now(UTC)
    stripe_gateway.open(order(payment="pay_other"))

    assert stripe_gateway.find(order(), since) is None
    assert stripe_gateway.find(order(payment="pay_other"), since + timedelta(hours=1)) is None


def test_a_clock_that_is_ahead_of_stripes_still_finds_it(stripe_gateway: StripeGateway) -> None:
    opened = stripe_gateway.open(order())

    assert stripe_gateway.find(order(), datetime.now(UTC) + timedelta(minutes=5)) == opened


def test_a_page_known_by_its_metadata_alone_is_found(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.desk.pages[opened.session].session["client_reference_id"] = None

    assert stripe_gateway.find(order(), datetime.now(UTC)) == opened


def test_an_open_page_is_closed_to_everybody(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order())

    closed = stripe_gateway.close(ref(opened))

    assert closed.status is CheckoutStatus.EXPIRED
    assert not stripe_server.pay(PAYMENT)
    assert stripe_gateway.close(ref(opened)) == closed


def test_a_page_paid_while_it_is_being_closed_is_paid(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = stripe_gateway.open(order())
    expire = stripe_server.desk.expire_session

    def too_late(ident: str, account: str) -> dict[str, Any]:
        stripe_server.pay(PAYMENT)
        return expire(ident, account)

    monkeypatch.setattr(stripe_server.desk, "expire_session", too_late)
    closed = stripe_gateway.close(ref(opened))

    assert (closed.status, closed.paid) == (CheckoutStatus.PAID, EUR)
    assert len(stripe_server.made("POST", "/expire")) == 1


@pytest.mark.parametrize(
    ("cancels", "expected"), [(False, CheckoutStatus.AWAITED), (True, CheckoutStatus.FAILED)]
)
def test_closing_a_voucher_is_tried_and_what_is_so_is_told(
    stripe_server: StripeServer,
    stripe_gateway: StripeGateway,
    cancels: bool,
    expected: CheckoutStatus,
) -> None:
    stripe_server.desk.cancels_vouchers = cancels
    opened = stripe_gateway.open(order(PaymentMethod.MULTIBANCO))
    stripe_server.submit(PAYMENT)

    closed = stripe_gateway.close(ref(opened))

    assert closed.status is expected
    assert len(stripe_server.made("POST", "/cancel")) == 1


def test_money_that_waits_to_be_captured_is_let_go(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.move_intent(PAYMENT, "requires_capture")

    assert stripe_gateway.close(ref(opened)).status is CheckoutStatus.FAILED


def test_closing_what_is_paid_changes_nothing(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.pay(PAYMENT)

    closed = stripe_gateway.close(ref(opened))

    assert closed.status is CheckoutStatus.PAID
    assert len(stripe_server.made("POST", "/expire")) == 0


def test_a_refund_happens_once_a_key(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.pay(PAYMENT)
    known = ref(stripe_gateway.look(ref(opened)))

    first = stripe_gateway.refund(known, Money(1_000, "EUR"), "refund:1")
    second = stripe_gateway.refund(known, Money(1_000, "EUR"), "refund:1")
    rest = stripe_gateway.refund(replace(known, intent=""), Money(11_345, "EUR"), "refund:2")
    report = stripe_gateway.look(known)

    assert first == second == Refund(first.ref, Money(1_000, "EUR"), RefundStatus.DONE)
    assert report.status is CheckoutStatus.PAID
    assert report.paid == EUR
    assert set(report.refunds) == {first, rest}


def test_more_than_came_in_is_not_sent_back(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.pay(PAYMENT)
    known = ref(stripe_gateway.look(ref(opened)))
    stripe_gateway.refund(known, EUR, "refund:1")

    with pytest.raises(ProviderRefused) as refused:
        stripe_gateway.refund(known, Money(1, "EUR"), "refund:2")

    assert refused.value.details == {"reason": "charge_already_refunded"}


def test_what_was_never_paid_is_not_sent_back(stripe_gateway: StripeGateway) -> None:
    opened = stripe_gateway.open(order())

    with pytest.raises(ProviderRefused) as refused:
        stripe_gateway.refund(ref(opened), EUR, "refund:1")

    assert refused.value.details == {"reason": "nothing_paid"}


def test_a_boleto_is_not_refunded(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order(PaymentMethod.BOLETO))
    stripe_server.pay(PAYMENT)

    with pytest.raises(ProviderRefused):
        stripe_gateway.refund(ref(opened), Money(12_345, "BRL"), "refund:1")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", RefundStatus.PENDING),
        ("requires_action", RefundStatus.PENDING),
        ("succeeded", RefundStatus.DONE),
        ("failed", RefundStatus.FAILED),
        ("canceled", RefundStatus.FAILED),
    ],
)
def test_refunds_made_at_stripe_are_told(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, status: str, expected: RefundStatus
) -> None:
    opened = stripe_gateway.open(order(PaymentMethod.MULTIBANCO))
    stripe_server.pay(PAYMENT)
    made = stripe_server.give_back(PAYMENT, 45, status)

    report = stripe_gateway.look(ref(opened))

    assert report.refunds == (Refund(made, Money(45, "EUR"), expected),)


def test_a_refund_that_failed_later_is_told_though_the_charge_forgets_it(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.pay(PAYMENT)
    made = stripe_server.give_back(PAYMENT, 45)

    stripe_server.fail_refund(made)
    report = stripe_gateway.look(ref(opened))

    charge = stripe_server.desk.pages[opened.session].charge
    assert charge is not None
    assert charge["amount_refunded"] == 0
    assert report.refunds == (Refund(made, Money(45, "EUR"), RefundStatus.FAILED),)


def test_all_of_many_refunds_are_told(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order(account=ACCOUNT))
    stripe_server.pay(PAYMENT)
    made = [stripe_server.give_back(PAYMENT, 10 + n) for n in range(23)]

    report = stripe_gateway.look(ref(opened, ACCOUNT))

    pages = stripe_server.made("GET", "/refunds")
    assert [each.ref for each in report.refunds] == made[::-1]
    assert sum(each.amount.cents for each in report.refunds) == sum(10 + n for n in range(23))
    assert {call.headers["Stripe-Account"] for call in pages} == {ACCOUNT}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("needs_response", DisputeStatus.OPEN),
        ("under_review", DisputeStatus.OPEN),
        ("appeal_needs_response", DisputeStatus.OPEN),
        ("appeal_under_review", DisputeStatus.OPEN),
        ("won", DisputeStatus.WON),
        ("lost", DisputeStatus.LOST),
        ("prevented", DisputeStatus.LOST),
    ],
)
def test_a_dispute_that_fetched_money_is_told(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, status: str, expected: DisputeStatus
) -> None:
    opened = stripe_gateway.open(order(account=ACCOUNT))
    stripe_server.pay(PAYMENT)
    made = stripe_server.dispute(PAYMENT, cents=9_000)
    stripe_server.rule(made, status)

    report = stripe_gateway.look(ref(opened, ACCOUNT))

    assert report.status is CheckoutStatus.PAID
    assert report.disputes == (Dispute(made, Money(9_000, "EUR"), expected, "fraudulent"),)


@pytest.mark.parametrize(
    "status", ["warning_needs_response", "warning_under_review", "warning_closed", "prevented"]
)
def test_a_bank_that_only_asks_holds_no_money_back(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, status: str
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.pay(PAYMENT)
    stripe_server.dispute(PAYMENT, status=status, fetched=False)

    assert stripe_gateway.look(ref(opened)).disputes == ()


def test_what_belongs_to_another_account_is_not_there(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order(account=ACCOUNT))

    with pytest.raises(ProviderRefused) as refused:
        stripe_gateway.look(ref(opened))

    assert refused.value.details == {"reason": "resource_missing"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", None),
        ("status", "something_new"),
        ("amount_total", None),
        ("currency", None),
        ("status", "complete"),  # and no intent
    ],
)
def test_an_answer_that_says_too_little_is_no_answer(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, name: str, value: object
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.desk.pages[opened.session].session[name] = value

    with pytest.raises(ProviderUnavailable) as refused:
        stripe_gateway.look(ref(opened))

    assert refused.value.details == {"reason": "unreadable"}


def test_an_answer_without_a_field_is_no_answer(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order())
    del stripe_server.desk.pages[opened.session].session["amount_total"]

    with pytest.raises(ProviderUnavailable):
        stripe_gateway.look(ref(opened))


def test_nobody_at_that_address_is_unavailable() -> None:
    gateway = StripeGateway("sk_test_1", [], "http://127.0.0.1:1", timeout=(0.2, 0.2))

    with pytest.raises(ProviderUnavailable) as refused:
        gateway.look(CheckoutRef(PAYMENT, "cs_1"))

    assert refused.value.details == {"reason": "APIConnectionError"}


def test_the_test_server_answers_in_stripes_own_shapes(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.submit(PAYMENT)
    stripe_server.pay(PAYMENT)
    stripe_server.give_back(PAYMENT, 5)
    stripe_server.dispute(PAYMENT)
    page = stripe_server.desk.pages[opened.session]

    for told, kind in (
        (stripe_server.desk.session_json(page), Session),
        (page.intent, stripe.PaymentIntent),
        (page.charge, stripe.Charge),
        (page.booked, stripe.BalanceTransaction),
        (page.refunds[0], stripe.Refund),
        (page.disputes[0], stripe.Dispute),
    ):
        assert told is not None
        fields = {
            name: annotation
            for name, annotation in kind.__annotations__.items()
            if name != "OBJECT_NAME" and name not in LEFT_OUT
        }
        required = {name for name, annotation in fields.items() if not is_nullable(annotation)}
        assert told.keys() == fields.keys()
        assert {name for name in required if told[name] is None} == set()


def is_nullable(annotation: object) -> bool:
    return type(None) in getattr(annotation, "__args__", ())


def test_faults_are_over_when_they_are_mended(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    stripe_server.fail(*[Fault.BROKEN] * 50)
    with pytest.raises(ProviderUnavailable):
        stripe_gateway.open(order())

    stripe_server.mend()

    assert stripe_gateway.open(order()).status is CheckoutStatus.OPEN
