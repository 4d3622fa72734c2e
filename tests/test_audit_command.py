"""`./portal audit verify`: what an operator, or his clock, is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from portal_app.cli.app import app
from portal_app.db.engine import transaction
from portal_app.domain.audit import Action, Deed
from portal_app.services import audit
from tests.company import World
from tests.company import world as world
from tests.services.test_audit import tamper


@pytest.fixture(autouse=True)
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal_app.serve.prepare_database", lambda: None)


@pytest.fixture(autouse=True)
def triggers_back(world: World) -> Iterator[None]:
    yield
    with transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER ALL"))


def verify() -> Result:
    return CliRunner().invoke(app, ["audit", "verify"])


def enter(company: int, times: int) -> None:
    for _ in range(times):
        with transaction() as session:
            audit.enter(session, company, Deed("user:1", Action.SIGNED_IN))


def test_it_tells_each_company_by_its_name_and_where_its_chain_ends(world: World) -> None:
    enter(world.company, 3)
    enter(world.other_company, 1)
    heads = [f"{slug}: {n} entries, the last is {head}…" for slug, n, head in audit.verify().heads]

    told = verify()

    assert (told.exit_code, len(heads)) == (0, 2)
    assert heads[0].startswith("norte: 3 entries")
    assert heads[1].startswith("sul: 1 entries")
    lines = told.output.splitlines()
    assert lines[:3] == ["4 entries", *heads]
    assert lines[3].startswith("Every entry is what was written")


def test_it_fails_and_names_the_first_wrong_entry(world: World) -> None:
    enter(world.company, 2)
    enter(world.other_company, 4)
    tamper(
        f"UPDATE audit_entry SET subject = 'x' WHERE company_id = {world.other_company} AND number > 2"
    )

    told = verify()

    assert told.exit_code == 1
    assert "First wrong entry: company sul, entry 3: is not what was written" in told.output
    assert "Every entry" not in told.output


def test_an_end_that_was_cut_off_fails_too(world: World) -> None:
    enter(world.company, 3)
    tamper("DELETE FROM audit_entry WHERE number = 3")

    told = verify()

    assert told.exit_code == 1
    assert "company norte: entries end at 2, the head says 3" in told.output
