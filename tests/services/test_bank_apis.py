"""Titles at banks that are called: over TLS to a bank of the test's own, which also fails."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal_app.db.engine import transaction
from portal_app.db.models import BankAccountRow, BankEventRow, BoletoRow
from portal_app.domain.boleto.gateway import Answer
from portal_app.domain.boleto.registration import Stage
from portal_app.domain.companies import Channel, Overdue
from portal_app.domain.errors import InvalidInput, NoActiveBank, NotFound
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentState
from portal_app.gateways import clock
from portal_app.gateways.registration.banco_do_brasil import BancoDoBrasil
from portal_app.services import bank_calls, boletos, carteiras, ledger, payments, tasks
from portal_app.services.boletos import BoletoView
from portal_app.settings import settings
from tests.company import NOW, TODAY, World, actor, run_jobs
from tests.gateways.bank_desk import PIX, Held, barcode_of, call_with
from tests.gateways.bank_server import BankServer, Fault, answered
from tests.gateways.fixtures import bank_server as bank_server
from tests.gateways.titles import BB, order_at

FACE = Money(34764, "BRL")
DUE = date(2026, 11, 25)
# Whatever goes wrong with one call, in which something was kept or nothing was.
FAULTS = [
    Fault.UNAUTHORIZED,
    Fault.BUSY,
    Fault.BROKEN,
    Fault.DROP_BEFORE,
    Fault.DROP_AFTER,
    Fault.RUBBISH,
    Fault.TRUNCATED,
    Fault.EMPTY,
    Fault.CUT,
]


@pytest.fixture
def bank(world: World, bank_server: BankServer) -> BankServer:
    """Carteiras of both banks, reached by call; Ana's faturas offer them."""
    bank_server.bb.today = bank_server.inter.today = TODAY
    carteiras.operator_save(
        "norte",
        "BB",
        {
            "channel": Channel.BANCO_DO_BRASIL,
            "credentials": "bb",
            "contract": {"variacao": "35"},
            "wants_pix": True,
            "overdue": Overdue.AMEND,
        },
    )
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
            "wants_pix": True,
            "overdue": Overdue.AMEND,
        },
    )
    carteiras.operator_save_fatura("norte", "Fatura", ["BB", "Inter"])
    return bank_server


def issue(world: World, code: str) -> str:
    """A boleto over the three documents of the design, nothing said to its bank yet."""
    offer = boletos.offer(actor("ana"), world.three)
    chosen = next(offered for offered in offer.banks if offered.bank == code)
    return boletos.issue(actor("ana"), world.three, chosen.carteira, FACE)


def view(public_id: str) -> BoletoView:
    return boletos.view(actor("ana"), public_id)


def later(delay: timedelta) -> None:
    """Run what is due once so much time has gone by."""
    with clock.fixed_at(clock.now() + delay):
        run_jobs()


def held(bank: BankServer, code: str) -> list[Held]:
    """The titles the bank has."""
    return list((bank.bb if code == "001" else bank.inter).titles.values())


def row() -> BoletoRow:
    with transaction(write=False) as session:
        return session.scalars(select(BoletoRow)).one()


def kinds() -> list[str]:
    return [task.kind for task in tasks.list_open(actor("staff"))]


def secret_of(name: str) -> str:
    return carteiras.operator_webhook("norte", name).partition("key=")[2]


def outcomes() -> list[str]:
    with transaction(write=False) as session:
        found = select(col(BankEventRow.outcome)).order_by(col(BankEventRow.id))
        return list(session.scalars(found))


def test_banco_do_brasil_registers_at_once(world: World, bank: BankServer) -> None:
    public_id = issue(world, "001")
    run_jobs()

    seen = view(public_id)
    assert (seen.stage, seen.pix, seen.nosso_numero) == (
        Stage.REGISTERED,
        PIX,
        "28831470000000001",
    )
    (title,) = held(bank, "001")
    assert (title.barcode, title.due) == (row().barcode, DUE)
    assert title.told["numeroTituloBeneficiario"] == row().seu_numero


def test_inter_numbers_the_title_a_moment_later(world: World, bank: BankServer) -> None:
    public_id = issue(world, "077")
    run_jobs()
    assert (view(public_id).stage, view(public_id).linha_digitavel) == (Stage.WAITING, None)

    for _ in range(2):
        later(timedelta(minutes=1))

    with clock.fixed_at(NOW + timedelta(minutes=4)):
        run_jobs()
        seen = view(public_id)
    (title,) = held(bank, "077")
    assert (seen.stage, seen.nosso_numero, seen.pix) == (Stage.REGISTERED, title.nosso_numero, PIX)
    assert row().barcode == title.barcode
    assert seen.linha_digitavel == row().linha_digitavel != ""


@pytest.mark.parametrize("code", ["001", "077"])
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_goes_wrong_the_bank_has_the_title_once(
    world: World, bank: BankServer, code: str, fault: Fault
) -> None:
    public_id = issue(world, code)
    bank.fail(fault, fault)
    run_jobs()

    for minutes in (1, 6, 12, 20, 40):
        with clock.fixed_at(NOW + timedelta(minutes=minutes)):
            run_jobs()

    assert view(public_id).stage is Stage.REGISTERED
    (title,) = held(bank, code)
    assert title.barcode == row().barcode
    with transaction(write=False) as session:
        taken = session.scalars(
            select(col(BankAccountRow.next_sequence)).where(col(BankAccountRow.bank) == code)
        )
        assert max(taken) == (2 if code == "001" else 1)


@pytest.mark.parametrize(("code", "address"), [("001", "/boletos"), ("077", "/cobrancas")])
def test_an_answer_that_was_lost_is_asked_for_and_the_order_not_given_again(
    world: World, bank: BankServer, code: str, address: str
) -> None:
    issue(world, code)
    bank.fail(Fault.DROP_AFTER)
    run_jobs()
    later(timedelta(seconds=30))

    assert len(bank.made("POST", address)) == 1


def test_a_number_another_program_used_is_spent_and_its_title_is_not_ours(
    world: World, bank: BankServer
) -> None:
    order = order_at(BB)
    title = replace(order.title, sequence=1, convenio="2883147")
    theirs = replace(order, title=title, nosso_numero="28831470000000001")
    assert BancoDoBrasil.of(BB).register(theirs).answer is Answer.REGISTERED

    first = issue(world, "001")
    run_jobs()

    seen = view(first)
    assert (seen.stage, seen.reject_reason) == (Stage.REJECTED, "code_mismatch")
    assert kinds() == ["boleto_code_wrong"]
    second = issue(world, "001")
    run_jobs()
    assert (view(second).stage, view(second).nosso_numero) == (
        Stage.REGISTERED,
        "28831470000000002",
    )


def test_a_code_that_asks_for_something_else_is_never_shown(world: World, bank: BankServer) -> None:
    public_id = issue(world, "077")
    run_jobs()
    (title,) = held(bank, "077")
    title.barcode = barcode_of("077", DUE, "1.00", title.barcode[19:])
    for minutes in (2, 4, 40):
        with clock.fixed_at(NOW + timedelta(minutes=minutes)):
            run_jobs()

    with clock.fixed_at(NOW + timedelta(minutes=40)):
        seen = view(public_id)
    assert (seen.stage, seen.linha_digitavel, seen.may_print) == (
        Stage.OVERDUE_SILENT,
        None,
        False,
    )
    assert "boleto_code_wrong" in kinds()


def test_a_pix_code_no_app_could_read_is_left_out(world: World, bank: BankServer) -> None:
    public_id = issue(world, "001")
    number = "000" + view(public_id).nosso_numero
    bank.fail(
        answered(
            {
                "numero": number,
                "codigoBarraNumerico": row().barcode,
                "qrCode": {"emv": PIX[:-1] + "0"},
            },
            201,
        )
    )
    run_jobs()

    assert (view(public_id).stage, view(public_id).pix) == (Stage.REGISTERED, None)
    assert kinds() == ["boleto_code_wrong"]


@pytest.mark.parametrize("code", ["001", "077"])
def test_a_refused_title_frees_its_documents_and_says_why(
    world: World, bank: BankServer, code: str
) -> None:
    desk = bank.bb if code == "001" else bank.inter
    desk.refusals.append("CEP inexistente")
    public_id = issue(world, code)
    run_jobs()

    seen = view(public_id)
    assert seen.stage is Stage.REJECTED
    assert "CEP inexistente" in seen.reject_reason
    assert payments.view(actor("ana"), public_id).state is PaymentState.FAILED
    assert issue(world, "001") != public_id


def test_a_bank_that_shuts_its_door_is_a_task_and_is_tried_again(
    world: World, bank: BankServer
) -> None:
    public_id = issue(world, "001")
    bank.fail(Fault.FORBIDDEN)
    run_jobs()
    assert kinds() == ["bank_access"]

    later(timedelta(minutes=16))

    assert view(public_id).stage is Stage.REGISTERED


def test_secrets_that_vanish_lose_no_title(world: World, bank: BankServer) -> None:
    public_id = issue(world, "001")
    file = settings().bank_credentials / "bb.toml"
    kept = file.read_text()
    file.unlink()
    run_jobs()
    assert kinds() == ["bank_access"]
    other = [world.documents["later"]]
    assert [offer.bank for offer in boletos.offer(actor("ana"), other).banks] == ["077"]

    file.write_text(kept)
    file.chmod(0o600)
    later(timedelta(minutes=16))

    assert view(public_id).stage is Stage.REGISTERED


def test_calls_of_the_bank_settle_once_in_any_order_and_number(
    world: World, bank: BankServer
) -> None:
    public_id = issue(world, "001")
    run_jobs()
    (number,) = bank.bb.titles
    bank.bb.pay(number, "347.64", DUE)
    paid, undone = bank.bb.call_of(number), bank.bb.call_of(number, state=10)
    secret = secret_of("BB")

    for minutes, body in enumerate((call_with(paid), call_with(undone, paid), call_with(paid))):
        with clock.fixed_at(NOW + timedelta(minutes=2 + minutes)):
            bank_calls.receive("001", secret, body, {})
            bank_calls.receive("001", secret, body, {})
            run_jobs()

    assert payments.view(actor("ana"), public_id).state is PaymentState.CONFIRMED
    assert outcomes() == ["settled"]
    assert ledger.verify().ok


def test_a_call_about_money_the_bank_does_not_confirm_changes_nothing(
    world: World, bank: BankServer
) -> None:
    public_id = issue(world, "001")
    run_jobs()
    (number,) = bank.bb.titles
    bank.bb.pay(number, "347.64", DUE)
    lie = bank.bb.call_of(number)
    bank.bb.titles[number].state = "1"

    bank_calls.receive("001", secret_of("BB"), call_with(lie), {})
    later(timedelta(minutes=1))

    assert payments.view(actor("ana"), public_id).state is PaymentState.PENDING
    assert outcomes() == []


def test_who_does_not_know_the_secret_is_nobody(world: World, bank: BankServer) -> None:
    secret = secret_of("BB")
    for code, key in (("001", ""), ("001", "guess"), ("077", secret)):
        with pytest.raises(NotFound):
            bank_calls.receive(code, key, call_with(), {})
    with pytest.raises(InvalidInput):
        bank_calls.receive("001", secret, b"<html>", {})

    secret_of("BB")
    with pytest.raises(NotFound):
        bank_calls.receive("001", secret, call_with(), {})


def test_a_payment_nobody_called_about_is_found_by_asking(world: World, bank: BankServer) -> None:
    public_id = issue(world, "077")
    run_jobs()
    for minutes in (2, 4):
        with clock.fixed_at(NOW + timedelta(minutes=minutes)):
            run_jobs()
    (name,) = bank.inter.titles
    bank.inter.pay(name, "347.64", DUE)

    with clock.fixed_at(NOW + timedelta(hours=13)):
        run_jobs()

    assert payments.view(actor("ana"), public_id).state is PaymentState.CONFIRMED
    assert outcomes() == ["settled"]


@pytest.mark.parametrize("code", ["001", "077"])
def test_a_later_due_date_is_the_banks_to_give(world: World, bank: BankServer, code: str) -> None:
    public_id = issue(world, code)
    run_jobs()
    for minutes in (2, 4):
        with clock.fixed_at(NOW + timedelta(minutes=minutes)):
            run_jobs()
    line = row().linha_digitavel

    overdue = NOW + timedelta(days=6)
    with clock.fixed_at(overdue):
        assert view(public_id).linha_digitavel is None
        due = boletos.move_due(actor("ana"), public_id)
        assert boletos.move_due(actor("ana"), public_id) == due
        run_jobs()
    with clock.fixed_at(overdue + timedelta(minutes=2)):
        run_jobs()
        seen = view(public_id)

    (title,) = held(bank, code)
    assert (title.due, seen.due, seen.amended) == (due, due, True)
    assert seen.linha_digitavel == line
    assert len(bank.made("PATCH", "")) in {1, 2}


def test_a_title_given_up_is_withdrawn_and_money_that_crosses_it_is_kept(
    world: World, bank: BankServer
) -> None:
    public_id = issue(world, "001")
    run_jobs()
    (number,) = bank.bb.titles
    bank.bb.extras[number].young = True
    payments.supersede(actor("ana"), public_id)
    run_jobs()
    # Too young to be withdrawn, says the bank; and somebody pays it meanwhile.
    bank.bb.extras[number].young = False
    bank.bb.pay(number, "347.64", DUE)

    later(timedelta(minutes=31))

    assert outcomes() == ["late"]
    assert payments.view(actor("ana"), public_id).state is PaymentState.CONFIRMED
    assert "boleto_late_money" in kinds()
    assert ledger.verify().ok


def test_a_title_given_up_is_withdrawn(world: World, bank: BankServer) -> None:
    public_id = issue(world, "001")
    run_jobs()
    payments.supersede(actor("ana"), public_id)
    run_jobs()

    (title,) = held(bank, "001")
    assert (title.state, row().state) == ("7", "cancelled")


def test_one_given_up_before_its_bank_heard_of_it_is_never_said(
    world: World, bank: BankServer
) -> None:
    public_id = issue(world, "001")
    payments.supersede(actor("ana"), public_id)

    run_jobs()

    assert held(bank, "001") == []
    assert row().state == "cancelled"


def test_without_secrets_there_is_no_bank(world: World, bank: BankServer) -> None:
    for name in ("bb", "inter"):
        (settings().bank_credentials / f"{name}.toml").chmod(0o644)

    with pytest.raises(NoActiveBank):
        boletos.offer(actor("ana"), world.three)


def test_a_call_about_a_title_that_is_none_of_ours_is_shown_to_staff(
    world: World, bank: BankServer
) -> None:
    issue(world, "001")
    run_jobs()
    (number,) = bank.bb.titles
    bank.bb.pay(number, "347.64", DUE)
    other = {**bank.bb.call_of(number), "id": number[:-1] + "9"}

    bank_calls.receive("001", secret_of("BB"), call_with(other), {})
    later(timedelta(minutes=1))

    assert kinds() == ["titles_unknown"]
    assert outcomes() == []
