"""Security: whether managers must have a second factor, and who of the company's people has one."""

import reflex as rx

from portal_app.domain.companies import SecondFactor
from portal_app.domain.privacy import MOST_MONTHS
from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.dialog import close_button, dialog
from portal_app.ui.components.empty import could_not_load, loading_rows, not_enabled
from portal_app.ui.components.form import field, refused
from portal_app.ui.components.people import who_cell
from portal_app.ui.components.staff_shell import SECURITY, staff_shell
from portal_app.ui.components.status_badge import status_badge
from portal_app.ui.manager.security.state import GuardedLine, RetentionState, SecurityState
from portal_app.ui.shell import ShellState
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("security.title.page"),
        on_load=[LanguageState.load, ShellState.load, SecurityState.load],
    )


def page() -> rx.Component:
    return staff_shell(
        SECURITY,
        rx.el.div(
            rx.el.div(rx.el.h1(t("security.title")), rx.el.p(t("security.sub"), class_name="sub")),
            class_name="head",
        ),
        rx.fragment(
            rx.match(
                SecurityState.status,
                ("loading", rx.el.div(loading_rows(), class_name="card mt2")),
                ("ready", rx.fragment(_rule(), _people(), _retention())),
                ("not_granted", rx.el.div(not_enabled(contact_line()), class_name="card mt2")),
                rx.el.div(could_not_load(SecurityState.load), class_name="card mt2"),
            )
        ),
        _confirmation(),
        _shorter(),
    )


def _rule() -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("security.factor")),
        rx.el.p(t("security.factor.text"), class_name="muted"),
        rx.el.form(
            rx.el.fieldset(
                rx.el.legend(t("security.factor.question")),
                *(_choice(rule) for rule in SecondFactor),
                class_name="choices",
            ),
            refused(
                SecurityState.error, SecurityState.code, role="alert", data_testid="security-error"
            ),
            rx.el.button(
                t("security.save"), type="submit", class_name="btn p", data_testid="security-save"
            ),
            on_submit=SecurityState.save,
            key=f"rule-{SecurityState.version}",
            class_name="form",
        ),
        rx.el.p(SecurityState.said, class_name="small good", role="status"),
        class_name="card block mt2",
    )


def _choice(rule: SecondFactor) -> rx.Component:
    words = f"security.{rule}"
    now = (
        [
            " ",
            rx.cond(SecurityState.by_mode, t("security.now.required"), t("security.now.optional")),
        ]
        if rule is SecondFactor.BY_MODE
        else []
    )
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="second_factor",
            value=rule.value,
            default_checked=SecurityState.rule == rule.value,
            data_testid=f"security-{rule}",
        ),
        rx.el.span(
            rx.el.span(t(words), class_name="strong"),
            rx.el.span(t(f"{words}.text"), *now, class_name="small muted block-line"),
        ),
        rx.el.span(rx.icon("check", aria_hidden="true"), class_name="mark"),
        class_name="bank",
    )


def _people() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.div(
                rx.el.h2(t("security.people"), id="guarded"),
                rx.el.p(
                    SecurityState.without, class_name="small muted", data_testid="security-without"
                ),
            ),
            class_name="head part-head",
        ),
        rx.el.table(
            rx.el.caption(t("security.people"), class_name="hide"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(t("people.name"), scope="col"),
                    rx.el.th(t("users.role"), scope="col"),
                    rx.el.th(t("users.signed_in"), scope="col"),
                    rx.el.th(t("security.factor"), scope="col"),
                )
            ),
            rx.el.tbody(rx.foreach(SecurityState.people, _line)),
            class_name="table lines",
        ),
        class_name="card mt2",
        aria_labelledby="guarded",
    )


def _line(person: GuardedLine) -> rx.Component:
    return rx.el.tr(
        who_cell(person.name, person.login),
        rx.el.td(
            person.role,
            rx.cond(person.state, rx.el.span(" · ", person.state, class_name="muted")),
            class_name="l-more",
        ),
        rx.el.td(person.signed_in, class_name="num muted l-day"),
        rx.el.td(status_badge(person.factor, person.tone), class_name="l-amount"),
        key=person.id,
        data_testid="guarded-row",
    )


def _confirmation() -> rx.Component:
    return dialog(
        "security-confirm",
        t("security.bind.title"),
        rx.el.p(t("security.bind.text"), class_name="mt"),
        rx.el.div(
            close_button(t("security.bind.no")),
            rx.el.button(
                t("security.bind.yes"),
                type="button",
                on_click=SecurityState.confirm,
                class_name="btn p lg",
                data_testid="security-confirm-yes",
            ),
            class_name="pair mt2",
        ),
        shown=SecurityState.asking,
        on_close=SecurityState.back,
    )


def _retention() -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("security.keep")),
        rx.el.p(t("security.keep.text"), class_name="muted"),
        rx.el.form(
            field(
                t("security.keep.months"),
                rx.el.input(
                    id="keep-months",
                    name="months",
                    type="number",
                    input_mode="numeric",
                    min=RetentionState.least,
                    max=MOST_MONTHS,
                    default_value=f"{RetentionState.months}",
                    required=True,
                    class_name="input",
                    aria_describedby="keep-hint",
                    data_testid="keep-months",
                ),
                rx.el.p(RetentionState.hint, id="keep-hint", class_name="hint"),
            ),
            refused(
                RetentionState.error, RetentionState.code, role="alert", data_testid="keep-error"
            ),
            rx.el.button(
                t("security.keep.save"), type="submit", class_name="btn s", data_testid="keep-save"
            ),
            on_submit=RetentionState.save,
            key=f"keep-{RetentionState.version}",
            class_name="form",
            custom_attrs={"noValidate": True},
        ),
        rx.el.p(RetentionState.said, class_name="small good", role="status"),
        class_name="card block mt2",
    )


def _shorter() -> rx.Component:
    return dialog(
        "keep-shorter",
        t("security.keep.shorter.title"),
        rx.el.p(RetentionState.shorter, class_name="mt"),
        rx.el.div(
            close_button(t("people.cancel")),
            rx.el.button(
                t("security.keep.shorter.yes"),
                type="button",
                on_click=RetentionState.confirm,
                class_name="btn p lg",
                data_testid="keep-confirm-yes",
            ),
            class_name="pair mt2",
        ),
        shown=RetentionState.shorter != "",
        on_close=RetentionState.back,
    )
