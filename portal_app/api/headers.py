"""Security headers for pages, assets and API; pages by their short addresses.

An ASGI wrapper around everything, because Reflex sets none of these itself.
"""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal_app.services.access import is_secure, session_cookie

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_HSTS: Final = "max-age=31536000; includeSubDomains"
# Pages of signed-in people; without a session there is nothing to load them for.
_PRIVATE: Final = frozenset(
    {"/", "/history", "/analysis", "/account", "/account/verification", "/staff"}
)
# One for each payment or customer: no file of its own lies at such an address.
_PRIVATE_BELOW: Final = ("/pay/", "/demo/", "/staff/customers/")
_ANYBODY: Final = frozenset(
    {"/sign-in", "/link", "/second-factor", "/new-password", "/sign-in-code"}
)
# The names of the files below them change with their content.
_IMMUTABLE: Final = ("/assets/", "/fonts/")


class SecurityHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"].rstrip("/") or "/"
        is_page = path in _PRIVATE or path in _ANYBODY or path.startswith(_PRIVATE_BELOW)
        if scope["method"] == "GET" and _needs_session(path, scope):
            await RedirectResponse("/sign-in", 303)(scope, receive, send)
            return
        if is_page and path != "/" and not path.startswith(_PRIVATE_BELOW):
            # The static page lives in a folder of that name; no second round trip for its slash.
            scope = {**scope, "path": f"{path}/", "raw_path": f"{path}/".encode()}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(MutableHeaders(scope=message), path, is_page=is_page)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _needs_session(path: str, scope: Scope) -> bool:
    private = path in _PRIVATE or path.startswith(_PRIVATE_BELOW)
    return private and not HTTPConnection(scope).cookies.get(session_cookie())


def _add(headers: MutableHeaders, path: str, *, is_page: bool) -> None:
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    if is_secure():
        headers.setdefault("Strict-Transport-Security", _HSTS)
    if path.startswith(_IMMUTABLE):
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif is_page:
        headers["Cache-Control"] = "no-cache"
