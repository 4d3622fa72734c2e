"""What the routes for people's forms answer: a redirect, what its page must say, and cookies.

What a page must say travels in a short-lived HttpOnly cookie, so that neither a login nor a
secret ever stands in an address.
"""

from typing import Final

from fastapi.responses import RedirectResponse

from portal_app.api import cookies
from portal_app.domain.errors import PortalError
from portal_app.services import flash
from portal_app.services.access import DEVICE_COOKIE, SESSION_COOKIE, Opened

SECOND_FACTOR: Final = "/second-factor"
_A_YEAR: Final = 365 * 24 * 3600


def to(path: str) -> RedirectResponse:
    answer = RedirectResponse(path, status_code=303)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def let_in(opened: Opened) -> RedirectResponse:
    """To the first page; to that of the second factor while it is awaited."""
    return set_session(to(SECOND_FACTOR if opened.awaits_factor else "/"), opened)


def set_session(answer: RedirectResponse, opened: Opened) -> RedirectResponse:
    """Begin a session; what was to be said to whoever was here before is said no more."""
    keep_session(answer, opened)
    cookies.drop(answer, flash.COOKIE)
    return answer


def keep_session(answer: RedirectResponse, opened: Opened) -> None:
    cookies.keep(answer, SESSION_COOKIE, opened.token, opened.expires_at)
    if opened.device:
        cookies.keep(answer, DEVICE_COOKIE, opened.device, _A_YEAR)


def keep(answer: RedirectResponse, cookie: str, value: str, seconds: int) -> RedirectResponse:
    """Let the browser keep what only we read."""
    cookies.keep(answer, cookie, value, seconds)
    return answer


def drop(answer: RedirectResponse, cookie: str) -> RedirectResponse:
    cookies.drop(answer, cookie)
    return answer


def refuse(page: str, refusal: PortalError, **facts: str) -> RedirectResponse:
    return tell(page, refusal.code, **{**refusal.details, **facts})


def tell(page: str, code: str, **facts: object) -> RedirectResponse:
    return keep(to(page), flash.COOKIE, flash.write(page, code, facts), flash.SECONDS)
