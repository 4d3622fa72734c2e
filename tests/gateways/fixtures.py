"""The test server and a client to it. A conftest that imports them has them."""

from collections.abc import Iterator

import httpx
import pytest

from portal_app.gateways.registration import credentials
from portal_app.gateways.registration.http import Access, BankClient
from portal_app.settings import settings
from tests.gateways.bank_server import BankServer
from tests.gateways.titles import TODAY


@pytest.fixture
def bank_server() -> Iterator[BankServer]:
    """A bank of the test's own, and credentials for it in the test's own data folder."""
    with BankServer(TODAY) as server:
        for name in ("inter", "bb"):
            server.credentials(settings().bank_credentials, name)
        yield server


def client(access: Access, seconds: float = 5) -> BankClient:
    """To the test server, with the credentials `bank_server` wrote; `seconds` of patience."""
    secrets = credentials.read("inter" if access.bank == "077" else "bb", access.bank)
    return BankClient(access, secrets, timeout=httpx.Timeout(seconds), longest=seconds)
