"""The pages in front of the door: what the routes that redirect to them wanted said."""

from typing import Final

import reflex as rx
from reflex.event import EventSpec

from portal_app.services.rules import ANYBODY
from portal_app.ui import routes, session
from portal_app.ui.errors import refusal_of
from portal_app.ui.texts import refusal, say

LINK_INVALID: Final = "invalid"
LINK_SWITCH: Final = "switch"
LINK_ASKED: Final = "asked"

_LINK_STATES: Final = {"LINK_SWITCH": LINK_SWITCH, "LINK_ASKED": LINK_ASKED}


@session.opens_to(ANYBODY)
class SignInState(rx.State):
    """Why the last try was refused; the login is kept, the password never comes back."""

    login: str = ""
    error: str = ""
    code: str = ""

    @rx.event
    async def load(self) -> EventSpec | None:
        if session.visitor():
            return rx.redirect(routes.OPEN)
        told = session.told(self, routes.SIGN_IN)
        found = refusal_of(told.get("code", ""), told)
        self.login = told.get("login", "")
        self.error, self.code = (refusal(found), found.code) if found else ("", "")
        return None


@session.opens_to(ANYBODY)
class LinkState(rx.State):
    """A link that did not open: which page to show, and between whom to choose."""

    page: str = ""
    question: str = ""

    @rx.event
    async def load(self) -> EventSpec | None:
        told, present = session.told(self, routes.LINK), session.visitor()
        if present and not told:
            return rx.redirect(routes.OPEN)
        self.page = _LINK_STATES.get(told.get("code", ""), LINK_INVALID)
        self.question = (
            say("link.switch.question", present=present.name, other=told.get("name", ""))
            if present
            else ""
        )
        return None
