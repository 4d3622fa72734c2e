"""A bank calls over HTTP: noted if it knows the secret, whatever it says is asked for."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from portal_app.api.app import build
from portal_app.db.engine import transaction
from portal_app.db.models import JobRow
from portal_app.domain.companies import Channel
from portal_app.services import carteiras
from tests.company import World
from tests.company import world as world
from tests.gateways.bank_desk import call_with
from tests.gateways.bank_server import BankServer
from tests.gateways.fixtures import bank_server as bank_server

CALL = {
    "codigoSolicitacao": "0f5b4a0e-9f0d-4f0a-8f39-000000000001",
    "seuNumero": "1",
    "situacao": "A_RECEBER",
    "dataHoraSituacao": "2026-11-24T10:30:00-03:00",
    "nossoNumero": "90000000000",
}


@pytest.fixture
def address(world: World, bank_server: BankServer) -> str:
    """Where Banco Inter is told to call."""
    carteiras.operator_save(
        "norte",
        "Inter",
        {
            "bank": "077",
            "agencia": "0001",
            "agencia_dv": "9",
            "conta": "53837522",
            "carteira": "112",
            "contract": {"operacao": "1234567"},
            "channel": Channel.INTER,
            "credentials": "inter",
        },
    )
    return carteiras.operator_webhook("norte", "Inter")


def post(address: str, body: bytes, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(build())
        async with httpx.AsyncClient(transport=transport, base_url="http://portal") as http:
            path = address.removeprefix("http://localhost:8000")
            return await http.post(path, content=body, headers=headers)

    return asyncio.run(ask())


def hints() -> int:
    with transaction(write=False) as session:
        found = session.scalars(select(JobRow).where(col(JobRow.kind) == "boleto.hint"))
        return len(found.all())


def test_a_call_with_the_secret_is_noted_once_a_minute(address: str) -> None:
    answers = [post(address, call_with(CALL, CALL)) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert hints() == 1


def test_the_secret_may_come_in_a_header(address: str) -> None:
    path, _, key = address.partition("?key=")

    assert post(path, call_with(CALL), authorization=f"Bearer {key}").status_code == 200
    assert post(path, call_with(CALL), authorization=f"bearer  {key}x").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/webhooks/banks/077", "/webhooks/banks/077?key=guess", "/webhooks/banks/001?key={key}"],
)
def test_whoever_does_not_know_it_finds_nothing(address: str, path: str) -> None:
    wrong = path.replace("{key}", address.partition("?key=")[2])

    assert post(wrong, call_with(CALL)).status_code == 404
    assert hints() == 0


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"[1]", b'[{"situacao": 1}]', b"\xff"])
def test_what_is_no_call_is_refused(address: str, body: bytes) -> None:
    assert post(address, body).status_code == 400
    assert hints() == 0


def test_what_is_too_long_is_not_read(address: str) -> None:
    assert post(address, b"[" + b" " * (1024 * 1024)).status_code == 413


def test_only_posting_is_calling(address: str) -> None:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(build())
        async with httpx.AsyncClient(transport=transport, base_url="http://portal") as http:
            return await http.get(address.removeprefix("http://localhost:8000"))

    assert asyncio.run(ask()).status_code == 405
