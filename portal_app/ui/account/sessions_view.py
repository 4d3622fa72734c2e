"""The parts of the account that show where one is signed in and which links are open."""

import reflex as rx

from portal_app.ui.account.sessions_state import (
    TITLE,
    LinkLine,
    PlaceLine,
    SessionsState,
)
from portal_app.ui.texts import t


def sessions() -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("sessions.title"), id=TITLE, tab_index=-1),
        rx.cond(
            SessionsState.said,
            rx.el.p(SessionsState.said, class_name="note jade", role="status"),
        ),
        rx.el.ul(rx.foreach(SessionsState.places, _place), class_name="items"),
        rx.cond(
            SessionsState.has_others,
            rx.el.button(
                t("sessions.end.others"),
                type="button",
                on_click=SessionsState.end_others,
                class_name="btn s",
                data_testid="sessions-end-others",
            ),
        ),
        class_name="card block mt2",
        data_testid="sessions",
    )


def links() -> rx.Component:
    return rx.cond(
        SessionsState.links.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
        rx.el.section(
            rx.el.h2(t("own_links.title")),
            rx.el.p(t("own_links.line"), class_name="muted"),
            rx.el.ul(rx.foreach(SessionsState.links, _link), class_name="items"),
            class_name="card block mt2",
            data_testid="links",
        ),
    )


def _place(place: PlaceLine) -> rx.Component:
    return _item(
        rx.el.div(
            place.device,
            rx.cond(place.is_here, rx.el.span(t("sessions.here"), class_name="badge b-jade here")),
            class_name="strong",
        ),
        place.since,
        rx.cond(~place.is_here, _end(t("sessions.end"), place.device, SessionsState.end(place.id))),
        key=place.id,
    )


def _link(link: LinkLine) -> rx.Component:
    return _item(
        rx.el.div(link.what, class_name="strong"),
        link.until,
        _end(t("own_links.end"), link.until, SessionsState.revoke(link.id)),
        key=link.id,
    )


def _item(name: rx.Component, more: str, action: rx.Component, *, key: int) -> rx.Component:
    return rx.el.li(
        rx.el.div(name, rx.el.div(more, class_name="small muted")),
        action,
        key=key,
        class_name="item across",
    )


def _end(name: rx.Var[str], what: str, on_click: rx.event.EventType) -> rx.Component:
    return rx.el.button(
        name,
        rx.el.span(": ", what, class_name="hide"),
        type="button",
        on_click=on_click,
        class_name="btn s sm nowrap",
    )
