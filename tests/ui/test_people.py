"""The lists of people and roles, the picker: what they say, what they ask, what a browser may claim."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import reflex as rx

from portal_app import locales
from portal_app.db.people import Account, Person
from portal_app.db.staff import StaffPerson
from portal_app.db.staff_roles import StaffRole
from portal_app.domain.customers import Listed
from portal_app.domain.errors import InvalidField, LastManager, NotFound
from portal_app.domain.grants import Assurance, MemberKind, OwnFeature, Role, StaffFeature
from portal_app.domain.people import Switch, UserState
from portal_app.services import customers
from portal_app.services.actors import Actor
from portal_app.services.customers import FoundPage
from portal_app.services.people import OWN, Shown
from portal_app.ui import routes
from portal_app.ui.accounts import state as accounts_page
from portal_app.ui.accounts.state import AccountsState
from portal_app.ui.manager.roles import state as roles_page
from portal_app.ui.manager.roles.state import RolesState
from portal_app.ui.manager.users import state as users_page
from portal_app.ui.manager.users.state import StaffState
from portal_app.ui.people import state as page
from portal_app.ui.people.state import PeopleState, customer_on
from portal_app.ui.shell import home_of, refused
from portal_app.ui.staff.customers import state as customers_page
from portal_app.ui.staff.customers.state import CustomersState
from tests.ui.conftest import Services, reading_as

MOMENT = datetime(2026, 11, 23, 1, tzinfo=UTC)
MARTA = Person(
    user=2,
    name="Marta",
    login="marta@example.com#norte",
    locale="",
    kind=MemberKind.MEMBER,
    ends=date(2026, 12, 31),
    state=UserState.INVITED,
    signed_in_at=None,
    others=False,
)
ANA = replace(MARTA, user=1, name="Ana", kind=MemberKind.OWNER, state=UserState.ACTIVE)
SOFIA = StaffPerson(
    4, "Sofia", "sofia@example.com", Role.STAFF, 7, "Balcão", UserState.ACTIVE, MOMENT
)
DESK = StaffRole(7, "Balcão", frozenset({"customers.find"}), people=1)


@pytest.fixture(autouse=True)
def answers(services: Services, reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Services:
    for module in (page, accounts_page, roles_page, users_page, customers_page):
        monkeypatch.setattr(module, "attempt", services.attempt)
    monkeypatch.setattr(PeopleState, "_customer", lambda _: OWN)
    return services


def listed(services: Services, *found: object) -> None:
    """Answer what lists ask with these; whatever is told to do something with nothing."""
    services.say(lambda *asked: None if len(asked) > 1 else list(found))


async def people_state(root: rx.State) -> Any:
    return await root.get_state(PeopleState)


def shown(person: Person, **more: bool) -> Shown:
    switches = frozenset({Switch.PAY}) if person.kind is MemberKind.MEMBER else None
    return Shown(person, switches, is_over=more.get("over", False), is_self=person.user == 1)


async def test_a_person_is_said_in_words_with_the_address_he_was_invited_by(
    root: rx.State, answers: Services
) -> None:
    listed(answers, shown(ANA), shown(MARTA))
    state = await people_state(root)

    await PeopleState.load.fn(state)

    ana, marta = state.people
    assert (ana.is_self, ana.has_switches, ana.kind_name) == (True, False, "Titular")
    assert (marta.login, marta.term) == ("marta@example.com", "até 31/12/2026")
    assert (marta.state_name, marta.may_pay, marta.may_email) == ("Convidado", True, False)


async def test_a_time_that_is_over_says_so(root: rx.State, answers: Services) -> None:
    listed(answers, shown(MARTA, over=True))
    state = await people_state(root)

    await PeopleState.load.fn(state)

    assert state.people[0].term == "terminou em 31/12/2026"


async def test_the_dialog_opens_for_others_and_for_whoever_is_in_the_list(
    root: rx.State, answers: Services
) -> None:
    listed(answers, shown(ANA), shown(MARTA))
    state = await people_state(root)
    await PeopleState.load.fn(state)

    for nobody in (ANA.user, 99):
        await PeopleState.open_person.fn(state, nobody)
        assert not state.dialog
    await PeopleState.open_person.fn(state, MARTA.user)

    assert (state.dialog, state.chosen.id) == ("person", MARTA.user)


async def test_what_was_done_is_said_and_the_dialog_closes(
    root: rx.State, answers: Services
) -> None:
    listed(answers, shown(MARTA))
    state = await people_state(root)
    await PeopleState.load.fn(state)
    await PeopleState.open_person.fn(state, MARTA.user)

    await PeopleState.act.fn(state, "end_sessions")

    assert answers.asked[-2] == (OWN, MARTA.user)
    assert (state.dialog, state.said) == ("", "As sessões de Marta foram encerradas.")


async def test_a_refusal_is_said_in_the_dialog(root: rx.State, answers: Services) -> None:
    listed(answers, shown(MARTA))
    state = await people_state(root)
    await PeopleState.load.fn(state)
    await PeopleState.open_person.fn(state, MARTA.user)

    def refuse(*_: object) -> None:
        raise NotFound

    answers.say(refuse)
    await PeopleState.act.fn(state, "remove")

    assert (state.dialog, state.code) == ("person", "NOT_FOUND")
    assert state.error


@pytest.mark.parametrize("action", ["", "invite", "__class__", "set_active"])
async def test_an_action_nobody_offers_is_none(root: rx.State, action: str) -> None:
    state = await people_state(root)

    with pytest.raises(NotFound):
        await PeopleState.act.fn(state, action)


@pytest.mark.parametrize(
    ("form", "kind", "ends"),
    [
        ({"kind": "member", "ends": ""}, MemberKind.MEMBER, None),
        ({"kind": "owner", "ends": "2026-12-31"}, MemberKind.OWNER, None),
        ({"kind": "accountant", "ends": "2026-12-31"}, MemberKind.ACCOUNTANT, date(2026, 12, 31)),
    ],
)
def test_a_form_is_read_once(
    form: dict[str, str],
    kind: MemberKind,
    ends: date | None,
    reader: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(page.people, "invite", lambda *args: asked.append(args))

    page._invite(reader, OWN, {"login": "a@example.com", "name": "A", **form})

    assert asked == [(reader, OWN, "a@example.com", "A", kind, ends)]


@pytest.mark.parametrize("form", [{"kind": "boss"}, {}, {"kind": 3}, {"kind": ["owner"]}])
def test_a_kind_that_is_none_is_refused(form: dict[str, object], reader: Actor) -> None:
    with pytest.raises(InvalidField):
        page._invite(reader, OWN, form)


@pytest.mark.parametrize("ends", ["tomorrow", "2026-13-01", "31/12/2026"])
def test_a_day_that_is_none_is_refused(ends: str, reader: Actor) -> None:
    with pytest.raises(InvalidField):
        page._invite(reader, OWN, {"kind": "member", "ends": ends})


def test_switches_are_set_where_they_were_shown_and_for_members_only(
    reader: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Switch, bool]] = []
    monkeypatch.setattr(page.people, "change", lambda *_: None)
    monkeypatch.setattr(page.people, "switch", lambda *args, on: asked.append((args[-1], on)))
    shown_both = {"has_pay": "1", "has_email": "1", "email": "on"}

    page._save(reader, OWN, 2, {"kind": "member"})
    page._save(reader, OWN, 2, {"kind": "owner", **shown_both})
    page._save(reader, OWN, 2, {"kind": "member", **shown_both})

    assert asked == [(Switch.PAY, False), (Switch.EMAIL, True)]


def test_whose_people_it_is_about_stands_in_the_address_of_staff_s_page_alone() -> None:
    assert customer_on("/staff/customers/AbC/") == "AbC"
    assert customer_on("/account") == OWN
    assert customer_on("/staff/customers") == OWN


async def test_accounts_say_as_what_and_until_when(root: rx.State, answers: Services) -> None:
    until = Account(2, "Mercado", MemberKind.ACCOUNTANT, date(2026, 12, 31))
    answers.say(lambda *_: [Account(1, "Ana Lima", MemberKind.OWNER, None), until])
    state: Any = await root.get_state(AccountsState)

    await AccountsState.load.fn(state)

    first, second = state.accounts
    assert (first.kind, first.is_present) == ("Titular", True)
    assert (second.kind, second.is_present) == ("Contador · até 31/12/2026", False)


def test_who_has_not_chosen_a_customer_is_led_to_the_choice(reader: Actor) -> None:
    unchosen = replace(reader, customer=None, features=frozenset(OwnFeature))

    for path in (routes.OPEN, routes.HISTORY, routes.STAFF, routes.pay("x")):
        assert home_of(unchosen, path) == routes.ACCOUNTS
    for path in (routes.ACCOUNTS, routes.ACCOUNT):
        assert home_of(unchosen, path) == ""
    assert home_of(reader, routes.ACCOUNTS) == ""
    with reading_as(unchosen):
        (event,) = refused("reflex___state____state.whatever.load")
    assert "/accounts" in str(event.payload)


async def test_a_colleague_is_said_in_words(root: rx.State, answers: Services) -> None:
    boss = replace(SOFIA, id=1, role=Role.MANAGER, staff_role=None, staff_role_name="")
    lists: list[list[object]] = [[boss, SOFIA], [DESK]]
    answers.say(lambda *_: lists[(len(answers.asked) - 1) % 2])
    state: Any = await root.get_state(StaffState)

    await StaffState.load.fn(state)

    first, second = state.people
    assert (first.role, first.choice, first.is_self) == ("Gestor", "manager", True)
    assert (second.role, second.choice, second.signed_in) == ("Balcão", "role:7", "22/11/2026")
    assert [each.name for each in state.roles] == ["role:7", "staff", "manager"]


@pytest.mark.parametrize(
    ("choice", "role"),
    [
        ("manager", (Role.MANAGER, None)),
        ("staff", (Role.STAFF, None)),
        ("role:7", (Role.STAFF, 7)),
    ],
)
def test_a_role_is_read(choice: str, role: tuple[Role, int | None]) -> None:
    assert users_page._role({"role": choice}) == role


@pytest.mark.parametrize("choice", ["customer", "", "role:", "role:x", "role:-1", "role:²", None])
def test_a_role_that_is_none_is_refused(choice: object) -> None:
    with pytest.raises(InvalidField):
        users_page._role({"role": choice})


async def test_the_matrix_has_a_line_for_each_permission(root: rx.State, answers: Services) -> None:
    listed(answers, DESK)
    state: Any = await root.get_state(RolesState)

    await RolesState.load.fn(state)

    assert [line.name for line in state.lines] == [each.value for each in StaffFeature]
    assert [line.name for line in state.lines if line.cells[0].on] == ["customers.find"]
    assert (state.roles[0].people, state.roles[0].is_free) == ("1 pessoa", False)


async def test_a_box_that_was_refused_is_drawn_anew(root: rx.State, answers: Services) -> None:
    listed(answers, DESK)
    state: Any = await root.get_state(RolesState)
    await RolesState.load.fn(state)
    before = state.lines[0].cells[0].key

    def answer(*asked: object, **_: object) -> object:
        if asked:
            raise LastManager
        return [DESK]

    answers.say(answer)
    await RolesState.set_permission.fn(state, 7, "payments.refund", True)

    assert state.code == "LAST_MANAGER"
    assert state.lines[0].cells[0].key != before
    assert state.lines[0].cells[0].on


async def test_a_permission_nobody_knows_is_refused(root: rx.State) -> None:
    state: Any = await root.get_state(RolesState)

    with pytest.raises(InvalidField):
        await RolesState.set_permission.fn(state, 7, "everything", True)


async def test_customers_found_show_no_whole_tax_id(root: rx.State, answers: Services) -> None:
    ana = Listed(1, "AbC", "10020030169", "Ana Lima", "10020030169", "ana@example.com", None)
    answers.say(lambda *_: FoundPage([ana], 1, has_next=True))
    state: Any = await root.get_state(CustomersState)

    await CustomersState.search.fn(state, {"typed": " lima "})
    await CustomersState.next.fn(state)

    (line,) = state.rows
    assert (line.path, line.code, line.tax_id) == (
        "/staff/customers/AbC",
        "•••.200.301-••",
        "•••.200.301-••",
    )
    assert answers.asked == [("lima", 0), ("lima", 2)]
    assert (state.where, state.has_previous, state.has_next) == ("51–51", True, True)


@pytest.mark.parametrize("locale", locales.COMPLETE)
@pytest.mark.parametrize("feature", StaffFeature)
def test_each_permission_has_its_words(feature: StaffFeature, locale: str) -> None:
    assert locales.has(f"permission.{feature}", locale)


@pytest.mark.parametrize("locale", locales.COMPLETE)
@pytest.mark.parametrize(
    "key",
    [
        *(f"member.{kind}" for kind in MemberKind),
        *(f"user.state.{state}" for state in UserState),
        *(f"people.said.{action}" for action in page._ACTIONS),
        *(f"people.said.{action}" for action in users_page._ACTIONS),
    ],
)
def test_each_kind_state_and_action_has_its_words(key: str, locale: str) -> None:
    assert locales.has(key, locale)


def test_a_link_is_open_until_its_moment_or_until_it_is_revoked() -> None:
    link = customers.MadeLink(1, 0, MOMENT, MOMENT, None, 0, None)

    assert customers.state_of(link) == "expired"
    assert customers.state_of(replace(link, revoked_at=MOMENT)) == "revoked"


def test_an_assurance_by_link_sees_no_people(reader: Actor) -> None:
    """The section is drawn for whoever the service answers: a link it does not."""
    link = replace(reader, assurance=Assurance.LINK, features=frozenset())
    ask: Callable[..., object] = page.people.list_people

    with pytest.raises(Exception, match="ASSURANCE_TOO_LOW"):
        ask(link)
