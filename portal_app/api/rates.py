"""How often one address may ask, by what it asks for; with Redis all workers count together.

Generous to people and to offices behind one address, tight to programs that guess. Sign-in waits
longer with each failure besides (services/access.py), whatever address it is tried from.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from typing import Final

from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from portal_app.api.address import neighbourhood
from portal_app.api.refusing import refused
from portal_app.settings import settings

_log = logging.getLogger(__name__)
_AGAIN: Final = 5  # seconds
_PATIENCE: Final = 2  # seconds: a Redis that is there and silent must not hold every door up


@dataclass(frozen=True, slots=True)
class Family:
    """Addresses that count as one. `rates` for one client; PORTAL_LIMITS_TIMES multiplies them."""

    name: str
    prefixes: tuple[str, ...]
    rates: str


FAMILIES: Final = (
    # Forms with a password or a code, and links: what somebody might try many of.
    Family("sign-in", ("/auth/", "/l/", "/r/", "/i/"), "40/minute; 400/hour"),
    Family("files", ("/files/",), "120/minute"),
    Family("api", ("/api/",), "600/minute"),
    # Signed, and some providers send a day's at once.
    Family("webhooks", ("/webhooks/",), "6000/minute"),
    # One for each page that is opened or loaded again.
    Family("sockets", ("/_event",), "240/minute"),
)


class Rates:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        redis = settings().redis_url
        # The interface of aio, whose memory needs no thread to forget.
        storage = _in_redis(redis) if redis else MemoryStorage()
        self._limiter = MovingWindowRateLimiter(storage)
        self._rates = {family.name: _items(family) for family in FAMILIES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = await self._refusal(scope)
        if refusal is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1013})
        else:
            await refusal(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        """What a form's sender reads in the place of a page; None if he is let in."""
        family = _family(scope)
        try:
            wait = await self._wait(family, scope) if family else 0
        except StorageError:
            # Uncounted, a guesser's tries would be free: nobody comes in until counting works.
            _log.exception("Redis does not count")
            return refused(503, "NOT_COUNTED", {"Retry-After": str(_AGAIN)})
        if not wait:
            return None
        return refused(429, "TOO_OFTEN", {"Retry-After": str(wait)}, seconds=wait)

    async def _wait(self, family: Family, scope: Scope) -> int:
        """Seconds until one more is let in; 0 if this one is."""
        client = neighbourhood((scope.get("client") or ("",))[0])
        for item in self._rates[family.name]:
            if not await self._limiter.hit(item, family.name, client):
                _log.warning("%s: more than %s from %s", family.name, item, client)
                stats = await self._limiter.get_window_stats(item, family.name, client)
                return max(1, math.ceil(stats.reset_time - time.time()))
        return 0


def _in_redis(url: str) -> RedisStorage:
    return RedisStorage(
        url,
        implementation="redispy",
        wrap_exceptions=True,
        socket_connect_timeout=_PATIENCE,
        socket_timeout=_PATIENCE,
    )


def _family(scope: Scope) -> Family | None:
    if scope["type"] not in {"http", "websocket"}:
        return None
    path: str = scope["path"]
    return next((each for each in FAMILIES if path.startswith(each.prefixes)), None)


def _items(family: Family) -> list[RateLimitItem]:
    times = settings().limits_times
    return [type(each)(each.amount * times, each.multiples) for each in parse_many(family.rates)]
