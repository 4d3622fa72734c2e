"""Choosing the bank: in a dialog from the open documents, in place on a rejected payment's page."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.dialog import close_button, dialog
from portal_app.ui.customer.choose_bank.state import (
    BANKS,
    CHANGED,
    REFUSED,
    SEPARATE,
    BankChoice,
    ChoiceState,
    Group,
)
from portal_app.ui.texts import t


def bank_dialog(pay_group: Callable[..., Any]) -> rx.Component:
    """`pay_group` is the handler that goes on with one of the groups that must be paid apart."""
    return dialog(
        "choose-bank",
        t("banks.title"),
        rx.fragment(
            rx.match(
                ChoiceState.step,
                (BANKS, _methods_and_banks()),
                (CHANGED, _changed()),
                (SEPARATE, _separate(pay_group)),
                (REFUSED, refused()),
                rx.fragment(),
            )
        ),
        shown=ChoiceState.shown,
        on_close=ChoiceState.close,
    )


def bank_choices() -> rx.Component:
    """The banks, what comes next, and the button that makes the boleto."""
    return rx.el.div(
        rx.el.fieldset(
            rx.el.legend(t("banks.bank")),
            rx.foreach(ChoiceState.banks, _bank),
            class_name="choices",
        ),
        rx.cond(ChoiceState.today, rx.el.p(ChoiceState.today, class_name="small muted mt")),
        rx.cond(
            ChoiceState.picked.wait,
            rx.el.p(
                rx.el.strong(ChoiceState.picked.wait),
                " ",
                t("banks.wait.after"),
                class_name="note mt2",
            ),
        ),
        rx.el.button(
            rx.cond(ChoiceState.picked.id, ChoiceState.picked.confirm, t("banks.pick_first")),
            type="button",
            disabled=ChoiceState.picked.id == 0,
            on_click=ChoiceState.confirm,
            class_name="btn p w lg mt2",
            data_testid="bank-confirm",
        ),
    )


def refused() -> rx.Component:
    """Why it does not go on, and whom to ask."""
    return rx.el.div(
        rx.el.p(
            ChoiceState.problem,
            " ",
            rx.el.span(ChoiceState.code, class_name="code"),
            class_name="note red mt2",
            role="alert",
        ),
        rx.cond(
            ChoiceState.href,
            rx.el.a(t("banks.see_payment"), href=ChoiceState.href, class_name="btn p w lg mt2"),
            rx.el.div(contact_line(), class_name="mt2"),
        ),
    )


def _methods_and_banks() -> rx.Component:
    return rx.el.div(
        rx.el.fieldset(
            rx.el.legend(t("banks.method")),
            rx.el.label(
                rx.el.input(type="radio", name="method", default_checked=True, value="boleto"),
                rx.el.span(rx.icon("barcode", aria_hidden="true"), class_name="bk method"),
                rx.el.span(
                    rx.el.b(t("payment.method.boleto")),
                    rx.el.span(t("banks.boleto"), class_name="small muted under"),
                ),
                _mark(),
                class_name="bank",
                data_testid="pay-method-boleto",
            ),
            class_name="choices",
        ),
        bank_choices(),
    )


def _bank(bank: BankChoice) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="bank",
            value=f"{bank.id}",
            default_checked=ChoiceState.picked.id == bank.id,
            on_change=lambda _: ChoiceState.pick(bank.id),
        ),
        rx.el.span(
            bank.short,
            class_name="bk",
            aria_hidden="true",
            custom_attrs={"data-bank": bank.bank},
        ),
        rx.el.span(
            rx.el.b(bank.name),
            rx.el.span(bank.terms, class_name="small muted under"),
            rx.el.span(bank.price, class_name="small num under"),
            rx.cond(bank.discount, rx.el.span(bank.discount, class_name="small under good")),
        ),
        _mark(),
        key=bank.id,
        class_name="bank",
        data_testid="bank-option",
        custom_attrs={"data-bank": bank.bank},
    )


def _mark() -> rx.Component:
    return rx.el.span(rx.icon("check", aria_hidden="true"), class_name="mark")


def _changed() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.p(t("banks.changed")),
            rx.el.p(
                rx.el.s(ChoiceState.before, class_name="num"),
                " → ",
                rx.el.strong(ChoiceState.now, class_name="num"),
            ),
            class_name="note mt2",
            role="alert",
            data_testid="quote-changed",
        ),
        rx.el.button(
            t("banks.accept"),
            " ",
            rx.el.span(ChoiceState.now, class_name="num"),
            type="button",
            on_click=ChoiceState.accept,
            class_name="btn p w lg mt2",
            data_testid="quote-accept",
        ),
        rx.el.div(close_button(t("banks.back")), class_name="mt"),
    )


def _separate(pay_group: Callable[..., Any]) -> rx.Component:
    def group(each: Group) -> rx.Component:
        return rx.el.div(
            rx.el.p(each.numbers),
            rx.el.button(
                t("banks.pay_these"),
                type="button",
                on_click=pay_group(each.index),
                class_name="btn s",
                data_testid="pay-group",
            ),
            key=each.index,
            class_name="group",
        )

    return rx.el.div(
        rx.el.p(t("banks.separate"), class_name="note mt2", role="alert"),
        rx.el.div(rx.foreach(ChoiceState.groups, group), class_name="mt2"),
    )
