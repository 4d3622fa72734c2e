"""Total a pagar: a card beside the list on a desk, a bar above the thumb on a phone."""

import reflex as rx

from portal_app.ui.texts import t

Text = str | rx.Var[str]


def payment_bar(
    amount: Text,
    count: Text,
    principal: Text,
    charges: rx.Component,
    actions: rx.Component,
    *below: rx.Component,
) -> rx.Component:
    """`count` says how many documents, `principal` what they come to before `charges`.

    `actions` are the buttons; `below` stands on a desk only.
    """
    return rx.el.section(
        rx.el.div(
            rx.el.div(t("total.title"), class_name="muted total-title"),
            rx.el.div(amount, class_name="total num", data_testid="total-to-pay"),
            rx.el.div(
                rx.el.span(count, class_name="muted", data_testid="selected-count"),
                rx.el.span(principal, class_name="num"),
                class_name="line count-of",
            ),
            charges,
            aria_live="polite",
            aria_atomic="true",
            class_name="total-box",
        ),
        rx.el.div(actions, class_name="total-actions"),
        rx.el.div(*below, class_name="total-below"),
        class_name="card bar side",
        aria_label=t("total.title"),
    )
