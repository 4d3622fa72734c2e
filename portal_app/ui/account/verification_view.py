"""Verification in two steps: the app, passkeys, recovery codes."""

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.account.verification_state import PasskeyLine, VerificationState
from portal_app.ui.components.copy import copy_button
from portal_app.ui.components.empty import loading_rows
from portal_app.ui.components.form import field, passkey_button, post_form, refused
from portal_app.ui.components.staff_shell import shared_shell
from portal_app.ui.shell import ShellState
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("verification.title.page"),
        on_load=[LanguageState.load, ShellState.load, VerificationState.load],
    )


def page() -> rx.Component:
    return shared_shell(
        rx.el.div(*_content(), class_name="column"),
    )


def _content() -> list[rx.Component]:
    return [
        rx.cond(~VerificationState.must_enrol, _back()),
        rx.el.h1(t("verification.title")),
        rx.el.p(t("verification.sub"), class_name="sub"),
        rx.cond(
            VerificationState.must_enrol,
            rx.el.p(t("verification.required"), class_name="note mt2", role="status"),
        ),
        rx.cond(
            VerificationState.done,
            rx.el.p(VerificationState.done, class_name="note jade mt2", role="status"),
        ),
        refused(
            VerificationState.error,
            VerificationState.code,
            role="alert",
            data_testid="verification-error",
        ),
        rx.cond(
            VerificationState.status == "loading",
            _card(loading_rows(4)),
            rx.fragment(
                rx.cond(VerificationState.codes.length() > 0, _new_codes()),  # pyright: ignore[reportAttributeAccessIssue]
                _app(),
                _passkeys(),
                rx.cond(VerificationState.has_any, _recovery()),
            ),
        ),
    ]


def _back() -> rx.Component:
    return rx.el.a(
        rx.icon("chevron-left", aria_hidden="true"),
        t("verification.back"),
        href=routes.ACCOUNT,
        class_name="back",
    )


def _card(*content: rx.Component) -> rx.Component:
    return rx.el.section(*content, class_name="card block mt2")


def _new_codes() -> rx.Component:
    return _card(
        rx.el.h2(t("verification.codes.new")),
        rx.el.p(t("verification.codes.new.line"), class_name="muted"),
        rx.el.ul(
            rx.foreach(VerificationState.codes, lambda code: rx.el.li(code)),
            id="recovery-codes",
            class_name="secrets",
            data_testid="recovery-codes",
        ),
        rx.el.div(
            copy_button(
                "recovery-codes",
                t("verification.codes.copy"),
                t("verification.copied"),
                "recovery-copy",
            ),
            post_form(
                routes.POST_CODES_KEPT,
                rx.el.button(
                    t("verification.codes.kept"),
                    type="submit",
                    class_name="btn p",
                    data_testid="recovery-kept",
                ),
            ),
            class_name="row wrap-row",
        ),
    )


def _app() -> rx.Component:
    return _card(
        rx.el.h2(t("verification.app")),
        rx.cond(
            VerificationState.has_app,
            _app_on(),
            rx.cond(VerificationState.key, _app_pending(), _app_off()),
        ),
    )


def _app_off() -> rx.Component:
    return rx.fragment(
        rx.el.p(t("verification.app.line"), class_name="muted"),
        post_form(
            routes.POST_FACTOR_BEGIN,
            _proof("begin"),
            rx.el.button(
                t("verification.app.begin"),
                type="submit",
                class_name="btn p",
                data_testid="factor-begin",
            ),
        ),
    )


def _app_pending() -> rx.Component:
    return rx.fragment(
        rx.el.p(t("verification.app.scan"), class_name="muted"),
        rx.el.img(src=routes.AUTHENTICATOR_QR, alt=t("verification.app.qr"), class_name="qr-code"),
        rx.el.p(t("verification.app.key"), class_name="hint"),
        rx.el.p(
            VerificationState.key, id="app-key", class_name="secrets key", data_testid="factor-key"
        ),
        post_form(
            routes.POST_FACTOR_CONFIRM,
            field(
                t("verification.app.code"),
                rx.el.input(
                    id="confirm-code",
                    name="code",
                    input_mode="numeric",
                    auto_complete="one-time-code",
                    required=True,
                    max_length=10,
                    class_name="input code-input",
                    data_testid="factor-confirm-code",
                ),
            ),
            rx.el.button(
                t("verification.app.confirm"),
                type="submit",
                class_name="btn p",
                data_testid="factor-confirm",
            ),
        ),
    )


def _app_on() -> rx.Component:
    return rx.fragment(
        rx.el.p(_check(), t("verification.app.on"), class_name="row good"),
        _more(
            t("verification.app.remove"),
            post_form(
                routes.POST_FACTOR_REMOVE,
                _proof("remove"),
                rx.el.button(
                    t("verification.app.remove"), type="submit", class_name="btn s danger"
                ),
            ),
        ),
    )


def _passkeys() -> rx.Component:
    return _card(
        rx.el.h2(t("verification.passkeys")),
        rx.el.p(t("verification.passkeys.line"), class_name="muted"),
        rx.el.ul(rx.foreach(VerificationState.passkeys, _passkey), class_name="items"),
        rx.el.div(
            _more(
                t("verification.passkeys.add"),
                post_form(
                    routes.POST_PASSKEY_ADD,
                    field(
                        t("verification.passkeys.name"),
                        rx.el.input(
                            id="passkey-name", name="name", max_length=60, class_name="input"
                        ),
                    ),
                    _proof("passkey"),
                    passkey_button(
                        t("verification.passkeys.make"),
                        routes.POST_PASSKEY_BEGIN,
                        class_name="btn p",
                        data_testid="passkey-make",
                    ),
                ),
            ),
            custom_attrs={"data-with-passkeys": ""},
        ),
        rx.el.p(
            t("verification.passkeys.none"),
            class_name="hint",
            custom_attrs={"data-without-passkeys": ""},
        ),
    )


def _passkey(passkey: PasskeyLine) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.icon("fingerprint", aria_hidden="true"),
            rx.el.div(
                rx.el.div(passkey.name, class_name="strong"),
                rx.el.div(passkey.since, class_name="small muted"),
            ),
            class_name="row",
        ),
        _more(
            t("verification.passkeys.remove"),
            post_form(
                routes.POST_PASSKEY_REMOVE,
                rx.el.input(type="hidden", name="passkey", value=passkey.id),
                _proof(passkey.id),
                rx.el.button(
                    t("verification.passkeys.remove"), type="submit", class_name="btn s danger"
                ),
            ),
        ),
        key=passkey.id,
        class_name="item",
    )


def _recovery() -> rx.Component:
    return _card(
        rx.el.h2(t("verification.codes")),
        rx.el.p(VerificationState.codes_left, class_name="muted"),
        _more(
            t("verification.codes.renew"),
            post_form(
                routes.POST_CODES,
                _proof("codes"),
                rx.el.button(t("verification.codes.renew"), type="submit", class_name="btn s"),
            ),
        ),
    )


def _proof(which: str | rx.Var[str]) -> rx.Component:
    """The password again: whoever finds the page open must not change what guards it."""
    return field(
        rx.cond(
            VerificationState.has_app, t("verification.proof.or_code"), t("verification.proof")
        ),
        rx.el.input(
            id=f"proof-{which}",
            name="proof",
            type="password",
            auto_complete="current-password",
            required=True,
            max_length=1000,
            class_name="input",
        ),
    )


def _more(label: rx.Var[str], *content: rx.Component) -> rx.Component:
    """Opens without a line of script."""
    return rx.el.details(rx.el.summary(label), *content, class_name="more")


def _check() -> rx.Component:
    return rx.icon("circle-check", aria_hidden="true")
