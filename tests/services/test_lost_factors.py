"""Who lost app and recovery codes is let in again by somebody who made sure who he is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import SQLModel, col
from typer.testing import CliRunner, Result

from portal_app.cli.app import app
from portal_app.db import factors, passkeys, sessions, users
from portal_app.db.audit import Wanted
from portal_app.db.engine import transaction
from portal_app.db.models import CompanyRow, MailRow, PortalUserRow
from portal_app.db.passkeys import Ceremony, NewPasskey
from portal_app.db.users import Member
from portal_app.domain.audit import OPERATOR, Action, Entry
from portal_app.domain.errors import (
    FactorInvalid,
    FieldMissing,
    FieldTooLong,
    InvalidField,
    NotFound,
    NotGranted,
    NotYourself,
)
from portal_app.domain.grants import MemberKind, OwnFeature, Role, StaffFeature
from portal_app.domain.people import Identity, IdentityCheck, identity_of
from portal_app.gateways import clock
from portal_app.services import (
    access,
    actors,
    people,
    second_factor,
    security,
    staff_roles,
)
from portal_app.services import passkeys as own_passkeys
from portal_app.services import staff as colleagues
from portal_app.services.access import From
from portal_app.services.actors import Actor
from portal_app.services.people import OWN
from tests.company import (
    NOW,
    PASSWORD,
    World,
    actor,
    add_person,
    entered,
    page_of,
    run_jobs,
    sign_in,
    together,
    user_of,
)
from tests.post_office import PostOffice, open_office, plain_text
from tests.services.test_second_factor import Enrolled, enrol, half

CALLED = Identity(IdentityCheck.CALLED_BACK)
LEFT = ("authenticator", "recovery_code", "passkey", "ceremony")


@pytest.fixture
def manager(world: World) -> Actor:
    add_person(world.company, "manager", Role.MANAGER)
    return actor("manager")


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    served = PostOffice()
    with open_office(served, monkeypatch):
        yield served


@pytest.fixture(autouse=True)
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal_app.serve.prepare_database", lambda: None)


def give(company: int, user: int) -> None:
    """An app, a recovery code, a passkey, and a challenge to add another."""
    made = NewPasskey(f"credential-{user}", "key", 0, "Phone", NOW)
    with transaction() as session:
        factors.put(session, company, user, "sealed")
        factors.use(session, company, user, 1, NOW)
        factors.put_codes(session, company, user, ["hash"])
        passkeys.add(session, company, user, made)
        until = NOW + timedelta(minutes=5)
        passkeys.begin(session, Ceremony(f"hash-{user}", "challenge", user, until))


def left(user: int) -> dict[str, int]:
    """Rows that still are somebody's, by table."""
    with transaction(write=False) as session:
        return {
            name: len(session.execute(select(table).where(table.c.user_id == user)).all())
            for name, table in ((name, SQLModel.metadata.tables[name]) for name in LEFT)
        }


def resets(company: int) -> list[Entry]:
    return entered(company, Wanted(action=Action.FACTOR_RESET.value))


def told() -> list[int | None]:
    with transaction(write=False) as session:
        query = select(col(MailRow.user_id)).where(col(MailRow.kind) == "factor_reset")
        return list(session.scalars(query))


def waiting(company: int, user: int) -> str:
    """A session of whoever has only proved his password."""
    with transaction() as session:
        found = users.by_id(session, company, user)
        assert found is not None
        opened = access.admit(session, found, From("192.0.2.1"))
    assert opened.awaits_factor
    return opened.token


def command(*options: str) -> Result:
    return CliRunner().invoke(app, ["security", "--company", "norte", *options])


@pytest.mark.usefixtures("world")
def test_his_password_alone_lets_him_in_again_and_he_can_set_up_another() -> None:
    with clock.fixed_at(NOW - timedelta(minutes=1)):
        ana: Enrolled = enrol("ana")
    before = half()

    assert command("--remove-factor", " Ana@Example.com ").exit_code == 0

    assert actors.actor_of(ana.token) is None
    assert second_factor.waiting(before.token) is None
    opened = half()
    assert not opened.awaits_factor
    found = actors.actor_of(opened.token)
    assert found is not None
    assert not second_factor.standing(found).has_any
    second_factor.begin(found, PASSWORD)
    assert second_factor.pending(found).key


def test_all_of_it_goes_and_all_his_sessions_end(world: World, manager: Actor) -> None:
    user, token = user_of("staff"), sign_in("staff")
    give(world.company, user)
    half_way = waiting(world.company, user)
    assert set(left(user).values()) == {1}

    colleagues.remove_factor(manager, user, CALLED)

    assert set(left(user).values()) == {0}
    assert actors.actor_of(token) is None
    assert second_factor.waiting(half_way) is None
    assert sign_in("staff")


def test_nobody_else_loses_anything(world: World, manager: Actor) -> None:
    give(world.company, user_of("staff"))
    give(world.company, user_of("ana"))
    token = sign_in("bia")

    colleagues.remove_factor(manager, user_of("staff"), CALLED)

    assert set(left(user_of("ana")).values()) == {1}
    assert actors.actor_of(token) is not None


def test_it_is_entered_with_how_the_identity_was_checked_and_told_once(
    world: World, manager: Actor
) -> None:
    user = user_of("staff")
    give(world.company, user)

    for _ in range(2):
        colleagues.remove_factor(manager, user, identity_of(IdentityCheck.OTHER, " by  badge "))

    (entry,) = resets(world.company)
    assert (entry.subject, entry.about) == (manager.subject, f"user:{user}")
    assert entry.facts == {"identity": "other", "words": "by badge"}
    assert told() == [user]


def test_two_at_once_remove_it_once(world: World, manager: Actor) -> None:
    user = user_of("staff")
    give(world.company, user)

    answers = together(2, lambda _: colleagues.remove_factor(manager, user, CALLED))

    assert answers == [None, None]
    assert (len(resets(world.company)), told()) == (1, [user])


def test_who_has_none_keeps_his_sessions(world: World, manager: Actor) -> None:
    token = sign_in("staff")

    colleagues.remove_factor(manager, user_of("staff"), CALLED)

    assert actors.actor_of(token) is not None
    assert resets(world.company) == []
    assert told() == []


def test_a_passkey_that_is_being_added_goes_too(world: World) -> None:
    """Whoever stole a session adds no factor in the moment in which its owner's are removed."""
    user, token = user_of("staff"), sign_in("staff")
    thief = actors.actor_of(token)
    assert thief is not None
    with transaction() as session:
        factors.put(session, world.company, user, "sealed")
        factors.use(session, world.company, user, 1, NOW)
    under_way = threading.Event()

    def one(number: int) -> None:
        if number:
            assert under_way.wait(10)
            assert security.remove_factor("norte", "staff@example.com")
            return
        with transaction() as session:
            made = NewPasskey("stolen", "key", 0, "Phone", NOW)
            passkeys.add(session, world.company, user, made)
            access.renew(session, thief, token)
            session.flush()
            under_way.set()
            time.sleep(0.3)

    assert together(2, one) == [None, None]

    assert left(user)["passkey"] == 0
    with transaction(write=False) as session:
        assert sessions.of_user(session, world.company, user, NOW, NOW) == []


def session_of(name: str) -> tuple[str, Actor]:
    """Whoever stole its cookie asks for another session again and again."""
    token = sign_in(name)
    found = actors.actor_of(token)
    assert found is not None
    return token, found


def test_a_session_renewed_while_all_end_ends_too(world: World, manager: Actor) -> None:
    (token, thief), user, renewed = session_of("staff"), user_of("staff"), threading.Event()

    def one(number: int) -> None:
        if number:
            assert renewed.wait(10)
            colleagues.end_sessions(manager, user)
            return
        with transaction() as session:
            access.renew(session, thief, token)
            renewed.set()
            time.sleep(0.3)

    assert together(2, one) == [None, None]
    with transaction(write=False) as session:
        assert sessions.of_user(session, world.company, user, NOW, NOW) == []


def test_a_session_that_is_being_ended_is_not_renewed(world: World) -> None:
    (token, thief), user, ended = session_of("staff"), user_of("staff"), threading.Event()

    def one(number: int) -> None:
        if number:
            assert ended.wait(10)
            with transaction() as session:
                access.renew(session, thief, token)
            return
        with transaction() as session:
            sessions.end_all(session, world.company, user, NOW)
            ended.set()
            time.sleep(0.3)

    _, refused = together(2, one)

    assert isinstance(refused, NotFound)
    with transaction(write=False) as session:
        assert sessions.of_user(session, world.company, user, NOW, NOW) == []


def test_a_passkey_added_after_it_is_of_no_session_any_more(world: World, manager: Actor) -> None:
    user, token = user_of("staff"), sign_in("staff")
    thief = actors.actor_of(token)
    assert thief is not None
    give(world.company, user)

    colleagues.remove_factor(manager, user, CALLED)

    def add() -> None:
        with transaction() as session:
            passkeys.add(session, world.company, user, NewPasskey("stolen", "key", 0, "", NOW))
            access.renew(session, thief, token)

    with pytest.raises(NotFound):
        add()
    assert left(user)["passkey"] == 0


def test_nobody_does_it_to_himself_or_to_whoever_may_more(world: World, manager: Actor) -> None:
    own = [StaffFeature.MANAGE_USERS.value, StaffFeature.FIND_CUSTOMERS.value]
    clerks = staff_roles.add(manager, "Pessoas", own)
    finance = staff_roles.add(manager, "Financeiro", [*own, StaffFeature.REFUND.value])
    add_person(world.company, "clerk", Role.STAFF, clerks)
    larger = add_person(world.company, "larger", Role.STAFF, finance)
    equal = add_person(world.company, "equal", Role.STAFF, clerks)
    plain = user_of("staff")
    clerk = actor("clerk")
    for user in (manager.user, clerk.user, larger, equal, plain):
        give(world.company, user)

    with pytest.raises(NotYourself):
        colleagues.remove_factor(manager, manager.user, CALLED)
    with pytest.raises(NotYourself):
        colleagues.remove_factor(clerk, clerk.user, CALLED)
    with pytest.raises(NotFound):
        colleagues.remove_factor(clerk, manager.user, CALLED)
    for more in (larger, plain):  # without a role one may what all may, links among it
        with pytest.raises(NotGranted):
            colleagues.remove_factor(clerk, more, CALLED)
    assert resets(world.company) == []
    colleagues.remove_factor(clerk, equal, CALLED)
    colleagues.remove_factor(manager, larger, CALLED)

    assert [entry.about for entry in resets(world.company)] == [f"user:{larger}", f"user:{equal}"]


def test_only_who_may_manage_users_and_only_his_own_company_s(world: World, manager: Actor) -> None:
    theirs = add_person(world.other_company, "boss", Role.MANAGER)
    give(world.other_company, theirs)

    for asker in (actor("staff"), actor("ana")):
        with pytest.raises(NotGranted):
            colleagues.remove_factor(asker, manager.user, CALLED)
    for wrong in (theirs, user_of("ana"), 10**6):
        with pytest.raises(NotFound):
            colleagues.remove_factor(manager, wrong, CALLED)

    assert set(left(theirs).values()) == {1}


def test_staff_who_may_invite_do_it_for_a_customer_s_people_and_no_owner_does(
    world: World, manager: Actor
) -> None:
    page, bia = page_of(world, "ana"), page_of(world, "bia")
    ana = user_of("ana")
    give(world.company, ana)
    marta = add_person(world.company, "marta", Role.CUSTOMER)
    with transaction() as session:
        member = Member(world.customers["ana"], MemberKind.MEMBER, None)
        users.put_member(session, world.company, marta, member)
    give(world.company, marta)

    for asker, customer in ((actor("ana"), OWN), (actor("ana"), page), (actor("staff"), page)):
        with pytest.raises(NotGranted):
            people.remove_factor(asker, customer, marta, CALLED)
    with pytest.raises(NotFound):
        people.remove_factor(manager, bia, ana, CALLED)
    people.remove_factor(manager, page, ana, CALLED)

    (entry,) = resets(world.company)
    assert (entry.about, entry.customer) == (f"user:{ana}", world.customers["ana"])
    assert set(left(marta).values()) == {1}


def test_staff_see_who_has_one_and_owners_do_not(world: World, manager: Actor) -> None:
    give(world.company, user_of("ana"))
    give(world.company, user_of("staff"))

    (own,) = people.list_people(actor("ana"))
    (shown,) = people.list_people(manager, page_of(world, "ana"))

    assert (own.has_factor, shown.has_factor) == (False, True)
    assert [each.has_factor for each in colleagues.list_people(manager)] == [False, True]


def test_a_manager_who_must_have_one_sets_up_another_before_anything_else(
    world: World, manager: Actor
) -> None:
    second = add_person(world.company, "second", Role.MANAGER)
    give(world.company, second)
    give(world.company, manager.user)
    with transaction() as session:
        session.execute(update(CompanyRow).values(second_factor="required"))

    colleagues.remove_factor(actor("manager"), second, CALLED)

    found = actors.actor_of(sign_in("second"))
    assert found is not None
    assert found.must_enrol
    assert found.features == frozenset(OwnFeature)


@pytest.mark.usefixtures("world")
def test_what_was_tried_in_vain_makes_nobody_wait_who_begins_anew() -> None:
    ana = user_of("ana")
    asker = actor("ana")
    with clock.fixed_at(NOW):
        for _ in range(access.FREE_FAILURES):
            with pytest.raises(FactorInvalid):
                second_factor.begin(asker, "wrong")
    with transaction(write=False) as session:
        found = users.by_id(session, asker.company.id, ana)
    assert found is not None
    give(found.company, ana)

    command("--remove-factor", "ana@example.com")

    again = actor("ana")
    second_factor.begin(again, PASSWORD)
    assert own_passkeys.own(again) == ()


@pytest.mark.usefixtures("world")
def test_he_is_told_in_his_language(office: PostOffice) -> None:
    with transaction() as session:
        session.execute(
            update(PortalUserRow)
            .where(col(PortalUserRow.login) == "ana@example.com")
            .values(locale="en")
        )
    for name in ("ana", "staff"):
        give(actor(name).company.id, user_of(name))

        command("--remove-factor", f"{name}@example.com")
    run_jobs()

    (english,) = office.messages("ana@example.com")
    (portuguese,) = office.messages("staff@example.com")
    assert english["Subject"] == "Norte: your two-step verification was removed"
    assert "If it was not you who asked" in plain_text(english)
    assert "Olá, Staff. Norte removeu a verificação" in plain_text(portuguese)
    assert "http://localhost:8000/account" in plain_text(portuguese)


def test_an_operator_lets_the_last_manager_in(world: World, manager: Actor) -> None:
    give(world.company, manager.user)

    done = command("--remove-factor", "manager@example.com")
    again = command("--remove-factor", "manager@example.com")

    assert (done.exit_code, again.exit_code) == (0, 0)
    assert done.output.startswith("The second factor is removed")
    assert again.output == "There was no second factor.\n"
    (entry,) = resets(world.company)
    assert (entry.subject, entry.about) == (OPERATOR, f"user:{manager.user}")
    assert told() == [manager.user]


def test_the_command_finds_nobody_of_another_company(world: World) -> None:
    give(world.other_company, user_of("rui"))

    for login in ("rui@example.com", "nobody@example.com"):
        refused = command("--remove-factor", login)
        assert isinstance(refused.exception, NotFound), refused.output
    both = command("--remove-factor", "ana@example.com", "--second-factor", "required")

    assert both.exit_code == 2
    assert set(left(user_of("rui")).values()) == {1}
    assert "by_mode" in command().output


def test_how_it_was_checked_must_be_said_without_anybody_s_number() -> None:
    for check, words, refused in (
        (None, "", FieldMissing),
        (IdentityCheck.OTHER, "  ", FieldMissing),
        (IdentityCheck.OTHER, "x" * 201, FieldTooLong),
        (IdentityCheck.OTHER, "CPF 100.200.301-69", InvalidField),
        (IdentityCheck.OTHER, "called (81) 3030-1200", InvalidField),
    ):
        with pytest.raises(refused):
            identity_of(check, words)

    assert identity_of(IdentityCheck.OTHER, "badge of 22/11").words == "badge of 22/11"


def test_an_unconfirmed_app_is_no_factor(world: World, manager: Actor) -> None:
    with transaction() as session:
        factors.put(session, world.company, user_of("staff"), "sealed")

    assert not any(each.has_factor for each in colleagues.list_people(manager))
