"""The gateway against localstripe, a stateful Stripe that is not of our making.

It knows no Checkout: a payment is confirmed from here, as the page would do it.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

import pytest
import stripe

from portal_app.domain.checkout import CheckoutRef, Refund, RefundStatus
from portal_app.domain.errors import ProviderAccessDenied, ProviderRefused
from portal_app.domain.money import Money
from portal_app.gateways.stripe import StripeGateway
from portal_app.gateways.stripe.refusals import understood

SCRIPT: Final = Path(__file__).parent / "localstripe_server.py"
KEY: Final = "sk_test_localstripe"
SECRET: Final = "whsec_localstripe"
PAYMENT: Final = "pay_7Kq"
PICKLE: Final = Path("/tmp/localstripe.pickle")

GOOD, WANTS_3DS, DECLINED = "4242424242424242", "4000002500003155", "4000000000000341"
DECLINED_AFTER_3DS: Final = "4000008400001629"


@dataclass
class Postbox:
    """What came in by webhook: the bodies as they were, each with its signature."""

    received: list[tuple[bytes, str]] = field(default_factory=list[tuple[bytes, str]])

    def about(self, intent: str) -> list[tuple[bytes, str]]:
        """Those that say this intent brought money; ours are not the only ones it sends."""
        return [
            each
            for each in self.received
            if (told := json.loads(each[0]))["type"] == "payment_intent.succeeded"
            and told["data"]["object"]["id"] == intent
        ]


@pytest.fixture(scope="module")
def local_stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a localstripe that keeps nothing."""
    folder = tmp_path_factory.mktemp("localstripe")
    with subprocess.Popen(
        [sys.executable, "-P", SCRIPT],
        cwd=folder,
        env={"TMPDIR": str(folder), "PYTHONWARNINGS": "ignore"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port, "localstripe did not start; it says above why"
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def gateway(local_stripe: str) -> StripeGateway:
    return StripeGateway(KEY, [SECRET], local_stripe)


@pytest.fixture
def customer(local_stripe: str) -> stripe.StripeClient:
    """Who pays: as the hosted page speaks to Stripe."""
    return stripe.StripeClient(KEY, base_addresses={"api": local_stripe}, max_network_retries=0)


@pytest.fixture
def postbox(local_stripe: str) -> Iterator[Postbox]:
    box = Postbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box.received.append((body, self.headers["Stripe-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    told = {"url": f"http://127.0.0.1:{server.server_port}/", "secret": SECRET}
    asked = Request(f"{local_stripe}/_config/webhooks/em-dia", json.dumps(told).encode())
    with urlopen(asked) as answer:
        assert answer.status == 200
    yield box
    server.shutdown()
    server.server_close()


def intent(
    customer: stripe.StripeClient, card: str, *, confirm: bool = True
) -> stripe.PaymentIntent:
    method = customer.v1.payment_methods.create(
        {"type": "card", "card": {"number": card, "exp_month": 12, "exp_year": 2030, "cvc": "123"}}
    )
    return customer.v1.payment_intents.create(
        {
            "amount": 12_345,
            "currency": "eur",
            "payment_method": method.id,
            "metadata": {"payment": PAYMENT},
            "confirm": confirm,
        }
    )


def authenticate(
    customer: stripe.StripeClient, made: stripe.PaymentIntent, *, success: bool
) -> Any:
    path = f"/v1/payment_intents/{made.id}/_authenticate"
    answer = "true" if success else "false"
    return customer.raw_request("post", path, client_secret=made.client_secret, success=answer)


def wait_for(happens: Callable[[], object], within: float = 10.0) -> None:
    until = time.monotonic() + within
    while not happens():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def test_a_card_that_is_good_pays_and_is_refunded_in_parts_and_whole(
    gateway: StripeGateway, customer: stripe.StripeClient
) -> None:
    paid = intent(customer, GOOD)
    ref = CheckoutRef(PAYMENT, "", intent=paid.id)

    part = gateway.refund(ref, Money(2_345, "EUR"), "refund:1")
    rest = gateway.refund(ref, Money(10_000, "EUR"), "refund:2")

    assert paid.status == "succeeded"
    assert part == Refund(part.ref, Money(2_345, "EUR"), RefundStatus.DONE)
    assert rest == Refund(rest.ref, Money(10_000, "EUR"), RefundStatus.DONE)
    listed = customer.v1.refunds.list({"payment_intent": paid.id})
    assert {each.id for each in listed} == {part.ref, rest.ref}
    assert all(each["metadata"]["payment"] == PAYMENT for each in listed)


def test_a_card_that_wants_3d_secure_pays_once_its_holder_was_asked(
    gateway: StripeGateway, customer: stripe.StripeClient
) -> None:
    asked = intent(customer, WANTS_3DS)

    authenticate(customer, asked, success=True)
    paid = customer.v1.payment_intents.retrieve(asked.id)
    refund = gateway.refund(CheckoutRef(PAYMENT, "", intent=asked.id), Money(1, "EUR"), "refund:3")

    assert asked.status == "requires_action"
    assert paid.status == "succeeded"
    assert refund.status is RefundStatus.DONE


def test_a_holder_who_cannot_show_who_he_is_has_paid_nothing(
    gateway: StripeGateway, customer: stripe.StripeClient
) -> None:
    asked = intent(customer, WANTS_3DS)

    authenticate(customer, asked, success=False)

    assert customer.v1.payment_intents.retrieve(asked.id).status == "requires_payment_method"
    with pytest.raises(ProviderRefused):
        gateway.refund(CheckoutRef(PAYMENT, "", intent=asked.id), Money(1, "EUR"), "refund:4")


def test_a_card_that_is_declined_is_a_refusal_with_its_code(customer: stripe.StripeClient) -> None:
    made = intent(customer, DECLINED, confirm=False)

    with pytest.raises(ProviderRefused) as refused, understood():
        customer.v1.payment_intents.confirm(made.id)

    assert refused.value.details == {"reason": "card_declined"}


def test_a_card_that_is_declined_after_3d_secure_is_a_refusal_too(
    customer: stripe.StripeClient,
) -> None:
    made = intent(customer, DECLINED_AFTER_3DS)

    with pytest.raises(ProviderRefused) as refused, understood():
        authenticate(customer, made, success=True)

    assert refused.value.details == {"reason": "card_declined"}


def test_money_nobody_knows_of_is_not_refunded(gateway: StripeGateway) -> None:
    with pytest.raises(ProviderRefused):
        gateway.refund(CheckoutRef(PAYMENT, "", intent="pi_nobody"), Money(1, "EUR"), "refund:5")


def test_a_wrong_key_is_denied(local_stripe: str) -> None:
    gateway = StripeGateway("pk_test_public", [SECRET], local_stripe)

    with pytest.raises(ProviderAccessDenied):
        gateway.refund(CheckoutRef(PAYMENT, "", intent="pi_1"), Money(1, "EUR"), "refund:6")


def test_its_signed_events_are_read(
    gateway: StripeGateway, customer: stripe.StripeClient, postbox: Postbox
) -> None:
    paid = intent(customer, GOOD)
    wait_for(lambda: postbox.about(paid.id))
    raw, signature = postbox.about(paid.id)[0]

    event = gateway.read_event(raw, signature)

    assert event.id.startswith("evt_")
    assert (event.type, event.payment) == ("payment_intent.succeeded", PAYMENT)
    assert (event.intent, event.session, event.account) == (paid.id, "", "")


def test_it_runs_in_a_process_of_its_own_and_leaves_nothing(
    customer: stripe.StripeClient,
) -> None:
    start = time.time()

    intent(customer, GOOD)

    assert not [name for name in sys.modules if name.partition(".")[0] == "localstripe"]
    assert not PICKLE.exists() or PICKLE.stat().st_mtime < start
