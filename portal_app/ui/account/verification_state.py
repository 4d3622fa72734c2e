"""The second factor and passkeys of whoever reads, and recovery codes just made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import reflex as rx

from portal_app.services import passkeys, second_factor
from portal_app.services.passkeys import OwnPasskey
from portal_app.services.rules import SECURING
from portal_app.ui import formats, routes
from portal_app.ui.errors import refusal_of
from portal_app.ui.session import ask, attempt, current, kept, opens_to, told
from portal_app.ui.texts import refusal, say, say_many

_DONE: Final = {
    "FACTOR_ADDED": "verification.done.app",
    "FACTOR_REMOVED": "verification.done.removed",
    "CODES_RENEWED": "verification.done.codes",
    "PASSKEY_ADDED": "verification.done.passkey",
    "PASSKEY_REMOVED": "verification.done.forgotten",
}


@dataclass(frozen=True)
class PasskeyLine:
    """A passkey in words."""

    id: str
    name: str
    since: str

    @classmethod
    def of(cls, passkey: OwnPasskey) -> PasskeyLine:
        return cls(
            id=str(passkey.id),
            name=passkey.name or say("verification.passkey.nameless"),
            since=say("verification.passkey.since", day=formats.day(passkey.created_at.date())),
        )


@opens_to(SECURING)
class VerificationState(rx.State):
    """What stands between a stolen password and the account. `key` only while it is confirmed."""

    status: str = "loading"
    has_app: bool = False
    has_any: bool = False
    must_enrol: bool = False
    key: str = ""
    codes_left: str = ""
    codes: list[str] = []
    passkeys: list[PasskeyLine] = []
    done: str = ""
    error: str = ""
    code: str = ""

    @rx.event
    async def load(self) -> None:
        standing = await ask(self, second_factor.standing)
        self.has_app, self.has_any = standing.has_app, standing.has_any
        self.must_enrol = current().must_enrol
        self.codes_left = say_many("verification.codes.left", standing.codes_left)
        pending = await attempt(self, second_factor.pending)
        self.key = _in_fours(pending.value.key) if pending.value else ""
        made = await attempt(self, second_factor.opened_codes, kept(self, "codes"))
        self.codes = list(made.value or ())
        self.passkeys = [PasskeyLine.of(each) for each in await ask(self, passkeys.own)]
        self._say(told(self, routes.VERIFICATION))
        self.status = "ready"

    def _say(self, answered: dict[str, str]) -> None:
        code = answered.get("code", "")
        found = refusal_of(code, answered)
        self.done = say(_DONE[code]) if code in _DONE else ""
        self.error, self.code = (refusal(found), found.code) if found else ("", "")


def _in_fours(key: str) -> str:
    """As people read it out and type it.

    >>> _in_fours("ABCDEFGH")
    'ABCD EFGH'
    """
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))
