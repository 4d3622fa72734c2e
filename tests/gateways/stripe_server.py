"""Stripe on the loopback, as far as we speak to it: checkout pages, refunds, disputes, events.

It honours idempotency keys, wants the key, version and account of its caller to be right, and
keeps what it was told. Customers are played by `pay`, `submit`, `decline`; time by `expire`. Faults
are queued one a call. For any number of threads and processes.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, cast
from urllib.parse import parse_qsl, urlsplit

import stripe

from tests.gateways.bank_server import cut
from tests.gateways.stripe_desk import FEE, Json, Refused, StripeDesk, unflattened

KEY: Final = "sk_test_em_dia_1234567890"
SECRET: Final = "whsec_em_dia"
ACCOUNT: Final = "acct_1EmDia"

_ID: Final = r"(\w+)"


class Fault(Enum):
    """What goes wrong with one call.

    BROKEN and DROP_BEFORE: it was not heard. BROKEN_AFTER, DROP_AFTER and SILENT_AFTER: what was
    said is done, and the answer is an error (which its key then repeats for ever), a line that
    breaks, or nothing.
    """

    BROKEN = auto()
    BROKEN_AFTER = auto()
    CONFLICT = auto()
    BUSY = auto()
    DECLINED = auto()
    DROP_BEFORE = auto()
    DROP_AFTER = auto()
    SILENT_BEFORE = auto()
    SILENT_AFTER = auto()
    RUBBISH = auto()
    EMPTY = auto()
    REDIRECT = auto()


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Said = Answer | None
"""None: the line breaks without a word."""


class StripeServer:
    """Runs within `with`. A session is meant by its id, or by the one its payment has."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.calls: list[Call] = []
        self.accounts = {"", ACCOUNT}
        self.silence = 2.0
        self._saved: dict[tuple[str, str], tuple[Call, Answer]] = {}
        self._faults: deque[Fault | None] = deque()
        self._lock = threading.RLock()
        self._now = now
        self._listener = _Listener(self)
        self.desk = StripeDesk(self.base_url, lambda: int(self._now()))

    def set_clock(self, moment: datetime) -> None:
        """Stripe's time stands still."""
        self._now = moment.timestamp

    def __enter__(self) -> StripeServer:
        threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listener.server_port}"

    @property
    def opened(self) -> Counter[str]:
        """How many sessions each idempotency key made."""
        with self._lock:
            return self.desk.opened.copy()

    @property
    def charges(self) -> Counter[str]:
        """How often money came in for each payment (its public id)."""
        with self._lock:
            return self.desk.charges.copy()

    def pay(
        self, session: str, cents: int | None = None, fee: int = FEE, fee_currency: str = ""
    ) -> bool:
        """The customer pays; False: his page, or voucher, is no longer good."""
        with self._lock:
            return self.desk.pay(self._ident(session), cents, fee, fee_currency)

    def submit(self, session: str) -> None:
        """He goes on as far as his bank: a voucher, a Pix code, a push, a question of 3-D Secure."""
        with self._lock:
            self.desk.submit(self._ident(session))

    def move_intent(self, session: str, status: str) -> None:
        """The page is done with, and its money in a state such as 'processing'."""
        with self._lock:
            self.desk.move_intent(self._ident(session), status)

    def decline(self, session: str, **error: str) -> None:
        with self._lock:
            told = error or {"code": "card_declined", "decline_code": "insufficient_funds"}
            self.desk.decline(self._ident(session), dict(told))

    def expire(self, session: str) -> None:
        """Its time passes: that of the page, or after it that of the voucher."""
        with self._lock:
            self.desk.expire(self._ident(session))

    def give_back(self, session: str, cents: int, status: str = "succeeded") -> str:
        """A refund made at Stripe itself; its id."""
        with self._lock:
            return self.desk.give_back(self._ident(session), cents, status)

    def fail_refund(self, refund: str) -> None:
        with self._lock:
            self.desk.fail_refund(refund)

    def dispute(
        self,
        session: str,
        cents: int | None = None,
        status: str = "needs_response",
        *,
        fetched: bool = True,
    ) -> str:
        """The customer has his bank fetch the money back, or (not fetched) ask; its id."""
        with self._lock:
            return self.desk.dispute(self._ident(session), cents, status, fetched=fetched)

    def rule(self, dispute: str, status: str) -> None:
        with self._lock:
            self.desk.rule(dispute, status)

    def event(self, kind: str, session: str, account: str = "") -> Json:
        """An event of this type about the session as it is now."""
        with self._lock:
            about = self.desk.about(self.desk.pages[self._ident(session)], kind)
            about = json.loads(json.dumps(about))
        told = {
            "id": f"evt_{uuid.uuid4().hex}",
            "object": "event",
            "api_version": stripe.api_version,
            "created": int(self._now()),
            "data": {"object": about},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        return told | ({"account": account} if account else {})

    def sign(
        self, event: object, secret: str = SECRET, at: float | None = None
    ) -> tuple[bytes, str]:
        """An event as it is called in with: the body and its `Stripe-Signature`."""
        return signed(json.dumps(event), secret, self._now() if at is None else at)

    def forget_keys(self) -> None:
        """A day passes, after which Stripe knows a key no longer."""
        with self._lock:
            self._saved.clear()

    def fail(self, *faults: Fault | None) -> None:
        """The next calls go wrong so, one after the other. None: that one goes well."""
        with self._lock:
            self._faults.extend(faults)

    def mend(self) -> None:
        with self._lock:
            self._faults.clear()

    def made(self, method: str, ending: str) -> list[Call]:
        """The calls so far with this method to an address that ends so."""
        with self._lock:
            return [c for c in self.calls if c.method == method and c.path.endswith(ending)]

    def answer(self, call: Call) -> Said:
        with self._lock:
            self.calls.append(call)
            fault = self._faults.popleft() if self._faults else None
            said = None if fault in _UNHEARD else self._served(call, fault)
        if fault in {Fault.SILENT_BEFORE, Fault.SILENT_AFTER}:
            time.sleep(self.silence)
        return None if fault in _UNANSWERED else said

    def _ident(self, session: str) -> str:
        pages = self.desk.pages
        if session in pages:
            return session
        return next(page.id for page in pages.values() if page.payment == session)

    def _served(self, call: Call, fault: Fault | None) -> Answer:
        if fault in _INSTEAD:
            return _INSTEAD[fault]
        refused = self._refused(call)
        if refused is not None:
            return refused
        account, key = _header(call, "Stripe-Account"), _header(call, "Idempotency-Key")
        earlier = self._saved.get((account, key)) if key else None
        if earlier is not None:
            return _replayed(call, *earlier)
        answer, is_kept = self._done(call, account, key)
        answer = _error(500, "api_error") if fault is Fault.BROKEN_AFTER else answer
        if key and is_kept:
            self._saved[account, key] = (call, answer)
        return answer

    def _done(self, call: Call, account: str, key: str) -> tuple[Answer, bool]:
        try:
            return _answer(200, self._route(call, account, key)), True
        except Refused as refused:
            return _answer(refused.status, refused.body), refused.kept

    def _refused(self, call: Call) -> Answer | None:
        if _header(call, "Authorization") != f"Bearer {KEY}":
            given = _header(call, "Authorization")
            return _error(401, "invalid_request_error", "", f"Invalid API Key provided: {given}")
        if _header(call, "Stripe-Account") not in self.accounts:
            return _error(403, "invalid_request_error", "account_invalid")
        if _header(call, "Stripe-Version") != stripe.api_version:
            return _error(400, "invalid_request_error", "invalid_version")
        return None

    def _route(self, call: Call, account: str, key: str) -> Json:
        desk, query, told = self.desk, call.query, unflattened(call.form)
        expand = [value for name, value in query.items() if name.startswith("expand[")]
        routes: dict[str, Callable[..., Json]] = {
            "POST /v1/checkout/sessions": lambda: desk.create_session(told, account, key),
            "GET /v1/checkout/sessions": lambda: desk.list_sessions(query, account),
            f"GET /v1/checkout/sessions/{_ID}": lambda i: desk.retrieve_session(i, account, expand),
            f"POST /v1/checkout/sessions/{_ID}/expire": lambda i: desk.expire_session(i, account),
            f"POST /v1/payment_intents/{_ID}/cancel": lambda i: desk.cancel_intent(i, account),
            "POST /v1/refunds": lambda: desk.create_refund(told, account),
            f"GET /v1/charges/{_ID}/refunds": lambda i: desk.list_refunds(i, query, account),
            "GET /v1/disputes": lambda: desk.list_disputes(query, account),
        }
        for pattern, route in routes.items():
            found = re.fullmatch(pattern, f"{call.method} {call.path}")
            if found:
                return route(*found.groups())
        raise Refused(404, "", "Unrecognized request URL")


def signed(body: str, secret: str, at: float) -> tuple[bytes, str]:
    header = stripe.WebhookSignature.generate_signature_header(body, secret, int(at))
    return body.encode(), header


def _header(call: Call, name: str) -> str:
    return call.headers.get(name, "")


def _answer(status: int, body: Json) -> Answer:
    headers = {"Content-Type": "application/json", "Request-Id": f"req_{uuid.uuid4().hex}"}
    return Answer(status, json.dumps(body).encode(), headers)


def _error(status: int, kind: str, code: str = "", message: str = "") -> Answer:
    told = {"type": kind, "message": message or code or kind}
    return _answer(status, {"error": told | ({"code": code} if code else {})})


def _replayed(call: Call, first: Call, answer: Answer) -> Answer:
    if (call.path, call.form) != (first.path, first.form):
        return _error(400, "idempotency_error", "", "Same key, other parameters.")
    return Answer(answer.status, answer.body, {**answer.headers, "Idempotent-Replayed": "true"})


_UNHEARD: Final = frozenset({Fault.DROP_BEFORE, Fault.SILENT_BEFORE})
_UNANSWERED: Final = _UNHEARD | {Fault.DROP_AFTER, Fault.SILENT_AFTER}
_INSTEAD: Final[Mapping[Fault | None, Answer]] = {
    Fault.BROKEN: _error(500, "api_error"),
    Fault.CONFLICT: _error(409, "idempotency_error", "idempotency_key_in_use"),
    Fault.BUSY: _error(429, "invalid_request_error", "rate_limit"),
    Fault.DECLINED: _answer(
        402,
        {
            "error": {
                "type": "card_error",
                "code": "card_declined",
                "decline_code": "do_not_honor",
                "message": "Your card was declined.",
            }
        },
    ),
    Fault.RUBBISH: Answer(200, b"<html>maintenance</html>"),
    Fault.EMPTY: Answer(200, b"{}"),
    Fault.REDIRECT: Answer(307, b"", {"Location": "/v1/elsewhere"}),
}


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, stripe_server: StripeServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stripe = stripe_server
        self.open: set[socket.socket] = set()

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self.open):
            cut(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that goes away is none of the test's business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the caller's acknowledgement

    @property
    def listener(self) -> _Listener:
        return cast("_Listener", self.server)

    def setup(self) -> None:
        self.listener.open.add(self.request)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.listener.open.discard(self.request)

    def _any(self) -> None:
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        call = Call(
            self.command,
            address.path,
            dict(parse_qsl(address.query, keep_blank_values=True)),
            dict(self.headers),
            dict(parse_qsl(body.decode(), keep_blank_values=True)),
        )
        said = self.listener.stripe.answer(call)
        if said is None:
            self.close_connection = True
            cut(self.request)
            return
        self.send_response(said.status)
        self.send_header("Set-Cookie", "visitor=1")
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        self.wfile.write(said.body)

    do_GET = do_POST = _any  # noqa: N815 - the names http.server calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Nothing."""
