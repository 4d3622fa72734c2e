"""What Stripe's page is made of: nothing that is not the same each time an order is said."""

from collections.abc import Mapping, Sequence
from typing import Final

from stripe.params.checkout import (
    SessionCreateParams,
    SessionCreateParamsLineItem,
    SessionCreateParamsPaymentMethodOptions,
)

from portal_app.domain.checkout import MOST_LINES, CheckoutLine, CheckoutOrder
from portal_app.domain.payments import PaymentMethod

_LOCALES: Final = {"pt_BR": "pt-BR", "pt_PT": "pt", "en": "en", "es": "es"}
# A Pix code counts from when it is shown and so may outlive its page by as much. Whoever needs
# longer has the page make another.
_OPTIONS: Final[Mapping[PaymentMethod, SessionCreateParamsPaymentMethodOptions]] = {
    PaymentMethod.BOLETO: {"boleto": {"expires_after_days": 3}},
    PaymentMethod.PIX: {"pix": {"expires_after_seconds": 15 * 60}},
}


def page_of(order: CheckoutOrder) -> SessionCreateParams:
    params: SessionCreateParams = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        # Of those the account has switched on. Which of them it can take is Stripe's to say.
        "allowed_payment_method_types": [order.method.value],
        "line_items": [_line_item(line) for line in _lines(order)],
        "client_reference_id": order.payment,
        "metadata": {"payment": order.payment},
        "payment_intent_data": {"metadata": {"payment": order.payment}},
        "expires_at": int(order.expires_at.timestamp()),
        "success_url": order.return_url,
        "cancel_url": order.return_url,
        "locale": _LOCALES.get(order.locale, "auto"),
        # Else an account may offer to be paid in another currency than the documents'.
        "adaptive_pricing": {"enabled": False},
    }
    if order.email:
        params["customer_email"] = order.email
    if order.method in _OPTIONS:
        params["payment_method_options"] = _OPTIONS[order.method]
    return params


def _lines(order: CheckoutOrder) -> Sequence[CheckoutLine]:
    if len(order.lines) <= MOST_LINES:
        return order.lines
    first, last = order.lines[0].label, order.lines[-1].label
    return [CheckoutLine(f"{order.company}: {first} … {last} ({len(order.lines)})", order.amount)]


def _line_item(line: CheckoutLine) -> SessionCreateParamsLineItem:
    return {
        "quantity": 1,
        "price_data": {
            "currency": line.amount.currency.lower(),
            "unit_amount": line.amount.cents,
            "product_data": {"name": line.label},
        },
    }
