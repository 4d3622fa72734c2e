"""Passkeys: made by whoever proves himself, each challenge answered once, nobody's copy believed."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal_app.db.engine import transaction
from portal_app.db.models import AuditEntryRow, CeremonyRow
from portal_app.domain.errors import FactorInvalid, NotFound, PasskeyInvalid
from portal_app.gateways import clock
from portal_app.gateways.passkeys import LONGEST
from portal_app.services import access, actors, passkeys, second_factor
from portal_app.services.access import From
from portal_app.services.actors import Actor
from tests.authenticator import Device
from tests.company import NOW, PASSWORD, World, sign_in, together

FROM = From("192.0.2.1")


@pytest.fixture
def device(world: World) -> Device:
    """Ana's, which holds a passkey of hers."""
    assert world.company
    made = Device()
    add(made)
    return made


def session_of(name: str = "ana") -> tuple[Actor, str]:
    token = sign_in(name)
    found = actors.actor_of(token)
    assert found is not None
    return found, token


def add(device: Device, name: str = "ana") -> tuple[Actor, tuple[str, ...]]:
    actor, token = session_of(name)
    begun = passkeys.begin_adding(actor, PASSWORD)
    answer = device.make(begun.options)
    opened, codes = passkeys.add(actor, token, begun.cookie, answer, " Telefone ")
    found = actors.actor_of(opened.token)
    assert found is not None
    return found, codes


def enter(device: Device) -> str:
    begun = passkeys.begin_sign_in()
    return passkeys.sign_in(begun.cookie, device.use(begun.options), FROM).token


def test_a_passkey_is_password_and_second_factor_at_once(device: Device) -> None:
    found = actors.actor_of(enter(device))

    assert found is not None
    assert found.login == "ana@example.com"


def test_beside_it_the_password_is_only_half(device: Device) -> None:
    assert device.credential
    opened = access.sign_in("ana@example.com", PASSWORD, FROM)

    assert opened.awaits_factor
    waiting = second_factor.waiting(opened.token)
    assert waiting is not None
    assert (waiting.has_app, waiting.has_passkey) == (False, True)


def test_recovery_codes_come_with_the_first_one_only(world: World) -> None:
    assert world.company
    ana, codes = add(Device())
    assert len(codes) == second_factor.RECOVERY_CODES
    opened = access.sign_in("ana@example.com", PASSWORD, FROM)
    entered = second_factor.enter(opened.token, codes[0], FROM)
    actor = actors.actor_of(entered.token)
    assert actor is not None

    begun = passkeys.begin_adding(actor, PASSWORD)
    _, more = passkeys.add(
        actor, entered.token, begun.cookie, Device().make(begun.options), "Notebook"
    )

    assert more == ()
    assert [each.name for each in passkeys.own(ana)] == ["Telefone", "Notebook"]


def test_an_answer_is_taken_once(device: Device) -> None:
    begun = passkeys.begin_sign_in()
    answer = device.use(begun.options)
    passkeys.sign_in(begun.cookie, answer, FROM)

    with pytest.raises(PasskeyInvalid):
        passkeys.sign_in(begun.cookie, answer, FROM)


def test_one_answer_at_once_in_two_places_opens_one(device: Device) -> None:
    begun = passkeys.begin_sign_in()
    answer = device.use(begun.options)

    answers = together(2, lambda _: passkeys.sign_in(begun.cookie, answer, FROM))

    assert sorted(type(each).__name__ for each in answers) == ["Opened", "PasskeyInvalid"]


def test_a_challenge_is_gone_with_a_wrong_answer_too(device: Device) -> None:
    begun = passkeys.begin_sign_in()
    with pytest.raises(PasskeyInvalid):
        passkeys.sign_in(begun.cookie, "{}", FROM)

    with pytest.raises(PasskeyInvalid):
        passkeys.sign_in(begun.cookie, device.use(begun.options), FROM)


def test_a_challenge_ends_after_two_minutes(device: Device) -> None:
    begun = passkeys.begin_sign_in()
    answer = device.use(begun.options)

    with clock.fixed_at(NOW + timedelta(minutes=2)), pytest.raises(PasskeyInvalid):
        passkeys.sign_in(begun.cookie, answer, FROM)


def test_the_answer_to_another_challenge_is_refused(device: Device) -> None:
    first, second = passkeys.begin_sign_in(), passkeys.begin_sign_in()

    with pytest.raises(PasskeyInvalid):
        passkeys.sign_in(second.cookie, device.use(first.options), FROM)


def test_a_copy_that_counts_behind_is_refused(device: Device) -> None:
    enter(device)
    device.count -= 1

    with pytest.raises(PasskeyInvalid):
        enter(device)


def test_another_site_s_answer_is_refused(device: Device) -> None:
    device.origin = "http://localhost.example:8000"

    with pytest.raises(PasskeyInvalid):
        enter(device)


def test_a_device_that_did_not_ask_its_owner_is_refused(device: Device) -> None:
    device.verifies = False

    with pytest.raises(PasskeyInvalid):
        enter(device)
    with pytest.raises(PasskeyInvalid):
        add(Device(verifies=False), "bia")


def test_another_key_under_the_same_name_is_refused(device: Device) -> None:
    other = Device(credential=device.credential)

    with pytest.raises(PasskeyInvalid):
        enter(other)


def test_a_credential_belongs_to_one_person(device: Device) -> None:
    with pytest.raises(PasskeyInvalid):
        add(Device(credential=device.credential), "bia")


@pytest.mark.usefixtures("world")
def test_an_unknown_passkey_is_refused() -> None:
    with pytest.raises(PasskeyInvalid):
        enter(Device())


@pytest.mark.usefixtures("world")
def test_to_add_one_somebody_proves_himself_again() -> None:
    actor, _ = session_of()

    with pytest.raises(FactorInvalid):
        passkeys.begin_adding(actor, "not-the-password")


@pytest.mark.usefixtures("world")
def test_a_challenge_for_one_is_not_answered_by_another() -> None:
    ana, _ = session_of()
    bia, token = session_of("bia")
    begun = passkeys.begin_adding(ana, PASSWORD)

    with pytest.raises(PasskeyInvalid):
        passkeys.add(bia, token, begun.cookie, Device().make(begun.options), "")


def test_removed_it_opens_nothing(device: Device) -> None:
    actor = actors.actor_of(enter(device))
    assert actor is not None
    (own,) = passkeys.own(actor)
    bia, _ = session_of("bia")

    with pytest.raises(NotFound):
        passkeys.remove(bia, own.id, PASSWORD)
    passkeys.remove(actor, own.id, PASSWORD)

    with pytest.raises(PasskeyInvalid):
        enter(device)
    assert second_factor.standing(actor) == second_factor.Standing(False, 0, 0)
    with transaction(write=False) as session:
        found = session.scalars(select(col(AuditEntryRow.action))).all()
        assert [each for each in found if each.startswith("factor.")] == [
            "factor.added",
            "factor.removed",
        ]


MALFORMED = (
    "",
    "no json",
    "[]",
    "null",
    '{"id": 1}',
    '{"id": "a", "rawId": "a", "type": "public-key", "response": {}}',
    json.dumps(
        {
            "id": "YQ",
            "rawId": "YQ",
            "type": "public-key",
            "response": {
                "clientDataJSON": "e30",
                "authenticatorData": "AA",
                "signature": "AA",
                "attestationObject": "oA",
            },
        }
    ),
    "x" * (LONGEST + 1),
)


@pytest.mark.parametrize("answer", MALFORMED, ids=lambda answer: answer[:30])
def test_what_is_no_answer_is_refused(device: Device, answer: str) -> None:
    assert device.credential
    begun = passkeys.begin_sign_in()
    with pytest.raises(PasskeyInvalid):
        passkeys.sign_in(begun.cookie, answer, FROM)

    actor, token = session_of("bia")
    adding = passkeys.begin_adding(actor, PASSWORD)
    with pytest.raises(PasskeyInvalid):
        passkeys.add(actor, token, adding.cookie, answer, "")


@pytest.mark.usefixtures("world")
def test_challenges_nobody_answered_are_forgotten() -> None:
    passkeys.begin_sign_in()
    actor, _ = session_of()

    with clock.fixed_at(NOW + timedelta(days=2)):
        access.forget_expired(actor.company.id)

    with transaction(write=False) as session:
        assert session.scalars(select(CeremonyRow)).all() == []
