"""Builds the API and what stands in front of the pages."""

import asyncio

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from portal_app.api import errors, files, own_account, sign_in, webhooks
from portal_app.api.address import RealAddress
from portal_app.api.auth import opens_to
from portal_app.api.rates import Rates
from portal_app.api.sizes import Sizes
from portal_app.api.sockets import Sockets
from portal_app.domain.errors import PortalError
from portal_app.services import health
from portal_app.services.rules import ANYBODY


def build() -> FastAPI:
    api = FastAPI(
        title="Em Dia",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    api.add_exception_handler(PortalError, errors.answer)
    api.add_exception_handler(RequestValidationError, errors.not_of_this_shape)
    # The last one added is asked first.
    for guard in (Sockets, Sizes, Rates, RealAddress):
        api.add_middleware(guard)
    api.include_router(sign_in.router)
    api.include_router(own_account.router)
    api.include_router(files.router)
    api.include_router(webhooks.router)

    @api.get("/healthz", include_in_schema=False, dependencies=[opens_to(ANYBODY)])
    async def healthz() -> dict[str, str]:  # pyright: ignore[reportUnusedFunction]
        """The process answers."""
        return {"status": "ok"}

    @api.get("/readyz", include_in_schema=False, dependencies=[opens_to(ANYBODY)])
    async def readyz() -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        """The database answers too, and is at this program's version."""
        ready = await asyncio.to_thread(health.is_ready)
        return JSONResponse({"status": "ok" if ready else "not ready"}, 200 if ready else 503)

    return api
