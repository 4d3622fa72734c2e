"""The open documents page: ticking, the total, what travels, rows in words."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import reflex as rx

from portal_app.domain.documents import (
    Attempt,
    BillingMode,
    Block,
    Document,
    DocumentType,
    OpenCounts,
    OpenFilter,
    Period,
    Show,
    SortBy,
    block_of,
)
from portal_app.domain.errors import InAttempt, InvalidField, NotGranted
from portal_app.domain.grants import Feature
from portal_app.domain.late_charges import LateTerms
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.domain.selection import Quote, QuoteItem
from portal_app.services.actors import Actor
from portal_app.services.documents import Header, OpenPage, OpenRow
from portal_app.ui.customer.open_documents import state as page
from portal_app.ui.customer.open_documents.rows import Row, rows_of
from portal_app.ui.customer.open_documents.state import MarksState, OpenState, SelectionState
from portal_app.ui.errors import NoticeState
from portal_app.ui.session import Answer
from tests.ui.conftest import Services, reading_as

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
TERMS = LateTerms(Decimal("0.02"), Decimal("0.01"), "BR")


class Desk(Services):
    """Answers each service the page asks, from a few documents."""

    def __init__(self) -> None:
        super().__init__()
        self.documents = [document(1, cents=12990), document(2, cents=12990), document(3)]
        self.kept: list[int] = []

    async def ask(self, _state: object, _service: Callable[..., object], *args: Any) -> object:
        name = _service.__name__
        self.asked.append((name, *args))
        return getattr(self, name)(*args)

    def later(self, _state: object, _service: object, ids: list[int]) -> None:
        self.kept = ids

    async def now(self, _state: object, service: Callable[..., object]) -> None:
        self.asked.append(("now", service.__name__))

    def header(self) -> Header:
        return Header("Ana Lima", ("10482",), None)

    def methods(self) -> tuple[PaymentMethod, ...]:
        return (PaymentMethod.BOLETO,)

    def load_selection(self) -> list[int]:
        payable = {each.id for each in self.documents if block_of(each) is None}
        return [each for each in self.kept if each in payable]

    def payable_ids(self, _wanted: OpenFilter, _currency: str | None) -> list[int]:
        return [each.id for each in self.documents if block_of(each) is None]

    def list_open(self, wanted: OpenFilter) -> OpenPage:
        rows = tuple(OpenRow(each, block_of(each), None, None) for each in self.documents)
        return OpenPage(rows, OpenCounts(len(rows), 1, 1), len(rows), wanted.page, 1, TODAY, NOW)

    def quote(self, ids: list[int]) -> Quote:
        chosen = [each for each in self.documents if each.id in ids]
        items = tuple(
            QuoteItem(d.id, d.number, d.balance, Money(260, "BRL"), Money(119, "BRL"))
            for d in chosen
        )
        return Quote(items, chosen[0].balance.currency if chosen else "", TODAY, TERMS)


@pytest.fixture
def desk(reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Desk:
    answers = Desk()
    monkeypatch.setattr(page, "ask", answers.ask)
    monkeypatch.setattr(page, "attempt", answers.attempt)
    monkeypatch.setattr(page, "ask_later", answers.later)
    monkeypatch.setattr(page, "ask_now", answers.now)
    return answers


async def loaded(root: rx.State) -> tuple[OpenState, MarksState, SelectionState]:
    states = (
        await root.get_state(OpenState),
        await root.get_state(MarksState),
        await root.get_state(SelectionState),
    )
    await OpenState.load.fn(states[0])
    root._clean()
    return states


def document(id_: int, kind: DocumentType = DocumentType.FT, cents: int = 8000) -> Document:
    amount = Money(cents, "BRL")
    number = f"{kind} 2026/{id_}"
    due = date(2026, 11, 25)
    return Document(id_, f"d{id_}", 1, kind, number, "Fibra", TODAY, due, amount, amount)


def in_words(shown: Document, block: Block | None = None, **more: Any) -> Row:
    row = OpenRow(
        shown, block, more.get("today"), more.get("free_until"), more.get("printable", False)
    )
    (words,) = rows_of(OpenPage((row,), OpenCounts(1, 0, 0), 1, 0, 1, TODAY, NOW))
    return words


async def test_a_tick_shows_the_total_with_its_parts(root: rx.State, desk: Desk) -> None:
    _, _, selection = await loaded(root)

    await SelectionState.tick.fn(selection, 1, True)
    await SelectionState.tick.fn(selection, 2, True)

    assert selection.total.amount == "R$\xa0267,38"
    assert selection.total.documents == "2 documentos"
    assert (selection.total.fine, selection.total.fine_rate) == ("R$\xa05,20", "2\xa0%")
    assert (selection.total.interest, selection.total.interest_rate) == ("R$\xa02,38", "1\xa0%")


async def test_a_tick_sends_the_total_and_nothing_else(root: rx.State, desk: Desk) -> None:
    _, _, selection = await loaded(root)

    await SelectionState.tick.fn(selection, 1, True)

    sent = root.get_delta()
    assert list(sent) == [SelectionState.get_full_name()]
    assert list(sent[SelectionState.get_full_name()]) == ["total_rx_state_"]
    assert len(json.dumps(sent, default=vars)) < 600


async def test_what_is_ticked_is_kept_without_being_waited_for(root: rx.State, desk: Desk) -> None:
    _, _, selection = await loaded(root)

    await SelectionState.tick.fn(selection, 3, True)
    await SelectionState.tick.fn(selection, 1, True)
    await SelectionState.tick.fn(selection, 3, False)

    assert desk.kept == [1]


async def test_a_tick_that_arrives_twice_counts_once(root: rx.State, desk: Desk) -> None:
    _, _, selection = await loaded(root)

    await SelectionState.tick.fn(selection, 1, True)
    await SelectionState.tick.fn(selection, 1, True)

    assert selection.total.count == 1


async def test_a_refused_tick_leaves_selection_and_total_and_says_why(
    root: rx.State, desk: Desk
) -> None:
    _, marks, selection = await loaded(root)
    await SelectionState.tick.fn(selection, 1, True)
    before, version = selection.total, marks.version
    attempts = iter([InAttempt(document="FT 2026/2", payment="p1")])
    priced = desk.quote

    def refuse_once(ids: list[int]) -> Quote:
        if refusal := next(attempts, None):
            raise refusal
        return priced(ids)

    desk.quote = refuse_once
    await SelectionState.tick.fn(selection, 2, True)

    notice = await root.get_state(NoticeState)
    assert selection.total == before
    assert notice.code == "DOCUMENT_IN_ATTEMPT"
    assert "FT 2026/2" in notice.text
    assert marks.version > version
    assert marks.ticked == [1]


async def test_a_reload_finds_what_was_ticked(root: rx.State, desk: Desk) -> None:
    desk.kept = [1, 3]

    _, marks, selection = await loaded(root)

    assert marks.ticked == [1, 3]
    assert selection.total.count == 2
    assert desk.asked.index(("now", "save_selection")) < desk.asked.index(("load_selection",))


async def test_loading_twice_changes_nothing_that_is_seen(root: rx.State, desk: Desk) -> None:
    desk.kept = [1]
    state, marks, selection = await loaded(root)
    seen = (state.rows, state.listing, marks.ticked, selection.total)

    await OpenState.load.fn(state)

    assert (state.rows, state.listing, marks.ticked, selection.total) == seen


async def test_select_all_ticks_all_and_one_unticked_takes_it_back(
    root: rx.State, desk: Desk
) -> None:
    _, marks, selection = await loaded(root)

    await SelectionState.everything.fn(selection, True)
    assert (marks.ticked, marks.everything) == ([1, 2, 3], True)
    await SelectionState.tick.fn(selection, 2, False)

    assert (marks.ticked, marks.everything) == ([1, 3], False)
    assert selection.total.count == 2


async def test_the_first_tick_fixes_the_currency_where_currencies_are_mixed(
    root: rx.State, desk: Desk
) -> None:
    euros = Money(500, "EUR")
    desk.documents.append(replace(document(4), total=euros, balance=euros))
    _, marks, selection = await loaded(root)

    await SelectionState.tick.fn(selection, 1, True)
    assert marks.currency == "BRL"
    await SelectionState.clear.fn(selection)

    assert marks.currency == ""


async def test_a_reversed_period_is_refused_with_its_values_kept(
    root: rx.State, desk: Desk
) -> None:
    state, _, _ = await loaded(root)
    listed = len(desk.asked)

    await OpenState.set_period.fn(state, {"first": "2026-12-31", "last": "2026-01-01"})

    assert state.period.code == "PERIOD_REVERSED"
    assert (state.period.first, state.period.last) == ("2026-12-31", "2026-01-01")
    assert len(desk.asked) == listed


async def test_a_period_lists_its_documents_and_names_itself(root: rx.State, desk: Desk) -> None:
    state, _, _ = await loaded(root)

    await OpenState.set_period.fn(state, {"first": "2026-11-01", "last": "2026-11-30"})

    _, wanted = desk.asked[-1]
    assert wanted.period == Period(date(2026, 11, 1), date(2026, 11, 30))
    assert state.listing.period == "01/11 – 30/11"


async def test_a_column_sorts_up_then_down(root: rx.State, desk: Desk) -> None:
    state, _, _ = await loaded(root)

    await OpenState.sort_by.fn(state, "balance")
    await OpenState.sort_by.fn(state, "balance")

    _, wanted = desk.asked[-1]
    assert (wanted.sort, wanted.descending) == (SortBy.BALANCE, True)


async def test_a_filter_or_column_that_is_none_is_refused(root: rx.State, desk: Desk) -> None:
    state, _, _ = await loaded(root)

    for handler in (OpenState.show, OpenState.sort_by):
        with pytest.raises(InvalidField):
            await handler.fn(state, "1; drop table")

    assert state.listing.show == Show.ALL


async def test_what_is_not_granted_is_a_page_of_its_own(
    root: rx.State, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def closed(*_: object) -> Answer[object]:
        return Answer(None, NotGranted(feature="documents.see"), "not_granted")

    monkeypatch.setattr(page, "attempt", closed)

    state, _, _ = await loaded(root)

    assert state.status == "not_granted"
    assert state.rows == []


def test_a_late_document_says_how_late_and_what_today_costs(reader: Actor) -> None:
    late = replace(document(1, cents=12990), due=date(2026, 10, 10))

    row = in_words(late, today=Money(13436, "BRL"))

    assert (row.badge, row.tone) == ("vencido há 43 dias", "b-red")
    assert row.today == "hoje R$\xa0134,36"


@pytest.mark.parametrize(
    ("days", "badge", "tone"),
    [
        (0, "vence hoje", "b-amber"),
        (1, "vence em 1 dia", "b-amber"),
        (7, "vence em 7 dias", "b-amber"),
        (8, "vence em 8 dias", "b-gray"),
    ],
)
def test_a_document_coming_due_says_when(reader: Actor, days: int, badge: str, tone: str) -> None:
    row = in_words(replace(document(1), due=TODAY + timedelta(days=days)))

    assert (row.badge, row.tone) == (badge, tone)


def test_a_part_paid_document_says_what_was_paid(reader: Actor) -> None:
    row = in_words(replace(document(1, cents=5900), balance=Money(3900, "BRL")))

    assert row.paid == "R$\xa020,00 já pagos"


def test_within_grace_the_last_day_without_charges_is_named(reader: Actor) -> None:
    row = in_words(document(1), free_until=date(2026, 11, 23))

    assert row.free == "sem encargos até 23/11"


def test_a_credit_note_has_a_minus_and_a_reason(reader: Actor) -> None:
    credit = replace(document(1, DocumentType.NC, 1500), due=None)

    row = in_words(credit, Block.TYPE)

    assert (row.balance, row.due, row.badge) == ("−\xa0R$\xa015,00", "—", "")
    assert row.why == "Nota de crédito · não se paga aqui"
    assert not row.can_tick


def test_a_document_in_registration_says_for_how_long_and_leads_to_its_boleto(
    reader: Actor,
) -> None:
    until = NOW + timedelta(minutes=17, seconds=20)
    attempt = Attempt("p1", "boleto", "756", "pending", until)

    row = in_words(replace(document(1), attempt=attempt), Block.IN_REGISTRATION)

    assert (row.badge, row.tone) == ("registro · 18 min", "b-blue")
    assert (row.open, row.href) == ("Ver boleto", "/pay/p1")
    assert row.pdf == "/files/documents/d1.pdf"
    assert "Sicoob" in row.why


def test_a_title_registered_elsewhere_is_printed_and_says_why_it_is_not_ticked(
    reader: Actor,
) -> None:
    title = document(1, DocumentType.TIT)

    row = in_words(title, Block.REGISTERED_ELSEWHERE, printable=True)

    assert row.pdf == f"/files/titles/{title.public_id}.pdf"
    assert not row.can_tick
    assert (row.why, bool(row.reason)) == ("Boleto emitido fora do portal", True)
    assert in_words(title, Block.REGISTERED_ELSEWHERE).pdf == "/files/documents/d1.pdf"


@pytest.mark.parametrize("kind", [DocumentType.FT, DocumentType.NC])
def test_every_document_has_a_paper_for_whoever_may_print(
    reader: Actor, kind: DocumentType
) -> None:
    assert in_words(document(1, kind)).pdf == "/files/documents/d1.pdf"

    with reading_as(replace(reader, features=reader.features - {Feature.PRINT})):
        assert in_words(document(1, kind)).pdf == ""


def test_the_pdf_of_a_registered_boleto_is_at_hand(reader: Actor) -> None:
    attempt = Attempt("p1", "boleto", "756", "registered", NOW)

    row = in_words(replace(document(1), attempt=attempt), Block.IN_PAYMENT)

    assert row.pdf == "/files/boletos/p1.pdf"


@pytest.mark.parametrize(
    ("method", "named", "leads_on"),
    [
        (PaymentMethod.PIX, "Pix", "Continuar"),
        (PaymentMethod.CARD, "Cartão", "Continuar"),
        (PaymentMethod.MB_WAY, "MB WAY", "Continuar"),
        (PaymentMethod.MULTIBANCO, "Multibanco", "Ver pagamento"),
        (PaymentMethod.BOLETO, "Boleto", "Ver boleto"),
    ],
)
def test_a_document_being_paid_at_a_provider_names_the_way_and_leads_there(
    reader: Actor, method: PaymentMethod, named: str, leads_on: str
) -> None:
    row = in_words(replace(document(1), attempt=Attempt("p1", method.value)), Block.IN_PAYMENT)

    assert (row.badge, row.tone) == ("em pagamento", "b-blue")
    assert row.why == f"Em pagamento · {named}"
    assert named in row.reason
    assert (row.open, row.href, row.can_tick) == (leads_on, "/pay/p1", False)


@pytest.mark.parametrize("block", [b for b in Block if b is not Block.CURRENCY])
def test_every_reason_is_said_short_and_whole(reader: Actor, block: Block) -> None:
    debit = replace(document(1), billing_mode=BillingMode.DIRECT_DEBIT)

    row = in_words(debit, block)

    assert row.why
    assert len(row.reason) > len(row.why)
