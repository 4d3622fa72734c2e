"""Boletos past due: paid as they are, moved by their bank, made anew, given up by the calendar."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from portal_app.db.engine import transaction
from portal_app.db.models import BoletoRow, CarteiraRow, JobRow
from portal_app.domain.audit import Action
from portal_app.domain.boleto.registration import Stage
from portal_app.domain.companies import Overdue
from portal_app.domain.errors import BoletoHeldBack, NotFound, NotOverdue, NotSupported
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentState
from portal_app.gateways import clock
from portal_app.services import boletos, carteiras, papers, payments, tasks
from portal_app.services.boletos import BoletoView
from tests.bank_answers import Told, asked_in
from tests.company import NOW, World, actor, entered_as, run_jobs
from tests.gateways.bank_server import BankServer
from tests.gateways.fixtures import bank_server as bank_server
from tests.services.test_bank_apis import bank as api_bank  # noqa: F401  a fixture
from tests.services.test_bank_files import register

FACE = Money(34764, "BRL")
ANSWERED = NOW + timedelta(minutes=1)
# The boleto is due on Wednesday 25/11/2026.
ON_TIME = NOW + timedelta(days=3)
LATE = NOW + timedelta(days=13)
GIVEN_UP = NOW + timedelta(days=3 + 60 + 6)


@pytest.fixture
def issued(world: World) -> str:
    """A boleto of Banco do Brasil's, registered by the demo bank."""
    public_id = boletos.issue(actor("ana"), world.three, world.banks["001"], FACE)
    with clock.fixed_at(ANSWERED):
        run_jobs()
    return public_id


def policy(overdue: Overdue) -> None:
    with transaction() as session:
        session.execute(update(CarteiraRow).values(overdue=overdue.value))


def seen(public_id: str, at: datetime) -> BoletoView:
    with clock.fixed_at(at):
        return boletos.view(actor("ana"), public_id)


def row() -> BoletoRow:
    with transaction(write=False) as session:
        return session.scalars(select(BoletoRow).order_by(col(BoletoRow.id)).limit(1)).one()


def kinds() -> list[str]:
    return [task.kind for task in tasks.list_open(actor("staff"))]


def test_on_its_due_date_it_is_not_overdue(world: World, issued: str) -> None:
    view = seen(issued, ON_TIME)

    assert (view.overdue, view.charges, view.stage) == (None, None, Stage.REGISTERED)
    with clock.fixed_at(ON_TIME), pytest.raises(NotOverdue):
        boletos.move_due(actor("ana"), issued)


def test_one_that_stays_payable_says_what_its_bank_adds_today(world: World, issued: str) -> None:
    view = seen(issued, LATE)

    assert (view.overdue, view.linha_digitavel is None) == (Overdue.SAME, False)
    # The fine of the one document that has none yet, 2 % of 80,00; and ten days of the interest
    # its bank was told, 1 % a month of 339,80: 0,11 a day.
    assert view.charges == Money(160 + 110, "BRL")
    with clock.fixed_at(LATE):
        assert papers.boleto_pdf(actor("ana"), issued)[1].startswith(b"%PDF")
        with pytest.raises(NotSupported):
            boletos.move_due(actor("ana"), issued)


@pytest.mark.parametrize("overdue", [Overdue.AMEND, Overdue.REISSUE])
def test_one_its_bank_no_longer_takes_has_no_code(
    world: World, issued: str, overdue: Overdue
) -> None:
    policy(overdue)

    view = seen(issued, LATE)

    assert (view.overdue, view.linha_digitavel, view.charges) == (overdue, None, None)
    with clock.fixed_at(LATE), pytest.raises(BoletoHeldBack):
        papers.boleto_pdf(actor("ana"), issued)


def test_a_due_date_is_moved_and_the_same_title_is_payable_again(world: World, issued: str) -> None:
    policy(Overdue.AMEND)
    code = row().barcode
    with clock.fixed_at(LATE):
        due = boletos.move_due(actor("ana"), issued)
        assert boletos.move_due(actor("ana"), issued) == due
        assert seen(issued, LATE).asked_due == due
        run_jobs()
        view = boletos.view(actor("ana"), issued)

    assert (view.due, view.amended, view.asked_due, view.overdue) == (due, True, None, None)
    assert row().barcode == code
    (entry,) = entered_as(world, Action.DUE_MOVED)
    assert entry.facts == {"due": due.isoformat()}


def test_a_given_up_due_date_frees_nobody_twice(world: World, issued: str) -> None:
    policy(Overdue.REISSUE)
    with clock.fixed_at(LATE):
        assert payments.supersede(actor("ana"), issued) == tuple(world.three)
        run_jobs()
        again = boletos.offer(actor("ana"), world.three)
        second = boletos.issue(
            actor("ana"), world.three, again.banks[0].carteira, again.banks[0].total
        )

    assert second != issued
    assert row().state == "cancelled"


def test_what_nobody_can_pay_any_more_is_given_up_by_the_calendar(
    world: World, issued: str
) -> None:
    with clock.fixed_at(GIVEN_UP - timedelta(days=2)):
        run_jobs()
        assert payments.view(actor("ana"), issued).state is PaymentState.PENDING
    with clock.fixed_at(GIVEN_UP):
        run_jobs()

        assert payments.view(actor("ana"), issued).state is PaymentState.EXPIRED
        assert boletos.offer(actor("ana"), world.three)
    assert row().state == "expired"


def test_a_moved_title_is_given_up_so_much_later(world: World, issued: str) -> None:
    policy(Overdue.AMEND)
    with clock.fixed_at(LATE):
        boletos.move_due(actor("ana"), issued)
        run_jobs()
    with clock.fixed_at(GIVEN_UP):
        run_jobs()
    assert row().state == "registered"

    with clock.fixed_at(GIVEN_UP + timedelta(days=20)):
        run_jobs()
    assert row().state == "expired"


def test_a_bank_that_can_be_asked_is_asked_before_a_title_is_given_up(
    world: World,
    api_bank: BankServer,  # noqa: F811
) -> None:
    bank = next(b for b in boletos.offer(actor("ana"), world.three).banks if b.bank == "001")
    public_id = boletos.issue(actor("ana"), world.three, bank.carteira, bank.total)
    run_jobs()
    (number,) = api_bank.bb.titles
    api_bank.bb.pay(number, "347.64", date(2026, 11, 25))
    with transaction() as session:
        # Nobody asked all the while.
        session.execute(
            update(JobRow)
            .where(col(JobRow.kind) == "boleto.poll")
            .values(run_at=GIVEN_UP + timedelta(days=9))
        )

    with clock.fixed_at(GIVEN_UP):
        run_jobs()

        assert payments.view(actor("ana"), public_id).state is PaymentState.CONFIRMED


def test_a_bank_that_refuses_to_move_it_is_a_task_and_may_be_asked_again(
    world: World,
    api_bank: BankServer,  # noqa: F811
) -> None:
    bank = next(b for b in boletos.offer(actor("ana"), world.three).banks if b.bank == "077")
    public_id = boletos.issue(actor("ana"), world.three, bank.carteira, bank.total)
    for minutes in (0, 2, 4):
        with clock.fixed_at(NOW + timedelta(minutes=minutes)):
            run_jobs()
    with clock.fixed_at(LATE):
        api_bank.inter.refusals.append("Prazo excedido")
        boletos.move_due(actor("ana"), public_id)
        run_jobs()
        assert kinds() == ["instruction_refused"]
        assert boletos.view(actor("ana"), public_id).asked_due is None

    with clock.fixed_at(LATE + timedelta(days=3)):
        due = boletos.move_due(actor("ana"), public_id)
        run_jobs()
    with clock.fixed_at(LATE + timedelta(days=3, minutes=2)):
        run_jobs()
    assert seen(public_id, LATE + timedelta(days=4)).due == due


def test_a_bank_that_does_not_answer_in_time_moves_nothing(world: World, issued: str) -> None:
    policy(Overdue.AMEND)
    with clock.fixed_at(LATE):
        due = boletos.move_due(actor("ana"), issued)

    with clock.fixed_at(LATE + (due - LATE.date()) + timedelta(days=1)):
        run_jobs()
        assert "instruction_refused" in kinds()
        assert boletos.view(actor("ana"), issued).asked_due is None


def test_a_file_says_the_due_date_was_not_moved(world: World, tmp_path: Path) -> None:
    bank = register(world, "237", tmp_path / "files", overdue=Overdue.AMEND)
    public_id = bank.issue(world.three, FACE.cents)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)
    bank.answer(sent, Told(movement="02", asked=asked))
    with clock.fixed_at(LATE):
        boletos.move_due(actor("ana"), public_id)
        run_jobs()
        second = bank.remessa()
        bank.answer(second, Told(movement="26", asked=asked, reasons="16"), sequence=2)

        assert kinds() == ["instruction_refused"]
        assert boletos.view(actor("ana"), public_id).asked_due is None


def test_a_discount_is_shown_while_it_holds(world: World) -> None:
    carteiras.operator_save("norte", "BB", {"discount_bp": 500, "discount_days": 1})
    public_id = boletos.issue(actor("ana"), world.three, world.banks["001"], FACE)
    with clock.fixed_at(ANSWERED):
        run_jobs()
        discount = boletos.view(actor("ana"), public_id).discount

    assert discount is not None
    assert (discount.amount, discount.until) == (Money(400, "BRL"), date(2026, 11, 24))
    assert seen(public_id, ON_TIME).discount is None


def test_the_pix_of_a_boleto_is_its_owners_to_see(world: World) -> None:
    carteiras.operator_save("norte", "BB", {"wants_pix": True})
    public_id = boletos.issue(actor("ana"), world.three, world.banks["001"], FACE)
    with pytest.raises(BoletoHeldBack):
        papers.pix_picture(actor("ana"), public_id)
    with clock.fixed_at(ANSWERED):
        run_jobs()

        assert papers.pix_picture(actor("ana"), public_id).startswith(b"<svg")
        assert boletos.view(actor("ana"), public_id).pix
        with pytest.raises(NotFound):
            papers.pix_picture(actor("bia"), public_id)


def test_without_pix_there_is_no_picture(world: World, issued: str) -> None:
    with clock.fixed_at(ANSWERED), pytest.raises(NotFound):
        papers.pix_picture(actor("ana"), issued)
