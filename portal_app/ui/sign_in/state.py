"""The pages in front of the door: what the routes that redirect to them wanted said."""

import asyncio
from typing import Final
from urllib.parse import unquote

import reflex as rx
from reflex.event import EventSpec

from portal_app.domain.errors import FieldTooLong, InvalidField, PortalError
from portal_app.services import new_passwords, second_factor
from portal_app.services.account import SHORTEST_PASSWORD
from portal_app.services.rules import ANYBODY
from portal_app.ui import routes, session
from portal_app.ui.errors import refusal_of
from portal_app.ui.texts import refusal, say

RESET_ASKED: Final = "RESET_ASKED"
ASK: Final = "ask"
ASKED: Final = "asked"
CHOOSE: Final = "choose"
TYPE: Final = "type"

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
class NewPasswordState(rx.State):
    """A new password: asked for, or chosen by whoever came by a link from an e-mail."""

    page: str = ""
    login: str = ""
    is_invitation: bool = False
    hint: str = ""
    error: str = ""
    code: str = ""

    @rx.event
    async def load(self) -> None:
        told = session.told(self, routes.NEW_PASSWORD)
        whose = await asyncio.to_thread(new_passwords.whose, session.kept(self, "proof"))
        asked = told.get("code") == RESET_ASKED
        self.page = ASKED if asked else CHOOSE if whose else ASK
        self.login = whose.login if whose else ""
        self.is_invitation = whose is not None and whose.is_invitation
        self.hint = say("account.password.hint", shortest=SHORTEST_PASSWORD)
        found = refusal_of(told.get("code", ""), told)
        self.code = found.code if found else ""
        self.error = _about_password(found) if found else ""


@session.opens_to(ANYBODY)
class CodeState(rx.State):
    """Signing in by a code: first the login, then the code that was sent to it."""

    page: str = ""
    sent_to: str = ""
    error: str = ""
    code: str = ""

    @rx.event
    async def load(self) -> EventSpec | None:
        if session.visitor():
            return rx.redirect(routes.OPEN)
        told = session.told(self, routes.SIGN_IN_CODE)
        login = unquote(session.kept(self, "code"))
        self.page = TYPE if login else ASK
        self.sent_to = say("code.sent", login=login) if login else ""
        found = refusal_of(told.get("code", ""), told)
        self.error, self.code = (refusal(found), found.code) if found else ("", "")
        return None


@session.opens_to(ANYBODY)
class SecondFactorState(rx.State):
    """Whoever signed in with his password and is asked for his second factor."""

    has_app: bool = False
    has_passkey: bool = False
    error: str = ""
    code: str = ""

    @rx.event
    async def load(self) -> EventSpec | None:
        waiting = await asyncio.to_thread(second_factor.waiting, session.token_of(self))
        if waiting is None:
            return rx.redirect(routes.OPEN if session.visitor() else routes.SIGN_IN)
        self.has_app, self.has_passkey = waiting.has_app, waiting.has_passkey
        told = session.told(self, routes.SECOND_FACTOR)
        found = refusal_of(told.get("code", ""), told)
        self.error, self.code = (refusal(found), found.code) if found else ("", "")
        return None


def _about_password(found: PortalError) -> str:
    """On these pages a field can only be the password."""
    keys = {
        InvalidField.code: "account.password.too_short",
        FieldTooLong.code: "account.password.too_long",
    }
    key = keys.get(found.code)
    return say(key, **found.details) if key else refusal(found)


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
