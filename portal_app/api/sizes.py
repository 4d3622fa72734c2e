"""How large a request may be: address, headers, body. What is larger is refused before it is read.

HTTP keeps a line open for the next request. An answer given while a body is still coming leaves
its rest on that line, where it would be taken for the next request: so what comes is taken in
first, the rest of a body that is too long thrown away, and where that is too much the line closed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal_app.api.refusing import CLOSING, refused

LARGEST_BODY: Final = 1024 * 1024
"""Bytes; the largest form of ours has a few thousand."""
LONGEST_ADDRESS: Final = 8 * 1024
LARGEST_HEADERS: Final = 32 * 1024
_ARRIVES_WITHIN: Final = 30.0
# So much of a body that is too long is still taken in, for its sender to read the answer.
_THROWN_AWAY: Final = 16 * 1024 * 1024
_THROWN_WITHIN: Final = 5.0
# They answer a body that is too long themselves: banks and Stripe expect a code of their own.
_OWN_ANSWER: Final = "/webhooks/"


@dataclass(frozen=True, slots=True)
class Body:
    """What came; `is_whole` is false when it was longer, `is_over` once its last byte was taken."""

    raw: bytes
    is_whole: bool
    is_over: bool


class Sizes:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (status := _too_large(scope)):
            await refused(status, "TOO_LARGE", CLOSING)(scope, receive, send)
        elif scope["type"] == "http" and _has_body(scope):
            await self._take_in(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _take_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(_ARRIVES_WITHIN):
                body = await _read(receive)
        except TimeoutError:
            await refused(408, "TOO_SLOW", CLOSING)(scope, receive, send)
            return
        closing = {} if body.is_over else CLOSING
        if not body.is_whole and not scope["path"].startswith(_OWN_ANSWER):
            await refused(413, "TOO_LARGE", closing)(scope, receive, send)
            return

        async def send_closing(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(closing)
            await send(message)

        await self.app(scope, _again(body.raw, receive), send_closing)


def _too_large(scope: Scope) -> int | None:
    """The status that says so, if its address or its headers are."""
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_ADDRESS:
        return 414
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    return 431 if sum(len(name) + len(value) for name, value in headers) > LARGEST_HEADERS else None


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


async def _read(receive: Receive) -> Body:
    """The body, or its first LARGEST_BODY bytes and a little more."""
    raw = bytearray()
    more = True
    while more and len(raw) <= LARGEST_BODY:
        message = await receive()
        raw += message.get("body", b"")
        more = message.get("more_body", False)
    if len(raw) <= LARGEST_BODY:
        return Body(bytes(raw), is_whole=True, is_over=True)
    return Body(bytes(raw), is_whole=False, is_over=not more or await _is_thrown_away(receive))


async def _is_thrown_away(receive: Receive) -> bool:
    """Take in what still comes; False if that is too much or too slow."""
    taken = 0
    try:
        async with asyncio.timeout(_THROWN_WITHIN):
            while taken < _THROWN_AWAY:
                message = await receive()
                taken += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return True
    except TimeoutError:
        pass
    return False


def _again(raw: bytes, receive: Receive) -> Receive:
    """Hand over what was taken in, then whatever else comes."""
    first: list[dict[str, Any]] = [{"type": "http.request", "body": raw, "more_body": False}]

    async def received() -> Message:
        return first.pop() if first else await receive()

    return received
