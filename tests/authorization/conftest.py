"""The town of people.py in a database of the test's own, at a moment that stands still."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal_app.db import engine
from portal_app.gateways import clock
from portal_app.settings import settings
from portal_app.ui import session
from tests.authorization.people import Town, found_town
from tests.authorization.wire import Kept, hurried
from tests.company import NOW


@pytest.fixture(scope="session")
def founded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Town, Path]:
    """The town, founded once, and the file it is in: nobody changes either."""
    folder = tmp_path_factory.mktemp("town")
    file = shutil.copyfile(sqlite_template, folder / "town.db")
    with pytest.MonkeyPatch.context() as patch, clock.fixed_at(NOW):
        patch.setenv("PORTAL_MODE", "demo")
        patch.setenv("PORTAL_DATA_DIR", str(folder))
        settings.cache_clear()
        engine.configure(f"sqlite:///{file}")
        town = found_town()
        engine.configure(None)
    settings.cache_clear()
    return town, file


@pytest.fixture
def town(
    founded: tuple[Town, Path], sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Town]:
    # Whoever guesses so often is held up first; here he is not.
    monkeypatch.setenv("PORTAL_LIMITS_TIMES", "1000")
    settings.cache_clear()
    # What is saved a little later would come in the middle of somebody else's event.
    monkeypatch.setattr(session, "LATER", 3600)
    shutil.copyfile(founded[1], sqlite_database.removeprefix("sqlite:///"))
    with clock.fixed_at(NOW), hurried():
        yield founded[0]


@pytest.fixture
def kept(town: Town, sqlite_database: str) -> Iterator[Kept]:
    """The town's database, which goes back to what it was as often as it is asked."""
    owners = {
        owner: ("customer_id", town.world.customers[owner]) for owner in ("ana", "bia", "rui")
    }
    owners["sul"] = ("company_id", town.world.other_company)
    owners["norte"] = ("company_id", town.world.company)
    made = Kept(sqlite_database, owners)
    yield made
    made.close()
