"""Session cookie → Actor; and whether a form was sent from our own pages."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request

from portal_app.domain.errors import NotFound, NotSignedIn
from portal_app.services import actors
from portal_app.services.access import From, device_cookie, session_cookie
from portal_app.services.actors import Actor
from portal_app.services.rules import Rule

_BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


_log = logging.getLogger(__name__)


def session_token(request: Request) -> str:
    return request.cookies.get(session_cookie(), "")


async def find_actor(request: Request) -> Actor | None:
    token = session_token(request)
    return await asyncio.to_thread(actors.actor_of, token) if token else None


@dataclass(frozen=True)
class Door:
    """A route's rule, asked before the route does anything. Every route has one."""

    rule: Rule

    async def __call__(self, request: Request) -> Actor | None:
        """Who comes in; NotSignedIn or, for whoever may not, the same as for what is not there."""
        actor = await find_actor(request)
        if not self.rule.admits(actor):
            who = actor.subject if actor else "nobody"
            _log.info("%s is not let in at %s", who, request.scope["route"].path)
            raise NotFound if actor else NotSignedIn
        return actor


def opens_to(rule: Rule) -> Any:
    """What a route depends on whose rule this is: `dependencies=[opens_to(ANYBODY)]`."""
    return Depends(Door(rule))


def origin_of(request: Request) -> From:
    """Whence the request comes, in words somebody recognises his own machine by."""
    address = request.client.host if request.client else ""
    device = device_of(request.headers.get("user-agent", ""))
    return From(address, device, request.cookies.get(device_cookie(), ""))


def device_of(user_agent: str) -> str:
    """Browser and system, as far as a browser says so; nothing where it does not.

    >>> device_of("Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 Chrome/140.0 Mobile")
    'Chrome · Android'
    """
    # The first that fits: each calls itself by the names of those after it too.
    parts = (
        next((name for sign, name in signs if sign in user_agent), "")
        for signs in (_BROWSERS, _SYSTEMS)
    )
    return " · ".join(part for part in parts if part)


async def ensure_same_origin(request: Request) -> None:
    """Refuse a form that another site made the browser send."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    foreign = origin is not None and origin != "null" and urlsplit(origin).netloc != host
    if site not in {"same-origin", "none"} or foreign or origin == "null":
        raise HTTPException(403)


SameOrigin = Depends(ensure_same_origin)
