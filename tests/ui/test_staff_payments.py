"""A customer's payments for staff: what they say of each, and the dialog that sends one back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import reflex as rx

from portal_app.domain.errors import (
    FieldMissing,
    PortalError,
    RefundChanged,
    RefundUnderWay,
)
from portal_app.domain.grants import Role, StaffFeature
from portal_app.domain.money import Money
from portal_app.domain.payments import Payment, PaymentItem, PaymentMethod, PaymentState
from portal_app.domain.refunds import part_of
from portal_app.services.actors import Actor
from portal_app.services.refunds import Listed, Page, Wanted
from portal_app.ui.errors import NoticeState
from portal_app.ui.staff.customer import payments_state as page
from portal_app.ui.staff.customer.payments_state import PaidState, RefundState
from tests.ui.conftest import Services, reading_as

TOTAL, NONE = Money(34738, "BRL"), Money(0, "BRL")
ITEM = PaymentItem(1, "FT 2026/1", TOTAL, NONE, NONE)
PAYMENT = Payment(
    1,
    "p1",
    1,
    PaymentMethod.CARD,
    PaymentState.CONFIRMED,
    TOTAL,
    datetime(2026, 11, 22, 1, tzinfo=UTC),
    date(2026, 11, 22),
    "",
    (ITEM, ITEM, ITEM),
    received=TOTAL,
)
WHOLE = Listed(PAYMENT, NONE, NONE, is_stuck=False, left=TOTAL)
PART = replace(WHOLE, gone=Money(8000, "BRL"), left=Money(26738, "BRL"))


@pytest.fixture(autouse=True)
def answers(services: Services, clerk: Actor, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setattr(page, "attempt", services.attempt)
    services.say(lambda *_: paged(WHOLE))
    return services


@pytest.fixture
def clerk(reader: Actor) -> Iterator[Actor]:
    actor = replace(
        reader,
        role=Role.STAFF,
        customer=None,
        features=frozenset({StaffFeature.FIND_CUSTOMERS, StaffFeature.REFUND}),
    )
    with reading_as(actor):
        yield actor


def paged(*rows: Listed) -> Page:
    return Page("Ana Lima", list(rows), 0, has_next=False)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


async def opened(root: rx.State) -> Any:
    state = await root.get_state(RefundState)
    await RefundState.choose.fn(state, "p1")
    return state


async def test_a_payment_says_what_it_was_and_what_of_it_went_back(
    root: rx.State, answers: Services
) -> None:
    answers.say(lambda *_: paged(PART, replace(WHOLE, coming=TOTAL, left=NONE)))
    state = await root.get_state(PaidState)

    followed = await PaidState.load.fn(state)

    first, second = state.rows
    assert (first.day, first.method, first.documents) == ("22/11/2026", "Cartão", "3 documentos")
    assert (plain(first.amount), first.state) == ("R$ 347,38", "confirmado")
    assert (plain(first.news), first.can) == ("voltou R$ 80,00", True)
    assert (plain(second.news), second.can) == ("devolução de R$ 347,38 pedida", False)
    assert followed is PaidState.follow


async def test_nothing_on_its_way_is_not_looked_for_again(root: rx.State) -> None:
    state = await root.get_state(PaidState)

    assert await PaidState.load.fn(state) is None
    assert (state.status, len(state.rows)) == ("ready", 1)


async def test_a_refund_that_stopped_says_where_to_look(root: rx.State, answers: Services) -> None:
    answers.say(lambda *_: paged(replace(WHOLE, coming=TOTAL, left=NONE, is_stuck=True)))
    state = await root.get_state(PaidState)

    assert await PaidState.load.fn(state) is None

    assert "parada: veja Tarefas" in state.rows[0].news


async def test_a_refund_that_was_refused_says_so_beside_its_button(
    root: rx.State, answers: Services
) -> None:
    answers.say(lambda *_: paged(replace(WHOLE, is_refused=True)))
    state = await root.get_state(PaidState)

    await PaidState.load.fn(state)

    (line,) = state.rows
    assert (line.news, line.can) == ("devolução não aceita pelo provedor: veja Tarefas", True)


async def test_an_attempt_that_nobody_paid_has_the_day_it_was_made(
    root: rx.State, answers: Services
) -> None:
    failed = replace(PAYMENT, state=PaymentState.EXPIRED, paid_on=None, received=None, items=())
    answers.say(lambda *_: paged(Listed(failed, NONE, NONE, is_stuck=False, left=NONE)))
    state = await root.get_state(PaidState)

    await PaidState.load.fn(state)

    (line,) = state.rows
    # It was still the day before in São Paulo.
    assert (line.day, line.state, line.documents, line.can) == ("21/11/2026", "expirado", "", False)


async def test_without_the_permission_there_is_no_button(root: rx.State, clerk: Actor) -> None:
    state = await root.get_state(PaidState)

    with reading_as(replace(clerk, features=frozenset({StaffFeature.FIND_CUSTOMERS}))):
        await PaidState.load.fn(state)

    assert [line.can for line in state.rows] == [False]


async def test_what_could_not_be_loaded_says_so(root: rx.State, answers: Services) -> None:
    answers.say(refusing(FieldMissing(field="x")))
    state = await root.get_state(PaidState)

    await PaidState.load.fn(state)

    assert (state.status, state.rows) == ("failed", [])


def refusing(refusal: PortalError) -> Any:
    def refuse(*_: object) -> None:
        raise refusal

    return refuse


async def test_the_dialog_says_to_whom_by_which_way_and_how_much(root: rx.State) -> None:
    state = await opened(root)

    asked = state.asked
    assert (state.shown, asked.part, plain(state.give)) == (True, "347,38", "Devolver R$ 347,38")
    assert asked.by == "O dinheiro volta para Ana Lima, no mesmo cartão."
    assert plain(asked.came) == "R$ 347,38 em 22/11/2026"
    assert (asked.gone, plain(asked.left)) == ("", "R$ 347,38")


async def test_euros_are_said_in_euros(root: rx.State, answers: Services) -> None:
    euros = Money(123450, "EUR")
    payment = replace(PAYMENT, method=PaymentMethod.MB_WAY, amount=euros, received=euros)
    none = Money(0, "EUR")
    answers.say(lambda *_: paged(Listed(payment, none, none, is_stuck=False, left=euros)))

    state = await opened(root)

    assert state.asked.part == "1234,50"
    assert plain(state.give) == "Devolver € 1.234,50"
    assert "MB WAY" in state.asked.by
    assert part_of(state.asked.part, euros) == euros


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("80,00", "Devolver R$ 80,00"),
        ("80.5", "Devolver R$ 80,50"),
        ("347,39", ""),
        ("0", ""),
        ("oitenta", ""),
        ("", ""),
    ],
)
async def test_the_last_button_says_the_sum_that_is_typed(
    root: rx.State, typed: str, says: str
) -> None:
    state = await opened(root)

    await RefundState.weigh.fn(state, typed)

    assert plain(state.give) == says


async def test_what_is_asked_for_is_what_was_typed_of_what_was_shown(
    root: rx.State, answers: Services
) -> None:
    state = await opened(root)
    answers.say(lambda *asked: Money(8000, "BRL") if len(asked) == 3 else paged(PART))

    followed = await RefundState.send.fn(state, {"part": "80,00", "reason": "em dobro"})

    (wanted,) = [asked[2] for asked in answers.asked if len(asked) == 3]
    assert wanted == Wanted("80,00", TOTAL, "em dobro")
    said = (await root.get_state(PaidState)).said
    assert plain(said) == "Devolução de R$ 80,00 pedida. O resultado aparece aqui."
    assert (state.shown, followed[0]) == (False, PaidState.follow)


async def test_a_second_click_asks_for_nothing(root: rx.State, answers: Services) -> None:
    state = await opened(root)
    answers.say(lambda *asked: Money(8000, "BRL") if len(asked) == 3 else paged(PART))
    form = {"part": "80,00", "reason": "x"}

    await RefundState.send.fn(state, form)
    await RefundState.send.fn(state, form)

    assert len([asked for asked in answers.asked if len(asked) == 3]) == 1


@pytest.mark.parametrize(
    ("refusal", "where", "says"),
    [
        (FieldMissing(field="amount", reason="refund_amount"), "part", "Escreva quanto"),
        (FieldMissing(field="reason", reason="refund_reason"), "reason", "Escreva por que"),
        (RefundUnderWay(), "text", "em andamento"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(
    root: rx.State, answers: Services, refusal: PortalError, where: str, says: str
) -> None:
    state = await opened(root)
    answers.say(refusing(refusal))

    await RefundState.send.fn(state, {"part": "", "reason": ""})

    assert state.shown
    assert says in getattr(state.wrong, where)
    others = {"part", "reason", "text"} - {where}
    assert [getattr(state.wrong, other) for other in others] == ["", ""]


async def test_an_amount_nobody_can_read_is_answered_with_an_example(
    root: rx.State, answers: Services
) -> None:
    state = await opened(root)

    def refuse(*asked: object) -> None:
        part_of("oitenta", TOTAL)

    answers.say(refuse)
    await RefundState.send.fn(state, {"part": "oitenta", "reason": "x"})

    assert state.wrong.part.endswith("como 347,38.")


async def test_a_sum_that_changed_meanwhile_is_shown_anew(
    root: rx.State, answers: Services
) -> None:
    state = await opened(root)
    before = state.version

    def answer(*asked: object) -> Page:
        if len(asked) == 3:
            raise RefundChanged(left=PART.left)
        return paged(PART)

    answers.say(answer)
    await RefundState.send.fn(state, {"part": "347,38", "reason": "x"})

    assert (state.shown, state.asked.part, state.version) == (True, "267,38", before + 1)
    assert plain(state.give) == "Devolver R$ 267,38"
    assert "R$ 267,38" in plain(state.wrong.text)


async def test_one_that_went_back_since_opens_no_dialog(root: rx.State, answers: Services) -> None:
    answers.say(lambda *_: paged(replace(WHOLE, left=NONE)))

    state = await opened(root)

    assert not state.shown


async def test_one_that_is_not_there_is_said_as_a_notice(root: rx.State, answers: Services) -> None:
    answers.say(refusing(RefundUnderWay()))

    state = await opened(root)

    assert not state.shown
    assert (await root.get_state(NoticeState)).code == "REFUND_UNDER_WAY"
