"""The list of open documents and what is ticked in it."""

import pytest

from portal_app.domain.documents import Block, OpenFilter, Period, Show, SortBy
from portal_app.domain.errors import NotFound
from portal_app.domain.money import Money
from portal_app.services import boletos, documents
from tests.company import NOW, TODAY, World, actor


def shown(world: World, name: str, wanted: OpenFilter) -> list[str]:
    return [row.document.number for row in documents.list_open(actor(name), wanted).rows]


def test_the_oldest_due_date_comes_first_and_none_comes_last(world: World) -> None:
    assert shown(world, "ana", OpenFilter()) == [
        "FT 2026/1841",
        "FT 2026/1990",
        "ND 2026/77",
        "FT 2026/2114",
        "NC 2026/12",
    ]
    assert shown(world, "ana", OpenFilter(descending=True)) == [
        "FT 2026/2114",
        "ND 2026/77",
        "FT 2026/1990",
        "FT 2026/1841",
        "NC 2026/12",
    ]


def test_numbers_sort_as_people_count(world: World) -> None:
    world.add("FT", 99, 40, 100)

    numbers = shown(world, "ana", OpenFilter(sort=SortBy.NUMBER))

    assert numbers[:2] == ["FT 2026/99", "FT 2026/1841"]


def test_a_late_row_says_what_it_costs_today(world: World) -> None:
    rows = documents.list_open(actor("ana"), OpenFilter()).rows

    assert [row.today for row in rows[:3]] == [Money(13436, "BRL"), Money(13302, "BRL"), None]


def test_a_due_date_without_banks_is_free_until_the_next_business_day(world: World) -> None:
    saturday = world.add("FT", 50, -1, 10000)

    row = next(
        row
        for row in documents.list_open(actor("ana"), OpenFilter()).rows
        if row.document.id == saturday
    )

    assert (row.today, row.free_until) == (None, TODAY.replace(day=23))


def test_counts_and_filters(world: World) -> None:
    page = documents.list_open(actor("ana"), OpenFilter(show=Show.OVERDUE))

    assert (page.counts.all, page.counts.overdue, page.counts.soon) == (5, 2, 1)
    assert (page.matching, page.pages) == (2, 1)
    assert shown(world, "ana", OpenFilter(show=Show.SOON)) == ["ND 2026/77"]
    assert shown(world, "ana", OpenFilter(period=Period(TODAY, None))) == [
        "ND 2026/77",
        "FT 2026/2114",
    ]


def test_a_page_past_the_end_is_the_last_one(world: World) -> None:
    for number in range(60):
        world.add("FC", number + 1, 20 + number, 1000)
    ana = actor("ana")

    first, last = (
        documents.list_open(ana, OpenFilter()),
        documents.list_open(ana, OpenFilter(page=9)),
    )

    assert (len(first.rows), first.pages, first.matching) == (50, 2, 65)
    assert (len(last.rows), last.page) == (15, 1)
    assert len(documents.payable_ids(ana, OpenFilter(), None)) == 64


def test_a_credit_note_and_a_contract_with_direct_debit_cannot_be_ticked(world: World) -> None:
    debit = world.add("FT", 60, 6, 1000, "ana_debit")
    ana = actor("ana")

    blocks = {row.document.number: row.block for row in documents.list_open(ana, OpenFilter()).rows}

    assert blocks["NC 2026/12"] is Block.TYPE
    assert blocks["FT 2026/60"] is Block.AUTOMATIC_DEBIT
    payable = documents.payable_ids(ana, OpenFilter(), None)
    assert payable == [*world.three, world.documents["later"]]
    assert debit not in payable


def test_select_overdue_ignores_what_the_list_shows(world: World) -> None:
    assert documents.overdue_ids(actor("ana"), None) == world.three[:2]
    assert documents.overdue_ids(actor("ana"), "EUR") == []


def test_a_document_in_a_live_attempt_is_blocked_and_names_it(world: World) -> None:
    ana = actor("ana")
    offer = boletos.offer(ana, world.three)

    issued = boletos.issue(ana, world.three, offer.banks[0].carteira, offer.banks[0].total)

    first = documents.list_open(ana, OpenFilter()).rows[0]
    assert first.block is Block.IN_REGISTRATION
    assert first.document.attempt is not None
    assert first.document.attempt.payment == issued
    assert documents.payable_ids(ana, OpenFilter(), None) == [world.documents["later"]]


def test_the_selection_is_kept_and_filtered_to_what_may_still_be_paid(world: World) -> None:
    ana = actor("ana")
    foreign = [world.documents[name] for name in ("credit_note", "of_bia", "of_rui")]

    documents.save_selection(ana, [*world.three, *foreign, 999_999])
    documents.save_selection(ana, [*world.three, *foreign])

    assert documents.load_selection(actor("ana")) == world.three
    assert documents.load_selection(actor("bia")) == []


def test_a_started_payment_clears_the_selection(world: World) -> None:
    ana = actor("ana")
    documents.save_selection(ana, [*world.three, world.documents["later"]])
    offer = boletos.offer(ana, world.three)

    boletos.issue(ana, world.three, offer.banks[0].carteira, offer.banks[0].total)

    assert documents.load_selection(ana) == []


def test_each_customer_sees_their_own_documents(world: World) -> None:
    assert shown(world, "bia", OpenFilter()) == ["FT 2026/3001"]
    assert shown(world, "rui", OpenFilter()) == ["FT 2026/1841"]


def test_the_header_names_customer_and_contracts(world: World) -> None:
    header = documents.header(actor("bia"))

    assert (header.customer, header.contracts, header.last_payment) == ("Bia", ("10486",), None)


@pytest.mark.parametrize("name", ["of_bia", "of_rui"])
def test_somebody_else_s_document_is_not_found(world: World, name: str) -> None:
    with pytest.raises(NotFound):
        boletos.offer(actor("ana"), [world.documents[name]])


def test_the_page_s_today_is_the_company_s(world: World) -> None:
    assert NOW.date() == TODAY
    assert documents.list_open(actor("ana"), OpenFilter()).today == TODAY
