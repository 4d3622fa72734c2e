"""No record says a secret, whoever writes it and whatever handler shows it."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Iterator
from typing import Final

import pytest

from portal_app import logs
from portal_app.logs import MASK, masked

SESSION: Final = "vGMIoh3_Xm0u_Ua4enNjhT6rA8kFgS1BB6CXyIPJv_g"
SECRETS: Final = {
    "a session's cookie": f"cookie: a=b; __Host-portal_session={SESSION}; c=d",
    "an event as Reflex prints it": (
        "Event(name='x', router_data={'headers': {'cookie': 'portal_session=" + SESSION + "', "
        "'origin': 'http://localhost'}}, payload={'password': 'correct horse', 'code': '123 456'})"
    ),
    "headers as bytes": f"[(b'cookie', b'portal_session={SESSION}'), (b'host', b'x')]",
    "json": f'{{"password":"correct horse","token":"{SESSION}","secret_key":"k\\"ey"}}',
    "a bare token": f"no session {SESSION}.",
    "a link": "GET /l/eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJ4In0.c2lnbmF0dXJl 303",
    "an API key": "Authorization: Bearer sk_live_51NxSECRETSECRET",
    "Stripe's signature": "stripe-signature: t=1,v1=5257a869e7ecebeda32affa62cdca3fa",
    "a webhook's secret": "POST /webhooks/banks/001?key=s3cr3t-of-the-bank HTTP/1.1",
    "a database's password": "postgresql+psycopg://portal:hunter2hunter2@db/portal",
    "a page's token": "client 0f5b4a0e-9f0d-4f0a-8f39-00ab00cd00ef is gone",
    "a one-time code": "totp: 492039, recovery_code=abcd-efgh-1234",
    "a CPF": "customer 529.982.247-25 not found",
    "a bare CPF": "customer 52998224725, not found",
    "a CNPJ": "11.222.333/0001-81",
    "a bare CNPJ": "tax_id=11222333000181",
    "a NIF": "nif 501964843",
}
HIDDEN: Final = (
    SESSION,
    *("correct horse", "123 456", 'k\\"ey', "eyJ", "sk_live", "5257a869", "s3cr3t", "hunter2"),
    *("9f0d-4f0a", "492039", "abcd-efgh", "529.982", "52998224725", "11.222", "11222333"),
    "501964843",
)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a handler of its own writes of everything, records being made as in the server."""
    stream, before = io.StringIO(), logging.getLogRecordFactory()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("somebody.elses")
    logger.addHandler(handler)
    logging.setLogRecordFactory(logs.MaskedRecord)
    yield stream
    logging.setLogRecordFactory(before)
    logger.removeHandler(handler)


@pytest.mark.parametrize("told", SECRETS.values(), ids=SECRETS.keys())
def test_secrets_are_masked(told: str) -> None:
    shown = masked(told)

    assert MASK in shown
    assert not [hidden for hidden in HIDDEN if hidden in shown]


@pytest.mark.parametrize(
    "told",
    [
        "payment 41: code MONEY_LATE, 10.00 of 347.38",
        "job 123456780 payment.sweep: done in 0.001 s",
        "code='SIGN_IN_FAILED' on /sign-in",
        "nosso_numero 28831470000001001 of 2026-11-24",
        "page uo0bAqzitkXNeu_P0I6iGQ",
    ],
)
def test_what_the_operator_needs_is_left(told: str) -> None:
    assert masked(told) == told


def test_an_exception_is_masked_as_well(written: io.StringIO) -> None:
    logger = logging.getLogger("somebody.elses")
    try:
        _fail(f"bad cookie: portal_session={SESSION}")
    except ValueError:
        logger.exception("failed for %s", "529.982.247-25")

    assert "ValueError" in written.getvalue()
    assert "Traceback" in written.getvalue()
    assert not [hidden for hidden in HIDDEN if hidden in written.getvalue()]


def test_nobody_writes_a_line_of_his_own(written: io.StringIO) -> None:
    logging.getLogger("somebody.elses").warning(
        "from %s", "x\n2026-11-24 INFO payment 1: paid\x1b[2J"
    )

    assert written.getvalue().count("\n") == 1
    assert "\x1b" not in written.getvalue()


def test_a_thread_that_fails_is_told_masked(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("portal_app.logs"), "parent", None)
    handler = logging.getLogger("somebody.elses").handlers[0]
    logging.getLogger("portal_app.logs").addHandler(handler)
    monkeypatch.setattr(threading, "excepthook", logs._thread_failed)

    thread = threading.Thread(target=_fail, args=[f"token={SESSION}"])
    thread.start()
    thread.join()
    logging.getLogger("portal_app.logs").removeHandler(handler)

    assert "a thread failed" in written.getvalue()
    assert SESSION not in written.getvalue()


def _fail(why: str) -> None:
    raise ValueError(why)
