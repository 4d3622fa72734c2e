"""The test servers and our gateways to them. A conftest that imports them has them."""

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
import stripe

from portal_app.gateways.registration import banco_do_brasil, credentials, inter
from portal_app.gateways.registration.banco_do_brasil import BancoDoBrasil
from portal_app.gateways.registration.http import Access, BankClient, close_clients
from portal_app.gateways.registration.inter import Inter
from portal_app.gateways.stripe import StripeGateway
from portal_app.settings import settings
from tests.gateways.bank_server import BankServer
from tests.gateways.stripe_server import KEY, SECRET, StripeServer
from tests.gateways.titles import BB, INTER, TODAY


@pytest.fixture
def bank_server() -> Iterator[BankServer]:
    """A bank of the test's own, and credentials for it in the test's own data folder."""
    with BankServer(TODAY) as server:
        for name in ("inter", "bb"):
            server.credentials(settings().bank_credentials, name)
        yield server
        close_clients()


@pytest.fixture
def inter_gateway(bank_server: BankServer) -> Iterator[Inter]:
    with closing(client(inter.ACCESS)) as to_bank:
        yield Inter(INTER, to_bank)


@pytest.fixture
def bb_gateway(bank_server: BankServer) -> Iterator[BancoDoBrasil]:
    with closing(client(banco_do_brasil.ACCESS)) as to_bank:
        yield BancoDoBrasil(BB, to_bank)


@pytest.fixture
def stripe_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StripeServer]:
    """A Stripe of the test's own, to which nobody waits before asking again."""
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.001)
    with StripeServer() as server:
        yield server


@pytest.fixture
def stripe_gateway(stripe_server: StripeServer) -> StripeGateway:
    return StripeGateway(KEY, [SECRET], stripe_server.base_url, timeout=(2, 5))


def client(access: Access, seconds: float = 5) -> BankClient:
    """To the test server, with the credentials `bank_server` wrote; `seconds` of patience."""
    secrets = credentials.read("inter" if access.bank == "077" else "bb", access.bank)
    return BankClient(access, secrets, timeout=httpx.Timeout(seconds), longest=seconds)
