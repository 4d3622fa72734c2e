"""The figures of a period, exactly as the words of the analysis are defined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col

from portal_app.db import ledger, loading
from portal_app.db.engine import transaction
from portal_app.db.loading import NewCustomer, NewDocument, PastPayment
from portal_app.db.models import DocumentRow
from portal_app.domain.allocation import Charged
from portal_app.domain.analysis import AgeBand, Panel, month_of, shown_months
from portal_app.domain.documents import DocumentType, Period
from portal_app.domain.errors import InvalidPeriod, NotGranted
from portal_app.domain.ledger import Account, Entry, EntryKind, Line
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.services import analysis
from portal_app.services.actors import Actor
from portal_app.services.analysis import FigureName
from tests.company import NOW, TODAY, World, actor

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
# What differs between examples is the period asked for, never the books.
on_the_same_books = profile(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass
class Books:
    """A customer of the first company without any documents, and what is written for them."""

    company: int
    actor: Actor
    numbers: count[int]

    @property
    def customer(self) -> int:
        assert self.actor.customer is not None
        return self.actor.customer

    def bill(
        self,
        issued: date,
        cents: int,
        *,
        due: date | None = None,
        kind: str = "FT",
        number: str = "",
        currency: str = "BRL",
    ) -> int:
        new = NewDocument(
            customer=self.customer,
            contract=None,
            type=DocumentType(kind),
            series="2026",
            number=number or str(next(self.numbers)),
            description="",
            issued=issued,
            due=due,
            total=Money(cents, currency),
        )
        with transaction() as session:
            return loading.add_document(session, self.company, new, NOW)

    def pay(self, document: int, cents: int, day: date, currency: str = "BRL") -> int:
        amount, none = Money(cents, currency), Money.zero(currency)
        owed = [Charged(document, None, amount, none, none)]
        past = PastPayment(self.customer, PaymentMethod.COUNTER, day, amount, owed)
        with transaction() as session:
            return loading.add_payment(session, self.company, past, NOW)

    def reverse(self, payment: int, document: int, cents: int, day: date) -> None:
        lines = (
            Line(Account.RECEIVABLE, Money(cents, "BRL"), document),
            Line(Account.CLEARING, Money(-cents, "BRL")),
        )
        entry = Entry(EntryKind.REVERSAL, self.customer, day, ("payment", payment), lines)
        with transaction() as session:
            ledger.post(session, self.company, entry, NOW)

    def cancel(self, document: int, cents: int, day: date) -> None:
        lines = (
            Line(Account.RECEIVABLE, Money(-cents, "BRL"), document),
            Line(Account.REVENUE, Money(cents, "BRL")),
        )
        entry = Entry(EntryKind.CANCELLATION, self.customer, day, ("document", document), lines)
        with transaction() as session:
            ledger.post(session, self.company, entry, NOW)
            session.execute(
                update(DocumentRow).where(col(DocumentRow.id) == document).values(cancelled=True)
            )

    def panel(self, period: Period = NOVEMBER) -> Panel:
        (only,) = analysis.panels(self.actor, period)
        return only


@pytest.fixture
def books(world: World) -> Books:
    address = dict.fromkeys(("phone", "street", "district", "city", "state", "postcode"), "")
    new = NewCustomer(code="nova", name="Nova", tax_id="", email="", **address)
    with transaction() as session:
        customer = loading.add_customer(session, world.company, new)
    return Books(world.company, replace(actor("ana"), customer=customer), count(1))


@pytest.fixture
def busy(books: Books) -> Books:
    """Three years of everything: types, currencies, part payments, documents without due date."""
    chance = Random(7)
    for _ in range(60):
        issued = TODAY - timedelta(days=chance.randrange(900))
        due = issued + timedelta(days=chance.randrange(60)) if chance.random() < 0.9 else None
        kind = chance.choice(["FT", "FT", "FT", "ND", "FS", "TIT", "NC", "RC"])
        currency = chance.choice(["BRL", "BRL", "BRL", "EUR"])
        cents = chance.randrange(100, 50_000)
        document = books.bill(issued, cents, due=due, kind=kind, currency=currency)
        if kind not in {"NC", "RC"} and chance.random() < 0.6:
            day = min(TODAY, issued + timedelta(days=chance.randrange(40)))
            books.pay(document, chance.choice([cents, cents // 2]), day, currency)
    return books


def test_credit_notes_issued_in_the_period_subtract_from_purchased(books: Books) -> None:
    books.bill(date(2026, 11, 3), 10_000)
    books.bill(date(2026, 11, 4), 1_500, kind="NC")
    books.bill(date(2026, 10, 31), 700)

    purchased = books.panel().purchased

    assert (purchased.amount, purchased.count) == (Money(8_500, "BRL"), 2)


def test_receipts_are_not_purchases(books: Books) -> None:
    books.bill(date(2026, 11, 3), 10_000, kind="RC")

    panel = books.panel()

    assert panel.purchased.amount == Money.zero("BRL")
    assert panel.last is None


def test_a_cancelled_document_counts_nowhere(books: Books) -> None:
    kept = books.bill(date(2026, 11, 3), 10_000, due=date(2026, 11, 25))
    gone = books.bill(date(2026, 11, 5), 2_000, due=date(2026, 11, 25))

    books.cancel(gone, 2_000, date(2026, 11, 6))

    panel = books.panel()
    assert panel.purchased.amount == Money(10_000, "BRL")
    assert panel.coming_due.amount == Money(10_000, "BRL")
    assert panel.last is not None
    assert panel.last.day == date(2026, 11, 3)
    assert kept != gone


def test_paid_is_by_value_date_and_a_reversal_subtracts_on_its_own_day(books: Books) -> None:
    document = books.bill(date(2026, 9, 1), 10_000)
    payment = books.pay(document, 4_000, date(2026, 10, 31))
    books.pay(document, 3_000, date(2026, 11, 1))

    books.reverse(payment, document, 4_000, date(2026, 11, 10))

    assert books.panel().paid.amount == Money(-1_000, "BRL")
    assert books.panel(month_of(date(2026, 10, 15))).paid.amount == Money(4_000, "BRL")


def test_what_is_due_today_is_coming_due(books: Books) -> None:
    books.bill(date(2026, 11, 1), 100, due=TODAY - timedelta(days=1))
    books.bill(date(2026, 11, 1), 200, due=TODAY)
    books.bill(date(2026, 11, 1), 400, due=date(2026, 11, 30))
    books.bill(date(2026, 11, 1), 800, due=date(2026, 12, 1))

    panel = books.panel()

    assert (panel.coming_due.amount, panel.coming_due.count) == (Money(600, "BRL"), 2)
    assert (panel.overdue.amount, panel.overdue.count) == (Money(100, "BRL"), 1)


def test_only_the_balance_that_is_left_is_open(books: Books) -> None:
    document = books.bill(date(2026, 11, 1), 1_000, due=date(2026, 11, 25))

    books.pay(document, 400, TODAY)

    assert books.panel().coming_due.amount == Money(600, "BRL")


def test_without_purchases_there_is_no_last_one(books: Books) -> None:
    books.bill(date(2026, 11, 3), 500, kind="NC")

    panel = books.panel()

    assert panel.last is None
    assert panel.is_empty
    assert panel.purchased.amount == Money(-500, "BRL")


def test_the_last_purchase_is_the_newest_of_all_whatever_the_period(books: Books) -> None:
    books.bill(date(2025, 3, 1), 100)
    books.bill(date(2026, 2, 1), 200)
    books.bill(date(2026, 3, 1), 300, kind="NC")

    last = books.panel().last

    assert last is not None
    assert (last.day, last.amount) == (date(2026, 2, 1), Money(200, "BRL"))


def test_of_two_purchases_on_a_day_the_greater_number_is_the_last(books: Books) -> None:
    books.bill(date(2026, 11, 3), 10, number="10")
    books.bill(date(2026, 11, 3), 9, number="9")

    last = books.panel().last

    assert last is not None
    assert last.number == "FT 2026/10"


def test_two_currencies_are_two_panels_and_never_summed(books: Books) -> None:
    books.bill(date(2026, 11, 3), 100, due=date(2026, 11, 25))
    books.bill(date(2026, 11, 4), 700, due=date(2026, 11, 25), currency="EUR")

    own, other = analysis.panels(books.actor, NOVEMBER)

    assert (own.currency, own.purchased.amount) == ("BRL", Money(100, "BRL"))
    assert (other.currency, other.purchased.amount) == ("EUR", Money(700, "EUR"))
    assert (own.coming_due.amount.cents, other.coming_due.amount.cents) == (100, 700)


def test_a_customer_with_nothing_has_the_company_s_panel_of_zeros(books: Books) -> None:
    panel = books.panel()

    assert panel.currency == "BRL"
    assert [panel.purchased.amount, panel.paid.amount] == [Money.zero("BRL")] * 2
    assert [month.first for month in panel.months] == shown_months(TODAY)
    assert dict(panel.ageing) == {band: Money.zero("BRL") for band in AgeBand}


def test_the_months_are_those_of_the_issue_and_of_the_payment(books: Books) -> None:
    document = books.bill(date(2025, 12, 1), 900)
    books.bill(date(2025, 11, 30), 5_000)
    books.bill(date(2026, 12, 1), 5_000)
    books.bill(date(2026, 11, 30), 70)
    books.pay(document, 300, date(2026, 11, 1))

    months = {month.first: month for month in books.panel().months}

    assert len(months) == 12
    assert months[date(2025, 12, 1)].purchased == Money(900, "BRL")
    assert months[date(2026, 11, 1)].purchased == Money(70, "BRL")
    assert months[date(2026, 11, 1)].paid == Money(300, "BRL")
    assert sum(month.purchased.cents for month in months.values()) == 970


def test_ageing_ends_bands_after_30_and_60_days(books: Books) -> None:
    for days, cents in ((0, 1), (1, 10), (30, 20), (31, 100), (60, 200), (61, 1_000)):
        books.bill(date(2026, 1, 1), cents, due=TODAY - timedelta(days=days))
    books.bill(date(2026, 1, 1), 5_000)

    assert dict(books.panel().ageing) == {
        AgeBand.COMING_DUE: Money(5_001, "BRL"),
        AgeBand.TO_30: Money(30, "BRL"),
        AgeBand.TO_60: Money(300, "BRL"),
        AgeBand.OVER_60: Money(1_000, "BRL"),
    }


def test_another_customer_s_and_another_company_s_documents_count_for_nobody_else(
    world: World, books: Books
) -> None:
    assert books.panel().purchased.count == 0
    (of_rui,) = analysis.panels(actor("rui"), YEAR)
    assert of_rui.last is not None
    assert of_rui.last.amount == Money(6_430, "EUR")
    for figure in FigureName:
        assert analysis.behind(books.actor, figure, YEAR, "BRL") == []


def test_a_period_that_begins_in_the_future_or_lacks_an_end_is_refused(books: Books) -> None:
    for period in (
        Period(TODAY + timedelta(days=1), TODAY + timedelta(days=2)),
        Period(None, TODAY),
        Period(TODAY, None),
    ):
        with pytest.raises(InvalidPeriod):
            analysis.panels(books.actor, period)
        with pytest.raises(InvalidPeriod):
            analysis.behind(books.actor, FigureName.PAID, period, "BRL")


def test_whoever_was_not_granted_the_analysis_sees_nothing_of_it(books: Books) -> None:
    stranger = replace(books.actor, features=frozenset())

    with pytest.raises(NotGranted):
        analysis.panels(stranger, NOVEMBER)
    with pytest.raises(NotGranted):
        analysis.behind(stranger, FigureName.PAID, NOVEMBER, "BRL")


def test_each_figure_is_the_sum_of_the_rows_behind_it(busy: Books) -> None:
    @on_the_same_books
    @given(periods())
    def check(period: Period) -> None:
        for panel in analysis.panels(busy.actor, period):
            for name, figure in (
                (FigureName.PURCHASED, panel.purchased),
                (FigureName.PAID, panel.paid),
                (FigureName.COMING_DUE, panel.coming_due),
                (FigureName.OVERDUE, panel.overdue),
            ):
                rows = analysis.behind(busy.actor, name, period, panel.currency)
                total = Money.total((row.amount for row in rows), panel.currency)
                assert (total, len(rows)) == (figure.amount, figure.count)
                assert [row.day for row in rows] == sorted(row.day for row in rows)

    check()


def test_coming_due_and_overdue_are_together_what_is_open_of_the_period(busy: Books) -> None:
    everything = Period(date(2000, 1, 1), date(2999, 12, 31))
    undated = {
        panel.currency: sum(cents.cents for _, cents in panel.ageing)
        - panel.coming_due.amount.cents
        - panel.overdue.amount.cents
        for panel in analysis.panels(busy.actor, everything)
    }

    @on_the_same_books
    @given(periods())
    def check(period: Period) -> None:
        for panel in analysis.panels(busy.actor, period):
            rows = [
                row.amount.cents
                for name in (FigureName.COMING_DUE, FigureName.OVERDUE)
                for row in analysis.behind(busy.actor, name, everything, panel.currency)
                if period.first and period.last and period.first <= row.day <= period.last
            ]
            assert panel.coming_due.amount.cents + panel.overdue.amount.cents == sum(rows)

    assert all(cents >= 0 for cents in undated.values())
    check()


def test_periods_that_tile_a_year_add_up_to_the_year(busy: Books) -> None:
    year = Period(date(2025, 7, 1), date(2026, 6, 30))
    whole = analysis.panels(busy.actor, year)

    @on_the_same_books
    @given(st.sets(st.dates(date(2025, 7, 2), date(2026, 6, 30)), max_size=4))
    def check(starts: set[date]) -> None:
        firsts = [date(2025, 7, 1), *sorted(starts)]
        ends = [first - timedelta(days=1) for first in firsts[1:]] + [date(2026, 6, 30)]
        parts = [
            analysis.panels(busy.actor, Period(*tile)) for tile in zip(firsts, ends, strict=True)
        ]
        for i, panel in enumerate(whole):
            for name in ("purchased", "paid", "coming_due", "overdue"):
                figures = [getattr(part[i], name) for part in parts]
                of_year = getattr(panel, name)
                assert sum(figure.amount.cents for figure in figures) == of_year.amount.cents
                assert sum(figure.count for figure in figures) == of_year.count

    check()


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Periods around the books' three years that do not begin in the future."""
    first = draw(st.dates(date(2023, 11, 1), TODAY))
    return Period(first, draw(st.dates(first, date(2027, 6, 30))))
