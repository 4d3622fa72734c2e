"""The company's own people, their roles, and what nobody does to himself."""

import pytest

from portal_app.db import sessions, users
from portal_app.db.audit import Wanted
from portal_app.db.engine import transaction
from portal_app.domain.audit import Action
from portal_app.domain.errors import (
    InvalidAddress,
    InvalidField,
    LastManager,
    NameTaken,
    NotFound,
    NotGranted,
    NotYourself,
    RoleInUse,
    SignInFailed,
    UserExists,
)
from portal_app.domain.grants import Role, StaffFeature
from portal_app.domain.people import Identity, IdentityCheck, UserState
from portal_app.services import access, actors, links, staff, staff_roles
from portal_app.services.access import From, Whose
from portal_app.services.actors import Actor
from tests.company import NOW, World, actor, add_person, entered, sign_in, together, user_of

FINDS = StaffFeature.FIND_CUSTOMERS.value


@pytest.fixture
def manager(world: World) -> Actor:
    add_person(world.company, "manager")
    return actor("manager")


def person(asker: Actor, user: int) -> staff.StaffPerson:
    return next(each for each in staff.list_people(asker) if each.id == user)


def said(asker: Actor, action: Action) -> list[str]:
    wanted = Wanted(action=action.value)
    return [each.about for each in entered(asker.company.id, wanted)]


def test_managers_stand_first_and_customers_not_at_all(world: World, manager: Actor) -> None:
    names = [each.name for each in staff.list_people(manager)]

    assert names == ["Manager", "Staff"]


def test_only_who_may_manage_users_sees_or_changes_them(world: World, manager: Actor) -> None:
    for asker in (actor("staff"), actor("ana")):
        with pytest.raises(NotGranted):
            staff.list_people(asker)
        with pytest.raises(NotGranted):
            staff.disable(asker, manager.user)
        with pytest.raises(NotGranted):
            staff_roles.add(asker, "Mine", [FINDS])


def test_an_invited_colleague_waits_for_a_password(world: World, manager: Actor) -> None:
    role = staff_roles.add(manager, "Atendimento", [FINDS])

    staff.invite(manager, " Nova@Example.com ", "Nova  Colega", Role.STAFF, role)

    invited = person(manager, user_of("nova"))
    assert (invited.name, invited.login) == ("Nova Colega", "nova@example.com")
    assert (invited.state, invited.staff_role) == (UserState.INVITED, role)
    assert said(manager, Action.USER_INVITED) == [f"user:{invited.id}"]


@pytest.mark.parametrize("password", ["", "nobody has this password"])
def test_who_has_not_chosen_a_password_gets_in_with_none(
    world: World, manager: Actor, password: str
) -> None:
    staff.invite(manager, "nova@example.com", "Nova", Role.STAFF)

    with pytest.raises(SignInFailed):
        access.sign_in("nova@example.com", password, From("192.0.2.1"))


def test_an_address_must_be_one_and_a_customer_is_no_colleague(
    world: World, manager: Actor
) -> None:
    with pytest.raises(InvalidAddress):
        staff.invite(manager, "nova", "Nova", Role.STAFF)
    with pytest.raises(InvalidField):
        staff.invite(manager, "nova@example.com", "Nova", Role.CUSTOMER)
    with pytest.raises(UserExists):
        staff.invite(manager, "staff@example.com", "Nova", Role.STAFF)


@pytest.mark.parametrize("login", ["ana@example.com", "rui@example.com"])
def test_an_address_that_others_sign_in_with_looks_like_any_other(
    world: World, manager: Actor, login: str
) -> None:
    before = user_of(login.partition("@")[0])

    staff.invite(manager, login, "Ana", Role.STAFF)
    with pytest.raises(UserExists):
        staff.invite(manager, login, "Ana", Role.STAFF)

    (held,) = (each for each in staff.list_people(manager) if each.name == "Ana")
    assert held.id != before
    assert held.state is UserState.INVITED
    with transaction(write=False) as session:
        known = users.by_login(session, login)
    assert known is not None
    assert (known.id, known.role) == (before, Role.CUSTOMER)


def test_two_invitations_at_once_make_one_user(world: World, manager: Actor) -> None:
    def invite(_: int) -> None:
        staff.invite(manager, "nova@example.com", "Nova", Role.STAFF)

    answers = together(2, invite)

    assert [type(each) for each in answers if each is not None] == [UserExists]
    assert [each.name for each in staff.list_people(manager)].count("Nova") == 1


def test_nobody_changes_or_disables_himself(world: World, manager: Actor) -> None:
    add_person(world.company, "second")

    with pytest.raises(NotYourself):
        staff.disable(manager, manager.user)
    with pytest.raises(NotYourself):
        staff.set_role(manager, manager.user, Role.STAFF)


def test_the_last_active_manager_stays(world: World, manager: Actor) -> None:
    """Two managers who disable or demote each other at the same moment: one of them stays."""
    second = add_person(world.company, "second")
    other = actor("second")
    orders = ((manager, second), (other, manager.user))

    answers = together(2, lambda number: staff.disable(*orders[number]))

    assert [type(each) for each in answers if each is not None] == [LastManager]
    assert [each.state for each in staff.list_people(manager)][:2].count(UserState.ACTIVE) == 1


def test_a_manager_who_was_only_invited_is_not_counted(world: World, manager: Actor) -> None:
    staff.invite(manager, "nova@example.com", "Nova", Role.MANAGER)
    second = add_person(world.company, "second")
    other = actor("second")
    staff.set_role(manager, second, Role.STAFF)

    with pytest.raises(LastManager):
        staff.set_role(other, manager.user, Role.STAFF)
    with pytest.raises(LastManager):
        staff.disable(other, manager.user)


def test_a_disabled_colleague_is_out_at_his_next_event_and_his_links_stay(
    world: World, manager: Actor
) -> None:
    token, id_ = sign_in("staff"), user_of("staff")
    link = links.create("norte", "10020030169").rpartition("/l/")[2]

    staff.disable(manager, id_)
    staff.disable(manager, id_)

    assert actors.actor_of(token) is None
    with pytest.raises(SignInFailed):
        sign_in("staff")
    assert links.open_(link).token
    assert said(manager, Action.USER_DISABLED) == [f"user:{id_}"]

    staff.enable(manager, id_)

    assert actors.actor_of(token) is None
    assert sign_in("staff")


def test_ended_sessions_end_and_the_person_signs_in_anew(world: World, manager: Actor) -> None:
    token = sign_in("staff")

    staff.end_sessions(manager, user_of("staff"))

    assert actors.actor_of(token) is None
    assert sign_in("staff")


def test_whose_role_changes_signs_in_again_with_the_new_rights(
    world: World, manager: Actor
) -> None:
    id_, role = user_of("staff"), staff_roles.add(manager, "Financeiro")
    for wanted, staff_role, begins in (
        (Role.STAFF, role, "no sessions"),
        (Role.MANAGER, None, "with a role"),
        (Role.STAFF, None, "as a manager"),
    ):
        token, bystander = sign_in("staff"), actor("ana")

        staff.set_role(manager, id_, wanted, staff_role)

        assert actors.actor_of(token) is None, begins
        again = actors.actor_of(sign_in("staff"))
        assert again is not None
        assert again.may(StaffFeature.REFUND) is (wanted is Role.MANAGER)
        with transaction(write=False) as session:
            open_ = sessions.of_user(session, world.company, bystander.user, NOW, NOW)
        assert bystander.session in {each.id for each in open_}


def test_a_role_given_again_ends_nothing(world: World, manager: Actor) -> None:
    token = sign_in("staff")

    staff.set_role(manager, user_of("staff"), Role.STAFF)

    assert actors.actor_of(token) is not None
    assert said(manager, Action.USER_CHANGED) == []


def test_what_a_role_may_holds_from_the_next_event_and_ends_nothing(
    world: World, manager: Actor
) -> None:
    role = staff_roles.add(manager, "Financeiro", [StaffFeature.REFUND.value])
    staff.set_role(manager, user_of("staff"), Role.STAFF, role)
    token = sign_in("staff")

    staff_roles.set_permission(manager, role, FINDS, allowed=True)
    staff_roles.set_permission(manager, role, StaffFeature.REFUND.value, allowed=False)

    found = actors.actor_of(token)
    assert found is not None
    assert set(found.features) & set(StaffFeature) == {StaffFeature.FIND_CUSTOMERS}


def test_another_company_s_people_and_roles_are_not_there(world: World, manager: Actor) -> None:
    theirs = add_person(world.other_company, "boss")
    role = staff_roles.add(actor("boss"), "Atendimento", [FINDS])

    for wrong in (theirs, user_of("ana"), 10**6):
        with pytest.raises(NotFound):
            staff.disable(manager, wrong)
        with pytest.raises(NotFound):
            staff.set_role(manager, wrong, Role.STAFF)
    with pytest.raises(NotFound):
        staff.set_role(manager, user_of("staff"), Role.STAFF, role)
    with pytest.raises(NotFound):
        staff_roles.set_permission(manager, role, FINDS, allowed=False)
    with pytest.raises(NotFound):
        staff_roles.remove(manager, role)
    assert staff_roles.list_roles(manager) == []
    assert [each.permissions for each in staff_roles.list_roles(actor("boss"))] == [{FINDS}]


def test_names_of_roles_are_taken_once_in_a_company(world: World, manager: Actor) -> None:
    first = staff_roles.add(manager, "Atendimento")
    second = staff_roles.add(manager, "Financeiro")

    with pytest.raises(NameTaken):
        staff_roles.add(manager, " Atendimento ")
    with pytest.raises(NameTaken):
        staff_roles.rename(manager, second, "Atendimento")
    staff_roles.rename(manager, first, "Balcão")

    assert [each.name for each in staff_roles.list_roles(manager)] == ["Balcão", "Financeiro"]


def test_a_role_somebody_has_is_not_removed(world: World, manager: Actor) -> None:
    role = staff_roles.add(manager, "Atendimento", [FINDS])
    staff.set_role(manager, user_of("staff"), Role.STAFF, role)

    with pytest.raises(RoleInUse) as refused:
        staff_roles.remove(manager, role)
    assert refused.value.details == {"people": 1}
    staff.set_role(manager, user_of("staff"), Role.STAFF)
    staff_roles.remove(manager, role)

    assert staff_roles.list_roles(manager) == []


def test_who_manages_users_without_being_a_manager_makes_himself_no_more_than_he_is(
    world: World, manager: Actor
) -> None:
    own = [StaffFeature.MANAGE_USERS.value, FINDS]
    role = staff_roles.add(manager, "Pessoas", own)
    larger = staff_roles.add(manager, "Financeiro", [StaffFeature.REFUND.value])
    staff.set_role(manager, user_of("staff"), Role.STAFF, role)
    clerk = actor("staff")
    colleague = add_person(world.company, "colleague", Role.STAFF)
    staff.set_role(manager, colleague, Role.STAFF, role)

    with pytest.raises(NotGranted):
        staff_roles.set_permission(clerk, role, StaffFeature.REFUND.value, allowed=True)
    with pytest.raises(NotGranted):
        staff.set_role(clerk, colleague, Role.STAFF, larger)
    # Without a role staff may more than he: links, tasks, imports.
    with pytest.raises(NotGranted):
        staff.set_role(clerk, colleague, Role.STAFF)
    with pytest.raises(NotGranted):
        staff.invite(clerk, "nova@example.com", "Nova", Role.STAFF)
    with pytest.raises(NotFound):
        staff.set_role(clerk, colleague, Role.MANAGER)
    with pytest.raises(NotFound):
        staff.invite(clerk, "nova@example.com", "Nova", Role.MANAGER)
    with pytest.raises(NotFound):
        staff.disable(clerk, manager.user)
    staff.invite(clerk, "nova@example.com", "Nova", Role.STAFF, role)

    assert person(manager, colleague).staff_role == role


def test_whoever_may_more_is_made_less_by_nobody_who_may_less(world: World, manager: Actor) -> None:
    """Made less first, he could be robbed of what guards his sign-in, and made more again."""
    own = staff_roles.add(manager, "Pessoas", [StaffFeature.MANAGE_USERS.value, FINDS])
    larger = staff_roles.add(manager, "Financeiro", [StaffFeature.REFUND.value])
    staff.set_role(manager, user_of("staff"), Role.STAFF, own)
    clerk = actor("staff")
    colleague = add_person(world.company, "colleague", Role.STAFF)
    staff.set_role(manager, colleague, Role.STAFF, larger)
    checked = Identity(IdentityCheck.CALLED_BACK)

    for change in (
        lambda: staff.set_role(clerk, colleague, Role.STAFF, own),
        lambda: staff.disable(clerk, colleague),
        lambda: staff.end_sessions(clerk, colleague),
        lambda: staff.remove_factor(clerk, colleague, checked),
    ):
        with pytest.raises(NotGranted):
            change()

    assert person(manager, colleague).staff_role == larger
    assert person(manager, colleague).state is UserState.ACTIVE


def test_an_unknown_permission_is_refused(world: World, manager: Actor) -> None:
    with pytest.raises(InvalidField):
        staff_roles.add(manager, "Atendimento", ["everything"])


def test_sessions_are_of_users_here(world: World, manager: Actor) -> None:
    """Ending one person's sessions leaves another's."""
    with transaction() as session:
        opened = access.open_session(
            session, world.company, Whose(user=manager.user), From("192.0.2.1")
        )

    staff.end_sessions(manager, user_of("staff"))

    with transaction(write=False) as session:
        assert sessions.find(session, actors.hash_of(opened.token)) is not None
