from tests.gateways.fixtures import bank_server

__all__ = ["bank_server"]
