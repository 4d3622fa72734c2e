"""The town of people.py in a database of the test's own, at a moment that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal_app.gateways import clock
from portal_app.ui import session
from tests.authorization.people import Town, found_town
from tests.authorization.wire import Kept, hurried
from tests.company import NOW


@pytest.fixture
def town(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    # What is saved a little later would come in the middle of somebody else's event.
    monkeypatch.setattr(session, "LATER", 3600)
    with clock.fixed_at(NOW), hurried():
        yield found_town()


@pytest.fixture
def kept(town: Town, sqlite_database: str) -> Iterator[Kept]:
    """The town's database, which every answer's test puts back as it was."""
    owners = {
        owner: ("customer_id", town.world.customers[owner]) for owner in ("ana", "bia", "rui")
    }
    owners["sul"] = ("company_id", town.world.other_company)
    owners["norte"] = ("company_id", town.world.company)
    made = Kept(sqlite_database, owners)
    yield made
    made.close()
