"""Security headers for pages, assets and API; pages by their short addresses.

An ASGI wrapper around everything, because Reflex sets none of these itself.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal_app.api import csp
from portal_app.services.access import is_secure, session_cookie

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    # What a page of ours never asks for; passkeys and the clipboard are its own.
    "Permissions-Policy": (
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
        "gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), "
        "usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    # The server would name itself where nothing stands.
    "Server": "",
}
_HSTS: Final = "max-age=63072000; includeSubDomains; preload"
# Every other page is of signed-in people; without a session there is nothing to load it for.
_ANYBODY: Final = frozenset(
    {"/sign-in", "/link", "/second-factor", "/new-password", "/sign-in-code"}
)
# The names of the files below them change with their content.
_IMMUTABLE: Final = ("/assets/", "/fonts/")


class SecurityHeaders:
    """`pages`: the addresses of all pages, '/pay/[payment]' for any below; `built`: their files."""

    def __init__(self, app: ASGIApp, pages: Iterable[str], built: Path) -> None:
        self.app = app
        addresses = {page.partition("[")[0] for page in pages if page.startswith("/")}
        self._pages = frozenset(page for page in addresses if page == "/" or page[-1] != "/")
        # One page for each of what they show: a payment, a customer.
        self._below = tuple(sorted(addresses - self._pages))
        self._policies = csp.policies(built)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"].rstrip("/") or "/"
        is_private = path not in _ANYBODY and (path in self._pages or path.startswith(self._below))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), path, is_private=is_private)
            await send(message)

        if is_private and scope["method"] == "GET" and not _has_session(scope):
            await RedirectResponse("/sign-in", 303)(scope, receive, send_with_headers)
            return
        if path in self._pages and path != "/":
            # The static page lies in a folder of that name; no second round trip for its slash.
            scope = {**scope, "path": f"{path}/", "raw_path": f"{path}/".encode()}
        await self.app(scope, receive, send_with_headers)

    def _add(self, headers: MutableHeaders, path: str, *, is_private: bool) -> None:
        for name, value in _ALWAYS.items():
            headers.setdefault(name, value)
        if is_secure():
            headers.setdefault("Strict-Transport-Security", _HSTS)
        headers.setdefault("Content-Security-Policy", self._policy(headers, path))
        if path.startswith(_IMMUTABLE):
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
        elif path in _ANYBODY:
            headers["Cache-Control"] = "no-cache"
        elif is_private or "etag" not in headers:
            # What is no file of everybody's is not for keeping.
            headers.setdefault("Cache-Control", "no-store")

    def _policy(self, headers: MutableHeaders, path: str) -> str:
        kind = headers.get("content-type", "")
        # "Not modified" names no type, and its policy replaces the one the browser kept.
        unnamed = not kind and (path in self._policies or path.startswith(self._below))
        if unnamed or kind.startswith("text/html"):
            fallback = self._policies.get(csp.FALLBACK, csp.NOTHING)
            return self._policies.get(path, fallback)
        return csp.PAPER if kind.startswith("application/pdf") else csp.NOTHING


def _has_session(scope: Scope) -> bool:
    return bool(HTTPConnection(scope).cookies.get(session_cookie()))
