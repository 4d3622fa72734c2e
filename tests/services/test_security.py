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
from portal_app.domain.errors import InvalidField, KeepsLess, NotFound, NotGranted, OwnFactorMissing
from portal_app.domain.grants import OwnFeature, Role, StaffFeature
from portal_app.services import actors, retention, security
from portal_app.services.actors import Actor
from portal_app.settings import settings
from tests.company import NOW, World, actor, entered, password_hash, sign_in, together


@pytest.fixture
def manager(world: World) -> Actor:
    """A manager without a second factor."""
    with transaction() as session:
        new = NewUser("manager@example.com", "Manager", password_hash(), Role.MANAGER)
        loading.add_user(session, world.company, new)
    return actor("manager")


@pytest.fixture
def signed_in(manager: Actor) -> str:
    """The token of a session of his."""
    return sign_in(manager.login.partition("@")[0])


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"):
        monkeypatch.setenv(f"PORTAL_{name}", "x" * 32)
    monkeypatch.setenv("PORTAL_MODE", "production")
    settings.cache_clear()


def test_an_open_session_feels_it_at_its_next_event(signed_in: str) -> None:
    before = actors.actor_of(signed_in)

    security.set_second_factor("norte", "required")

    after = actors.actor_of(signed_in)
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


def give_app(asker: Actor) -> None:
    with transaction() as session:
        factors.put(session, asker.company.id, asker.user, "sealed")
        factors.use(session, asker.company.id, asker.user, 1, NOW)


def test_a_manager_says_it_and_it_is_entered_once(world: World, manager: Actor) -> None:
    give_app(manager)

    for _ in range(2):
        security.choose_second_factor(manager, SecondFactor.REQUIRED, confirmed=False)

    (entry,) = entered(world.company, Wanted(action=Action.SECURITY_CHANGED.value))
    assert (entry.subject, entry.about) == (manager.subject, "company")
    assert entry.facts == {"before": "by_mode", "after": "required"}
    assert entered(world.other_company, Wanted(action=Action.SECURITY_CHANGED.value)) == []


def test_two_at_once_are_entered_one_after_the_other(world: World, manager: Actor) -> None:
    give_app(manager)
    wanted = (SecondFactor.REQUIRED, SecondFactor.OPTIONAL)

    together(2, lambda n: security.choose_second_factor(manager, wanted[n], confirmed=False))

    later, first = entered(world.company, Wanted(action=Action.SECURITY_CHANGED.value))
    assert first.facts["before"] == "by_mode"
    assert later.facts["before"] == first.facts["after"]
    assert later.facts["after"] == security.second_factor("norte").value


def test_whom_it_would_bind_himself_confirms_first(manager: Actor, signed_in: str) -> None:
    with pytest.raises(OwnFactorMissing):
        security.choose_second_factor(manager, SecondFactor.REQUIRED, confirmed=False)
    for harmless in (SecondFactor.OPTIONAL, SecondFactor.BY_MODE):
        security.choose_second_factor(manager, harmless, confirmed=False)
    before = actors.actor_of(signed_in)
    security.choose_second_factor(manager, SecondFactor.REQUIRED, confirmed=True)

    after = actors.actor_of(signed_in)
    assert before is not None
    assert not before.must_enrol
    assert after is not None
    assert after.must_enrol


@pytest.mark.usefixtures("manager", "production")
def test_in_production_the_default_binds_too(manager: Actor) -> None:
    security.choose_second_factor(manager, SecondFactor.OPTIONAL, confirmed=False)

    assert security.show(manager).by_mode
    with pytest.raises(OwnFactorMissing):
        security.choose_second_factor(manager, SecondFactor.BY_MODE, confirmed=False)
    assert security.second_factor("norte") is SecondFactor.OPTIONAL


def test_it_shows_the_company_s_own_people_and_what_each_has(manager: Actor) -> None:
    give_app(manager)

    found = security.show(manager)

    shown = [(each.person.login, each.kinds) for each in found.people]
    assert shown == [
        ("manager@example.com", Kinds(has_app=True)),
        ("staff@example.com", Kinds()),
    ]
    assert (found.second_factor, found.by_mode) == (SecondFactor.BY_MODE, False)
    assert (found.months, found.least_months) == (120, 60)


def test_nobody_else_sees_or_says_any_of_it(manager: Actor) -> None:
    for name in ("staff", "ana"):
        asker = actor(name)
        with pytest.raises(NotGranted):
            security.show(asker)
        with pytest.raises(NotGranted):
            security.choose_second_factor(asker, SecondFactor.OPTIONAL, confirmed=True)
        with pytest.raises(NotGranted):
            retention.keep_for(asker, 240, confirmed=True)

    assert security.second_factor("norte") is SecondFactor.BY_MODE
    assert security.show(manager).months == 120


def test_how_long_papers_are_kept_is_entered_and_never_less_than_the_law(
    world: World, manager: Actor
) -> None:

    for wrong in (-1, 0, 59, 601):
        with pytest.raises(InvalidField):
            retention.keep_for(manager, wrong, confirmed=True)
    for right in (60, 60, 600):
        retention.keep_for(manager, right, confirmed=True)

    assert security.show(manager).months == 600
    found = entered(world.company, Wanted(action=Action.RETENTION_CHANGED.value))
    assert [each.facts for each in found] == [
        {"before": 60, "after": 600},
        {"before": 120, "after": 60},
    ]
    with transaction(write=False) as session:
        assert companies.by_id(session, world.other_company).retention_months == 120


def test_less_than_is_kept_now_is_confirmed_first_whatever_the_page_showed(manager: Actor) -> None:
    retention.keep_for(manager, 240, confirmed=False)

    with pytest.raises(KeepsLess) as refused:
        retention.keep_for(manager, 180, confirmed=False)

    assert refused.value.details == {"before": 240, "after": 180}
    assert security.show(manager).months == 240
    retention.keep_for(manager, 180, confirmed=True)
    assert security.show(manager).months == 180
