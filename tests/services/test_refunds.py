"""Money of payments sent back: by whom, how much, and once, whatever dies or goes silent meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from portal_app.db import jobs as stored_jobs
from portal_app.db import loading
from portal_app.db import tasks as stored_tasks
from portal_app.db.audit import Wanted as Entries
from portal_app.db.engine import transaction
from portal_app.db.loading import PastPayment
from portal_app.db.models import JobRow, PaymentRow
from portal_app.domain.audit import Action
from portal_app.domain.checkout import CheckoutRef, DisputeStatus, Refund, RefundStatus
from portal_app.domain.errors import (
    AmountTooLarge,
    FieldMissing,
    FieldTooLong,
    InvalidField,
    NotFound,
    NotGranted,
    NotRefundable,
    ProviderRefused,
    ProviderUnavailable,
    RefundChanged,
    RefundUnderWay,
)
from portal_app.domain.grants import StaffFeature
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod, PaymentState
from portal_app.domain.tasks import Task
from portal_app.gateways import clock
from portal_app.gateways.demo import DemoGateway
from portal_app.services import (
    audit_words,
    boletos,
    jobs,
    ledger,
    payments,
    refunds,
)
from portal_app.services.actors import Actor
from portal_app.services.checkouts import LOOK_JOB
from portal_app.services.payment_gateways import demo_gateway
from portal_app.services.refunds import Listed, Wanted
from tests.company import (
    NOW,
    TODAY,
    World,
    actor,
    entered,
    page_of,
    pay,
    permit_staff,
    run_jobs,
    together,
)
from tests.services.test_checkouts import balances, brl

TOTAL = brl(34738)
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def paid(world: World) -> str:
    """Ana paid the three documents of the design by Pix, and the portal knows."""
    return pay(world)


@pytest.fixture
def clerk(world: World) -> Actor:
    """Staff whose role permits refunds."""
    permit_staff(world.company, StaffFeature.FIND_CUSTOMERS, StaffFeature.REFUND)
    return actor("staff")


def ask(
    world: World, clerk: Actor, paid: str, part: str = "80,00", left: Money = TOTAL, why: str = "x"
) -> Money:
    return refunds.ask(clerk, page_of(world), paid, Wanted(part, left, why))


def line(world: World, clerk: Actor, paid: str) -> Listed:
    rows = refunds.list_payments(clerk, page_of(world)).rows
    return next(row for row in rows if row.payment.public_id == paid)


def sent(world: World) -> list[int]:
    """Cents of each refund, as the provider tells it."""
    with transaction(write=False) as session:
        names = list(session.scalars(select(col(PaymentRow.session))))
    gateway = demo_gateway()
    reports = [gateway.look(CheckoutRef("", name)) for name in names if name]
    return [refund.amount.cents for report in reports for refund in report.refunds]


def open_tasks(world: World) -> list[Task]:
    with transaction(write=False) as session:
        return stored_tasks.open_tasks(session, world.company)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], None]:
    """Replace a call of the demo provider until the test puts it right with None."""
    real = {name: getattr(DemoGateway, name) for name in ("refund", "look")}

    def put(name: str, wrong: Any) -> None:
        monkeypatch.setattr(DemoGateway, name, wrong or real[name])

    return put


def heard_not_answered(*asked: Any) -> Refund:
    _REFUND(*asked)
    raise ProviderUnavailable(reason="timeout")


def not_heard(*_asked: Any) -> Refund:
    raise ProviderUnavailable(reason="timeout")


def never(*_asked: Any) -> Refund:
    raise AssertionError("under a key that the provider may have forgotten")


def refuses(*_asked: Any) -> Refund:
    raise ProviderRefused(reason="charge_expired_for_capture")


_REFUND = DemoGateway.refund


def test_a_part_then_the_rest_go_back_and_the_documents_are_owed_again(
    world: World, clerk: Actor, paid: str
) -> None:
    assert ask(world, clerk, paid, why=" Cobrança em dobro ") == brl(8000)
    assert line(world, clerk, paid).coming == brl(8000)
    assert line(world, clerk, paid).left == brl(0)
    run_jobs()

    now = line(world, clerk, paid)
    assert (now.gone, now.coming, now.left) == (brl(8000), brl(0), TOTAL - brl(8000))
    assert balances(world) == [0, 0, 8000]
    ask(world, clerk, paid, "267,38", now.left)
    run_jobs()

    assert sent(world) == [8000, 26738]
    assert line(world, clerk, paid).left == brl(0)
    assert payments.view(actor("ana"), paid).state is PaymentState.REFUNDED
    assert sum(balances(world)) == 33980
    assert ledger.verify().ok
    assert open_tasks(world) == []


def test_who_asked_and_why_is_entered_with_the_asking(
    world: World, clerk: Actor, paid: str
) -> None:
    ask(world, clerk, paid, why="Cobrança em  dobro")

    (entry,) = entered(world.company, Entries(action=Action.REFUND_ASKED.value))
    assert (entry.subject, entry.customer) == (clerk.subject, world.customers["ana"])
    assert entry.facts == {
        "amount": {"cents": 8000, "currency": "BRL"},
        "reason": "Cobrança em dobro",
    }
    told = audit_words.tell(entry, {}, NOW, "pt_BR")
    assert told.facts.replace("\xa0", " ") == "valor: R$ 80,00 · motivo: Cobrança em dobro"


def test_a_reason_is_told_as_it_was_written(world: World, clerk: Actor, paid: str) -> None:
    """Also one that is a name of something of ours, with words of its own."""
    ask(world, clerk, paid, why="card")

    (entry,) = entered(world.company, Entries(action=Action.REFUND_ASKED.value))
    assert audit_words.tell(entry, {}, NOW, "pt_BR").facts.endswith("motivo: card")


@pytest.mark.parametrize(
    ("part", "refusal"),
    [
        ("347,39", AmountTooLarge),
        ("0", InvalidField),
        ("-1", InvalidField),
        ("80,001", InvalidField),
        ("1.234", InvalidField),
        ("oitenta", InvalidField),
        (" ", FieldMissing),
    ],
)
def test_what_is_no_part_of_it_is_refused(
    world: World, clerk: Actor, paid: str, part: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        ask(world, clerk, paid, part)

    run_jobs()
    assert sent(world) == []
    assert entered(world.company, Entries(action=Action.REFUND_ASKED.value)) == []


@pytest.mark.parametrize(
    ("why", "refusal"),
    [
        ("  ", FieldMissing),
        ("x" * 161, FieldTooLong),
        ("\x00", InvalidField),
        ("CPF 100.200.301-69 pagou duas vezes", InvalidField),
        ("20486319000186", InvalidField),
        ("NIF 234567813", InvalidField),
    ],
)
def test_without_a_reason_that_may_be_kept_nothing_goes_back(
    world: World, clerk: Actor, paid: str, why: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        ask(world, clerk, paid, why=why)


def test_only_who_may_refund_asks_and_who_finds_customers_sees(world: World, paid: str) -> None:
    staff = actor("staff")
    assert line(world, staff, paid).left == TOTAL
    with pytest.raises(NotGranted):
        ask(world, staff, paid)
    with pytest.raises(NotGranted):
        refunds.view(staff, page_of(world), paid)
    with pytest.raises(NotGranted):
        refunds.list_payments(actor("ana"), page_of(world))


def test_anothers_payment_is_not_there(world: World, clerk: Actor, paid: str) -> None:
    wanted = Wanted("80,00", TOTAL, "x")
    with pytest.raises(NotFound):
        refunds.ask(clerk, page_of(world, "bia"), paid, wanted)
    with pytest.raises(NotFound):
        refunds.ask(clerk, page_of(world, "rui"), paid, wanted)
    with pytest.raises(NotFound):
        refunds.view(clerk, page_of(world, "bia"), paid)
    assert refunds.list_payments(clerk, page_of(world, "bia")).rows == []


def test_while_one_is_on_its_way_there_is_no_second(world: World, clerk: Actor, paid: str) -> None:
    ask(world, clerk, paid)

    with pytest.raises(RefundUnderWay):
        ask(world, clerk, paid)
    with pytest.raises(RefundUnderWay):
        refunds.operator_refund("norte", paid, "100.00")


def test_whoever_saw_another_sum_is_shown_the_new_one(
    world: World, clerk: Actor, paid: str
) -> None:
    ask(world, clerk, paid)
    run_jobs()

    with pytest.raises(RefundChanged) as refused:
        ask(world, clerk, paid)

    assert refused.value.details["left"] == brl(26738)
    run_jobs()
    assert sent(world) == [8000]


@pytest.mark.parametrize("parts", [("80,00", "80,00"), ("80,00", "100,00")])
def test_of_two_at_the_same_moment_one_asks(
    world: World, clerk: Actor, paid: str, parts: tuple[str, str]
) -> None:
    answers = together(2, lambda number: ask(world, clerk, paid, parts[number]))
    run_jobs()

    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refused) == 1
    assert isinstance(refused[0], RefundUnderWay)
    assert len(sent(world)) == 1


def test_two_workers_with_the_same_job_send_once(world: World, clerk: Actor, paid: str) -> None:
    """The first one's lease ran out before it asked; both ask, one of them ends it."""
    ask(world, clerk, paid)
    claimed = jobs.claim()
    assert claimed is not None
    with clock.fixed_at(NOW + timedelta(minutes=2)):
        other = jobs.claim()
        assert other is not None
        answers = together(2, lambda number: refunds.send((claimed, other)[number]))

    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "StaleClaim"]
    assert sent(world) == [8000]
    assert balances(world) == [0, 0, 8000]


@pytest.mark.parametrize("wrong", [heard_not_answered, not_heard])
def test_a_silent_provider_is_asked_until_it_went_back_once(
    world: World, clerk: Actor, paid: str, broken: Callable[[str, Any], None], wrong: Any
) -> None:
    ask(world, clerk, paid)
    broken("refund", wrong)
    run_jobs()
    assert line(world, clerk, paid).coming == brl(8000)
    with pytest.raises(RefundUnderWay):
        ask(world, clerk, paid)

    broken("refund", None)
    with clock.fixed_at(LATER):
        run_jobs()

    assert sent(world) == [8000]
    assert line(world, clerk, paid).gone == brl(8000)


def test_what_was_heard_days_ago_is_found_and_not_said_again(
    world: World, clerk: Actor, paid: str, broken: Callable[[str, Any], None]
) -> None:
    """The provider may have forgotten the key by then: said again it would be a second refund."""
    ask(world, clerk, paid)
    broken("refund", heard_not_answered)
    run_jobs()

    broken("refund", never)
    with clock.fixed_at(NOW + timedelta(days=2)):
        run_jobs()

    now = line(world, clerk, paid)
    assert (sent(world), now.gone, now.coming) == ([8000], brl(8000), brl(0))
    assert open_tasks(world) == []


def test_what_was_never_heard_is_given_up_before_its_key_is_forgotten(
    world: World, clerk: Actor, paid: str, broken: Callable[[str, Any], None]
) -> None:
    ask(world, clerk, paid)
    broken("refund", not_heard)
    run_jobs()

    broken("refund", never)
    with clock.fixed_at(NOW + timedelta(days=2)):
        run_jobs()

    assert sent(world) == []
    assert [task.kind for task in open_tasks(world)] == ["refund_refused"]
    assert line(world, clerk, paid).left == TOTAL


@pytest.mark.parametrize("dies_at", ["look", "take", "done"])
def test_whoever_dies_after_the_provider_answered_is_followed_by_another(
    world: World,
    clerk: Actor,
    paid: str,
    monkeypatch: pytest.MonkeyPatch,
    dies_at: str,
) -> None:
    class Killed(BaseException):
        pass

    def die(*asked: Any, **__: Any) -> Any:
        # It looks before it asks, too.
        if dies_at == "look" and not real_look(*asked).refunds:
            return real_look(*asked)
        raise Killed

    real_look = DemoGateway.look
    place: tuple[Any, str] = {
        "look": (DemoGateway, "look"),
        "take": (refunds.provider_reports, "take"),
        "done": (stored_jobs, "done"),
    }[dies_at]
    ask(world, clerk, paid)
    with monkeypatch.context() as dying:
        dying.setattr(place[0], place[1], die)
        with pytest.raises(Killed):
            run_jobs()
    assert sent(world) == [8000]

    with clock.fixed_at(NOW + timedelta(minutes=2)):
        run_jobs()

    assert sent(world) == [8000]
    assert balances(world) == [0, 0, 8000]
    assert line(world, clerk, paid).left == TOTAL - brl(8000)


def test_what_the_provider_refuses_is_a_task_and_may_be_asked_for_again(
    world: World, clerk: Actor, paid: str, broken: Callable[[str, Any], None]
) -> None:
    ask(world, clerk, paid)
    broken("refund", refuses)
    run_jobs()

    assert line(world, clerk, paid).is_refused
    (task,) = open_tasks(world)
    assert (task.kind, task.details["reason"]) == ("refund_refused", "charge_expired_for_capture")
    assert line(world, clerk, paid).left == TOTAL
    assert balances(world) == [0, 0, 0]

    broken("refund", None)
    ask(world, clerk, paid)
    run_jobs()
    assert sent(world) == [8000]
    assert open_tasks(world) == []
    assert not line(world, clerk, paid).is_refused


def test_a_job_that_was_given_up_still_keeps_a_second_away(
    world: World, clerk: Actor, paid: str
) -> None:
    ask(world, clerk, paid)
    with transaction() as session:
        session.execute(update(JobRow).where(col(JobRow.kind) == refunds.JOB).values(state="dead"))

    assert line(world, clerk, paid).is_stuck
    with pytest.raises(RefundUnderWay):
        ask(world, clerk, paid)

    assert refunds.operator_refund("norte", paid, "80.00").status is RefundStatus.DONE
    assert sent(world) == [8000]
    assert not line(world, clerk, paid).is_stuck


def test_what_was_sent_back_at_the_provider_while_the_job_waited_is_not_sent_again(
    world: World, clerk: Actor, paid: str
) -> None:
    ask(world, clerk, paid)
    hosted = payments.view(actor("ana"), paid).hosted
    assert hosted is not None
    demo_gateway().refund(CheckoutRef(paid, hosted.session), brl(8000), "at the provider's site")

    run_jobs()

    assert sent(world) == [8000]
    assert line(world, clerk, paid).gone == brl(8000)


def test_what_came_back_is_settled_by_a_person_before_more_goes(
    world: World, clerk: Actor, paid: str
) -> None:
    subject = f"payment:{payments.view(actor('ana'), paid).id} refund:1"
    with transaction() as session:
        stored_tasks.put(session, world.company, refunds.FAILED, subject, NOW)

    shown = line(world, clerk, paid)
    assert (shown.came_back, shown.left) == (True, brl(0))
    with pytest.raises(RefundUnderWay):
        ask(world, clerk, paid)

    with transaction() as session:
        stored_tasks.close(session, world.company, refunds.FAILED, subject, NOW)
    assert ask(world, clerk, paid) == brl(8000)


def test_an_operator_goes_on_with_what_is_on_its_way(
    world: World, clerk: Actor, paid: str, broken: Callable[[str, Any], None]
) -> None:
    broken("refund", heard_not_answered)
    with pytest.raises(ProviderUnavailable):
        refunds.operator_refund("norte", paid, "80.00")
    broken("refund", None)

    assert refunds.operator_refund("norte", paid, "80.00").status is RefundStatus.DONE

    assert sent(world) == [8000]
    (entry,) = entered(world.company, Entries(action=Action.REFUND_ASKED.value))
    assert entry.subject == "operator"


def test_money_in_dispute_and_money_of_a_bank_stay(world: World, clerk: Actor, paid: str) -> None:
    ana, ids = actor("ana"), [world.documents["later"]]
    offer = boletos.offer(ana, ids).banks[0]
    boleto = boletos.issue(ana, ids, offer.carteira, offer.total)
    nothing = brl(0)
    assert line(world, clerk, boleto).left == nothing
    with pytest.raises(NotRefundable):
        ask(world, clerk, boleto, left=nothing)

    hosted = payments.view(ana, paid).hosted
    assert hosted is not None
    demo_gateway().dispute(hosted.session, DisputeStatus.OPEN)
    told(paid)

    assert line(world, clerk, paid).left == nothing
    with pytest.raises(RefundChanged):
        ask(world, clerk, paid)
    with pytest.raises(NotRefundable):
        refunds.operator_refund("norte", paid, None)


def told(paid: str) -> None:
    """Have the provider asked about a payment, as its call would."""
    ana = actor("ana")
    payment = payments.view(ana, paid)
    with transaction() as session:
        stored_jobs.put(session, ana.company.id, LOOK_JOB, f"{payment.id}/test", clock.now())
    run_jobs()


def test_the_newest_comes_first_and_fifty_a_page(world: World, clerk: Actor, paid: str) -> None:
    yesterday = TODAY - timedelta(days=1)
    before = PastPayment(world.customers["ana"], PaymentMethod.PIX, yesterday, brl(100), [])
    with transaction() as session:
        first = loading.add_payment(session, world.company, before, NOW)
        for _ in range(48):
            loading.add_payment(session, world.company, before, NOW)
    with clock.fixed_at(LATER):
        ana, asked = actor("ana"), [world.documents["later"]]
        later = payments.start(ana, asked, PaymentMethod.CARD, brl(12990)).payment

    page = refunds.list_payments(clerk, page_of(world))
    rest = refunds.list_payments(clerk, page_of(world), 1)

    assert [row.payment.public_id for row in page.rows[:2]] == [later, paid]
    assert (page.customer, page.page, page.has_next, len(page.rows)) == ("Ana", 0, True, 50)
    assert [row.payment.id for row in rest.rows] == [first]
    assert (rest.page, rest.has_next) == (1, False)


def test_a_defect_after_the_answer_ends_with_one_refund(
    world: World, clerk: Actor, paid: str, broken: Callable[[str, Any], None]
) -> None:
    def breaks(*asked: Any) -> Refund:
        _REFUND(*asked)
        raise ValueError

    ask(world, clerk, paid)
    broken("refund", breaks)
    run_jobs()
    assert line(world, clerk, paid).coming == brl(8000)

    with clock.fixed_at(LATER):
        run_jobs()

    assert sent(world) == [8000]
    assert line(world, clerk, paid).gone == brl(8000)
