"""Lost passwords, invitations, codes by e-mail, and devices: what is asked, and what nobody learns."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update
from sqlmodel import col

from portal_app.db import engine, users
from portal_app.db.engine import transaction
from portal_app.db.models import AuditEntryRow, MailRow, PortalUserRow, ProofRow
from portal_app.domain.errors import (
    InvalidField,
    PasswordCommon,
    ProofInvalid,
    SignInDelayed,
    SignInFailed,
)
from portal_app.domain.proofs import MOST_AN_HOUR, Purpose
from portal_app.gateways import clock
from portal_app.services import access, account, actors, new_passwords, proofs
from portal_app.services.access import From
from tests.company import NOW, PASSWORD, World, sign_in, together
from tests.services.test_second_factor import enrol

FROM = From("192.0.2.1", "Firefox · Linux")
WANTED = "another-password"
KNOWN, UNKNOWN = "ana@example.com", "nobody@example.com"


@pytest.fixture(autouse=True)
def companies(world: World) -> None:
    assert world.company


def sent(purpose: Purpose, login: str = KNOWN) -> str:
    """The secret somebody has been sent."""
    new_passwords.send(purpose, login)
    with transaction(write=False) as session:
        row = session.scalars(
            select(ProofRow)
            .where(col(ProofRow.purpose) == purpose.value)
            .order_by(col(ProofRow.id).desc())
        ).first()
        assert row is not None
        return proofs.secret_of(session, row.company_id, row.id)


def invited() -> str:
    with transaction() as session:
        user = users.by_login(session, KNOWN)
        assert user is not None
        users.set_password(session, user.company, user.id, "")
        proof = proofs.make(session, user.company, user.id, Purpose.INVITE)
        return proofs.secret_of(session, user.company, proof)


def mails() -> list[str]:
    with transaction(write=False) as session:
        return list(session.scalars(select(col(MailRow.kind)).order_by(col(MailRow.id))))


def actions() -> list[str]:
    with transaction(write=False) as session:
        return list(session.scalars(select(col(AuditEntryRow.action))))


def statements(action: Callable[[], object]) -> list[str]:
    """What the database is asked."""
    asked: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine.engine(), "before_cursor_execute", note)
    try:
        action()
    finally:
        event.remove(engine.engine(), "before_cursor_execute", note)
    return asked


def refused(login: str, code: str) -> None:
    with pytest.raises(ProofInvalid):
        new_passwords.sign_in_by_code(login, code, FROM)


def test_a_new_password_is_chosen_once_and_ends_what_was_open() -> None:
    before = sign_in("ana")
    secret = sent(Purpose.RESET)

    opened = new_passwords.choose(Purpose.RESET, secret, WANTED, FROM)

    assert actors.actor_of(opened.token) is not None
    assert actors.actor_of(before) is None
    with pytest.raises(ProofInvalid):
        new_passwords.choose(Purpose.RESET, secret, "a-third-password", FROM)
    assert access.sign_in(KNOWN, WANTED, FROM).token
    assert "password_changed" in mails()
    assert "password.changed" in actions()


def test_a_password_that_is_refused_leaves_the_link_good() -> None:
    secret = sent(Purpose.RESET)

    with pytest.raises(InvalidField):
        new_passwords.choose(Purpose.RESET, secret, "short", FROM)

    assert new_passwords.choose(Purpose.RESET, secret, WANTED, FROM).token


@pytest.mark.parametrize("purpose", [Purpose.RESET, Purpose.INVITE])
@pytest.mark.parametrize("wanted", ["flamengo123", "Senha@2026", "ana@example.com", "norte-2026!"])
def test_a_common_password_is_refused_and_leaves_the_link_good(
    purpose: Purpose, wanted: str
) -> None:
    secret = invited() if purpose is Purpose.INVITE else sent(purpose)

    with pytest.raises(PasswordCommon):
        new_passwords.choose(purpose, secret, wanted, FROM)

    assert new_passwords.choose(purpose, secret, WANTED, FROM).token


def test_a_secret_that_is_no_good_learns_nothing_of_a_password() -> None:
    with pytest.raises(ProofInvalid):
        new_passwords.choose(Purpose.RESET, "made-up", "flamengo123", FROM)


def test_two_who_choose_with_one_link_are_not_both_let_in() -> None:
    secret = sent(Purpose.RESET)

    answers = together(
        2, lambda number: new_passwords.choose(Purpose.RESET, secret, f"{WANTED}-{number}", FROM)
    )

    assert sorted(type(each).__name__ for each in answers) == ["Opened", "ProofInvalid"]


def test_a_new_password_does_not_get_around_the_second_factor() -> None:
    enrol("ana")

    opened = new_passwords.choose(Purpose.RESET, sent(Purpose.RESET), WANTED, FROM)

    assert opened.awaits_factor
    assert actors.actor_of(opened.token) is None


def test_whoever_was_invited_chooses_a_password_and_is_in() -> None:
    secret = invited()
    with pytest.raises(SignInFailed):
        access.sign_in(KNOWN, "", FROM)

    opened = new_passwords.choose(Purpose.INVITE, secret, WANTED, FROM)

    assert actors.actor_of(opened.token) is not None
    assert mails() == []
    assert access.sign_in(KNOWN, WANTED, FROM).token
    assert "user.joined" in actions()


def test_asking_for_an_unknown_login_sends_nothing() -> None:
    new_passwords.send(Purpose.RESET, UNKNOWN)

    assert mails() == []


def test_a_disabled_user_is_sent_nothing() -> None:
    with transaction() as session:
        session.execute(update(PortalUserRow).values(active=False))

    new_passwords.send(Purpose.CODE, KNOWN)

    assert mails() == []


@pytest.mark.parametrize("purpose", [Purpose.RESET, Purpose.CODE])
def test_asking_is_the_same_work_for_every_login(purpose: Purpose) -> None:
    known = statements(lambda: new_passwords.ask(purpose, KNOWN, FROM))
    unknown = statements(lambda: new_passwords.ask(purpose, UNKNOWN, FROM))

    assert known == unknown != []


def test_a_wrong_code_is_the_same_work_for_every_login() -> None:
    sent(Purpose.CODE)

    known = statements(lambda: refused(KNOWN, "1"))
    unknown = statements(lambda: refused(UNKNOWN, "1"))

    assert known == unknown != []


def test_whoever_asks_again_and_again_must_wait_known_or_not() -> None:
    for login in (KNOWN, UNKNOWN):
        for _ in range(access.FREE_FAILURES):
            new_passwords.ask(Purpose.RESET, login, FROM)
        with pytest.raises(SignInDelayed):
            new_passwords.ask(Purpose.RESET, login, FROM)


def test_no_mailbox_is_filled() -> None:
    for _ in range(MOST_AN_HOUR + 2):
        new_passwords.send(Purpose.CODE, KNOWN)

    assert mails() == ["sign_in_code"] * MOST_AN_HOUR
    with clock.fixed_at(NOW + timedelta(hours=2)):
        new_passwords.send(Purpose.CODE, KNOWN)
    assert len(mails()) == MOST_AN_HOUR + 1


def test_a_code_signs_in_once() -> None:
    code = sent(Purpose.CODE)

    opened = new_passwords.sign_in_by_code(f" {KNOWN.upper()} ", code, FROM)

    assert actors.actor_of(opened.token) is not None
    refused(KNOWN, code)


def test_a_code_does_not_get_around_the_second_factor() -> None:
    enrol("ana")

    assert new_passwords.sign_in_by_code(KNOWN, sent(Purpose.CODE), FROM).awaits_factor


def test_a_code_can_be_guessed_five_times() -> None:
    code = sent(Purpose.CODE)
    wrong = str((int(code) + 1) % 10**8).zfill(8)
    for number in range(5):
        with pytest.raises(ProofInvalid):
            new_passwords.sign_in_by_code(KNOWN, wrong, From(f"192.0.2.{number}"))

    with pytest.raises(ProofInvalid):
        new_passwords.sign_in_by_code(KNOWN, code, From("192.0.2.99"))


def test_a_password_that_was_changed_is_told() -> None:
    token = sign_in("ana")
    ana = actors.actor_of(token)
    assert ana is not None

    account.change_password(ana, PASSWORD, WANTED)

    assert mails() == ["password_changed"]


@pytest.mark.parametrize("kept", ["", "reset", "reset.", "invite.", "x.y", "reset.nothing"])
def test_what_a_browser_keeps_that_is_no_good_secret_is_nobody_s(kept: str) -> None:
    assert new_passwords.whose(kept) is None


def test_a_good_one_says_whose_it_is() -> None:
    reset = new_passwords.whose(f"reset.{sent(Purpose.RESET)}")

    assert reset == new_passwords.Whose(KNOWN, is_invitation=False)
    assert new_passwords.whose(f"invite.{invited()}") == new_passwords.Whose(KNOWN, True)


class TestDevice:
    @pytest.fixture(autouse=True)
    def first(self) -> None:
        self.cookie = self.enter("").device

    def enter(self, cookie: str, login: str = KNOWN) -> access.Opened:
        return access.sign_in(login, PASSWORD, From("192.0.2.7", "Firefox · Linux", cookie))

    def test_the_first_one_of_all_is_no_news(self) -> None:
        assert mails() == []
        assert len(self.cookie) == 43

    def test_it_is_known_again(self) -> None:
        assert self.enter(self.cookie).device == self.cookie
        assert mails() == []

    def test_another_one_is_told_with_its_name(self) -> None:
        assert self.enter("").device != self.cookie

        with transaction(write=False) as session:
            row = session.scalars(select(MailRow)).one()
            assert row.kind == "new_device"
            assert row.facts == {"device": "Firefox · Linux", "address": "192.0.2.7"}

    def test_it_is_one_person_s_own(self) -> None:
        self.enter("", "bia@example.com")

        assert self.enter(self.cookie, "bia@example.com").device == self.cookie
        assert mails() == ["new_device"]

    def test_a_cookie_that_is_not_ours_is_replaced(self) -> None:
        assert self.enter("x" * 500).device != "x" * 500
