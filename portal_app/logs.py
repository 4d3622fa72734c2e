"""What stands in no log: cookies, tokens, codes, passwords, tax ids. Masked where records are made.

A filter on the root would see nothing of what other loggers hand to handlers of their own, and of
an exception only the object: Reflex writes failed events with their headers, an exception says what
was read. So every record, whoever makes it, says its message and its traceback without them. Line
breaks in a message are written out: nobody enters a line of his own.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from typing import Any, Final

from stdnum.br import cnpj, cpf
from stdnum.pt import nif

from portal_app.settings import settings

MASK: Final = "[…]"
_FORM: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# They tell every call they make, at a level of ours.
_TALKATIVE: Final = ("alembic", "httpx", "httpcore", "engineio", "socketio")
# Not more of what somebody sent than a person reads.
_LONGEST: Final = 4_000

# A value in quotes, of Python or of JSON.
_QUOTED: Final = r"""b?"(?:[^"\\]|\\.)*"|b?'(?:[^'\\]|\\.)*'"""
_HEADERS: Final = r"(?:set-|http_)?cookie|authorization|stripe-signature|x-api-key"
_NAMES: Final = (
    r"""(?:\w*_)?password\w*|passwd|\w*secret\w*|\w*token|jti|otp|totp|api_key|\w+_code"""
    # A code that is not one of our errors' codes.
    r"""|code(?=["']?\s*[:=]\s*["']?[\d\s-]{4,})"""
)
_MASKED: Final = (
    (re.compile(r"\b((?:__Host-)?portal_\w+=)[^;,\s'\"]+"), rf"\1{MASK}"),
    (
        re.compile(rf"""(?i)(?<![\w-])((?:{_HEADERS})["']?\s*[:=,]\s*)(?:{_QUOTED}|[^\r\n'"]+)"""),
        rf"\1{MASK}",
    ),
    (
        re.compile(rf"""(?i)(?<![\w-])((?:{_NAMES})["']?\s*[:=]\s*)(?:{_QUOTED}|[^\s,;&'"]+)"""),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), rf"\1 {MASK}"),
    (re.compile(r"([?&](?:key|token|code)=)[^&\s'\"]+"), rf"\1{MASK}"),
    (re.compile(r"(://)[^/\s:@]+:[^/\s@]+@"), rf"\1{MASK}@"),
    (re.compile(r"(/l/)[\w.~-]+"), rf"\1{MASK}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), MASK),
    # 32 bytes as sessions, links and devices carry them.
    (re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])"), MASK),
    # A page's token: the key to what its states hold.
    (re.compile(r"(?i)\b([0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), rf"\1{MASK}"),
    (re.compile(r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b|\b\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}\b"), MASK),
)
_DIGITS: Final = re.compile(r"(?<![\w-])(?<!\d[.,])(?:\d{9}|\d{11}|\d{14})(?![\w-]|[.,]\d)")
_TAX_IDS: Final[tuple[Callable[[str], bool], ...]] = (cpf.is_valid, cnpj.is_valid, nif.is_valid)


def install() -> None:
    """Let every record of this process be masked, and those of ours be written to stderr."""
    logging.setLogRecordFactory(MaskedRecord)
    logging.basicConfig(level=settings().log_level, format=_FORM)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    threading.excepthook = _thread_failed


class MaskedRecord(logging.LogRecord):
    """A record that never says a secret, however it is written."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0] is not None:
            # Where this stands nothing formats the exception anew.
            self.exc_text = masked(logging.Formatter().formatException(self.exc_info))

    def getMessage(self) -> str:  # noqa: N802  logging's name
        said = masked(super().getMessage())
        shown = said if len(said) <= _LONGEST else f"{said[:_LONGEST]} {MASK}"
        return "".join(each if each.isprintable() else repr(each)[1:-1] for each in shown)


def masked(text: str) -> str:
    """The text without what no log may hold.

    >>> masked("GET /l/eyJhbGciOi.eyJpc3Mi.sig for 529.982.247-25, cookie: portal_session=abc")
    'GET /l/[…] for […], cookie: […]'
    """
    for pattern, shown in _MASKED:
        text = pattern.sub(shown, text)
    return _DIGITS.sub(_without_tax_id, text)


def _without_tax_id(found: re.Match[str]) -> str:
    digits = found.group()
    return MASK if any(is_valid(digits) for is_valid in _TAX_IDS) else digits


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    value = failed.exc_value
    info = (failed.exc_type, value, failed.exc_traceback) if value else None
    logging.getLogger(__name__).error("a thread failed", exc_info=info)
