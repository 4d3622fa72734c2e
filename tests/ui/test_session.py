"""What is asked later: the newest once, at once when somebody must know, one after the other."""

import asyncio
import threading
from dataclasses import replace

import pytest
import reflex as rx

from portal_app.services.actors import Actor
from portal_app.ui import session
from portal_app.ui.session import ask_later, ask_now
from tests.ui.conftest import reading_as

SOON = 0.02


class Kept:
    """A service that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def save(self, actor: Actor, what: object) -> None:
        self.may_go_on.wait(5)
        self.asked.append((actor.subject, what))


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "LATER", SOON)


async def test_only_the_newest_is_asked(reader: Actor, root: rx.State, kept: Kept) -> None:
    for what in (1, 2, 3):
        ask_later(root, kept.save, what)
    await asyncio.sleep(10 * SOON)

    assert kept.asked == [(reader.subject, 3)]


async def test_asked_now_it_is_not_asked_again(reader: Actor, root: rx.State, kept: Kept) -> None:
    ask_later(root, kept.save, 1)
    await ask_now(root, kept.save)
    at_once = list(kept.asked)
    await asyncio.sleep(10 * SOON)

    assert at_once == kept.asked == [(reader.subject, 1)]


async def test_nothing_waiting_nothing_is_asked(reader: Actor, root: rx.State, kept: Kept) -> None:
    await ask_now(root, kept.save)

    assert not kept.asked


async def test_each_person_has_their_own(reader: Actor, root: rx.State, kept: Kept) -> None:
    ask_later(root, kept.save, 1)
    with reading_as(replace(reader, subject="user:2")):
        ask_later(root, kept.save, 2)
    await asyncio.sleep(10 * SOON)

    assert sorted(map(str, kept.asked)) == ["('user:1', 1)", "('user:2', 2)"]


async def test_the_newest_waits_for_one_under_way(
    reader: Actor, root: rx.State, kept: Kept
) -> None:
    kept.may_go_on.clear()
    ask_later(root, kept.save, 1)
    await asyncio.sleep(5 * SOON)
    ask_later(root, kept.save, 2)
    now = asyncio.create_task(ask_now(root, kept.save))
    await asyncio.sleep(SOON)
    kept.may_go_on.set()
    await now

    assert kept.asked == [(reader.subject, 1), (reader.subject, 2)]


async def test_a_failure_is_logged_and_nobody_is_held_up(
    reader: Actor, root: rx.State, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_actor: Actor) -> None:
        raise RuntimeError("the disk is full")

    ask_later(root, fail)
    await ask_now(root, fail)

    assert "asking later failed" in caplog.text
    assert not session._later
