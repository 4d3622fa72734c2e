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
from portal_app.ui.customer.choose_bank.state import BANKS, CHANGED, REFUSED, ChoiceState
from portal_app.ui.customer.choose_bank.view import bank_choices, changed, refused
from portal_app.ui.customer.pay.checkout_view import checkout_notice, checkout_parts
from portal_app.ui.customer.pay.state import Fact, Item, Paper, PaymentPageState
from portal_app.ui.customer.send_email.view import email_dialog, sent_list
from portal_app.ui.shell import ShellState
from portal_app.ui.texts import LanguageState, t

_LINE = "boleto-line"
_PIX = "boleto-pix-code"


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
        _announcement(),
        _refused(),
        _notice(),
        checkout_notice(),
        _ended(),
        rx.cond(facts.replaced_by, _went_on()),
        rx.cond(
            (PaymentPageState.waiting.notice == "rejected") & (facts.replaced_by == ""),
            _other_banks(),
        ),
        checkout_parts(),
        _facts(),
        rx.cond(facts.may_replace, _replace()),
        contact_line(t("pay.questions")),
        email_dialog(),
        class_name="payment",
    )


def _announcement() -> rx.Component:
    """For screen readers, and always there: a region that comes with its words is not read out."""
    checkout, outcome = PaymentPageState.checkout, PaymentPageState.outcome
    return rx.el.p(
        rx.cond(outcome.headline, outcome.headline, checkout.headline),
        class_name="hide",
        role="status",
    )


def _refused() -> rx.Component:
    """Why the payment was not given up."""
    refused = PaymentPageState.refused
    return rx.el.div(
        rx.cond(
            refused.text,
            rx.el.p(
                refused.text,
                " ",
                rx.el.span(refused.code, class_name="code"),
                class_name="note mt2",
                data_testid="replace-refused",
                custom_attrs={"data-code": refused.code},
            ),
        ),
        role="alert",
    )


def _notice() -> rx.Component:
    """Stays on the page and says by itself what the bank answered."""
    waiting = PaymentPageState.waiting
    return rx.cond(
        waiting.notice,
        rx.el.section(
            rx.match(
                waiting.look,
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
                ("overdue_silent", _picture("clock-alert", "amber")),
                ("overdue", _picture("calendar-x", "red")),
                ("rejected", _picture("circle-x", "red")),
                _picture("circle-check", ""),
            ),
            rx.el.div(
                rx.el.h2(waiting.headline),
                rx.el.p(waiting.text, class_name="muted"),
                aria_live="polite",
                class_name="said",
            ),
            rx.match(
                waiting.action,
                ("amend", _amend()),
                ("reissue", _reissue()),
                rx.fragment(),
            ),
            class_name="wait",
            data_testid="registration-notice",
            custom_attrs={"data-state": waiting.notice},
        ),
    )


def _amend() -> rx.Component:
    return rx.el.button(
        rx.icon("calendar-plus", aria_hidden="true"),
        t("pay.move_due"),
        type="button",
        on_click=PaymentPageState.move_due,
        class_name="btn p lg mt2",
        data_testid="boleto-move-due",
    )


def _reissue() -> rx.Component:
    return rx.el.button(
        t("pay.reissue"),
        type="button",
        on_click=PaymentPageState.ask_to_replace,
        class_name="btn p lg mt2",
        data_testid="boleto-reissue",
    )


def _ended() -> rx.Component:
    """How the payment ended, and the way on where its documents are open again."""
    outcome = PaymentPageState.outcome
    return rx.cond(
        outcome.look,
        rx.el.section(
            rx.match(
                outcome.look,
                ("paid", _picture("circle-check", "")),
                ("failed", _picture("circle-x", "red")),
                ("expired", _picture("clock-alert", "amber")),
                ("disputed", _picture("scale", "amber")),
                _picture("circle-slash", "gray"),
            ),
            rx.el.div(
                rx.el.h2(outcome.headline),
                rx.cond(
                    outcome.amount,
                    rx.el.p(outcome.amount, class_name="price num", data_testid="paid-amount"),
                ),
                rx.cond(outcome.how, rx.el.p(outcome.how, class_name="muted num")),
                rx.el.p(outcome.text, class_name="muted"),
                class_name="said",
            ),
            _receipt(),
            rx.cond(
                outcome.may_try_again,
                _again(),
                rx.cond(
                    outcome.leads_back,
                    rx.el.a(t("pay.to_open"), href=routes.OPEN, class_name="btn s mt2"),
                ),
            ),
            class_name="wait",
            data_testid="payment-outcome",
        ),
    )


def _receipt() -> rx.Component:
    """The receipt's paper, or that it is on its way; what was stated of money that went back."""
    receipt = PaymentPageState.receipt
    return rx.fragment(
        rx.match(
            receipt.status,
            ("issued", _issued()),
            (
                "on_its_way",
                rx.el.p(
                    rx.icon("receipt-text", size=18, aria_hidden="true"),
                    receipt.text,
                    class_name="note gray receipt mt2",
                    role="status",
                    data_testid="receipt",
                    custom_attrs={"data-status": receipt.status},
                ),
            ),
            rx.fragment(),
        ),
        rx.foreach(receipt.refunds, _refund),
    )


def _issued() -> rx.Component:
    receipt = PaymentPageState.receipt
    return rx.el.div(
        rx.el.p(receipt.text, class_name="muted num"),
        rx.el.div(
            rx.cond(
                receipt.pdf,
                rx.el.a(
                    rx.icon("receipt-text", aria_hidden="true"),
                    t("pay.receipt.pdf"),
                    href=receipt.pdf,
                    target="_blank",
                    class_name="btn p",
                    data_testid="receipt-pdf",
                ),
            ),
            rx.cond(
                receipt.id,
                rx.el.button(
                    rx.icon("mail", aria_hidden="true"),
                    t("pay.receipt.email"),
                    type="button",
                    on_click=PaymentPageState.email_receipt,
                    class_name="btn s",
                    data_testid="receipt-email",
                ),
            ),
            class_name="pair mt",
        ),
        class_name="receipt-issued mt",
        data_testid="receipt",
        custom_attrs={"data-status": receipt.status},
    )


def _refund(paper: Paper) -> rx.Component:
    return rx.el.p(
        rx.cond(
            paper.pdf,
            rx.el.a(paper.text, href=paper.pdf, target="_blank"),
            paper.text,
        ),
        key=paper.text,
        class_name="small num mt",
        data_testid="refund-pdf",
    )


def _again() -> rx.Component:
    return rx.el.button(
        t("pay.again"),
        type="button",
        on_click=PaymentPageState.again,
        class_name="btn p lg mt2",
        data_testid="payment-again",
    )


def _picture(icon: str, tone: str) -> rx.Component:
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
            (CHANGED, rx.el.section(changed(), class_name="card pad mt2")),
            (REFUSED, rx.el.section(refused(), class_name="card pad mt2")),
            rx.fragment(),
        )
    )


def _facts() -> rx.Component:
    facts = PaymentPageState.facts
    return rx.el.section(
        rx.el.dl(rx.foreach(facts.rows, _fact)),
        rx.cond(facts.is_boleto, rx.fragment(_pix(), _paper())),
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


def _fact(fact: Fact) -> rx.Component:
    return rx.el.div(
        rx.el.dt(fact.name, class_name="muted"),
        rx.el.dd(fact.value, class_name="strong num"),
        key=fact.name,
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


def _pix() -> rx.Component:
    """The bank's Pix code: to copy, and on a wide screen to be read by a phone."""
    waiting = PaymentPageState.waiting
    return rx.cond(
        waiting.pix,
        rx.el.div(
            rx.el.hr(class_name="sep"),
            rx.el.div(
                rx.el.img(src=waiting.qr, alt=t("pay.pix.qr"), width="168", height="168"),
                rx.el.div(
                    rx.el.h2(t("pay.pix"), class_name="label"),
                    rx.el.p(t("pay.pix.text"), class_name="small muted"),
                    rx.el.p(waiting.pix, id=_PIX, class_name="code-text"),
                    rx.el.div(
                        copy_button(
                            _PIX, t("pay.pix.copy"), t("pay.pix.copied"), "boleto-pix-copy"
                        ),
                        class_name="pair mt",
                    ),
                    class_name="grow",
                ),
                class_name="pix",
            ),
            data_testid="boleto-pix",
        ),
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
    is_boleto = PaymentPageState.facts.is_boleto
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
            rx.cond(is_boleto, t("pay.replace.title"), t("pay.give_up.title")),  # pyright: ignore[reportArgumentType]
            rx.el.p(
                rx.cond(is_boleto, t("pay.replace.text"), t("pay.give_up.text")),
                class_name="muted mt",
            ),
            rx.el.button(
                rx.cond(
                    PaymentPageState.giving_up,
                    t("pay.give_up.busy"),
                    rx.cond(is_boleto, t("pay.replace.yes"), t("pay.give_up.yes")),
                ),
                type="button",
                disabled=PaymentPageState.giving_up,
                on_click=PaymentPageState.replace,
                class_name="btn p w lg mt2",
                data_testid="payment-replace-confirm",
            ),
            rx.el.div(
                close_button(rx.cond(is_boleto, t("pay.replace.no"), t("pay.give_up.no"))),  # pyright: ignore[reportArgumentType]
                class_name="mt",
            ),
            shown=PaymentPageState.asks,
            on_close=PaymentPageState.keep,
        ),
    )
