"""E-mails handed over: to the mail server of the settings, else to a file. The only file importing smtplib.

The conversation (RFC 5321) is held step by step, since only so it is known on which side of the
hand-over a line broke. Until the server asks for the message nothing was handed over, and all may
be said again. From then until its answer nobody knows. Its answer is what happened.
"""

import os
import re
import smtplib
import ssl
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from portal_app.domain.errors import MailOutcomeUnknown, MailUnavailable
from portal_app.settings import MailServer, settings

CONNECTS_WITHIN: Final = 10.0
ANSWERS_WITHIN: Final = 30.0
# Servers look a message over before they take it.
TAKES_WITHIN: Final = 120.0

_ASKS_FOR_MESSAGE: Final = 354
_ENHANCED: Final = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Reply:
    """Whether the message was taken or refused for good. `code` is the server's: '550 5.1.1'."""

    taken: bool
    code: str = ""


def hand_over(message: EmailMessage, sender: str, address: str) -> Reply:
    """Hand a message to one address, whatever its headers say.

    MailUnavailable: nothing was handed over, so it may be tried again. MailOutcomeUnknown: the
    line broke between the hand-over and the answer.
    """
    server = settings().mail_server
    try:
        if server is None:
            return _write_down(message)
        with _conversation(server) as smtp:
            refused = _announce(smtp, sender, address)
            return refused or _transmit(smtp, message.as_bytes())
    except OSError as broken:  # those of smtplib and ssl too
        raise MailUnavailable(reason=_reason(broken)) from broken


@contextmanager
def _conversation(server: MailServer) -> Generator[smtplib.SMTP]:
    smtp = _connected(server)
    try:
        _sign_in(smtp, server)
        yield smtp
        # The answer is known: whatever happens to the goodbye changes nothing.
        with suppress(OSError):
            smtp.quit()
    finally:
        with suppress(OSError):
            smtp.close()


def _connected(server: MailServer) -> smtplib.SMTP:
    name = urlsplit(settings().public_url).hostname
    if server.encryption == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, name, timeout=CONNECTS_WITHIN, context=_trust(server)
        )
    return smtplib.SMTP(server.host, server.port, name, timeout=CONNECTS_WITHIN)


def _sign_in(smtp: smtplib.SMTP, server: MailServer) -> None:
    _wait_for(smtp, ANSWERS_WITHIN)
    smtp.ehlo_or_helo_if_needed()
    if server.encryption == "starttls" or (
        server.encryption == "offered" and smtp.has_extn("starttls")
    ):
        smtp.starttls(context=_trust(server))
        smtp.ehlo()
    if server.user:
        smtp.login(server.user, server.password)


def _trust(server: MailServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if server.encryption == "offered":
        # Whose certificate it is matters little where none at all would do.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _announce(smtp: smtplib.SMTP, sender: str, address: str) -> Reply | None:
    """Say from whom and to whom; the server's answer if it refuses the address for good."""
    code, text = smtp.mail(sender)
    if not _is_yes(code):
        raise smtplib.SMTPResponseException(code, text)
    code, text = smtp.rcpt(address)
    return None if _is_yes(code) else _refusal(code, text)


def _transmit(smtp: smtplib.SMTP, message: bytes) -> Reply:
    code, text = smtp.docmd("DATA")
    if code != _ASKS_FOR_MESSAGE:
        return _refusal(code, text)
    try:
        smtp.send(_framed(message))
        _wait_for(smtp, TAKES_WITHIN)
        code, text = smtp.getreply()
    except OSError as broken:
        raise MailOutcomeUnknown from broken
    if _is_yes(code):
        return Reply(taken=True, code=_code(code, text))
    if not 400 <= code <= 599:
        raise MailOutcomeUnknown  # no answer of RFC 5321
    return _refusal(code, text)


def _refusal(code: int, text: bytes) -> Reply:
    """A no for good; one for now is raised."""
    if not 500 <= code <= 599:
        raise smtplib.SMTPResponseException(code, text)
    return Reply(taken=False, code=_code(code, text))


def _framed(message: bytes) -> bytes:
    """As it travels: dots that begin a line doubled, a lone dot after the last (RFC 5321 § 4.5.2)."""
    lines = message if message.endswith(b"\r\n") else message + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines) + b".\r\n"


def _write_down(message: EmailMessage) -> Reply:
    """Put the message into the outbox, whole or not at all, for the owner's eyes alone."""
    folder = settings().data_dir / "outbox"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=folder, prefix=".")  # mode 600
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(message.as_bytes())
        Path(draft).replace(folder / f"{_file_name(message)}.eml")
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
    return Reply(taken=True)


def _file_name(message: EmailMessage) -> str:
    """What stands before the @ of its Message-ID: said again, it is the same file again."""
    own, _, _ = str(message["Message-ID"]).strip("<>").partition("@")
    return re.sub(r"[^A-Za-z0-9.-]", "-", own)


def _wait_for(smtp: smtplib.SMTP, seconds: float) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)


def _is_yes(code: int) -> bool:
    return 200 <= code <= 299


def _code(code: int, text: bytes) -> str:
    """'550 5.1.1': without the rest, in which servers repeat the address."""
    enhanced = _ENHANCED.match(text)
    return f"{code} {enhanced.group().decode()}" if enhanced else f"{code}"


def _reason(broken: OSError) -> str:
    """The server's code, else what kind of trouble it was."""
    if isinstance(broken, smtplib.SMTPResponseException) and broken.smtp_code > 0:
        said = broken.smtp_error
        return _code(broken.smtp_code, said if isinstance(said, bytes) else said.encode())
    return type(broken).__name__
