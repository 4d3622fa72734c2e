"""Time-based codes of an authenticator app (TOTP, RFC 6238): the only file importing pyotp.

As all apps have them: SHA-1, six digits, thirty seconds.
"""

import hmac
from datetime import datetime
from typing import Final

from pyotp import random_base32
from pyotp.totp import TOTP

DIGITS: Final = 6
STEP: Final = 30
# A clock that is half a minute wrong, or a code typed as it changes.
DRIFT: Final = 1


def new_secret() -> str:
    """160 bits, in base32."""
    return random_base32()


def address(secret: str, login: str, issuer: str) -> str:
    """What the app reads from the QR code."""
    return TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def code_at(secret: str, moment: datetime) -> str:
    return TOTP(secret).generate_otp(step_at(moment))


def step_at(moment: datetime) -> int:
    """How many steps have gone by since 1970."""
    return int(moment.timestamp()) // STEP


def step_of(secret: str, code: str, moment: datetime) -> int | None:
    """The step a code belongs to, now or one beside; None if it belongs to none of them."""
    totp, now = TOTP(secret), step_at(moment)
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return found
