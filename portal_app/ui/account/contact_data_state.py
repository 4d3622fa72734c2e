"""What the page of a customer's contact data remembers: the form, what is wrong in it, what was shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import reflex as rx
from reflex.event import EventSpec

from portal_app.domain.contact_data import FIELDS, ContactData, needed_in, states_of
from portal_app.domain.errors import ContactChangedMeanwhile, FieldsInvalid, PortalError
from portal_app.domain.grants import Feature
from portal_app.services import contact_data
from portal_app.services.rules import SIGNED_IN, granted
from portal_app.ui.choices import typed
from portal_app.ui.session import attempt, current, opens_to
from portal_app.ui.texts import refusal, say, why

SAID: Final = "contact-said"


@dataclass(frozen=True)
class FieldShown:
    """What stands in a field, what is wrong with it, and what became of it meanwhile."""

    value: str = ""
    wrong: str = ""
    code: str = ""
    meanwhile: str = ""


@dataclass(frozen=True)
class Form:
    """The fields by their names."""

    email: FieldShown = FieldShown()
    phone: FieldShown = FieldShown()
    street: FieldShown = FieldShown()
    district: FieldShown = FieldShown()
    city: FieldShown = FieldShown()
    state: FieldShown = FieldShown()
    postcode: FieldShown = FieldShown()

    @classmethod
    def of(cls, contact: ContactData) -> Form:
        return cls(**{name: FieldShown(getattr(contact, name)) for name in FIELDS})


@opens_to(granted(Feature.EDIT_DATA), load=SIGNED_IN)
class ContactDataState(rx.State):
    """The form. Its fields are the browser's own: a new `version` draws them anew.

    `states` are those to choose from; without any a state is typed, if `has_state`.
    """

    status: str = "loading"
    problem: str = ""
    form: Form = Form()
    version: int = 0
    has_state: bool = True
    states: list[str] = []
    is_brazil: bool = False
    is_needed: bool = False
    saved: str = ""
    error: str = ""
    code: str = ""
    _seen: ContactData | None = None

    @rx.event
    async def load(self) -> None:
        """What is being typed stays, unless it was refused or something else is there by now."""
        answer = await attempt(self, contact_data.show)
        self.status, self.problem = answer.status, answer.sentence
        if answer.value is None:
            return
        self.saved, self.error, self.code = "", "", ""
        form = Form.of(answer.value)
        self._show(answer.value, form, anew=answer.value != self._seen or form != self.form)

    @rx.event
    async def save(self, form: dict[str, Any]) -> EventSpec | None:
        seen = self._seen
        if seen is None:
            return None
        self.saved, self.error, self.code = "", "", ""
        wanted = _wanted(form, seen)
        answer = await attempt(self, contact_data.change, wanted, seen)
        if answer.value is None:
            return await self._refuse(answer.refusal, wanted, seen)
        self._show(answer.value, Form.of(answer.value), anew=True)
        self.saved = say("contact_data.saved")
        return rx.set_focus(SAID)

    async def _refuse(
        self, refused: PortalError | None, wanted: ContactData, seen: ContactData
    ) -> EventSpec | None:
        """What is wrong, with the cursor at the first of it; what was typed stays."""
        self.error, self.code = why(refused)
        if isinstance(refused, FieldsInvalid):
            self.form = _corrected(wanted, refused)
            first = next(name for name in FIELDS if getattr(self.form, name).wrong)
            return rx.set_focus(f"contact-{first}")
        present = None
        if isinstance(refused, ContactChangedMeanwhile):
            present = (await attempt(self, contact_data.show)).value
        if present is None:
            self.form = Form.of(wanted)
        else:
            self._show(present, _merged(wanted, seen, present), anew=True)
        return None

    def _show(self, present: ContactData, form: Form, *, anew: bool) -> None:
        country = current().company.country
        states = states_of(country)
        self._seen, self.form = present, form
        self.version += anew
        self.has_state = states is None or bool(states)
        # What stands there now is kept, even if no state is called so.
        self.states = sorted({"", present.state, *states}) if states else []
        self.is_brazil, self.is_needed = country == "BR", bool(needed_in(country))


def _wanted(form: Mapping[str, object], seen: ContactData) -> ContactData:
    """The fields as they came; one the form does not have is as it was."""
    found = {name: typed(form, name) for name in FIELDS if form.get(name) is not None}
    return replace(seen, **found)


def _corrected(wanted: ContactData, refused: FieldsInvalid) -> Form:
    wrong = {str(each.details["field"]): each for each in refused.refused}
    said = {
        name: FieldShown(getattr(wanted, name), refusal(each), each.code)
        for name, each in wrong.items()
    }
    return replace(Form.of(wanted), **said)


def _merged(wanted: ContactData, seen: ContactData, present: ContactData) -> Form:
    """What was typed where something was, else what is there now; and what that is."""
    return Form(
        **{
            name: FieldShown(
                value=_either(name, wanted, seen, present),
                meanwhile=_meanwhile(getattr(seen, name), getattr(present, name)),
            )
            for name in FIELDS
        }
    )


def _either(name: str, wanted: ContactData, seen: ContactData, present: ContactData) -> str:
    is_typed = getattr(wanted, name) != getattr(seen, name)
    return getattr(wanted if is_typed else present, name)


def _meanwhile(before: str, now: str) -> str:
    if before == now:
        return ""
    return say("contact_data.meanwhile", value=now) if now else say("contact_data.meanwhile.empty")
