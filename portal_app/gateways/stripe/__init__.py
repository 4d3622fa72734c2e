"""Stripe: hosted Checkout pages and signed events. The only folder importing stripe.

Source: Stripe's API reference, version 2026-10-28.endive, whose fields the library's types spell
out.
"""

from portal_app.gateways.stripe.gateway import API_VERSION, StripeGateway

__all__ = ["API_VERSION", "StripeGateway"]
