"""A second factor: confirmed first, each code once, with the old key as with the new one."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from portal_app.db import users
from portal_app.db.engine import transaction
from portal_app.db.models import (
    AuditEntryRow,
    AuthenticatorRow,
    CompanyRow,
    MailRow,
    PortalUserRow,
    RecoveryCodeRow,
)
from portal_app.domain.errors import (
    AssuranceTooLow,
    FactorInvalid,
    NotFound,
    NotGranted,
    NotSignedIn,
    SealBroken,
    SignInDelayed,
)
from portal_app.domain.grants import OwnFeature, StaffFeature
from portal_app.gateways import authenticators, clock
from portal_app.services import access, actors, links, second_factor, tasks
from portal_app.services.access import From, Opened
from portal_app.services.actors import Actor
from portal_app.settings import settings
from tests.company import NOW, PASSWORD, World, sign_in, together

OLD, NEW, OTHER = (sign * 40 for sign in "ona")
STEP = timedelta(seconds=30)


@dataclass
class Enrolled:
    """Somebody with an app: its key, his recovery codes, and the session he enrolled in."""

    actor: Actor
    token: str
    key: str
    codes: tuple[str, ...]

    def code(self, steps: int = 0) -> str:
        return authenticators.code_at(self.key, clock.now() + steps * STEP)


@pytest.fixture
def ana(world: World) -> Enrolled:
    """Enrolled a minute ago, so that the code of now is one she has not used."""
    assert world.company
    with clock.fixed_at(NOW - 2 * STEP):
        return enrol("ana")


def as_actor(token: str) -> Actor:
    found = actors.actor_of(token)
    assert found is not None
    return found


def enrol(name: str) -> Enrolled:
    token = sign_in(name)
    actor = as_actor(token)
    second_factor.begin(actor, PASSWORD)
    key = second_factor.pending(actor).key
    code = authenticators.code_at(key, clock.now())
    opened, codes = second_factor.confirm(actor, token, code)
    return Enrolled(as_actor(opened.token), opened.token, key, codes)


def half(name: str = "ana") -> Opened:
    return access.sign_in(f"{name}@example.com", PASSWORD, From("192.0.2.1"))


def enter(opened: Opened, code: str) -> Opened:
    return second_factor.enter(opened.token, code, From("192.0.2.1"))


def told() -> list[str]:
    """What changed, as the e-mails about it say."""
    with transaction(write=False) as session:
        rows = session.scalars(select(MailRow).where(col(MailRow.kind) == "factor_changed"))
        return [str(row.facts["change"]) for row in rows]


def entered() -> list[str]:
    with transaction(write=False) as session:
        found = session.scalars(select(col(AuditEntryRow.action)))
        return [action for action in found if action.startswith("factor.")]


def test_a_right_password_alone_opens_nothing(ana: Enrolled) -> None:
    opened = half()

    assert opened.awaits_factor
    assert actors.actor_of(opened.token) is None
    waiting = second_factor.waiting(opened.token)
    assert waiting is not None
    assert (waiting.has_app, waiting.has_passkey) == (True, False)
    assert second_factor.waiting(ana.token) is None


def test_the_app_s_code_opens_another_session(ana: Enrolled) -> None:
    opened = half()

    entered = enter(opened, ana.code())

    assert as_actor(entered.token).login == "ana@example.com"
    assert entered.token != opened.token
    assert second_factor.waiting(opened.token) is None


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_half_a_minute_wrong_is_forgiven(ana: Enrolled, steps: int) -> None:
    assert enter(half(), ana.code(steps)).token


@pytest.mark.parametrize("steps", [-3, 2])
def test_an_older_or_later_code_is_refused(ana: Enrolled, steps: int) -> None:
    with pytest.raises(FactorInvalid):
        enter(half(), ana.code(steps))


def test_a_code_is_taken_once(ana: Enrolled) -> None:
    code = ana.code()
    enter(half(), code)

    with pytest.raises(FactorInvalid):
        enter(half(), code)
    with pytest.raises(FactorInvalid):
        enter(half(), ana.code(-1))


def test_one_code_at_once_in_two_places_opens_one(ana: Enrolled) -> None:
    halves, code = [half(), half()], ana.code()

    answers = together(2, lambda number: enter(halves[number], code))

    assert sorted(type(each).__name__ for each in answers) == ["FactorInvalid", "Opened"]


def test_one_recovery_code_at_once_in_two_places_opens_one(ana: Enrolled) -> None:
    halves = [half(), half()]

    answers = together(2, lambda number: enter(halves[number], ana.codes[0]))

    assert sorted(type(each).__name__ for each in answers) == ["FactorInvalid", "Opened"]
    assert second_factor.standing(ana.actor).codes_left == 9


def test_a_recovery_code_opens_once_and_is_told(ana: Enrolled) -> None:
    enter(half(), f" {ana.codes[3].upper()} ")

    with pytest.raises(FactorInvalid):
        enter(half(), ana.codes[3])
    assert "recovery_used" in told()
    assert "factor.recovery_used" in entered()


def test_nobody_s_recovery_code_is_somebody_else_s(ana: Enrolled) -> None:
    with clock.fixed_at(NOW - 2 * STEP):
        bia = enrol("bia")

    with pytest.raises(FactorInvalid):
        enter(half(), bia.codes[0])
    assert ana.codes[0] not in bia.codes


def test_neither_secret_nor_codes_are_kept_as_they_are(ana: Enrolled) -> None:
    with transaction(write=False) as session:
        kept = " ".join(
            [
                *session.scalars(select(col(AuthenticatorRow.secret))),
                *session.scalars(select(col(RecoveryCodeRow.code_hash))),
            ]
        )

    assert not any(secret in kept for secret in (ana.key, *ana.codes))


def test_an_app_protects_nothing_before_it_is_confirmed(world: World) -> None:
    actor = as_actor(sign_in("ana"))
    second_factor.begin(actor, PASSWORD)

    assert not half().awaits_factor
    assert not second_factor.standing(actor).has_app
    assert actor.company.id == world.company


def test_the_key_is_shown_until_it_is_confirmed_and_never_again(ana: Enrolled) -> None:
    for shown in (second_factor.pending, second_factor.picture):
        with pytest.raises(NotFound):
            shown(ana.actor)
    with pytest.raises(NotFound):
        second_factor.begin(ana.actor, PASSWORD)


@pytest.mark.usefixtures("world")
def test_nobody_sees_another_s_key() -> None:
    second_factor.begin(as_actor(sign_in("ana")), PASSWORD)

    with pytest.raises(NotFound):
        second_factor.picture(as_actor(sign_in("bia")))


def test_confirming_changes_the_session(ana: Enrolled) -> None:
    assert as_actor(ana.token).identity == ana.actor.identity
    assert second_factor.standing(ana.actor) == second_factor.Standing(True, 0, 10)
    assert told() == ["totp_added"]
    assert entered() == ["factor.added"]


@pytest.mark.usefixtures("world")
def test_a_change_needs_the_password_or_a_code() -> None:
    actor = as_actor(sign_in("ana"))

    with pytest.raises(FactorInvalid):
        second_factor.begin(actor, "not-the-password")


@pytest.mark.parametrize("by", ["password", "code"])
def test_without_the_app_the_password_is_enough_again(ana: Enrolled, by: str) -> None:
    second_factor.remove(ana.actor, PASSWORD if by == "password" else ana.code())

    assert not half().awaits_factor
    assert second_factor.standing(ana.actor) == second_factor.Standing(False, 0, 0)
    assert told()[-1] == "totp_removed"


def test_a_code_that_was_used_does_not_remove_the_app(ana: Enrolled) -> None:
    code = ana.code()
    enter(half(), code)

    with pytest.raises(FactorInvalid):
        second_factor.remove(ana.actor, code)


def test_new_recovery_codes_replace_the_old(ana: Enrolled) -> None:
    codes = second_factor.renew_codes(ana.actor, PASSWORD)

    with pytest.raises(FactorInvalid):
        enter(half(), ana.codes[0])
    assert enter(half(), codes[0]).token


def test_tries_are_slowed_down_wherever_they_come_from(ana: Enrolled) -> None:
    opened, wrong = half(), str((int(ana.code()) + 1) % 10**6).zfill(6)
    for number in range(access.FREE_FAILURES):
        with pytest.raises(FactorInvalid):
            second_factor.enter(opened.token, wrong, From(f"192.0.2.{number}"))

    with pytest.raises(SignInDelayed):
        enter(opened, ana.code())


def test_a_session_that_awaits_a_factor_ends_after_ten_minutes(ana: Enrolled) -> None:
    opened = half()

    with clock.fixed_at(NOW + timedelta(minutes=10)), pytest.raises(NotSignedIn):
        enter(opened, ana.code())


def test_a_disabled_user_does_not_get_in_by_his_second_factor(ana: Enrolled) -> None:
    opened = half()
    with transaction() as session:
        session.execute(update(PortalUserRow).values(active=False))

    with pytest.raises(NotSignedIn):
        enter(opened, ana.code())


def test_an_open_session_cannot_be_entered_again(ana: Enrolled) -> None:
    with pytest.raises(NotSignedIn):
        second_factor.enter(ana.token, ana.code(), From())


def test_the_app_outlives_the_key_it_was_sealed_with_by_one_rotation(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.company
    use_keys(monkeypatch, OLD)
    with clock.fixed_at(NOW - 2 * STEP):
        ana = enrol("ana")

    use_keys(monkeypatch, NEW, OLD)
    assert enter(half(), ana.code()).token

    use_keys(monkeypatch, OTHER, NEW)
    with pytest.raises(SealBroken):
        enter(half(), ana.code(1))
    assert enter(half(), ana.codes[0]).token


def test_what_is_sealed_for_one_does_not_open_for_another(ana: Enrolled) -> None:
    bia = as_actor(sign_in("bia"))
    sealed = second_factor.seal_codes(ana.actor, ana.codes)

    assert second_factor.opened_codes(ana.actor, sealed) == ana.codes
    with pytest.raises(SealBroken):
        second_factor.opened_codes(bia, sealed)


@pytest.mark.usefixtures("world")
def test_a_link_has_no_second_factor() -> None:
    token = links.create("norte", "10020030169").rpartition("/l/")[2]
    reader = as_actor(links.open_(token).token)

    with pytest.raises(AssuranceTooLow):
        second_factor.begin(reader, "")


class TestManager:
    @pytest.fixture(autouse=True)
    def manager(self, world: World) -> None:
        assert world.company
        self.set(PortalUserRow, role="manager")

    def set(self, table: type[PortalUserRow | CompanyRow], **values: str) -> None:
        name = col(PortalUserRow.login) == "staff@example.com"
        where = name if table is PortalUserRow else col(CompanyRow.slug) == "norte"
        with transaction() as session:
            session.execute(update(table).where(where).values(**values))

    def test_must_enrol_before_anything_opens_where_the_company_says_so(self) -> None:
        self.set(CompanyRow, second_factor="required")
        manager = as_actor(sign_in("staff"))

        assert manager.must_enrol
        assert manager.features == frozenset(OwnFeature)
        with pytest.raises(NotGranted):
            tasks.list_open(manager)

    def test_may_everything_once_he_has(self) -> None:
        self.set(CompanyRow, second_factor="required")
        enrolled = enrol("staff")

        assert not enrolled.actor.must_enrol
        assert enrolled.actor.may(StaffFeature.MANAGE_GRANTS)
        assert half("staff").awaits_factor

    @pytest.mark.parametrize(
        ("rule", "mode", "required"),
        [
            ("by_mode", "demo", False),
            ("by_mode", "production", True),
            ("optional", "production", False),
            ("required", "demo", True),
        ],
    )
    def test_is_asked_for_one_by_the_company_s_rule(
        self, rule: str, mode: str, required: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.set(CompanyRow, second_factor=rule)
        for name in ("SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"):
            monkeypatch.setenv(f"PORTAL_{name}", OLD)
        monkeypatch.setenv("PORTAL_MODE", mode)
        monkeypatch.setenv("PORTAL_PUBLIC_URL", "https://portal.example")
        settings.cache_clear()

        assert as_actor(sign_in("staff")).must_enrol is required

    def test_staff_are_not(self) -> None:
        self.set(CompanyRow, second_factor="required")
        self.set(PortalUserRow, role="staff")

        assert not as_actor(sign_in("staff")).must_enrol


@pytest.mark.usefixtures("world")
def test_whoever_chose_no_password_yet_has_none() -> None:
    with transaction() as session:
        ana = users.by_login(session, "ana@example.com")
        assert ana is not None
        users.set_password(session, ana.company, ana.id, "")

    for typed in ("", "nobody has this password"):
        with pytest.raises(NotSignedIn):
            access.sign_in("ana@example.com", typed, From())


def use_keys(monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", ",".join(keys))
    settings.cache_clear()
