"""From which network address a request comes, in front of everything that asks.

The other end of the line, unless that is a proxy the operator trusts (PORTAL_TRUSTED_PROXIES): then
what the proxy says in X-Forwarded-For. Anybody may write that header; only its right end, which
trusted proxies added, is believed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from portal_app.settings import settings

Network = IPv4Network | IPv6Network

_log = logging.getLogger(__name__)


class RealAddress:
    """Puts it where a request's `client` stands, for all that follows."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._trusted = settings().trusted_networks
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if client := scope.get("client"):
            forwarded = Headers(scope=scope).getlist("x-forwarded-for")
            if forwarded and not self._trusted:
                self._warn()
            hops = [hop.strip() for line in forwarded for hop in line.split(",")]
            found = address_of(client[0], hops, self._trusted)
            scope = {**scope, "client": (found, client[1])}
        await self.app(scope, receive, send)

    def _warn(self) -> None:
        if not self._warned:
            self._warned = True
            _log.warning(
                "requests come through a proxy that PORTAL_TRUSTED_PROXIES does not name: "
                "limits hold for all people behind it together"
            )


def address_of(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The nearest address that is none of our proxies'.

    >>> address_of("10.0.0.2", ["6.6.6.6", "203.0.113.9"], [ip_network("10.0.0.0/8")])
    '203.0.113.9'
    >>> address_of("203.0.113.9", ["6.6.6.6"], [ip_network("10.0.0.0/8")])
    '203.0.113.9'
    """
    found = peer
    for hop in reversed(forwarded):
        if not _is_in(found, trusted) or not _is_address(hop):
            break
        found = hop
    return found


def neighbourhood(address: str) -> str:
    """Whom a limit counts as one: an IPv4 address, the 64 bits one IPv6 subscriber may vary below.

    >>> neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff")
    True
    """
    if not _is_address(address):
        return address
    parsed = ip_address(address)
    if not isinstance(parsed, IPv6Address):
        return address
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ip_network(f"{parsed}/64", strict=False))


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    return _is_address(address) and any(ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
