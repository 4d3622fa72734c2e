"""Builds the app: pages, API, gate, and the worker that lives as long as the server."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from functools import partial

import reflex as rx
from reflex.utils.prerequisites import get_web_dir

from portal_app import logs
from portal_app.api import app as api
from portal_app.api.headers import SecurityHeaders
from portal_app.jobs import runner
from portal_app.ui import pages
from portal_app.ui.components.connection import connection_lost
from portal_app.ui.errors import show_refusal
from portal_app.ui.session import Gate
from portal_app.ui.shell import refused


@contextlib.asynccontextmanager
async def worker() -> AsyncIterator[None]:
    """Run background jobs in a thread of this process until the server stops."""
    stop = await asyncio.to_thread(runner.start_in_thread)
    try:
        yield
    finally:
        await asyncio.to_thread(stop)


@contextlib.asynccontextmanager
async def rare_collections() -> AsyncIterator[None]:
    """Leave the program itself out of garbage collection, and collect less often.

    With hundreds of people connected a full collection stops everybody for tenths of a second.
    """
    gc.collect()
    gc.freeze()
    before = gc.get_threshold()
    gc.set_threshold(5_000, 10, 10)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


logs.install()
with_headers = partial(
    SecurityHeaders,
    pages=[route for route, _ in pages.PAGES],
    built=get_web_dir() / "build" / "client",
)
app = rx.App(
    stylesheets=["/portal.css"],
    head_components=[rx.el.script(src="/passkeys.js", defer=True)],
    reset_style=False,
    html_lang="pt-BR",
    toaster=None,
    # In place of Reflex's own, which speaks English only and by toasts.
    extra_app_wraps={(5, "Overlay"): lambda _stateful: connection_lost()},
    backend_exception_handler=show_refusal,
    api_transformer=[api.build(), with_headers],
)
app.add_middleware(Gate(refused))
app.register_lifespan_task(worker)
app.register_lifespan_task(rare_collections)
pages.add_to(app)
