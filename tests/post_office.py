"""A real mail server for tests, in a thread: it takes, refuses, puts off, falls silent or hangs up."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from portal_app.settings import settings

USER, PASSWORD = "portal", "a password: with @ signs"
SILENCE = 30.0


@dataclass
class PostOffice:
    """What the server got. `refuses` and `puts_off` say how each address is answered, how often.

    `at` names the step at which the line is cut ("mail", "rcpt", "data") or the server says
    nothing more ("silent").
    """

    refuses: dict[str, str] = field(default_factory=dict)
    puts_off: dict[str, int] = field(default_factory=dict)
    answers_data: str = "250 2.0.0 taken"
    at: str = ""
    received: list[tuple[str, bytes]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    def messages(self, address: str = "") -> list[EmailMessage]:
        """What was taken for an address, or in all; read as its reader's program would."""
        return [read(body) for to, body in self.received if to == address or not address]

    # aiosmtpd finds its hooks by these names.

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.encrypted.append(session.ssl is not None)
        if self.at == "mail":
            hang_up(server)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.at == "rcpt":
            hang_up(server)
        if address in self.refuses:
            return self.refuses[address]
        if self.puts_off.get(address, 0) > 0:
            self.puts_off[address] -= 1
            return "451 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        if self.answers_data.startswith("2"):
            self.received += [(to, envelope.content) for to in envelope.rcpt_tos]
        if self.at == "data":
            hang_up(server)
        if self.at == "silent":
            await asyncio.sleep(SILENCE)
        return self.answers_data


def hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


def read(body: bytes) -> EmailMessage:
    message = message_from_bytes(body, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def attachment(message: EmailMessage) -> tuple[str, bytes]:
    """Name and bytes of the only file the message carries."""
    (found,) = message.iter_attachments()
    assert found.get_content_type() == "application/pdf"
    return found.get_filename() or "", found.get_content()


def plain_text(message: EmailMessage) -> str:
    """The text with plain line ends and spaces."""
    body = message.get_body(("plain",))
    assert body is not None
    return body.get_content().replace("\r\n", "\n").replace("\u00a0", " ")


@contextmanager
def open_office(office: PostOffice, monkeypatch: Any, **options: Any) -> Iterator[int]:
    """Serve on a free port, which PORTAL_SMTP_URL names unless a test says otherwise."""
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port = trial.getsockname()[1]
    controller = Controller(office, hostname="127.0.0.1", port=port, **options)
    controller.start()
    use(monkeypatch, f"smtp://127.0.0.1:{port}")
    try:
        yield port
    finally:
        controller.stop()


def use(monkeypatch: Any, url: str) -> None:
    monkeypatch.setenv("PORTAL_SMTP_URL", url)
    settings.cache_clear()


def only_with_password(context: ssl.SSLContext) -> dict[str, Any]:
    """Options of a server that encrypts and takes nothing from whoever does not sign in."""

    def known(
        _server: object, _session: object, _envelope: object, _mechanism: str, who: object
    ) -> AuthResult:
        assert isinstance(who, LoginPassword)
        right = (who.login.decode(), who.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=right, handled=False)

    return {"tls_context": context, "authenticator": known, "auth_required": True}


def certificate(folder: Path, monkeypatch: Any, name: str = "127.0.0.1") -> ssl.SSLContext:
    """A certificate for `name`, of an authority this machine trusts from now on."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context
