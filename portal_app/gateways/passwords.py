"""Password hashes: argon2id with 19 MiB, two passes, one lane (OWASP's second profile)."""

from functools import lru_cache
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 10
LONGEST: Final = 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Each hash takes 19 MiB and a core: a flood of sign-ins queues instead of exhausting the machine.
_few_at_once = BoundedSemaphore(4)


def hash_password(password: str) -> str:
    with _few_at_once:
        return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right.

    No hash (unknown login, or nobody chose a password yet) takes the same time and says no.
    """
    with _few_at_once:
        try:
            _hasher.verify(password_hash or _nobody(), password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return bool(password_hash)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
