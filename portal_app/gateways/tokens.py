"""Signed portal links. The only file importing jose, and strict where jose is not.

One algorithm (HS256), keys of at least 32 bytes, every registered claim required
and checked. Two keys are valid while one replaces the other: the first signs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jose import JWTError, jwt

from portal_app.domain.errors import LinkInvalid
from portal_app.gateways import clock

SHORTEST_KEY: Final = 32
ISSUER: Final = "em-dia"
_ALGORITHM: Final = "HS256"
_LONGEST_TOKEN: Final = 2048
# The expiry is checked here, by the portal's clock: jose ignores verify_exp for a required claim.
_OPTIONS: Final = {f"require_{claim}": True for claim in ("iat", "iss", "aud", "sub", "jti")} | {
    "verify_exp": False,
    "leeway": 0,
}


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `sub` is opaque; nothing personal goes in."""

    audience: str
    sub: str
    jti: str
    issued: datetime
    expires: datetime


def sign(claims: Claims, keys: Sequence[str]) -> str:
    body = {
        "iss": ISSUER,
        "aud": claims.audience,
        "sub": claims.sub,
        "jti": claims.jti,
        "iat": int(claims.issued.timestamp()),
        "exp": int(claims.expires.timestamp()),
    }
    return jwt.encode(body, _strong(keys[0]), algorithm=_ALGORITHM)


def read(token: str, audience: str, keys: Sequence[str], *, expired: bool = False) -> str:
    """The jti of a good token; LinkInvalid for any other, whatever is wrong with it.

    `expired=True` accepts one that is only past its date, to know whose it was.
    """
    if len(token) > _LONGEST_TOKEN:
        raise LinkInvalid
    for key in keys:
        claims = _claims(token, audience, _strong(key), expired=expired)
        if claims is not None:
            return str(claims["jti"])
    raise LinkInvalid


def _claims(token: str, audience: str, key: str, *, expired: bool) -> dict[str, Any] | None:
    try:
        claims = jwt.decode(
            token, key, algorithms=[_ALGORITHM], audience=audience, issuer=ISSUER, options=_OPTIONS
        )
    except JWTError:
        return None
    expires: object = claims.get("exp")
    if not isinstance(claims.get("jti"), str) or not isinstance(expires, int):
        return None
    return claims if expired or expires > clock.now().timestamp() else None


def _strong(key: str) -> str:
    if len(key.encode()) < SHORTEST_KEY:
        raise ValueError("a signing key needs at least 32 bytes")
    return key
