"""Banks and Stripe call in: hand the raw body to the service, answer 200. Nothing sent is believed."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response

from portal_app.api.auth import opens_to
from portal_app.domain.errors import EventInvalid, InvalidInput, MethodUnavailable
from portal_app.services import bank_calls, provider_calls
from portal_app.services.rules import ANYBODY

LARGEST: Final = 1024 * 1024
_BEARER: Final = "bearer "

# They sign what they send, or know a secret: no session says who they are.
router = APIRouter(prefix="/webhooks", include_in_schema=False, dependencies=[opens_to(ANYBODY)])


@router.post("/stripe")
async def stripe_calls_in(request: Request) -> Response:
    """200 once it is kept, also where it was before; 400 for anything Stripe did not sign."""
    signature = request.headers.get("stripe-signature", "")
    try:
        raw = await _body(request, too_long=400)
        await asyncio.to_thread(provider_calls.receive, raw, signature)
    except EventInvalid as refusal:
        return Response(refusal.code, status_code=400, media_type="text/plain")
    except MethodUnavailable:
        raise HTTPException(404) from None
    return Response(status_code=200)


@router.post("/banks/{bank}")
async def bank_calls_in(
    request: Request, bank: str, key: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """200 once it is noted, 400 for a body that is none of the bank's, 404 for a wrong secret."""
    raw = await _body(request)
    try:
        await asyncio.to_thread(
            bank_calls.receive, bank, key or _bearer(request), raw, dict(request.headers)
        )
    except InvalidInput as refusal:
        return Response(refusal.code, status_code=400, media_type="text/plain")
    return Response(status_code=200)


async def _body(request: Request, too_long: int = 413) -> bytes:
    """The whole body, as long as it is no longer than any call; else the status `too_long`."""
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST:
            raise HTTPException(too_long)
    return raw


def _bearer(request: Request) -> str:
    told = request.headers.get("authorization", "")
    return told[len(_BEARER) :] if told.lower().startswith(_BEARER) else ""
