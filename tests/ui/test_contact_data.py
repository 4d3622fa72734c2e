"""A customer's contact data, on the account page and in their own form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import reflex as rx

from portal_app.domain.contact_data import FIELDS, STATES, ContactData
from portal_app.domain.errors import (
    ContactChangedMeanwhile,
    FieldMissing,
    FieldsInvalid,
    InvalidField,
    PortalError,
    TooManyMails,
)
from portal_app.domain.grants import Feature
from portal_app.services.account import Account
from portal_app.services.actors import Actor
from portal_app.services.second_factor import Standing
from portal_app.ui.account import contact_data_state as page
from portal_app.ui.account import state as account_page
from portal_app.ui.account.contact_data_state import SAID, ContactDataState
from portal_app.ui.account.state import AccountState
from tests.ui.conftest import Services, reading_as

ANA = ContactData(
    email="ana@example.com",
    phone="(81) 99100-2003",
    street="Rua das Ninfas, 84",
    district="Soledade",
    city="Recife",
    state="PE",
    postcode="50070-050",
)
MOVED = replace(ANA, street="Rua Nova, 1")


@pytest.fixture(autouse=True)
def answers(services: Services, reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setattr(page, "attempt", services.attempt)
    monkeypatch.setattr(account_page, "attempt", services.attempt)
    services.say(lambda *_: ANA)
    return services


@pytest.fixture
async def state(root: rx.State) -> ContactDataState:
    found = await root.get_state(ContactDataState)
    await ContactDataState.load.fn(found)
    return found


def typed(contact: ContactData, **other: str) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in FIELDS} | other


def refuse(refusal: PortalError, present: ContactData = ANA) -> Any:
    """Refuses to change, and shows what is there."""

    def answer(*asked: object) -> ContactData:
        if asked:
            raise refusal
        return present

    return answer


async def test_the_form_shows_what_is_known(state: ContactDataState) -> None:
    assert [getattr(state.form, name).value for name in FIELDS] == [
        getattr(ANA, name) for name in FIELDS
    ]
    assert (state.status, state.is_brazil, state.has_state) == ("ready", True, True)
    assert state.states == ["", *sorted(STATES)]


async def test_a_state_no_list_has_can_stay(root: rx.State, answers: Services) -> None:
    answers.say(lambda *_: replace(ANA, state="Pernambuco"))
    state = await root.get_state(ContactDataState)

    await ContactDataState.load.fn(state)

    assert "Pernambuco" in state.states


@pytest.fixture
def in_portugal(reader: Actor) -> Iterator[None]:
    with reading_as(replace(reader, company=replace(reader.company, country="PT"))):
        yield


@pytest.mark.usefixtures("in_portugal")
async def test_in_portugal_nobody_is_asked_for_a_state(root: rx.State, answers: Services) -> None:
    state = await root.get_state(ContactDataState)
    await ContactDataState.load.fn(state)
    form = typed(MOVED)
    del form["state"]

    await ContactDataState.save.fn(state, form)

    assert (state.has_state, state.states, state.is_needed) == (False, [], False)
    assert answers.asked[-1] == (MOVED, ANA)


async def test_what_was_saved_is_said_with_the_cursor_there(
    state: ContactDataState, answers: Services
) -> None:
    kept = replace(ANA, postcode="50040-090")
    answers.say(lambda *_: kept)
    version = state.version

    focus = await ContactDataState.save.fn(state, typed(ANA, postcode="50040090"))

    assert answers.asked[-1] == (replace(ANA, postcode="50040090"), ANA)
    assert (state.saved, state.error) == ("Dados salvos.", "")
    assert state.form.postcode.value == "50040-090"
    assert state.version > version
    assert SAID.replace("-", "_") in str(focus)


async def test_each_field_says_what_is_wrong_with_it(
    state: ContactDataState, answers: Services
) -> None:
    wrong = (
        FieldMissing(field="street", reason="boleto"),
        InvalidField(field="postcode", reason="postcode_BR"),
    )
    answers.say(refuse(FieldsInvalid(refused=wrong)))
    version = state.version

    focus = await ContactDataState.save.fn(state, typed(ANA, street="", postcode="5007"))

    assert (state.form.street.code, state.form.postcode.code) == ("FIELD_MISSING", "FIELD_INVALID")
    assert state.form.postcode.wrong == "O CEP tem 8 dígitos, como 50070-050."
    assert (state.form.postcode.value, state.form.city.wrong) == ("5007", "")
    assert (state.code, state.saved) == ("FIELDS_INVALID", "")
    # The fields are not drawn anew: what was typed stays in them.
    assert state.version == version
    assert "contact_street" in str(focus)


async def test_what_changed_meanwhile_is_shown_and_what_was_typed_stays(
    state: ContactDataState, answers: Services
) -> None:
    present = replace(ANA, phone="81 3030-1200", city="Olinda", district="")
    refusal = ContactChangedMeanwhile(fields=("phone", "district", "city"))
    answers.say(refuse(refusal, present))
    version = state.version

    await ContactDataState.save.fn(state, typed(ANA, phone="81 4040-1200"))

    assert state.code == "CONTACT_CHANGED_MEANWHILE"
    assert state.form.phone.value == "81 4040-1200"
    assert state.form.phone.meanwhile == "Mudou nesse meio-tempo: agora é “81 3030-1200”."
    assert (state.form.city.value, state.form.city.meanwhile[-9:]) == ("Olinda", "“Olinda”.")
    assert (state.form.district.value, state.form.street.meanwhile) == ("", "")
    assert state.form.district.meanwhile == "Foi apagado nesse meio-tempo."
    assert state.version > version

    answers.say(lambda *_: present)
    await ContactDataState.save.fn(state, typed(present, phone="81 4040-1200"))

    assert answers.asked[-1] == (replace(present, phone="81 4040-1200"), present)


async def test_another_refusal_is_said_and_what_was_typed_stays(
    state: ContactDataState, answers: Services
) -> None:
    answers.say(refuse(TooManyMails(most=30, minutes=7)))

    await ContactDataState.save.fn(state, typed(ANA, email="lima@example.com"))

    assert state.error.endswith("Tente de novo em 7 min.")
    assert state.form.email.value == "lima@example.com"


async def test_a_reconnect_keeps_what_is_being_typed(
    state: ContactDataState, answers: Services
) -> None:
    version = state.version

    await ContactDataState.load.fn(state)
    assert state.version == version

    answers.say(lambda *_: MOVED)
    await ContactDataState.load.fn(state)
    assert state.version > version


async def test_whoever_comes_back_finds_what_is_there_and_not_what_was_refused(
    state: ContactDataState, answers: Services
) -> None:
    wrong = (InvalidField(field="phone", reason="phone"),)
    answers.say(refuse(FieldsInvalid(refused=wrong)))
    await ContactDataState.save.fn(state, typed(ANA, phone="1"))
    version = state.version

    await ContactDataState.load.fn(state)

    assert (state.form.phone.value, state.form.phone.wrong, state.error) == (ANA.phone, "", "")
    assert state.version > version


async def test_what_is_no_text_is_not_written_as_one(
    state: ContactDataState, answers: Services
) -> None:
    sent = typed(ANA) | {"street": ["Rua Nova"], "city": None}

    await ContactDataState.save.fn(state, sent)

    assert answers.asked[-1] == (replace(ANA, street=""), ANA)


async def test_nothing_is_saved_that_was_never_shown(root: rx.State, answers: Services) -> None:
    state = await root.get_state(ContactDataState)

    await ContactDataState.save.fn(state, typed(MOVED))

    assert answers.asked == []


ACCOUNT = Account("Ana Lima", "ana@example.com", "Ana Lima", "1", "10020030169", contact=ANA)
ALL = frozenset(Feature)


@pytest.mark.parametrize(
    ("features", "may_edit"), [(ALL, True), (ALL - {Feature.EDIT_DATA}, False)]
)
async def test_the_account_shows_them_and_offers_to_change_them_where_granted(
    root: rx.State, answers: Services, reader: Actor, features: frozenset[Feature], may_edit: bool
) -> None:
    told = iter([ACCOUNT, Standing(has_app=False, passkeys=0, codes_left=0)])
    answers.say(lambda *_: next(told))
    state = await root.get_state(AccountState)

    with reading_as(replace(reader, features=features)):
        await AccountState.load.fn(state)

    assert state.account.phone == "(81) 99100-2003"
    assert state.account.address == "Rua das Ninfas, 84, Soledade, Recife - PE, 50070-050"
    assert state.account.tax_id == "•••.200.301-••"
    assert state.may_edit is may_edit
