"""Whether managers must have a second factor is the operator's to say, and stands in the audit."""

import pytest
from typer.testing import CliRunner

from portal_app.cli.app import app
from portal_app.db import loading
from portal_app.db.audit import Wanted
from portal_app.db.engine import transaction
from portal_app.db.loading import NewUser
from portal_app.domain.audit import OPERATOR, Action
from portal_app.domain.companies import SecondFactor
from portal_app.domain.errors import InvalidField, NotFound
from portal_app.domain.grants import OwnFeature, Role, StaffFeature
from portal_app.services import actors, security
from tests.company import World, actor, entered, password_hash, sign_in


@pytest.fixture
def manager(world: World) -> str:
    with transaction() as session:
        new = NewUser("manager@example.com", "Manager", password_hash(), Role.MANAGER)
        loading.add_user(session, world.company, new)
    return sign_in("manager")


def test_an_open_session_feels_it_at_its_next_event(manager: str) -> None:
    before = actors.actor_of(manager)

    security.set_second_factor("norte", "required")

    after = actors.actor_of(manager)
    assert before is not None
    assert before.may(StaffFeature.MANAGE_GRANTS)
    assert after is not None
    assert after.features == frozenset(OwnFeature)


def test_it_is_entered_once_and_only_where_it_changed(world: World) -> None:
    for wanted in ("required", "required", "optional"):
        security.set_second_factor("norte", wanted)

    found = entered(world.company, Wanted(action=Action.SECURITY_CHANGED.value))
    assert [entry.facts for entry in found] == [
        {"before": "required", "after": "optional"},
        {"before": "by_mode", "after": "required"},
    ]
    assert {entry.subject for entry in found} == {OPERATOR}
    assert entered(world.other_company, Wanted()) == []


def test_what_is_no_rule_or_no_company_changes_nothing(world: World) -> None:
    with pytest.raises(InvalidField):
        security.set_second_factor("norte", "sometimes")
    with pytest.raises(NotFound):
        security.set_second_factor("gone", "required")

    assert security.second_factor("norte") is SecondFactor.BY_MODE
    assert actor("staff").may(StaffFeature.WORK_TASKS)


def test_the_command_shows_and_changes_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal_app.serve.prepare_database", lambda: None)
    run = CliRunner()

    changed = run.invoke(app, ["security", "--company", "norte", "--second-factor", "optional"])
    shown = run.invoke(app, ["security", "--company", "norte"])

    assert (changed.exit_code, shown.exit_code) == (0, 0)
    assert shown.stdout == changed.stdout == "second factor of managers: optional\n"
