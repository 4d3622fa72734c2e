"""Who gets in, for how long, and what a link opens."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from portal_app.db import grants, users
from portal_app.db.engine import transaction
from portal_app.db.grants import Owner
from portal_app.db.models import PortalUserRow
from portal_app.domain.documents import OpenFilter, Period
from portal_app.domain.errors import (
    AssuranceTooLow,
    InvalidField,
    LinkInvalid,
    NotFound,
    NotGranted,
    PasswordCommon,
    SignInDelayed,
    SignInFailed,
)
from portal_app.domain.grants import Feature, Level
from portal_app.gateways import clock, passwords
from portal_app.services import (
    access,
    account,
    actors,
    analysis,
    boletos,
    documents,
    history,
    links,
    tasks,
)
from portal_app.services.access import From
from portal_app.services.actors import Actor
from portal_app.settings import settings
from tests.company import NOW, PASSWORD, World, actor, sign_in, together

ADDRESS = "192.0.2.1"


def link_token(numbers: tuple[str, ...] = ()) -> str:
    return links.create("norte", "10020030169", numbers).rpartition("/l/")[2]


def link_actor(numbers: tuple[str, ...] = ()) -> Actor:
    found = actors.actor_of(links.open_(link_token(numbers)).token)
    assert found is not None
    return found


def fail(times: int, address: str = ADDRESS) -> None:
    for _ in range(times):
        with pytest.raises(SignInFailed):
            access.sign_in("ana@example.com", "wrong-password", From(address))


def test_a_right_password_opens_a_session_of_that_person(world: World) -> None:
    token = access.sign_in("  ANA@example.com ", PASSWORD, From(ADDRESS)).token

    found = actors.actor_of(token)

    assert found is not None
    assert (found.company.slug, found.customer) == ("norte", world.customers["ana"])


def test_wrong_password_unknown_login_and_disabled_user_get_one_answer(world: World) -> None:
    with transaction() as session:
        session.execute(
            update(PortalUserRow)
            .where(col(PortalUserRow.login) == "bia@example.com")
            .values(active=False)
        )
    answers: set[str] = set()
    for login, password in (
        ("ana@example.com", "wrong-password"),
        ("nobody@example.com", PASSWORD),
        ("bia@example.com", PASSWORD),
    ):
        with pytest.raises(SignInFailed) as refused:
            access.sign_in(login, password, From(ADDRESS))
        answers.add(str(refused.value))

    assert answers == {"SIGN_IN_FAILED"}


def test_disabling_a_user_ends_the_sessions_they_have(world: World) -> None:
    token = sign_in("ana")

    with transaction() as session:
        session.execute(update(PortalUserRow).values(active=False))

    assert actors.actor_of(token) is None


def test_after_five_failures_the_wait_doubles_up_to_fifteen_minutes(world: World) -> None:
    fail(5)
    waits: list[int] = []
    moment = NOW
    for _ in range(8):
        with clock.fixed_at(moment):
            with pytest.raises(SignInDelayed) as delayed:
                access.sign_in("ana@example.com", PASSWORD, From(ADDRESS))
            wait = delayed.value.details["seconds"]
            assert isinstance(wait, int)
            waits.append(wait)
        moment += timedelta(seconds=wait)
        with clock.fixed_at(moment):
            fail(1)

    assert waits == [15, 30, 60, 120, 240, 480, 900, 900]


def test_the_wait_is_of_one_login_at_one_address(world: World) -> None:
    fail(5)

    assert access.sign_in("ana@example.com", PASSWORD, From("192.0.2.9")).token
    assert access.sign_in("rui@example.com", PASSWORD, From(ADDRESS)).token


def test_a_right_password_forgives_the_failures(world: World) -> None:
    fail(4)
    access.sign_in("ana@example.com", PASSWORD, From(ADDRESS))

    fail(4)

    assert access.sign_in("ana@example.com", PASSWORD, From(ADDRESS)).token


def test_failures_at_the_same_moment_are_all_counted(world: World) -> None:
    def one(_: int) -> None:
        access.sign_in("ana@example.com", "wrong-password", From(ADDRESS))

    answers = together(4, one)
    fail(1)

    assert {type(answer) for answer in answers} == {SignInFailed}
    with pytest.raises(SignInDelayed):
        access.sign_in("ana@example.com", PASSWORD, From(ADDRESS))


def test_guesses_sent_at_the_same_moment_are_not_all_looked_at(world: World) -> None:
    def guess(number: int) -> None:
        access.sign_in("ana@example.com", f"wrong-password-{number}", From(ADDRESS))

    answers = together(8, guess)

    # Only what is refused for its password has had it hashed.
    kinds = [type(answer) for answer in answers]
    assert kinds.count(SignInFailed) == access.FREE_FAILURES
    assert kinds.count(SignInDelayed) == 8 - access.FREE_FAILURES


def test_once_a_wait_is_over_one_guess_of_many_is_looked_at(world: World) -> None:
    fail(access.FREE_FAILURES)

    with clock.fixed_at(NOW + timedelta(seconds=15)):
        answers = together(8, lambda _: access.sign_in("ana@example.com", "wrong", From(ADDRESS)))

    kinds = [type(answer) for answer in answers]
    assert (kinds.count(SignInFailed), kinds.count(SignInDelayed)) == (1, 7)


def test_the_right_password_gets_in_beside_wrong_ones(world: World) -> None:
    passwords = [PASSWORD, "wrong", PASSWORD, "wrong"]

    answers = together(4, lambda n: access.sign_in("ana@example.com", passwords[n], From(ADDRESS)))

    assert [isinstance(answer, SignInFailed) for answer in answers] == [False, True, False, True]
    assert all(isinstance(answers[n], access.Opened) for n in (0, 2))


def test_the_fifth_password_may_still_be_the_right_one(world: World) -> None:
    fail(access.FREE_FAILURES - 1)

    assert access.sign_in("ana@example.com", PASSWORD, From(ADDRESS)).token
    assert access.sign_in("ana@example.com", PASSWORD, From(ADDRESS)).token


def test_an_attempt_made_during_a_wait_does_not_lengthen_it(world: World) -> None:
    fail(access.FREE_FAILURES)
    with pytest.raises(SignInDelayed):
        access.sign_in("ana@example.com", PASSWORD, From(ADDRESS))

    with clock.fixed_at(NOW + timedelta(seconds=15)):
        assert access.sign_in("ana@example.com", PASSWORD, From(ADDRESS)).token


def test_a_session_ends_after_thirty_idle_minutes(world: World) -> None:
    token = sign_in("ana")

    with clock.fixed_at(NOW + timedelta(minutes=30)):
        assert actors.actor_of(token) is not None
    with clock.fixed_at(NOW + timedelta(minutes=60)):
        assert actors.actor_of(token) is not None
    with clock.fixed_at(NOW + timedelta(minutes=90, seconds=1)):
        assert actors.actor_of(token) is None


def test_a_session_in_use_ends_after_twelve_hours(world: World) -> None:
    token = sign_in("ana")
    alive: list[bool] = []

    for quarter in range(1, 49):
        with clock.fixed_at(NOW + timedelta(minutes=15 * quarter)):
            alive.append(actors.actor_of(token) is not None)

    assert alive == [True] * 47 + [False]


def test_signing_out_ends_the_session_and_may_be_repeated(world: World) -> None:
    token, other = sign_in("ana"), sign_in("ana")

    access.sign_out(token)
    access.sign_out(token)

    assert actors.actor_of(token) is None
    assert actors.actor_of(other) is not None


def test_a_made_up_token_is_nobody(world: World) -> None:
    assert actors.actor_of("") is None
    assert actors.actor_of("made-up") is None


def test_changing_the_password_ends_the_other_sessions(world: World) -> None:
    here, there = sign_in("ana"), sign_in("ana")
    ana = actors.actor_of(here)
    assert ana is not None

    account.change_password(ana, PASSWORD, "another-password")

    assert actors.actor_of(here) is not None
    assert actors.actor_of(there) is None
    assert access.sign_in("ana@example.com", "another-password", From(ADDRESS)).token
    with pytest.raises(SignInFailed):
        access.sign_in("ana@example.com", PASSWORD, From(ADDRESS))


def test_a_new_password_has_at_least_ten_characters_and_the_present_one_is_asked(
    world: World,
) -> None:
    ana = actor("ana")

    with pytest.raises(InvalidField):
        account.change_password(ana, PASSWORD, "too-short")
    with pytest.raises(SignInFailed):
        account.change_password(ana, "not-my-password", "another-password")


@pytest.mark.parametrize(
    "wanted", ["flamengo123", "Senha@2026", "ana@example.com", "ana-silva-norte"]
)
def test_a_new_password_is_neither_common_nor_made_of_names(world: World, wanted: str) -> None:
    with transaction() as session:
        user = users.by_login(session, "ana@example.com")
        assert user is not None
        session.execute(
            update(PortalUserRow).where(col(PortalUserRow.id) == user.id).values(name="Ana Silva")
        )
    ana = actor("ana")

    with pytest.raises(PasswordCommon):
        account.change_password(ana, PASSWORD, wanted)

    assert access.sign_in("ana@example.com", PASSWORD, From(ADDRESS)).token


def test_whoever_does_not_know_the_present_password_learns_nothing_of_a_new_one(
    world: World,
) -> None:
    with pytest.raises(SignInFailed):
        account.change_password(actor("ana"), "not-my-password", "flamengo123")


def test_a_common_password_that_is_in_use_still_opens(world: World) -> None:
    with transaction() as session:
        user = users.by_login(session, "ana@example.com")
        assert user is not None
        users.set_password(session, user.company, user.id, passwords.hash_password("flamengo123"))

    assert access.sign_in("ana@example.com", "flamengo123", From(ADDRESS)).token


def test_old_sessions_and_failures_are_forgotten(world: World) -> None:
    token = sign_in("ana")
    fail(5)

    with clock.fixed_at(NOW + timedelta(days=2)):
        access.forget_expired(world.company)

    assert actors.actor_of(token) is None
    assert access.sign_in("ana@example.com", PASSWORD, From(ADDRESS)).token


def test_a_feature_taken_from_a_customer_is_refused(world: World) -> None:
    with transaction() as session:
        grants.put(session, world.company, Owner(Level.COMPANY), Feature.ANALYSIS, allowed=True)
        grants.put(
            session,
            world.company,
            Owner(Level.CUSTOMER, world.customers["ana"]),
            Feature.ANALYSIS,
            allowed=False,
        )

    with pytest.raises(NotGranted):
        analysis.panels(actor("ana"), Period(NOW.date(), NOW.date()))
    assert analysis.panels(actor("bia"), Period(NOW.date(), NOW.date()))


def test_only_staff_work_on_tasks_and_they_have_no_documents(world: World) -> None:
    assert tasks.list_open(actor("staff")) == ()
    with pytest.raises(NotGranted):
        tasks.list_open(actor("ana"))
    with pytest.raises(NotGranted):
        documents.list_open(actor("staff"), OpenFilter())


def test_a_link_shows_all_documents_of_its_customer(world: World) -> None:
    found = documents.list_open(link_actor(), OpenFilter())

    assert found.counts.all == 5


def test_a_link_to_some_documents_sees_and_pays_only_these(world: World) -> None:
    scoped = link_actor(("FT 2026/1841", "ND 2026/77"))
    inside = [world.documents["overdue_43"], world.documents["soon"]]

    rows = documents.list_open(scoped, OpenFilter()).rows
    offer = boletos.offer(scoped, inside)
    issued = boletos.issue(scoped, inside, offer.banks[0].carteira, offer.banks[0].total)

    assert [row.document.id for row in rows] == inside
    assert boletos.view(scoped, issued).payment.public_id == issued
    with pytest.raises(NotFound):
        boletos.offer(scoped, [world.documents["later"]])
    with pytest.raises(NotGranted):
        history.list_payments(scoped, Period(), 0)


def test_a_link_to_some_documents_does_not_see_a_payment_that_holds_another(
    world: World,
) -> None:
    ana = actor("ana")
    offer = boletos.offer(ana, world.three)
    issued = boletos.issue(ana, world.three, offer.banks[0].carteira, offer.banks[0].total)

    with pytest.raises(NotFound):
        boletos.view(link_actor(("FT 2026/1841",)), issued)


def test_a_link_session_cannot_change_the_password(world: World) -> None:
    with pytest.raises(AssuranceTooLow):
        account.change_password(link_actor(), PASSWORD, "another-password")


def test_a_link_ends_after_the_company_s_thirty_days(world: World) -> None:
    token = link_token()

    with clock.fixed_at(NOW + timedelta(days=30) - timedelta(minutes=10)):
        opened = links.open_(token)
        assert opened.expires_at == NOW + timedelta(days=30)
    with clock.fixed_at(NOW + timedelta(days=30)):
        with pytest.raises(LinkInvalid):
            links.open_(token)
        assert actors.actor_of(opened.token) is None


def test_an_altered_link_is_refused(world: World) -> None:
    head, body, signature = link_token().split(".")
    turned = body[:-2] + ("AA" if body[-2:] != "AA" else "BB")

    for altered in (f"{head}.{turned}.{signature}", f"{head}.{body}.", "x", f"{head}.{body}"):
        with pytest.raises(LinkInvalid):
            links.open_(altered)


def test_a_revoked_link_opens_nothing_and_its_sessions_end(world: World) -> None:
    token = link_token()
    opened = links.open_(token).token

    links.revoke("norte", token)

    assert actors.actor_of(opened) is None
    with pytest.raises(LinkInvalid):
        links.open_(token)


def test_another_company_cannot_revoke_a_link(world: World) -> None:
    token = link_token()

    with pytest.raises(LinkInvalid):
        links.revoke("sul", token)

    assert links.open_(token).token


def test_a_link_names_whom_it_would_sign_in(world: World) -> None:
    target = links.target(link_token())

    assert (target.name, target.company) == ("Ana", "Norte")


def test_a_link_is_made_only_for_the_customer_s_own_documents(world: World) -> None:
    with pytest.raises(NotFound):
        link_token(("FT 2026/3001",))


def test_the_holder_of_an_old_link_may_ask_for_a_new_one(world: World) -> None:
    token = link_token()

    with clock.fixed_at(NOW + timedelta(days=31)):
        links.ask_for_new(token)
        links.ask_for_new(token)
        links.ask_for_new("made-up")

    (task,) = tasks.list_open(actor("staff"))
    assert (task.kind, task.subject) == ("link_requested", f"customer:{world.customers['ana']}")


def test_a_link_holds_while_one_key_replaces_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = "o" * 40, "n" * 40
    _sign_with(monkeypatch, old)
    token = link_token()

    _sign_with(monkeypatch, f"{new},{old}")
    assert links.target(token)
    signed_anew = link_token()
    _sign_with(monkeypatch, new)

    assert links.target(signed_anew), "the first key signs"
    with pytest.raises(LinkInvalid):
        links.target(token)


def _sign_with(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", keys)
    settings.cache_clear()
