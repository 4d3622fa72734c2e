"""Session cookie → Actor; and whether a form was sent from our own pages."""

import asyncio
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request

from portal_app.domain.errors import NotSignedIn
from portal_app.services import access
from portal_app.services.access import Actor


def session_token(request: Request) -> str:
    return request.cookies.get(access.session_cookie(), "")


async def find_actor(request: Request) -> Actor | None:
    token = session_token(request)
    return await asyncio.to_thread(access.actor_of, token) if token else None


async def require_actor(request: Request) -> Actor:
    actor = await find_actor(request)
    if actor is None:
        raise NotSignedIn
    return actor


async def ensure_same_origin(request: Request) -> None:
    """Refuse a form that another site made the browser send."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    foreign = origin is not None and origin != "null" and urlsplit(origin).netloc != host
    if site not in {"same-origin", "none"} or foreign or origin == "null":
        raise HTTPException(403)


SignedIn = Annotated[Actor, Depends(require_actor)]
SameOrigin = Depends(ensure_same_origin)
