"""Every cookie the portal sets: for this host and path alone, by https alone where there is https.

No other module sets one (tests/architecture/test_cookies.py).
"""

from datetime import datetime

from fastapi import Request, Response

from portal_app.services.access import cookie_name, is_secure


def read(request: Request, name: str) -> str:
    return request.cookies.get(cookie_name(name), "")


def keep(response: Response, name: str, value: str, until: int | datetime) -> None:
    """`until`: so many seconds, or a moment. No script reads it; no other site's form carries it."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=until if isinstance(until, int) else None,
        expires=until if isinstance(until, datetime) else None,
        path="/",
        secure=is_secure(),
        httponly=True,
        samesite="lax",
    )


def drop(response: Response, name: str) -> None:
    """Delete it as it was set, or a browser leaves it."""
    response.delete_cookie(
        cookie_name(name), path="/", secure=is_secure(), httponly=True, samesite="lax"
    )
