"""Which payment provider this installation has: Stripe where its key is set, else the demo's."""

from pathlib import Path
from typing import Final

from portal_app.domain.checkout import PaymentGateway, Provider
from portal_app.domain.errors import MethodUnavailable, NotFound
from portal_app.gateways.demo import DemoGateway
from portal_app.settings import settings

_FOLDER: Final = "demo-payments"


def present_provider() -> Provider:
    """The provider new payments are made at."""
    return Provider.STRIPE if settings().stripe_secret_key.get_secret_value() else Provider.DEMO


def payment_gateway(provider: str, account: str = "") -> PaymentGateway:
    """The gateway to an account at a provider; MethodUnavailable where it cannot be talked to.

    A payment stays with the provider it was made at, also when the installation has another now.
    """
    if provider == Provider.DEMO:
        return demo_gateway()
    raise MethodUnavailable(method=f"{provider} {account}".strip())


def demo_gateway() -> DemoGateway:
    """NotFound outside demo mode: nobody must get anything for money that is none."""
    known = settings()
    if known.mode != "demo":
        raise NotFound(kind="provider")
    folder: Path = known.data_dir / _FOLDER
    return DemoGateway(folder, known.public_url, known.demo_bank_seconds)
