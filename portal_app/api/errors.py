"""PortalError class → HTTP status. The only such table."""

from collections.abc import Mapping
from typing import Final

from fastapi import Request
from fastapi.responses import JSONResponse

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
)

# The nearest class up the tree counts. What is not granted looks as if it did not exist.
STATUS: Final[Mapping[type[PortalError], int]] = {
    InvalidInput: 422,
    NotFound: 404,
    NotGranted: 404,
    NotSignedIn: 401,
    AssuranceTooLow: 403,
    SignInDelayed: 429,
    Conflict: 409,
    BoletoHeldBack: 409,
    PortalError: 400,
}


def status_of(error: PortalError) -> int:
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


async def not_of_this_shape(_request: Request, _error: Exception) -> JSONResponse:
    """A form or call with a field missing or too long. The framework's own answer repeats it."""
    return JSONResponse({"code": InvalidInput.code}, status_code=STATUS[InvalidInput])


async def answer(_request: Request, error: Exception) -> JSONResponse:
    """A refusal as JSON: its stable code, and nothing of what does not exist for the asker."""
    assert isinstance(error, PortalError), "registered for PortalError only"
    status = status_of(error)
    code = NotFound.code if status == 404 else error.code
    return JSONResponse({"code": code}, status_code=status)
