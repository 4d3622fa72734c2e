"""A customer's contact data: one form, which says beside each field what is wrong with it."""

from typing import Any, Final

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.account.contact_data_state import SAID, ContactDataState, FieldShown
from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.empty import could_not_load, loading_rows, not_enabled
from portal_app.ui.components.form import Text, field, refused
from portal_app.ui.components.staff_shell import shared_shell
from portal_app.ui.shell import ShellState
from portal_app.ui.texts import LanguageState, t

# How a browser fills a field in, and which keyboard a phone shows.
_FILLED: Final[dict[str, dict[str, Any]]] = {
    "email": {"type": "email", "auto_complete": "email"},
    "phone": {"type": "tel", "auto_complete": "tel"},
    "street": {"auto_complete": "street-address"},
    "district": {"auto_complete": "address-level3"},
    "city": {"auto_complete": "address-level2"},
    "state": {"auto_complete": "address-level1"},
    "postcode": {"auto_complete": "postal-code"},
}
_HINTS: Final = {"email": "contact_data.email.hint", "street": "contact_data.street.hint"}


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("contact_data.title.page"),
        on_load=[LanguageState.load, ShellState.load, ContactDataState.load],
    )


def page() -> rx.Component:
    return shared_shell(
        rx.el.div(
            rx.el.a(
                rx.icon("chevron-left", aria_hidden="true"),
                t("contact_data.back"),
                href=routes.ACCOUNT,
                class_name="back",
            ),
            rx.el.h1(t("contact_data.title")),
            rx.el.p(t("contact_data.sub"), class_name="sub"),
            rx.match(
                ContactDataState.status,
                ("loading", _card(loading_rows(6))),
                ("ready", _card(_form())),
                ("not_granted", _card(not_enabled(contact_line()))),
                _card(could_not_load(ContactDataState.load, ContactDataState.problem)),
            ),
            class_name="column",
        ),
    )


def _card(*content: rx.Component) -> rx.Component:
    return rx.el.section(*content, class_name="card block mt2")


def _form() -> rx.Component:
    state, form = ContactDataState, ContactDataState.form
    return rx.el.form(
        _field("email", t("contact_data.field.email"), form.email),
        _field("phone", t("contact_data.field.phone"), form.phone),
        _field("street", t("contact_data.field.street"), form.street),
        _field("district", t("contact_data.field.district"), form.district),
        _field("city", t("contact_data.field.city"), form.city),
        rx.cond(state.has_state, _state()),
        _field("postcode", _postcode(), form.postcode),
        rx.cond(state.is_needed, rx.el.p(t("contact_data.needed"), class_name="hint")),
        rx.el.p(t("contact_data.issued"), class_name="hint"),
        refused(state.error, state.code, role="alert", data_testid="contact-error"),
        # Always there, so that the cursor can be put on it.
        rx.el.p(
            state.saved,
            id=SAID,
            role="status",
            tab_index=-1,
            class_name=rx.cond(state.saved, "note jade", "silent"),
            data_testid="contact-saved",
        ),
        rx.el.button(
            t("contact_data.save"), type="submit", class_name="btn p", data_testid="contact-save"
        ),
        on_submit=ContactDataState.save,
        key=f"{state.version}",
        class_name="form",
        # What is wrong is said in our own words, in the reader's language.
        custom_attrs={"noValidate": True},
    )


def _postcode() -> Text:
    return rx.cond(
        ContactDataState.is_brazil, t("contact_data.postcode.cep"), t("contact_data.field.postcode")
    )


def _state() -> rx.Component:
    """Chosen where the states are known, typed elsewhere."""
    shown = ContactDataState.form.state
    return rx.cond(
        ContactDataState.states,
        _labelled(
            "state",
            t("contact_data.field.state"),
            rx.el.select(
                rx.foreach(ContactDataState.states, lambda name: rx.el.option(name, value=name)),
                default_value=shown.value,
                **_control("state", shown),
            ),
            shown,
        ),
        _field("state", t("contact_data.field.state"), shown),
    )


def _field(name: str, label: Text, shown: FieldShown) -> rx.Component:
    control = rx.el.input(
        default_value=shown.value,
        max_length=1000,
        **_FILLED[name],
        **_control(name, shown),
    )
    return _labelled(name, label, control, shown)


def _control(name: str, shown: FieldShown) -> dict[str, Any]:
    return {
        "id": f"contact-{name}",
        "name": name,
        "aria_invalid": rx.cond(shown.wrong, "true", "false"),
        "aria_describedby": f"contact-{name}-said",
        "class_name": "input",
        "data_testid": f"contact-{name}",
    }


def _labelled(name: str, label: Text, control: rx.Component, shown: FieldShown) -> rx.Component:
    """With what is to be said of it beneath: what is wrong, what changed meanwhile, else a hint."""
    hint = rx.el.span(t(_HINTS[name]), class_name="hint") if name in _HINTS else rx.fragment()
    return field(
        label,
        control,
        rx.el.div(
            refused(shown.wrong, shown.code, data_testid=f"contact-{name}-wrong"),
            rx.cond(shown.meanwhile, rx.el.p(shown.meanwhile, class_name="small")),
            rx.cond(shown.wrong, rx.fragment(), hint),
            id=f"contact-{name}-said",
        ),
    )
