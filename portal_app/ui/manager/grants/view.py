"""Access by customer: a matrix on a desk, a card per customer on a phone, from the same elements."""

from itertools import groupby
from typing import Final

import reflex as rx

from portal_app.domain.customers import NO_GROUP
from portal_app.domain.grants import COMING, IN_ORDER, Feature, Level, StaffFeature, area_of
from portal_app.ui import routes
from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.empty import could_not_load, empty, loading_rows, not_enabled
from portal_app.ui.components.form import post_form
from portal_app.ui.components.staff_shell import GRANTS, staff_shell
from portal_app.ui.components.table import pager
from portal_app.ui.manager.grants.dialogs import change_dialog, confirm_dialog, groups_dialog
from portal_app.ui.manager.grants.rows import Cell, Choice, Line
from portal_app.ui.manager.grants.state import (
    ANY_GROUP,
    GIVE,
    INHERIT,
    TAKE,
    ChangeState,
    GrantsState,
    GroupsState,
    MarkedState,
    MarksState,
)
from portal_app.ui.shell import ShellState
from portal_app.ui.texts import LanguageState, t

_AREAS: Final = tuple((area, tuple(found)) for area, found in groupby(IN_ORDER, area_of))
_STARTS: Final = frozenset(features[0] for _, features in _AREAS)


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("grants.title.page"),
        on_load=[LanguageState.load, ShellState.load, GrantsState.load],
    )


def page() -> rx.Component:
    return staff_shell(
        GRANTS,
        rx.el.div(
            rx.el.div(rx.el.h1(t("grants.title")), rx.el.p(t("grants.sub"), class_name="sub")),
            rx.cond(
                GrantsState.status == "ready",
                rx.el.button(
                    rx.icon("users", aria_hidden="true"),
                    t("groups.title"),
                    type="button",
                    on_click=GroupsState.open,
                    class_name="btn s",
                    data_testid="groups-open",
                ),
            ),
            class_name="head",
        ),
        rx.fragment(
            rx.match(
                GrantsState.status,
                ("loading", _alone(loading_rows())),
                ("ready", _ready()),
                ("not_granted", _alone(not_enabled(contact_line()))),
                _alone(could_not_load(GrantsState.load, GrantsState.problem)),
            )
        ),
        change_dialog(),
        confirm_dialog(),
        groups_dialog(),
    )


def _alone(content: rx.Component) -> rx.Component:
    return rx.el.div(content, class_name="card mt2")


def _ready() -> rx.Component:
    return rx.fragment(
        _search(),
        rx.el.p(MarkedState.done, class_name="small good", role="status"),
        rx.el.div(
            _legend(),
            rx.el.div(
                _table(),
                class_name="grants-scroll",
                role="region",
                aria_label=t("grants.caption"),
                tab_index=0,
            ),
            rx.cond(GrantsState.is_empty, _nobody()),
            pager(
                GrantsState.position,
                GrantsState.has_previous,
                GrantsState.has_next,
                GrantsState.previous,
                GrantsState.next,
            ),
            class_name="card mt2 grants-card",
        ),
        rx.cond(MarkedState.count > 0, _bulk()),
    )


def _search() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            rx.icon("search", aria_hidden="true"),
            rx.el.input(
                type="search",
                name="text",
                # Uncontrolled, and the same after a search: the cursor stays in it.
                default_value=GrantsState.text,
                key=f"{GrantsState.cleared}",
                placeholder=t("grants.search"),
                aria_label=t("grants.search"),
                max_length=100,
                class_name="input",
                data_testid="grants-search",
            ),
            class_name="searching",
        ),
        rx.el.select(
            rx.el.option(t("grants.group.any"), value=ANY_GROUP),
            rx.foreach(GrantsState.groups, _option),
            rx.el.option(t("grants.group.none"), value=str(NO_GROUP)),
            name="group",
            default_value=GrantsState.group,
            key=f"{GrantsState.group}{GrantsState.groups.length()}",  # pyright: ignore[reportAttributeAccessIssue]
            aria_label=t("grants.group"),
            class_name="input",
        ),
        rx.el.button(t("grants.search.go"), type="submit", class_name="btn s"),
        rx.el.span(GrantsState.count, class_name="small muted num", role="status"),
        on_submit=GrantsState.search,
        class_name="grants-search",
    )


def _option(group: Choice) -> rx.Component:
    return rx.el.option(group.name, value=group.id)


def _nobody() -> rx.Component:
    return empty(
        "search-x",
        t("grants.empty"),
        t("grants.empty.hint"),
        rx.el.button(
            t("grants.show_all"), type="button", on_click=GrantsState.show_all, class_name="btn s"
        ),
        tone="gray",
    )


def _legend() -> rx.Component:
    return rx.el.div(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                default_checked=MarksState.everything,
                key=f"{MarksState.version}",
                on_change=MarkedState.everything,  # pyright: ignore[reportArgumentType]  a checkbox says whether it is ticked
                class_name="cb",
                data_testid="grants-select-all",
            ),
            rx.el.span(t("grants.select.all")),
            class_name="preset",
        ),
        rx.el.span(class_name="sp"),
        _sign(rx.icon("check", aria_hidden="true"), "yes", "grants.legend.allowed"),
        _sign(rx.icon("x", aria_hidden="true"), "no", "grants.legend.taken"),
        _sign(rx.icon("check", aria_hidden="true"), "yes own", "grants.legend.own"),
        *(
            _sign(rx.el.b(t(f"grant.level.{level}.mark")), "", f"grants.legend.{level}")
            for level in (Level.GROUP, Level.COMPANY)
        ),
        class_name="presets grants-legend",
    )


def _sign(sign: rx.Component, kind: str, key: str) -> rx.Component:
    """What a sign means; on a phone each cell says it itself."""
    return rx.el.span(
        rx.el.span(rx.el.span(sign, class_name="sign"), class_name=f"cell {kind}".strip()),
        t(key),
        class_name="small muted row not-phone",
    )


def _table() -> rx.Component:
    return rx.el.table(
        rx.el.caption(t("grants.caption"), class_name="hide"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th(t("grants.customer"), scope="col", row_span=2, class_name="who"),
                *(
                    rx.el.th(
                        t(f"grant.area.{area}"),
                        scope="colgroup",
                        col_span=len(features),
                        class_name="area",
                    )
                    for area, features in _AREAS
                ),
            ),
            rx.el.tr(
                *(
                    rx.el.th(
                        rx.el.span(
                            t(f"feature.{feature}.short"), *_later(feature), title=_called(feature)
                        ),
                        scope="col",
                        class_name="feature first" if feature in _STARTS else "feature",
                    )
                    for feature in IN_ORDER
                ),
            ),
        ),
        rx.el.tbody(rx.foreach(GrantsState.top, _line), class_name="above"),
        rx.el.tbody(rx.foreach(GrantsState.lines, _line)),
        class_name="table grants",
    )


def _called(feature: Feature) -> str | rx.Var[str]:
    name = t(f"feature.{feature}")
    return f"{name} ({t('feature.later')})" if feature in COMING else name


def _later(feature: Feature) -> list[rx.Component]:
    """Beneath the name of what the portal does not do yet."""
    return [rx.el.span(t("feature.later"), class_name="later")] if feature in COMING else []


def _line(line: Line) -> rx.Component:
    return rx.el.tr(
        rx.el.th(_who(line), scope="row", class_name="who"),
        rx.foreach(line.cells, lambda cell, column: _cell(line, cell, column)),
        key=line.key,
        class_name=f"grant-{line.kind}",
        data_testid="grant-row",
        custom_attrs={"data-row": line.name},
    )


def _who(line: Line) -> rx.Component:
    return rx.el.div(
        rx.cond(line.id > 0, _box(line)),
        rx.el.div(
            rx.el.div(line.name, class_name="strong name"),
            rx.cond(line.about, rx.el.div(line.about, class_name="small muted about")),
            class_name="grow",
        ),
        rx.cond(line.id > 0, _acts(line)),
        _unfold(line),
        class_name="row",
    )


def _box(line: Line) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            # The browser's own from here on: it answers before the server does.
            default_checked=MarksState.ticked.contains(line.id),  # pyright: ignore[reportAttributeAccessIssue]
            key=f"{MarksState.version}",
            on_change=lambda ticked: MarkedState.tick(line.id, ticked),  # pyright: ignore[reportArgumentType]
            aria_label=f"{t('grants.select')} {line.name}",
            class_name="cb",
            data_testid="grant-select",
        ),
        class_name="tick",
    )


def _acts(line: Line) -> rx.Component:
    return rx.el.div(
        rx.el.button(
            rx.icon("users", aria_hidden="true"),
            rx.el.span(t("grants.people"), " ", line.name, class_name="hide"),
            type="button",
            on_click=GrantsState.show_people(line.key),
            aria_expanded=rx.cond(GrantsState.open == line.key, "true", "false"),
            class_name="icon",
            data_testid="grant-people",
        ),
        rx.cond(
            ShellState.reader.permissions.contains(StaffFeature.VIEW_AS.value),  # pyright: ignore[reportAttributeAccessIssue]
            post_form(
                routes.POST_VIEW,
                rx.el.input(type="hidden", name="customer", value=line.id, read_only=True),
                rx.el.button(
                    rx.icon("eye", aria_hidden="true"),
                    rx.el.span(t("grants.view"), " ", line.name, class_name="hide"),
                    type="submit",
                    class_name="icon",
                    data_testid="view-as",
                ),
                class_name="",
            ),
        ),
        class_name="icons",
    )


def _unfold(line: Line) -> rx.Component:
    """On a phone a card shows its features when asked to: the browser's own box, no server."""
    return rx.el.label(
        rx.el.input(type="checkbox", class_name="hide unfold"),
        rx.icon("chevron-down", aria_hidden="true"),
        rx.el.span(t("grants.unfold"), " ", line.name, class_name="hide"),
        title=f"{t('grants.unfold')} {line.name}",
        class_name="icon only-phone-grid",
    )


def _cell(line: Line, cell: Cell, column: int) -> rx.Component:
    """An icon on a desk; on a phone the same button says its sentence."""
    return rx.el.td(
        rx.el.button(
            rx.el.span(
                rx.cond(
                    cell.allowed,
                    rx.icon("check", aria_hidden="true"),
                    rx.icon("x", aria_hidden="true"),
                ),
                rx.cond(cell.mark, rx.el.span(cell.mark, class_name="mark", aria_hidden="true")),
                class_name="sign",
            ),
            rx.el.span(cell.label, class_name="says"),
            type="button",
            title=cell.label,
            on_click=ChangeState.choose(line.key, column),
            aria_haspopup="dialog",
            class_name=rx.cond(
                cell.allowed,
                rx.cond(cell.own, "cell yes own", "cell yes"),
                rx.cond(cell.own, "cell no own", "cell no"),
            ),
            data_testid="grant-cell",
        ),
        class_name="grant",
    )


def _bulk() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.b(MarkedState.words, class_name="num", role="status"),
            rx.el.button(
                t("grants.bulk.clear"),
                type="button",
                on_click=MarkedState.clear,
                class_name="btn g sm",
            ),
            class_name="row",
        ),
        rx.el.div(
            rx.el.select(
                *(
                    rx.el.optgroup(
                        *(rx.el.option(_called(each), value=each.value) for each in features),
                        label=t(f"grant.area.{area}"),
                    )
                    for area, features in _AREAS
                ),
                default_value=MarkedState.feature,
                on_change=MarkedState.choose_feature,
                aria_label=t("grants.bulk.feature"),
                class_name="input sm",
                data_testid="bulk-feature",
            ),
            *(_propose(choice) for choice in (GIVE, TAKE, INHERIT)),
            class_name="row wrap-row",
        ),
        rx.el.div(
            rx.el.select(
                rx.el.option(t("grants.group.none"), value=str(NO_GROUP)),
                rx.foreach(GrantsState.groups, _option),
                default_value=MarkedState.group,
                on_change=MarkedState.choose_group,
                aria_label=t("grants.bulk.group"),
                class_name="input sm",
            ),
            rx.el.button(
                t("grants.bulk.move"),
                type="button",
                on_click=MarkedState.propose_group,
                class_name="btn s sm",
            ),
            class_name="row wrap-row",
        ),
        class_name="bulk",
        aria_label=MarkedState.words,
        data_testid="bulk",
    )


def _propose(choice: str) -> rx.Component:
    return rx.el.button(
        t(f"grants.{choice}"),
        type="button",
        on_click=MarkedState.propose(choice),
        class_name="btn s sm",
        data_testid=f"bulk-{choice}",
    )
