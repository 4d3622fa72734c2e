from tests.gateways.fixtures import bank_server, inter_gateway

__all__ = ["bank_server", "inter_gateway"]
