"""Banco do Brasil: a title stands at once; told twice it stays one title."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from portal_app.domain.boleto.barcode import parts_of
from portal_app.domain.boleto.events import BankEvent, EventKind
from portal_app.domain.boleto.gateway import Answer, Problem, Report
from portal_app.domain.boleto.order import Discount, Late
from portal_app.domain.errors import (
    BankAccessDenied,
    BankAnswerUnreadable,
    BankUnavailable,
    InvalidField,
    InvalidInput,
)
from portal_app.domain.money import Money
from portal_app.gateways import clock
from portal_app.gateways.registration.banco_do_brasil import BancoDoBrasil
from portal_app.settings import settings
from tests.gateways.bank_desk import PIX, call_with
from tests.gateways.bank_server import APP_KEY, BankServer, Fault, answered
from tests.gateways.titles import BB, DUE, NOON, PAYER, TAX_ID, money, order_at, ref_of

ORDER = order_at(BB)
REF = ref_of(ORDER)
NUMBER = "00031285570000000005"
BOLETOS = "/bb/cobrancas/v2/boletos"
PAID_ON = date(2026, 12, 14)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.fixed_at(NOON):
        yield


def test_a_title_stands_at_once(bank_server: BankServer, bb_gateway: BancoDoBrasil) -> None:
    report = bb_gateway.register(ORDER)

    held = bank_server.bb.titles[NUMBER]
    assert report == Report(
        answer=Answer.REGISTERED,
        bank_ref=NUMBER,
        nosso_numero=ORDER.nosso_numero,
        barcode=held.barcode,
        pix=PIX,
    )
    assert parts_of(report.barcode).cents == ORDER.amount.cents


def test_the_bank_is_told_what_it_asks_for_and_no_more(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    less = Discount(DUE - timedelta(days=5), money("6.50"))
    order = replace(ORDER, instructions=("Não receber em cheque.",), discount=less)

    bb_gateway.register(order)

    (call,) = bank_server.made("POST", BOLETOS)
    assert call.query == {"gw-dev-app-key": APP_KEY}
    assert json.loads(call.body) == {
        "numeroConvenio": 3128557,
        "numeroCarteira": 17,
        "numeroVariacaoCarteira": 35,
        "codigoModalidade": 1,
        "dataEmissao": "24.11.2026",
        "dataVencimento": "10.12.2026",
        "valorOriginal": 129.90,
        "indicadorAceiteTituloVencido": "S",
        "numeroDiasLimiteRecebimento": 60,
        "codigoAceite": "N",
        "codigoTipoTitulo": 2,
        "indicadorPermissaoRecebimentoParcial": "N",
        "numeroTituloBeneficiario": "1841",
        "numeroTituloCliente": NUMBER,
        "desconto": {"tipo": 1, "dataExpiracao": "05.12.2026", "valor": 6.50},
        "jurosMora": {"tipo": 2, "porcentagem": 1.00},
        "multa": {"tipo": 2, "data": "11.12.2026", "porcentagem": 2.00},
        "pagador": {
            "tipoInscricao": 1,
            "numeroInscricao": int(TAX_ID),
            "nome": PAYER.name,
            "endereco": "Rua do Sol, 12",
            "cep": 1310100,
            "cidade": "Recife",
            "bairro": "Boa Vista",
            "uf": "PE",
        },
        "indicadorPix": "S",
    }


@pytest.mark.parametrize("amount", ["0.07", "1234567.89", "99999999.99"])
def test_an_awkward_amount_is_told_and_heard_to_the_cent(
    bank_server: BankServer, bb_gateway: BancoDoBrasil, amount: str
) -> None:
    order = order_at(BB, amount)

    bb_gateway.register(order)
    bank_server.bb.pay(NUMBER, amount, PAID_ON)
    event = bb_gateway.query(ref_of(order)).event

    assert bank_server.bb.titles[NUMBER].told["valorOriginal"] == amount
    assert event is not None
    assert (event.face, event.paid, event.net) == (money(amount),) * 3


@pytest.mark.parametrize(
    ("late", "fine", "interest"),
    [
        (Late.none("BRL"), {"tipo": 0}, {"tipo": 0}),
        (
            Late(money("2.60"), None, money("0.04"), None),
            {"tipo": 1, "data": "11.12.2026", "valor": 2.60},
            {"tipo": 1, "valor": 0.04},
        ),
    ],
)
def test_late_charges_are_told_even_where_there_are_none(
    bank_server: BankServer, bb_gateway: BancoDoBrasil, late: Late, fine: object, interest: object
) -> None:
    bb_gateway.register(replace(ORDER, late=late, write_off_days=0, wants_pix=False))

    told = json.loads(bank_server.made("POST", BOLETOS)[0].body)
    assert (told["multa"], told["jurosMora"], told["desconto"]) == (fine, interest, {"tipo": 0})
    assert (told["indicadorAceiteTituloVencido"], told["indicadorPix"]) == ("N", "N")


def test_a_title_told_twice_stays_one(bank_server: BankServer, bb_gateway: BancoDoBrasil) -> None:
    first, second = bb_gateway.register(ORDER), bb_gateway.register(ORDER)

    assert first == second
    assert len(bank_server.bb.titles) == 1


def test_a_title_told_twice_and_paid_between_is_paid(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    bb_gateway.register(ORDER)
    bank_server.bb.pay(NUMBER, "129.90", PAID_ON)

    assert bb_gateway.register(ORDER).answer is Answer.PAID


def test_a_refused_title_says_why(bank_server: BankServer, bb_gateway: BancoDoBrasil) -> None:
    bank_server.bb.refusals.append("CEP do sacado não existe.")

    report = bb_gateway.register(ORDER)

    assert report.answer is Answer.REJECTED
    assert report.reasons == ("4432632 CEP do sacado não existe.",)
    assert bb_gateway.query(REF).answer is Answer.UNKNOWN


def test_a_number_the_bank_knows_but_does_not_show_is_refused(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    error = {"code": "4874915.1", "message": "Nosso Número já incluído anteriormente."}
    bank_server.fail(answered({"errors": [error]}, 400))

    report = bb_gateway.register(ORDER)

    assert report.answer is Answer.REJECTED
    assert report.reasons == ("4874915.1 Nosso Número já incluído anteriormente.",)


def test_after_a_line_that_broke_the_title_is_found_and_never_told_again(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    bank_server.fail(Fault.DROP_AFTER)
    with pytest.raises(BankUnavailable):
        bb_gateway.register(ORDER)

    report = bb_gateway.query(REF)

    assert (report.answer, report.bank_ref, report.pix) == (Answer.REGISTERED, NUMBER, PIX)
    assert report.barcode == bank_server.bb.titles[NUMBER].barcode
    assert len(bank_server.made("POST", BOLETOS)) == 1


def test_a_title_that_never_arrived_is_unknown(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    bank_server.fail(Fault.DROP_BEFORE)
    with pytest.raises(BankUnavailable):
        bb_gateway.register(ORDER)

    assert bb_gateway.query(REF).answer is Answer.UNKNOWN


@pytest.mark.parametrize("wanted", [True, False])
def test_a_title_without_pix_stands_without_it(bb_gateway: BancoDoBrasil, wanted: bool) -> None:
    gateway = replace(bb_gateway, carteira=replace(BB, wants_pix=wanted))
    gateway.register(replace(ORDER, wants_pix=False))

    report = gateway.query(REF)

    assert (report.answer, report.pix) == (Answer.REGISTERED, "")


@pytest.mark.parametrize(
    ("state", "ended_by", "answer", "reasons"),
    [
        ("02", 0, Answer.REGISTERED, ()),
        ("3", 0, Answer.REGISTERED, ()),
        ("4", 0, Answer.REGISTERED, ()),
        ("8", 0, Answer.REGISTERED, ()),
        ("21", 0, Answer.REGISTERED, ()),
        ("80", 0, Answer.PENDING, ()),
        ("7", 11, Answer.CANCELLED, ("7 11",)),
        ("7", 12, Answer.EXPIRED, ("7 12",)),
        ("7", 13, Answer.EXPIRED, ("7 13",)),
        ("9", 0, Answer.EXPIRED, ("9",)),
    ],
)
def test_what_the_bank_calls_a_title_has_one_meaning(
    bank_server: BankServer,
    bb_gateway: BancoDoBrasil,
    state: str,
    ended_by: int,
    answer: Answer,
    reasons: tuple[str, ...],
) -> None:
    bb_gateway.register(ORDER)
    bank_server.bb.titles[NUMBER].state = state
    bank_server.bb.extras[NUMBER].ended_by = ended_by

    report = bb_gateway.query(REF)

    assert (report.answer, report.reasons) == (answer, reasons)
    assert report.event is None


def test_money_that_came_says_what_of_it_was_charged_and_left_off(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    bb_gateway.register(ORDER)
    bank_server.bb.pay(
        NUMBER,
        "130.54",
        PAID_ON,
        credited_on=PAID_ON + timedelta(days=1),
        valorJuroMoraRecebido="0.04",
        valorMultaRecebido="2.60",
        valorDescontoUtilizado="1.00",
        valorAbatimentoTotal="1.00",
        valorCreditoCedente="128.10",
    )

    report = bb_gateway.query(REF)

    assert report.answer is Answer.PAID
    assert report.event == BankEvent(
        kind=EventKind.PAID,
        bank="001",
        agreement="3128557",
        nosso_numero=ORDER.nosso_numero,
        movement="6",
        seu_numero="1841",
        bank_ref=NUMBER,
        occurred_on=PAID_ON,
        credited_on=PAID_ON + timedelta(days=1),
        due=DUE,
        face=money("129.90"),
        paid=money("130.54"),
        net=money("128.10"),
        charges=money("2.64"),
        discount=money("2.00"),
    )


def test_money_is_the_same_by_call_and_when_asked(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    bb_gateway.register(ORDER)
    bank_server.bb.pay(NUMBER, "132.54", PAID_ON)

    asked = bb_gateway.query(REF).event
    (called,) = bb_gateway.parse_events(call_with(bank_server.bb.call_of(NUMBER)), {})

    assert asked is not None
    assert called.paid == money("132.54")
    assert called.key == asked.key


def test_calls_may_be_repeated_and_come_in_any_order(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    bb_gateway.register(ORDER)
    bank_server.bb.pay(NUMBER, "129.90", PAID_ON)
    paid, taken_back = (bank_server.bb.call_of(NUMBER, state) for state in (1, 10))

    events = bb_gateway.parse_events(call_with(taken_back, paid, paid), {})

    kinds = [event.kind for event in events]
    assert kinds == [EventKind.REVERSED, EventKind.PAID, EventKind.PAID]
    assert len({event.key for event in events}) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "31285570000000005"},
        {"id": None},
        {"codigoEstadoBaixaOperacional": None},
        {"dataLiquidacao": ""},
        {"dataLiquidacao": "2026-12-14"},
        {"dataLiquidacao": "31/02/2026"},
        {"valorPagoSacado": 0},
        {"valorPagoSacado": "1.234"},
        {"valorPagoSacado": -1},
    ],
)
def test_a_call_that_cannot_be_is_refused(
    bank_server: BankServer, bb_gateway: BancoDoBrasil, changed: dict[str, Any]
) -> None:
    bb_gateway.register(ORDER)
    bank_server.bb.pay(NUMBER, "129.90", PAID_ON)
    told = bank_server.bb.call_of(NUMBER) | changed

    with pytest.raises(InvalidInput):
        bb_gateway.parse_events(call_with(told), {})


def test_a_title_is_withdrawn_once_and_again(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    bb_gateway.register(ORDER)

    answers = [bb_gateway.cancel(REF).answer for _ in range(2)]

    assert answers == [Answer.CANCELLED, Answer.CANCELLED]
    assert len(bank_server.made("POST", "/baixar")) == 1


def test_what_was_paid_is_neither_withdrawn_nor_moved(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    bb_gateway.register(ORDER)
    bank_server.bb.pay(NUMBER, "129.90", PAID_ON)

    answers = [bb_gateway.cancel(REF).answer, bb_gateway.amend(REF, DUE).answer]

    assert answers == [Answer.PAID, Answer.PAID]
    assert not bank_server.made("POST", "/baixar")
    assert not bank_server.made("PATCH", NUMBER)


def test_what_the_bank_does_not_know_can_be_neither_withdrawn_nor_moved(
    bb_gateway: BancoDoBrasil,
) -> None:
    assert bb_gateway.cancel(REF).answer is Answer.UNKNOWN
    assert bb_gateway.amend(REF, DUE).answer is Answer.UNKNOWN


def test_an_instruction_to_a_title_in_its_first_half_hour_waits(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    bb_gateway.register(ORDER)
    bank_server.bb.extras[NUMBER].young = True

    with pytest.raises(BankUnavailable) as cancelled:
        bb_gateway.cancel(REF)
    with pytest.raises(BankUnavailable) as amended:
        bb_gateway.amend(REF, DUE + timedelta(days=1))

    waits = [refused.value.details["retry_after"] for refused in (cancelled, amended)]
    assert waits == [1800, 1800]


def test_an_instruction_that_was_refused_says_why(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    bb_gateway.register(ORDER)
    bank_server.bb.refusals.append("Título em cartório.")

    report = bb_gateway.cancel(REF)

    assert report.answer is Answer.REJECTED
    assert report.reasons == ("4125718 Título em cartório.",)
    assert bb_gateway.query(REF).answer is Answer.REGISTERED


def test_a_due_date_takes_its_fine_along(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    bb_gateway.register(ORDER)
    later = DUE + timedelta(days=10)

    answers = [bb_gateway.amend(REF, later).answer for _ in range(2)]

    assert answers == [Answer.AMENDED, Answer.AMENDED]
    assert bank_server.bb.titles[NUMBER].due == later
    assert bank_server.bb.extras[NUMBER].fine_from == "21.12.2026"
    moved, fined = [call.told() for call in bank_server.made("PATCH", NUMBER)]
    assert moved["alteracaoData"] == {"novaDataVencimento": "20.12.2026"}
    assert fined["multa"] == {
        "tipoMulta": 2,
        "valorMulta": 0,
        "taxaMulta": "2.00",
        "dataInicioMulta": "21.12.2026",
    }


def test_a_change_that_stopped_half_way_is_finished_when_asked_again(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    bb_gateway.register(ORDER)
    later = DUE + timedelta(days=10)
    bank_server.fail(None, None, Fault.DROP_BEFORE)
    with pytest.raises(BankUnavailable):
        bb_gateway.amend(REF, later)

    assert bb_gateway.amend(REF, later).answer is Answer.AMENDED
    assert bank_server.bb.extras[NUMBER].fine_from == "21.12.2026"
    assert len(bank_server.made("PATCH", NUMBER)) == 3


def test_a_title_without_a_fine_only_moves(
    bank_server: BankServer, bb_gateway: BancoDoBrasil
) -> None:
    bb_gateway.register(replace(ORDER, late=Late.none("BRL")))

    bb_gateway.amend(REF, DUE + timedelta(days=10))

    assert len(bank_server.made("PATCH", NUMBER)) == 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"nosso_numero": ""}, Problem("nosso_numero", "FIELD_INVALID")),
        ({"nosso_numero": "31285580000000005"}, Problem("nosso_numero", "FIELD_INVALID")),
        ({"especie_doc": "XX"}, Problem("especie_doc", "FIELD_INVALID")),
        ({"payer": replace(PAYER, name="n" * 61)}, Problem("name", "FIELD_TOO_LONG")),
        ({"payer": replace(PAYER, city="c" * 31)}, Problem("city", "FIELD_TOO_LONG")),
        (
            {"payer": replace(PAYER, tax_id="".join(("12ABC", "34501", "DE35")))},
            Problem("tax_id", "FIELD_NOT_NUMERIC"),
        ),
        ({"title": replace(ORDER.title, seu_numero="a/b")}, Problem("seu_numero", "FIELD_INVALID")),
        ({"title": replace(ORDER.title, carteira="")}, Problem("carteira", "FIELD_MISSING")),
        ({"title": replace(ORDER.title, variacao="")}, Problem("variacao", "FIELD_MISSING")),
        ({"title": replace(ORDER.title, variacao="x")}, Problem("variacao", "FIELD_NOT_NUMERIC")),
        (
            {"title": replace(ORDER.title, amount=Money(0, "BRL"))},
            Problem("amount", "AMOUNT_INVALID"),
        ),
    ],
)
def test_what_the_bank_would_refuse_is_found_before_and_not_told(
    bank_server: BankServer, bb_gateway: BancoDoBrasil, changes: dict[str, Any], problem: Problem
) -> None:
    order = replace(ORDER, **changes)

    report = bb_gateway.register(order)

    assert problem in bb_gateway.validate(order)
    assert report.answer is Answer.REJECTED
    assert f"{problem.field}: {problem.code}" in report.reasons
    assert not bank_server.calls


def test_an_ordinary_title_has_no_problem(bb_gateway: BancoDoBrasil) -> None:
    assert not bb_gateway.validate(ORDER)


def test_a_convenio_of_another_length_is_not_ours(bb_gateway: BancoDoBrasil) -> None:
    order = replace(ORDER, title=replace(ORDER.title, convenio="123456"))

    assert Problem("convenio", "FIELD_INVALID") in bb_gateway.validate(order)


@pytest.mark.parametrize("number", ["", "12345", "3128557000000000X"])
def test_a_number_the_bank_cannot_have_is_refused(bb_gateway: BancoDoBrasil, number: str) -> None:
    ref = replace(REF, nosso_numero=number)

    with pytest.raises(InvalidField):
        bb_gateway.query(ref)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {}),
        (400, {"erros": "x"}),
        (422, []),
        (404, {}),
        (201, {}),
        (201, None),
        (201, {"numero": "00031285570000000006"}),
        (201, {"numero": NUMBER}),
        (201, {"numero": NUMBER, "codigoBarraNumerico": "1" * 44}),
        (418, {}),
    ],
)
def test_an_answer_to_a_new_title_that_says_nothing_is_unreadable(
    bank_server: BankServer, bb_gateway: BancoDoBrasil, status: int, body: object
) -> None:
    bank_server.fail(answered(body, status))

    with pytest.raises(BankAnswerUnreadable):
        bb_gateway.register(ORDER)


@pytest.mark.parametrize(
    "changed",
    [
        {"codigoEstadoTituloCobranca": 99},
        {"codigoEstadoTituloCobranca": None},
        {"codigoEstadoTituloCobranca": 1, "textoCodigoBarrasTituloCobranca": ""},
        {"codigoEstadoTituloCobranca": 6, "valorPagoSacado": 0},
        {"codigoEstadoTituloCobranca": 6, "valorPagoSacado": 1, "dataRecebimentoTitulo": ""},
    ],
)
def test_a_title_that_cannot_be_is_unreadable(
    bank_server: BankServer, bb_gateway: BancoDoBrasil, changed: dict[str, Any]
) -> None:
    bank_server.fail(answered(changed))

    with pytest.raises(BankAnswerUnreadable):
        bb_gateway.query(REF)


def test_without_the_app_key_there_is_no_gateway(bank_server: BankServer) -> None:
    bank_server.credentials(settings().bank_credentials, "bb", app_key="")

    with pytest.raises(BankAccessDenied) as refused:
        BancoDoBrasil.of(BB)

    assert refused.value.details["field"] == "app_key"


def test_a_gateway_is_made_of_the_credentials_its_carteira_names(bank_server: BankServer) -> None:
    bank_server.credentials(settings().bank_credentials, "bb2")
    gateway = BancoDoBrasil.of(replace(BB, credentials="bb2"))

    report = gateway.register(ORDER)
    gateway.client.close()

    assert report.answer is Answer.REGISTERED
