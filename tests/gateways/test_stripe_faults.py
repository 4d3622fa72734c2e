"""Whatever goes wrong on the way to Stripe: one page a key, one charge, and no secret told."""

import logging
import random
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import TypeVar

import pytest

from portal_app.domain.checkout import CheckoutOrder, CheckoutReport, CheckoutStatus
from portal_app.domain.errors import (
    PortalError,
    ProviderAccessDenied,
    ProviderRefused,
    ProviderUnavailable,
)
from portal_app.domain.money import Money
from portal_app.gateways.stripe import StripeGateway
from tests.gateways.checkouts import order, ref
from tests.gateways.stripe_server import KEY, SECRET, Fault, StripeServer

T = TypeVar("T")

PAYMENT = "pay_7Kq"
SEQUENCES = 250
PATIENCE = (2.0, 0.3)

# What a second or third try of the library's own mends, with the reason if it does not.
PASSING = {
    Fault.BROKEN: "api_error",
    Fault.CONFLICT: "idempotency_key_in_use",
    Fault.DROP_BEFORE: "APIConnectionError",
    Fault.DROP_AFTER: "APIConnectionError",
    Fault.SILENT_BEFORE: "APIConnectionError",
    Fault.SILENT_AFTER: "APIConnectionError",
}
# What it does not try again.
LASTING = {
    Fault.BUSY: (ProviderUnavailable, "rate_limit"),
    Fault.RUBBISH: (ProviderUnavailable, "200"),
    Fault.EMPTY: (ProviderUnavailable, "unreadable"),
    Fault.REDIRECT: (ProviderUnavailable, "APIConnectionError"),
    Fault.DECLINED: (ProviderRefused, "do_not_honor"),
}


@pytest.fixture
def hasty_gateway(stripe_server: StripeServer) -> StripeGateway:
    stripe_server.silence = 0.4
    return StripeGateway(KEY, [SECRET], stripe_server.base_url, timeout=PATIENCE)


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_tried_again_with_the_same_key(
    stripe_server: StripeServer, hasty_gateway: StripeGateway, fault: Fault
) -> None:
    stripe_server.fail(fault, fault)

    report = hasty_gateway.open(order())

    asked = stripe_server.made("POST", "/sessions")
    assert report.status is CheckoutStatus.OPEN
    assert [call.headers["Idempotency-Key"] for call in asked] == [order().key] * 3
    assert stripe_server.opened == {order().key: 1}


@pytest.mark.parametrize(("fault", "reason"), PASSING.items())
def test_what_does_not_pass_leaves_it_open_and_asking_again_is_safe(
    stripe_server: StripeServer, hasty_gateway: StripeGateway, fault: Fault, reason: str
) -> None:
    told = order()
    stripe_server.fail(fault, fault, fault)

    with pytest.raises(ProviderUnavailable) as refused:
        hasty_gateway.open(told)
    report = hasty_gateway.open(told)

    assert refused.value.details == {"reason": reason}
    assert report.status is CheckoutStatus.OPEN
    assert stripe_server.opened == {told.key: 1}


@pytest.mark.parametrize(("fault", "expected"), LASTING.items())
def test_what_lasts_is_said_at_once(
    stripe_server: StripeServer,
    stripe_gateway: StripeGateway,
    fault: Fault,
    expected: tuple[type[PortalError], str],
) -> None:
    told = order()
    stripe_server.fail(fault)

    with pytest.raises(PortalError) as refused:
        stripe_gateway.open(told)
    calls = len(stripe_server.calls)
    report = stripe_gateway.open(told)

    assert (type(refused.value), refused.value.details["reason"]) == expected
    assert calls == 1
    assert report.status is CheckoutStatus.OPEN
    assert stripe_server.opened == {told.key: 1}


def test_an_error_that_its_key_repeats_for_ever_is_resolved_by_looking_for_the_page(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    told, since = order(), datetime.now(UTC)
    stripe_server.fail(Fault.BROKEN_AFTER)

    for _ in range(3):
        with pytest.raises(ProviderUnavailable):
            stripe_gateway.open(told)
    found = stripe_gateway.find(told, since)

    assert found is not None
    assert found.status is CheckoutStatus.OPEN
    assert stripe_server.opened == {told.key: 1}


def test_a_key_of_yesterday_would_make_a_second_page_so_it_is_looked_for(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    told, since = order(), datetime.now(UTC)
    stripe_server.fail(Fault.DROP_AFTER, Fault.DROP_BEFORE, Fault.DROP_BEFORE)
    with pytest.raises(ProviderUnavailable):
        stripe_gateway.open(told)
    stripe_server.forget_keys()

    found = stripe_gateway.find(told, since)
    opened_again = stripe_gateway.open(told)

    assert found is not None
    assert found.session != opened_again.session
    assert stripe_server.opened == {told.key: 2}


def test_looking_through_many_pages_goes_on_after_a_fault(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    told, since = order(), datetime.now(UTC)
    opened = stripe_gateway.open(told)
    for n in range(110):
        stripe_gateway.open(order(payment=f"pay_{n}", cents=(100,)))
    stripe_server.fail(None, Fault.BROKEN, Fault.DROP_BEFORE)

    assert stripe_gateway.find(told, since) == opened


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER])
def test_a_refund_that_was_not_answered_is_asked_for_again_and_happens_once(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, fault: Fault
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.pay(PAYMENT)
    known = ref(stripe_gateway.look(ref(opened)))
    stripe_server.fail(fault, fault, fault)

    with pytest.raises(ProviderUnavailable):
        stripe_gateway.refund(known, Money(500, "EUR"), "refund:1")
    refund = stripe_gateway.refund(known, Money(500, "EUR"), "refund:1")

    assert stripe_gateway.look(known).refunds == (refund,)


@pytest.mark.parametrize("silent_calls", [1, 2])
def test_a_page_whose_closing_was_not_answered_is_closed_by_asking_again(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, silent_calls: int
) -> None:
    opened = stripe_gateway.open(order())
    answered = [None] * silent_calls
    stripe_server.fail(*answered, *[Fault.DROP_AFTER] * 3)

    with pytest.raises(ProviderUnavailable):
        stripe_gateway.close(ref(opened))

    assert stripe_gateway.close(ref(opened)).status is CheckoutStatus.EXPIRED


def test_twelve_threads_with_one_order_open_one_page(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    told, together = order(), Barrier(12)

    def at_once(_: int) -> CheckoutReport:
        together.wait(5)
        return stripe_gateway.open(told)

    with ThreadPoolExecutor(12) as threads:
        reports = list(threads.map(at_once, range(12)))

    assert len({report.session for report in reports}) == 1
    assert stripe_server.opened == {told.key: 1}


def test_no_sequence_of_faults_opens_a_second_page_or_charges_twice(
    stripe_server: StripeServer, hasty_gateway: StripeGateway
) -> None:
    chance = random.Random(20261124)
    likely = [*Fault, *[None] * len(Fault)]
    slow = {Fault.SILENT_BEFORE, Fault.SILENT_AFTER}
    kinds = [fault for fault in likely if fault not in slow]

    for number in range(SEQUENCES):
        told, since = order(payment=f"pay_{number}"), datetime.now(UTC)
        stripe_server.mend()
        stripe_server.fail(*chance.choices(kinds, k=chance.randrange(9)))
        report = until_known(hasty_gateway, stripe_server, told, since, chance)
        stripe_server.pay(told.payment)
        stripe_server.pay(told.payment)
        report = answered(lambda report=report: hasty_gateway.look(ref(report)))
        assert report.status is CheckoutStatus.PAID

    payments = [f"pay_{number}" for number in range(SEQUENCES)]
    made = Counter(page.payment for page in stripe_server.desk.pages.values())
    assert made == dict.fromkeys(payments, 1)
    assert stripe_server.charges == dict.fromkeys(payments, 1)
    assert max(stripe_server.opened.values()) == 1


def until_known(
    gateway: StripeGateway,
    server: StripeServer,
    told: CheckoutOrder,
    since: datetime,
    chance: random.Random,
) -> CheckoutReport:
    """As a caller has to go about it: the same key, or once that may be forgotten, a look first."""
    for _ in range(3):
        try:
            return gateway.open(told)
        except (ProviderUnavailable, ProviderRefused):
            continue
    if chance.random() < 0.5:
        server.forget_keys()
    found = answered(lambda: gateway.find(told, since))
    return found or answered(lambda: gateway.open(told))


def answered(ask: Callable[[], T]) -> T:
    for _ in range(20):
        try:
            return ask()
        except (ProviderUnavailable, ProviderRefused):
            continue
    raise AssertionError("nobody answered")


@pytest.mark.parametrize(
    ("key", "account", "reason"),
    [
        ("sk_live_5ecret", "", "invalid_request_error"),
        (KEY, "acct_of_somebody", "account_invalid"),
        ("sk_live_5ecret\nX-Other: b", "", "APIConnectionError"),
    ],
)
def test_a_wrong_key_or_account_is_no_outage_and_is_told_to_nobody(
    stripe_server: StripeServer,
    caplog: pytest.LogCaptureFixture,
    key: str,
    account: str,
    reason: str,
) -> None:
    gateway = StripeGateway(key, [SECRET], stripe_server.base_url)
    caplog.set_level(logging.DEBUG)

    with pytest.raises(PortalError) as refused:
        gateway.open(order(account=account))

    is_denied = reason != "APIConnectionError"
    assert isinstance(refused.value, ProviderAccessDenied) is is_denied
    assert refused.value.details == {"reason": reason}
    told = "".join(traceback.format_exception(refused.value)) + caplog.text + repr(gateway)
    assert "5ecret" not in told
    assert KEY not in told


def test_the_log_names_no_customer(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stripe_server.fail(Fault.DECLINED)

    with pytest.raises(ProviderRefused):
        stripe_gateway.open(order())
    stripe_gateway.open(order())

    assert "ana@" not in caplog.text
    assert "Água" not in caplog.text
    assert "stripe: do_not_honor, request req_" in caplog.text


def test_a_redirect_is_not_followed(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    stripe_server.fail(Fault.REDIRECT)

    with pytest.raises(ProviderUnavailable):
        stripe_gateway.open(order())

    assert stripe_server.made("POST", "/elsewhere") == []


def test_no_proxy_or_password_of_the_machine_is_used(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    report = stripe_gateway.open(order())

    assert report.status is CheckoutStatus.OPEN
