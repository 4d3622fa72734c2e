"""The manager's matrix: what it says, what it lets through, and that nobody is overruled unseen."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import reflex as rx

from portal_app import locales
from portal_app.db.grants import Owner
from portal_app.domain.customers import NO_GROUP, CustomerSearch
from portal_app.domain.errors import (
    GrantChangedMeanwhile,
    InvalidField,
    NameTaken,
    NotFound,
    PortalError,
    TooManyCustomers,
)
from portal_app.domain.grants import IN_ORDER, Area, Feature, Layers, Level, standing
from portal_app.services.actors import Actor
from portal_app.services.grants import COMPANY, Matrix, Row
from portal_app.ui.errors import NoticeState
from portal_app.ui.manager.grants import state as page
from portal_app.ui.manager.grants.rows import Line
from portal_app.ui.manager.grants.state import (
    ChangeState,
    GrantsState,
    GroupsState,
    MarkedState,
    MarksState,
)
from tests.ui.conftest import Services

ANALYSIS = IN_ORDER.index(Feature.ANALYSIS)
FIRMS = {Feature.ANALYSIS.value: False}


class Desk(Services):
    """Two customers, the second in the group Empresas; remembers what it is told to change."""

    def __init__(self) -> None:
        super().__init__()
        self.own: dict[str, bool] = {}
        self.refusal: PortalError | None = None
        self.searched: list[CustomerSearch] = []

    async def ask(
        self, _state: object, service: Callable[..., object], *args: Any, **kwargs: Any
    ) -> object:
        name = service.__name__
        self.asked.append((name, *args, *kwargs.values()))
        if self.refusal and name not in {"matrix", "people"}:
            raise self.refusal
        return getattr(self, name, lambda *_, **__: None)(*args)

    def changes(self) -> list[tuple[Any, ...]]:
        return [asked for asked in self.asked if asked[0] not in {"matrix", "people", "matching"}]

    def matrix(self, wanted: CustomerSearch) -> Matrix:
        self.searched.append(wanted)
        rows = (
            row(Owner(Level.CUSTOMER, 1), "Ana Lima", Layers(customer=dict(self.own))),
            row(Owner(Level.CUSTOMER, 2), "Mercado", Layers(group=FIRMS), group=7),
        )
        found = () if wanted.text == "ninguém" else rows
        groups = (row(Owner(Level.GROUP, 7), "Empresas", Layers(group=FIRMS)),)
        whole = row(COMPANY, "Nordeste", Layers())
        return Matrix(whole, groups, found, len(found) and 120, min(wanted.page, 2), 3)

    def people(self, customer: int) -> tuple[Row, ...]:
        assert customer == 2
        layers = Layers(group=FIRMS, user={Feature.PRINT.value: False})
        return (row(Owner(Level.USER, 5), "Carla", layers, group=7),)

    def matching(self, _wanted: CustomerSearch) -> list[int]:
        return [1, 2, 77]

    def set_many(self, ids: list[int], *_: object) -> int:
        return len(ids)

    def move(self, ids: list[int], *_: object) -> int:
        return len(ids)


def row(owner: Owner, name: str, layers: Layers, group: int | None = None) -> Row:
    own = owner.level.value
    above = replace(layers, **{own: {}})
    return Row(
        owner,
        name,
        tuple(standing(feature, layers) for feature in IN_ORDER),
        tuple(standing(feature, above) for feature in IN_ORDER),
        getattr(layers, own),
        group=group,
    )


@pytest.fixture
def desk(reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Desk:
    answers = Desk()
    monkeypatch.setattr(page, "ask", answers.ask)
    monkeypatch.setattr(page, "attempt", answers.attempt)
    return answers


async def loaded(root: rx.State) -> GrantsState:
    state = await root.get_state(GrantsState)
    await GrantsState.load.fn(state)
    return state


def says(line: Line, column: int = ANALYSIS) -> str:
    return line.cells[column].label


async def notice(root: rx.State) -> str:
    return (await root.get_state(NoticeState)).code


@pytest.mark.parametrize("locale", locales.COMPLETE)
@pytest.mark.parametrize("feature", Feature)
def test_every_feature_has_its_words(feature: Feature, locale: str) -> None:
    assert locales.has(f"feature.{feature}", locale)
    assert locales.has(f"feature.{feature}.short", locale)


@pytest.mark.parametrize("locale", locales.COMPLETE)
def test_every_level_and_area_has_its_words(locale: str) -> None:
    keys = [*(f"grant.level.{level}" for level in Level), *(f"grant.area.{a}" for a in Area)]

    assert [key for key in keys if not locales.has(key, locale)] == []


async def test_a_cell_says_whether_and_who_says_so(root: rx.State, desk: Desk) -> None:
    desk.own = {Feature.ANALYSIS.value: True}

    state = await loaded(root)

    assert [line.name for line in state.top] == ["Toda a empresa", "Grupo Empresas"]
    assert says(state.top[0]) == "Ver a análise: permitido, padrão do portal"
    assert says(state.top[1]) == "Ver a análise: não permitido, pelo grupo Empresas"
    ana, market = state.lines
    assert says(ana) == "Ver a análise: permitido, para este cliente"
    assert (ana.cells[ANALYSIS].own, ana.cells[0].own) == (True, False)
    later = {cell.label for cell in ana.cells if "(em breve)" in cell.label}
    assert later == {"Ver o extrato (em breve): permitido, padrão do portal"}
    assert says(market) == "Ver a análise: não permitido, pelo grupo Empresas"
    assert (market.about, market.cells[ANALYSIS].own) == ("Empresas", False)
    assert (state.count, state.position) == ("120 clientes", "Página 1 de 3")
    assert (state.has_previous, state.has_next) == (False, True)


async def test_a_search_filters_and_pages_keep_it(root: rx.State, desk: Desk) -> None:
    state = await loaded(root)

    await GrantsState.search.fn(state, {"text": "lima", "group": "7"})
    await GrantsState.next.fn(state)
    await GrantsState.search.fn(state, {"text": "ninguém", "group": str(NO_GROUP)})

    assert desk.searched[1:] == [
        CustomerSearch("lima", 7),
        CustomerSearch("lima", 7, 1),
        CustomerSearch("ninguém", NO_GROUP),
    ]
    assert (state.is_empty, state.text, state.group) == (True, "ninguém", "0")
    await GrantsState.search.fn(state, {"group": "x' OR 1"})
    assert desk.searched[-1] == CustomerSearch()
    await GrantsState.search.fn(state, {"text": "lima", "group": "7"})
    await GrantsState.show_all.fn(state)
    assert (desk.searched[-1], state.text, state.cleared) == (CustomerSearch(), "", 1)


async def test_a_cell_is_changed_from_what_was_shown(root: rx.State, desk: Desk) -> None:
    await loaded(root)
    change = await root.get_state(ChangeState)

    await ChangeState.choose.fn(change, "customer:2", ANALYSIS)

    assert change.asked.now == "Ver a análise: não permitido, pelo grupo Empresas"
    assert change.asked.inherit == change.asked.now
    assert (change.asked.present, change.asked.may_give, change.shown) == ("inherit", True, True)
    await ChangeState.decide.fn(change, "give")
    owner = Owner(Level.CUSTOMER, 2)
    assert desk.changes() == [("set_grant", owner, Feature.ANALYSIS, True, None)]
    assert change.shown is False
    await ChangeState.decide.fn(change, "give")
    assert len(desk.changes()) == 1


async def test_what_changed_meanwhile_is_said_and_shown_anew(root: rx.State, desk: Desk) -> None:
    state = await loaded(root)
    change = await root.get_state(ChangeState)
    await ChangeState.choose.fn(change, "customer:1", ANALYSIS)
    desk.own, desk.refusal = {Feature.ANALYSIS.value: False}, GrantChangedMeanwhile()

    await ChangeState.decide.fn(change, "take")

    assert await notice(root) == "GRANT_CHANGED_MEANWHILE"
    assert says(state.lines[0]) == "Ver a análise: não permitido, para este cliente"


async def test_only_what_is_shown_can_be_changed(root: rx.State, desk: Desk) -> None:
    await loaded(root)
    change = await root.get_state(ChangeState)

    with pytest.raises(NotFound):
        await ChangeState.choose.fn(change, "customer:99", ANALYSIS)
    with pytest.raises(InvalidField):
        await ChangeState.choose.fn(change, "customer:1", len(IN_ORDER))
    await ChangeState.choose.fn(change, "customer:1", ANALYSIS)
    with pytest.raises(InvalidField):
        await ChangeState.decide.fn(change, "everything")

    assert desk.changes() == []


async def test_a_customers_people_stand_beneath_him_and_can_only_lose(
    root: rx.State, desk: Desk
) -> None:
    state = await loaded(root)

    await GrantsState.show_people.fn(state, "customer:2")

    assert [line.kind for line in state.lines] == ["customer", "customer", "user"]
    carla = state.lines[2]
    assert carla.id == 0
    printing = IN_ORDER.index(Feature.PRINT)
    assert says(carla, printing) == "Imprimir e baixar PDF: não permitido, para esta pessoa"
    assert says(carla) == "Ver a análise: não permitido, pelo grupo Empresas"
    change = await root.get_state(ChangeState)
    await ChangeState.choose.fn(change, "user:5", printing)
    assert (change.asked.may_give, change.asked.present) == (False, "take")
    await GrantsState.show_people.fn(state, "customer:2")
    assert len(state.lines) == 2


async def test_ticked_customers_change_together_once_confirmed(root: rx.State, desk: Desk) -> None:
    await loaded(root)
    marked, marks = await root.get_state(MarkedState), await root.get_state(MarksState)
    await MarkedState.tick.fn(marked, 2, True)
    await MarkedState.tick.fn(marked, 1, True)
    await MarkedState.choose_feature.fn(marked, Feature.ANALYSIS.value)

    await MarkedState.propose.fn(marked, "take")

    assert marked.words == "2 clientes marcados"
    assert marked.question == "Ver a análise: não permitir para 2 clientes?"
    assert desk.changes() == []
    version = marks.version
    await MarkedState.confirm.fn(marked)
    assert desk.changes() == [("set_many", [1, 2], Feature.ANALYSIS, False)]
    assert (marked.done, marked.count, marks.ticked) == ("2 clientes mudaram.", 0, [])
    assert marks.version > version
    await MarkedState.confirm.fn(marked)
    assert len(desk.changes()) == 1


async def test_a_proposal_taken_back_changes_nothing(root: rx.State, desk: Desk) -> None:
    await loaded(root)
    marked = await root.get_state(MarkedState)
    await MarkedState.tick.fn(marked, 1, True)
    await MarkedState.propose.fn(marked, "give")

    await MarkedState.back.fn(marked)
    await MarkedState.confirm.fn(marked)

    assert (desk.changes(), marked.count) == ([], 1)


async def test_all_of_a_search_are_ticked_and_one_of_them_unticked(
    root: rx.State, desk: Desk
) -> None:
    await loaded(root)
    marked, marks = await root.get_state(MarkedState), await root.get_state(MarksState)

    await MarkedState.everything.fn(marked, True)
    assert (marked.count, marks.ticked, marks.everything) == (3, [1, 2], True)
    await MarkedState.tick.fn(marked, 2, False)

    assert (marked.count, marks.ticked, marks.everything) == (2, [1], False)
    await MarkedState.choose_group.fn(marked, "7")
    await MarkedState.propose_group.fn(marked)
    assert marked.question == "Pôr 2 clientes no grupo Empresas?"
    await MarkedState.confirm.fn(marked)
    assert desk.changes() == [("move", [1, 77], 7)]


async def test_too_many_for_one_change_are_not_ticked(root: rx.State, desk: Desk) -> None:
    await loaded(root)
    marked = await root.get_state(MarkedState)
    desk.refusal = TooManyCustomers(most=2000)

    await MarkedState.everything.fn(marked, True)

    assert (marked.count, await notice(root)) == (0, "TOO_MANY_CUSTOMERS")
    assert "2000" in (await root.get_state(NoticeState)).text


async def test_a_tick_redraws_no_row(root: rx.State, desk: Desk) -> None:
    await loaded(root)
    marked = await root.get_state(MarkedState)
    root._clean()

    await MarkedState.tick.fn(marked, 1, True)

    assert [name.rpartition(".")[2] for name in root.get_delta()] == [
        MarkedState.get_full_name().rpartition(".")[2]
    ]


async def test_groups_are_made_renamed_and_removed(root: rx.State, desk: Desk) -> None:
    await loaded(root)
    groups = await root.get_state(GroupsState)
    await GroupsState.open.fn(groups)

    await GroupsState.add.fn(groups, {"name": "Lojas"})
    await GroupsState.rename.fn(groups, {"group": "7", "name": "Firmas"})
    await GroupsState.ask_to_remove.fn(groups, "7")
    assert groups.removing == "7"
    await GroupsState.remove.fn(groups, "7")

    assert desk.changes() == [
        ("add_group", "Lojas"),
        ("rename_group", 7, "Firmas"),
        ("remove_group", 7),
    ]
    desk.refusal = NameTaken(name="Empresas")
    await GroupsState.add.fn(groups, {"name": "Lojas"})
    assert groups.error == "Já existe um com o nome “Empresas”. Escolha outro."
