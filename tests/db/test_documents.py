"""The list of open documents as the tables answer it: order, filters, pages, scope."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from sqlalchemy import event

from portal_app.db import documents, engine, loading
from portal_app.db.documents import Scope
from portal_app.db.engine import transaction
from portal_app.db.loading import NewDocument
from portal_app.domain.documents import (
    PAGE_SIZE,
    Document,
    DocumentType,
    OpenFilter,
    Period,
    Show,
    SortBy,
    block_of,
)
from portal_app.domain.money import Money
from tests.company import NOW, TODAY, World

NEVER = 10**6


@pytest.fixture
def scope(world: World) -> Scope:
    """Bia's 120 open documents: ties in every column, two without due date, some not payable."""
    owner, contract = world.customers["bia"], world.contracts["bia"]
    with transaction() as session:
        for i in range(119):
            new = NewDocument(
                customer=owner,
                contract=contract,
                type=DocumentType(("FT", "FT", "ND", "NC", "RC")[i % 5]),
                series="2026",
                number=str(i + 1),
                description="",
                issued=TODAY - timedelta(days=30 + i % 7),
                due=None if i in {50, 51} else TODAY + timedelta(days=i % 40 - 20),
                total=Money(1_000 + 10 * (i % 13), "EUR" if i % 10 == 0 else "BRL"),
            )
            loading.add_document(session, world.company, new, NOW)
    return Scope(owner)


def page(world: World, scope: Scope, wanted: OpenFilter) -> list[Document]:
    with transaction(write=False) as session:
        return documents.open_documents(session, world.company, scope, wanted, TODAY)


def everything(world: World, scope: Scope, wanted: OpenFilter) -> list[Document]:
    with transaction(write=False) as session:
        _, matching = documents.count_open(session, world.company, scope, wanted, TODAY)
    found: list[Document] = []
    for number in range(-(-matching // PAGE_SIZE)):
        found += page(world, scope, OpenFilter(**{**_fields(wanted), "page": number}))
    assert len(found) == matching
    return found


def _fields(wanted: OpenFilter) -> dict[str, object]:
    return {name: getattr(wanted, name) for name in OpenFilter.__slots__}


def key(document: Document, sort: SortBy) -> int:
    return {
        SortBy.NUMBER: int(document.number.partition("/")[2]),
        SortBy.DUE: document.due.toordinal() if document.due else NEVER,
        SortBy.TOTAL: document.total.cents,
        SortBy.BALANCE: document.balance.cents,
    }[sort]


@pytest.mark.parametrize("sort", [SortBy.DUE, SortBy.TOTAL, SortBy.BALANCE])
def test_rows_sort_both_ways_by_amounts_and_due_date(
    world: World, scope: Scope, sort: SortBy
) -> None:
    up = [key(row, sort) for row in everything(world, scope, OpenFilter(sort=sort))]
    down = [
        key(row, sort) for row in everything(world, scope, OpenFilter(sort=sort, descending=True))
    ]

    assert up == sorted(up)
    dated = [value for value in down if value != NEVER]
    assert dated == sorted(dated, reverse=True)


def test_numbers_sort_both_ways_within_their_type(world: World, scope: Scope) -> None:
    up = [row.number for row in everything(world, scope, OpenFilter(sort=SortBy.NUMBER))]
    down = everything(world, scope, OpenFilter(sort=SortBy.NUMBER, descending=True))

    counted = sorted(up, key=lambda number: (number[:2], int(number.partition("/")[2])))
    assert up == counted
    assert [row.number for row in down] == counted[::-1]


@pytest.mark.parametrize("descending", [False, True])
def test_rows_without_a_due_date_are_last_either_way(
    world: World, scope: Scope, descending: bool
) -> None:
    rows = everything(world, scope, OpenFilter(sort=SortBy.DUE, descending=descending))

    assert [row.due for row in rows[-2:]] == [None, None]
    assert all(row.due for row in rows[:-2])


@pytest.mark.parametrize("sort", list(SortBy))
@pytest.mark.parametrize("descending", [False, True])
def test_pages_hold_every_row_once_in_one_order(
    world: World, scope: Scope, sort: SortBy, descending: bool
) -> None:
    wanted = OpenFilter(sort=sort, descending=descending)

    first, again = everything(world, scope, wanted), everything(world, scope, wanted)

    assert [row.id for row in first] == [row.id for row in again]
    assert len({row.id for row in first}) == len(first) == 120


def test_filters_take_what_they_say_and_the_counts_agree(world: World, scope: Scope) -> None:
    rows = everything(world, scope, OpenFilter())
    due = [row.due or date.max for row in rows]
    in_a_week = TODAY + timedelta(days=7)
    overdue = {row.id for row, day in zip(rows, due, strict=True) if day < TODAY}
    soon = {row.id for row, day in zip(rows, due, strict=True) if TODAY <= day <= in_a_week}

    with transaction(write=False) as session:
        counts, matching = documents.count_open(
            session, world.company, scope, OpenFilter(show=Show.SOON), TODAY
        )

    assert {row.id for row in everything(world, scope, OpenFilter(show=Show.OVERDUE))} == overdue
    assert {row.id for row in everything(world, scope, OpenFilter(show=Show.SOON))} == soon
    assert (counts.all, counts.overdue, counts.soon) == (120, len(overdue), len(soon))
    assert matching == len(soon)


def test_a_period_takes_due_dates_from_its_first_day_to_its_last(
    world: World, scope: Scope
) -> None:
    days = st.dates(TODAY - timedelta(days=30), TODAY + timedelta(days=30)) | st.none()
    rows = everything(world, scope, OpenFilter())

    @profile(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(first=days, last=days, show=st.sampled_from(Show))
    def check(first: date | None, last: date | None, show: Show) -> None:
        if first and last and first > last:
            first, last = last, first
        wanted = OpenFilter(show=show, period=Period(first, last))
        found = {row.id for row in everything(world, scope, wanted)}
        unlimited = {row.id for row in everything(world, scope, OpenFilter(show=show))}
        inside = {
            row.id
            for row in rows
            if (first is None and last is None)
            or (row.due and (first or date.min) <= row.due <= (last or date.max))
        }
        assert found == inside & unlimited

    check()


@pytest.mark.parametrize("currency", [None, "BRL", "EUR"])
@pytest.mark.parametrize("show", list(Show))
def test_payable_ids_are_those_nothing_blocks(
    world: World, scope: Scope, currency: str | None, show: Show
) -> None:
    wanted = OpenFilter(show=show)
    rows = everything(world, scope, wanted)

    with transaction(write=False) as session:
        ids = documents.payable_ids(session, world.company, scope, wanted, TODAY, currency)

    assert ids == [row.id for row in rows if block_of(row, currency) is None]


def test_a_document_debited_automatically_is_not_payable(world: World) -> None:
    world.add("FT", 9, 3, 100, contract="ana_debit")
    scope, wanted = Scope(world.customers["ana"]), OpenFilter()

    with transaction(write=False) as session:
        ids = documents.payable_ids(session, world.company, scope, wanted, TODAY, None)

    expected = [row.id for row in page(world, scope, wanted) if block_of(row) is None]
    assert ids == expected
    assert len(ids) == 4


def test_other_customers_and_companies_documents_never_appear(world: World, scope: Scope) -> None:
    bia = {row.id for row in everything(world, scope, OpenFilter())}
    foreign = {world.documents[name] for name in world.documents if name != "of_bia"}

    assert not bia & foreign
    with transaction(write=False) as session:
        assert documents.owned_among(session, world.company, scope, foreign) == []
        theirs = documents.open_documents(session, world.other_company, scope, OpenFilter(), TODAY)
    assert theirs == []


def test_a_scope_of_some_documents_lists_and_counts_only_these(world: World) -> None:
    some = frozenset({world.documents["soon"], world.documents["of_bia"]})
    scope = Scope(world.customers["ana"], some)

    with transaction(write=False) as session:
        counts, matching = documents.count_open(session, world.company, scope, OpenFilter(), TODAY)

    assert [row.id for row in page(world, scope, OpenFilter())] == [world.documents["soon"]]
    assert (counts.all, matching) == (1, 1)


def test_the_page_is_cut_by_an_index_that_answers_alone(world: World, scope: Scope) -> None:
    """SQLite only says so; PostgreSQL reads a table this small from end to end."""
    if engine.engine().dialect.name != "sqlite":
        return
    sent: list[tuple[str, object]] = []

    def note(_c: object, _u: object, sql: str, parameters: object, *_: object) -> None:
        sent.append((sql, parameters))

    event.listen(engine.engine(), "before_cursor_execute", note)
    page(world, scope, OpenFilter())
    with transaction(write=False) as session:
        documents.count_open(session, world.company, scope, OpenFilter(), TODAY)

    plans = ""
    with engine.engine().connect() as connection:
        for sql, parameters in [one for one in sent if one[0].startswith("SELECT")]:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)  # pyright: ignore[reportArgumentType]
            plans += "\n".join(row[3] for row in plan)
    assert plans.count("USING COVERING INDEX ix_document_open") == 2
