"""The page of one payment: waiting, ready, rejected, silent, somebody else's."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import reflex as rx

from portal_app.domain.boleto.order import Discount
from portal_app.domain.boleto.registration import Stage
from portal_app.domain.companies import Overdue
from portal_app.domain.errors import NotFound, PortalError
from portal_app.domain.grants import Feature
from portal_app.domain.money import Money
from portal_app.domain.payments import Payment, PaymentItem, PaymentMethod, PaymentState
from portal_app.domain.selection import Quote
from portal_app.services import receipts
from portal_app.services.actors import Actor
from portal_app.services.boletos import BankOffer, BoletoView, Offer
from portal_app.services.payments import Seen
from portal_app.services.receipts import ReceiptView
from portal_app.ui.customer.choose_bank import state as choice_page
from portal_app.ui.customer.choose_bank.state import BANKS, ChoiceState
from portal_app.ui.customer.pay import state as page
from portal_app.ui.customer.pay.state import PaymentPageState
from portal_app.ui.customer.send_email import state as email
from tests.ui.conftest import Services, reading_as

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
TOTAL = Money(34764, "BRL")
LINE = "00190.00009 02883.147007 00000.001172 1 16410000034764"

PAYMENT = Payment(
    id=7,
    public_id="p1",
    customer=1,
    method=PaymentMethod.BOLETO,
    state=PaymentState.PENDING,
    amount=TOTAL,
    created_at=NOW,
    paid_on=None,
    failure="",
    items=(
        PaymentItem(1, "FT 2026/1841", Money(12990, "BRL"), Money(260, "BRL"), Money(199, "BRL")),
        PaymentItem(2, "ND 2026/77", Money(8000, "BRL"), Money(0, "BRL"), Money(0, "BRL")),
    ),
)
WAITING = BoletoView(
    payment=PAYMENT,
    bank="001",
    bank_name="Banco do Brasil",
    stage=Stage.WAITING,
    nosso_numero="28831470000000001",
    amount=TOTAL,
    due=date(2026, 11, 25),
    requested_at=NOW - timedelta(minutes=12),
    available_at=NOW + timedelta(minutes=18),
    now=NOW,
    reject_reason="",
    linha_digitavel=None,
    may_print=False,
)
REGISTERED = replace(WAITING, stage=Stage.REGISTERED, linha_digitavel=LINE, may_print=True)
SILENT = replace(WAITING, stage=Stage.OVERDUE_SILENT, now=NOW + timedelta(hours=1))
REJECTED = replace(
    WAITING,
    payment=replace(PAYMENT, state=PaymentState.FAILED),
    stage=Stage.REJECTED,
    reject_reason="payer_address_incomplete",
)


class Desk(Services):
    """Has one payment, whose boleto is as it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.boleto = WAITING
        self.reaches = True
        self.missing: PortalError | None = None

    async def ask(
        self, _state: object, _service: Callable[..., object], *args: Any, **_: Any
    ) -> object:
        self.asked.append((_service.__name__, *args))
        if self.missing:
            raise self.missing
        if _service is receipts.view:
            return ReceiptView("none", "", "", ())
        found = {
            "view": self.boleto,
            "watch": Seen(self.boleto.payment, NOW),
            "offer": Offer(
                Quote((), "BRL", date(2026, 11, 22)),
                tuple(offer(code) for code in ("001", "756")),
            ),
            "supersede": (1, 2),
            "save_selection": None,
            "sent_mails": (),
            "counts": None,
            "reaches": self.reaches,
            "move_due": date(2026, 12, 10),
        }
        return found[_service.__name__]


def offer(code: str) -> BankOffer:
    return BankOffer(int(code), code, code, "1", "", date(2026, 11, 25), TOTAL, 30)


@pytest.fixture
def desk(reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Desk:
    answers = Desk()
    for module in (page, choice_page, email):
        monkeypatch.setattr(module, "ask", answers.ask)
        monkeypatch.setattr(module, "attempt", answers.attempt)
        monkeypatch.setattr(module, "attempt_outside", answers.attempt, raising=False)
    monkeypatch.setattr(
        PaymentPageState,
        "router",
        SimpleNamespace(url=SimpleNamespace(path="/pay/p1/")),
        raising=False,
    )
    return answers


@pytest.fixture
async def state(root: rx.State) -> PaymentPageState:
    return await root.get_state(PaymentPageState)


def rows(state: PaymentPageState) -> dict[str, str]:
    return {row.name: row.value.replace("\xa0", " ") for row in state.facts.rows}


async def test_a_waiting_boleto_holds_back_code_and_pdf(
    state: PaymentPageState, desk: Desk
) -> None:
    follows = await PaymentPageState.load.fn(state)

    assert (state.status, state.facts.state) == ("ready", "pending")
    assert (state.waiting.notice, state.waiting.line, state.waiting.pdf) == ("waiting", "", "")
    assert (state.waiting.left, state.waiting.whole) == (18 * 60, 30 * 60)
    assert follows


async def test_a_registered_boleto_shows_both(state: PaymentPageState, desk: Desk) -> None:
    desk.boleto = REGISTERED

    follows = await PaymentPageState.load.fn(state)

    assert (state.waiting.notice, state.waiting.line) == ("registered", LINE)
    assert state.waiting.pdf == "/files/boletos/p1.pdf"
    assert follows == []


@pytest.mark.parametrize("missing", [Feature.EMAIL, Feature.PRINT])
async def test_only_whoever_may_send_is_offered_to(
    state: PaymentPageState, desk: Desk, reader: Actor, missing: Feature
) -> None:
    desk.boleto = REGISTERED
    await PaymentPageState.load.fn(state)
    assert state.waiting.can_email

    with reading_as(replace(reader, features=reader.features - {missing})):
        await PaymentPageState.load.fn(state)

    assert not state.waiting.can_email


async def test_a_waiting_boleto_is_not_offered_by_email(
    state: PaymentPageState, desk: Desk
) -> None:
    await PaymentPageState.load.fn(state)

    assert not state.waiting.can_email


async def test_a_bank_that_keeps_silent_is_still_waited_for(
    state: PaymentPageState, desk: Desk
) -> None:
    desk.boleto = SILENT

    follows = await PaymentPageState.load.fn(state)

    assert (state.waiting.notice, state.waiting.line, state.waiting.left) == ("waiting", "", 0)
    assert "avisamos a empresa" in state.waiting.text
    assert follows


async def test_a_rejection_says_why_and_offers_the_other_banks(
    state: PaymentPageState, root: rx.State, desk: Desk
) -> None:
    desk.boleto = REJECTED

    await PaymentPageState.load.fn(state)

    choice = await root.get_state(ChoiceState)
    assert "endereço do pagador incompleto" in state.waiting.text
    assert choice.step == BANKS
    assert [bank.bank for bank in choice.banks] == ["756"]
    assert not choice.shown


async def test_a_payment_that_was_made_anew_says_where_it_went_on(
    state: PaymentPageState, root: rx.State, desk: Desk
) -> None:
    desk.boleto = replace(REJECTED, payment=replace(REJECTED.payment, replaced_by="p2"))

    await PaymentPageState.load.fn(state)

    assert state.facts.replaced_by == "/pay/p2"
    assert (await root.get_state(ChoiceState)).step == ""


async def test_the_documents_are_listed_with_their_charges(
    state: PaymentPageState, desk: Desk
) -> None:
    await PaymentPageState.load.fn(state)

    first, second = state.facts.documents
    assert (first.total, first.charges) == ("R$\xa0134,49", "inclui R$\xa04,59 de multa e juros")
    assert second.charges == ""


async def test_somebody_elses_payment_is_not_found(state: PaymentPageState, desk: Desk) -> None:
    desk.missing = NotFound(kind="payment")

    await PaymentPageState.load.fn(state)

    assert state.status == "not_found"
    assert state.facts.state == ""


async def test_a_transfer_shows_its_facts_and_no_notice(
    state: PaymentPageState, desk: Desk
) -> None:
    paid = replace(
        PAYMENT,
        method=PaymentMethod.TRANSFER,
        state=PaymentState.CONFIRMED,
        paid_on=date(2026, 11, 8),
    )
    desk.boleto = replace(WAITING, payment=paid)

    await PaymentPageState.load.fn(state)

    assert state.facts.title == "Transferência"
    assert rows(state) == {"Valor": "R$ 347,64", "Data do pagamento": "08/11/2026"}
    assert state.outcome.headline == "Pagamento confirmado"
    assert (state.waiting.notice, state.facts.may_replace) == ("", False)


async def test_giving_up_ticks_its_documents_again(state: PaymentPageState, desk: Desk) -> None:
    await PaymentPageState.load.fn(state)
    await PaymentPageState.ask_to_replace.fn(state)

    assert [event async for event in PaymentPageState.replace.fn(state)][-1]

    assert desk.asked[-2:] == [("supersede", "p1"), ("save_selection", [1, 2])]


async def test_it_is_given_up_once_and_only_when_asked(state: PaymentPageState, desk: Desk) -> None:
    await PaymentPageState.load.fn(state)
    assert [event async for event in PaymentPageState.replace.fn(state)] == []

    await PaymentPageState.ask_to_replace.fn(state)
    for _ in range(2):
        [event async for event in PaymentPageState.replace.fn(state)]

    assert [name for name, *_ in desk.asked].count("supersede") == 1


async def test_loading_again_ends_whoever_followed_before(
    state: PaymentPageState, desk: Desk
) -> None:
    await PaymentPageState.load.fn(state)
    before = state._round

    await PaymentPageState.load.fn(state)

    assert not state._is_looked_at(before)
    assert state._is_looked_at(state._round)


@pytest.mark.parametrize("reaches", [True, False])
async def test_who_has_an_address_is_told_of_the_e_mail_to_come(
    state: PaymentPageState, desk: Desk, reaches: bool
) -> None:
    desk.reaches = reaches

    await PaymentPageState.load.fn(state)

    assert ("e por e-mail" in state.waiting.text) is reaches


async def test_a_boleto_with_pix_can_be_paid_three_ways(
    state: PaymentPageState, desk: Desk
) -> None:
    desk.boleto = replace(REGISTERED, pix="00020101-pix-of-the-bank")

    await PaymentPageState.load.fn(state)

    assert state.waiting.pix == "00020101-pix-of-the-bank"
    assert state.waiting.qr == "/files/boletos/p1/pix.svg"
    assert "com Pix" in state.waiting.text


async def test_without_pix_nothing_is_said_of_it(state: PaymentPageState, desk: Desk) -> None:
    desk.boleto = REGISTERED

    await PaymentPageState.load.fn(state)

    assert (state.waiting.pix, state.waiting.qr) == ("", "")
    assert "Pix" not in state.waiting.text


async def test_an_overdue_boleto_that_stays_payable_says_what_it_costs_today(
    state: PaymentPageState, desk: Desk
) -> None:
    desk.boleto = replace(REGISTERED, overdue=Overdue.SAME, charges=Money(803, "BRL"))

    await PaymentPageState.load.fn(state)

    assert (state.facts.status, state.waiting.look) == ("vencido", "overdue")
    assert rows(state)["Multa e juros, pagando hoje"] == "R$ 8,03"
    assert rows(state)["Total hoje"] == "R$ 355,67"
    assert (state.waiting.line, state.waiting.action) == (LINE, "")


async def test_an_overdue_boleto_its_bank_can_move_is_asked_about_once(
    state: PaymentPageState, desk: Desk
) -> None:
    overdue = replace(REGISTERED, overdue=Overdue.AMEND, linha_digitavel=None, may_print=False)
    desk.boleto = overdue
    await PaymentPageState.load.fn(state)
    assert (state.waiting.action, state.waiting.line) == ("amend", "")

    desk.boleto = replace(overdue, asked_due=date(2026, 12, 10))
    await PaymentPageState.move_due.fn(state)

    assert ("move_due", "p1") in desk.asked
    assert state.waiting.action == ""
    assert "10/12/2026" in state.waiting.text


async def test_a_moved_due_date_is_named_as_a_new_one(state: PaymentPageState, desk: Desk) -> None:
    desk.boleto = replace(REGISTERED, due=date(2026, 12, 10), amended=True)

    await PaymentPageState.load.fn(state)

    assert rows(state)["Novo vencimento"] == "10/12/2026"


async def test_an_overdue_boleto_its_bank_gave_up_is_made_anew(
    state: PaymentPageState, desk: Desk
) -> None:
    desk.boleto = replace(REGISTERED, overdue=Overdue.REISSUE, linha_digitavel=None)

    await PaymentPageState.load.fn(state)

    assert state.waiting.action == "reissue"


async def test_an_early_payer_is_told_what_is_let_off(state: PaymentPageState, desk: Desk) -> None:
    discount = Discount(date(2026, 11, 23), Money(400, "BRL"))
    desk.boleto = replace(REGISTERED, discount=discount)

    await PaymentPageState.load.fn(state)

    assert rows(state)["Desconto"] == "R$ 4,00 até 23/11/2026"


@pytest.mark.parametrize(
    ("ended", "headline", "leads_back"),
    [
        (PaymentState.CONFIRMED, "Pagamento confirmado", False),
        (PaymentState.EXPIRED, "Boleto expirado", True),
        (PaymentState.CANCELLED, "Boleto cancelado", True),
        (PaymentState.SUPERSEDED, "Você desistiu deste boleto", True),
        (PaymentState.REFUNDED, "Pagamento devolvido", True),
    ],
)
async def test_how_it_ended_is_said(
    state: PaymentPageState, desk: Desk, ended: PaymentState, headline: str, leads_back: bool
) -> None:
    desk.boleto = replace(
        WAITING, stage=Stage.CLOSED, payment=replace(PAYMENT, state=ended, paid_on=None)
    )

    await PaymentPageState.load.fn(state)

    assert (state.outcome.headline, state.outcome.leads_back) == (headline, leads_back)
    assert (state.waiting.notice, state.waiting.line) == ("", "")


async def test_what_was_paid_in_part_says_what_came(state: PaymentPageState, desk: Desk) -> None:
    paid = replace(
        PAYMENT,
        state=PaymentState.CONFIRMED,
        paid_on=date(2026, 11, 25),
        received=Money(30000, "BRL"),
    )
    desk.boleto = replace(WAITING, stage=Stage.CLOSED, payment=paid, is_part_paid=True)

    await PaymentPageState.load.fn(state)

    assert (state.outcome.headline, state.outcome.leads_back) == ("Pago em parte", True)
    assert "R$\xa0300,00" in state.outcome.text
    assert rows(state)["Valor recebido"] == "R$ 300,00"


@pytest.mark.parametrize(
    ("bank", "reason", "words"),
    [
        ("001", "48 49", "CEP do pagador inválido, CEP do pagador não localizado"),
        ("001", "99", "código 99 do banco"),
        ("341", "48", "código 48 do banco"),
        ("001", "FIELD_INVALID:postcode FIELD_MISSING:city", "postcode, city"),
        ("077", "pagador.cep: não existe", "pagador.cep: não existe"),
        ("001", "", "o banco não informou"),
    ],
)
async def test_a_bank_s_reason_is_said_in_words(
    state: PaymentPageState, desk: Desk, bank: str, reason: str, words: str
) -> None:
    desk.boleto = replace(REJECTED, bank=bank, reject_reason=reason)

    await PaymentPageState.load.fn(state)

    assert words in state.waiting.text
