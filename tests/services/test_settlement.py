"""Money of boletos as banks report it: once, whichever way it came, and never lost."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from portal_app.db import companies
from portal_app.db import ledger as books
from portal_app.db.bank_events import Came
from portal_app.db.engine import transaction
from portal_app.db.models import (
    AllocationRow,
    BankEventRow,
    BoletoRow,
    DocumentRow,
    JournalLineRow,
    ReceiptRow,
)
from portal_app.domain.boleto.events import BankEvent, EventKind, Source, counted
from portal_app.domain.boleto.registration import Stage
from portal_app.domain.documents import OpenFilter, Period
from portal_app.domain.ledger import Account, Entry, EntryKind, Line
from portal_app.domain.money import Money
from portal_app.domain.payments import Payment, PaymentState
from portal_app.gateways import clock
from portal_app.services import bank_reports, boletos, documents, history, ledger, payments, tasks
from tests.company import NOW, TODAY, World, actor, run_jobs, together
from tests.services.test_second_copies import counted_queries

FACE = 34764
DUE = date(2026, 11, 25)
ANSWERED = NOW + timedelta(seconds=21)


def brl(cents: int) -> Money:
    return Money(cents, "BRL")


@pytest.fixture
def issued(world: World) -> Iterator[str]:
    """The boleto of the design, registered at 001: 347,64 due 25/11/2026."""
    ana = actor("ana")
    public_id = boletos.issue(ana, world.three, world.banks["001"], brl(FACE))
    with clock.fixed_at(ANSWERED):
        run_jobs()
        yield public_id


def account_of(world: World, bank: str = "001") -> int:
    with transaction(write=False) as session:
        found = companies.bank_carteiras(session, world.company, [world.banks[bank]])
        return found[world.banks[bank]].account


def event(kind: EventKind = EventKind.PAID, cents: int = FACE, **facts: object) -> BankEvent:
    """A report of the first title of Banco do Brasil's account."""
    told = BankEvent(
        kind=kind,
        bank="001",
        agreement="2883147",
        nosso_numero="28831470000000001",
        movement="06" if kind is EventKind.PAID else "00",
        occurred_on=DUE,
        paid=brl(cents if kind is EventKind.PAID else 0),
    )
    return replace(told, **facts)


def report(
    world: World, *events: BankEvent, source: Source = Source.RETORNO, bank: str = "001"
) -> None:
    account = account_of(world, bank)
    with transaction() as session:
        company = companies.by_id(session, world.company)
        bank_reports.store(session, company, Came(account, source, clock.now()), events)
    bank_reports.handle_all(company, account)


def payment(public_id: str) -> Payment:
    return payments.view(actor("ana"), public_id)


def balances(world: World, ids: Sequence[int] | None = None) -> list[int]:
    with transaction(write=False) as session:
        rows = {row.id: row.balance_cents for row in session.scalars(select(DocumentRow))}
    return [rows[id_] for id_ in ids or world.three]


def credit(world: World) -> int:
    """The customer's credit in the journal, in cents."""
    with transaction(write=False) as session:
        total = session.scalar(
            select(func.sum(col(JournalLineRow.amount_cents))).where(
                col(JournalLineRow.account) == "customer_credit"
            )
        )
    return -int(total or 0)


def outcomes() -> list[str]:
    with transaction(write=False) as session:
        return list(
            session.scalars(select(col(BankEventRow.outcome)).order_by(col(BankEventRow.id)))
        )


def kinds() -> list[str]:
    return [task.kind for task in tasks.list_open(actor("staff"))]


def receipts() -> list[int]:
    """Of money that came, once the jobs of it have run."""
    run_jobs()
    with transaction(write=False) as session:
        query = select(col(ReceiptRow.amount_cents)).where(col(ReceiptRow.kind) == "receipt")
        return list(session.scalars(query.order_by(col(ReceiptRow.id))))


def state() -> str:
    with transaction(write=False) as session:
        return session.scalars(select(col(BoletoRow.state)).order_by(col(BoletoRow.id))).all()[0]


def test_a_payment_settles_the_documents_behind_the_title(world: World, issued: str) -> None:
    report(world, event(fee=brl(190), net=brl(FACE - 190), credited_on=date(2026, 11, 26)))

    assert balances(world) == [0, 0, 0]
    assert payment(issued).state is PaymentState.CONFIRMED
    assert (payment(issued).paid_on, payment(issued).received) == (DUE, brl(FACE))
    assert (state(), receipts(), outcomes(), kinds()) == ("paid", [FACE], ["settled"], [])
    assert ledger.verify().ok
    with transaction(write=False) as session:
        (kept,) = session.scalars(select(BankEventRow))
    assert (kept.fee_cents, kept.net_cents, kept.credited_on) == (190, 34574, date(2026, 11, 26))


def test_a_paid_boleto_is_in_the_history_and_has_no_code_any_more(
    world: World, issued: str
) -> None:
    report(world, event())

    shown = boletos.view(actor("ana"), issued)
    (paid,) = history.list_payments(actor("ana"), Period(), 0).payments
    assert (shown.stage, shown.linha_digitavel, shown.may_print) == (Stage.CLOSED, None, False)
    assert paid.public_id == issued
    assert documents.list_open(actor("ana"), OpenFilter()).counts.overdue == 0


@pytest.mark.parametrize("times", [1, 2])
def test_the_same_report_again_changes_nothing(world: World, issued: str, times: int) -> None:
    for _ in range(1 + times):
        report(world, event(line=3))

    assert (balances(world), credit(world), receipts()) == ([0, 0, 0], 0, [FACE])
    assert outcomes() == ["settled"]


def test_what_a_later_file_knows_more_is_filled_in(world: World, issued: str) -> None:
    report(world, event())
    report(world, event(fee=brl(190), credited_on=date(2026, 11, 27)))

    with transaction(write=False) as session:
        (kept,) = session.scalars(select(BankEventRow))
    assert (kept.fee_cents, kept.credited_on) == (190, date(2026, 11, 27))


def test_the_same_money_told_by_a_call_and_by_the_file_is_one_payment(
    world: World, issued: str
) -> None:
    report(world, event(occurred_on=DUE - timedelta(days=1)), source=Source.QUERY)
    report(world, event())

    assert (credit(world), receipts(), outcomes()) == (0, [FACE], ["settled", "same"])


def test_a_title_paid_twice_is_paid_once_and_credited_once(world: World, issued: str) -> None:
    report(world, *counted([event(), event()]))
    report(world, *counted([event(), event()]))

    assert (balances(world), credit(world)) == ([0, 0, 0], FACE)
    assert (receipts(), outcomes()) == ([FACE, FACE], ["settled", "credited"])
    assert kinds() == ["boleto_credited"]
    assert ledger.verify().ok


def test_charges_for_paying_late_are_recorded_part_by_part(world: World, issued: str) -> None:
    paid_on = DUE + timedelta(days=5)

    report(world, event(cents=FACE + 215, charges=brl(215), occurred_on=paid_on))

    with transaction(write=False) as session:
        shares = session.scalars(
            select(AllocationRow).order_by(col(AllocationRow.document_id))
        ).all()
        fined = set(session.scalars(select(col(DocumentRow.id)).where(col(DocumentRow.fine_paid))))
    assert [(s.principal_cents, s.fine_cents, s.interest_cents) for s in shares] == [
        (12990, 260, 220),
        (12990, 260, 86),
        (8000, 160, 13),
    ]
    assert fined == set(world.three)
    assert (credit(world), outcomes()) == (0, ["settled"])
    assert payment(issued).received == brl(FACE + 215)


def test_less_money_pays_the_oldest_and_staff_see_it(world: World, issued: str) -> None:
    report(world, event(cents=20000))

    assert balances(world) == [0, 12990 - 6226, 8000]
    assert (state(), outcomes(), kinds()) == ("part_paid", ["short"], ["boleto_short"])
    assert payment(issued).state is PaymentState.CONFIRMED
    assert payment(issued).received == brl(20000)
    # What is still owed can be paid again.
    assert documents.payable_ids(actor("ana"), OpenFilter(), None)[:2] == world.three[1:]


def test_the_rest_of_a_boleto_paid_short_completes_it(world: World, issued: str) -> None:
    report(world, event(cents=20000))
    report(world, event(cents=FACE - 20000, occurred_on=DUE + timedelta(days=1)))

    assert (balances(world), credit(world), state()) == ([0, 0, 0], 0, "paid")
    assert len(history.list_payments(actor("ana"), Period(), 0).payments) == 2
    assert ledger.verify().ok


def test_more_money_is_the_customers_credit_and_staff_see_it(world: World, issued: str) -> None:
    report(world, event(cents=FACE + 1000))

    assert (balances(world), credit(world)) == ([0, 0, 0], 1000)
    assert (outcomes(), kinds()) == (["over"], ["boleto_over"])
    (task,) = tasks.list_open(actor("staff"))
    assert task.details["credit"] == {"cents": 1000, "currency": "BRL"}
    assert "missing" not in task.details


def test_money_for_a_boleto_that_was_given_up_pays_what_is_still_free(
    world: World, issued: str
) -> None:
    payments.supersede(actor("ana"), issued)
    run_jobs()

    report(world, event())

    assert (balances(world), credit(world)) == ([0, 0, 0], 0)
    assert (outcomes(), kinds()) == (["cancelled", "late"], ["boleto_late_money"])
    assert payment(issued).state is PaymentState.CONFIRMED


def test_money_for_a_boleto_given_up_for_another_attempt_is_credit(
    world: World, issued: str
) -> None:
    payments.supersede(actor("ana"), issued)
    other = boletos.issue(actor("ana"), world.three, world.banks["756"], brl(FACE), issued)

    report(world, event())

    assert (balances(world), credit(world)) == ([12990, 12990, 8000], FACE)
    assert (outcomes(), kinds()) == (["credited"], ["boleto_credited"])
    assert payment(other).state is PaymentState.PENDING


def test_a_document_paid_another_way_meanwhile_is_not_paid_twice(world: World, issued: str) -> None:
    with transaction() as session:
        oldest = world.three[0]
        lines = (Line(Account.RECEIVABLE, brl(-12990), oldest), Line(Account.CLEARING, brl(12990)))
        source = ("counter", 1)
        entry = Entry(EntryKind.PAYMENT, world.customers["ana"], TODAY, source, lines)
        books.post(session, world.company, entry, NOW)

    report(world, event())

    assert balances(world) == [0, 0, 0]
    assert credit(world) == 12990 + 260 + 199
    assert (outcomes(), kinds()) == (["over"], ["boleto_over"])
    assert ledger.verify().ok


def test_a_baixa_is_not_a_payment(world: World, issued: str) -> None:
    report(world, event(EventKind.EXPIRED, movement="09"))

    assert balances(world) == [12990, 12990, 8000]
    assert (state(), payment(issued).state) == ("expired", PaymentState.EXPIRED)
    assert documents.payable_ids(actor("ana"), OpenFilter(), None)[:3] == world.three


def test_money_after_expiry_is_still_money(world: World, issued: str) -> None:
    report(world, event(EventKind.EXPIRED, movement="09"))
    report(world, event())

    assert (balances(world), state()) == ([0, 0, 0], "paid")
    assert payment(issued).state is PaymentState.CONFIRMED
    assert outcomes() == ["expired", "late"]


def test_a_rejection_by_file_frees_the_documents(world: World) -> None:
    issued = boletos.issue(actor("ana"), world.three, world.banks["001"], brl(FACE))

    report(world, event(EventKind.REJECTED, movement="03", reasons=("48",)))

    rejected = boletos.view(actor("ana"), issued)
    assert (rejected.stage, rejected.reject_reason) == (Stage.REJECTED, "48")
    assert rejected.payment.state is PaymentState.FAILED


REPORTS = (
    event(EventKind.REGISTERED, movement="02"),
    event(EventKind.PAID),
    event(EventKind.CANCELLED, movement="09"),
    event(EventKind.FEE, movement="28", fee=brl(190)),
)


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_reports_in_any_order_and_twice_neither_lose_nor_double_money(
    world: World, issued: str, order: tuple[int, ...]
) -> None:
    for index in (*order, *reversed(order)):
        report(world, REPORTS[index])

    assert (state(), balances(world), credit(world), receipts()) == ("paid", [0, 0, 0], 0, [FACE])
    assert len(outcomes()) == len(REPORTS)


def test_money_the_bank_takes_back_is_owed_again(world: World, issued: str) -> None:
    report(world, event())
    back = event(EventKind.REVERSED, movement="44", occurred_on=DUE + timedelta(days=2))

    report(world, back)
    report(world, back)

    assert balances(world) == [12990, 12990, 8000]
    assert (state(), payment(issued).state) == ("reversed", PaymentState.REFUNDED)
    assert (outcomes(), kinds()) == (["settled", "reversed"], ["boleto_reversed"])
    assert ledger.verify().ok
    with transaction(write=False) as session:
        fined = list(session.scalars(select(col(DocumentRow.id)).where(col(DocumentRow.fine_paid))))
    assert fined == []


def test_a_refused_instruction_is_a_task_and_the_title_stands(world: World, issued: str) -> None:
    report(world, event(EventKind.REFUSED, movement="26", reasons=("15",)))

    (task,) = tasks.list_open(actor("staff"))
    assert (task.kind, task.details["reasons"]) == ("instruction_refused", ["15"])
    assert boletos.view(actor("ana"), issued).stage is Stage.REGISTERED


def test_a_later_due_date_the_bank_confirms_holds(world: World, issued: str) -> None:
    later = DUE + timedelta(days=10)

    report(world, event(EventKind.AMENDED, movement="14", due=later))

    shown = boletos.view(actor("ana"), issued)
    assert (shown.due, shown.amended) == (later, True)


def test_payments_of_titles_that_are_none_of_ours_are_one_task(world: World, issued: str) -> None:
    report(world, *(event(nosso_numero=f"2883147000000099{n}") for n in range(5)))

    assert outcomes() == ["unknown"] * 5
    assert kinds() == ["titles_unknown"]
    assert balances(world) == [12990, 12990, 8000]


def test_an_imported_title_is_settled_by_its_number(world: World) -> None:
    title = world.add("TIT", 700, 4, 5000)
    with transaction() as session:
        session.execute(
            update(DocumentRow)
            .where(col(DocumentRow.id) == title)
            .values(
                registered_elsewhere=True,
                bank="001",
                convenio="2883147",
                nosso_numero="28831470000004711",
            )
        )
    paid = event(cents=5130, charges=brl(130), nosso_numero="28831470000004711")

    report(world, paid)
    report(world, paid)

    # Whoever made the title says what was paid on it: no receipt of ours.
    assert (balances(world, [title]), credit(world), receipts()) == ([0], 0, [])
    with transaction(write=False) as session:
        (share,) = session.scalars(select(AllocationRow))
    assert (share.principal_cents, share.interest_cents) == (5000, 130)
    assert ledger.verify().ok


@pytest.mark.parametrize("lines", [2, 40])
def test_how_titles_were_imported_is_asked_once_for_all_lines(world: World, lines: int) -> None:
    with transaction() as session:
        session.execute(
            update(DocumentRow)
            .where(col(DocumentRow.id) == world.documents["of_bia"])
            .values(bank="001", convenio="002883147", nosso_numero="28831470000004000")
        )
    numbers = [f"2883147{4000 + n:010}" for n in range(lines)]

    with counted_queries() as asked:
        report(world, *(event(cents=5000, nosso_numero=number) for number in numbers))

    assert outcomes() == ["settled", *["unknown"] * (lines - 1)]
    assert len([sql for sql in asked if "DISTINCT" in sql]) == 1


def test_known_titles_are_not_looked_for_among_the_imported(world: World, issued: str) -> None:
    with counted_queries() as asked:
        report(world, event())

    assert outcomes() == ["settled"]
    assert not [sql for sql in asked if "DISTINCT" in sql]


def test_eight_workers_settle_once(world: World, issued: str) -> None:
    account = account_of(world)
    with transaction() as session:
        company = companies.by_id(session, world.company)
        way = Came(account, Source.RETORNO, clock.now())
        bank_reports.store(session, company, way, [event()])

    together(8, lambda _: bank_reports.handle_all(company, account))

    assert (balances(world), receipts(), outcomes()) == ([0, 0, 0], [FACE], ["settled"])


def test_a_report_without_an_amount_is_no_payment(world: World, issued: str) -> None:
    report(world, event(cents=0))

    assert (balances(world), outcomes()) == ([12990, 12990, 8000], ["noted"])
