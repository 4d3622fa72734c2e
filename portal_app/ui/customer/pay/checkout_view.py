"""A payment at a provider: what is waited for, the way on, and what the customer pays by."""

from typing import Final

import reflex as rx

from portal_app.ui.components.copy import copy_button
from portal_app.ui.components.countdown import countdown, countdown_bar
from portal_app.ui.customer.choose_method.view import method_icon
from portal_app.ui.customer.pay.checkout import LINE, OPENING, OVER, PAGE, PIX, PUSH, REFERENCE
from portal_app.ui.customer.pay.state import PaymentPageState
from portal_app.ui.texts import t

Text = str | rx.Var[str]

_PIX: Final = "pix-code"
_LINE: Final = "boleto-line"


def checkout_notice() -> rx.Component:
    """Stays on the page and says by itself what the provider answered."""
    checkout = PaymentPageState.checkout
    return rx.cond(
        checkout.look,
        rx.el.section(
            rx.match(
                checkout.look,
                (OPENING, _picture(rx.icon("loader-circle", class_name="spin"), "blue")),
                (OVER, _picture(rx.icon("hourglass"), "amber")),
                (PIX, _qr()),
                (
                    PUSH,
                    countdown(
                        "push",
                        checkout.left,
                        checkout.whole,
                        t("checkout.push.left"),
                        "mb-way-countdown",
                    ),
                ),
                _picture(method_icon(checkout.method), "blue"),
            ),
            rx.el.div(
                rx.el.h2(checkout.headline),
                rx.el.p(checkout.text, class_name="muted"),
                rx.cond(
                    checkout.still,
                    rx.el.p(checkout.still, class_name="small", data_testid="still-pending"),
                ),
                class_name="said",
            ),
            rx.cond(
                checkout.declined,
                rx.el.p(checkout.declined, class_name="note mt2", data_testid="last-try-declined"),
            ),
            rx.cond(checkout.look == PAGE, _go_on("btn p lg mt2")),
            class_name="wait",
            data_testid="checkout-notice",
            custom_attrs={"data-look": checkout.look},
        ),
    )


def checkout_parts() -> rx.Component:
    """What the customer pays by, and beneath it the provider's page."""
    checkout = PaymentPageState.checkout
    return rx.fragment(
        rx.match(
            checkout.look,
            (PIX, _card(_pix(), _go_on("btn s w mt"))),
            (REFERENCE, _card(_reference(), _go_on("btn s w mt2"))),
            (LINE, _card(_line(), _go_on("btn s w mt"))),
            (PUSH, rx.el.div(_go_on("btn s mt2"), class_name="c")),
            rx.fragment(),
        )
    )


def _card(*content: rx.Component) -> rx.Component:
    return rx.el.section(*content, class_name="card pad mt2")


def _picture(icon: rx.Component, tone: str) -> rx.Component:
    return rx.el.div(icon, class_name=f"outcome {tone}", aria_hidden="true")


def _go_on(class_name: str) -> rx.Component:
    return rx.cond(
        PaymentPageState.checkout.url,
        rx.el.a(
            t("pay.continue"),
            rx.icon("arrow-right", aria_hidden="true"),
            href=PaymentPageState.checkout.url,
            class_name=class_name,
            data_testid="payment-continue",
        ),
    )


def _qr() -> rx.Component:
    """To be read by a phone from a wide screen; a phone copies the code instead."""
    return rx.fragment(
        rx.el.img(
            src=PaymentPageState.checkout.qr,
            alt=t("pay.pix.qr"),
            width="208",
            height="208",
            class_name="qr not-phone",
            data_testid="pix-qr",
        ),
        rx.el.div(
            rx.icon("qr-code"), class_name="outcome blue only-phone-grid", aria_hidden="true"
        ),
    )


def _pix() -> rx.Component:
    checkout = PaymentPageState.checkout
    return rx.el.div(
        countdown_bar(
            "pix-left",
            checkout.left,
            checkout.whole,
            t("checkout.pix.left"),
            "pix-countdown",
        ),
        rx.el.h3(t("pay.pix"), class_name="label mt2"),
        rx.el.p(checkout.pix, id=_PIX, class_name="code-text", data_testid="pix-code"),
        rx.el.div(
            copy_button(
                _PIX,
                t("pay.pix.copy"),
                t("pay.pix.copied"),
                "pix-copy",
                class_name="btn p w lg copy",
            ),
            class_name="pair mt",
        ),
    )


def _reference() -> rx.Component:
    reference = PaymentPageState.checkout.reference
    return rx.el.div(
        rx.el.dl(
            _slot("entity", reference.entity, reference.entity, "multibanco-entity"),
            _slot("number", reference.number, reference.plain_number, "multibanco-reference"),
            _slot("amount", reference.amount, reference.plain_amount, "multibanco-amount"),
            class_name="slots",
        ),
        rx.el.p(
            t("checkout.until"),
            " ",
            rx.el.span(PaymentPageState.checkout.until, class_name="strong num"),
            class_name="small muted mt",
            data_testid="multibanco-until",
        ),
    )


def _slot(name: str, shown: Text, plain: Text, testid: str) -> rx.Component:
    """One of the three things a machine asks for, as it asks for them."""
    return rx.el.div(
        rx.el.dt(t(f"checkout.reference.{name}"), class_name="muted"),
        rx.el.dd(
            rx.el.span(shown, id=testid, data_testid=testid, class_name="num"),
            copy_button(
                testid,
                t(f"checkout.reference.{name}.copy"),
                t(f"checkout.reference.{name}.copied"),
                f"{testid}-copy",
                plain=plain,  # pyright: ignore[reportArgumentType]  a field of a var is a var
                class_name="icon copy",
            ),
        ),
        class_name="slot",
    )


def _line() -> rx.Component:
    checkout = PaymentPageState.checkout
    return rx.el.div(
        rx.el.h3(t("pay.line"), class_name="label"),
        rx.el.p(checkout.line, id=_LINE, class_name="linha mt", data_testid="boleto-line"),
        rx.el.div(
            copy_button(_LINE, t("pay.copy"), t("pay.copied"), "boleto-copy"),
            rx.cond(
                checkout.page,
                rx.el.a(
                    t("checkout.line.page"), href=checkout.page, target="_blank", class_name="btn s"
                ),
            ),
            class_name="pair mt",
        ),
    )
