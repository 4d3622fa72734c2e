"""Staff roles by what they allow: a matrix of boxes, each of which holds at once."""

import reflex as rx

from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.dialog import cancel_or, dialog
from portal_app.ui.components.empty import could_not_load, empty, loading_rows, not_enabled
from portal_app.ui.components.form import field, refused
from portal_app.ui.components.staff_shell import ROLES, staff_shell
from portal_app.ui.manager.roles.state import Cell, PermissionLine, RoleColumn, RolesState
from portal_app.ui.shell import ShellState
from portal_app.ui.texts import LanguageState, t

_ERROR = "roles-error"


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("roles.title.page"),
        on_load=[LanguageState.load, ShellState.load, RolesState.load],
    )


def page() -> rx.Component:
    return staff_shell(
        ROLES,
        rx.el.h1(t("roles.title")),
        rx.el.p(t("roles.sub"), class_name="sub"),
        rx.cond(RolesState.status == "ready", _new()),
        rx.el.p(RolesState.said, class_name="small muted mt", role="status"),
        rx.cond(~RolesState.dialog, _wrong()),
        rx.el.div(
            rx.match(
                RolesState.status,
                ("loading", loading_rows()),
                ("ready", rx.cond(RolesState.roles, _matrix(), _none())),
                ("not_granted", not_enabled(contact_line())),
                could_not_load(RolesState.load),
            ),
            class_name="card mt2",
        ),
        _dialog(),
    )


def _new() -> rx.Component:
    return rx.el.form(
        rx.el.label(t("roles.name"), html_for="role-new", class_name="hide"),
        rx.el.input(
            id="role-new",
            name="name",
            placeholder=t("roles.name"),
            max_length=80,
            auto_complete="off",
            class_name="input",
            data_testid="role-name",
        ),
        rx.el.button(
            rx.icon("plus", aria_hidden="true"), t("roles.add"), type="submit", class_name="btn s"
        ),
        on_submit=RolesState.add,
        reset_on_submit=True,
        class_name="search mt2",
    )


def _matrix() -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.caption(t("roles.title"), class_name="hide"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(t("roles.permission"), scope="col"),
                    rx.foreach(RolesState.roles, _column),
                )
            ),
            rx.el.tbody(rx.foreach(RolesState.lines, _line)),
            class_name="table matrix",
        ),
        class_name="scrolls",
        role="region",
        tab_index=0,
        aria_label=t("roles.title"),
    )


def _column(role: RoleColumn) -> rx.Component:
    return rx.el.th(
        rx.el.button(
            role.name,
            rx.icon("pencil", size=14, aria_hidden="true"),
            rx.el.span(": ", t("people.manage"), class_name="hide"),
            type="button",
            on_click=RolesState.open_role(role.id),
            class_name="sort strong",
            data_testid="role-manage",
        ),
        rx.el.div(role.people, class_name="small muted"),
        scope="col",
        key=role.id,
        class_name="c",
    )


def _line(line: PermissionLine) -> rx.Component:
    return rx.el.tr(
        rx.el.th(line.words, scope="row"),
        rx.foreach(line.cells, lambda cell: _cell(line, cell)),
        key=line.name,
    )


def _cell(line: PermissionLine, cell: Cell) -> rx.Component:
    return rx.el.td(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                default_checked=cell.on,
                on_change=lambda on: RolesState.set_permission(cell.role, line.name, on),  # pyright: ignore[reportArgumentType]  a checkbox says whether it is ticked
                class_name="cb",
                custom_attrs={"data-permission": line.name, "data-role": cell.name},
            ),
            rx.el.span(cell.name, ": ", line.words, class_name="hide"),
            class_name="tick",
        ),
        key=cell.key,
        class_name="c",
    )


def _none() -> rx.Component:
    return empty("key-round", t("roles.none"), t("roles.none.hint"), tone="gray")


def _dialog() -> rx.Component:
    return dialog(
        "role-dialog",
        RolesState.chosen.name,
        rx.el.form(
            field(
                t("roles.name"),
                rx.el.input(
                    id="role-rename",
                    name="name",
                    default_value=RolesState.chosen.name,
                    max_length=80,
                    auto_complete="off",
                    class_name="input",
                ),
            ),
            _wrong(),
            cancel_or(t("people.save")),
            on_submit=RolesState.rename,
            key=f"rename-{RolesState.version}",
            class_name="form mt2",
            custom_attrs={"noValidate": True},
        ),
        rx.el.hr(class_name="sep"),
        rx.cond(
            RolesState.chosen.is_free,
            rx.el.button(
                rx.icon("trash-2", aria_hidden="true"),
                t("roles.remove"),
                type="button",
                on_click=RolesState.remove,
                class_name="btn s danger",
                data_testid="role-remove",
            ),
            rx.el.p(t("roles.in_use"), class_name="hint"),
        ),
        shown=RolesState.dialog,
        on_close=RolesState.close,
    )


def _wrong() -> rx.Component:
    return refused(RolesState.error, RolesState.code, role="alert", data_testid=_ERROR)
