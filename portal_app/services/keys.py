"""What is derived from one of the portal's keys (`settings().signing_keys`)."""

from __future__ import annotations

import hashlib
import hmac


def digest(key: str, *parts: object) -> bytes:
    """Something only the portal can compute of these parts, 32 bytes."""
    text = "|".join(str(part) for part in parts)
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
