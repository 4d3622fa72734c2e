"""The table is about all there is: people, features, events and routes."""

import pytest

from portal_app.domain.grants import Feature, OwnFeature, StaffFeature
from tests.authorization import doors
from tests.authorization.drawing import PAGE, drawn
from tests.authorization.people import Town, actor_of
from tests.authorization.table import (
    EVENTS,
    FEATURES,
    OUT,
    OWN,
    PAYS,
    PEOPLE,
    PERMISSIONS,
    ROUTES,
    holders,
)


def test_every_feature_has_a_line() -> None:
    assert FEATURES.keys() == {each.value for each in Feature}
    assert PERMISSIONS.keys() == {each.value for each in StaffFeature}
    assert {each.value for each in OwnFeature} == OWN
    assert FEATURES.keys() >= PAYS


def test_everybody_in_the_table_is_there(town: Town) -> None:
    assert town.people.keys() == PEOPLE.keys()


def test_people_have_the_features_of_the_table(town: Town) -> None:
    every = (*FEATURES, *PERMISSIONS, *OWN)
    wrong: dict[str, set[str]] = {}
    for name, person in town.people.items():
        actor = actor_of(person)
        assert (actor is None) == (name in OUT), name
        have = {feature.value for feature in actor.features} if actor else set[str]()
        want = {each for each in every if name in holders(each)}
        if have != want:
            wrong[name] = have ^ want

    assert not wrong


@pytest.mark.parametrize("event", doors.events(), ids=lambda event: event.name)
def test_every_event_has_a_line(event: doors.Event) -> None:
    assert event.name in EVENTS, "say in table.py who may call it"


@pytest.mark.parametrize("route", doors.routes(), ids=lambda route: route.name)
def test_every_route_has_a_line(route: doors.Route) -> None:
    assert route.name in ROUTES, "say in table.py who may ask for it"


def test_no_line_is_of_a_door_that_is_not_there() -> None:
    assert EVENTS.keys() == {event.name for event in doors.events()}
    assert ROUTES.keys() == {route.name for route in doors.routes()}


def test_the_page_says_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == drawn(), "python -m tests.authorization --write"
