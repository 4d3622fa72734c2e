"""Where the reader is signed in, and which links open his customer's documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import reflex as rx
from reflex.event import EventSpec

from portal_app.services import own_sessions
from portal_app.services.own_sessions import MadeLink, Place
from portal_app.services.rules import SECURING
from portal_app.ui import formats
from portal_app.ui.session import ask, current, opens_to
from portal_app.ui.texts import say, say_many

TITLE: Final = "sessions-title"


@dataclass(frozen=True)
class PlaceLine:
    """A session in words."""

    id: int
    device: str
    since: str
    is_here: bool

    @classmethod
    def of(cls, place: Place) -> PlaceLine:
        return cls(
            id=place.id,
            device=place.device or say("sessions.unknown"),
            since=say(
                "sessions.since",
                began=formats.minute(place.began_at),
                seen=formats.minute(place.seen_at),
                address=place.address or "—",
            ),
            is_here=place.is_here,
        )


@dataclass(frozen=True)
class LinkLine:
    """A portal link in words."""

    id: int
    what: str
    until: str

    @classmethod
    def of(cls, link: MadeLink) -> LinkLine:
        count, zone = link.documents, current().company.zone
        return cls(
            id=link.id,
            what=say_many("own_links.some", count) if count else say("own_links.all"),
            until=say(
                "own_links.until",
                made=formats.moment(link.created_at, zone),
                ends=formats.moment(link.expires_at, zone),
            ),
        )


@opens_to(SECURING)
class SessionsState(rx.State):
    """One's own sessions and links. `said` tells what became of the last click."""

    places: list[PlaceLine] = []
    links: list[LinkLine] = []
    has_others: bool = False
    said: str = ""

    @rx.event
    async def load(self) -> None:
        self.said = ""
        await self._show()

    @rx.event
    async def end(self, place: int) -> EventSpec:
        await ask(self, own_sessions.end, int(place))
        self.said = say("sessions.ended")
        await self._show()
        # The button is gone: the cursor must not be lost with it.
        return rx.set_focus(TITLE)

    @rx.event
    async def end_others(self) -> EventSpec:
        await ask(self, own_sessions.end_others)
        self.said = say("sessions.ended.others")
        await self._show()
        return rx.set_focus(TITLE)

    @rx.event
    async def revoke(self, link: int) -> EventSpec:
        await ask(self, own_sessions.revoke, int(link))
        self.said = say("own_links.ended")
        await self._show()
        return rx.set_focus(TITLE)

    async def _show(self) -> None:
        found = await ask(self, own_sessions.places)
        self.places = [PlaceLine.of(place) for place in found]
        self.has_others = any(not place.is_here for place in found)
        self.links = [LinkLine.of(link) for link in await ask(self, own_sessions.list_links)]
