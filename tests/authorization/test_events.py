"""Every event by everybody: the gate says what the table says, and nobody gets another's things."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Final

import pytest
from reflex_base.registry import RegistrationContext

from portal_app.ui.session import _FRAMEWORK
from tests.authorization import doors
from tests.authorization.doors import Event
from tests.authorization.people import NAMES, OTHERS, Town
from tests.authorization.table import COMPANY, EVENTS, PEOPLE
from tests.authorization.wire import GUESSERS, READERS, UNTOUCHED, Kept, Wire, opened

HYDRATE: Final = "reflex___state____state.hydrate_and_load"
LANGUAGE: Final = "LanguageState.load"
# How often a part of a page was drawn anew.
_COUNTER: Final = re.compile(r'"version_rx_state_": \d+')
# What nobody changes who only reads for a customer.
KEPT_FROM_READERS: Final = {
    *("payment", "payment_item", "boleto", "document", "mail", "customer", "contract"),
    *("membership", "feature_grant", "access_link"),
}


def test_the_gate_says_what_the_table_says(town: Town, kept: Kept) -> None:
    wrong: list[str] = []

    async def ask() -> None:
        async with opened() as wire:
            for name in PEOPLE:
                wire.follows = name in GUESSERS
                await _arrive(wire, town, name)
                for event in doors.events():
                    guess = _guesses(town, event, "ana")[0]
                    wrong.extend(await _told(wire, town, name, event, guess))
                    kept.changed()

    asyncio.run(ask())

    assert not wrong


@pytest.mark.parametrize("name", GUESSERS)
def test_ids_of_others_open_nothing_and_change_nothing(town: Town, kept: Kept, name: str) -> None:
    """And to the letter they are answered as those that never were."""
    wrong: list[str] = []

    async def ask() -> None:
        async with opened() as wire:
            await _arrive(wire, town, name)
            for event in _admitting(name):
                # Once before the others, as a page says some things once only.
                await _call(wire, town, name, event, _guesses(town, event, "nobody")[0])
                answers = {
                    owner: [
                        (await _guessed(wire, town, name, event, guess, wrong))
                        for guess in _guesses(town, event, owner)
                    ]
                    for owner in ("ana", *OTHERS, "nobody")
                }
                wrong.extend(_told_apart(name, event, answers))
                wrong.extend(_touched(kept, name, event))
            wrong.extend(wire.defects)

    asyncio.run(ask())

    assert not wrong


def test_reflexs_own_events_give_nobody_anothers_things(town: Town) -> None:
    """Whoever holds the client's token of somebody else's page, with his own session."""
    wrong: list[str] = []
    id_ = town.ids["ana"][-1]
    paths = sorted({path for event in doors.events() for path in event.paths(id_)})

    async def ask() -> None:
        async with opened() as wire:
            for name, person in town.people.items():
                owner = town.people["owner"]
                for path in paths if name in GUESSERS else paths[:1]:
                    client = f"{name} at {path}"
                    await wire.call(client, owner.token, HYDRATE, {}, path)
                    said = await wire.call(client, person.token, HYDRATE, {}, path)
                    wrong.extend(f"{client} reads {each}" for each in _read(town, name, said))

    asyncio.run(ask())

    assert not wrong


def test_an_event_nobody_declared_lets_nobody_in(town: Town) -> None:
    declared = {event.full_name for event in doors.events()} | _FRAMEWORK
    others = sorted(RegistrationContext.get().event_handlers.keys() - declared)
    admitted: list[str] = []

    async def ask() -> None:
        async with opened() as wire:
            for name in ("nobody", "owner", "manager"):
                for event in others:
                    await wire.call(name, town.people[name].token, event, {})
                    if wire.admitted(event):
                        admitted.append(f"{name}: {event}")

    asyncio.run(ask())

    assert others, "Reflex gives every state some"
    assert not admitted


async def _arrive(wire: Wire, town: Town, name: str) -> None:
    """Be on a page, so that what comes later is not a page's first loading."""
    event = next(each for each in doors.events() if each.name == LANGUAGE)
    await wire.call(name, town.people[name].token, event.full_name, {})


async def _told(wire: Wire, town: Town, name: str, event: Event, guess: int | str) -> list[str]:
    """What is wrong with the gate's verdict, and with what was sent."""
    may = EVENTS[event.name]
    said = await _call(wire, town, name, event, guess)
    wrong: list[str] = []
    if wire.admitted(event.full_name) != (name in may.people):
        wrong.append(f"{event.name} and {name}: the table says {name in may.people}")
    if may.told is not None and name not in may.told:
        # A customer's own name stands above every page of his.
        names = NAMES.values() if name not in COMPANY else ()
        words = {word for owner in town.markers.values() for word in owner}.difference(names)
        wrong.extend(f"{event.name} tells {name} {word}" for word in words if word in said)
    return [*wrong, *(f"{event.name} tells {name} {each}" for each in _read(town, name, said))]


async def _guessed(
    wire: Wire, town: Town, name: str, event: Event, guess: int | str, wrong: list[str]
) -> str:
    """What is said to a guess, the guess itself left out."""
    said = await _call(wire, town, name, event, guess)
    wrong.extend(f"{event.name}({guess}) tells {name} {word}" for word in _read(town, name, said))
    return _COUNTER.sub("", said.replace(str(guess), "?"))


def _told_apart(name: str, event: Event, answers: dict[str, list[str]]) -> Iterator[str]:
    """Whose public ids, nothing to him, are answered otherwise than those of nobody."""
    # A form says again what was typed into it; and a number may be his own somewhere else.
    if set(event.arguments.values()) <= {"str"}:
        for owner in ("ana", *OTHERS):
            if owner in UNTOUCHED[name] and not set(answers[owner]) <= set(answers["nobody"]):
                yield f"{event.name} tells {name} {owner}'s ids from none"


async def _call(wire: Wire, town: Town, name: str, event: Event, guess: int | str) -> str:
    token, payload = town.people[name].token, event.payload(guess)
    said = [
        await wire.call(name, token, event.full_name, payload, path) for path in event.paths(guess)
    ]
    return "\n".join(said)


def _read(town: Town, name: str, said: str) -> Iterator[str]:
    """What of it is somebody else's."""
    return (word for word in town.foreign(name) if word in said)


def _admitting(name: str) -> list[Event]:
    """The events that take ids and let him in: what the gate says depends on no argument."""
    taking = filter(Event.takes_ids, doors.events())
    return [event for event in taking if name in EVENTS[event.name].people]


def _guesses(town: Town, event: Event, owner: str) -> list[int | str]:
    return [*(town.numbers if "int" in event.arguments.values() else town.ids)[owner]]


def _touched(kept: Kept, name: str, event: Event) -> Iterator[str]:
    changed = kept.changed()
    for owner in UNTOUCHED[name]:
        if owner in changed:
            yield f"{event.name} lets {name} change {changed[owner]} of {owner}"
    if name in READERS:
        for table in set[str]().union(*changed.values()) & KEPT_FROM_READERS:
            yield f"{event.name} lets {name}, who only reads, change {table}"
