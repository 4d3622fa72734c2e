"""The dialogs of the matrix: one cell changed, many confirmed, groups made and named."""

from typing import Final

import reflex as rx

from portal_app.ui.components.dialog import close_button, dialog
from portal_app.ui.components.form import field
from portal_app.ui.manager.grants.rows import Choice
from portal_app.ui.manager.grants.state import (
    GIVE,
    INHERIT,
    TAKE,
    ChangeState,
    GrantsState,
    GroupsState,
    MarkedState,
)
from portal_app.ui.texts import t

_ICONS: Final = {GIVE: "check", TAKE: "ban", INHERIT: "corner-left-up"}


def change_dialog() -> rx.Component:
    asked = ChangeState.asked
    return dialog(
        "grant-change",
        asked.feature,
        rx.el.p(t("grants.change.for"), " ", rx.el.b(asked.whose), class_name="muted"),
        rx.el.p(asked.now, class_name="small muted"),
        rx.el.div(
            rx.cond(asked.may_give, _decide(GIVE)),
            _decide(TAKE),
            _decide(INHERIT, rx.el.span(asked.inherit, class_name="small muted block-line")),
            class_name="choices",
        ),
        rx.el.p(t("grants.confirm.hint"), class_name="small muted mt2"),
        shown=ChangeState.shown,
        on_close=ChangeState.close,
    )


def _decide(choice: str, *hint: rx.Component) -> rx.Component:
    here = ChangeState.asked.present == choice
    return rx.el.button(
        rx.icon(_ICONS[choice], aria_hidden="true"),
        rx.el.span(
            rx.el.span(t(f"grants.{choice}"), class_name="strong"),
            *hint,
        ),
        rx.cond(here, rx.el.span(rx.icon("check", aria_hidden="true"), class_name="mark")),
        type="button",
        on_click=ChangeState.decide(choice),
        aria_pressed=rx.cond(here, "true", "false"),
        class_name="bank",
        data_testid=f"grant-{choice}",
    )


def confirm_dialog() -> rx.Component:
    return dialog(
        "grant-confirm",
        t("grants.confirm.title"),
        rx.el.p(MarkedState.question, class_name="mt"),
        rx.el.p(t("grants.confirm.hint"), class_name="small muted mt"),
        rx.el.div(
            close_button(t("grants.confirm.no")),
            rx.el.button(
                t("grants.confirm.yes"),
                type="button",
                on_click=MarkedState.confirm,
                class_name="btn p w lg",
                data_testid="bulk-confirm",
            ),
            class_name="pair mt2",
        ),
        shown=MarkedState.question != "",
        on_close=MarkedState.back,
    )


def groups_dialog() -> rx.Component:
    return dialog(
        "groups",
        t("groups.title"),
        rx.el.p(t("groups.text"), class_name="muted"),
        rx.cond(
            GroupsState.error, rx.el.p(GroupsState.error, class_name="note red mt2", role="alert")
        ),
        rx.el.ul(rx.foreach(GrantsState.groups, _group), class_name="stack mt2"),
        rx.el.form(
            field(
                t("groups.new"),
                rx.el.input(
                    id="group-new", name="name", max_length=60, required=True, class_name="input"
                ),
            ),
            rx.el.button(t("groups.add"), type="submit", class_name="btn p"),
            on_submit=GroupsState.add,
            # A group that was made empties the field.
            key=f"{GroupsState.version}",
            class_name="grants-new",
        ),
        shown=GroupsState.shown,
        on_close=GroupsState.close,
    )


def _group(group: Choice) -> rx.Component:
    return rx.el.li(
        rx.el.form(
            rx.el.input(type="hidden", name="group", value=group.id, read_only=True),
            rx.el.input(
                name="name",
                default_value=group.name,
                max_length=60,
                required=True,
                aria_label=f"{t('groups.name')} {group.name}",
                class_name="input",
            ),
            rx.el.button(t("groups.rename"), type="submit", class_name="btn s nowrap"),
            rx.el.button(
                rx.icon("trash-2", aria_hidden="true"),
                rx.el.span(t("groups.remove"), " ", group.name, class_name="hide"),
                type="button",
                on_click=GroupsState.ask_to_remove(group.id),
                class_name="icon",
            ),
            on_submit=GroupsState.rename,
            class_name="row",
        ),
        rx.cond(
            GroupsState.removing == group.id,
            rx.el.div(
                rx.el.p(t("groups.remove.sure")),
                rx.el.button(
                    t("groups.remove.yes"),
                    type="button",
                    on_click=GroupsState.remove(group.id),
                    class_name="btn sm",
                ),
                class_name="note red mt",
                role="alert",
            ),
        ),
        key=f"{group.id}{group.name}",
    )
