"""Deletion requests: who asked, what must stay, and the company's answer."""

import reflex as rx

from portal_app.domain.privacy import LONGEST_REASON
from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.dialog import dialog
from portal_app.ui.components.empty import could_not_load, empty, loading_rows, not_enabled
from portal_app.ui.components.form import field
from portal_app.ui.components.staff_shell import PRIVACY, staff_shell
from portal_app.ui.components.status_badge import status_badge
from portal_app.ui.shell import ShellState
from portal_app.ui.staff.privacy.state import Line, PrivacyDeskState
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("privacy_desk.title.page"),
        on_load=[LanguageState.load, ShellState.load, PrivacyDeskState.load],
    )


def page() -> rx.Component:
    return staff_shell(
        PRIVACY,
        rx.el.div(
            rx.el.div(
                rx.el.h1(t("privacy_desk.title")),
                rx.el.p(t("privacy_desk.sub"), class_name="sub"),
            ),
            class_name="head",
        ),
        rx.el.p(PrivacyDeskState.said, class_name="small muted mt", role="status"),
        rx.el.div(
            rx.match(
                PrivacyDeskState.status,
                ("loading", loading_rows()),
                (
                    "ready",
                    rx.cond(PrivacyDeskState.requests.length() > 0, _requests(), _nothing()),  # pyright: ignore[reportAttributeAccessIssue]
                ),
                ("not_granted", not_enabled(contact_line())),
                could_not_load(PrivacyDeskState.load),
            ),
            class_name="card mt2",
        ),
        _decision(),
    )


def _nothing() -> rx.Component:
    return empty("check", t("privacy_desk.empty"), t("privacy_desk.empty.hint"))


def _requests() -> rx.Component:
    return rx.el.table(
        rx.el.caption(t("privacy_desk.title"), class_name="hide"),
        rx.el.thead(
            rx.el.tr(
                *(
                    rx.el.th(t(f"privacy_desk.{name}"), scope="col")
                    for name in ("person", "asked", "kept", "state")
                ),
                rx.el.th(rx.el.span(t("staff.actions"), class_name="hide"), scope="col"),
            )
        ),
        rx.el.tbody(rx.foreach(PrivacyDeskState.requests, _request)),
        class_name="table lines",
    )


def _request(line: Line) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            line.name,
            rx.el.div(line.who, class_name="small muted"),
            class_name="l-what",
        ),
        rx.el.td(line.asked, class_name="num l-day"),
        rx.el.td(line.kept, class_name="l-more"),
        rx.el.td(
            status_badge(line.state, line.tone),
            rx.cond(line.reason, rx.el.div(line.reason, class_name="small muted")),
            class_name="l-amount",
        ),
        rx.el.td(
            rx.cond(
                line.is_waiting,
                rx.el.button(
                    t("privacy_desk.decide"),
                    rx.el.span(": ", line.name, class_name="hide"),
                    type="button",
                    on_click=PrivacyDeskState.decide(line.id),
                    class_name="btn s sm nowrap",
                    data_testid="deletion-decide",
                ),
            ),
            class_name="l-do",
        ),
        key=line.id,
        data_testid="deletion-request",
    )


def _decision() -> rx.Component:
    return dialog(
        "deletion-decision",
        PrivacyDeskState.title,
        rx.el.p(t("privacy_desk.do.text")),
        rx.el.p(PrivacyDeskState.deciding.kept, class_name="muted"),
        rx.el.button(
            t("privacy_desk.do"),
            type="button",
            on_click=PrivacyDeskState.carry_out,
            class_name="btn p",
            data_testid="deletion-do",
        ),
        rx.el.form(
            field(
                t("privacy_desk.reason"),
                rx.el.textarea(
                    id="deletion-reason",
                    name="reason",
                    required=True,
                    rows="3",
                    max_length=LONGEST_REASON,
                    aria_describedby="deletion-reason-hint",
                    class_name="input area",
                ),
                rx.el.p(
                    t("privacy_desk.reason.hint"), id="deletion-reason-hint", class_name="hint"
                ),
            ),
            rx.el.button(
                t("privacy_desk.refuse"),
                type="submit",
                class_name="btn s",
                data_testid="deletion-refuse",
            ),
            on_submit=PrivacyDeskState.refuse,
            # Made anew for each request: nothing typed about somebody else stays.
            key=PrivacyDeskState.deciding.id,
            class_name="form mt2",
        ),
        shown=PrivacyDeskState.deciding.is_waiting,
        on_close=PrivacyDeskState.back,
    )
