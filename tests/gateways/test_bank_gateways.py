"""What holds for every bank reached by an API, whatever it answers."""

import copy
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from inspect import getmembers_static, signature
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal_app.domain.boleto.gateway import Answer, BankGateway, Report, TitleRef
from portal_app.domain.boleto.order import Order
from portal_app.domain.companies import BankCarteira
from portal_app.domain.errors import (
    BankAccessDenied,
    BankAnswerUnreadable,
    BankUnavailable,
    PortalError,
    Unreachable,
)
from portal_app.gateways.registration.banco_do_brasil import BancoDoBrasil
from portal_app.gateways.registration.inter import Inter
from portal_app.gateways.registration.payload import dumps
from tests.gateways.bank_desk import PIX, barcode_of, call_with
from tests.gateways.bank_server import (
    APP_KEY,
    CLIENT_ID,
    CLIENT_SECRET,
    Answered,
    BankServer,
    Fault,
)
from tests.gateways.titles import BB, DUE, INTER, PAYER, TAX_ID, money, order_at, ref_of

BANKS = [INTER, BB]
REFERENCE = "183e982a-34e5-4bc0-9643-def5432a0bcd"
BARCODE = barcode_of("001", DUE, "129.90", "0" * 25)
NUMBER = "00031285570000000005"

# Titles and calls as the banks tell them, to be spoilt: whatever was asked, its answer is in there.
INTER_TITLE: Any = {
    "codigoSolicitacao": REFERENCE,
    "status": "SUCESSO",
    "title": "Requisição inválida",
    "cobranca": {
        "codigoSolicitacao": REFERENCE,
        "seuNumero": "1841",
        "situacao": "RECEBIDO",
        "dataSituacao": "2026-12-14",
        "dataVencimento": "2026-12-10",
        "valorNominal": money("129.90"),
        "valorTotalRecebido": "132.54",
    },
    "boleto": {"nossoNumero": "90000000000", "codigoBarras": BARCODE, "linhaDigitavel": ""},
    "pix": {"txid": "x" * 30, "pixCopiaECola": PIX},
}
BB_TITLE: Any = {
    "numero": NUMBER,
    "codigoBarraNumerico": BARCODE,
    "qrCode": {"emv": PIX},
    "erros": [{"codigo": "4874915", "mensagem": "Nosso Número já incluído anteriormente."}],
    "codigoEstadoTituloCobranca": 6,
    "codigoTipoBaixaTitulo": 0,
    "numeroTituloCedenteCobranca": "1841",
    "dataVencimentoTituloCobranca": "10.12.2026",
    "valorOriginalTituloCobranca": money("129.90"),
    "textoCodigoBarrasTituloCobranca": BARCODE,
    "valorPagoSacado": money("132.54"),
    "dataRecebimentoTitulo": "14.12.2026",
    "dataCreditoLiquidacao": "15.12.2026",
    "valorMultaRecebido": money("2.60"),
}
INTER_CALL: Any = {
    "codigoSolicitacao": REFERENCE,
    "seuNumero": "1841",
    "situacao": "RECEBIDO",
    "dataHoraSituacao": "2026-12-14T13:45:00-03:00",
    "valorNominal": "129.90",
    "valorTotalRecebido": "132.54",
    "nossoNumero": "90000000000",
    "codigoBarras": BARCODE,
}
BB_CALL: Any = {
    "id": NUMBER,
    "dataVencimento": "10.12.2026",
    "valorOriginal": money("129.90"),
    "valorPagoSacado": money("132.54"),
    "codigoEstadoBaixaOperacional": 1,
    "dataLiquidacao": "14/12/2026 16:29:30",
}
TITLES = {INTER.bank: INTER_TITLE, BB.bank: BB_TITLE}
CALLS = {INTER.bank: INTER_CALL, BB.bank: BB_CALL}

# Small words that mean something to one bank or the other, and anything JSON can say.
WORDS = st.sampled_from(
    ["", "0", "7", "-1", "1.234", "EXPIRADO", "A_RECEBER", "31.02.2026", BARCODE]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text() | WORDS, inner, max_size=3)
    ),
    max_leaves=8,
)
STATUSES = st.sampled_from([200, 200, 200, 201, 202, 204, 302, 400, 404, 409, 422, 418])


@pytest.fixture
def gateways(inter_gateway: Inter, bb_gateway: BancoDoBrasil) -> dict[str, BankGateway]:
    return {INTER.bank: inter_gateway, BB.bank: bb_gateway}


@pytest.mark.parametrize("kind", [Inter, BancoDoBrasil])
def test_each_is_a_bank_gateway(kind: type) -> None:
    asked = {name: part for name, part in getmembers_static(BankGateway) if name[0] != "_"}

    for name, part in asked.items():
        ours = getattr(kind, name)
        if callable(part):
            assert _kinds_of(ours) == _kinds_of(part), name


@pytest.mark.parametrize("carteira", BANKS, ids=lambda carteira: carteira.bank)
@pytest.mark.parametrize(
    ("fault", "refusal", "found"),
    [
        (Fault.BUSY, BankUnavailable, False),
        (Fault.BROKEN, BankUnavailable, False),
        (Fault.DROP_BEFORE, BankUnavailable, False),
        (Fault.DROP_AFTER, BankUnavailable, True),
        (Fault.CUT, BankUnavailable, False),
        (Fault.FORBIDDEN, BankAccessDenied, False),
        (Fault.RUBBISH, BankAnswerUnreadable, False),
        (Fault.TRUNCATED, BankAnswerUnreadable, False),
        (Fault.EMPTY, BankAnswerUnreadable, False),
        (Fault.HUGE, BankAnswerUnreadable, False),
        (Fault.REDIRECT, BankAnswerUnreadable, False),
    ],
)
def test_after_any_fault_the_bank_is_asked_what_became_of_a_title(
    bank_server: BankServer,
    gateways: dict[str, BankGateway],
    carteira: BankCarteira,
    fault: Fault,
    refusal: type[Unreachable],
    found: bool,
) -> None:
    gateway, order = gateways[carteira.bank], order_at(carteira)
    bank_server.fail(fault)
    with pytest.raises(Unreachable) as refused:
        gateway.register(order)

    answer = gateway.query(ref_of(order)).answer

    assert type(refused.value) is refusal
    assert (answer is not Answer.UNKNOWN) is found


@pytest.mark.parametrize("carteira", BANKS, ids=lambda carteira: carteira.bank)
def test_no_secret_nor_anybodys_name_is_logged_or_shown(
    bank_server: BankServer,
    gateways: dict[str, BankGateway],
    carteira: BankCarteira,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gateway, order = gateways[carteira.bank], order_at(carteira)
    shown = [repr(gateway)]
    with caplog.at_level(logging.DEBUG):
        ref = ref_of(order, gateway.register(order).bank_ref)
        for fault in (Fault.BUSY, Fault.RUBBISH, Fault.DROP_AFTER, Fault.FORBIDDEN):
            bank_server.fail(fault)
            with pytest.raises(Unreachable) as refused:
                gateway.query(ref)
            shown += [str(refused.value), repr(refused.value.__cause__)]

    logged = "\n".join([record.getMessage() for record in caplog.records] + shown)
    tokens = {call.headers["Authorization"] for call in bank_server.made("GET", ref.bank_ref)}
    secrets = {CLIENT_ID, CLIENT_SECRET, APP_KEY, TAX_ID, PAYER.name}
    secrets |= {token.removeprefix("Bearer ") for token in tokens}
    assert f"bank {carteira.bank}: unavailable, 429" in logged
    assert not [secret for secret in secrets if secret in logged]


@pytest.mark.parametrize("carteira", BANKS, ids=lambda carteira: carteira.bank)
def test_whatever_a_bank_answers_is_a_report_or_a_refusal(
    bank_server: BankServer, gateways: dict[str, BankGateway], carteira: BankCarteira
) -> None:
    gateway, order = gateways[carteira.bank], order_at(carteira)

    ref = ref_of(order, gateway.register(order).bank_ref)

    @_often
    @given(
        st.sampled_from(_asked(gateway, order, ref)),
        st.integers(0, 1),
        _spoilt(TITLES[carteira.bank]),
        STATUSES,
    )
    def whatever(ask: Callable[[], Report], good: int, body: bytes, status: int) -> None:
        bank_server.mend()
        bank_server.fail(*[None] * good, Answered(body, status))
        with suppress(PortalError):
            assert isinstance(ask(), Report)

    whatever()


@pytest.mark.parametrize("carteira", BANKS, ids=lambda carteira: carteira.bank)
def test_whatever_a_bank_calls_in_with_is_read_or_refused(
    gateways: dict[str, BankGateway], carteira: BankCarteira
) -> None:
    gateway = gateways[carteira.bank]

    @_often
    @given(_spoilt([CALLS[carteira.bank]] * 2))
    def whatever(body: bytes) -> None:
        with suppress(PortalError):
            assert all(event.bank == carteira.bank for event in gateway.parse_events(body, {}))

    whatever()


@pytest.mark.parametrize("carteira", BANKS, ids=lambda carteira: carteira.bank)
def test_what_is_spoilt_above_is_understood_when_it_is_not(
    bank_server: BankServer, gateways: dict[str, BankGateway], carteira: BankCarteira
) -> None:
    gateway, order = gateways[carteira.bank], order_at(carteira)
    bank_server.fail(Answered(dumps(TITLES[carteira.bank]).encode()))

    report = gateway.query(ref_of(order, REFERENCE))
    (event,) = gateway.parse_events(call_with(CALLS[carteira.bank]), {})

    assert report.event is not None
    assert report.event.key == event.key


def _often(test: Callable[[], None]) -> Callable[[], None]:
    return settings(max_examples=150, deadline=None)(test)


def _kinds_of(function: Callable[..., object]) -> list[Any]:
    return [parameter.kind for parameter in signature(function).parameters.values()]


def _asked(gateway: BankGateway, order: Order, ref: TitleRef) -> list[Callable[[], Report]]:
    return [
        lambda: gateway.register(order),
        lambda: gateway.query(ref),
        lambda: gateway.cancel(ref),
        lambda: gateway.amend(ref, DUE + timedelta(days=5)),
    ]


def _spoilt(good: Any) -> st.SearchStrategy[bytes]:
    """Bytes of any kind, any JSON, or `good` with one member that is something else."""
    places = st.sampled_from(list(_places(good)))
    spoilt = st.tuples(places, JSON).map(lambda change: _with(good, *change))
    return st.binary(max_size=80) | JSON.map(json.dumps).map(str.encode) | spoilt


def _places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for step, inner in _members(value):
        yield (*above, step)
        yield from _places(inner, (*above, step))


def _members(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _with(good: Any, place: tuple[Any, ...], instead: Any) -> bytes:
    changed = copy.deepcopy(good)
    inner = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = instead
    return dumps(changed).encode()
