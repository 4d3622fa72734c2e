"""Calls to a bank's JSON API: mutual TLS, an OAuth2 token, and all that may go wrong on the way.

A call that raises may have been heard: whoever made it asks what became of it before saying the
same thing again. Nothing is repeated here but a call whose token the bank no longer took. The
log says bank and status; addresses, bodies and tokens stay out of it.
"""

import logging
import ssl
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Final

import httpx

from portal_app.domain.boleto.check_digits import is_number
from portal_app.domain.errors import (
    BankAccessDenied,
    BankAnswerUnreadable,
    BankUnavailable,
    InvalidField,
    InvalidInput,
)
from portal_app.gateways import clock
from portal_app.gateways.registration import payload
from portal_app.gateways.registration.credentials import Credentials

TIMEOUT: Final = httpx.Timeout(connect=5, read=30, write=10, pool=5)
LONGEST_ANSWER: Final = 60.0
LARGEST: Final = 1024 * 1024
LONGEST_WAIT: Final = 3600

_REFUSALS: Final = frozenset({400, 409, 422})
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_TOO_MANY: Final = 429
# A token is given up so long before its end: it must still hold when it arrives.
_MARGIN: Final = 30.0

# Within what OpenSSL calls a failure: our certificate is not known, not valid any more, missing.
_CERTIFICATE_SIGNS: Final = ("CERTIFICATE", "UNKNOWN_CA", "HANDSHAKE_FAILURE")

_log = logging.getLogger(__name__)
# They log whole addresses, and one bank takes its application key there.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Access:
    """How a bank lets a program in.

    `basic`: client id and secret go into the header, else into the form. `app_key` and `account`
    name the query parameter and the header that carry what the credentials say of them.
    """

    bank: str
    scope: str
    basic: bool = False
    app_key: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a bank answered where it understood us. `body` is the JSON, None where there is none."""

    status: int
    body: object = None

    @property
    def is_refusal(self) -> bool:
        """The bank says no, and in its body why."""
        return self.status in _REFUSALS

    @property
    def is_unknown(self) -> bool:
        """The bank has no such thing."""
        return self.status == _NOT_FOUND

    def told(self) -> payload.Record:
        """The body of an answer to a question, which leaves nothing to refuse."""
        if self.is_refusal:
            raise InvalidField(field="status")
        return payload.record(self.body, "body")


@contextmanager
def understood(bank: str) -> Generator[None]:
    """Around whatever reads an answer: one that is not as expected is BankAnswerUnreadable."""
    try:
        yield
    except InvalidInput as found:
        _log.warning("bank %s: answer not understood, %s", bank, found.details.get("field", "body"))
        raise BankAnswerUnreadable(bank=bank) from None


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    until: float


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: httpx.Headers
    content: bytes


class BankClient:
    """A bank's API under one set of credentials, for any number of threads.

    `timeout` is for each step of a call, `longest` (seconds) for all of its answer.
    """

    def __init__(
        self,
        access: Access,
        credentials: Credentials,
        *,
        timeout: httpx.Timeout = TIMEOUT,
        longest: float = LONGEST_ANSWER,
    ) -> None:
        app_key, account = credentials.app_key, credentials.conta_corrente
        self._access = access
        self._longest = longest
        self._credentials = credentials
        self._query = {access.app_key: app_key} if access.app_key else {}
        self._headers = {access.account: account} if access.account and account else {}
        self._token: _Token | None = None
        self._lock = Lock()
        self._http = httpx.Client(
            verify=_tls(access.bank, credentials),
            timeout=timeout,
            trust_env=False,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        )

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Reply:
        """Say something to the bank. Raises the Unreachable that fits where it is no answer."""
        address = self._credentials.base_url + path
        parameters = {**(query or {}), **self._query}
        content = None if body is None else payload.dumps(body).encode()
        kind = {} if content is None else {"Content-Type": "application/json"}

        def send(token: str) -> _Answer:
            headers = {"Authorization": f"Bearer {token}", **kind, **self._headers}
            request = self._http.build_request(
                method, address, params=parameters, headers=headers, content=content
            )
            return self._send(request)

        token = self._usable_token()
        answer = send(token)
        if answer.status == _UNAUTHORIZED:
            answer = send(self._usable_token(refused=token))
        return self._reply(answer)

    def close(self) -> None:
        self._http.close()

    def _usable_token(self, refused: str = "") -> str:
        """The token kept, or a new one: whoever comes while it is asked for waits for the same."""
        with self._lock:
            kept = self._token
            if kept is None or kept.value == refused or time.monotonic() >= kept.until:
                kept = self._token = self._ask_token()
            return kept.value

    def _ask_token(self) -> _Token:
        secrets = self._credentials
        form = {"grant_type": "client_credentials", "scope": self._access.scope}
        auth = httpx.BasicAuth(secrets.client_id, secrets.client_secret)
        if not self._access.basic:
            form |= {"client_id": secrets.client_id, "client_secret": secrets.client_secret}
        request = self._http.build_request("POST", secrets.token_url, data=form)
        asked = time.monotonic()
        answer = self._send(request, auth if self._access.basic else None)
        self._ensure_served(answer)
        if answer.status in _REFUSALS:
            raise self._denied("client")
        with understood(self._access.bank):
            granted = payload.record(payload.loads(answer.content), "token")
            token = payload.stated(granted, "access_token")
            seconds = payload.text(granted, "expires_in")
        if not token.isascii() or " " in token:
            raise self._unreadable("token")
        life = int(seconds[:9]) if is_number(seconds) else 0
        return _Token(token, asked + life - _MARGIN)

    def _send(self, request: httpx.Request, auth: httpx.Auth | None = None) -> _Answer:
        try:
            with closing(self._http.send(request, auth=auth, stream=True)) as response:
                return _Answer(response.status_code, response.headers, self._content(response))
        except httpx.HTTPError as failed:
            if _is_about_certificates(failed):
                raise self._denied("certificate") from None
            raise self._unavailable(type(failed).__name__) from None

    def _content(self, response: httpx.Response) -> bytes:
        """The body as it came, uncompressed as was asked for; neither endless nor for ever."""
        content = bytearray()
        until = time.monotonic() + self._longest
        for chunk in response.iter_raw():
            content += chunk
            if len(content) > LARGEST:
                raise self._unreadable("too large")
            if time.monotonic() > until:
                raise self._unavailable("too slow")
        return bytes(content)

    def _reply(self, answer: _Answer) -> Reply:
        self._ensure_served(answer)
        if answer.status == _NOT_FOUND:
            return Reply(answer.status)
        if not (httpx.codes.is_success(answer.status) or answer.status in _REFUSALS):
            raise self._unreadable(str(answer.status))
        if not answer.content:
            return Reply(answer.status)
        with understood(self._access.bank):
            return Reply(answer.status, payload.loads(answer.content))

    def _ensure_served(self, answer: _Answer) -> None:
        """Raise unless the bank let us in and was well enough to listen."""
        if answer.status in {_UNAUTHORIZED, _FORBIDDEN}:
            raise self._denied("refused")
        if answer.status == _TOO_MANY or httpx.codes.is_server_error(answer.status):
            raise self._unavailable(str(answer.status), _retry_after(answer.headers))

    def _denied(self, reason: str) -> BankAccessDenied:
        _log.warning("bank %s: access denied, %s", self._access.bank, reason)
        return BankAccessDenied(bank=self._access.bank, reason=reason)

    def _unavailable(self, what: str, retry_after: int | None = None) -> BankUnavailable:
        _log.warning("bank %s: unavailable, %s", self._access.bank, what)
        later = {} if retry_after is None else {"retry_after": retry_after}
        return BankUnavailable(bank=self._access.bank, **later)

    def _unreadable(self, what: str) -> BankAnswerUnreadable:
        _log.warning("bank %s: answer not understood, %s", self._access.bank, what)
        return BankAnswerUnreadable(bank=self._access.bank)


_open: Final[dict[tuple[Access, Credentials], BankClient]] = {}
_opening: Final = Lock()


def client_of(access: Access, credentials: Credentials) -> BankClient:
    """One client for the same access, so that its token and connections are shared.

    One whose credentials were renewed stays open: somebody may be speaking through it.
    """
    with _opening:
        kept = _open.get((access, credentials))
        if kept is None:
            kept = _open[access, credentials] = BankClient(access, credentials)
        return kept


def close_clients() -> None:
    """Close those of `client_of`; nobody may be speaking through them."""
    with _opening:
        while _open:
            _open.popitem()[1].close()


def _tls(bank: str, credentials: Credentials) -> ssl.SSLContext:
    try:
        if credentials.ca is None:
            context = httpx.create_ssl_context(trust_env=False)
        else:
            context = ssl.create_default_context(cafile=credentials.ca)
        if credentials.certificate is not None:
            # Without a password of our own, OpenSSL would ask for that of a locked key at the
            # terminal, and wait.
            context.load_cert_chain(credentials.certificate, credentials.private_key, "")
    except (OSError, ValueError):
        raise BankAccessDenied(bank=bank, reason="certificate") from None
    return context


def _is_about_certificates(failed: BaseException) -> bool:
    """Whether either side took the other's certificate for a bad one: time will not mend it."""
    reasons = [str(each.reason) for each in _causes(failed) if isinstance(each, ssl.SSLError)]
    return any(sign in reason for reason in reasons for sign in _CERTIFICATE_SIGNS)


def _causes(error: BaseException) -> Generator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _retry_after(headers: httpx.Headers) -> int | None:
    """Seconds, at most an hour; None where the bank does not say, or says it unintelligibly."""
    value = headers.get("Retry-After", "").strip()
    if is_number(value):
        return min(int(value[:9]), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - clock.now()).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(int(seconds), 0), LONGEST_WAIT)
