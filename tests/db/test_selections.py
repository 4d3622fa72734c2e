"""What is ticked is kept per person and customer."""

from portal_app.db import selections
from portal_app.db.engine import transaction
from tests.company import NOW, World, together


def save(world: World, ids: list[int], subject: str = "user:1") -> None:
    with transaction() as session:
        selections.save(session, world.company, subject, world.customers["ana"], ids, NOW)


def load(world: World, subject: str = "user:1", customer: str = "ana") -> list[int]:
    with transaction(write=False) as session:
        return selections.load(session, world.company, subject, world.customers[customer])


def test_the_last_selection_is_kept(world: World) -> None:
    save(world, [1, 2, 3])
    save(world, [2])

    assert load(world) == [2]


def test_everybody_has_their_own(world: World) -> None:
    save(world, [1])
    save(world, [2], "link:1")

    assert (load(world), load(world, "link:1")) == ([1], [2])
    assert load(world, customer="bia") == []
    with transaction(write=False) as session:
        ana = world.customers["ana"]
        assert selections.load(session, world.other_company, "user:1", ana) == []


def test_clearing_leaves_nothing(world: World) -> None:
    save(world, [1])

    with transaction() as session:
        selections.clear(session, world.company, "user:1", world.customers["ana"])

    assert load(world) == []


def test_two_tabs_may_save_at_the_same_moment(world: World) -> None:
    answers = together(4, lambda number: save(world, [number]))

    assert answers == [None] * 4
    assert load(world) in ([0], [1], [2], [3])
