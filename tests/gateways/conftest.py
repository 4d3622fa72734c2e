from tests.gateways.fixtures import bank_server, bb_gateway, inter_gateway

__all__ = ["bank_server", "bb_gateway", "inter_gateway"]
