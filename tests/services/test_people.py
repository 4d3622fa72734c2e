"""A customer's people, by staff and by an owner; one user of several customers."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from portal_app.db import loading, users
from portal_app.db import people as rows
from portal_app.db.engine import transaction
from portal_app.db.loading import NewUser
from portal_app.db.users import Member
from portal_app.domain.documents import OpenFilter
from portal_app.domain.errors import (
    FieldMissing,
    InvalidDate,
    InvalidField,
    LastOwner,
    NotFound,
    NotGranted,
    NotYourself,
    ProofInvalid,
    TooManyMails,
    UserExists,
)
from portal_app.domain.grants import PAYS, Feature, MemberKind, Role
from portal_app.domain.people import Switch, UserState
from portal_app.domain.proofs import Purpose
from portal_app.gateways import clock
from portal_app.services import access, actors, documents, people, proofs
from portal_app.services.access import From
from portal_app.services.actors import Actor
from portal_app.services.people import OWN, Shown
from tests.company import (
    NOW,
    TODAY,
    World,
    actor,
    add_person,
    page_of,
    password_hash,
    run_jobs,
    sign_in,
    together,
    user_of,
)
from tests.post_office import PostOffice, open_office, plain_text

OWNER, MEMBER, ACCOUNTANT = MemberKind.OWNER, MemberKind.MEMBER, MemberKind.ACCOUNTANT
A_YEAR = TODAY + timedelta(days=365)


@pytest.fixture
def manager(world: World) -> Actor:
    add_person(world.company, "manager")
    return actor("manager")


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    served = PostOffice()
    with open_office(served, monkeypatch):
        yield served


def add_member(
    world: World, name: str, kind: MemberKind, ends: date | None = None, of: str = "ana"
) -> int:
    user = add_person(world.company, name, Role.CUSTOMER)
    with transaction() as session:
        users.put_member(session, world.company, user, Member(world.customers[of], kind, ends))
    return user


def shown(asker: Actor, name: str, customer: str = OWN) -> Shown:
    return next(each for each in people.list_people(asker, customer) if each.person.name == name)


def names(asker: Actor, customer: str = OWN) -> list[str]:
    return [each.person.name for each in people.list_people(asker, customer)]


def test_an_owner_and_staff_see_the_same_people(world: World, manager: Actor) -> None:
    add_member(world, "paulo", ACCOUNTANT, A_YEAR)

    assert names(actor("ana")) == ["Ana", "Paulo"]
    assert names(manager, page_of(world, "ana")) == ["Ana", "Paulo"]


def test_only_owners_and_staff_who_may_invite_say_who_the_people_are(
    world: World, manager: Actor
) -> None:
    add_member(world, "marta", MEMBER)
    add_member(world, "paulo", ACCOUNTANT, A_YEAR)
    ana = page_of(world, "ana")

    for name, customer in (
        *(("marta", OWN), ("paulo", OWN), ("staff", OWN), ("manager", OWN)),
        *(("ana", ana), ("bia", ana), ("staff", ana)),
    ):
        asker = actor(name)
        with pytest.raises(NotGranted):
            people.list_people(asker, customer)
        with pytest.raises(NotGranted):
            people.invite(asker, customer, "x@example.com", "X", MEMBER, None)
        with pytest.raises(NotGranted):
            people.remove(asker, customer, user_of("marta"))


def test_an_owner_invites_somebody_who_then_waits_for_a_password(world: World) -> None:
    ana = actor("ana")

    people.invite(ana, OWN, "Marta@Example.com", "Marta", MEMBER, None)

    marta = shown(ana, "Marta")
    assert (marta.person.login, marta.person.kind) == ("marta@example.com", MEMBER)
    assert (marta.person.state, marta.is_self) == (UserState.INVITED, False)


def test_somebody_of_the_same_company_gets_one_customer_more(world: World) -> None:
    ana = actor("ana")

    people.invite(ana, OWN, "bia@example.com", "Whoever", MEMBER, None)

    with transaction(write=False) as session:
        of_bia = users.members(session, world.company, user_of("bia"))
    assert [each.customer for each in of_bia] == [world.customers["bia"], world.customers["ana"]]
    assert shown(ana, "Bia").switches is None, "what is taken from her is taken everywhere"
    with pytest.raises(UserExists):
        people.invite(ana, OWN, "bia@example.com", "Bia", MEMBER, None)


@pytest.mark.parametrize("login", ["rui@example.com", "staff@example.com"])
def test_an_address_of_others_is_answered_as_if_all_were_well(world: World, login: str) -> None:
    ana, user = actor("ana"), user_of(login.partition("@")[0])

    people.invite(ana, OWN, "marta@example.com", "Marta", MEMBER, None)
    people.invite(ana, OWN, login, "Somebody", MEMBER, None)

    marta, other = shown(ana, "Marta").person, shown(ana, "Somebody").person
    assert (other.state, other.kind, other.others) == (marta.state, marta.kind, marta.others)
    assert other.user != user
    with transaction(write=False) as session:
        assert not rows.accounts(session, world.company, user)
        assert not any(
            each.customer == world.customers["ana"]
            for each in users.members(session, world.other_company, user)
        )
    people.invite_again(ana, OWN, other.user)
    people.remove(ana, OWN, other.user)
    people.invite(ana, OWN, login, "Somebody", MEMBER, None)
    assert names(ana).count("Somebody") == 1


def test_an_invitation_goes_by_email_to_who_is_new_and_to_nobody_else(
    world: World, office: PostOffice
) -> None:
    ana = actor("ana")
    for login in ("marta@example.com", "bia@example.com", "rui@example.com", "staff@example.com"):
        people.invite(ana, OWN, login, "Somebody", MEMBER, None)

    run_jobs()

    assert [address for address, _ in office.received] == ["marta@example.com"]
    first = link_in(plain_text(office.messages("marta@example.com")[0]))

    people.invite_again(ana, OWN, user_of("marta"))
    run_jobs()

    second = link_in(plain_text(office.messages("marta@example.com")[1]))
    with pytest.raises(ProofInvalid):
        proofs.look(Purpose.INVITE, first)
    assert proofs.look(Purpose.INVITE, second).id == user_of("marta")


def link_in(text: str) -> str:
    return text.partition("/i/")[2].split()[0]


def test_two_invitations_at_once_are_one(world: World) -> None:
    ana = actor("ana")

    answers = together(
        2, lambda _: people.invite(ana, OWN, "marta@example.com", "Marta", MEMBER, None)
    )

    assert [type(each) for each in answers if each is not None] == [UserExists]
    assert names(ana) == ["Ana", "Marta"]


def test_two_invitations_at_once_are_one_where_nobody_was_before(
    world: World, manager: Actor
) -> None:
    ana = page_of(world, "ana")
    people.remove(manager, ana, user_of("ana"))

    def invite(_: int) -> None:
        people.invite(manager, ana, "bia@example.com", "Bia", MEMBER, None)

    answers = together(2, invite)

    assert [type(each) for each in answers if each is not None] == [UserExists]
    assert names(manager, ana) == ["Bia"]


def test_who_was_invited_removed_and_invited_again_gets_a_link_that_works(
    world: World, office: PostOffice
) -> None:
    ana = actor("ana")
    people.invite(ana, OWN, "marta@example.com", "Marta", MEMBER, None)
    people.remove(ana, OWN, user_of("marta"))

    people.invite(ana, OWN, "marta@example.com", "Marta", OWNER, None)
    run_jobs()

    links = [link_in(plain_text(each)) for each in office.messages("marta@example.com")]
    assert proofs.look(Purpose.INVITE, links[-1]).id == user_of("marta")
    assert shown(ana, "Marta").person.kind is OWNER


def test_nobody_invites_on_and_on(world: World) -> None:
    ana = actor("ana")
    for number in range(30):
        people.invite(ana, OWN, f"x{number}@example.com", "X", MEMBER, None)

    with pytest.raises(TooManyMails):
        people.invite(ana, OWN, "x31@example.com", "X", MEMBER, None)
    with pytest.raises(TooManyMails):
        people.invite_again(ana, OWN, user_of("x3"))
    with clock.fixed_at(NOW + timedelta(minutes=61)):
        people.invite(actor("ana"), OWN, "x31@example.com", "X", MEMBER, None)


def test_an_accountant_s_access_always_ends_and_an_owner_s_never(world: World) -> None:
    ana = actor("ana")

    with pytest.raises(FieldMissing):
        people.invite(ana, OWN, "paulo@example.com", "Paulo", ACCOUNTANT, None)
    with pytest.raises(InvalidDate):
        people.invite(ana, OWN, "paulo@example.com", "Paulo", ACCOUNTANT, TODAY - timedelta(1))
    with pytest.raises(InvalidField):
        people.invite(ana, OWN, "paulo@example.com", "Paulo", OWNER, A_YEAR)
    people.invite(ana, OWN, "paulo@example.com", "Paulo", ACCOUNTANT, TODAY)

    assert not shown(ana, "Paulo").is_over


def test_an_accountant_reads_until_his_last_day_and_no_longer(world: World) -> None:
    add_member(world, "paulo", ACCOUNTANT, TODAY)
    token = sign_in("paulo")

    reading = actors.actor_of(token)
    assert reading is not None
    assert documents.list_open(reading, OpenFilter()).counts.all == 5
    assert not reading.features & (PAYS | {Feature.EMAIL, Feature.INVITE})

    with clock.fixed_at(NOW + timedelta(minutes=20)):
        assert actors.actor_of(token) is not None


def test_who_becomes_somebody_else_signs_in_again_with_the_new_rights(world: World) -> None:
    user = add_member(world, "paulo", ACCOUNTANT, TODAY)
    ana = actor("ana")
    for kind in (MEMBER, OWNER, MEMBER):
        token = sign_in("paulo")

        people.change(ana, OWN, user, kind, None)

        assert actors.actor_of(token) is None
        again = actors.actor_of(sign_in("paulo"))
        assert again is not None
        assert again.may(Feature.PAY_PIX)
        assert again.may(Feature.INVITE) is (kind is OWNER)


def test_who_becomes_somebody_else_stays_signed_in_for_other_customers(world: World) -> None:
    user = add_member(world, "paulo", ACCOUNTANT, TODAY)
    bia = Member(world.customers["bia"], MEMBER, None)
    with transaction() as session:
        users.put_member(session, world.company, user, bia)
    tokens: dict[str, str] = {}
    for name in ("ana", "bia"):
        token = sign_in("paulo")
        unchosen = actors.actor_of(token)
        assert unchosen is not None
        tokens[name] = access.act_for(unchosen, token, world.customers[name]).token

    people.change(actor("ana"), OWN, user, MEMBER, None)

    assert actors.actor_of(tokens["ana"]) is None
    assert actors.actor_of(tokens["bia"]) is not None


def test_another_last_day_ends_nothing_before_it(world: World) -> None:
    user = add_member(world, "paulo", ACCOUNTANT, TODAY)
    token = sign_in("paulo")

    people.change(actor("ana"), OWN, user, ACCOUNTANT, A_YEAR)

    assert actors.actor_of(token) is not None


def test_an_accountant_whose_time_was_over_yesterday_is_nobody(world: World) -> None:
    user = add_member(world, "paulo", ACCOUNTANT, TODAY)
    token = sign_in("paulo")
    with transaction() as session:
        yesterday = Member(world.customers["ana"], ACCOUNTANT, TODAY - timedelta(days=1))
        users.put_member(session, world.company, user, yesterday)

    assert actors.actor_of(token) is None
    assert shown(actor("ana"), "Paulo").is_over


def test_who_is_removed_or_disabled_is_out_at_his_next_event(world: World, manager: Actor) -> None:
    user = add_member(world, "marta", MEMBER)
    first = sign_in("marta")

    people.set_active(manager, page_of(world, "ana"), user, active=False)
    assert actors.actor_of(first) is None
    people.set_active(manager, page_of(world, "ana"), user, active=True)
    second = sign_in("marta")
    people.remove(actor("ana"), OWN, user)

    assert actors.actor_of(second) is None
    with pytest.raises(NotFound):
        people.remove(actor("ana"), OWN, user)


def test_an_owner_cannot_disable_a_sign_in_that_may_be_for_others(world: World) -> None:
    user = add_member(world, "marta", MEMBER)

    with pytest.raises(NotGranted):
        people.set_active(actor("ana"), OWN, user, active=False)


def test_an_owner_ends_only_the_sessions_for_his_customer(world: World, manager: Actor) -> None:
    user = add_member(world, "marta", MEMBER)
    with transaction() as session:
        users.put_member(session, world.company, user, Member(world.customers["bia"], MEMBER, None))
    tokens: dict[str, str] = {}
    for name in ("ana", "bia"):
        token = sign_in("marta")
        unchosen = actors.actor_of(token)
        assert unchosen is not None
        tokens[name] = access.act_for(unchosen, token, world.customers[name]).token

    people.end_sessions(actor("ana"), OWN, user)

    assert actors.actor_of(tokens["ana"]) is None
    assert actors.actor_of(tokens["bia"]) is not None
    people.end_sessions(manager, page_of(world, "ana"), user)
    assert actors.actor_of(tokens["bia"]) is None


def test_owners_cannot_leave_a_customer_without_one(world: World) -> None:
    second = add_member(world, "second", OWNER)
    ana, other = actor("ana"), actor("second")

    with pytest.raises(NotYourself):
        people.change(ana, OWN, ana.user, MEMBER, None)
    with pytest.raises(NotYourself):
        people.remove(ana, OWN, ana.user)
    orders = ((ana, second), (other, ana.user))
    answers = together(2, lambda number: people.remove(orders[number][0], OWN, orders[number][1]))

    assert [type(each) for each in answers if each is not None] == [LastOwner]


def test_staff_may_replace_even_the_last_owner(world: World, manager: Actor) -> None:
    ana = page_of(world, "ana")

    people.change(manager, ana, user_of("ana"), MEMBER, None)

    assert shown(manager, "Ana", ana).person.kind is MEMBER


def test_a_switch_takes_from_a_member_and_gives_back_no_more_than_was_there(world: World) -> None:
    user = add_member(world, "marta", MEMBER)
    ana, token = actor("ana"), sign_in("marta")

    people.switch(ana, OWN, user, Switch.PAY, on=False)
    people.switch(ana, OWN, user, Switch.PAY, on=False)

    assert shown(ana, "Marta").switches == {Switch.EMAIL}
    narrowed = actors.actor_of(token)
    assert narrowed is not None
    assert not narrowed.features & PAYS
    assert narrowed.may(Feature.EMAIL)

    people.switch(ana, OWN, user, Switch.PAY, on=True)

    assert shown(ana, "Marta").switches == set(Switch)
    back = actors.actor_of(token)
    assert back is not None
    assert back.features >= PAYS


def test_nobody_but_a_member_of_one_customer_has_switches(world: World) -> None:
    ana = actor("ana")
    paulo = add_member(world, "paulo", ACCOUNTANT, A_YEAR)
    people.invite(ana, OWN, "bia@example.com", "Bia", MEMBER, None)

    for user in (paulo, user_of("bia")):
        with pytest.raises(NotFound):
            people.switch(ana, OWN, user, Switch.PAY, on=False)
    with pytest.raises(NotYourself):
        people.switch(ana, OWN, ana.user, Switch.PAY, on=False)


def test_another_customer_s_and_another_company_s_people_are_not_there(
    world: World, manager: Actor
) -> None:
    ana, page = actor("ana"), page_of(world, "ana")

    for user in (user_of("bia"), user_of("rui"), user_of("staff"), 10**6):
        with pytest.raises(NotFound):
            people.remove(ana, OWN, user)
        with pytest.raises(NotFound):
            people.change(manager, page, user, MEMBER, None)
        with pytest.raises(NotFound):
            people.end_sessions(manager, page, user)
    add_person(world.other_company, "boss")
    boss = actor("boss")
    for customer in (page, "made-up"):
        with pytest.raises(NotFound):
            people.list_people(boss, customer)
        with pytest.raises(NotFound):
            people.invite(boss, customer, "x@example.com", "X", MEMBER, None)


def test_who_has_several_customers_chooses_and_sees_only_that_one(world: World) -> None:
    user = add_member(world, "paulo", ACCOUNTANT, A_YEAR)
    with transaction() as session:
        bia = Member(world.customers["bia"], ACCOUNTANT, TODAY - timedelta(days=1))
        users.put_member(session, world.company, user, bia)
        cai = loading.add_user(
            session,
            world.company,
            NewUser("cai@example.com", "Cai", password_hash(), Role.CUSTOMER),
        )
        for customer in ("ana", "bia"):
            users.put_member(
                session, world.company, cai, Member(world.customers[customer], MEMBER, None)
            )

    assert [each.name for each in people.accounts(actor("paulo"))] == ["Ana"]
    token = access.sign_in("cai@example.com", "a-password-for-tests", From("192.0.2.1")).token
    unchosen = actors.actor_of(token)
    assert unchosen is not None
    assert unchosen.customer is None
    assert [each.name for each in people.accounts(unchosen)] == ["Ana", "Bia"]
    with pytest.raises(NotGranted):
        documents.list_open(unchosen, OpenFilter())
    with pytest.raises(NotFound):
        access.act_for(unchosen, token, world.customers["rui"])

    opened = access.act_for(unchosen, token, world.customers["bia"])

    chosen = actors.actor_of(opened.token)
    assert chosen is not None
    assert (chosen.customer, chosen.customer_name) == (world.customers["bia"], "Bia")
    assert documents.list_open(chosen, OpenFilter()).counts.all == 1
    assert actors.actor_of(token) is None, "the session before it is over"


def test_the_company_s_own_people_have_no_accounts(world: World, manager: Actor) -> None:
    with pytest.raises(NotFound):
        people.accounts(manager)
