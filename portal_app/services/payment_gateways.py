"""Which payment provider this installation has: Stripe where its key is set, else the demo's."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from portal_app.domain.checkout import PaymentGateway, Provider
from portal_app.domain.errors import MethodUnavailable, NotFound
from portal_app.gateways.demo import DemoGateway
from portal_app.gateways.stripe import StripeGateway
from portal_app.settings import settings

_FOLDER: Final = "demo-payments"


def present_provider() -> Provider:
    """The provider new payments are made at."""
    return Provider.STRIPE if settings().stripe_secret_key.get_secret_value() else Provider.DEMO


def payment_gateway(provider: str) -> PaymentGateway:
    """The gateway to a provider; MethodUnavailable where this installation has no key for it.

    A payment stays with the provider it was made at, also when new ones are made at another.
    """
    if provider == Provider.DEMO:
        return demo_gateway()
    known = settings()
    key = known.stripe_secret_key.get_secret_value()
    if provider != Provider.STRIPE or not key:
        raise MethodUnavailable(method=provider)
    return _stripe(key, tuple(known.stripe_webhook_secrets), known.stripe_api_base)


def demo_gateway() -> DemoGateway:
    """NotFound outside demo mode: nobody must get anything for money that is none."""
    known = settings()
    if known.mode != "demo":
        raise NotFound(kind="provider")
    folder: Path = known.data_dir / _FOLDER
    return DemoGateway(folder, known.public_url, known.demo_bank_seconds)


@lru_cache(maxsize=4)
def _stripe(key: str, secrets: tuple[str, ...], base: str) -> StripeGateway:
    """One for all threads: it keeps its connections."""
    return StripeGateway(key, secrets, base)
