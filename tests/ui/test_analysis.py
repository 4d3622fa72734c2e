"""The analysis page: what it shows of a period, and what it does with a wrong one."""

from datetime import date

import pytest
import reflex as rx

from portal_app.domain.analysis import AgeBand, Behind, Figure, LastPurchase, Month, Panel
from portal_app.domain.documents import Period
from portal_app.domain.errors import InvalidField, InvalidPeriod
from portal_app.domain.money import Money
from portal_app.services.actors import Actor
from portal_app.ui.customer.analysis import state as page
from portal_app.ui.customer.analysis.state import AnalysisState, BehindState
from tests.ui.conftest import Services

LAST = LastPurchase(date(2026, 11, 20), "FT 2026/9", Money(1, "BRL"))


@pytest.fixture(autouse=True)
def answers(services: Services, reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setattr(page, "ask", services.ask)
    monkeypatch.setattr(page, "attempt", services.attempt)
    services.say(lambda period: (panel(period),))
    return services


async def test_it_opens_on_the_present_month(
    root: rx.State, answers: Services, reader: Actor
) -> None:
    state = await root.get_state(AnalysisState)

    await AnalysisState.load.fn(state)

    (asked,) = answers.asked[-1]
    assert asked.first == reader.today.replace(day=1)
    assert state.status == "ready"
    assert state.chip == "month"


async def test_coming_back_to_the_page_opens_it_on_the_present_month_again(
    root: rx.State, answers: Services
) -> None:
    state = await root.get_state(AnalysisState)
    await AnalysisState.load.fn(state)
    await AnalysisState.choose_span.fn(state, "year")

    await AnalysisState.load.fn(state)

    assert state.chip == "month"
    assert answers.asked[-1] == answers.asked[0]


async def test_a_new_connection_keeps_the_period_that_was_being_read(
    root: rx.State, answers: Services
) -> None:
    state = await root.get_state(AnalysisState)
    await AnalysisState.load.fn(state)
    await AnalysisState.choose_span.fn(state, "year")
    state._connection = "another"

    await AnalysisState.load.fn(state)

    assert state.chip == "year"
    assert answers.asked[-1] == answers.asked[-2]


async def test_two_currencies_are_two_panels_and_never_one_sum(
    root: rx.State, answers: Services
) -> None:
    state = await root.get_state(AnalysisState)
    answers.say(lambda period: (panel(period), panel(period, currency="EUR")))

    await AnalysisState.load.fn(state)

    assert [shown.currency for shown in state.panels] == ["BRL", "EUR"]
    assert state.has_currencies


async def test_figures_are_shown_in_words(root: rx.State) -> None:
    state = await root.get_state(AnalysisState)

    await AnalysisState.load.fn(state)

    (shown,) = state.panels
    assert shown.purchased.amount == "R$\N{NO-BREAK SPACE}463,90"
    assert shown.purchased.note == "5 documentos"
    assert shown.coming_due.note == "nenhum documento"
    assert shown.coming_due.is_empty
    assert shown.last_day == "20/11/2026"


async def test_a_customer_who_never_bought_sees_a_dash_and_not_zero(
    root: rx.State, answers: Services
) -> None:
    state = await root.get_state(AnalysisState)
    answers.say(lambda period: (panel(period, last=None, count=0, cents=0),))

    await AnalysisState.load.fn(state)

    (shown,) = state.panels
    assert {shown.purchased.amount, shown.paid.amount, shown.overdue.amount} == {"—"}
    assert (shown.last_day, shown.last_amount) == ("—", "—")


async def test_a_reversed_period_is_refused_with_its_values_kept(
    root: rx.State, answers: Services
) -> None:
    state = await root.get_state(AnalysisState)
    await AnalysisState.load.fn(state)
    before = list(state.panels)
    asked = len(answers.asked)

    await AnalysisState.choose_period.fn(state, {"first": "2026-11-20", "last": "2026-11-01"})

    assert (state.typed.first, state.typed.last) == ("2026-11-20", "2026-11-01")
    assert state.typed.code == "PERIOD_REVERSED"
    assert "De" in state.typed.error
    assert list(state.panels) == before
    assert len(answers.asked) == asked


@pytest.mark.parametrize("typed", ["31/02/2026", "amanhã", "2026-13-01", "0", "9" * 400])
async def test_text_that_is_no_date_never_raises(root: rx.State, typed: str) -> None:
    state = await root.get_state(AnalysisState)

    await AnalysisState.choose_period.fn(state, {"first": typed, "last": "2026-11-30"})

    assert state.typed.code == "DATE_INVALID"


@pytest.mark.parametrize("form", [{}, {"first": None, "last": 3}, {"first": ["x"]}])
async def test_a_form_of_anything_never_raises(
    root: rx.State, answers: Services, form: dict[str, object]
) -> None:
    state = await root.get_state(AnalysisState)

    def refuse(_: Period) -> None:
        raise InvalidPeriod(reason="incomplete")

    answers.say(refuse)

    await AnalysisState.choose_period.fn(state, form)

    assert state.typed.code == "PERIOD_REVERSED"


async def test_an_unknown_span_is_refused(root: rx.State) -> None:
    state = await root.get_state(AnalysisState)

    with pytest.raises(InvalidField):
        await AnalysisState.choose_span.fn(state, "century")


async def test_the_rows_behind_a_figure_add_up_to_it(root: rx.State, answers: Services) -> None:
    await AnalysisState.load.fn(await root.get_state(AnalysisState))
    state = await root.get_state(BehindState)
    answers.say(
        lambda *_: [
            Behind("FT 2026/1", date(2026, 11, 2), Money(12990, "BRL")),
            Behind("NC 2026/1", date(2026, 11, 3), Money(-1500, "BRL")),
        ]
    )

    await BehindState.open.fn(state, "purchased", "BRL")

    assert [row.label for row in state.rows] == ["FT 2026/1", "NC 2026/1"]
    assert state.sum == "R$\N{NO-BREAK SPACE}114,90"
    assert state.is_open


async def test_bands_fill_the_bar_without_a_gap(root: rx.State) -> None:
    state = await root.get_state(AnalysisState)

    await AnalysisState.load.fn(state)

    bands = state.panels[0].bands
    assert [band.x for band in bands[1:]] == [band.x + band.width for band in bands[:-1]]
    assert bands[-1].x + bands[-1].width == page.BAR_WIDTH


def panel(
    period: Period,
    last: LastPurchase | None = LAST,
    count: int = 5,
    cents: int = 46390,
    currency: str = "BRL",
) -> Panel:
    figure = Figure(Money(cents, currency), count)
    nothing = Figure(Money(0, currency), 0)
    amounts = (45890, 12990, 12991, 1) if count else (0, 0, 0, 0)
    ages = zip(AgeBand, amounts, strict=True)
    return Panel(
        period=period,
        currency=currency,
        purchased=figure,
        paid=figure,
        coming_due=nothing,
        overdue=figure,
        last=last,
        months=(Month(date(2026, 11, 1), Money(cents, currency), Money(0, currency)),),
        ageing=tuple((band, Money(amount, currency)) for band, amount in ages),
    )
