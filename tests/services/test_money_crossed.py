"""Money told in unlucky orders: paid twice, taken back, told by two ways, read backwards."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import col

from portal_app.db import companies
from portal_app.db.bank_events import Came
from portal_app.db.engine import transaction
from portal_app.db.models import BankEventRow, BoletoRow, DocumentRow, PaymentRow
from portal_app.domain.boleto.bank import plain, title_of
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.events import EventKind, Source, counted
from portal_app.gateways import clock
from portal_app.services import bank_reports, boletos, carteiras
from tests.company import World, actor, together
from tests.services.test_settlement import (
    DUE,
    FACE,
    account_of,
    balances,
    brl,
    credit,
    event,
    kinds,
    outcomes,
    report,
)
from tests.services.test_settlement import issued as issued


def test_a_second_real_payment_is_the_customers_credit(world: World, issued: str) -> None:
    # The bank's API is asked first, then the retorno tells the very same fact (same day).
    report(world, event(), source=Source.QUERY)
    report(world, event())
    # The customer pays the title once more the next day; only the retorno tells of it.
    report(world, event(occurred_on=DUE + timedelta(days=1)))
    assert credit(world) == FACE


def test_the_same_facts_told_by_two_ways_at_once_are_kept_once(world: World, issued: str) -> None:
    account, facts = account_of(world), [event(), event(EventKind.FEE, movement="28")]
    ways = [Source.QUERY, Source.RETORNO]

    def tell(number: int) -> int:
        with transaction() as session:
            company = companies.by_id(session, world.company)
            way = Came(account, ways[number], clock.now())
            new = bank_reports.store(session, company, way, facts)
            time.sleep(0.2)
        bank_reports.handle_all(company, account)
        return new

    told = together(2, tell)

    assert sorted(told, key=str) == [0, 2]
    assert (outcomes(), balances(world), credit(world)) == (["settled", "noted"], [0, 0, 0], 0)
    with transaction(write=False) as session:
        rows = session.scalars(select(BankEventRow)).all()
    assert [{row.source, *row.also_by.split()} for row in rows] == [{*ways}] * 2


def test_what_is_paid_again_after_a_returned_cheque_counts(world: World, issued: str) -> None:
    report(world, event(), source=Source.QUERY)
    report(world, event())
    report(
        world,
        event(
            EventKind.REVERSED, movement="44", occurred_on=DUE + timedelta(days=2), paid=brl(FACE)
        ),
    )
    assert balances(world) == [12990, 12990, 8000]
    report(world, event(occurred_on=DUE + timedelta(days=4)))
    assert balances(world) == [0, 0, 0]


def test_a_second_payment_may_be_taken_back_too(world: World, issued: str) -> None:
    report(world, event())
    report(
        world,
        event(
            EventKind.REVERSED, movement="44", occurred_on=DUE + timedelta(days=2), paid=brl(FACE)
        ),
    )
    report(world, event(occurred_on=DUE + timedelta(days=3)))
    assert balances(world) == [0, 0, 0]
    report(
        world,
        event(
            EventKind.REVERSED, movement="44", occurred_on=DUE + timedelta(days=5), paid=brl(FACE)
        ),
    )
    assert balances(world) == [12990, 12990, 8000]


def test_the_payment_of_that_amount_is_taken_back(world: World, issued: str) -> None:
    report(world, event(cents=20000))
    report(world, event(cents=FACE - 20000, occurred_on=DUE + timedelta(days=1)))
    report(
        world,
        event(
            EventKind.REVERSED, movement="44", occurred_on=DUE + timedelta(days=3), paid=brl(20000)
        ),
    )
    with transaction(write=False) as session:
        rows = session.scalars(select(PaymentRow).order_by(col(PaymentRow.id))).all()
    gone = [r.received_cents or r.amount_cents for r in rows if r.state == "refunded"]
    assert gone == [20000]


def test_both_of_two_payments_taken_back(world: World, issued: str) -> None:
    report(world, *counted([event(), event()]))
    back = event(
        EventKind.REVERSED, movement="44", occurred_on=DUE + timedelta(days=3), paid=brl(FACE)
    )
    report(world, *counted([back, back]))
    assert (balances(world), credit(world)) == ([12990, 12990, 8000], 0)


def test_a_reversal_read_before_its_payment_is_shown_to_staff(world: World, issued: str) -> None:
    report(
        world,
        event(
            EventKind.REVERSED, movement="44", occurred_on=DUE + timedelta(days=2), paid=brl(FACE)
        ),
    )
    report(world, event())
    assert balances(world) == [12990, 12990, 8000] or kinds()


def test_money_of_an_imported_title_is_taken_back(world: World) -> None:
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
    nn = "28831470000004711"
    report(world, event(cents=5000, nosso_numero=nn))
    assert balances(world, [title]) == [0]
    report(
        world,
        event(
            EventKind.REVERSED,
            movement="44",
            nosso_numero=nn,
            paid=brl(5000),
            occurred_on=DUE + timedelta(days=2),
        ),
    )
    assert balances(world, [title]) == [5000] or kinds()


def test_a_title_of_another_carteira_with_our_count_is_not_ours(world: World) -> None:
    carteiras.operator_save(
        "norte",
        "Itaú 110",
        {
            "bank": "341",
            "agencia": "0915",
            "conta": "41207",
            "conta_dv": "",
            "convenio": "",
            "carteira": "110",
        },
    )
    boletos.issue(actor("ana"), world.three, world.banks["341"], brl(FACE))
    row = None
    with transaction(write=False) as session:
        row = session.scalars(select(BoletoRow)).one()
    from portal_app.domain.money import Money

    with transaction(write=False) as session:
        all_ = companies.carteiras_of_account(session, world.company, row.bank_account_id)
    other = next(c for c in all_ if c.carteira == "110")
    theirs = plain(BANKS["341"].nosso_numero(title_of(other, 1, Money(1, "BRL"), None, "0")))
    report(
        world, replace(event(nosso_numero=theirs), bank="341", agreement="915/41207"), bank="341"
    )
    assert balances(world) == [12990, 12990, 8000]


def test_each_credit_is_told_to_staff(world: World, issued: str) -> None:
    report(world, event())
    report(world, event(occurred_on=DUE + timedelta(days=1)))
    report(world, event(occurred_on=DUE + timedelta(days=2), cents=FACE + 1))
    assert len(kinds()) == 2


def test_a_payment_without_a_day_is_of_the_companys_today(world: World, issued: str) -> None:
    # 22:00 of the due date in São Paulo; the bank's line has no dates.
    with transaction() as session:
        row = session.scalars(select(BoletoRow)).one()
        order = dict(row.order)
        order["discount"] = {"until": DUE.isoformat(), "amount": {"cents": 1000, "currency": "BRL"}}
        row.order = order
    with clock.fixed_at(datetime(2026, 11, 26, 1, 0, tzinfo=UTC)):
        report(world, event(cents=FACE - 1000, occurred_on=None))
    assert outcomes() == ["settled"]


def test_a_long_name_of_another_program_is_unknown(world: World, issued: str) -> None:
    report(
        world,
        event(EventKind.FEE, movement="28", nosso_numero="", seu_numero="9" * 20, fee=brl(190)),
    )
    assert outcomes() == ["unknown"]


def test_the_rest_after_a_part_of_the_fine_pays_it(world: World, issued: str) -> None:
    first = 199 + 100  # interest of the oldest document and a part of its fine
    report(world, event(cents=first))
    report(world, event(cents=FACE - first, occurred_on=DUE + timedelta(days=1)))
    assert credit(world) == 0


def test_money_told_before_its_title_was_imported_is_settled_when_told_again(world: World) -> None:
    told = event(cents=5000, nosso_numero="28831470000004712")
    report(world, told)
    assert outcomes() == ["unknown"]
    title = world.add("TIT", 701, 4, 5000)
    with transaction() as session:
        session.execute(
            update(DocumentRow)
            .where(col(DocumentRow.id) == title)
            .values(
                registered_elsewhere=True,
                bank="001",
                convenio="2883147",
                nosso_numero="28831470000004712",
            )
        )

    report(world, told)

    assert (outcomes(), balances(world, [title])) == (["settled"], [0])


def test_a_title_its_bank_withdrew_unasked_is_shown_to_staff(world: World, issued: str) -> None:
    report(world, event(EventKind.CANCELLED, movement="09"))

    assert kinds() == ["title_withdrawn"]
