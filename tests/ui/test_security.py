"""The manager's page of security, and the dialog that removes somebody's second factor."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import reflex as rx

from portal_app import locales
from portal_app.db.factors import Kinds
from portal_app.domain.companies import SecondFactor
from portal_app.domain.errors import (
    FieldMissing,
    InvalidField,
    KeepsLess,
    OwnFactorMissing,
    PortalError,
)
from portal_app.domain.grants import Role
from portal_app.domain.people import Identity, IdentityCheck, UserState, identity_of
from portal_app.services.actors import Actor
from portal_app.services.security import Guarded, Security
from portal_app.ui.choices import identity_from
from portal_app.ui.manager.security import state as page
from portal_app.ui.manager.security.state import RetentionState, SecurityState
from portal_app.ui.manager.users import state as users_page
from portal_app.ui.manager.users.state import StaffState
from portal_app.ui.people import state as people_page
from portal_app.ui.people.state import PeopleState
from tests.ui.conftest import Services
from tests.ui.test_people import MARTA, SOFIA, shown

MOMENT = datetime(2026, 11, 23, 1, tzinfo=UTC)
BOSS = replace(SOFIA, id=1, name="Gil", role=Role.MANAGER, staff_role=None, staff_role_name="")
GONE = replace(SOFIA, id=5, name="Rita", state=UserState.DISABLED)
PEOPLE = (
    Guarded(BOSS, Kinds(has_app=True, passkeys=2)),
    Guarded(SOFIA, Kinds()),
    Guarded(GONE, Kinds()),
)
FOUND = Security(SecondFactor.BY_MODE, False, PEOPLE, 120, 60)


@pytest.fixture(autouse=True)
def answers(services: Services, reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Services:
    for module in (page, users_page, people_page):
        monkeypatch.setattr(module, "attempt", services.attempt)
    monkeypatch.setattr(PeopleState, "_customer", lambda _: "AbC")
    services.say(lambda *asked, **_: None if asked else FOUND)
    return services


@pytest.fixture
async def state(root: rx.State) -> Any:
    found: Any = await root.get_state(SecurityState)
    await SecurityState.load.fn(found)
    return found


@pytest.fixture
async def keeping(root: rx.State, state: Any) -> Any:
    assert state.status == "ready"
    return await root.get_state(RetentionState)


async def test_each_one_s_factors_are_said_in_words_and_those_without_counted(state: Any) -> None:
    boss, sofia, gone = state.people

    assert (boss.factor, boss.tone) == ("Aplicativo · 2 chaves de acesso", "b-jade")
    assert (sofia.factor, sofia.tone, sofia.state) == ("Nenhum", "b-amber", "")
    assert (gone.factor, gone.tone, gone.state) == ("Nenhum", "b-gray", "Desativado")
    assert sofia.signed_in == "22/11/2026"
    assert state.without == "Sem segundo fator: 1 de 2 pessoas com acesso."
    assert state.rule == "by_mode"


async def test_what_was_chosen_is_saved_and_said(state: Any, answers: Services) -> None:
    await SecurityState.save.fn(state, {"second_factor": "optional"})

    assert answers.asked[-2] == ("optional",)
    assert (state.asking, state.error) == (False, "")
    assert state.said == "Salvo. Vale a partir do próximo clique de cada gestor."


async def test_whom_it_binds_is_asked_first_and_may_step_back(
    state: Any, answers: Services
) -> None:
    asked_for: list[bool] = []

    def answer(*asked: object, confirmed: bool = False) -> object:
        if not asked:
            return FOUND
        asked_for.append(confirmed)
        if not confirmed:
            raise OwnFactorMissing
        return None

    answers.say(answer)
    await SecurityState.save.fn(state, {"second_factor": "required"})
    assert (state.asking, state.said, state.error) == (True, "", "")

    before = state.version
    await SecurityState.back.fn(state)
    assert (state.asking, asked_for) == (False, [False])
    assert state.version != before, "the browser's choice is drawn anew"

    await SecurityState.save.fn(state, {"second_factor": "required"})
    await SecurityState.confirm.fn(state)

    assert asked_for == [False, False, True]
    assert not state.asking
    assert state.said == "Salvo. No seu próximo clique, você liga o seu segundo fator."


async def test_a_rule_that_is_none_is_refused_and_nothing_asked(
    state: Any, reader: Actor, answers: Services
) -> None:
    for wrong in ("", "sometimes", "REQUIRED"):
        with pytest.raises(InvalidField):
            page._choose(reader, wrong, confirmed=True)

    def refuse(*asked: object, **_: object) -> object:
        if asked:
            raise InvalidField(field="SecondFactor", reason="choice")
        return FOUND

    answers.say(refuse)
    await SecurityState.save.fn(state, {})

    assert (state.code, state.said) == ("FIELD_INVALID", "")
    assert state.error == "Escolha uma das opções."


async def test_a_longer_time_is_kept_at_once_and_a_shorter_one_is_asked_about(
    keeping: Any, answers: Services
) -> None:
    asked_for: list[tuple[object, bool]] = []

    def answer(months: object, *, confirmed: bool) -> None:
        asked_for.append((months, confirmed))
        if months == " 60 " and not confirmed:
            raise KeepsLess(before=240, after=60)

    answers.say(answer)
    await RetentionState.save.fn(keeping, {"months": "240"})
    assert (keeping.shorter, keeping.said) == ("", "Prazo salvo.")

    await RetentionState.save.fn(keeping, {"months": " 60 "})
    assert "De 240 para 60 meses" in keeping.shorter, "what stands is said by the service"
    await RetentionState.back.fn(keeping)
    assert (keeping.shorter, keeping.said) == ("", "")

    await RetentionState.save.fn(keeping, {"months": " 60 "})
    await RetentionState.confirm.fn(keeping)
    assert asked_for[-2:] == [(" 60 ", False), (" 60 ", True)]
    assert (keeping.shorter, keeping.said) == ("", "Prazo salvo.")


async def test_a_time_that_is_too_short_is_refused_in_its_place(
    keeping: Any, answers: Services
) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise InvalidField(field="months", reason="months", least=60, most=600)

    answers.say(refuse)
    await RetentionState.save.fn(keeping, {"months": "12"})

    assert keeping.shorter == "", "nobody is asked to confirm what is refused"
    assert (keeping.months, keeping.error) == (120, "O prazo vai de 60 a 600 meses.")


async def test_the_least_is_said_in_months(keeping: Any) -> None:
    assert keeping.hint == "No mínimo 60 meses, como a lei exige."


@pytest.mark.parametrize("months", ["", "-1", "1.5", "1e3", "²", "9" * 10, None])
async def test_what_is_no_number_of_months_is_refused_in_its_place(
    keeping: Any, reader: Actor, answers: Services, months: object
) -> None:
    answers.say(lambda *asked, **_: page._keep_for(reader, *asked, confirmed=True))

    await RetentionState.save.fn(keeping, {"months": months})

    assert keeping.error == "Escreva um número inteiro, só com dígitos."
    assert (keeping.code, keeping.said) == ("FIELD_INVALID", "")


@pytest.fixture(params=["colleague", "customer's"])
async def chosen(request: pytest.FixtureRequest, root: rx.State, answers: Services) -> Any:
    """A list with somebody who has a second factor before the reader: its state."""
    if request.param == "colleague":
        kind, one = StaffState, replace(SOFIA, id=2, has_factor=True)
        answers.say(lambda *asked: None if asked else [one])
    else:
        kind, marta = PeopleState, replace(shown(MARTA), has_factor=True)
        answers.say(lambda *asked: None if len(asked) > 1 else [marta])
    found: Any = await root.get_state(kind)
    await kind.load.fn(found)
    await kind.open_person.fn(found, 2)
    return found


async def test_a_second_factor_is_removed_after_a_question_about_that_person(
    chosen: Any, answers: Services
) -> None:
    kind, name = type(chosen), chosen.chosen.name
    await kind.ask_to_remove_factor.fn(chosen)
    assert (chosen.dialog, chosen.removal) == ("factor", f"Remover segundo fator de {name}")

    await kind.remove_factor.fn(chosen, {"identity": "called_back"})

    assert any(asked[-2:] == (2, {"identity": "called_back"}) for asked in answers.asked)
    assert chosen.dialog == ""
    assert chosen.said.startswith(f"O segundo fator de {name} foi removido")


async def test_how_it_was_checked_is_asked_for_in_the_dialog(
    chosen: Any, answers: Services
) -> None:
    kind = type(chosen)
    await kind.ask_to_remove_factor.fn(chosen)

    def refuse(*_: object) -> object:
        raise FieldMissing(field="identity", reason="identity")

    answers.say(refuse)
    await kind.remove_factor.fn(chosen, {})

    assert (chosen.dialog, chosen.code) == ("factor", "FIELD_MISSING")
    assert chosen.error == "Escolha como você conferiu quem está pedindo."


async def test_nothing_is_asked_about_whoever_has_none(root: rx.State, answers: Services) -> None:
    answers.say(lambda *asked: None if asked else [replace(SOFIA, id=2)])
    state: Any = await root.get_state(StaffState)
    await StaffState.load.fn(state)
    await StaffState.open_person.fn(state, 2)

    await StaffState.ask_to_remove_factor.fn(state)

    assert state.dialog == "person"


@pytest.mark.parametrize(
    ("form", "identity"),
    [
        ({"identity": "in_person", "words": "x"}, Identity(IdentityCheck.IN_PERSON)),
        ({"identity": "other", "words": " by badge "}, Identity(IdentityCheck.OTHER, "by badge")),
    ],
)
def test_the_form_says_how_it_was_checked(form: dict[str, Any], identity: Identity) -> None:
    assert identity_from(form) == identity


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({}, FieldMissing),
        ({"identity": ""}, FieldMissing),
        ({"identity": "other"}, FieldMissing),
        ({"identity": "guessed"}, InvalidField),
        ({"identity": ["in_person"]}, InvalidField),
    ],
)
def test_a_form_that_does_not_say_it_is_refused(
    form: dict[str, Any], refusal: type[PortalError]
) -> None:
    with pytest.raises(refusal):
        identity_from(form)


@pytest.mark.parametrize("locale", locales.COMPLETE)
@pytest.mark.parametrize("typed", ["", "x" * 201, "1234567"])
def test_what_is_wrong_with_the_words_is_said_without_the_field_s_name(
    typed: str, locale: str
) -> None:
    with pytest.raises(InvalidField) as refused:
        identity_of(IdentityCheck.OTHER, typed)

    said = locales.refusal(refused.value, locale)

    assert refused.value.details["field"] == "words"
    assert "words" not in said


@pytest.mark.parametrize("locale", locales.COMPLETE)
@pytest.mark.parametrize(
    "key",
    [
        *(f"security.{rule}" for rule in SecondFactor),
        *(f"security.{rule}.text" for rule in SecondFactor),
        *(f"audit.value.{rule}" for rule in SecondFactor),
        *(f"factor_removal.{check}" for check in IdentityCheck),
        *(f"audit.value.{check}" for check in IdentityCheck),
    ],
)
def test_each_rule_and_check_has_its_words(key: str, locale: str) -> None:
    assert locales.has(key, locale)
