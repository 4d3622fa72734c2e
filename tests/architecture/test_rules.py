"""Every door has a rule: an event or a route that nobody declared lets nobody in."""

from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from reflex.state import BaseState, State
from reflex.utils.format import format_event_handler

from portal_app.api import app as api
from portal_app.api.auth import Door
from portal_app.ui import pages, session


def events() -> list[str]:
    assert pages.PAGES, "importing the pages imports their states"
    return sorted(
        format_event_handler(handler)
        for state in _below(State)
        if state.__module__.startswith("portal_app.")
        for handler in state.event_handlers.values()
        if handler.fn.__module__.startswith("portal_app.")
    )


def _below(state: type[BaseState]) -> Iterator[type[BaseState]]:
    for child in state.__subclasses__():
        yield child
        yield from _below(child)


def routes() -> list[RouteContext]:
    """Those of included routers too, which `routes` of an app does not hold themselves."""
    found = iter_route_contexts(api.build().routes)
    return [route for route in found if isinstance(route.original_route, APIRoute)]


def doors(dependant: Dependant) -> Iterator[Door]:
    if isinstance(dependant.call, Door):
        yield dependant.call
    for each in dependant.dependencies:
        yield from doors(each)


@pytest.mark.parametrize("event", events())
def test_every_event_has_a_rule(event: str) -> None:
    assert event in session.rules(), "say who may call it: @opens_to(…) above its state"


def test_no_rule_is_of_an_event_that_is_not_there() -> None:
    assert session.rules().keys() <= set(events())


def test_the_routes_of_all_files_are_looked_at() -> None:
    assert {"/auth/sign-in", "/files/receipts/{receipt}.pdf", "/webhooks/stripe", "/healthz"} <= {
        route.path for route in routes()
    }


@pytest.mark.parametrize("route", routes(), ids=lambda route: f"{route.methods} {route.path}")
def test_every_route_has_one_rule(route: RouteContext) -> None:
    assert len(list(doors(route.dependant))) == 1, "say who may call it: opens_to(…)"
