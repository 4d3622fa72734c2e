"""What is derived from the portal's secret key. Two keys are valid while one replaces the other."""

from __future__ import annotations

import hashlib
import hmac

from portal_app.settings import settings


def all_() -> list[str]:
    """The portal's keys: the first makes, all of them are accepted (rotation: 'new,old')."""
    return settings().signing_keys


def digest(key: str, *parts: object) -> bytes:
    """Something only the portal can compute of these parts, 32 bytes."""
    text = "|".join(str(part) for part in parts)
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
