"""The pages before the second factor and of it: whom they lead where, and what they hold."""

from dataclasses import replace

import pytest
import reflex as rx
from reflex.event import EventHandler
from reflex.utils.format import format_event_handler

from portal_app.domain.grants import OwnFeature, Role
from portal_app.services.actors import Actor
from portal_app.ui import routes, session
from portal_app.ui.account.sessions_state import SessionsState
from portal_app.ui.account.verification_state import VerificationState
from portal_app.ui.shell import home_of


@pytest.fixture
def manager(reader: Actor) -> Actor:
    return replace(reader, role=Role.MANAGER, customer=None, features=frozenset(OwnFeature))


@pytest.mark.parametrize("path", ["/", "/staff", "/account", "/manager/grants"])
def test_a_manager_who_must_enrol_is_led_there_from_everywhere(manager: Actor, path: str) -> None:
    must = replace(manager, must_enrol=True)

    assert home_of(must, path) == routes.VERIFICATION
    assert home_of(must, routes.VERIFICATION) == ""


@pytest.mark.parametrize("path", ["/account", "/account/verification"])
def test_customers_and_staff_share_the_account(reader: Actor, manager: Actor, path: str) -> None:
    assert home_of(reader, path) == home_of(manager, path) == ""


@pytest.mark.parametrize("state", [SessionsState, VerificationState])
def test_own_things_are_for_whoever_has_a_sign_in_of_his_own(
    reader: Actor, state: type[rx.State]
) -> None:
    (rule,) = {session.rules()[format_event_handler(h)] for h in _handlers(state)}

    assert not rule.admits(None)
    assert not rule.admits(reader)
    assert rule.admits(replace(reader, features=frozenset(OwnFeature)))


def _handlers(state: type[rx.State]) -> list[EventHandler]:
    return [h for h in state.event_handlers.values() if h.fn.__module__ == state.__module__]


def test_what_a_route_let_the_browser_keep_is_read_by_its_whole_name(root: rx.State) -> None:
    assert session.kept(root, "proof") == ""
