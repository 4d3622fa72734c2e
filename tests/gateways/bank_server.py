"""A bank on the loopback: Banco Inter's API v3 and Banco do Brasil's v2, as far as we speak them.

HTTPS with a certificate of its own, it wants one of ours, gives OAuth2 tokens that expire, and
keeps what it was told. Faults are queued one a call: a refused token, too many calls, a broken
server, a line that breaks before or after the title was kept, silence, rubbish. What the banks
document is followed; docs/banks/api.md says from where.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import ssl
import threading
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

import trustme

from portal_app.gateways.registration.payload import dumps
from tests.gateways.bank_desk import Call, Result
from tests.gateways.bb_desk import BancoDoBrasilDesk
from tests.gateways.inter_desk import InterDesk

CLIENT_ID: Final = "em-dia-client"
CLIENT_SECRET: Final = "s3cret-of-the-client"
APP_KEY: Final = "d27b67790cffab50136be17db0050c56"
INTER: Final = "/inter"
BB: Final = "/bb"

_TOKENS: Final = (f"{INTER}/oauth/v2/token", f"{BB}/oauth/token")
_HUGE: Final = 3 * 1024 * 1024


class Fault(Enum):
    """What goes wrong with one call. DROP_AFTER: what was said is kept, the answer is lost.

    TRUNCATED is JSON that ends too early, CUT an answer with less in it than it promised, DRIP
    one that comes a byte at a time.
    """

    UNAUTHORIZED = auto()
    FORBIDDEN = auto()
    BUSY = auto()
    BROKEN = auto()
    DROP_BEFORE = auto()
    DROP_AFTER = auto()
    SLOW = auto()
    DRIP = auto()
    RUBBISH = auto()
    TRUNCATED = auto()
    CUT = auto()
    HUGE = auto()
    REDIRECT = auto()
    EMPTY = auto()


@dataclass(frozen=True)
class Answered:
    """A fault of one's own: this status and body, whatever was asked."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def answered(body: object, status: int = 200) -> Answered:
    return Answered(dumps(body).encode(), status)


class BankServer:
    """Runs within `with`. `inter` and `bb` hold the titles and say what happens to them."""

    def __init__(self, today: date) -> None:
        self.inter = InterDesk(f"{INTER}/cobranca/v3/cobrancas", today)
        self.bb = BancoDoBrasilDesk(f"{BB}/cobrancas/v2/boletos", today)
        self.authority = trustme.CA()
        self.calls: list[Call] = []
        self.tokens_given = 0
        self.token_seconds = 3600
        self.silence = 2.0
        self._tokens: set[str] = set()
        self._faults: deque[Fault | Answered | None] = deque()
        self._token_faults: deque[Fault | Answered | None] = deque()
        self._lock = threading.Lock()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert("127.0.0.1").configure_cert(context)
        self.authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
        self._listener = _Listener(self, context)

    def __enter__(self) -> BankServer:
        threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._listener.server_port}"

    def credentials(
        self, folder: Path, name: str, authority: trustme.CA | None = None, **changed: str
    ) -> None:
        """Write `NAME.toml`, certificate and key as an operator would; '' leaves a field out.

        `name` begins with the bank's: 'inter' or 'bb'.
        """
        folder.mkdir(parents=True, exist_ok=True)
        ours = (authority or self.authority).issue_cert("em-dia@example.com")
        ours.cert_chain_pems[0].write_to_path(folder / f"{name}.crt")
        ours.private_key_pem.write_to_path(folder / f"{name}.key")
        self.authority.cert_pem.write_to_path(folder / "bank.pem")
        is_inter = name.startswith("inter")
        stated = {
            "base_url": self.url + (INTER if is_inter else f"{BB}/cobrancas/v2"),
            "token_url": self.url + _TOKENS[0 if is_inter else 1],
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "app_key": "" if is_inter else APP_KEY,
            "certificate": f"{name}.crt",
            "private_key": f"{name}.key",
            "ca": "bank.pem",
            **changed,
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in stated.items() if value]
        (folder / f"{name}.toml").write_text("\n".join(lines), encoding="utf-8")
        for secret in (f"{name}.toml", f"{name}.key"):
            (folder / secret).chmod(0o600)

    def fail(self, *faults: Fault | Answered | None) -> None:
        """The next calls go wrong so, one after the other; asking for a token is none of them.

        None: that one goes well.
        """
        self._faults.extend(faults)

    def mend(self) -> None:
        """What should still have gone wrong will not."""
        self._faults.clear()

    def fail_token(self, *faults: Fault | Answered | None) -> None:
        self._token_faults.extend(faults)

    def expire_tokens(self) -> None:
        self._tokens.clear()

    def made(self, method: str, ending: str) -> list[Call]:
        """The calls so far with this method to an address that ends so."""
        return [call for call in self.calls if call.method == method and call.path.endswith(ending)]

    def answer(self, call: Call) -> Result | Answered | Fault | None:
        """None: the line breaks without a word."""
        is_token = call.path in _TOKENS
        faults = self._token_faults if is_token else self._faults
        with self._lock:
            fault = faults.popleft() if faults else None
            self.calls.append(call)
            if fault is Fault.DROP_BEFORE:
                return None
            if fault is not None and fault is not Fault.DROP_AFTER:
                return fault
            result = self._token(call) if is_token else self._served(call)
        return None if fault is Fault.DROP_AFTER else result

    def _token(self, call: Call) -> Result:
        form = {key: values[0] for key, values in parse_qs(call.body.decode()).items()}
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        known = (
            (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
            if call.path.startswith(INTER)
            else call.headers.get("Authorization") == f"Basic {basic}"
        )
        if not known or form.get("grant_type") != "client_credentials" or not form.get("scope"):
            return 401, {"error": "invalid_client"}
        token = uuid.uuid4().hex
        self._tokens.add(token)
        self.tokens_given += 1
        return 200, {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.token_seconds,
        }

    def _served(self, call: Call) -> Result:
        if call.headers.get("Authorization", "").removeprefix("Bearer ") not in self._tokens:
            return 401, {"error": "invalid_token"}
        if call.path.startswith(BB) and call.query.get("gw-dev-app-key") != APP_KEY:
            return 403, {"message": "app key"}
        for method, pattern, route in (*self.inter.routes(), *self.bb.routes()):
            found = re.fullmatch(pattern, call.path)
            if call.method == method and found:
                return route(call, *found.groups())
        return 404, {"title": "Não Encontrado"}


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, bank: BankServer, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bank = bank
        self.context = context
        self.open: set[socket.socket] = set()

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self.open):
            cut(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that goes away, or is refused at the door, is none of the test's business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the caller's acknowledgement

    @property
    def listener(self) -> _Listener:
        return cast("_Listener", self.server)

    def setup(self) -> None:
        # Here, in the caller's own thread: a hand-shake that fails keeps nobody else waiting.
        self.request = self.listener.context.wrap_socket(self.request, server_side=True)
        self.listener.open.add(self.request)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.listener.open.discard(self.request)
        self.request.close()

    def _any(self) -> None:
        address = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(address.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        call = Call(self.command, address.path, query, dict(self.headers), body)
        answer = self.listener.bank.answer(call)
        if isinstance(answer, Fault):
            answer = self._faulty(answer)
        if answer is None:
            self.close_connection = True
            cut(self.request)
        elif isinstance(answer, Answered):
            self._say(answer)
        else:
            status, content = answer
            self._say(Answered(b"", status) if content is None else answered(content, status))

    do_GET = do_POST = do_PATCH = _any  # noqa: N815 - the names http.server calls

    def _faulty(self, fault: Fault) -> Answered | None:
        if fault is Fault.SLOW:
            time.sleep(self.listener.bank.silence)
            return None
        if fault in {Fault.CUT, Fault.DRIP}:
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            for _ in range(99 if fault is Fault.DRIP else 1):
                self.wfile.write(b" ")
                time.sleep(0.05)
            return None
        return _FAULTY[fault]

    def _say(self, answer: Answered) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Nothing."""


_FAULTY: Final = {
    Fault.UNAUTHORIZED: Answered(b'{"error": "invalid_token"}', 401),
    Fault.FORBIDDEN: Answered(b"{}", 403),
    Fault.BUSY: Answered(b"{}", 429, {"Retry-After": "7"}),
    Fault.BROKEN: Answered(b"<html>oops</html>", 500),
    Fault.RUBBISH: Answered(b"<html>maintenance</html>"),
    Fault.TRUNCATED: Answered(b'{"numero": "000', 200),
    Fault.HUGE: Answered(b"[" + b" " * _HUGE + b"]"),
    Fault.REDIRECT: Answered(b"", 307, {"Location": "https://127.0.0.1:1/elsewhere"}),
    Fault.EMPTY: Answered(b""),
}


def cut(connection: socket.socket) -> None:
    """End the line at once, for whoever waits on either side of it."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        connection.close()
