"""Whether managers must have a second factor: a manager or an operator says so, and it is audited."""

import pytest
from typer.testing import CliRunner

from portal_app.cli.app import app
from portal_app.db import companies, factors, loading
from portal_app.db.audit import Wanted
from portal_app.db.engine import transaction
from portal_app.db.factors import Kinds
from portal_app.db.loading import NewUser
from portal_app.domain.audit import OPERATOR, Action
from portal_app.domain.companies import SecondFactor
from portal_app.domain.errors import InvalidField, NotFound, NotGranted, OwnFactorMissing
from portal_app.domain.grants import OwnFeature, Role, StaffFeature
from portal_app.services import actors, retention, security
from portal_app.services.actors import Actor
from tests.company import NOW, World, actor, entered, password_hash, sign_in, together


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


def bare() -> Actor:
    """A manager without a second factor."""
    return actor("manager")


def give_app(asker: Actor) -> None:
    with transaction() as session:
        factors.put(session, asker.company.id, asker.user, "sealed")
        factors.use(session, asker.company.id, asker.user, 1, NOW)


def rule_of(world: World) -> SecondFactor:
    assert world.company
    return security.second_factor("norte")


@pytest.mark.usefixtures("manager")
def test_a_manager_says_it_and_it_is_entered_once(world: World) -> None:
    asker = bare()
    give_app(asker)

    for _ in range(2):
        security.choose_second_factor(asker, SecondFactor.REQUIRED, knows=False)

    (entry,) = entered(world.company, Wanted(action=Action.SECURITY_CHANGED.value))
    assert (entry.subject, entry.about) == (asker.subject, "company")
    assert entry.facts == {"before": "by_mode", "after": "required"}
    assert entered(world.other_company, Wanted(action=Action.SECURITY_CHANGED.value)) == []


@pytest.mark.usefixtures("manager")
def test_two_at_once_are_entered_one_after_the_other(world: World) -> None:
    asker = bare()
    give_app(asker)
    wanted = (SecondFactor.REQUIRED, SecondFactor.OPTIONAL)

    together(2, lambda n: security.choose_second_factor(asker, wanted[n], knows=False))

    later, first = entered(world.company, Wanted(action=Action.SECURITY_CHANGED.value))
    assert first.facts["before"] == "by_mode"
    assert later.facts["before"] == first.facts["after"]
    assert later.facts["after"] == rule_of(world).value


def test_whom_it_would_bind_himself_says_first_that_he_knows(world: World, manager: str) -> None:
    asker = bare()

    with pytest.raises(OwnFactorMissing):
        security.choose_second_factor(asker, SecondFactor.REQUIRED, knows=False)
    for harmless in (SecondFactor.OPTIONAL, SecondFactor.BY_MODE):
        security.choose_second_factor(asker, harmless, knows=False)
    before = actors.actor_of(manager)
    security.choose_second_factor(asker, SecondFactor.REQUIRED, knows=True)

    after = actors.actor_of(manager)
    assert before is not None
    assert not before.must_enrol
    assert after is not None
    assert after.must_enrol


@pytest.mark.usefixtures("manager")
def test_in_production_the_default_binds_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asker = bare()
    security.choose_second_factor(asker, SecondFactor.OPTIONAL, knows=False)
    monkeypatch.setattr(security, "_is_production", lambda: True)

    assert security.show(asker).by_mode
    with pytest.raises(OwnFactorMissing):
        security.choose_second_factor(asker, SecondFactor.BY_MODE, knows=False)
    assert rule_of(world) is SecondFactor.OPTIONAL


@pytest.mark.usefixtures("manager")
def test_it_shows_the_company_s_own_people_and_what_each_has(world: World) -> None:
    asker = bare()
    give_app(asker)

    found = security.show(asker)

    shown = [(each.person.login, each.kinds) for each in found.people]
    assert shown == [
        ("manager@example.com", Kinds(has_app=True)),
        ("staff@example.com", Kinds()),
    ]
    assert (found.second_factor, found.by_mode) == (SecondFactor.BY_MODE, False)
    assert (found.months, found.least_months) == (120, 60)


@pytest.mark.usefixtures("manager")
def test_nobody_else_sees_or_says_any_of_it(world: World) -> None:
    for name in ("staff", "ana"):
        asker = actor(name)
        with pytest.raises(NotGranted):
            security.show(asker)
        with pytest.raises(NotGranted):
            security.choose_second_factor(asker, SecondFactor.OPTIONAL, knows=True)
        with pytest.raises(NotGranted):
            retention.keep_for(asker, 240)

    assert rule_of(world) is SecondFactor.BY_MODE
    assert security.show(bare()).months == 120


@pytest.mark.usefixtures("manager")
def test_how_long_papers_are_kept_is_entered_and_never_less_than_the_law(world: World) -> None:
    asker = bare()

    for wrong in (-1, 0, 59, 601):
        with pytest.raises(InvalidField):
            retention.keep_for(asker, wrong)
    for right in (60, 60, 600):
        retention.keep_for(asker, right)

    assert security.show(asker).months == 600
    found = entered(world.company, Wanted(action=Action.RETENTION_CHANGED.value))
    assert [each.facts for each in found] == [
        {"before": 60, "after": 600},
        {"before": 120, "after": 60},
    ]
    with transaction(write=False) as session:
        assert companies.by_id(session, world.other_company).retention_months == 120
