"""Whatever is done to the audit behind the portal's back, `verify` names the first wrong entry."""

import pytest
from sqlalchemy import text

from portal_app.db import audit as entries
from portal_app.db.audit import Wanted
from portal_app.db.engine import Session, transaction
from portal_app.domain.audit import Action, Deed, is_true
from portal_app.domain.documents import Period
from portal_app.domain.errors import NotGranted
from portal_app.domain.grants import StaffFeature
from portal_app.services import audit, audit_search
from portal_app.services.audit_search import Filter, Typed
from portal_app.settings import settings
from tests.company import World, actor, together

FREE = {
    "sqlite": "DROP TRIGGER audit_entry_no_{}",
    "postgresql": "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
}


def enter(world: World, times: int = 5) -> None:
    for number in range(times):
        with transaction() as session:
            deed = Deed("user:1", Action.GRANT_CHANGED, "customer:1", 1, {"n": number, "é": "ü"})
            audit.enter(session, world.company, deed)


def tamper(*statements: str) -> None:
    """As somebody with the database's own password would, who first takes the triggers away."""
    with transaction() as session:
        dialect = session.get_bind().dialect.name
        for act in ("update", "delete") if dialect == "sqlite" else ("all",):
            session.execute(text(FREE[dialect].format(act)))
        for statement in statements:
            session.execute(text(statement))


@pytest.fixture(autouse=True)
def triggers_back(world: World) -> object:
    yield
    with transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER ALL"))


def test_what_was_entered_is_proved_and_read_back(world: World) -> None:
    enter(world)

    verdict = audit.verify()

    assert (verdict.first_wrong, verdict.entries) == (None, 5)
    with transaction(write=False) as session:
        found = entries.find(session, world.company, Wanted(action="grant.changed"), 3)
    assert [entry.number for entry in found] == [5, 4, 3]
    assert found[0].facts == {"n": 4, "é": "ü"}
    assert all(is_true(entry) for entry in found)


def test_an_empty_audit_is_right(world: World) -> None:
    assert audit.verify().first_wrong is None


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit_entry SET subject = 'user:2' WHERE number = 3", "entry 3: is not what"),
        ("UPDATE audit_entry SET action = 'link.made' WHERE number = 2", "entry 2: is not what"),
        ("UPDATE audit_entry SET about = 'customer:2' WHERE number = 4", "entry 4: is not what"),
        ("UPDATE audit_entry SET customer_id = NULL WHERE number = 4", "entry 4: is not what"),
        ("UPDATE audit_entry SET facts = '{\"n\": 9}' WHERE number = 1", "entry 1: is not what"),
        ("UPDATE audit_entry SET at = '2026-01-01 00:00:00' WHERE number = 5", "entry 5: is not"),
        ("DELETE FROM audit_entry WHERE number = 3", "number 3 is missing"),
        ("DELETE FROM audit_entry WHERE number = 1", "number 1 is missing"),
        ("DELETE FROM audit_entry WHERE number = 5", "entries end at 4, the head says 5"),
        ("DELETE FROM audit_entry", "entries end at 0, the head says 5"),
        ("UPDATE audit_entry SET hash = 'x' WHERE number = 2", "entry 2: is not what"),
        ("UPDATE audit_entry SET before = 'x' WHERE number = 2", "entry 2: does not follow"),
        ("DELETE FROM audit_head", "the head says 0"),
        ("UPDATE audit_head SET seal = 'x'", "the seal on entry 5 is not the portal's"),
    ],
)
def test_a_change_is_found(world: World, statement: str, found: str) -> None:
    enter(world)

    tamper(statement)

    wrong = audit.verify().first_wrong
    assert wrong is not None
    assert found in wrong


def test_a_chain_written_anew_lacks_the_seal(world: World) -> None:
    enter(world)
    tamper("DELETE FROM audit_entry", "DELETE FROM audit_head")

    with transaction() as session:
        _forge(session, world.company)

    assert "seal" in (audit.verify().first_wrong or "")


def _forge(session: Session, company: int) -> None:
    """All right in itself, as whoever knows the code but not the key would write it."""
    head = entries.locked_head(session, company)
    moment = audit.clock.now()
    entry = entries.append(session, company, Deed("user:9", Action.LINK_MADE), moment, head)
    forged = audit._seal(company, entry.number, entry.hash, "a key that somebody made up")
    entries.set_head(session, company, entries.Head(entry.number, entry.hash, forged))


def test_the_seal_holds_while_one_key_replaces_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = "o" * 40, "n" * 40
    _use(monkeypatch, old)
    enter(world, 1)
    _use(monkeypatch, f"{new},{old}")
    assert audit.verify().first_wrong is None
    enter(world, 1)
    _use(monkeypatch, new)

    assert audit.verify().first_wrong is None


def _use(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", keys)
    settings.cache_clear()


def test_many_at_once_are_one_chain(world: World) -> None:
    together(6, lambda _: enter(world, 3))

    verdict = audit.verify()
    assert (verdict.first_wrong, verdict.entries) == (None, 18)


def test_only_those_who_may_read_it_find_anything(world: World) -> None:
    enter(world)
    staff = actor("staff")
    assert not staff.may(StaffFeature.SEE_AUDIT)

    for nobody in (staff, actor("ana")):
        with pytest.raises(NotGranted):
            audit_search.page(nobody, Filter(), None, "pt_BR")
        with pytest.raises(NotGranted):
            audit_search.understand(nobody, Typed(), Period())
        with pytest.raises(NotGranted):
            audit_search.export(nobody, Filter(), "pt_BR")
