"""People sign in and out; portal links are exchanged for a session; staff see as customers see.

Every answer is a redirect to a page. What that page must say travels in a short-lived
HttpOnly cookie, so that neither a login nor a token ever stands in an address.
"""

import asyncio
import logging
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse

from portal_app import locales
from portal_app.api import cookies
from portal_app.api.answers import let_in, refuse, set_session, tell, to
from portal_app.api.auth import (
    SameOrigin,
    find_actor,
    opens_to,
    origin_of,
    session_token,
)
from portal_app.domain.errors import LinkInvalid, NotSignedIn, PortalError
from portal_app.domain.grants import StaffFeature
from portal_app.services import access, account, actors, links
from portal_app.services.access import SESSION_COOKIE
from portal_app.services.actors import Actor
from portal_app.services.rules import ANYBODY, CUSTOMERS, SIGNED_IN, permitted

LINK_COOKIE: Final = "portal_link"
LANGUAGE_COOKIE: Final = "portal_language"
_LONGEST_FIELD: Final = 320
_LARGEST_ID: Final = 2**31 - 1
_A_YEAR: Final = 365 * 24 * 3600

Anybody = opens_to(ANYBODY)

_log = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False)


@router.post("/auth/sign-in", dependencies=[SameOrigin, Anybody])
async def sign_in(
    request: Request,
    login: Annotated[str, Form(max_length=_LONGEST_FIELD)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
) -> RedirectResponse:
    try:
        opened = await asyncio.to_thread(access.sign_in, login, password, origin_of(request))
    except PortalError as refusal:
        _log.warning("sign-in refused (%s) from %s", refusal.code, origin_of(request).address)
        return refuse("/sign-in", refusal, login=login)
    await asyncio.to_thread(access.sign_out, session_token(request))
    return let_in(opened)


@router.post("/auth/sign-out", dependencies=[SameOrigin, Anybody])
async def sign_out(request: Request) -> RedirectResponse:
    await asyncio.to_thread(access.sign_out, session_token(request))
    answer = to("/sign-in")
    cookies.drop(answer, SESSION_COOKIE)
    return answer


@router.post("/auth/language", dependencies=[SameOrigin, Anybody])
async def choose_language(
    request: Request,
    language: Annotated[str, Form(max_length=10)],
    back: Annotated[str, Form(max_length=200)] = "/",
) -> RedirectResponse:
    answer = to(_own_path(back))
    if language in locales.COMPLETE:
        cookies.keep(answer, LANGUAGE_COOKIE, language, _A_YEAR)
        actor = await find_actor(request)
        if actor is not None:
            await asyncio.to_thread(account.set_locale, actor, language)
    return answer


@router.post("/auth/password", dependencies=[SameOrigin, Anybody])
async def change_password(
    actor: Annotated[Actor | None, Depends(find_actor)],
    present: Annotated[str, Form(max_length=1000)] = "",
    wanted: Annotated[str, Form(max_length=1000)] = "",
) -> RedirectResponse:
    if actor is None:
        return refuse("/sign-in", NotSignedIn())
    try:
        await asyncio.to_thread(account.change_password, actor, present, wanted)
    except PortalError as refusal:
        return refuse("/account", refusal)
    return tell("/account", "PASSWORD_CHANGED")


@router.post("/auth/account", dependencies=[SameOrigin, opens_to(SIGNED_IN)])
async def choose_account(
    request: Request,
    actor: Annotated[Actor | None, Depends(find_actor)],
    customer: Annotated[int, Form(ge=1, le=_LARGEST_ID)],
) -> RedirectResponse:
    """Act for another of one's customers, in a session of its own."""
    if actor is None:
        return refuse("/sign-in", NotSignedIn())
    opened = await asyncio.to_thread(access.act_for, actor, session_token(request), customer)
    return set_session(to("/"), opened)


@router.get("/l/{token}", dependencies=[Anybody])
async def open_link(request: Request, token: str) -> RedirectResponse:
    """Exchange a link for a session; ask first if somebody else is signed in here."""
    try:
        target = await asyncio.to_thread(links.target, token)
        actor = await find_actor(request)
        if actor is not None and actor.subject != target.subject:
            return _keep_link(tell("/link", "LINK_SWITCH", name=target.name), token)
        opened = await asyncio.to_thread(links.open_, token, origin_of(request))
    except LinkInvalid as refusal:
        return _keep_link(refuse("/link", refusal), token)
    return set_session(to("/"), opened)


@router.post("/auth/link", dependencies=[SameOrigin, Anybody])
async def switch_to_link(request: Request) -> RedirectResponse:
    """The person agreed to leave the present session for the link's."""
    token = cookies.read(request, LINK_COOKIE)
    try:
        opened = await asyncio.to_thread(links.open_, token, origin_of(request))
    except LinkInvalid as refusal:
        return refuse("/link", refusal)
    await asyncio.to_thread(access.sign_out, session_token(request))
    answer = set_session(to("/"), opened)
    cookies.drop(answer, LINK_COOKIE)
    return answer


@router.post("/auth/new-link", dependencies=[SameOrigin, Anybody])
async def ask_for_new_link(request: Request) -> RedirectResponse:
    """Always the same answer, whatever the link was."""
    token = cookies.read(request, LINK_COOKIE)
    await asyncio.to_thread(links.ask_for_new, token)
    answer = tell("/link", "LINK_ASKED")
    cookies.drop(answer, LINK_COOKIE)
    return answer


@router.post("/auth/view", dependencies=[SameOrigin, opens_to(permitted(StaffFeature.VIEW_AS))])
async def view_as(
    request: Request,
    actor: Annotated[Actor | None, Depends(find_actor)],
    customer: Annotated[int, Form()],
) -> RedirectResponse:
    """See what a customer would see, until `/auth/view/end`."""
    if actor is None:
        raise NotSignedIn
    token = session_token(request)
    return set_session(to("/"), await asyncio.to_thread(access.view_as, actor, token, customer))


@router.post("/auth/view/end", dependencies=[SameOrigin, opens_to(CUSTOMERS)])
async def stop_viewing(
    request: Request, actor: Annotated[Actor | None, Depends(find_actor)]
) -> RedirectResponse:
    """Be oneself again, where one can look for the next customer."""
    if actor is None:
        raise NotSignedIn
    opened = await asyncio.to_thread(access.stop_viewing, actor, session_token(request))
    oneself = await asyncio.to_thread(actors.actor_of, opened.token)
    manages = oneself is not None and oneself.may(StaffFeature.MANAGE_GRANTS)
    return set_session(to("/manager/grants" if manages else "/staff"), opened)


def _keep_link(answer: RedirectResponse, token: str) -> RedirectResponse:
    cookies.keep(answer, LINK_COOKIE, token[:2048], 600)
    return answer


def _own_path(path: str) -> str:
    """Only a path of ours: never another site's address."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
