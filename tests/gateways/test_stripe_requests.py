"""What is said to Stripe, field by field."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import stripe

from portal_app.domain.checkout import MOST_LINES
from portal_app.domain.errors import ProviderRefused
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.gateways.stripe import StripeGateway
from portal_app.gateways.stripe.gateway import API_VERSION
from tests.gateways.checkouts import order, ref
from tests.gateways.stripe_server import ACCOUNT, KEY, SECRET, StripeServer

OPTIONS = {
    PaymentMethod.BOLETO: {"payment_method_options[boleto][expires_after_days]": "3"},
    PaymentMethod.PIX: {"payment_method_options[pix][expires_after_seconds]": "900"},
}


@pytest.mark.parametrize(
    ("method", "currency"),
    [
        (PaymentMethod.CARD, "eur"),
        (PaymentMethod.MB_WAY, "eur"),
        (PaymentMethod.MULTIBANCO, "eur"),
        (PaymentMethod.PIX, "brl"),
        (PaymentMethod.BOLETO, "brl"),
    ],
)
def test_a_page_is_asked_for_with_exactly_these_fields(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, method: PaymentMethod, currency: str
) -> None:
    told = order(method)

    stripe_gateway.open(told)

    assert stripe_server.calls[-1].form == {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "allowed_payment_method_types[0]": method.value,
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": currency,
        "line_items[0][price_data][unit_amount]": "10000",
        "line_items[0][price_data][product_data][name]": "FT 2026/1",
        "line_items[1][quantity]": "1",
        "line_items[1][price_data][currency]": currency,
        "line_items[1][price_data][unit_amount]": "2345",
        "line_items[1][price_data][product_data][name]": "FT 2026/2",
        "client_reference_id": "pay_7Kq",
        "metadata[payment]": "pay_7Kq",
        "payment_intent_data[metadata][payment]": "pay_7Kq",
        "expires_at": str(int(told.expires_at.timestamp())),
        "success_url": "https://portal.example/payments/pay_7Kq",
        "cancel_url": "https://portal.example/payments/pay_7Kq",
        "locale": "pt-BR",
        "adaptive_pricing[enabled]": "false",
        "customer_email": "ana@cliente.example",
        **OPTIONS.get(method, {}),
    }


def test_each_call_names_key_version_and_account_and_nothing_of_this_machine(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    report = stripe_gateway.open(order(account=ACCOUNT))
    stripe_gateway.look(ref(report, ACCOUNT))

    asked, looked = stripe_server.calls
    assert asked.headers["Idempotency-Key"] == "pay:pay_7Kq:1"
    for call in (asked, looked):
        assert call.headers["Authorization"] == f"Bearer {KEY}"
        assert call.headers["Stripe-Version"] == API_VERSION
        assert call.headers["Stripe-Account"] == ACCOUNT
        assert "Cookie" not in call.headers
        assert "X-Stripe-Client-Telemetry" not in call.headers
        assert "telemetry_id" not in call.headers["X-Stripe-Client-User-Agent"]
        assert "platform" not in call.headers["X-Stripe-Client-User-Agent"]


def test_the_version_is_the_one_whose_fields_the_library_spells_out() -> None:
    assert stripe.api_version == API_VERSION


def test_the_gateways_own_account_is_for_what_names_none(stripe_server: StripeServer) -> None:
    gateway = StripeGateway(KEY, [SECRET], stripe_server.base_url, account=ACCOUNT)

    report = gateway.open(order())

    assert stripe_server.calls[-1].headers["Stripe-Account"] == ACCOUNT
    assert gateway.find(order(), datetime.now(UTC)) == report


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("pt_BR", "pt-BR"), ("pt_PT", "pt"), ("en", "en"), ("es", "es"), ("fr", "auto")],
)
def test_the_page_speaks_the_customers_language(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, ours: str, theirs: str
) -> None:
    stripe_gateway.open(replace(order(), locale=ours))

    assert stripe_server.calls[-1].form["locale"] == theirs


def test_without_an_address_the_page_asks_for_one(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    stripe_gateway.open(replace(order(), email=""))

    assert "customer_email" not in stripe_server.calls[-1].form


@pytest.mark.parametrize("count", [MOST_LINES, MOST_LINES + 1])
def test_more_documents_than_a_page_shows_are_summed_up(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, count: int
) -> None:
    report = stripe_gateway.open(order(cents=tuple(range(1, count + 1))))

    form = stripe_server.calls[-1].form
    shown = [value for name, value in form.items() if name.endswith("[name]")]
    summary = [f"Água Viva: FT 2026/1 … FT 2026/{count} ({count})"]
    assert shown == (summary if count > MOST_LINES else [f"FT 2026/{n}" for n in range(1, 101)])
    assert report.amount == Money(sum(range(1, count + 1)), "EUR")


def test_a_refund_is_asked_for_with_exactly_these_fields(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    opened = stripe_gateway.open(order())
    stripe_server.pay("pay_7Kq")
    paid = stripe_gateway.look(ref(opened))

    stripe_gateway.refund(ref(paid), Money(500, "EUR"), "refund:1")

    call = stripe_server.calls[-1]
    assert call.headers["Idempotency-Key"] == "refund:1"
    assert call.form == {
        "payment_intent": paid.intent,
        "amount": "500",
        "metadata[payment]": "pay_7Kq",
    }


def test_a_method_the_account_cannot_take_is_refused(stripe_gateway: StripeGateway) -> None:
    told = order(PaymentMethod.BOLETO)
    euros = [replace(line, amount=Money(line.amount.cents, "EUR")) for line in told.lines]

    with pytest.raises(ProviderRefused) as refused:
        stripe_gateway.open(replace(told, lines=tuple(euros)))

    assert refused.value.details == {"reason": "payment_method"}
