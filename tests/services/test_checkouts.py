"""Payments at a provider, from the ticked documents to the books, with the demo's checkouts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from portal_app.db.engine import transaction
from portal_app.db.models import (
    AllocationRow,
    DocumentRow,
    JobRow,
    JournalEntryRow,
    JournalLineRow,
    PaymentItemRow,
    PaymentRow,
)
from portal_app.domain.checkout import (
    CheckoutReport,
    CheckoutStatus,
    DisputeStatus,
    Provider,
    RefundStatus,
)
from portal_app.domain.errors import (
    AlreadyPaid,
    InAttempt,
    MethodUnavailable,
    NotFound,
    NotGranted,
    ProviderUnavailable,
    QuoteChanged,
)
from portal_app.domain.grants import Feature
from portal_app.domain.ledger import Account
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod, PaymentState
from portal_app.gateways import clock
from portal_app.gateways.demo import Decision, DemoGateway
from portal_app.jobs.schedule import SCHEDULE
from portal_app.services import (
    boletos,
    checkouts,
    demo_checkouts,
    documents,
    jobs,
    ledger,
    payment_gateways,
    payments,
    provider_reports,
    tasks,
)
from portal_app.services.payments import Started
from portal_app.settings import settings
from tests.company import NOW, World, actor, run_jobs, together

TOTAL = 34738
LATER = NOW + timedelta(seconds=25)


def brl(cents: int) -> Money:
    return Money(cents, "BRL")


def start(world: World, method: PaymentMethod = PaymentMethod.PIX) -> Started:
    """Ana pays the three documents of the design: 347,38 today."""
    return payments.start(actor("ana"), world.three, method, brl(TOTAL))


def gateway() -> DemoGateway:
    return payment_gateways.demo_gateway()


def state(started: Started) -> PaymentState:
    return payments.view(actor("ana"), started.payment).state


def session_of(started: Started) -> str:
    hosted = payments.view(actor("ana"), started.payment).hosted
    assert hosted is not None
    return hosted.session


def decide(started: Started, decision: Decision = Decision.APPROVED) -> PaymentState:
    """Decide on the demo's page and come back a moment later."""
    demo_checkouts.decide(actor("ana"), started.payment, decision.value)
    with clock.fixed_at(NOW + timedelta(seconds=2)):
        return payments.refresh(actor("ana"), started.payment, arrived=True).state


def balances(world: World, ids: Sequence[int] | None = None) -> list[int]:
    with transaction(write=False) as session:
        rows = {row.id: row.balance_cents for row in session.scalars(select(DocumentRow))}
    return [rows[id_] for id_ in ids or world.three]


def account(name: Account) -> int:
    """Balance of an account in the journal, in cents."""
    with transaction(write=False) as session:
        total = session.scalar(
            select(func.sum(col(JournalLineRow.amount_cents))).where(
                col(JournalLineRow.account) == name.value
            )
        )
    return int(total or 0)


def count(row: type[PaymentRow | AllocationRow | JournalEntryRow]) -> int:
    with transaction(write=False) as session:
        return session.execute(select(func.count()).select_from(row)).scalar_one()


def kinds() -> list[str]:
    return [task.kind for task in tasks.list_open(actor("staff"))]


def paid(started: Started, cents: int = TOTAL, **facts: object) -> CheckoutReport:
    told = CheckoutReport(
        payment=started.payment,
        session=session_of(started),
        status=CheckoutStatus.PAID,
        amount=brl(TOTAL),
        paid=brl(cents),
        paid_at=clock.now(),
    )
    return replace(told, **facts)


def take(world: World, report: CheckoutReport) -> PaymentState:
    ana = actor("ana")
    payment = payments.view(ana, report.payment)
    with transaction() as session:
        return provider_reports.take(session, ana.company, payment.id, report).state


def test_started_it_is_pending_and_leads_to_the_providers_page(world: World) -> None:
    started = start(world)

    assert state(started) is PaymentState.PENDING
    assert started.url.endswith(f"/demo/{started.payment}")
    assert documents.load_selection(actor("ana")) == []


def test_what_was_approved_pays_each_document_once(world: World) -> None:
    started = start(world)

    assert decide(started) is PaymentState.CONFIRMED

    assert balances(world) == [0, 0, 0]
    assert account(Account.CLEARING) == TOTAL
    assert account(Account.LATE_CHARGES) == -(520 + 238)
    assert ledger.verify().ok
    assert decide(started) is PaymentState.CONFIRMED
    assert count(AllocationRow) == 3


def test_declined_it_failed_and_its_documents_are_free(world: World) -> None:
    started = start(world, PaymentMethod.CARD)

    assert decide(started, Decision.DECLINED) is PaymentState.FAILED

    assert payments.view(actor("ana"), started.payment).failure == "card_declined"
    assert state(start(world)) is PaymentState.PENDING


def test_approved_later_it_is_confirmed_though_nobody_comes_back(world: World) -> None:
    started = start(world)

    assert decide(started, Decision.LATER) is PaymentState.PENDING

    with clock.fixed_at(LATER):
        run_jobs()
        assert state(started) is PaymentState.CONFIRMED


@pytest.mark.parametrize("decision", [Decision.NEVER, Decision.NONE])
def test_never_answered_it_expires_by_itself(world: World, decision: Decision) -> None:
    started = start(world)
    if decision:
        decide(started, decision)

    with clock.fixed_at(NOW + timedelta(minutes=33)):
        run_jobs()
        assert state(started) is PaymentState.EXPIRED
    assert state(start(world)) is PaymentState.PENDING


def test_a_double_click_and_a_second_tab_are_shown_the_first_attempt(world: World) -> None:
    first = start(world)

    assert start(world).payment == first.payment
    assert start(world, PaymentMethod.CARD).payment == first.payment
    with pytest.raises(InAttempt) as refused:
        payments.start(actor("ana"), world.three[:1], PaymentMethod.PIX, brl(13436))
    assert refused.value.details["payment"] == first.payment


def test_twenty_clicks_at_once_are_one_attempt_and_one_checkout(world: World) -> None:
    ana = actor("ana")

    answers = together(
        20, lambda _: payments.start(ana, world.three, PaymentMethod.PIX, brl(TOTAL))
    )

    assert {answer.payment for answer in answers if isinstance(answer, Started)} == {
        start(world).payment
    }
    assert all(isinstance(answer, Started) for answer in answers)
    assert count(PaymentRow) == 1
    assert len(list(gateway().folder.glob("demo_*.json"))) == 1


def test_another_price_than_the_one_shown_is_asked_again(world: World) -> None:
    with pytest.raises(QuoteChanged) as refused:
        payments.start(actor("ana"), world.three, PaymentMethod.PIX, brl(TOTAL - 1))

    assert refused.value.details["now"] == brl(TOTAL)
    assert count(PaymentRow) == 0


def test_what_is_not_offered_cannot_be_had(world: World) -> None:
    ana = actor("ana")
    closed = replace(ana, features=ana.features - {Feature.PAY_PIX})

    with pytest.raises(NotGranted):
        payments.start(closed, world.three, PaymentMethod.PIX, brl(TOTAL))
    for method in (PaymentMethod.MB_WAY, PaymentMethod.BOLETO):
        with pytest.raises(MethodUnavailable):
            payments.start(ana, world.three, method, brl(TOTAL))
    with pytest.raises(NotFound):
        payments.start(actor("bia"), world.three, PaymentMethod.PIX, brl(TOTAL))


def test_a_method_over_its_limit_is_not_offered(world: World) -> None:
    rui = actor("rui")
    document = world.documents["of_rui"]

    assert payments.ways(rui, [document]).methods == (
        PaymentMethod.MB_WAY,
        PaymentMethod.MULTIBANCO,
        PaymentMethod.CARD,
    )
    with transaction() as session:
        row = session.get_one(DocumentRow, document)
        row.total_cents = row.balance_cents = 500_001
    assert PaymentMethod.MB_WAY not in payments.ways(rui, [document]).methods


def test_another_way_is_free_once_the_provider_has_let_go(world: World) -> None:
    started = start(world)

    freed = payments.supersede(actor("ana"), started.payment)

    assert sorted(freed) == sorted(world.three)
    assert state(started) is PaymentState.SUPERSEDED
    assert gateway().decide(session_of(started), Decision.APPROVED) is False
    assert boletos.issue(actor("ana"), world.three, world.banks["001"], brl(34764))


def test_what_was_paid_meanwhile_is_not_given_up(world: World) -> None:
    started = start(world)
    gateway().decide(session_of(started), Decision.APPROVED)

    with pytest.raises(AlreadyPaid):
        payments.supersede(actor("ana"), started.payment)

    assert state(started) is PaymentState.CONFIRMED
    assert balances(world) == [0, 0, 0]


def test_a_provider_that_is_silent_holds_the_documents(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = start(world)

    def silent(*_: object) -> None:
        raise ProviderUnavailable(reason="timeout")

    monkeypatch.setattr(DemoGateway, "close", silent)

    with pytest.raises(ProviderUnavailable):
        payments.supersede(actor("ana"), started.payment)

    assert state(started) is PaymentState.PENDING


def test_an_answer_that_was_lost_is_found_by_a_job_and_is_one_checkout(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = DemoGateway.open

    def lost(self: DemoGateway, order: object) -> None:
        opened(self, order)  # pyright: ignore[reportArgumentType]
        raise ProviderUnavailable(reason="timeout")

    monkeypatch.setattr(DemoGateway, "open", lost)
    started = start(world)
    assert (started.url, state(started)) == ("", PaymentState.CREATED)
    monkeypatch.setattr(DemoGateway, "open", opened)

    with clock.fixed_at(NOW + timedelta(seconds=16)):
        run_jobs()

    assert state(started) is PaymentState.PENDING
    assert len(list(gateway().folder.glob("demo_*.json"))) == 1


def test_a_provider_that_is_never_reached_frees_the_documents_at_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> None:
        raise ProviderUnavailable(reason="timeout")

    monkeypatch.setattr(DemoGateway, "open", silent)
    started = start(world)

    with clock.fixed_at(NOW + timedelta(minutes=40)):
        run_jobs()

    assert state(started) is PaymentState.EXPIRED


def test_money_after_the_end_is_money(world: World) -> None:
    started = start(world)
    take(world, paid(started, status=CheckoutStatus.EXPIRED, paid=None))
    assert state(started) is PaymentState.EXPIRED

    assert take(world, paid(started)) is PaymentState.CONFIRMED

    assert balances(world) == [0, 0, 0]
    assert kinds() == ["payment_late"]


def test_money_for_documents_paid_otherwise_is_the_customers_credit(world: World) -> None:
    first = start(world)
    take(world, paid(first, status=CheckoutStatus.EXPIRED, paid=None))
    second = start(world, PaymentMethod.CARD)
    decide(second)

    assert take(world, paid(first)) is PaymentState.CONFIRMED

    assert balances(world) == [0, 0, 0]
    assert account(Account.CUSTOMER_CREDIT) == -TOTAL
    assert kinds() == ["payment_credited"]
    assert ledger.verify().ok


def test_money_for_documents_in_another_attempt_is_credit_too(world: World) -> None:
    first = start(world)
    take(world, paid(first, status=CheckoutStatus.EXPIRED, paid=None))
    start(world, PaymentMethod.CARD)

    take(world, paid(first))

    assert balances(world) == [12990, 12990, 8000]
    assert account(Account.CUSTOMER_CREDIT) == -TOTAL


@pytest.mark.parametrize(
    ("cents", "left", "credit", "kind"),
    [(TOTAL - 100, 100, 0, "payment_short"), (TOTAL + 100, 0, 100, "payment_over")],
)
def test_another_sum_than_asked_pays_what_it_can(
    world: World, cents: int, left: int, credit: int, kind: str
) -> None:
    started = start(world)

    take(world, paid(started, cents))

    assert sum(balances(world)) == left
    assert account(Account.CUSTOMER_CREDIT) == -credit
    assert kinds() == [kind]


def test_another_payments_report_is_refused(world: World) -> None:
    started = start(world)
    report = paid(started, payment="somebody-elses")
    payment = payments.view(actor("ana"), started.payment)

    with pytest.raises(NotFound), transaction() as session:
        provider_reports.take(session, actor("ana").company, payment.id, report)

    assert balances(world) == [12990, 12990, 8000]


def test_a_fee_is_booked_once(world: World) -> None:
    started = start(world)

    for _ in range(2):
        take(world, paid(started, fee=brl(345)))

    assert account(Account.FEES) == 345
    assert account(Account.CLEARING) == TOTAL
    assert account(Account.PROVIDER) == -345
    assert ledger.verify().ok


def test_a_refund_makes_the_last_document_owed_again(world: World) -> None:
    started = start(world)
    decide(started)
    payment = payments.view(actor("ana"), started.payment)
    hosted = payment.hosted
    assert hosted is not None

    refunded = gateway().refund(checkouts.ref_of(payment), brl(9000), "r1")
    again = gateway().refund(checkouts.ref_of(payment), brl(9000), "r1")
    with clock.fixed_at(LATER):
        report = gateway().look(checkouts.ref_of(payment))
        for _ in range(2):
            assert take(world, report) is PaymentState.CONFIRMED

    assert refunded == again
    assert refunded.status is RefundStatus.DONE
    # Of the last document the 80,00 of its principal, of the one before 10,00.
    assert balances(world) == [0, 1000, 8000]
    assert account(Account.CLEARING) == TOTAL - 9000
    assert ledger.verify().ok


def test_refunded_whole_everything_is_owed_again(world: World) -> None:
    started = start(world)
    decide(started)
    payment = payments.view(actor("ana"), started.payment)

    gateway().refund(checkouts.ref_of(payment), brl(TOTAL), "r1")
    state_now = take(world, gateway().look(checkouts.ref_of(payment)))

    assert state_now is PaymentState.REFUNDED
    assert balances(world) == [12990, 12990, 8000]
    assert account(Account.LATE_CHARGES) == 0
    assert payments.quote(actor("ana"), world.three).total == brl(TOTAL)
    assert ledger.verify().ok


@pytest.mark.parametrize("decided", [DisputeStatus.WON, DisputeStatus.LOST])
def test_a_dispute_holds_the_money_until_it_is_decided(
    world: World, decided: DisputeStatus
) -> None:
    started = start(world, PaymentMethod.CARD)
    decide(started)
    payment = payments.view(actor("ana"), started.payment)
    ref = checkouts.ref_of(payment)

    gateway().dispute(ref.session, DisputeStatus.OPEN)
    early = gateway().look(ref)
    assert take(world, early) is PaymentState.DISPUTED
    assert account(Account.DISPUTES) == TOTAL
    assert balances(world) == [0, 0, 0]
    assert kinds() == ["payment_disputed"]

    gateway().dispute(ref.session, decided)
    state_now = take(world, gateway().look(ref))

    won = decided is DisputeStatus.WON
    assert state_now is (PaymentState.CONFIRMED if won else PaymentState.REFUNDED)
    assert take(world, early) is state_now, "told late, it changes nothing"
    assert account(Account.DISPUTES) == 0
    assert account(Account.PROVIDER) == 0
    assert account(Account.CLEARING) == (TOTAL if won else 0)
    assert sum(balances(world)) == (0 if won else 12990 + 12990 + 8000)
    assert ledger.verify().ok


def test_a_voucher_is_given_up_at_once_and_closed_by_a_job(world: World) -> None:
    rui = actor("rui")
    document = world.documents["of_rui"]
    started = payments.start(rui, [document], PaymentMethod.MULTIBANCO, Money(6430, "EUR"))
    hosted = payments.view(rui, started.payment).hosted
    assert hosted is not None
    assert len(hosted.voucher.reference) == 9

    assert payments.supersede(rui, started.payment) == (document,)
    assert payments.view(rui, started.payment).state is PaymentState.SUPERSEDED

    run_jobs()
    assert gateway().decide(hosted.session, Decision.APPROVED) is False


def test_a_reference_can_be_paid_for_days(world: World) -> None:
    rui = actor("rui")
    amount = Money(6430, "EUR")
    started = payments.start(rui, [world.documents["of_rui"]], PaymentMethod.MULTIBANCO, amount)
    hosted = payments.view(rui, started.payment).hosted
    assert hosted is not None

    with clock.fixed_at(NOW + timedelta(days=2)):
        run_jobs()
        assert payments.view(rui, started.payment).state is PaymentState.PENDING
        gateway().decide(hosted.session, Decision.APPROVED)
    with clock.fixed_at(NOW + timedelta(days=2, hours=2)):
        run_jobs()
        assert payments.view(rui, started.payment).state is PaymentState.CONFIRMED


def test_the_sweep_finds_a_payment_nobody_told_of(world: World) -> None:
    started = start(world)
    gateway().decide(session_of(started), Decision.APPROVED)
    with transaction() as session:
        for job in session.scalars(select(JobRow)):
            session.delete(job)

    with clock.fixed_at(NOW + timedelta(minutes=36)):
        jobs.plan(SCHEDULE)
        run_jobs()

    assert state(started) is PaymentState.CONFIRMED


def test_only_one_payment_holds_a_document(world: World) -> None:
    start(world)

    with transaction(write=False) as session:
        live = session.scalars(
            select(col(PaymentItemRow.document_id)).where(col(PaymentItemRow.live))
        ).all()
    assert sorted(live) == sorted(world.three)


def test_the_demo_page_is_the_payers_alone(world: World) -> None:
    started = start(world)

    for name in ("bia", "rui"):
        with pytest.raises(NotFound):
            demo_checkouts.page(actor(name), started.payment)
        with pytest.raises(NotFound):
            demo_checkouts.decide(actor(name), started.payment, "approved")


def test_in_production_there_is_no_demo_provider(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = start(world)
    for name, value in {
        "MODE": "production",
        "SECRET_KEY": "x" * 32,
        "STRIPE_SECRET_KEY": "sk_test_1",
        "STRIPE_WEBHOOK_SECRET": "whsec_1",
    }.items():
        monkeypatch.setenv(f"PORTAL_{name}", value)
    settings.cache_clear()

    for refused in (
        payment_gateways.demo_gateway,
        lambda: demo_checkouts.page(actor("ana"), started.payment),
        lambda: demo_checkouts.decide(actor("ana"), started.payment, "approved"),
    ):
        with pytest.raises(NotFound):
            refused()
    assert payment_gateways.present_provider() is Provider.STRIPE
