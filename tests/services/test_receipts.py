"""Receipts: what the books say, numbered without a gap, once, whatever fails in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from portal_app.db import allocations, engine, loading, returns
from portal_app.db import jobs as stored_jobs
from portal_app.db import ledger as books
from portal_app.db import payments as stored_payments
from portal_app.db import receipts as stored
from portal_app.db.companies import by_id as company_by_id
from portal_app.db.engine import transaction
from portal_app.db.loading import PastPayment
from portal_app.db.models import (
    JobRow,
    PaymentRow,
    ReceiptRow,
    ReceiptSeriesRow,
)
from portal_app.domain import ledger as entries
from portal_app.domain.allocation import Charged, take_back
from portal_app.domain.checkout import Dispute, DisputeStatus, Refund, RefundStatus
from portal_app.domain.errors import NotFound, NotGranted, StaleClaim
from portal_app.domain.grants import Feature
from portal_app.domain.jobs import LEASE
from portal_app.domain.ledger import EntryKind, Matter
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod, PaymentState
from portal_app.domain.receipts import Receipt, ReceiptKind
from portal_app.gateways import clock
from portal_app.services import (
    actors,
    jobs,
    ledger,
    links,
    owed_receipts,
    payments,
    receipts,
    tasks,
)
from portal_app.services.actors import Actor
from tests.company import NOW, TODAY, World, actor, run_jobs, together

CHARGED = {"overdue_43": (12990, 260, 186), "soon": (8000, 0, 0)}


class Injected(Exception):
    """What tests break the portal with."""


def brl(cents: int) -> Money:
    return Money(cents, "BRL")


def pay(
    world: World,
    amount: int,
    parts: dict[str, tuple[int, int, int]] | None = None,
    *,
    customer: str = "ana",
    owed: bool = True,
) -> int:
    """Money for documents, what they do not need as credit; its receipt is owed."""
    asked = [
        Charged(world.documents[name], None, brl(principal), brl(fine), brl(interest))
        for name, (principal, fine, interest) in (parts or {}).items()
    ]
    past = PastPayment(world.customers[customer], PaymentMethod.PIX, TODAY, brl(amount), asked)
    with transaction() as session:
        payment = loading.add_payment(session, world.company, past, NOW)
        if owed:
            owed_receipts.owe(session, company_by_id(session, world.company), payment)
    return payment


def go_back(world: World, payment: int, cents: int, *, disputed: bool = False) -> str:
    """So much of a payment's money goes back; what it is about. Its receipt is owed."""
    with transaction() as session:
        company = company_by_id(session, world.company)
        credit = books.credit_of(session, company.id, payment, "BRL")
        shares = allocations.standing(session, company.id, [payment])
        returned = take_back(brl(cents), shares, credit)
        kind, row, entry = _gone(session, company.id, payment, brl(cents), disputed=disputed)
        matter = Matter((kind, row), world.customers["ana"], TODAY, "demo")
        posted = books.post(session, company.id, entry(matter, returned), clock.now())
        allocations.reduce(session, company.id, payment, returned.shares, posted)
        owed_receipts.owe(session, company, payment, f"{kind}:{row}")
    return f"{kind}:{row}"


def _gone(session, company, payment, amount, *, disputed):
    now, ref = clock.now(), f"re_{amount.cents}"
    if disputed:
        dispute = Dispute(ref, amount, DisputeStatus.LOST, "fraudulent")
        row = returns.put_dispute(session, company, payment, "demo", dispute, now)
        return "dispute", row, lambda m, r: entries.dispute_lost(m, r, amount)
    refund = Refund(ref, amount, RefundStatus.DONE)
    return (
        "refund",
        returns.put_refund(session, company, payment, "demo", refund, now),
        entries.refund,
    )


def of_payment(world: World, payment: int) -> list[Receipt]:
    with transaction(write=False) as session:
        return stored.of_payment(session, world.company, payment)


def public_id(payment: int) -> str:
    with transaction(write=False) as session:
        return session.get_one(PaymentRow, payment).public_id


def gap(world: World) -> object:
    with transaction(write=False) as session:
        return stored.first_gap(session, world.company)


def numbers(world: World) -> list[int]:
    query = select(col(ReceiptRow.number)).where(col(ReceiptRow.company_id) == world.company)
    with transaction(write=False) as session:
        return sorted(session.scalars(query))


def open_tasks() -> list[tuple[str, str, dict[str, object]]]:
    return [(t.kind, t.subject, dict(t.details)) for t in tasks.list_open(actor("staff"))]


@contextmanager
def later(**delta: float) -> Iterator[None]:
    with clock.fixed_at(clock.now() + timedelta(**delta)):
        yield


@contextmanager
def undrawable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(*_: object) -> bytes:
        raise Injected("CPF 100.200.301-69")

    with monkeypatch.context() as patched:
        patched.setattr(receipts, "draw_receipt", fail)
        yield


@contextmanager
def broken(moment: str, number: int, error: Exception) -> Iterator[None]:
    """The `number`-th time the database is at this `moment`, the error is raised."""
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            raise error

    event.listen(engine.engine(), moment, count)
    try:
        yield
    finally:
        event.remove(engine.engine(), moment, count)


def test_a_receipt_states_what_the_books_say(world: World) -> None:
    payment = pay(world, 21936, CHARGED)

    run_jobs()

    (receipt,) = of_payment(world, payment)
    facts = receipt.facts
    assert (receipt.number, receipt.kind, receipt.total) == (
        "REC 2026/1",
        ReceiptKind.RECEIPT,
        brl(21936),
    )
    assert [(line.number, line.paid, line.charges, line.owed) for line in facts.lines] == [
        ("FT 2026/1841", brl(13436), brl(446), brl(0)),
        ("ND 2026/77", brl(8000), brl(0), brl(0)),
    ]
    assert (facts.total, facts.credit, facts.owed) == (brl(21936), brl(500), brl(0))
    assert (facts.company, facts.customer, facts.paid_on) == ("Norte", "Ana", TODAY)
    assert (facts.number, facts.issued_on, facts.answers) == ("REC 2026/1", TODAY, "")
    name, paper = receipts.pdf(actor("ana"), receipt.public_id)
    assert (name, paper[:4]) == ("REC-2026-1.pdf", b"%PDF")
    assert open_tasks() == []
    assert ledger.verify().ok


def test_what_is_owed_is_what_was_owed_right_after_that_money(world: World) -> None:
    first = pay(world, 3000, {"soon": (8000, 0, 0)})
    second = pay(world, 1000, {"soon": (5000, 0, 0)})

    run_jobs()

    owed = [of_payment(world, payment)[0].facts.owed for payment in (first, second)]
    assert owed == [brl(5000), brl(4000)]


def test_money_that_went_back_is_stated_with_the_receipt_it_answers(world: World) -> None:
    payment = pay(world, 21936, CHARGED)
    run_jobs()

    go_back(world, payment, 8500)
    go_back(world, payment, 13436, disputed=True)
    run_jobs()

    _, refund, lost = (receipt.facts for receipt in of_payment(world, payment))
    assert (refund.kind, refund.number, refund.answers) == (
        ReceiptKind.REFUND,
        "REC 2026/2",
        "REC 2026/1",
    )
    assert (refund.total, refund.credit, refund.owed) == (brl(8500), brl(500), brl(8000))
    assert [(line.number, line.paid) for line in refund.lines] == [("ND 2026/77", brl(8000))]
    assert (lost.total, lost.number, lost.answers) == (brl(13436), "REC 2026/3", "REC 2026/1")
    assert [(line.paid, line.charges, line.owed) for line in lost.lines] == [
        (brl(13436), brl(446), brl(12990))
    ]
    assert gap(world) is None


def test_money_a_bank_took_back_is_stated_whole(world: World) -> None:
    payment = pay(world, 21936, CHARGED)
    with transaction() as session:
        came = books.lines_of(session, world.company, EntryKind.PAYMENT, ("payment", payment))
        gone = entries.reversal(payment, world.customers["ana"], came, TODAY)
        books.post(session, world.company, gone, NOW)
        company = company_by_id(session, world.company)
        owed_receipts.owe(session, company, payment, owed_receipts.REVERSAL)

    run_jobs()

    came_in, gone_again = (receipt.facts for receipt in of_payment(world, payment))
    assert gone_again.answers == came_in.number
    assert (gone_again.total, gone_again.credit) == (came_in.total, came_in.credit)
    assert gone_again.owed == brl(12990 + 8000)


def test_a_refund_waits_until_its_receipt_is_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})
    go_back(world, payment, 8000)
    with undrawable(monkeypatch):
        run_jobs()

    with later(seconds=4):
        assert run_jobs() == 0
    with later(seconds=6):
        run_jobs()
    with later(seconds=20):
        run_jobs()

    receipt, refund = of_payment(world, payment)
    assert (receipt.number, refund.number) == ("REC 2026/1", "REC 2026/2")
    assert refund.facts.answers == "REC 2026/1"
    assert open_tasks() == []


def test_a_refund_of_money_without_a_receipt_ends_quietly(world: World) -> None:
    payment = pay(world, 8000, {"soon": (8000, 0, 0)}, owed=False)
    go_back(world, payment, 8000)

    assert run_jobs() == 1

    assert (of_payment(world, payment), open_tasks(), jobs.seconds_to_next()) == ([], [], None)


def test_a_payment_stands_though_its_receipt_fails_and_a_task_says_why(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})

    with undrawable(monkeypatch):
        run_jobs()

    assert payments.view(actor("ana"), public_id(payment)).state is PaymentState.CONFIRMED
    assert ledger.verify().ok
    facts = {"kind": "receipt.issue", "key": str(payment), "reason": "Injected"}
    assert open_tasks() == [("receipt_failed", f"payment:{payment}", facts)]
    assert (numbers(world), gap(world)) == ([], None)
    with later(seconds=5):
        run_jobs()
    assert [receipt.number for receipt in of_payment(world, payment)] == ["REC 2026/1"]
    assert open_tasks() == []


def test_books_that_do_not_fit_the_payment_are_not_stated(world: World) -> None:
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})
    with transaction() as session:
        session.execute(
            update(stored_payments.PaymentItemRow).values(document_id=world.documents["later"])
        )

    run_jobs()

    ((kind, _, details),) = open_tasks()
    assert (kind, details["reason"]) == ("receipt_failed", "UNBALANCED_ENTRY")
    assert of_payment(world, payment) == []


def test_trouble_of_the_database_is_tried_again_without_a_task(world: World) -> None:
    pay(world, 8000, {"soon": (8000, 0, 0)})
    job = jobs.claim()
    assert job is not None

    with (
        broken("before_cursor_execute", 5, OperationalError("", None, Exception())),
        pytest.raises(OperationalError),
    ):
        receipts.issue(job)

    assert (open_tasks(), numbers(world), gap(world)) == ([], [], None)


@pytest.mark.parametrize("moment", ["before_cursor_execute", "after_cursor_execute", "commit"])
def test_whatever_breaks_between_the_first_word_and_the_last_leaves_no_gap(
    world: World, moment: str
) -> None:
    before = pay(world, 1000, {"soon": (8000, 0, 0)})
    run_jobs()
    payment = pay(world, 2000, {"soon": (7000, 0, 0)})
    failures = 0

    while not of_payment(world, payment):
        job = jobs.claim()
        assert job is not None
        try:
            with broken(moment, failures + 1, Injected()):
                receipts.issue(job)
        except Injected:
            failures += 1
            jobs.fail(job, "Injected")
            with transaction() as session:
                stored_jobs.requeue(session, world.company, job.kind, job.key, clock.now())
            assert (numbers(world), gap(world)) == ([1], None)
            assert [kind for kind, *_ in open_tasks()] == ["receipt_failed"]

    assert failures >= (1 if moment == "commit" else 12)
    assert [r.number for r in of_payment(world, before) + of_payment(world, payment)] == [
        "REC 2026/1",
        "REC 2026/2",
    ]
    assert (open_tasks(), gap(world)) == ([], None)


def test_a_job_that_runs_twice_issues_once(world: World) -> None:
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})
    run_jobs()
    with transaction() as session:
        session.execute(
            update(JobRow).where(col(JobRow.kind) == "receipt.issue").values(state="queued")
        )

    assert run_jobs() == 1

    assert (len(of_payment(world, payment)), numbers(world)) == (1, [1])


def test_of_a_claim_run_by_eight_at_once_one_issues(world: World) -> None:
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})
    job = jobs.claim()
    assert job is not None

    answers = together(8, lambda _: receipts.issue(job))

    assert sorted(map(type, answers), key=str) == [type(None), *[StaleClaim] * 7]
    assert (len(of_payment(world, payment)), open_tasks(), gap(world)) == (1, [], None)


def test_a_worker_that_lost_the_job_neither_numbers_nor_complains(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})
    slow = jobs.claim()
    assert slow is not None
    with clock.fixed_at(NOW + LEASE + timedelta(seconds=1)):
        run_jobs()

        with pytest.raises(StaleClaim):
            receipts.issue(slow)
        with pytest.raises(StaleClaim):
            receipts._tell(slow, receipts._Matter.of(slow.key), Injected())

    assert (len(of_payment(world, payment)), numbers(world), open_tasks()) == (1, [1], [])


def test_fifty_at_once_are_numbered_one_to_fifty_though_some_fail_at_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = [pay(world, 100, {"later": (12990 - 100 * n, 0, 0)}) for n in range(50)]
    draw, failed = receipts.draw_receipt, set[str]()

    def now_and_then(facts, locale):
        owed = str(facts.owed)
        if facts.owed.cents // 100 % 3 == 0 and owed not in failed:
            failed.add(owed)
            raise Injected
        return draw(facts, locale)

    monkeypatch.setattr(receipts, "draw_receipt", now_and_then)

    answers = together(50, lambda _: run_jobs())
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert 0 < len(failed) < 50
    assert (len(numbers(world)), gap(world)) == (50 - len(failed), None)
    with later(seconds=30):
        run_jobs()

    assert numbers(world) == list(range(1, 51))
    assert [len(of_payment(world, payment)) for payment in paid] == [1] * 50
    assert (gap(world), open_tasks()) == (None, [])


def test_each_year_of_the_company_s_own_zone_is_a_series(world: World) -> None:
    stated: list[str] = []
    for moment in (
        datetime(2026, 12, 31, 23, tzinfo=UTC),
        datetime(2027, 1, 1, 2, tzinfo=UTC),  # still the old year in São Paulo
        datetime(2027, 1, 1, 4, tzinfo=UTC),
    ):
        with clock.fixed_at(moment):
            payment = pay(world, 100, {"later": (12990, 0, 0)})
            run_jobs()
            stated += [receipt.number for receipt in of_payment(world, payment)]

    assert stated == ["REC 2026/1", "REC 2026/2", "REC 2027/1"]


def test_a_missing_number_is_found_by_the_proof_of_the_books(world: World) -> None:
    pay(world, 100, {"later": (12990, 0, 0)})
    run_jobs()
    assert ledger.verify().ok
    with transaction() as session:
        session.execute(update(ReceiptSeriesRow).values(next_number=4))

    wrong = ledger.verify().first_wrong

    assert wrong is not None
    assert (wrong.kind, wrong.id, wrong.found, wrong.expected) == ("receipt_series", 2026, 1, 3)


@pytest.mark.parametrize("name", ["bia", "rui"])
def test_somebody_else_s_receipt_does_not_exist(world: World, name: str) -> None:
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})
    run_jobs()
    (receipt,) = of_payment(world, payment)

    with pytest.raises(NotFound):
        receipts.pdf(actor(name), receipt.public_id)
    with pytest.raises(NotFound):
        receipts.view(actor(name), public_id(payment))


def test_a_link_shows_the_receipts_of_its_own_documents_alone(world: World) -> None:
    inside = pay(world, 8000, {"soon": (8000, 0, 0)})
    beyond = pay(world, 9000, {"soon": (0, 0, 1000), "later": (8000, 0, 0)})
    nothing = pay(world, 500)
    run_jobs()
    visitor = through_link("ND 2026/77")

    assert receipts.pdf(visitor, of_payment(world, inside)[0].public_id)[0] == "REC-2026-1.pdf"
    assert receipts.view(visitor, public_id(inside)).status == "issued"
    for payment in (beyond, nothing):
        with pytest.raises(NotFound):
            receipts.pdf(visitor, of_payment(world, payment)[0].public_id)


def through_link(*documents: str) -> Actor:
    address = links.create("norte", "10020030169", documents)
    found = actors.actor_of(links.open_(address.rpartition("/")[2]).token)
    assert found is not None
    return found


def test_the_payment_page_is_told_when_there_is_a_receipt(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, payment = actor("ana"), pay(world, 8000, {"soon": (8000, 0, 0)})
    imported = pay(world, 100, {"later": (12990, 0, 0)}, owed=False)
    with undrawable(monkeypatch):
        run_jobs()

    waiting = receipts.view(ana, public_id(payment))
    with later(seconds=5):
        run_jobs()
        go_back(world, payment, 1000)
        run_jobs()
    issued = receipts.view(ana, public_id(payment))

    receipt, refund = of_payment(world, payment)
    assert (waiting.status, waiting.number, waiting.pdf, waiting.refunds) == (
        "on_its_way",
        "",
        "",
        (),
    )
    assert (issued.status, issued.number, issued.pdf) == (
        "issued",
        "REC 2026/1",
        receipt.public_id,
    )
    assert [(each.number, each.total, each.pdf, each.on) for each in issued.refunds] == [
        ("REC 2026/2", brl(1000), refund.public_id, TODAY)
    ]
    assert receipts.view(ana, public_id(imported)).status == "none"


def test_whoever_may_not_print_sees_that_there_is_a_receipt_and_no_paper(world: World) -> None:
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})
    run_jobs()
    ana = actor("ana")
    reader = replace(ana, features=ana.features - {Feature.PRINT})

    view = receipts.view(reader, public_id(payment))

    assert (view.status, view.number, view.pdf) == ("issued", "REC 2026/1", "")
    with pytest.raises(NotGranted):
        receipts.pdf(reader, of_payment(world, payment)[0].public_id)
