"""The one notice of a page: a refusal in words with its code, until it is closed."""

import reflex as rx

from portal_app.ui.errors import NoticeState
from portal_app.ui.texts import t


def notice() -> rx.Component:
    return rx.el.div(
        rx.cond(
            NoticeState.text,
            rx.el.div(
                rx.icon("circle-alert", class_name="notice-icon", aria_hidden="true"),
                rx.el.p(
                    NoticeState.text,
                    " ",
                    rx.el.span(NoticeState.code, class_name="code"),
                ),
                rx.el.button(
                    rx.icon("x", aria_hidden="true"),
                    type="button",
                    on_click=NoticeState.close,
                    aria_label=t("notice.close"),
                    class_name="icon",
                ),
                class_name="notice",
                data_testid="notice",
                custom_attrs={"data-code": NoticeState.code},
            ),
        ),
        class_name="notices",
        role="alert",
    )
