"""Parts of lists: a heading that sorts, and the pager."""

from typing import Any

import reflex as rx

from portal_app.ui.texts import t

Text = str | rx.Var[str]


def sortable(
    label: Text,
    column: str,
    sorted_by: str,
    descending: bool,
    on_click: rx.event.EventType,
    **props: Any,
) -> rx.Component:
    """A column's heading: pressed once it sorts, pressed again the other way round."""
    arrow = rx.cond((sorted_by == column) & descending, "↓", "↑")
    return rx.el.th(
        rx.el.button(
            label,
            rx.el.span(arrow, class_name="arrow", aria_hidden="true"),
            type="button",
            on_click=on_click,
            class_name="sort",
        ),
        scope="col",
        custom_attrs={
            "role": "columnheader",
            "aria-sort": rx.cond(
                sorted_by == column, rx.cond(descending, "descending", "ascending"), "none"
            ),
        },
        **props,
    )


def pager(
    text: Text,
    has_previous: bool,
    has_next: bool,
    on_previous: rx.event.EventType,
    on_next: rx.event.EventType,
) -> rx.Component:
    """'51–100 de 240' between two buttons; nothing for a single page."""
    return rx.cond(
        has_previous | has_next,
        rx.el.nav(
            _turn(t("pager.previous"), "chevron-left", has_previous, on_previous),
            rx.el.span(text, class_name="small muted num", aria_live="polite"),
            _turn(t("pager.next"), "chevron-right", has_next, on_next),
            class_name="pager",
            aria_label=t("pager.label"),
        ),
    )


def _turn(label: Text, icon: str, possible: bool, on_click: rx.event.EventType) -> rx.Component:
    return rx.el.button(
        rx.icon(icon, aria_hidden="true"),
        rx.el.span(label),
        type="button",
        disabled=rx.cond(possible, False, True),
        on_click=on_click,
        class_name="btn s sm",
    )
