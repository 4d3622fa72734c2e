from tests.gateways.fixtures import (
    bank_server,
    bb_gateway,
    inter_gateway,
    stripe_gateway,
    stripe_server,
)

__all__ = ["bank_server", "bb_gateway", "inter_gateway", "stripe_gateway", "stripe_server"]
