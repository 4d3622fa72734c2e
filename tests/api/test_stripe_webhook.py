"""Stripe calls over HTTP: kept once if it signed these very bytes, refused whatever else comes."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from portal_app.db.engine import transaction
from portal_app.db.models import ProviderEventRow
from portal_app.gateways import clock
from portal_app.settings import settings
from tests.api.test_webhooks import post
from tests.company import World
from tests.company import world as world
from tests.gateways.stripe_server import KEY, SECRET, signed

ADDRESS = "/webhooks/stripe"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "api_version": "2026-10-28.endive",
    "type": "checkout.session.completed",
    "data": {"object": {"id": "cs_1", "object": "checkout.session", "metadata": {}}},
}
MUTATIONS = 300


@pytest.fixture
def stripe(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("PORTAL_STRIPE_SECRET_KEY", KEY)
    monkeypatch.setenv("PORTAL_STRIPE_WEBHOOK_SECRET", f"whsec_next,{SECRET}")
    settings.cache_clear()
    yield world
    settings.cache_clear()


def sign(body: str) -> tuple[bytes, str]:
    return signed(body, SECRET, clock.now().timestamp())


def kept() -> int:
    with transaction(write=False) as session:
        return session.execute(select(func.count()).select_from(ProviderEventRow)).scalar_one()


def call(body: bytes, signature: str) -> int:
    return post(ADDRESS, body, **{"stripe-signature": signature}).status_code


@pytest.mark.usefixtures("stripe")
def test_a_signed_call_is_kept_once() -> None:
    body, signature = sign(json.dumps(EVENT))

    assert [call(body, signature) for _ in range(3)] == [200, 200, 200]
    assert kept() == 1


@pytest.mark.usefixtures("stripe")
@pytest.mark.parametrize(
    "body", [b"", b"{}", b"\xff\xfe", b"null", b"[" * 100_000, b"{" + b" " * (1024 * 1024)]
)
def test_what_stripe_did_not_sign_is_refused(body: bytes) -> None:
    _, signature = sign(json.dumps(EVENT))

    assert call(body, signature) == 400
    assert call(body, "") == 400
    assert kept() == 0


@pytest.mark.usefixtures("stripe")
@pytest.mark.parametrize("body", ["", "{}", "null", "1", "[]", "[" * 100_000, '{"id": 1}'])
def test_what_is_signed_and_is_no_event_is_refused(body: str) -> None:
    assert call(*sign(body)) == 400
    assert kept() == 0


@pytest.mark.usefixtures("stripe")
def test_whatever_changes_on_the_way_is_refused() -> None:
    body, signature = sign(json.dumps(EVENT))
    chance = random.Random(4)

    for _ in range(MUTATIONS):
        changed = bytearray(body)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        assert call(bytes(changed), signature) == 400
    assert kept() == 0


@pytest.mark.usefixtures("world")
def test_without_a_key_there_is_no_such_address() -> None:
    assert call(*sign(json.dumps(EVENT))) == 404
