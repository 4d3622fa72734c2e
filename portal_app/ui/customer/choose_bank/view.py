"""Choosing the bank: beneath the ways to pay, and in place on a rejected payment's page."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from portal_app.ui.components.contact import contact_line
from portal_app.ui.customer.choose_bank.state import BankChoice, ChoiceState, Group
from portal_app.ui.texts import t


def bank_choices() -> rx.Component:
    """The banks, what comes next, and the button that makes the boleto."""
    return rx.el.div(
        rx.el.fieldset(
            rx.el.legend(t("banks.bank"), class_name="hide"),
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
    """Why no boleto can be made, and whom to ask."""
    return why_not(ChoiceState.problem, ChoiceState.code, ChoiceState.href)


def why_not(problem: str, code: str, href: str) -> rx.Component:
    """A refusal in its place; `href` leads to the payment that is under way, if one is."""
    return rx.el.div(
        rx.el.p(
            problem,
            " ",
            rx.el.span(code, class_name="code"),
            class_name="note mt2",
            role="alert",
        ),
        rx.cond(
            href,
            rx.el.a(
                t("banks.see_payment"),
                href=href,
                class_name="btn p w lg mt2",
                data_testid="attempt-continue",
            ),
            rx.el.div(contact_line(), class_name="mt2"),
        ),
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


def changed() -> rx.Component:
    """The boleto costs something else by now: shown, and asked again."""
    return other_total(ChoiceState.before, ChoiceState.now, ChoiceState.accept)


def other_total(
    before: str, now: str, accept: rx.event.EventType, *beneath: rx.Component
) -> rx.Component:
    """What was agreed to, what it is now, and the button that agrees to that."""
    return rx.el.div(
        rx.el.div(
            rx.el.p(t("banks.changed")),
            rx.el.p(
                rx.el.s(before, class_name="num"),
                " → ",
                rx.el.strong(now, class_name="num"),
            ),
            class_name="note mt2",
            role="alert",
            data_testid="quote-changed",
        ),
        rx.el.button(
            t("banks.accept"),
            " ",
            rx.el.span(now, class_name="num"),
            type="button",
            on_click=accept,
            class_name="btn p w lg mt2",
            data_testid="quote-accept",
        ),
        *beneath,
    )


def separate(pay_group: Callable[..., Any]) -> rx.Component:
    """The groups that must be paid apart; `pay_group` is the handler that goes on with one."""

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
