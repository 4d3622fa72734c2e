"""Secrets sent by e-mail: never kept, good once, for a while, with the old key as with the new."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from portal_app.db import users
from portal_app.db.engine import transaction
from portal_app.db.models import MailRecipientRow, MailRow, PortalUserRow, ProofRow, TaskRow
from portal_app.db.users import User
from portal_app.domain.emails import MailKind
from portal_app.domain.errors import ProofInvalid
from portal_app.domain.proofs import MOST_TRIES, Purpose
from portal_app.gateways import clock
from portal_app.services import mail, proofs
from portal_app.settings import settings
from tests.company import NOW, World, run_jobs, together
from tests.post_office import PostOffice, open_office, plain_text

OLD, NEW, OTHER = (sign * 40 for sign in "ona")
LINKS = (Purpose.INVITE, Purpose.RESET)


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    served = PostOffice()
    with open_office(served, monkeypatch):
        yield served


def user(name: str = "ana") -> User:
    with transaction(write=False) as session:
        found = users.by_login(session, f"{name}@example.com")
    assert found is not None
    return found


def make(purpose: Purpose, name: str = "ana") -> int:
    whose = user(name)
    with transaction() as session:
        return proofs.make(session, whose.company, whose.id, purpose)


def secret(proof: int) -> str:
    with transaction(write=False) as session:
        return proofs.secret_of(session, user().company, proof)


def take(purpose: Purpose, value: str) -> str:
    with transaction() as session:
        return proofs.take(session, purpose, value).login


def take_code(value: str, name: str = "ana") -> bool:
    whose = user(name)
    with transaction() as session:
        return proofs.take_code(session, whose, value)


def tell(kind: MailKind, name: str = "ana", about: str = "", **facts: str) -> bool:
    whose = user(name)
    with transaction() as session:
        return mail.tell(session, whose, kind, about=about, facts=facts)


def use_keys(monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", ",".join(keys))
    settings.cache_clear()


@pytest.mark.parametrize("purpose", LINKS)
@pytest.mark.usefixtures("world")
def test_a_secret_is_taken_once(purpose: Purpose) -> None:
    value = secret(make(purpose))

    assert take(purpose, value) == "ana@example.com"
    with pytest.raises(ProofInvalid):
        take(purpose, value)


@pytest.mark.usefixtures("world")
def test_the_table_keeps_no_secret() -> None:
    values = [secret(make(purpose)) for purpose in Purpose]

    with transaction(write=False) as session:
        kept = " ".join(session.scalars(select(col(ProofRow.secret_hash))))
    assert not any(value in kept for value in values)


@pytest.mark.usefixtures("world")
def test_a_secret_is_good_for_its_purpose_only() -> None:
    value = secret(make(Purpose.INVITE))

    with pytest.raises(ProofInvalid):
        take(Purpose.RESET, value)


@pytest.mark.parametrize(
    ("purpose", "life"),
    [(Purpose.INVITE, timedelta(days=7)), (Purpose.RESET, timedelta(hours=1))],
)
@pytest.mark.usefixtures("world")
def test_a_secret_ends_with_its_time(purpose: Purpose, life: timedelta) -> None:
    proof = make(purpose)
    value = secret(proof)

    with clock.fixed_at(NOW + life):
        for refused in (lambda: take(purpose, value), lambda: secret(proof)):
            with pytest.raises(ProofInvalid):
                refused()
    with clock.fixed_at(NOW + life - timedelta(seconds=1)):
        assert take(purpose, value)


@pytest.mark.usefixtures("world")
def test_a_new_one_replaces_the_older_of_its_purpose_only() -> None:
    older, invitation = secret(make(Purpose.RESET)), secret(make(Purpose.INVITE))
    newer = secret(make(Purpose.RESET))

    with pytest.raises(ProofInvalid):
        take(Purpose.RESET, older)
    assert take(Purpose.RESET, newer)
    assert take(Purpose.INVITE, invitation)


@pytest.mark.usefixtures("world")
def test_a_secret_of_somebody_disabled_is_nobody_s() -> None:
    value = secret(make(Purpose.RESET))
    with transaction() as session:
        session.execute(update(PortalUserRow).values(active=False))

    with pytest.raises(ProofInvalid):
        take(Purpose.RESET, value)


@pytest.mark.usefixtures("world")
def test_looking_takes_nothing() -> None:
    value = secret(make(Purpose.RESET))

    assert proofs.look(Purpose.RESET, value).login == "ana@example.com"
    assert take(Purpose.RESET, value)


@pytest.mark.usefixtures("world")
def test_a_code_has_eight_digits_and_may_be_typed_with_what_people_type_between() -> None:
    value = secret(make(Purpose.CODE))

    assert (len(value), value.isdecimal()) == (8, True)
    assert take_code(f" {value[:4]} {value[4:]}\n")
    assert not take_code(value)


@pytest.mark.usefixtures("world")
def test_a_code_is_the_person_s_own() -> None:
    value = secret(make(Purpose.CODE))
    make(Purpose.CODE, "bia")

    assert not take_code(value, "bia")
    assert take_code(value)


@pytest.mark.usefixtures("world")
def test_after_five_wrong_tries_the_right_code_is_of_no_use() -> None:
    value = secret(make(Purpose.CODE))
    wrong = str((int(value) + 1) % 10**8).zfill(8)

    assert [take_code(wrong) for _ in range(MOST_TRIES)] == [False] * MOST_TRIES

    assert not take_code(value)


@pytest.mark.usefixtures("world")
def test_two_who_take_one_secret_at_once_are_not_both_served() -> None:
    link, code = secret(make(Purpose.RESET)), secret(make(Purpose.CODE))

    links = together(2, lambda _: take(Purpose.RESET, link))
    codes = together(2, lambda _: take_code(code))

    (refused,) = (each for each in links if each != "ana@example.com")
    assert isinstance(refused, ProofInvalid)
    assert sorted(map(str, codes)) == ["False", "True"]


@pytest.mark.usefixtures("world")
def test_a_secret_outlives_its_key_by_one_rotation(monkeypatch: pytest.MonkeyPatch) -> None:
    use_keys(monkeypatch, OLD)
    proof, code = make(Purpose.RESET), make(Purpose.CODE)
    before = secret(proof), secret(code)

    use_keys(monkeypatch, NEW, OLD)
    assert (secret(proof), secret(code)) == before
    assert take_code(before[1])

    use_keys(monkeypatch, OTHER, NEW)
    with pytest.raises(ProofInvalid):
        secret(proof)
    with pytest.raises(ProofInvalid):
        take(Purpose.RESET, before[0])


@pytest.mark.usefixtures("world")
def test_the_e_mail_carries_the_link_to_the_login(office: PostOffice) -> None:
    for kind, purpose in (
        (MailKind.NEW_PASSWORD, Purpose.RESET),
        (MailKind.INVITATION, Purpose.INVITE),
    ):
        proof = make(purpose)
        assert tell(kind, about=f"proof:{proof}")
    run_jobs()

    reset, invitation = office.messages("ana@example.com")
    link = plain_text(reset).partition("/r/")[2].split()[0]
    assert "Vale até: 22/11/2026 13:00" in plain_text(reset)
    assert take(Purpose.RESET, link) == "ana@example.com"
    assert "/i/" in plain_text(invitation)
    assert "Vale até: 29/11/2026 12:00" in plain_text(invitation)
    html = invitation.get_body(("html",))
    assert html is not None
    assert 'href="http://localhost:8000/i/' in html.get_content()
    assert not list(reset.iter_attachments())


@pytest.mark.usefixtures("world")
def test_the_e_mail_says_the_code_and_has_nothing_to_press(office: PostOffice) -> None:
    with transaction() as session:
        session.execute(update(PortalUserRow).values(locale="en"))
    proof = make(Purpose.CODE)
    value = secret(proof)
    tell(MailKind.SIGN_IN_CODE, about=f"proof:{proof}")
    run_jobs()

    (message,) = office.messages()
    assert message["Subject"] == "Norte: your code to sign in"
    assert f"Code\n{value[:4]} {value[4:]}\n" in plain_text(message)
    assert "http" not in plain_text(message)


@pytest.mark.usefixtures("world")
def test_what_happened_to_a_sign_in_is_told_in_the_company_s_time(office: PostOffice) -> None:
    tell(MailKind.NEW_DEVICE, device="Firefox · Linux", address="192.0.2.7")
    tell(MailKind.PASSWORD_CHANGED)
    tell(MailKind.FACTOR_CHANGED, change="totp_added")
    run_jobs()

    device, password, factor = map(plain_text, office.messages("ana@example.com"))
    assert "Aparelho: Firefox · Linux\nEndereço de rede: 192.0.2.7\n" in device
    assert "Quando: 22/11/2026 12:00" in device
    assert "http://localhost:8000/account" in device
    assert "A senha do seu acesso" in password
    assert "Mudança: Aplicativo de códigos ligado" in factor


@pytest.mark.usefixtures("world")
def test_nothing_secret_is_kept_with_the_e_mail() -> None:
    proof = make(Purpose.RESET)
    tell(MailKind.NEW_PASSWORD, about=f"proof:{proof}")

    with transaction(write=False) as session:
        row = session.scalars(select(MailRow)).one()
        assert (row.about, row.facts, row.customer_id) == (f"proof:{proof}", {}, None)


@pytest.mark.usefixtures("world")
def test_what_is_spent_before_it_goes_out_does_not_go_out(office: PostOffice) -> None:
    proof = make(Purpose.RESET)
    tell(MailKind.NEW_PASSWORD, about=f"proof:{proof}")
    make(Purpose.RESET)
    run_jobs()

    assert office.received == []
    with transaction(write=False) as session:
        assert session.scalars(select(col(MailRecipientRow.reply))).all() == ["PROOF_INVALID"]
        assert session.scalars(select(TaskRow)).all() == []


def test_an_e_mail_about_one_proof_is_written_once(world: World) -> None:
    proof = make(Purpose.RESET)

    assert tell(MailKind.NEW_PASSWORD, about=f"proof:{proof}")
    assert not tell(MailKind.NEW_PASSWORD, about=f"proof:{proof}")
    assert world.company == user().company
