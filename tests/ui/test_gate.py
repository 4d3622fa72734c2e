"""The gate, with real sessions and grants: what is taken is gone at the next event."""

from typing import Any

import pytest
import reflex as rx
from reflex.event import Event
from reflex.istate.data import RouterData
from reflex.utils.format import format_event_handler

from portal_app.db import grants as stored
from portal_app.db.engine import transaction
from portal_app.db.grants import Owner
from portal_app.domain.grants import Feature, Level
from portal_app.services.access import session_cookie
from portal_app.ui import session
from portal_app.ui.account.state import AccountState
from portal_app.ui.customer.analysis.state import AnalysisState
from portal_app.ui.customer.history.state import HistoryState
from portal_app.ui.customer.open_documents.state import OpenState, SelectionState
from portal_app.ui.errors import NoticeState
from portal_app.ui.manager.grants.state import ChangeState, GrantsState
from portal_app.ui.session import Gate
from portal_app.ui.shell import ShellState, refused
from tests.company import World, sign_in
from tests.company import world as world

MAIN_PAGES = (
    (Feature.SEE_DOCUMENTS, OpenState, "sees_documents"),
    (Feature.HISTORY, HistoryState, "sees_history"),
    (Feature.ANALYSIS, AnalysisState, "sees_analysis"),
)


class Client:
    """One open page of somebody: its events go through the gate, as the server's do."""

    def __init__(self, token: str) -> None:
        self.root: Any = rx.State(_reflex_internal_init=True)  # pyright: ignore[reportCallIssue]
        headers = {"cookie": f"{session_cookie()}={token}"}
        self.root.router = RouterData.from_router_data({"headers": headers, "asPath": "/analysis"})

    async def fire(self, state: type[rx.State], name: str, **payload: object) -> list[str]:
        """Send an event, and after it those the gate answers with; the names of what ran."""
        return await self._send(
            Event(format_event_handler(state.event_handlers[name]), payload=payload)
        )

    async def _send(self, event: Event) -> list[str]:
        before = session._actor.set(None)
        answer = await Gate(refused).preprocess(None, self.root, event)  # pyright: ignore[reportArgumentType]
        if answer is None:
            await self._run(event)
        session._actor.reset(before)
        if answer is None:
            return [event.name.rpartition(".")[2]]
        return [name for each in answer.events for name in await self._send(each)]

    async def _run(self, event: Event) -> None:
        path, _, handler = event.name.rpartition(".")
        substate = self.root.get_substate(path.split("."))
        await substate.event_handlers[handler].fn(substate, **event.payload)


def give(world: World, feature: Feature, allowed: bool | None) -> None:
    with transaction() as database:
        owner = Owner(Level.CUSTOMER, world.customers["ana"])
        stored.put(database, world.company, owner, feature.value, allowed=allowed)


@pytest.fixture
async def ana(world: World) -> Client:
    return Client(sign_in("ana"))


async def test_a_page_whose_feature_was_taken_says_so_at_the_next_click(
    world: World, ana: Client
) -> None:
    await ana.fire(ShellState, "load")
    await ana.fire(AnalysisState, "load")
    analysis = await ana.root.get_state(AnalysisState)
    shell = await ana.root.get_state(ShellState)
    assert (analysis.status, shell.reader.sees_analysis) == ("ready", True)

    give(world, Feature.ANALYSIS, False)
    ran = await ana.fire(AnalysisState, "choose_span", span="year")

    assert ran == ["load", "load"]
    assert (analysis.status, shell.reader.sees_analysis) == ("not_granted", False)

    give(world, Feature.ANALYSIS, None)
    await ana.fire(ShellState, "load")
    await ana.fire(AnalysisState, "load")

    assert (analysis.status, shell.reader.sees_analysis) == ("ready", True)
    assert await ana.fire(AnalysisState, "choose_span", span="year") == ["choose_span"]


@pytest.mark.parametrize(("feature", "page", "tab"), MAIN_PAGES)
async def test_a_main_page_says_that_it_is_not_enabled_and_has_no_tab(
    world: World, ana: Client, feature: Feature, page: type[rx.State], tab: str
) -> None:
    give(world, feature, False)

    await ana.fire(ShellState, "load")
    await ana.fire(page, "load")

    shell = await ana.root.get_state(ShellState)
    assert (await ana.root.get_state(page)).status == "not_granted"
    assert getattr(shell.reader, tab) is False
    assert shell.contact.email == "contas@norte.example"
    others = [other for _, _, other in MAIN_PAGES if other != tab]
    assert all(getattr(shell.reader, other) for other in others)


async def test_the_account_without_its_grant_still_has_what_is_ones_own(
    world: World, ana: Client
) -> None:
    give(world, Feature.ACCOUNT, False)

    await ana.fire(AccountState, "load")

    account = await ana.root.get_state(AccountState)
    assert (account.status, account.account.tax_id) == ("not_granted", "")
    assert account.may_change_password


async def test_what_belongs_to_no_page_of_his_is_not_found(world: World, ana: Client) -> None:
    assert await ana.fire(ChangeState, "choose", row="customer:1", column=0) == ["load", "refuse"]
    assert await ana.fire(ChangeState, "decide", choice="give") == ["load", "refuse"]

    assert (await ana.root.get_state(NoticeState)).code == "NOT_FOUND"


async def test_a_customer_cannot_load_the_managers_page(world: World, ana: Client) -> None:
    assert await ana.fire(GrantsState, "load") == ["refuse"]

    grants = await ana.root.get_state(GrantsState)
    assert (grants.status, grants.lines) == ("loading", [])


async def test_a_staff_member_without_the_permission_reads_that_it_is_not_enabled(
    world: World,
) -> None:
    staff = Client(sign_in("staff"))

    await staff.fire(GrantsState, "load")
    ran = await staff.fire(GrantsState, "search", form={})

    grants = await staff.root.get_state(GrantsState)
    assert (ran, grants.status, grants.lines) == (["load", "load"], "not_granted", [])


async def test_a_tick_on_a_page_that_was_closed_says_so(world: World, ana: Client) -> None:
    await ana.fire(OpenState, "load")
    give(world, Feature.SEE_DOCUMENTS, False)

    ran = await ana.fire(SelectionState, "tick", document_id=world.documents["soon"], ticked=True)

    assert ran == ["load", "load"]
    assert (await ana.root.get_state(OpenState)).status == "not_granted"
