"""Sending by e-mail: the dialog, from a row of the open documents or a payment's page; what went out."""

import reflex as rx

from portal_app.ui.components.dialog import close_button, dialog
from portal_app.ui.components.form import field, refused
from portal_app.ui.components.status_badge import status_badge
from portal_app.ui.customer.send_email.state import FIELDS, EmailState, Sent, SentState
from portal_app.ui.texts import t

_ERROR = "email-error"


def email_dialog() -> rx.Component:
    return dialog(
        "send-email",
        t("email.title"),
        rx.cond(EmailState.sent, _done(), _form()),
        shown=EmailState.shown,
        on_close=EmailState.close,
    )


def sent_list() -> rx.Component:
    """To whom it went already; nothing where it went to nobody."""
    return rx.cond(
        SentState.mails,
        rx.el.section(
            rx.el.hr(class_name="sep"),
            rx.el.h2(t("email.sent_to"), class_name="label"),
            rx.el.ul(rx.foreach(SentState.mails, _sent), aria_live="polite"),
            data_testid="email-sent-list",
        ),
    )


def _form() -> rx.Component:
    return rx.el.form(
        _what(),
        *(_recipient(number) for number in FIELDS),
        rx.cond(EmailState.wrong.field == 0, _wrong(role="alert")),
        rx.el.div(
            close_button(t("email.cancel"), data_testid="email-cancel"),
            rx.el.button(
                rx.cond(EmailState.busy, t("email.sending"), t("email.send")),
                type="submit",
                disabled=EmailState.busy,
                aria_busy=rx.cond(EmailState.busy, "true", "false"),
                class_name="btn p lg",
                data_testid="email-send",
            ),
            class_name="pair mt",
        ),
        on_submit=EmailState.send,
        key=f"{EmailState.version}",
        class_name="form mt2",
        # What is wrong is said in our own words, in the reader's language.
        custom_attrs={"noValidate": True},
    )


def _what() -> rx.Component:
    draft = EmailState.draft
    return rx.el.div(
        rx.el.div(
            rx.el.span(rx.icon("paperclip", aria_hidden="true"), class_name="bk method"),
            rx.el.div(
                rx.el.b(draft.what),
                rx.el.div(draft.terms, class_name="small num"),
                rx.el.div(draft.file, class_name="small muted"),
                class_name="enclosed-what",
            ),
            class_name="enclosed",
        ),
        rx.el.p(
            rx.el.span(t("email.sender"), class_name="label"),
            rx.el.span(draft.sender, class_name="small muted"),
            class_name="from",
            data_testid="email-sender",
        ),
    )


def _recipient(number: int) -> rx.Component:
    wrong = EmailState.wrong.field == number
    return field(
        t(f"email.recipient.{number}"),
        rx.el.input(
            type="email",
            id=f"email-recipient-{number}",
            name=f"recipient_{number}",
            auto_complete="email",
            aria_invalid=rx.cond(wrong, "true", "false"),
            aria_describedby=rx.cond(wrong, _ERROR, ""),
            class_name="input",
            data_testid=f"email-recipient-{number}",
            # The dialog, as it opens, gives the cursor to the first field.
            custom_attrs={"autofocus": "true"} if number == 1 else {},
        ),
        rx.cond(wrong, _wrong()),
    )


def _wrong(**props: str) -> rx.Component:
    wrong = EmailState.wrong
    return refused(wrong.text, wrong.code, id=_ERROR, data_testid=_ERROR, **props)


def _done() -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.icon("send", aria_hidden="true"), class_name="outcome"),
        rx.el.div(
            rx.el.strong(t("email.on_its_way")),
            rx.el.span(EmailState.sent, class_name="muted"),
            role="status",
            class_name="went",
            data_testid="email-sent",
        ),
        close_button(t("email.close"), auto_focus=True, data_testid="email-done"),
        class_name="form mt2",
    )


def _sent(sent: Sent) -> rx.Component:
    return rx.el.li(
        rx.el.span(sent.address, class_name="num"),
        status_badge(sent.status, sent.tone),
        class_name="line",
    )
