"""How to pay: one press a way; a boleto's banks beneath. A dialog over the open documents."""

from collections.abc import Callable
from typing import Any, Final

import reflex as rx

from portal_app.domain.payments import PaymentMethod
from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.dialog import close_button, dialog
from portal_app.ui.customer.choose_bank.state import BANKS, SEPARATE, ChoiceState
from portal_app.ui.customer.choose_bank.state import CHANGED as BOLETO_CHANGED
from portal_app.ui.customer.choose_bank.state import REFUSED as NO_BOLETO
from portal_app.ui.customer.choose_bank.view import (
    bank_choices,
    changed,
    other_total,
    refused,
    separate,
    why_not,
)
from portal_app.ui.customer.choose_method.state import (
    CHANGED,
    NONE,
    REFUSED,
    WAYS,
    MethodState,
    Way,
)
from portal_app.ui.texts import t

ICONS: Final = {
    PaymentMethod.PIX: "qr-code",
    PaymentMethod.CARD: "credit-card",
    PaymentMethod.MB_WAY: "smartphone",
    PaymentMethod.MULTIBANCO: "landmark",
    PaymentMethod.BOLETO: "barcode",
}

_BANKS: Final = "boleto-banks"
# The banks are open from the start: pressing the tile only brings them into view, and there.
_TO_BANKS: Final = rx.Var(
    f"""() => {{
      const banks = document.getElementById({_BANKS!r});
      banks?.scrollIntoView({{ block: "nearest" }});
      banks?.querySelector("input, button")?.focus({{ preventScroll: true }});
    }}"""
)


def method_dialog(pay_group: Callable[..., Any]) -> rx.Component:
    """`pay_group` is the handler that goes on with one of the groups that must be paid apart."""
    return dialog(
        "choose-method",
        t("banks.title"),
        rx.fragment(
            rx.cond(
                ChoiceState.step == BOLETO_CHANGED,
                _with_a_way_out(changed()),
                rx.match(
                    MethodState.step,
                    (WAYS, _ways(pay_group)),
                    (CHANGED, _changed()),
                    (NONE, _none()),
                    (REFUSED, why_not(MethodState.problem, MethodState.code, MethodState.href)),
                    rx.fragment(),
                ),
            )
        ),
        shown=ChoiceState.shown,
        on_close=MethodState.close,
    )


def _with_a_way_out(*content: rx.Component) -> rx.Component:
    return rx.el.div(*content, rx.el.div(close_button(t("banks.back")), class_name="mt"))


def _changed() -> rx.Component:
    return _with_a_way_out(other_total(MethodState.before, MethodState.now, MethodState.accept))


def _none() -> rx.Component:
    return rx.el.div(
        rx.el.p(t("methods.none"), class_name="note gray mt2"),
        rx.el.div(contact_line(), class_name="mt2"),
        data_testid="no-method",
    )


def _ways(pay_group: Callable[..., Any]) -> rx.Component:
    return rx.el.div(
        rx.el.p(
            rx.el.span(MethodState.amount, class_name="price num", data_testid="method-total"),
            rx.el.span(MethodState.documents, class_name="muted"),
            class_name="priced",
        ),
        rx.cond(
            MethodState.problem,
            rx.el.p(
                MethodState.problem,
                " ",
                rx.el.span(MethodState.code, class_name="code"),
                class_name="note mt2",
                role="alert",
                data_testid="method-refused",
            ),
        ),
        rx.el.div(
            rx.foreach(MethodState.ways, _way),
            role="group",
            aria_label=t("banks.method"),
            class_name="ways",
        ),
        rx.el.p(
            rx.cond(MethodState.busy, t("methods.starting"), ""), class_name="hide", role="status"
        ),
        rx.cond(MethodState.has_banks, _boleto(pay_group)),
    )


def _way(way: Way) -> rx.Component:
    return rx.cond(way.leads_to_banks, _tile(way, to_banks=True), _tile(way))


def _tile(way: Way, *, to_banks: bool = False) -> rx.Component:
    press: dict[str, Any] = (
        {"custom_attrs": {"onClick": _TO_BANKS}}
        if to_banks
        else {"on_click": MethodState.start(way.method)}
    )
    is_starting = MethodState.busy == way.method
    return rx.el.button(
        rx.el.span(
            rx.cond(
                is_starting,
                rx.icon("loader-circle", class_name="spin", aria_hidden="true"),
                method_icon(way.method),
            ),
            class_name="bk method",
        ),
        rx.el.span(
            rx.el.b(way.name),
            rx.el.span(
                rx.cond(is_starting, t("methods.opening"), way.hint), class_name="small muted under"
            ),
            class_name="way-words",
        ),
        type="button",
        disabled=MethodState.busy != "",
        key=way.method,
        class_name=rx.cond(is_starting, "way on", "way"),
        data_testid=f"pay-method-{way.method}",
        **press,
    )


def method_icon(method: str) -> rx.Component:
    default = rx.icon("wallet", aria_hidden="true")
    known = ((way.value, rx.icon(name, aria_hidden="true")) for way, name in ICONS.items())
    return rx.fragment(rx.match(method, *known, default))


def _boleto(pay_group: Callable[..., Any]) -> rx.Component:
    """The banks at once, without a press more; why there is no boleto, in their place."""
    return rx.el.section(
        rx.el.h3(t("methods.boleto"), class_name="divider"),
        rx.fragment(
            rx.match(
                ChoiceState.step,
                (BANKS, bank_choices()),
                (SEPARATE, separate(pay_group)),
                (NO_BOLETO, refused()),
                rx.fragment(),
            )
        ),
        id=_BANKS,
        class_name="by-bank",
        aria_label=t("methods.boleto"),
    )
