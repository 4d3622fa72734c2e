"""A whole page's or list's stead: nothing there, not enabled for you, could not load."""

from typing import Any

import reflex as rx

from portal_app.ui.texts import t

Text = str | rx.Var[str]


def empty(
    icon: str, title: Text, text: Text = "", *actions: rx.Component, tone: str = "", **props: Any
) -> rx.Component:
    """`tone` is '' (green, good news), 'red', 'amber' or 'gray'."""
    return rx.el.div(
        rx.el.div(rx.icon(icon, aria_hidden="true"), class_name=f"outcome {tone}".strip()),
        rx.el.h2(title),
        rx.el.p(text) if isinstance(text, rx.Var) or text else rx.fragment(),
        *actions,
        class_name="empty",
        **props,
    )


def could_not_load(retry: rx.event.EventType, reason: Text = "") -> rx.Component:
    """Something failed; the reader can try again. `reason` is the refusal's sentence if there is one."""
    return empty(
        "cloud-off",
        t("failed.title"),
        rx.cond(reason, reason, t("failed.text")),  # pyright: ignore[reportArgumentType]
        rx.el.button(t("failed.retry"), type="button", on_click=retry, class_name="btn s mt"),
        tone="red",
        role="alert",
        data_testid="could-not-load",
    )


def not_enabled(contact: rx.Component) -> rx.Component:
    """The company has not opened this page to the reader; `contact` says whom to ask."""
    return empty(
        "lock",
        t("not_enabled.title"),
        t("not_enabled.text"),
        contact,
        tone="gray",
        data_testid="not-enabled",
    )


def loading_rows(count: int = 5) -> rx.Component:
    """Rows shaped as the content to come."""
    return rx.el.div(
        rx.el.span(t("loading"), class_name="hide"),
        *(_loading_row() for _ in range(count)),
        class_name="loading",
        role="status",
    )


def _loading_row() -> rx.Component:
    return rx.el.div(
        rx.el.div(class_name="skeleton box"),
        rx.el.div(rx.el.div(class_name="skeleton"), rx.el.div(class_name="skeleton short")),
        rx.el.div(class_name="skeleton"),
        class_name="loading-row",
    )
