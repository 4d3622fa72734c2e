"""Passkeys (WebAuthn Level 2): options for the browser and what its answers prove.

The only file importing webauthn. The device must have made sure of its owner (user verification),
so that a passkey is something one has and something one is or knows at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal_app.domain.errors import PasskeyInvalid

LONGEST: Final = 16_384
SECONDS: Final = 120
# What the library raises over an answer that is not even one, besides its own refusals.
_WRONG: Final = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError)


@dataclass(frozen=True, slots=True)
class Site:
    """Whose passkeys these are: the host of our address, and the address itself."""

    host: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class Owner:
    """For whom a passkey is made. `handle` is opaque: the device keeps it, and shows the rest."""

    handle: bytes
    login: str
    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey a device made: its public half, in base64url."""

    credential: str
    public_key: str
    sign_count: int


def options_to_make(site: Site, owner: Owner, challenge: bytes, others: Sequence[str]) -> str:
    """What the browser needs to make a passkey, as JSON. A device that has one of `others` refuses."""
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=owner.handle,
        user_name=owner.login,
        user_display_name=owner.name,
        challenge=challenge,
        timeout=SECONDS * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(other)) for other in others
        ],
    )
    return options_to_json(options)


def options_to_use(site: Site, challenge: bytes) -> str:
    """What the browser needs to sign in by whichever passkey its owner picks, as JSON."""
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        timeout=SECONDS * 1000,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def made(answer: str, challenge: bytes, site: Site) -> Made:
    """The passkey that answers this challenge; PasskeyInvalid whatever is wrong with it."""
    try:
        verified = verify_registration_response(
            credential=_short(answer),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _WRONG as trouble:
        raise PasskeyInvalid from trouble
    return Made(
        bytes_to_base64url(verified.credential_id),
        bytes_to_base64url(verified.credential_public_key),
        verified.sign_count,
    )


def credential_of(answer: str) -> str:
    """Which passkey says it answers, before anybody has checked it."""
    try:
        return bytes_to_base64url(parse_authentication_credential_json(_short(answer)).raw_id)
    except _WRONG as trouble:
        raise PasskeyInvalid from trouble


def sign_count(answer: str, challenge: bytes, site: Site, passkey: Made) -> int:
    """How often the device says it signed, once this answer is proved to be the passkey's.

    PasskeyInvalid whatever is wrong, a count that did not grow too: somebody has a copy.
    """
    try:
        verified = verify_authentication_response(
            credential=_short(answer),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _WRONG as trouble:
        raise PasskeyInvalid from trouble
    return verified.new_sign_count


def _short(answer: str) -> str:
    if len(answer) > LONGEST:
        raise PasskeyInvalid
    return answer
