"""The e-mail dialog: what goes out, what is wrong and where, and what became of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
import reflex as rx

from portal_app.domain.emails import About, MailKind, RecipientState
from portal_app.domain.errors import InvalidRecipient, NotGranted, PortalError, TooManyMails
from portal_app.domain.money import Money
from portal_app.services.actors import Actor
from portal_app.services.mail import Preview, SentMail
from portal_app.ui.customer.send_email import state as dialog
from portal_app.ui.customer.send_email.state import EmailState, Sent, SentState, typed
from tests.ui.conftest import Services

DOCUMENT = Preview(
    sender="Nordeste Telecom",
    address="financeiro@nordeste.example",
    file_name="FT-2026-1841.pdf",
    number="FT 2026/1841",
    bank="",
    amount=Money(12990, "BRL"),
    due=date(2026, 10, 10),
)
FORM = {"recipient_1": "ana@example.com", "recipient_2": "", "recipient_3": "bia@example.com"}


class Desk(Services):
    """Has one paper to send, and refuses it as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.preview = DOCUMENT
        self.refusal: PortalError | None = None
        self.states = [RecipientState.QUEUED]

    async def ask(self, _state: object, _service: Callable[..., object], *args: Any) -> object:
        name = _service.__name__
        self.asked.append((name, *args))
        if name == "preview":
            return self.preview
        if name == "sent_mails":
            return tuple(SentMail("a•••@example.com", state) for state in self.states)
        if self.refusal:
            raise self.refusal
        return tuple(filter(None, args[1]))

    def sent(self) -> list[tuple[Any, ...]]:
        return [asked for asked in self.asked if asked[0] == "send"]


@pytest.fixture
def desk(reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Desk:
    answers = Desk()
    monkeypatch.setattr(dialog, "ask", answers.ask)
    monkeypatch.setattr(dialog, "attempt", answers.attempt)
    return answers


@pytest.fixture
async def state(root: rx.State) -> EmailState:
    return await root.get_state(EmailState)


async def press_send(state: EmailState) -> list[tuple[object, bool]]:
    """What the handler hands on, each time it does, and whether it is still at work then."""
    return [(event, state.busy) async for event in EmailState.send.fn(state, FORM)]


async def test_the_dialog_opens_with_what_goes_out_and_from_whom(
    state: EmailState, desk: Desk
) -> None:
    await EmailState.open_document.fn(state, "d1")

    assert desk.asked == [("preview", About(MailKind.DOCUMENT, "d1"))]
    assert state.shown
    assert state.draft.what == "FT 2026/1841"
    assert state.draft.terms == "R$\xa0129,90 · vencimento 10/10/2026"
    assert state.draft.sender == "Nordeste Telecom · financeiro@nordeste.example"


async def test_a_boleto_is_named_by_its_bank_and_a_credit_note_has_no_due_date(
    state: EmailState, desk: Desk
) -> None:
    desk.preview = replace(DOCUMENT, bank="Sicoob")
    await EmailState.open_document.fn(state, "d1")
    named = state.draft.what
    desk.preview = replace(DOCUMENT, amount=Money(-1500, "BRL"), due=None)
    await EmailState.open_document.fn(state, "d2")

    assert named == "Boleto Sicoob"
    assert state.draft.terms == "−\xa0R$\xa015,00"


async def test_sending_says_so_at_once_and_then_to_whom(state: EmailState, desk: Desk) -> None:
    await EmailState.open_document.fn(state, "d1")

    told = await press_send(state)

    assert [busy for _, busy in told] == [True, False]
    assert state.sent == "ana@example.com, bia@example.com"
    assert desk.sent() == [
        ("send", About(MailKind.DOCUMENT, "d1"), ["ana@example.com", "", "bia@example.com", ""])
    ]


async def test_a_double_click_sends_once(state: EmailState, desk: Desk) -> None:
    await EmailState.open_document.fn(state, "d1")

    await press_send(state)
    await press_send(state)

    assert len(desk.sent()) == 1


async def test_nothing_is_sent_by_a_dialog_that_was_never_opened(
    state: EmailState, desk: Desk
) -> None:
    await press_send(state)
    await EmailState.open_document.fn(state, "d1")
    await EmailState.close.fn(state)
    await press_send(state)

    assert desk.sent() == []


async def test_a_wrong_field_says_so_itself_and_gets_the_cursor(
    state: EmailState, desk: Desk
) -> None:
    desk.refusal = InvalidRecipient(field="recipient_3", reason="repeated")
    await EmailState.open_document.fn(state, "d1")

    *_, (event, _) = await press_send(state)

    assert (state.wrong.field, state.wrong.code) == (3, "RECIPIENT_INVALID")
    assert state.wrong.text == "Este endereço já está em outro campo."
    assert "email_recipient_3" in str(event)
    assert (state.shown, state.busy, state.sent) == (True, False, "")


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (TooManyMails(most=30, minutes=12), "30 e-mails por hora. Tente de novo em 12 min."),
        (InvalidRecipient(field="recipient_4", reason="too_many"), "no máximo três endereços"),
        (NotGranted(feature="documents.email"), ""),
    ],
)
async def test_what_is_wrong_with_no_field_stands_beneath_them(
    state: EmailState, desk: Desk, refusal: PortalError, said: str
) -> None:
    desk.refusal = refusal
    await EmailState.open_document.fn(state, "d1")

    await press_send(state)

    assert (state.wrong.field, state.wrong.code) == (0, refusal.code)
    assert said in state.wrong.text


async def test_a_page_reached_otherwise_does_not_show_it_open(
    state: EmailState, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = SimpleNamespace(path="/")
    monkeypatch.setattr(EmailState, "router", SimpleNamespace(url=at), raising=False)
    await EmailState.open_document.fn(state, "d1")

    await state._arrive()
    still = state.shown
    at.path = "/pay/p1"
    await state._arrive()

    assert (still, state.shown) == (True, False)


async def test_opening_it_again_begins_anew(state: EmailState, desk: Desk) -> None:
    await EmailState.open_document.fn(state, "d1")
    await press_send(state)
    drawn = state.version

    await EmailState.open_document.fn(state, "d2")

    assert (state.sent, state.wrong.text, state.version) == ("", "", drawn + 1)


@pytest.mark.parametrize(
    ("form", "read"),
    [
        (FORM | {"recipient_4": "d@example.com"}, [*FORM.values(), "d@example.com"]),
        ({"recipient_1": 7, "recipient_2": None, "recipient_3": ["a@b.example"]}, None),
        (None, ["", "", "", ""]),
        ([1, 2, 3], ["", "", "", ""]),
        ("x" * 5000, ["", "", "", ""]),
        ({}, ["", "", "", ""]),
    ],
)
def test_whatever_a_browser_sends_is_read_as_text(form: object, read: list[str] | None) -> None:
    assert typed(form) == (read or ["7", "", "['a@b.example']", ""])


async def test_the_page_follows_what_is_still_on_its_way(root: rx.State, desk: Desk) -> None:
    sent = await root.get_state(SentState)
    about = About(MailKind.BOLETO, "p1")

    follows = await sent._look(about)
    desk.states = [RecipientState.SENT, RecipientState.UNKNOWN]
    done = await sent._look(about)

    assert (follows is not None, done) == (True, None)
    assert sent.mails == [
        Sent("a•••@example.com", "enviado", "b-jade"),
        Sent("a•••@example.com", "sem confirmação", "b-amber"),
    ]


async def test_what_was_sent_from_a_payment_s_page_shows_there(
    root: rx.State, state: EmailState, desk: Desk
) -> None:
    sent = await root.get_state(SentState)
    desk.states = []
    await sent._look(About(MailKind.DOCUMENT, "d1"))
    desk.states = [RecipientState.QUEUED]
    await EmailState.open_document.fn(state, "d1")

    *_, (event, _) = await press_send(state)

    assert [each.status for each in sent.mails] == ["na fila"]
    assert "follow" in str(event)
