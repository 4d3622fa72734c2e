"""The audit: a filter above, a table on a desk and cards on a phone, and the way to take it away."""

import reflex as rx

from portal_app.domain.audit import Action
from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.date_range import FIRST, LAST
from portal_app.ui.components.empty import could_not_load, empty, loading_rows, not_enabled
from portal_app.ui.components.form import Text, field, refused
from portal_app.ui.components.staff_shell import AUDIT, staff_shell
from portal_app.ui.components.table import pager
from portal_app.ui.shell import ShellState
from portal_app.ui.staff.audit.state import AuditState, Line
from portal_app.ui.texts import LanguageState, t

_ERROR = "audit-error"


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("audit.title.page"),
        on_load=[LanguageState.load, ShellState.load, AuditState.load],
    )


def page() -> rx.Component:
    return staff_shell(
        AUDIT,
        rx.el.div(
            rx.el.div(rx.el.h1(t("audit.title")), rx.el.p(t("audit.sub"), class_name="sub")),
            rx.cond(AuditState.export, _export()),
            class_name="head",
        ),
        rx.cond(AuditState.status != "not_granted", _filter()),
        rx.el.div(
            rx.match(
                AuditState.status,
                ("loading", loading_rows()),
                ("ready", rx.cond(AuditState.is_empty, _nothing(), _entries())),
                ("not_granted", not_enabled(contact_line())),
                could_not_load(AuditState.load),
            ),
            class_name="card mt2",
        ),
    )


def _export() -> rx.Component:
    return rx.el.a(
        rx.icon("download", aria_hidden="true"),
        t("audit.export"),
        href=AuditState.export,
        # Else the page's own router would look for a page of that name.
        target="_blank",
        class_name="btn s",
        data_testid="audit-export",
    )


def _filter() -> rx.Component:
    fields, days = AuditState.fields, AuditState.days
    return rx.el.div(
        rx.el.form(
            _typed("person", fields.person),
            _action(),
            _typed("customer", fields.customer),
            _typed("document", fields.document),
            _day(FIRST, t("period.from"), days.first),
            _day(LAST, t("period.to"), days.last),
            rx.el.div(
                rx.el.button(t("audit.filter.show"), type="submit", class_name="btn s"),
                rx.cond(
                    AuditState.is_filtered,
                    rx.el.button(
                        t("audit.filter.clear"),
                        type="button",
                        on_click=AuditState.forget,
                        class_name="btn g",
                    ),
                ),
                class_name="row",
            ),
            refused(AuditState.error, AuditState.code, id=_ERROR, role="alert"),
            refused(days.error, days.code, id=f"{_ERROR}-days", role="alert"),
            on_submit=AuditState.choose,
            key=AuditState.cleared,
            class_name="range asked",
        ),
        rx.el.p(AuditState.count, class_name="muted small count-line", role="status"),
        rx.cond(
            AuditState.export_limit,
            rx.el.p(AuditState.export_limit, class_name="note gray"),
        ),
        class_name="filter",
    )


def _typed(name: str, value: Text) -> rx.Component:
    return field(
        t(f"audit.filter.{name}"),
        rx.el.input(
            id=f"audit-{name}",
            name=name,
            default_value=value,
            max_length=100,
            auto_complete="off",
            placeholder=t(f"audit.filter.{name}.hint"),
            aria_describedby=rx.cond(AuditState.error, _ERROR, ""),
            class_name="input",
        ),
    )


def _action() -> rx.Component:
    return field(
        t("audit.filter.action"),
        rx.el.select(
            rx.el.option(t("audit.filter.action.any"), value=""),
            *(rx.el.option(t(f"audit.{action.value}"), value=action.value) for action in Action),
            id="audit-action",
            name="action",
            default_value=AuditState.fields.action,
            class_name="input",
        ),
    )


def _day(name: str, label: Text, value: Text) -> rx.Component:
    return field(
        label,
        rx.el.input(
            type="date",
            id=f"audit-{name}",
            name=name,
            default_value=value,
            min="1900-01-01",
            max="2999-12-31",
            aria_describedby=rx.cond(AuditState.days.error, f"{_ERROR}-days", ""),
            class_name="input",
        ),
    )


def _nothing() -> rx.Component:
    return rx.cond(
        AuditState.is_filtered,
        empty("search-x", t("audit.empty.filtered"), t("audit.empty.filtered.hint"), tone="gray"),
        empty("scroll-text", t("audit.empty"), t("audit.empty.hint"), tone="gray"),
    )


def _entries() -> rx.Component:
    return rx.fragment(
        rx.el.table(
            rx.el.caption(t("audit.title"), class_name="hide"),
            rx.el.thead(
                rx.el.tr(
                    *(
                        rx.el.th(t(f"audit.column.{name}"), scope="col")
                        for name in ("when", "who", "what", "about")
                    )
                )
            ),
            rx.el.tbody(rx.foreach(AuditState.entries, _entry)),
            class_name="table lines audit",
        ),
        pager(
            AuditState.position,
            AuditState.has_newer,
            AuditState.has_older,
            AuditState.newer,
            AuditState.older,
        ),
    )


def _entry(line: Line) -> rx.Component:
    return rx.el.tr(
        rx.el.td(line.when, class_name="num nowrap l-day"),
        rx.el.td(line.who, class_name="l-who"),
        rx.el.td(
            line.what,
            rx.cond(line.facts, rx.el.div(line.facts, class_name="small muted")),
            class_name="l-what",
        ),
        rx.el.td(
            line.about,
            rx.cond(
                line.customer,
                rx.el.div(
                    rx.el.span(t("audit.column.customer"), " ", class_name="hide"),
                    line.customer,
                    class_name="small muted",
                ),
            ),
            class_name="l-more",
        ),
        key=line.number,
        data_testid="audit-entry",
    )
