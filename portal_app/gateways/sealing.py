"""Secrets at rest: sealed with keys derived from the portal's own. The only file importing cryptography.

Fernet (AES-128-CBC with HMAC-SHA256) under a key by HKDF-SHA256 for each thing that is sealed: what
is sealed for one cannot be put in another's place. Two keys are valid while one replaces the other.
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal_app.domain.errors import SealBroken


def seal(secret: str, what: str, keys: Sequence[str]) -> str:
    """`what` names what is sealed, such as 'authenticator:12'; it opens under no other name."""
    return _boxes(what, keys).encrypt(secret.encode()).decode()


def opened(sealed: str, what: str, keys: Sequence[str], *, within: int | None = None) -> str:
    """What was sealed, at most `within` seconds ago; SealBroken if no key fits."""
    try:
        return _boxes(what, keys).decrypt(sealed.encode(), ttl=within).decode()
    except InvalidToken:
        raise SealBroken(what=what) from None


def _boxes(what: str, keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key, what)) for key in keys])


def _derived(key: str, what: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"em-dia|sealed|{what}".encode())
    return urlsafe_b64encode(derive.derive(key.encode()))
