"""PortalError class → HTTP status. The only such table."""

from collections.abc import Mapping
from typing import Final

from fastapi import Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from portal_app import locales
from portal_app.api.answers import refuse
from portal_app.domain.errors import (
    AssuranceTooLow,
    BoletoHeldBack,
    Conflict,
    InvalidInput,
    NotFound,
    NotGranted,
    NotSignedIn,
    PortalError,
    SignInDelayed,
    TooSoon,
)

_FORMS: Final = "/auth/"
_SIGN_IN: Final = "/sign-in"
_UNKEPT: Final = {"Cache-Control": "no-store"}

# The nearest class up the tree counts. What is not granted looks as if it did not exist.
STATUS: Final[Mapping[type[PortalError], int]] = {
    InvalidInput: 422,
    NotFound: 404,
    NotGranted: 404,
    NotSignedIn: 401,
    AssuranceTooLow: 403,
    SignInDelayed: 429,
    TooSoon: 429,
    Conflict: 409,
    BoletoHeldBack: 409,
    PortalError: 400,
}


def status_of(error: PortalError) -> int:
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


async def not_of_this_shape(_request: Request, _error: Exception) -> JSONResponse:
    """A form or call with a field missing or too long. The framework's own answer repeats it."""
    return JSONResponse({"code": InvalidInput.code}, status_code=STATUS[InvalidInput])


async def answer(request: Request, error: Exception) -> Response:
    """A refusal as JSON: its stable code, and nothing of what does not exist for the asker.

    Whoever sent a form when his session was over reads it on the page where he signs in again;
    whoever opened the address itself, such as a file's, reads a sentence.
    """
    assert isinstance(error, PortalError), "registered for PortalError only"
    if isinstance(error, NotSignedIn) and request.url.path.startswith(_FORMS):
        return refuse(_SIGN_IN, error)
    status = status_of(error)
    told = NotFound() if status == 404 else error
    if request.headers.get("sec-fetch-mode") == "navigate":
        said = "\n".join(locales.refusal(told, each) for each in locales.COMPLETE)
        return PlainTextResponse(f"{said}\n", status, _UNKEPT)
    return JSONResponse({"code": told.code}, status_code=status)
