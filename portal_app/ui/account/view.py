"""The account: who one is here, what guards it, the language, whom to ask, the way out."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.account.sessions_state import SessionsState
from portal_app.ui.account.sessions_view import links, sessions
from portal_app.ui.account.state import AccountState
from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.empty import could_not_load, loading_rows, not_enabled
from portal_app.ui.components.form import (
    field,
    language_form,
    post_form,
    refused,
    sign_out_form,
)
from portal_app.ui.components.staff_shell import shared_shell
from portal_app.ui.people.state import PeopleState
from portal_app.ui.people.view import people_card
from portal_app.ui.shell import ShellState
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("account.title.page"),
        on_load=[
            LanguageState.load,
            ShellState.load,
            AccountState.load,
            SessionsState.load,
            PeopleState.load,
        ],
    )


def page() -> rx.Component:
    # All at once: a part that came later would push the others down.
    return shared_shell(
        rx.el.div(
            rx.el.h1(t("account.title")),
            rx.cond(AccountState.status == "loading", _card(loading_rows(6)), _loaded()),
            class_name="column",
        ),
    )


def _loaded() -> rx.Component:
    return rx.fragment(
        rx.match(
            AccountState.status,
            ("ready", _details()),
            ("not_granted", _card(not_enabled(contact_line()))),
            _card(could_not_load(AccountState.load)),
        ),
        people_card(),
        rx.cond(AccountState.is_link, _by_link()),
        rx.cond(AccountState.may_change_password, _security()),
        rx.cond(AccountState.has_privacy, _privacy()),
        _card(
            rx.el.h2(t("account.language")),
            language_form(routes.ACCOUNT),
            rx.el.p(t("account.theme"), class_name="hint"),
        ),
        _card(
            rx.el.h2(t("account.contact")),
            rx.el.p(t("account.contact.line"), class_name="muted"),
            _contact(),
        ),
        sign_out_form("btn s w lg mt2"),
    )


def _card(*content: rx.Component) -> rx.Component:
    return rx.el.section(*content, class_name="card block mt2")


def _details() -> rx.Component:
    account = AccountState.account
    return _card(
        rx.el.h2(t("account.details")),
        rx.el.dl(
            _fact("account.customer", account.customer),
            _fact("account.name", account.name),
            _fact("account.login", account.login),
            _fact("account.code", account.code),
            _fact("account.tax_id", account.tax_id),
            _fact("account.contracts", account.contracts),
            _fact("account.email", account.email),
            _fact("account.phone", account.phone),
            _fact("account.address", account.address),
            class_name="facts",
        ),
        rx.cond(account.customer, _contact_data()),
    )


def _contact_data() -> rx.Component:
    """Where the customer's data are changed: here what his own people may, the rest by asking."""
    account = AccountState.account
    is_empty = (account.email == "") & (account.phone == "") & (account.address == "")
    return rx.fragment(
        rx.cond(is_empty, rx.el.p(t("account.no_contact"), class_name="muted")),
        rx.cond(
            AccountState.may_edit,
            rx.el.a(
                rx.cond(is_empty, t("contact_data.fill"), t("contact_data.open")),
                href=routes.CONTACT_DATA,
                class_name="btn s",
                data_testid="contact-data-open",
            ),
        ),
        contact_line(t("account.fixed")),
    )


def _fact(key: str, value: str) -> rx.Component:
    """A line of the details; what the company does not know is left out."""
    return rx.cond(value, rx.el.div(rx.el.dt(t(key)), rx.el.dd(value)))


def _by_link() -> rx.Component:
    return _card(
        rx.el.h2(t("account.password")),
        rx.el.p(t("account.by_link"), class_name="muted"),
        rx.el.a(t("link.sign_in"), href=routes.SIGN_IN, class_name="btn s"),
    )


def _security() -> rx.Component:
    return rx.fragment(
        _password(),
        _card(
            rx.el.h2(t("account.verification")),
            rx.el.p(AccountState.verification, class_name="muted", data_testid="verification"),
            rx.el.a(t("account.verification.change"), href=routes.VERIFICATION, class_name="btn s"),
        ),
        sessions(),
        links(),
    )


def _password() -> rx.Component:
    return _card(
        rx.el.h2(t("account.password")),
        rx.cond(
            AccountState.done,
            rx.el.p(AccountState.done, class_name="note jade", role="status"),
        ),
        refused(AccountState.error, AccountState.code, id="password-error", role="alert"),
        post_form(
            routes.POST_PASSWORD,
            field(
                t("account.password.present"),
                _secret("present", "current-password", "password-error"),
            ),
            field(
                t("account.password.wanted"),
                _secret("wanted", "new-password", "password-hint"),
                rx.el.p(AccountState.hint, id="password-hint", class_name="hint"),
            ),
            rx.el.button(t("account.password.submit"), type="submit", class_name="btn p"),
        ),
    )


def _privacy() -> rx.Component:
    return _card(
        rx.el.h2(t("privacy.title")),
        rx.el.p(t("privacy.link"), class_name="muted"),
        rx.el.a(t("privacy.open"), href=routes.PRIVACY, class_name="btn s"),
    )


def _contact() -> rx.Component:
    asked = ShellState.contact
    return rx.el.div(
        rx.el.div(asked.name, class_name="strong"),
        rx.cond(
            asked.email,
            rx.el.a(rx.icon("mail", aria_hidden="true"), asked.email, href=asked.mail_to),
        ),
        rx.cond(
            asked.phone,
            rx.el.a(rx.icon("phone", aria_hidden="true"), asked.phone, href=asked.call),
        ),
        class_name="asked",
    )


def _secret(name: str, complete: str, described_by: str) -> rx.Component:
    return rx.el.input(
        id=f"password-{name}",
        name=name,
        type="password",
        auto_complete=complete,
        required=True,
        max_length=1000,
        aria_describedby=described_by,
        class_name="input",
    )
