"""Events as Stripe calls in with them: whether they are its, and what they are about.

An event is a hint what to ask about; nothing it says of money is read.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final, Protocol, cast

import stripe

from portal_app.domain.checkout import ProviderEvent
from portal_app.domain.errors import EventInvalid
from portal_app.gateways import clock

TOLERANCE: Final = 300
"""Seconds an event may be old, or ahead of our clock."""
LARGEST: Final = 1024 * 1024

_LONGEST_NAME: Final = 255


def read(raw: bytes, signature: str, secrets: Sequence[str]) -> ProviderEvent:
    """EventInvalid unless one of the secrets signed these very bytes, lately."""
    if len(raw) > LARGEST:
        raise EventInvalid(reason="body")
    is_signed = any(_is_signed(raw, signature, secret) for secret in secrets)
    if not is_signed or not _is_recent(signature):
        raise EventInvalid(reason="signature")
    return _event(raw)


class _Signatures(Protocol):
    """What of `stripe.WebhookSignature` is used: the library leaves the rest untyped."""

    def verify_header(self, payload: bytes, header: str, secret: str) -> bool: ...


_SIGNATURES: Final = cast("_Signatures", stripe.WebhookSignature)


def _is_signed(raw: bytes, signature: str, secret: str) -> bool:
    if not signature.isascii():  # which the library cannot compare
        return False
    try:
        return _SIGNATURES.verify_header(raw, signature, secret)
    except (ValueError, stripe.SignatureVerificationError):
        return False


def _is_recent(signature: str) -> bool:
    """By our clock, and in both directions: the library lets pass what is to come.

    The moment is the one that was signed: the first in the header.
    """
    signed = next(part for part in signature.split(",") if part.startswith("t="))
    return abs(int(signed.split("=")[1]) - int(clock.now().timestamp())) <= TOLERANCE


def _event(raw: bytes) -> ProviderEvent:
    try:
        told: object = json.loads(raw)
    except (ValueError, RecursionError):
        raise EventInvalid(reason="body") from None
    event = _record(told)
    about = _record(_record(event.get("data")).get("object"))
    kind = _name(about, "object")
    read = ProviderEvent(
        id=_name(event, "id"),
        type=_name(event, "type"),
        account=_name(event, "account"),
        api_version=_name(event, "api_version"),
        payment=_name(about, "client_reference_id")
        or _name(_record(about.get("metadata")), "payment"),
        session=_name(about, "id") if kind == "checkout.session" else "",
        intent=_name(about, "id" if kind == "payment_intent" else "payment_intent"),
    )
    if event.get("object") != "event" or not (about and read.id and read.type):
        raise EventInvalid(reason="body")
    return read


def _record(value: object) -> Mapping[str, object]:
    """A JSON object; empty where it is none."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _name(told: Mapping[str, object], field: str) -> str:
    """A name that Stripe or we gave; '' where it is none that could be stored and looked for."""
    value = told.get(field)
    if not isinstance(value, str) or len(value) > _LONGEST_NAME:
        return ""
    return value if value.isascii() and value.isprintable() else ""
