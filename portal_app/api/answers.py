"""What the routes for people's forms answer: a redirect, what its page must say, and cookies.

What a page must say travels in a short-lived HttpOnly cookie, so that neither a login nor a
secret ever stands in an address.
"""

from typing import Final

from fastapi.responses import RedirectResponse

from portal_app.domain.errors import PortalError
from portal_app.services import flash
from portal_app.services.access import Opened, device_cookie, is_secure, session_cookie

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
    answer.delete_cookie(flash.COOKIE, path="/")
    return answer


def keep_session(answer: RedirectResponse, opened: Opened) -> None:
    answer.set_cookie(
        session_cookie(),
        opened.token,
        expires=opened.expires_at,
        httponly=True,
        secure=is_secure(),
        samesite="lax",
    )
    if opened.device:
        keep(answer, device_cookie(), opened.device, _A_YEAR)


def keep(answer: RedirectResponse, cookie: str, value: str, seconds: int) -> RedirectResponse:
    """Let the browser keep what only we read."""
    answer.set_cookie(
        cookie, value, max_age=seconds, httponly=True, secure=is_secure(), samesite="lax"
    )
    return answer


def drop(answer: RedirectResponse, cookie: str) -> RedirectResponse:
    answer.delete_cookie(cookie, path="/", secure=is_secure(), httponly=True)
    return answer


def refuse(page: str, refusal: PortalError, **facts: str) -> RedirectResponse:
    return tell(page, refusal.code, **{**refusal.details, **facts})


def tell(page: str, code: str, **facts: object) -> RedirectResponse:
    return keep(to(page), flash.COOKIE, flash.write(page, code, facts), flash.SECONDS)
