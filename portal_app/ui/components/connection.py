"""What a page says while it cannot reach the server; Reflex goes on trying by itself."""

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from portal_app.ui.texts import t


def connection_lost() -> rx.Component:
    """For the app's wraps: Reflex adds the page to the fragment."""
    return rx.fragment(_sentence())


@rx.memo
def _sentence() -> rx.Component:
    return rx.fragment(
        rx.cond(
            has_connection_errors,
            rx.el.p(t("connection.lost"), class_name="offline", role="status"),
        )
    )
