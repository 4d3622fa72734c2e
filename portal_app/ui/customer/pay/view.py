"""One payment: the wait for its bank, then code and PDF; or why not, and what else can be done."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.copy import copy_button
from portal_app.ui.components.countdown import countdown
from portal_app.ui.components.dialog import close_button, dialog
from portal_app.ui.components.empty import could_not_load, empty, not_enabled
from portal_app.ui.components.shell import NO_TAB, shell
from portal_app.ui.components.status_badge import status_badge
from portal_app.ui.customer.choose_bank.state import BANKS, REFUSED, ChoiceState
from portal_app.ui.customer.choose_bank.view import bank_choices, refused
from portal_app.ui.customer.pay.state import Item, PaymentPageState
from portal_app.ui.customer.send_email.view import email_dialog, sent_list
from portal_app.ui.shell import ShellState
from portal_app.ui.texts import LanguageState, t

_LINE = "boleto-line"


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("pay.title"),
        on_load=[LanguageState.load, ShellState.load, PaymentPageState.load],
    )


def page() -> rx.Component:
    return shell(
        NO_TAB,
        rx.el.a(
            rx.icon("chevron-left", size=18, aria_hidden="true"),
            t("open.title"),
            href=routes.OPEN,
            class_name="back",
        ),
        rx.fragment(
            rx.match(
                PaymentPageState.status,
                ("ready", _payment()),
                ("not_found", _not_found()),
                ("failed", could_not_load(PaymentPageState.load, PaymentPageState.problem)),
                ("not_granted", not_enabled(contact_line())),
                _loading(),
            )
        ),
        narrow=True,
    )


def _loading() -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("pay.title"), class_name="hide"),
        rx.el.div(class_name="skeleton round"),
        rx.el.div(class_name="skeleton wide"),
        rx.el.div(class_name="skeleton tall"),
        class_name="loading-page",
        role="status",
    )


def _not_found() -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("pay.title"), class_name="hide"),
        empty(
            "search-x",
            t("pay.not_found"),
            t("pay.not_found.text"),
            rx.el.a(t("pay.to_open"), href=routes.OPEN, class_name="btn s mt"),
            rx.el.span("NOT_FOUND", class_name="code"),
            tone="gray",
            data_testid="payment-not-found",
        ),
        class_name="card mt2",
    )


def _payment() -> rx.Component:
    facts = PaymentPageState.facts
    return rx.el.div(
        rx.el.div(
            rx.el.h1(facts.title),
            rx.el.span(
                status_badge(facts.status, facts.tone),
                data_testid="payment-status",
                custom_attrs={"data-status": facts.state},
            ),
            class_name="title-row",
        ),
        _notice(),
        rx.cond(facts.replaced_by, _went_on()),
        rx.cond(
            (PaymentPageState.waiting.notice == "rejected") & (facts.replaced_by == ""),
            _other_banks(),
        ),
        _facts(),
        rx.cond(facts.may_replace, _replace()),
        contact_line(t("pay.questions")),
        email_dialog(),
        class_name="payment",
    )


def _notice() -> rx.Component:
    """Stays on the page and says by itself what the bank answered."""
    waiting = PaymentPageState.waiting
    return rx.cond(
        waiting.notice,
        rx.el.section(
            rx.match(
                waiting.seen,
                (
                    "waiting",
                    countdown(
                        "wait",
                        waiting.left,
                        waiting.whole,
                        t("pay.at_most"),
                        "registration-countdown",
                    ),
                ),
                ("overdue_silent", _outcome("clock-alert", "amber")),
                ("rejected", _outcome("circle-x", "red")),
                _outcome("circle-check", ""),
            ),
            rx.el.div(
                rx.el.h2(waiting.headline),
                rx.el.p(waiting.text, class_name="muted"),
                aria_live="polite",
                class_name="said",
            ),
            class_name="wait",
            data_testid="registration-notice",
            custom_attrs={"data-state": waiting.notice},
        ),
    )


def _outcome(icon: str, tone: str) -> rx.Component:
    return rx.el.div(rx.icon(icon, aria_hidden="true"), class_name=f"outcome {tone}".strip())


def _went_on() -> rx.Component:
    return rx.el.p(
        t("pay.went_on"),
        " ",
        rx.el.a(t("pay.to_next"), href=PaymentPageState.facts.replaced_by),
        class_name="note blue mt2",
        data_testid="payment-replaced-by",
    )


def _other_banks() -> rx.Component:
    return rx.fragment(
        rx.match(
            ChoiceState.step,
            (
                BANKS,
                rx.el.section(
                    rx.el.h2(t("pay.other_banks")),
                    bank_choices(),
                    class_name="card pad mt2",
                ),
            ),
            (REFUSED, rx.el.section(refused(), class_name="card pad mt2")),
            rx.fragment(),
        )
    )


def _facts() -> rx.Component:
    facts = PaymentPageState.facts
    return rx.el.section(
        rx.el.dl(
            _fact(t("pay.amount"), facts.amount),
            _fact(facts.day_name, facts.day),
            rx.cond(facts.nosso_numero, _fact(t("pay.nosso_numero"), facts.nosso_numero)),
        ),
        rx.cond(facts.is_boleto, _paper()),
        sent_list(),
        rx.el.hr(class_name="sep"),
        rx.el.h2(t("pay.documents"), class_name="label"),
        rx.el.ul(rx.foreach(facts.documents, _item)),
        rx.cond(
            facts.replaces,
            rx.el.p(
                t("pay.instead_of"),
                " ",
                rx.el.a(t("pay.to_previous"), href=facts.replaces),
                class_name="small muted mt",
            ),
        ),
        class_name="card pad mt2",
    )


def _fact(name: str | rx.Var[str], value: str) -> rx.Component:
    return rx.el.div(
        rx.el.dt(name, class_name="muted"),
        rx.el.dd(value, class_name="strong num"),
        class_name="line",
    )


def _item(item: Item) -> rx.Component:
    return rx.el.li(
        rx.el.span(item.number),
        rx.el.span(
            rx.el.span(item.total, class_name="num"),
            rx.cond(item.charges, rx.el.span(item.charges, class_name="small muted under num")),
            class_name="r",
        ),
        key=item.number,
        class_name="line",
    )


def _paper() -> rx.Component:
    """Code and PDF; held back until the boleto can be paid."""
    waiting = PaymentPageState.waiting
    return rx.cond(
        waiting.line,
        rx.fragment(
            rx.el.hr(class_name="sep"),
            rx.el.div(t("pay.line"), class_name="label"),
            rx.el.p(waiting.line, id=_LINE, class_name="linha mt", data_testid="boleto-line"),
            rx.el.div(
                rx.cond(waiting.pdf, _pdf(waiting.pdf)),
                copy_button(_LINE, t("pay.copy"), t("pay.copied"), "boleto-copy"),
                rx.cond(waiting.can_email, _email()),
                class_name="pair mt",
            ),
        ),
        rx.cond(waiting.notice == "waiting", _held_back()),
    )


def _pdf(href: str) -> rx.Component:
    return rx.el.a(
        rx.icon("file-down", aria_hidden="true"),
        t("pay.pdf"),
        href=href,
        target="_blank",
        class_name="btn p",
        data_testid="boleto-pdf",
    )


def _email() -> rx.Component:
    return rx.el.button(
        rx.icon("mail", aria_hidden="true"),
        t("pay.email"),
        type="button",
        on_click=PaymentPageState.email,
        class_name="btn s whole",
        data_testid="boleto-email",
    )


def _held_back() -> rx.Component:
    return rx.fragment(
        rx.el.hr(class_name="sep"),
        rx.el.div(
            rx.el.button(t("pay.pdf"), type="button", disabled=True, class_name="btn s"),
            rx.el.button(t("pay.copy"), type="button", disabled=True, class_name="btn s"),
            class_name="pair",
        ),
        rx.el.p(t("pay.held_back"), class_name="small muted c mt"),
    )


def _replace() -> rx.Component:
    return rx.fragment(
        rx.el.button(
            t("pay.replace"),
            type="button",
            on_click=PaymentPageState.ask_to_replace,
            class_name="btn s w lg mt2",
            data_testid="payment-replace",
        ),
        dialog(
            "replace-payment",
            t("pay.replace.title"),
            rx.el.p(t("pay.replace.text"), class_name="muted mt"),
            rx.el.button(
                t("pay.replace.yes"),
                type="button",
                on_click=PaymentPageState.replace,
                class_name="btn p w lg mt2",
                data_testid="payment-replace-confirm",
            ),
            rx.el.div(close_button(t("pay.replace.no")), class_name="mt"),
            shown=PaymentPageState.asks,
            on_close=PaymentPageState.keep,
        ),
    )
