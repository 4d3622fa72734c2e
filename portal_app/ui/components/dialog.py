"""A dialog on a desk, a sheet on a phone: the browser's own modal dialog.

The browser holds the focus in it, closes it on Escape, keeps the page behind it inert and
gives the focus back. All that is ours is the effect that opens it when the state says so.
"""

from typing import Any, Final

import reflex as rx
from reflex_base.utils.imports import ImportDict
from reflex_base.vars import VarData
from reflex_components_core.el.elements.base import BaseHTML

from portal_app.ui.texts import t

_CLOSE: Final = rx.Var("(event) => event.currentTarget.closest('dialog').close()")
# A press on the backdrop reaches the dialog itself; one inside it reaches what was pressed.
_CLOSE_OUTSIDE: Final = rx.Var(
    "(event) => { if (event.target === event.currentTarget) event.currentTarget.close() }"
)


class Modal(BaseHTML):
    """The element, and the effect that keeps it as the state says."""

    tag = "dialog"

    shown: rx.Var[bool]

    on_close: rx.EventHandler[rx.event.no_args_event_spec]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "shown"]

    def add_imports(self) -> ImportDict:
        return {"react": "useEffect"}

    def add_hooks(self) -> list[str | rx.Var]:
        effect = rx.Var(
            f"""useEffect(() => {{
              const box = document.getElementById({self.id!r});
              if (!box) return;
              if ({self.shown!s} && !box.open) box.showModal();
              if (!({self.shown!s}) && box.open) box.close();
            }}, [{self.shown!s}]);""",
            _var_data=VarData.merge(self.shown._get_all_var_data()),
        )
        return [effect]


def dialog(
    id: str,  # noqa: A002  the element's id
    title: str | rx.Var[str],
    *content: rx.Component,
    shown: bool,
    on_close: rx.event.EventType,
) -> rx.Component:
    """A dialog named by its title. However it is closed, `on_close` is told."""
    return Modal.create(
        rx.el.div(
            rx.el.div(class_name="grab"),
            rx.el.div(
                rx.el.h2(title, id=f"{id}-title"),
                rx.el.button(
                    rx.icon("x", aria_hidden="true"),
                    type="button",
                    aria_label=t("dialog.close"),
                    class_name="icon",
                    custom_attrs={"onClick": _CLOSE},
                ),
                class_name="sheet-head",
            ),
            *content,
            class_name="sheet-body",
        ),
        id=id,
        shown=shown,
        on_close=on_close,
        class_name="sheet",
        custom_attrs={"aria-labelledby": f"{id}-title", "onClick": _CLOSE_OUTSIDE},
    )


def close_button(label: str | rx.Var[str], **props: Any) -> rx.Component:
    """A button that closes the dialog it stands in, before the server hears of it."""
    return rx.el.button(
        label, type="button", class_name="btn s w lg", custom_attrs={"onClick": _CLOSE}, **props
    )


def cancel_or(submit: str | rx.Var[str], **props: Any) -> rx.Component:
    """The end of a form in a dialog: leave it, or send it."""
    return rx.el.div(
        close_button(t("people.cancel")),
        rx.el.button(submit, type="submit", class_name="btn p lg", **props),
        class_name="pair mt",
    )
