"""Banco Inter: taken at once, ready later; told twice it stays one title."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal_app.domain.boleto.barcode import parts_of
from portal_app.domain.boleto.events import BankEvent, EventKind
from portal_app.domain.boleto.gateway import Answer, Problem
from portal_app.domain.boleto.order import Discount, Late
from portal_app.domain.errors import (
    BankAccessDenied,
    BankAnswerUnreadable,
    BankUnavailable,
    InvalidInput,
)
from portal_app.domain.money import Money
from portal_app.gateways.registration.inter import Inter
from portal_app.settings import settings
from tests.gateways.bank_desk import PIX, call_with
from tests.gateways.bank_server import BankServer, Fault, answered
from tests.gateways.titles import DUE, INTER, PAYER, TAX_ID, TODAY, money, order_at, ref_of

ORDER = order_at(INTER)
COBRANCAS = "/inter/cobranca/v3/cobrancas"


def registered(gateway: Inter) -> str:
    """The bank's reference of a title that stands."""
    bank_ref = gateway.register(ORDER).bank_ref
    gateway.query(ref_of(ORDER, bank_ref))
    assert gateway.query(ref_of(ORDER, bank_ref)).answer is Answer.REGISTERED
    return bank_ref


def test_a_title_is_taken_at_once_and_ready_after_some_looks(
    bank_server: BankServer, inter_gateway: Inter
) -> None:
    bank_server.inter.polls_until_ready = 2

    taken = inter_gateway.register(ORDER)
    looks = [inter_gateway.query(ref_of(ORDER, taken.bank_ref)) for _ in range(3)]

    assert taken.answer is Answer.PENDING
    assert taken.bank_ref == bank_server.inter.titles["1841"].ref
    assert [look.answer for look in looks] == [Answer.PENDING, Answer.PENDING, Answer.REGISTERED]
    assert (looks[2].nosso_numero, looks[2].pix) == ("90000000000", PIX)
    assert parts_of(looks[2].barcode).cents == ORDER.amount.cents


def test_the_bank_is_told_what_it_asks_for_and_no_more(
    bank_server: BankServer, inter_gateway: Inter
) -> None:
    order = replace(
        ORDER,
        instructions=("Ref. FT 2026/1841", f"{'Não receber em cheque. ' * 4}Dúvidas: financeiro"),
        discount=Discount(DUE - timedelta(days=5), money("6.50")),
    )

    inter_gateway.register(order)

    (call,) = bank_server.made("POST", COBRANCAS)
    assert json.loads(call.body) == {
        "seuNumero": "1841",
        "valorNominal": 129.90,
        "dataVencimento": "2026-12-10",
        "numDiasAgenda": 60,
        "pagador": {
            "cpfCnpj": TAX_ID,
            "tipoPessoa": "FISICA",
            "nome": PAYER.name,
            "endereco": "Rua do Sol, 12",
            "bairro": "Boa Vista",
            "cidade": "Recife",
            "uf": "PE",
            "cep": "01310100",
        },
        "desconto": {"codigo": "VALORFIXODATAINFORMADA", "quantidadeDias": 5, "valor": 6.50},
        "multa": {"codigo": "PERCENTUAL", "taxa": 2.00},
        "mora": {"codigo": "TAXAMENSAL", "taxa": 1.00},
        "mensagem": {
            "linha1": "Ref. FT 2026/1841",
            "linha2": "Não receber em cheque. Não receber em cheque. Não receber em cheque. Não",
            "linha3": "receber em cheque. Dúvidas: financeiro",
        },
        "formasRecebimento": ["BOLETO", "PIX"],
    }


@pytest.mark.parametrize("amount", ["2.50", "1234567.89", "99999999.99"])
def test_an_awkward_amount_is_told_to_the_cent(
    bank_server: BankServer, inter_gateway: Inter, amount: str
) -> None:
    inter_gateway.register(order_at(INTER, amount))

    assert bank_server.inter.titles["1841"].told["valorNominal"] == amount


@pytest.mark.parametrize(
    ("late", "fine", "interest"),
    [
        (Late.none("BRL"), None, None),
        (
            Late(money("2.60"), None, money("0.04"), None),
            {"codigo": "VALORFIXO", "valor": 2.60},
            {"codigo": "VALORDIA", "valor": 0.04},
        ),
        (
            # The bank would round such rates.
            Late(money("2.60"), Decimal("0.020001"), money("0.04"), Decimal("0.00033")),
            {"codigo": "VALORFIXO", "valor": 2.60},
            {"codigo": "VALORDIA", "valor": 0.04},
        ),
    ],
)
def test_late_charges_are_told_as_the_bank_takes_them(
    bank_server: BankServer, inter_gateway: Inter, late: Late, fine: object, interest: object
) -> None:
    inter_gateway.register(replace(ORDER, late=late, wants_pix=False))

    told = json.loads(bank_server.made("POST", COBRANCAS)[0].body)
    assert (told.get("multa"), told.get("mora")) == (fine, interest)
    assert told["formasRecebimento"] == ["BOLETO"]


def test_a_title_told_twice_stays_one(bank_server: BankServer, inter_gateway: Inter) -> None:
    first, second = inter_gateway.register(ORDER), inter_gateway.register(ORDER)

    assert first == second
    assert len(bank_server.inter.titles) == 1


def test_a_refused_title_says_why_and_repeats_nothing_of_ours(
    bank_server: BankServer, inter_gateway: Inter
) -> None:
    bank_server.inter.refusals.append("CEP não existe")

    report = inter_gateway.register(ORDER)

    assert (report.answer, report.reasons) == (Answer.REJECTED, ("pagador.cep CEP não existe",))


def test_after_a_line_that_broke_the_title_is_found_and_never_told_again(
    bank_server: BankServer, inter_gateway: Inter
) -> None:
    bank_server.fail(Fault.DROP_AFTER)
    with pytest.raises(BankUnavailable):
        inter_gateway.register(ORDER)

    looks = [inter_gateway.query(ref_of(ORDER)) for _ in range(2)]

    assert [look.answer for look in looks] == [Answer.PENDING, Answer.REGISTERED]
    assert looks[1].bank_ref == bank_server.inter.titles["1841"].ref
    assert len(bank_server.made("POST", COBRANCAS)) == 1


def test_a_title_that_never_arrived_is_unknown(
    bank_server: BankServer, inter_gateway: Inter
) -> None:
    bank_server.fail(Fault.DROP_BEFORE)
    with pytest.raises(BankUnavailable):
        inter_gateway.register(ORDER)
    other = replace(ORDER, title=replace(ORDER.title, seu_numero="18415"))
    inter_gateway.register(other)

    assert inter_gateway.query(ref_of(ORDER)).answer is Answer.UNKNOWN


def test_a_reference_the_bank_lost_is_looked_for_by_our_number(inter_gateway: Inter) -> None:
    bank_ref = registered(inter_gateway)

    report = inter_gateway.query(ref_of(ORDER, bank_ref[::-1]))

    assert (report.answer, report.bank_ref) == (Answer.REGISTERED, bank_ref)


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        ("ATRASADO", Answer.REGISTERED),
        ("PROTESTO", Answer.REGISTERED),
        ("CANCELADO", Answer.CANCELLED),
        ("MARCADO_RECEBIDO", Answer.CANCELLED),
        ("EXPIRADO", Answer.EXPIRED),
        ("FALHA_EMISSAO", Answer.REJECTED),
    ],
)
def test_what_the_bank_calls_a_title_has_one_meaning(
    bank_server: BankServer, inter_gateway: Inter, state: str, answer: Answer
) -> None:
    bank_ref = registered(inter_gateway)
    bank_server.inter.titles["1841"].state = state

    report = inter_gateway.query(ref_of(ORDER, bank_ref))

    assert report.answer is answer
    assert report.event is None
    assert report.reasons == (() if answer is Answer.REGISTERED else (state,))


def test_money_that_came_is_reported_alike_by_call_and_when_asked(
    bank_server: BankServer, inter_gateway: Inter
) -> None:
    bank_ref = registered(inter_gateway)
    bank_server.inter.pay("1841", "132.54", date(2026, 12, 14))

    report = inter_gateway.query(ref_of(ORDER, bank_ref))
    (called,) = inter_gateway.parse_events(call_with(bank_server.inter.call_of("1841")), {})

    assert report.answer is Answer.PAID
    assert report.event is not None
    assert report.event == BankEvent(
        kind=EventKind.PAID,
        bank="077",
        agreement="1/53837522",
        nosso_numero="90000000000",
        movement="RECEBIDO",
        seu_numero="1841",
        bank_ref=bank_ref,
        occurred_on=date(2026, 12, 14),
        due=DUE,
        face=money("129.90"),
        paid=money("132.54"),
    )
    assert called.paid == money("132.54")
    assert called.key == report.event.key


def test_calls_may_be_repeated_and_come_in_any_order(
    bank_server: BankServer, inter_gateway: Inter
) -> None:
    registered(inter_gateway)
    ready = bank_server.inter.call_of("1841")
    bank_server.inter.pay("1841", "129.90", TODAY)
    paid = bank_server.inter.call_of("1841")

    events = inter_gateway.parse_events(call_with(paid, ready, paid), {})

    assert [event.kind for event in events] == [
        EventKind.PAID,
        EventKind.REGISTERED,
        EventKind.PAID,
    ]
    assert len({event.key for event in events}) == 2


def test_a_state_that_is_new_to_us_drops_no_other_title_of_its_call(
    bank_server: BankServer, inter_gateway: Inter
) -> None:
    bank_ref = registered(inter_gateway)
    bank_server.inter.pay("1841", "129.90", TODAY)
    paid = bank_server.inter.call_of("1841")

    events = inter_gateway.parse_events(call_with(paid | {"situacao": "EM_DISPUTA"}, paid), {})

    assert [(event.kind, event.movement) for event in events] == [
        (EventKind.NOTED, "EM_DISPUTA"),
        (EventKind.PAID, "RECEBIDO"),
    ]
    assert {event.bank_ref for event in events} == {bank_ref}


def test_a_payment_after_midnight_in_greenwich_is_still_of_the_day_before_in_brazil(
    bank_server: BankServer, inter_gateway: Inter
) -> None:
    registered(inter_gateway)
    bank_server.inter.pay("1841", "129.90", TODAY)

    told = bank_server.inter.call_of("1841", at="2026-11-25T01:10:00Z")

    assert inter_gateway.parse_events(call_with(told), {})[0].occurred_on == TODAY


@pytest.mark.parametrize(
    "changed",
    [
        {"situacao": None},
        {"valorTotalRecebido": "0.00"},
        {"valorTotalRecebido": "1.234"},
        {"codigoSolicitacao": "../../saldo"},
        {"dataHoraSituacao": None},
        {"nossoNumero": ""},
        {"nossoNumero": "9" * 30},
    ],
)
def test_a_call_that_cannot_be_is_refused(
    bank_server: BankServer, inter_gateway: Inter, changed: dict[str, Any]
) -> None:
    registered(inter_gateway)
    bank_server.inter.pay("1841", "129.90", TODAY)
    told = bank_server.inter.call_of("1841") | changed

    with pytest.raises(InvalidInput):
        inter_gateway.parse_events(call_with(told), {})


def test_a_title_is_withdrawn_once_and_again(bank_server: BankServer, inter_gateway: Inter) -> None:
    ref = ref_of(ORDER, registered(inter_gateway))

    reports = [inter_gateway.cancel(ref) for _ in range(2)]

    assert [report.answer for report in reports] == [Answer.CANCELLED, Answer.CANCELLED]
    assert len(bank_server.made("POST", "/cancelar")) == 1


def test_a_title_whose_reference_was_never_heard_is_withdrawn_too(
    bank_server: BankServer, inter_gateway: Inter
) -> None:
    registered(inter_gateway)

    assert inter_gateway.cancel(ref_of(ORDER)).answer is Answer.CANCELLED
    assert bank_server.inter.titles["1841"].state == "CANCELADO"


def test_what_was_paid_is_not_withdrawn(bank_server: BankServer, inter_gateway: Inter) -> None:
    ref = ref_of(ORDER, registered(inter_gateway))
    bank_server.inter.pay("1841", "129.90", TODAY)

    report = inter_gateway.cancel(ref)

    assert report.answer is Answer.PAID
    assert report.event is not None
    assert not bank_server.made("POST", "/cancelar")


def test_an_instruction_that_was_refused_says_why(
    bank_server: BankServer, inter_gateway: Inter
) -> None:
    ref = ref_of(ORDER, registered(inter_gateway))
    bank_server.inter.refusals.extend(["Fora do horário", "Data inválida"])

    cancelled, amended = inter_gateway.cancel(ref), inter_gateway.amend(ref, DUE)
    moved = inter_gateway.amend(ref, DUE + timedelta(days=1))

    assert (cancelled.answer, cancelled.reasons) == (Answer.REJECTED, ("Fora do horário",))
    assert amended.answer is Answer.AMENDED  # it is due on that day already
    assert (moved.answer, moved.reasons) == (Answer.REJECTED, ("Data inválida",))


def test_a_due_date_is_moved_and_confirmed_when_asked_again(inter_gateway: Inter) -> None:
    ref, later = ref_of(ORDER, registered(inter_gateway)), DUE + timedelta(days=10)

    answers = [inter_gateway.amend(ref, later).answer for _ in range(2)]

    assert answers == [Answer.PENDING, Answer.AMENDED]


@pytest.mark.parametrize(
    ("said", "answer", "reasons"),
    [
        ({"status": "SUCESSO"}, Answer.AMENDED, ()),
        ({"status": "FALHA", "mensagem": "Paga"}, Answer.REJECTED, ("FALHA Paga",)),
    ],
)
def test_a_change_may_be_done_or_fail_at_once(
    bank_server: BankServer,
    inter_gateway: Inter,
    said: dict[str, str],
    answer: Answer,
    reasons: tuple[str, ...],
) -> None:
    ref = ref_of(ORDER, registered(inter_gateway))
    bank_server.fail(None, answered(said))

    report = inter_gateway.amend(ref, DUE + timedelta(days=1))

    assert (report.answer, report.reasons) == (answer, reasons)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"payer": replace(PAYER, name="")}, Problem("name", "FIELD_MISSING")),
        ({"payer": replace(PAYER, name="n" * 101)}, Problem("name", "FIELD_TOO_LONG")),
        ({"payer": replace(PAYER, street="")}, Problem("street", "FIELD_MISSING")),
        ({"payer": replace(PAYER, district="d" * 61)}, Problem("district", "FIELD_TOO_LONG")),
        ({"payer": replace(PAYER, state="XX")}, Problem("state", "FIELD_INVALID")),
        ({"payer": replace(PAYER, postcode="5000-100")}, Problem("postcode", "FIELD_INVALID")),
        ({"payer": replace(PAYER, tax_id="123")}, Problem("tax_id", "FIELD_INVALID")),
        ({"write_off_days": 61}, Problem("write_off_days", "FIELD_INVALID")),
        ({"instructions": ("l" * 391,)}, Problem("instructions", "FIELD_TOO_LONG")),
        ({"instructions": ("l",) * 6}, Problem("instructions", "FIELD_TOO_LONG")),
        (
            {"discount": Discount(DUE + timedelta(days=1), money("1.00"))},
            Problem("discount", "FIELD_INVALID"),
        ),
        ({"discount": Discount(DUE, money("129.90"))}, Problem("discount", "FIELD_INVALID")),
        ({"title": replace(ORDER.title, seu_numero="")}, Problem("seu_numero", "FIELD_MISSING")),
        (
            {"title": replace(ORDER.title, seu_numero="1" * 16)},
            Problem("seu_numero", "FIELD_TOO_LONG"),
        ),
        (
            {"title": replace(ORDER.title, amount=money("2.49"))},
            Problem("amount", "AMOUNT_INVALID"),
        ),
        (
            {"title": replace(ORDER.title, amount=Money(10_000_000_000, "BRL"))},
            Problem("amount", "AMOUNT_TOO_LARGE"),
        ),
        (
            {"title": replace(ORDER.title, amount=Money(12990, "EUR"))},
            Problem("amount", "AMOUNT_INVALID"),
        ),
    ],
)
def test_what_the_bank_would_refuse_is_found_before_and_not_told(
    bank_server: BankServer, inter_gateway: Inter, changes: dict[str, Any], problem: Problem
) -> None:
    order = replace(ORDER, **changes)

    assert list(inter_gateway.validate(order)) == [problem]
    assert inter_gateway.register(order).answer is Answer.REJECTED
    assert not bank_server.calls


def test_an_ordinary_title_has_no_problem(inter_gateway: Inter) -> None:
    bare = replace(ORDER, payer=replace(PAYER, district="", email=""), late=Late.none("BRL"))

    assert not inter_gateway.validate(ORDER)
    assert not inter_gateway.validate(bare)


@pytest.mark.parametrize(
    "body",
    [
        {"cobranca": {"situacao": "A_RECEBER", "codigoSolicitacao": "183e982a"}},
        {"cobranca": {"situacao": "A_RECEBER"}, "boleto": {}},
        {"cobranca": []},
        {"cobranca": None},
        [],
        "text",
    ],
)
def test_an_answer_that_lacks_what_a_title_has_is_unreadable(
    bank_server: BankServer, inter_gateway: Inter, body: object
) -> None:
    bank_ref = registered(inter_gateway)
    bank_server.fail(answered(body))

    with pytest.raises(BankAnswerUnreadable):
        inter_gateway.query(ref_of(ORDER, bank_ref))


def test_a_barcode_whose_check_digit_fails_is_unreadable(
    bank_server: BankServer, inter_gateway: Inter
) -> None:
    bank_ref = registered(inter_gateway)
    held = bank_server.inter.titles["1841"]
    held.barcode = held.barcode[:-1] + str((int(held.barcode[-1]) + 1) % 10)

    with pytest.raises(BankAnswerUnreadable):
        inter_gateway.query(ref_of(ORDER, bank_ref))


@pytest.mark.parametrize(
    ("status", "body"),
    [(400, {}), (400, {"violacoes": "x"}), (422, []), (404, {}), (200, {}), (200, None), (418, {})],
)
def test_an_answer_to_a_new_title_that_says_nothing_is_unreadable(
    bank_server: BankServer, inter_gateway: Inter, status: int, body: object
) -> None:
    bank_server.fail(answered(body, status))

    with pytest.raises(BankAnswerUnreadable):
        inter_gateway.register(ORDER)


def test_two_titles_of_one_number_are_for_a_person(
    bank_server: BankServer, inter_gateway: Inter
) -> None:
    one = {"cobranca": {"seuNumero": "1841", "codigoSolicitacao": "183e982a", "situacao": "X"}}
    bank_server.fail(answered({"totalPaginas": 1, "cobrancas": [one, one]}))
    bank_server.fail(answered({"totalPaginas": 2, "cobrancas": []}))

    for _ in range(2):
        with pytest.raises(BankAnswerUnreadable):
            inter_gateway.query(ref_of(ORDER))


def test_the_account_is_named_where_the_credentials_do(
    bank_server: BankServer, inter_gateway: Inter
) -> None:
    bank_server.credentials(settings().bank_credentials, "inter2", conta_corrente="538375221")
    chosen = Inter.of(replace(INTER, credentials="inter2"))

    inter_gateway.query(ref_of(ORDER))
    chosen.query(ref_of(ORDER))
    chosen.client.close()

    first, second = bank_server.made("GET", COBRANCAS)
    assert "x-conta-corrente" not in first.headers
    assert second.headers["x-conta-corrente"] == "538375221"


def test_without_a_certificate_there_is_no_gateway(bank_server: BankServer) -> None:
    folder = settings().bank_credentials
    bank_server.credentials(folder, "inter", certificate="", private_key="")

    with pytest.raises(BankAccessDenied) as refused:
        Inter.of(INTER)

    assert refused.value.details["field"] == "certificate"
