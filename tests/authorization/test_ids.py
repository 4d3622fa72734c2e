"""Ten thousand guessed ids: random ones, and the neighbours of real ones. None of them opens a door."""

from __future__ import annotations

import asyncio
import random
import secrets
import string
from collections.abc import Iterator
from itertools import cycle, islice

import pytest

from tests.authorization import doors
from tests.authorization.doors import Event
from tests.authorization.people import Town
from tests.authorization.table import EVENTS
from tests.authorization.test_routes import files
from tests.authorization.wire import UNTOUCHED, Kept, browser, opened

# To files and to events, by each of two people: ten thousand in all.
TO_FILES = 3500
TO_EVENTS = 1500
GUESSERS = ("owner", "every permission")
_ALPHABET = f"{string.ascii_letters}{string.digits}-_"


@pytest.mark.parametrize("name", GUESSERS)
def test_no_guess_opens_a_file(town: Town, name: str) -> None:
    hits: list[str] = []
    answers: set[bytes] = set()

    async def ask() -> None:
        async with browser(town.people[name].token) as http:
            for route, guess in zip(cycle(files()), islice(_names(town), TO_FILES), strict=False):
                answer = await http.get(route.filled(guess))
                answers.add(answer.content)
                if answer.status_code != 404:
                    hits.append(f"{route.filled(guess)}: {answer.status_code}")

    asyncio.run(ask())

    assert not hits
    assert answers == {b'{"code":"NOT_FOUND"}'}


@pytest.mark.parametrize("name", GUESSERS)
def test_no_guess_gets_anything_by_an_event(town: Town, kept: Kept, name: str) -> None:
    """Neither another's words nor a change, nor does a guess break anything."""
    hits: list[str] = []
    admitting = [
        event for event in doors.events() if event.takes_ids() and name in EVENTS[event.name].people
    ]
    names, numbers = _names(town), _numbers(town, name)

    async def ask() -> None:
        async with opened() as wire:
            for event in islice(cycle(admitting), TO_EVENTS):
                guess = next(numbers if _takes_numbers(event) else names)
                token, path = town.people[name].token, event.paths(guess)[-1]
                said = await wire.call(name, token, event.full_name, event.payload(guess), path)
                hits.extend(
                    f"{event.name}({guess}): {word}" for word in town.foreign(name) if word in said
                )
                changed = kept.changed().keys() & set(UNTOUCHED[name])
                hits.extend(f"{event.name}({guess}) changes {owner}'s" for owner in changed)
            hits.extend(wire.defects)

    asyncio.run(ask())

    assert not hits


def _takes_numbers(event: Event) -> bool:
    return "int" in event.arguments.values()


def _names(town: Town) -> Iterator[str]:
    """Public ids: made up, other people's, and real ones with one letter changed, gone or more."""
    dice = random.Random(20_261_122)
    real = [id_ for owner in ("ana", "bia", "rui") for id_ in town.ids[owner]]
    others = [id_ for owner in ("bia", "rui") for id_ in town.ids[owner]]
    while True:
        yield secrets.token_urlsafe(16)
        yield dice.choice(others)
        id_ = dice.choice(real)
        at = dice.randrange(len(id_))
        other = dice.choice([letter for letter in _ALPHABET if letter != id_[at]])
        yield f"{id_[:at]}{other}{id_[at + 1 :]}"
        yield dice.choice((id_[:at], id_[:-1], f"{id_}{other}", id_.swapcase(), f"%20{id_}")) or "-"
        yield str(dice.randrange(1, 60))


def _numbers(town: Town, name: str) -> Iterator[int]:
    """Ids of rows: those beside every real one, and some beyond all of them."""
    dice = random.Random(20_261_122)
    strangers = ("rui",) if name == "every permission" else ("bia", "rui")
    real = [number for owner in strangers for number in town.numbers[owner]]
    while True:
        yield dice.choice(real) + dice.randrange(-3, 4)
        yield dice.randrange(-5, 200)
        yield dice.choice((0, -1, 2**31, 2**63 - 1, 2**63, 10**30))
