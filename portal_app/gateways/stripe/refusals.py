"""What goes wrong between Stripe and us, in our words."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

import stripe

from portal_app.domain.errors import (
    PortalError,
    ProviderAccessDenied,
    ProviderRefused,
    ProviderUnavailable,
)

_log = logging.getLogger(__name__)


@contextmanager
def understood() -> Generator[None]:
    """Around whatever asks Stripe and reads its answer: what goes wrong becomes one of ours."""
    try:
        yield
    except stripe.StripeError as said:
        raise _refusal(said) from None
    except (AttributeError, KeyError, TypeError, ValueError) as found:
        # How the library says that an answer has not the field, or the shape, that was read.
        _log.warning("stripe: answer not understood, %s: %.80s", type(found).__name__, found)
        raise ProviderUnavailable(reason="unreadable") from None


def word(said: stripe.StripeObject | None, field: str) -> str:
    """A text that is left out where it does not apply; '' then."""
    value: object = said[field] if said is not None and field in said else None
    return value if isinstance(value, str) else ""


def _refusal(said: stripe.StripeError) -> PortalError:
    """Without Stripe's words, in which it repeats what we said, our key among it."""
    codes = [word(said.error, field) for field in ("decline_code", "code", "type")]
    reason = next(filter(None, codes), str(said.http_status or type(said).__name__))
    _log.warning("stripe: %s, request %s", reason, said.request_id)
    match said:
        case stripe.CardError() | stripe.InvalidRequestError():
            return ProviderRefused(reason=reason)
        case stripe.AuthenticationError() | stripe.PermissionError():
            return ProviderAccessDenied(reason=reason)
        case _:
            return ProviderUnavailable(reason=reason)
