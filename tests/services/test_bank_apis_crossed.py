"""Banks that are called and stumble: nothing is given up too soon, nothing for ever."""

from datetime import timedelta

from portal_app.domain.payments import PaymentState
from portal_app.gateways import clock
from portal_app.services import bank_calls, boletos, payments
from tests.company import NOW, TODAY, World, actor, run_jobs
from tests.gateways.bank_desk import barcode_of, call_with
from tests.gateways.bank_server import BankServer, Fault, answered
from tests.gateways.fixtures import bank_server as bank_server
from tests.services.test_bank_apis import DUE, held, issue, kinds, later, outcomes, row, secret_of
from tests.services.test_bank_apis import bank as bank


def at(delta: timedelta) -> int:
    with clock.fixed_at(NOW + delta):
        return run_jobs()


def test_a_late_payment_is_found_although_the_bank_stumbles(world: World, bank: BankServer) -> None:
    public_id = issue(world, "001")
    run_jobs()
    (number,) = bank.bb.titles
    payments.supersede(actor("ana"), public_id)
    # withdrawn at the bank
    run_jobs()
    assert row().state == "cancelled"
    bank.bb.pay(number, "347.64", DUE)  # a payment that crossed it
    secret = secret_of("BB")
    with clock.fixed_at(NOW + timedelta(days=6)):
        bank_calls.receive("001", secret, call_with(bank.bb.call_of(number)), {})
        bank.fail(Fault.BUSY)
        run_jobs()
    for days in (7, 8, 30):
        at(timedelta(days=days))
    assert outcomes()[-1:] == ["late"]


def test_a_withdrawal_is_tried_again_however_old_the_title(world: World, bank: BankServer) -> None:
    public_id = issue(world, "001")
    run_jobs()
    with clock.fixed_at(NOW + timedelta(days=6)):
        run_jobs()  # the poll that is due
        payments.supersede(actor("ana"), public_id)
        bank.fail(Fault.BUSY)
        run_jobs()
    for minutes in (10, 60, 600, 3000):
        at(timedelta(days=6, minutes=minutes))
    (title,) = held(bank, "001")
    assert title.state == "7" or kinds()


def test_a_refused_withdrawal_is_left_to_staff(world: World, bank: BankServer) -> None:
    public_id = issue(world, "001")
    run_jobs()
    bank.bb.extras[next(iter(bank.bb.titles))].young = False
    with clock.fixed_at(NOW + timedelta(days=6)):
        payments.supersede(actor("ana"), public_id)
        bank.bb.refusals.append("Comando recusado")
        bank.bb.today = TODAY + timedelta(days=6)
        run_jobs()
    for minutes in (10, 60, 600, 3000):
        at(timedelta(days=6, minutes=minutes))
    (title,) = held(bank, "001")
    assert title.state == "7" or kinds()


def test_money_the_bank_no_longer_has_is_shown_to_staff(world: World, bank: BankServer) -> None:
    issue(world, "001")
    run_jobs()
    (number,) = bank.bb.titles
    bank.bb.pay(number, "347.64", DUE)
    secret = secret_of("BB")
    with clock.fixed_at(NOW + timedelta(minutes=2)):
        bank_calls.receive("001", secret, call_with(bank.bb.call_of(number)), {})
        run_jobs()
    assert outcomes() == ["settled"]
    back = bank.bb.call_of(number, state=10)
    bank.bb.titles[number].state = "1"
    with clock.fixed_at(NOW + timedelta(days=1)):
        bank_calls.receive("001", secret, call_with(back), {})
        run_jobs()
    assert kinds() or row().state == "reversed"


def test_a_due_date_refused_once_may_be_asked_for_again(world: World, bank: BankServer) -> None:
    public_id = issue(world, "077")
    run_jobs()
    for minutes in (2, 4):
        at(timedelta(minutes=minutes))
    overdue = NOW + timedelta(days=6)
    with clock.fixed_at(overdue):
        bank.inter.refusals.append("Serviço em manutenção")
        boletos.move_due(actor("ana"), public_id)
        run_jobs()
        assert row().asked_due is None
        boletos.move_due(actor("ana"), public_id)
    for minutes in (1, 30, 300):
        with clock.fixed_at(overdue + timedelta(minutes=minutes)):
            run_jobs()
    (_title,) = held(bank, "077")
    assert row().amended_due is not None


def test_a_title_that_stood_is_not_closed_because_it_was_not_found(
    world: World, bank: BankServer
) -> None:
    public_id = issue(world, "001")
    run_jobs()
    assert row().state == "registered"
    later(timedelta(hours=1))
    with clock.fixed_at(NOW + timedelta(hours=2)):
        payments.supersede(actor("ana"), public_id)
        bank.fail(answered({"message": "no route"}, 404), answered({"message": "no route"}, 404))
        run_jobs()
    for minutes in (10, 60, 600):
        at(timedelta(hours=2, minutes=minutes))
    (title,) = held(bank, "001")
    assert title.state == "7"


def test_a_second_call_within_the_minute_is_heard(world: World, bank: BankServer) -> None:
    issue(world, "001")
    run_jobs()
    (number,) = bank.bb.titles
    secret = secret_of("BB")
    bank.bb.titles[number].paid, bank.bb.titles[number].paid_on = "347.64", DUE
    first = bank.bb.call_of(number)
    bank_calls.receive("001", secret, call_with(first), {})
    with clock.fixed_at(NOW + timedelta(seconds=1)):
        run_jobs()  # the bank does not show it yet
        assert outcomes() == []
    bank.bb.pay(number, "347.64", DUE)
    with clock.fixed_at(NOW + timedelta(seconds=40)):
        bank_calls.receive("001", secret, call_with(bank.bb.call_of(number)), {})
        run_jobs()
    at(timedelta(hours=11))
    assert outcomes() == ["settled"]


def test_a_state_that_is_new_to_us_drops_no_other_call(world: World, bank: BankServer) -> None:
    issue(world, "001")
    run_jobs()
    (number,) = bank.bb.titles
    bank.bb.pay(number, "347.64", DUE)
    secret = secret_of("BB")
    strange = {**bank.bb.call_of(number), "codigoEstadoBaixaOperacional": 3}
    with clock.fixed_at(NOW + timedelta(minutes=2)):
        bank_calls.receive("001", secret, call_with(bank.bb.call_of(number), strange), {})
        run_jobs()
    assert outcomes() == ["settled"]


def test_a_state_inter_made_up_since_is_asked_about_and_staff_know(
    world: World, bank: BankServer
) -> None:
    issue(world, "077")
    for minutes in (0, 2, 4):
        at(timedelta(minutes=minutes))
    (name,) = bank.inter.titles
    bank.inter.pay(name, "347.64", DUE)
    paid, strange = bank.inter.call_of(name), "EM_DISPUTA"
    secret = secret_of("Inter")
    bank.inter.titles[name].state = strange

    with clock.fixed_at(NOW + timedelta(minutes=9)):
        bank_calls.receive("077", secret, call_with(paid | {"situacao": strange}, paid), {})
        run_jobs()
        assert (outcomes(), kinds()) == ([], ["bank_access"])
    bank.inter.titles[name].state = paid["situacao"]
    at(timedelta(minutes=20))

    assert outcomes() == ["settled"]


def test_a_bank_that_processes_is_not_asked_all_the_time(world: World, bank: BankServer) -> None:
    issue(world, "001")
    bank.fail(Fault.DROP_AFTER)
    run_jobs()
    (number,) = bank.bb.titles
    bank.bb.titles[number].state = "80"
    before = len(bank.calls)
    for seconds in range(5, 125):
        at(timedelta(seconds=seconds))
    assert len(bank.calls) - before < 30


def test_a_title_never_confirmed_is_not_asked_about_for_ever(
    world: World, bank: BankServer
) -> None:
    issue(world, "077")
    run_jobs()
    (title,) = held(bank, "077")
    title.barcode = barcode_of("077", DUE, "1.00", title.barcode[19:])
    for minutes in (2, 4, 40):
        at(timedelta(minutes=minutes))
    n: list[int] = []
    for days in range(1, 400, 1):
        before = len(bank.calls)
        at(timedelta(days=days))
        at(timedelta(days=days, hours=13))
        n.append(len(bank.calls) - before)
    assert n[-1] == 0


def test_a_title_closed_by_the_calendar_is_asked_back_from_its_bank(
    world: World, bank: BankServer
) -> None:
    public_id = issue(world, "001")
    run_jobs()

    at(timedelta(days=69))

    assert payments.view(actor("ana"), public_id).state is PaymentState.EXPIRED
    (title,) = held(bank, "001")
    assert (row().state, title.state, kinds()) == ("expired", "7", [])


def test_a_closed_title_its_bank_does_not_let_go_is_left_to_staff(
    world: World, bank: BankServer
) -> None:
    public_id = issue(world, "001")
    run_jobs()
    bank.bb.refusals.append("Comando recusado")

    for days in (69, 70):
        at(timedelta(days=days))

    assert payments.view(actor("ana"), public_id).state is PaymentState.EXPIRED
    assert kinds() == ["boleto_withdraw"]
    assert len(bank.made("POST", "/baixar")) == 1


def test_money_that_crosses_the_withdrawal_of_a_closed_title_is_kept(
    world: World, bank: BankServer
) -> None:
    public_id = issue(world, "001")
    run_jobs()
    (number,) = bank.bb.titles
    # It takes no withdrawal just now; and somebody pays meanwhile.
    bank.bb.extras[number].young = True
    bank.bb.today = TODAY + timedelta(days=69)
    at(timedelta(days=69))
    assert row().state == "expired"
    bank.bb.extras[number].young = False
    bank.bb.pay(number, "347.64", DUE)

    at(timedelta(days=69, minutes=31))

    assert payments.view(actor("ana"), public_id).state is PaymentState.CONFIRMED
    assert (outcomes(), kinds()) == (["expired", "late"], ["boleto_late_money"])
