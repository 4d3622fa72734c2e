"""The first page of the company's own people: what waits for one of them."""

import reflex as rx

from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.empty import could_not_load, empty, loading_rows, not_enabled
from portal_app.ui.components.staff_shell import TASKS, staff_shell
from portal_app.ui.shell import ShellState
from portal_app.ui.staff.home.state import CLOSED, OPEN, TABLE, StaffHomeState, TaskLine
from portal_app.ui.texts import LanguageState, t


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("staff.title.page"),
        on_load=[LanguageState.load, ShellState.load, StaffHomeState.load],
    )


def page() -> rx.Component:
    return staff_shell(
        TASKS,
        rx.el.div(
            rx.el.div(rx.el.h1(t("staff.title")), rx.el.p(t("staff.sub"), class_name="sub")),
            class_name="head",
        ),
        rx.el.div(
            *(_which(which) for which in (OPEN, CLOSED)),
            class_name="chips mt2",
            role="group",
            aria_label=t("staff.title"),
        ),
        rx.el.p(StaffHomeState.said, class_name="small muted mt", role="status"),
        rx.el.div(
            rx.match(
                StaffHomeState.status,
                ("loading", loading_rows()),
                ("ready", rx.cond(StaffHomeState.tasks.length() > 0, _tasks(), _nothing())),  # pyright: ignore[reportAttributeAccessIssue]
                ("not_granted", not_enabled(contact_line())),
                could_not_load(StaffHomeState.load),
            ),
            class_name="card mt2",
            id=TABLE,
            tab_index=-1,
        ),
    )


def _which(which: str) -> rx.Component:
    return rx.el.button(
        t(f"staff.which.{which}"),
        type="button",
        on_click=StaffHomeState.show(which),
        aria_pressed=rx.cond(StaffHomeState.which == which, "true", "false"),
        class_name="chip",
        data_testid=f"tasks-{which}",
    )


def _nothing() -> rx.Component:
    return rx.cond(
        StaffHomeState.which == OPEN,
        empty("check", t("staff.empty"), t("staff.empty.hint")),
        empty("check", t("staff.empty.closed"), t("staff.empty.closed.hint")),
    )


def _tasks() -> rx.Component:
    return rx.el.table(
        rx.el.caption(t("staff.title"), class_name="hide"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th(t("staff.task"), scope="col"),
                rx.el.th(t("staff.subject"), scope="col"),
                rx.el.th(
                    rx.cond(StaffHomeState.which == OPEN, t("staff.since"), t("staff.on")),
                    scope="col",
                    class_name="r",
                ),
                rx.el.th(rx.el.span(t("staff.actions"), class_name="hide"), scope="col"),
            )
        ),
        rx.el.tbody(rx.foreach(StaffHomeState.tasks, _task)),
        class_name="table lines",
    )


def _task(task: TaskLine) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            task.kind,
            rx.cond(task.todo, rx.el.div(task.todo, class_name="small muted")),
            class_name="strong l-what",
        ),
        rx.el.td(
            rx.el.div(task.subject),
            rx.cond(task.facts, rx.el.div(task.facts, class_name="small")),
            class_name="muted l-more",
        ),
        rx.el.td(task.since, class_name="num r l-amount"),
        rx.el.td(
            rx.el.div(
                rx.cond(
                    task.can_retry,
                    _act(t("staff.retry"), task, StaffHomeState.retry(task.id), "task-retry"),
                ),
                rx.cond(
                    task.is_closed,
                    rx.fragment(),
                    _act(t("staff.done"), task, StaffHomeState.close(task.id), "task-done"),
                ),
                class_name="row",
            ),
            class_name="l-do",
        ),
        key=task.id,
        data_testid="task-row",
    )


def _act(
    name: rx.Var[str], task: TaskLine, on_click: rx.event.EventType, test_id: str
) -> rx.Component:
    """A button that says of which task it is to whoever does not see the row."""
    return rx.el.button(
        name,
        rx.el.span(": ", task.kind, ", ", task.subject, class_name="hide"),
        type="button",
        on_click=on_click,
        class_name="btn s sm nowrap",
        data_testid=test_id,
    )
