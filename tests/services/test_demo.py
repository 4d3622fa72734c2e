"""The demo company is what INTERFACE.md promises, on any day of the year."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col
from stdnum.br import cnpj, cpf
from stdnum.pt import nif

from portal_app.db.engine import transaction
from portal_app.db.models import CompanyRow, CustomerRow, DocumentRow, PortalUserRow
from portal_app.domain.analysis import Span, span_period
from portal_app.domain.boleto.registration import Stage
from portal_app.domain.documents import Block, OpenFilter, Period
from portal_app.domain.errors import SeparatePayments
from portal_app.domain.grants import MemberKind, Role, StaffFeature
from portal_app.gateways import clock
from portal_app.services import (
    access,
    actors,
    analysis,
    boletos,
    demo,
    documents,
    history,
    ledger,
    people,
    staff_roles,
)
from portal_app.services.access import From
from portal_app.services.actors import Actor
from tests.company import NOW, run_jobs, together


def person(login: str) -> Actor:
    found = actors.actor_of(access.sign_in(login, demo.PASSWORD, From("192.0.2.1")).token)
    assert found is not None
    return found


def test_every_printed_sign_in_works_and_shows_its_company(database: str) -> None:
    assert demo.load_if_empty()

    people = {one.login: person(one.login) for one in demo.SIGN_INS}

    assert {login: who.company.slug for login, who in people.items()} == {
        login: login.partition("@")[2].partition(".")[0] for login in people
    }
    roles = {login: who.role for login, who in people.items() if who.role is not Role.CUSTOMER}
    assert roles == {
        "atendimento@nordeste.example": Role.STAFF,
        "gestor@nordeste.example": Role.MANAGER,
        "gestor@lusitana.example": Role.MANAGER,
    }
    assert demo.PASSWORD in str(demo.SIGN_INS[0])


def test_an_accountant_reads_two_customers_for_a_year(database: str) -> None:
    assert demo.load_if_empty()

    paulo = person("contador@nordeste.example")

    found = people.accounts(paulo)
    assert paulo.customer is None
    assert [each.name for each in found] == ["Ana Lima", "Mercado São João Ltda."]
    assert {(each.kind, each.ends) for each in found} == {
        (MemberKind.ACCOUNTANT, paulo.today + timedelta(days=365))
    }


def test_the_front_desk_has_a_role_of_its_own(database: str) -> None:
    assert demo.load_if_empty()

    desk = person("atendimento@nordeste.example")

    assert set(desk.features) & set(StaffFeature) == {
        StaffFeature.FIND_CUSTOMERS,
        StaffFeature.MAKE_LINKS,
        StaffFeature.INVITE_CUSTOMERS,
        StaffFeature.WORK_TASKS,
    }
    for manager in ("gestor@nordeste.example", "gestor@lusitana.example"):
        roles = staff_roles.list_roles(person(manager))
        assert [role.name for role in roles] == ["Atendimento", "Financeiro"]


def test_two_processes_load_it_once(database: str) -> None:
    loaded = together(2, lambda _: demo.load_if_empty())

    assert sorted(map(bool, loaded)) == [False, True]
    assert not any(isinstance(answer, Exception) for answer in loaded)
    with transaction(write=False) as session:
        assert len(list(session.scalars(select(CompanyRow)))) == 2
    assert not demo.load_if_empty()


@pytest.mark.parametrize(
    "today",
    [date(2026, 11, 22), date(2027, 1, 1), date(2028, 2, 29), date(2027, 3, 31)],
    ids=str,
)
def test_dates_are_relative_to_the_day_it_is_loaded(sqlite_database: str, today: date) -> None:
    moment = datetime.combine(today, datetime.min.time(), UTC) + timedelta(hours=15)
    with clock.fixed_at(moment):
        demo.load_if_empty()
        ana = person("ana@nordeste.example")
        rows = documents.list_open(ana, OpenFilter()).rows
        (panel,) = analysis.panels(ana, span_period(Span.MONTH, today))

    assert [(row.document.number, row.document.due) for row in rows] == [
        (number.format(today.year), None if days is None else today + timedelta(days=days))
        for number, days in (
            ("FT {}/1841", -43),
            ("FT {}/1990", -12),
            ("ND {}/77", 3),
            ("FT {}/2114", 18),
            ("FS {}/310", 23),
            ("FT {}/2208", 28),
            ("NC {}/12", None),
        )
    ]
    assert [row.block for row in rows] == [None] * 6 + [Block.TYPE]
    assert (rows[4].document.total.cents, rows[4].document.balance.cents) == (5900, 3900)
    assert len({row.document.description for row in rows}) == 7
    assert all(month.paid.cents > 0 for month in panel.months)
    assert panel.purchased.count > 0
    assert ledger.verify().ok
    with transaction(write=False) as session:
        for row in session.scalars(select(DocumentRow)):
            assert row.issue_date <= today
            assert row.due_date is None or row.issue_date < row.due_date


def test_the_design_s_price_is_ana_s(sqlite_database: str) -> None:
    with clock.fixed_at(NOW):
        demo.load_if_empty()
        ana = person("ana@nordeste.example")
        ids = documents.payable_ids(ana, OpenFilter(), None)[:3]
        offer = boletos.offer(ana, ids)

    assert offer.today.total.cents == 34738
    assert [(bank.bank, bank.total.cents) for bank in offer.banks] == [
        ("001", 34764),
        ("756", 34764),
        ("341", 34764),
    ]


def test_the_three_banks_go_their_three_ways(database: str) -> None:
    with clock.fixed_at(NOW):
        demo.load_if_empty()
        ana = person("ana@nordeste.example")
        ids = documents.payable_ids(ana, OpenFilter(), None)
        issued: dict[str, str] = {}
        for document, wanted in zip(ids, ("001", "756", "341"), strict=False):
            offer = boletos.offer(ana, [document])
            bank = next(bank for bank in offer.banks if bank.bank == wanted)
            issued[wanted] = boletos.issue(ana, [document], bank.carteira, bank.total)
        run_jobs()
    with clock.fixed_at(NOW + timedelta(seconds=21)):
        run_jobs()
        soon = {bank: boletos.view(ana, payment).stage for bank, payment in issued.items()}
    with clock.fixed_at(NOW + timedelta(minutes=30)):
        run_jobs()
        later = boletos.view(ana, issued["756"]).stage

    assert soon == {"001": Stage.REGISTERED, "756": Stage.WAITING, "341": Stage.REJECTED}
    assert later is Stage.REGISTERED


def test_the_other_customers_show_what_they_are_for(sqlite_database: str) -> None:
    demo.load_if_empty()

    empty = person("vazio@nordeste.example")
    assert documents.list_open(empty, OpenFilter()).rows == ()
    assert documents.header(empty).last_payment is not None
    assert history.list_payments(empty, Period(), 0).matching == 13
    assert history.list_settled(empty, Period(), 0).matching == 13

    bruno = documents.list_open(person("bruno@nordeste.example"), OpenFilter())
    assert [row.block for row in bruno.rows].count(Block.AUTOMATIC_DEBIT) == 2

    assert documents.list_open(person("carla@nordeste.example"), OpenFilter()).pages == 2

    elisa = person("elisa@nordeste.example")
    with pytest.raises(SeparatePayments):
        boletos.offer(elisa, documents.payable_ids(elisa, OpenFilter(), None))

    rui = documents.list_open(person("rui@lusitana.example"), OpenFilter())
    assert {row.document.balance.currency for row in rui.rows} == {"EUR"}
    assert rui.counts.overdue == 1
    assert all(row.today is None for row in rui.rows)


def test_tax_ids_and_addresses_are_whole(sqlite_database: str) -> None:
    demo.load_if_empty()

    with transaction(write=False) as session:
        companies = {row.id: row for row in session.scalars(select(CompanyRow))}
        customers = list(session.scalars(select(CustomerRow)))
        hashes = list(session.scalars(select(col(PortalUserRow.password_hash))))
    for row in companies.values():
        assert (cnpj if row.country == "BR" else nif).is_valid(row.tax_id)
        assert row.address
        assert row.contact_email
    for row in customers:
        valid = [cpf, cnpj] if companies[row.company_id].country == "BR" else [nif]
        assert any(kind.is_valid(row.tax_id) for kind in valid)
        assert all((row.street, row.district, row.city, row.state, row.postcode))
    assert len(set(hashes)) == len(demo.SIGN_INS)
