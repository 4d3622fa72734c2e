"""What a socket may do: come from a page of ours, send small texts, and not too many of them.

The page's own client does none of what is refused here. A socket that is closed for it is opened
again by an honest page, which then reads anew what it shows.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal_app.api.address import neighbourhood
from portal_app.settings import settings

LARGEST_FRAME: Final = 64 * 1024
"""Characters. The largest a page of ours sends has some 4,000: tests/browser/test_policy.py."""
BURST: Final = 60
"""Events at once, such as when a page is loaded and somebody clicks fast."""
STEADY: Final = 20.0
"""Events a second, lastingly. Nobody clicks faster."""
SOCKETS: Final = 200
"""At once from one address: an office."""

# Of RFC 6455 and its registry: what a close says.
_NO_TEXT, _UNWANTED, _TOO_BIG = 1003, 1008, 1009

_log = logging.getLogger(__name__)


class Sockets:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._origins = frozenset(settings().origins)
        self._most = SOCKETS * settings().limits_times
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        client = neighbourhood((scope.get("client") or ("",))[0])
        # Every browser says from which site; what says nothing is none.
        if Headers(scope=scope).get("origin") not in self._origins or (
            self._open[client] >= self._most
        ):
            await send({"type": "websocket.close", "code": _UNWANTED})
            return
        self._open[client] += 1
        try:
            guarded = _Guarded(receive, send, Bucket(settings().limits_times))
            await self.app(scope, guarded.receive, guarded.send)
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]


class Bucket:
    """So many at once, and so many a second after."""

    def __init__(self, times: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._rate, self._clock = BURST * times, STEADY * times, clock
        self._left, self._at = float(self._most), clock()

    def takes(self) -> bool:
        """Whether one more is within it."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class _Guarded:
    """A socket that is closed at the first thing no page of ours would send."""

    def __init__(self, receive: Receive, send: Send, bucket: Bucket) -> None:
        self._receive, self._send, self._bucket = receive, send, bucket
        self._closed = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        code = self._refusal(message)
        if code is None:
            return message
        _log.warning("a socket was closed with code %s", code)
        await self._send({"type": "websocket.close", "code": code})
        self._closed = True
        return {"type": "websocket.disconnect", "code": code}

    async def send(self, message: Message) -> None:
        if not self._closed:
            await self._send(message)

    def _refusal(self, message: Message) -> int | None:
        if message.get("bytes") is not None:
            return _NO_TEXT
        if len(message["text"]) > LARGEST_FRAME:
            return _TOO_BIG
        return None if self._bucket.takes() else _UNWANTED
