"""The proofs, short: `./portal prove` runs them for longer, with other lots each time."""

from pathlib import Path

import pytest

from tests.proofs import bad_calls, checkout_rush, crash, storm
from tests.proofs.__main__ import PROOFS, main
from tests.proofs._place import Place
from tests.proofs._points import POINTS, Point, Write

SEED = 20261122


@pytest.fixture
def place(database: str, tmp_path: Path) -> Place:
    return Place(database, tmp_path / "var")


def test_killed_anywhere_between_charge_and_mail_nothing_is_lost_or_twice(place: Place) -> None:
    figures = crash.run(place, kills=100, payments=60, seed=SEED)

    assert figures.wrong == ""
    assert figures.counted["fewest_at_a_point"] >= 1
    assert figures.counted["kills"] >= 100


def test_called_in_any_order_any_number_of_times_it_is_what_stripe_says(place: Place) -> None:
    figures = storm.run(place, storm.PAYMENTS, storm.DELIVERIES, SEED)

    assert figures.wrong == ""
    assert figures.counted["deliveries"] == storm.DELIVERIES


def test_of_fifty_clients_at_once_one_gets_a_document(place: Place) -> None:
    figures = checkout_rush.run(place, rounds=2, seed=SEED)

    assert figures.wrong == ""
    assert figures.counted["refused"]


def test_whatever_is_no_call_of_stripes_is_refused(place: Place) -> None:
    figures = bad_calls.run(place, bad_calls.CALLS, SEED)

    assert figures.wrong == ""
    assert figures.counted["answers"]["400"] > 0.9 * bad_calls.CALLS


def test_every_point_has_its_place() -> None:
    told = [each.after for each in POINTS] + [each.before for each in POINTS]

    assert sorted(point for point in told if point) == sorted(Point)
    assert all(callable(getattr(each.owner, each.name)) for each in POINTS)
    assert any(isinstance(each, Write) for each in POINTS)


def test_what_is_no_proof_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["luck"]) == 2

    said = capsys.readouterr().err
    assert all(name in said for name in PROOFS)
