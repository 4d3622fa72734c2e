"""The page of a payment at a provider: what is waited for, slow, declined, over, given up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import reflex as rx

from portal_app.domain.checkout import Provider
from portal_app.domain.documents import OpenCounts
from portal_app.domain.errors import (
    AlreadyPaid,
    PaymentStillOpen,
    PortalError,
    ProviderUnavailable,
)
from portal_app.domain.money import Money
from portal_app.domain.payments import (
    Hosted,
    Payment,
    PaymentItem,
    PaymentMethod,
    PaymentState,
    Voucher,
)
from portal_app.domain.selection import Quote, QuoteItem
from portal_app.services import receipts
from portal_app.services.actors import Actor
from portal_app.services.payments import Seen, Ways
from portal_app.services.receipts import ReceiptView, RefundView
from portal_app.ui.customer.choose_bank import state as bank_page
from portal_app.ui.customer.choose_bank.state import ChoiceState
from portal_app.ui.customer.choose_method import state as method_page
from portal_app.ui.customer.choose_method.state import MethodState
from portal_app.ui.customer.pay import state as page
from portal_app.ui.customer.pay.state import PaymentPageState
from portal_app.ui.customer.send_email import state as email
from portal_app.ui.shell import CountState
from tests.ui.conftest import Services

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
TOTAL = Money(34738, "BRL")
CODE = "00020101021226580014br.gov.bcb.pix"

HOSTED = Hosted(
    provider=Provider.DEMO.value,
    account="",
    key="pay:p1:1",
    session="demo_1",
    intent="",
    url="http://localhost:8000/demo/p1",
    expires_at=NOW + timedelta(minutes=32),
    looked_at=NOW,
    voucher=Voucher(),
)
PAYMENT = Payment(
    id=7,
    public_id="p1",
    customer=1,
    method=PaymentMethod.CARD,
    state=PaymentState.PENDING,
    amount=TOTAL,
    created_at=NOW,
    paid_on=None,
    failure="",
    items=(
        PaymentItem(1, "FT 2026/1841", Money(12990, "BRL"), Money(260, "BRL"), Money(186, "BRL")),
        PaymentItem(2, "ND 2026/77", Money(8000, "BRL"), Money(0, "BRL"), Money(0, "BRL")),
    ),
    hosted=HOSTED,
)
PIX = replace(
    PAYMENT,
    method=PaymentMethod.PIX,
    hosted=replace(HOSTED, voucher=Voucher(pix=CODE, expires_at=HOSTED.expires_at)),
)


class Desk(Services):
    """Has one payment, which stands as it is set; its provider is slow if told to be."""

    def __init__(self) -> None:
        super().__init__()
        self.payment = PAYMENT
        self.now = NOW + timedelta(seconds=5)
        self.refuses: dict[str, PortalError] = {}
        self.is_slow = False
        self.open = 7
        self.receipt = ReceiptView("on_its_way", "", "", ())

    async def ask(
        self, _state: object, _service: Callable[..., object], *args: Any, **kwargs: Any
    ) -> object:
        name = "receipt" if _service is receipts.view else _service.__name__
        self.asked.append((name, *args, *kwargs.items()))
        if refusal := self.refuses.pop(name, None):
            raise refusal
        if name == "watch" and self.is_slow:
            await page.asyncio.Event().wait()
        zero = Money(0, "BRL")
        quote = Quote((QuoteItem(1, "FT 2026/1841", TOTAL, zero, zero),), "BRL", date(2026, 11, 22))
        found = {
            "watch": Seen(self.payment, self.now),
            "seen": Seen(self.payment, self.now),
            "view": self.payment,
            "receipt": self.receipt,
            "supersede": (1, 2),
            "save_selection": None,
            "sent_mails": (),
            "counts": OpenCounts(self.open, 0, 0),
            "ways": Ways(quote, (PaymentMethod.PIX,), at_bank=True),
        }
        return found[name]


@pytest.fixture
def desk(reader: Actor, monkeypatch: pytest.MonkeyPatch) -> Desk:
    answers = Desk()
    for module in (page, email, bank_page, method_page):
        monkeypatch.setattr(module, "ask", answers.ask, raising=False)
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


async def show(state: PaymentPageState, desk: Desk, payment: Payment, after: float = 5) -> None:
    """Come to the page of this payment, so many seconds after it was made."""
    desk.payment, desk.now = payment, NOW + timedelta(seconds=after)
    await PaymentPageState.load.fn(state)


async def news(state: PaymentPageState, desk: Desk, payment: Payment, after: float = 6) -> None:
    """The same payment seen a second later by whoever follows it."""
    await state._take(Seen(payment, NOW + timedelta(seconds=after)))


async def test_who_comes_to_the_page_has_the_provider_asked(
    state: PaymentPageState, desk: Desk
) -> None:
    follows = await PaymentPageState.load.fn(state)

    assert ("watch", "p1", ("arrived", True)) in desk.asked
    assert (state.status, state.facts.state) == ("ready", "pending")
    assert follows


async def test_a_provider_that_does_not_answer_holds_no_page_up(
    state: PaymentPageState, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "AT_MOST", 0.01)
    desk.is_slow = True

    follows = await PaymentPageState.load.fn(state)

    assert (state.status, state.facts.state) == ("ready", "pending")
    assert follows


async def test_while_it_is_being_opened_it_says_so_and_resolves_by_itself(
    state: PaymentPageState, desk: Desk
) -> None:
    opening = replace(PAYMENT, state=PaymentState.CREATED, hosted=replace(HOSTED, url=""))
    await show(state, desk, opening)
    assert (state.checkout.look, state.checkout.url) == ("opening", "")
    assert state.checkout.headline == "Abrindo o pagamento…"

    await news(state, desk, PAYMENT)

    assert (state.checkout.look, state.checkout.url) == ("page", "/demo/p1")
    assert state._expects_news()


async def test_what_is_merely_slow_is_still_pending_never_failed(
    state: PaymentPageState, desk: Desk
) -> None:
    await show(state, desk, PIX, after=119)
    assert (state.facts.status, state.checkout.still) == ("pendente", "")

    await news(state, desk, PIX, after=121)

    assert (state.facts.state, state.facts.status) == ("pending", "ainda pendente")
    assert "só aguarde" in state.checkout.still


async def test_an_opening_that_is_slow_says_that_nothing_was_charged(
    state: PaymentPageState, desk: Desk
) -> None:
    await show(state, desk, replace(PAYMENT, state=PaymentState.CREATED), after=200)

    assert state.checkout.headline == "Ainda abrindo o pagamento"
    assert "Nada foi cobrado" in state.checkout.text
    assert state.facts.state == "created"


async def test_a_pix_shows_its_code_picture_and_what_is_left_of_it(
    state: PaymentPageState, desk: Desk
) -> None:
    await show(state, desk, PIX, after=120)

    checkout = state.checkout
    assert (checkout.look, checkout.pix) == ("pix", CODE)
    assert checkout.qr == "/files/payments/p1/pix.svg"
    assert (checkout.left, checkout.whole) == (30 * 60, 32 * 60)
    assert checkout.url == "/demo/p1"


async def test_loaded_again_it_counts_from_what_is_left_by_then(
    state: PaymentPageState, desk: Desk
) -> None:
    await show(state, desk, PIX, after=20)
    await news(state, desk, PIX, after=40)
    assert state.checkout.left == 32 * 60 - 20

    await show(state, desk, PIX, after=60)

    assert state.checkout.left == 31 * 60


async def test_a_multibanco_reference_is_spaced_to_be_read_and_whole_to_be_copied(
    state: PaymentPageState, desk: Desk
) -> None:
    voucher = Voucher(
        entity="99999", reference="123456789", expires_at=datetime(2026, 11, 25, 1, tzinfo=UTC)
    )
    payment = replace(
        PAYMENT,
        method=PaymentMethod.MULTIBANCO,
        amount=Money(123456, "BRL"),
        hosted=replace(HOSTED, voucher=voucher),
    )

    await show(state, desk, payment, after=3600)

    reference = state.checkout.reference
    assert (state.checkout.look, reference.entity) == ("reference", "99999")
    assert (reference.number, reference.plain_number) == ("123 456 789", "123456789")
    assert (reference.amount, reference.plain_amount) == ("R$\xa01.234,56", "1234,56")
    # The company's day, not Greenwich's.
    assert state.checkout.until == "24/11/2026"
    # Vouchers take days: nobody wonders after two minutes.
    assert (state.facts.status, state.checkout.still) == ("pendente", "")


async def test_a_mb_way_request_has_four_minutes_from_when_it_was_sent(
    state: PaymentPageState, desk: Desk
) -> None:
    mb_way = replace(PAYMENT, method=PaymentMethod.MB_WAY)
    await show(state, desk, mb_way)
    assert state.checkout.look == "page"

    pushed = replace(HOSTED, voucher=Voucher(expires_at=NOW + timedelta(seconds=250)))
    await news(state, desk, replace(mb_way, hosted=pushed), after=70)

    assert (state.checkout.look, state.checkout.left, state.checkout.whole) == ("push", 180, 240)
    assert "MB WAY" in state.checkout.headline


async def test_a_boleto_of_the_provider_shows_its_line_and_page(
    state: PaymentPageState, desk: Desk
) -> None:
    voucher = Voucher(
        line="23793.38128 60000.000003", page="https://pay.example/b", expires_at=HOSTED.expires_at
    )
    boleto = replace(PAYMENT, method=PaymentMethod.BOLETO, hosted=replace(HOSTED, voucher=voucher))

    await show(state, desk, boleto)

    assert (state.checkout.look, state.checkout.line) == ("line", voucher.line)
    assert (state.checkout.page, state.facts.is_boleto) == (voucher.page, False)


async def test_past_its_deadline_it_is_waited_for_and_not_paid_any_more(
    state: PaymentPageState, desk: Desk
) -> None:
    await show(state, desk, PIX, after=33 * 60)

    assert (state.checkout.look, state.checkout.url, state.checkout.pix) == ("over", "", "")
    assert state.facts.state == "pending"
    assert state._expects_news()


async def test_a_declined_try_of_a_pending_payment_is_said(
    state: PaymentPageState, desk: Desk
) -> None:
    await show(state, desk, replace(PAYMENT, failure="insufficient_funds"), after=180)

    assert "saldo ou limite insuficiente" in state.checkout.declined
    assert state.checkout.still == ""
    assert state.facts.state == "pending"


async def test_waiting_on_sends_nothing_that_is_as_it_was(
    state: PaymentPageState, root: rx.State, desk: Desk
) -> None:
    await show(state, desk, PIX)
    root._clean()

    await news(state, desk, replace(PIX, hosted=replace(PIX.hosted or HOSTED, looked_at=NOW)))

    assert root.get_delta() == {}


async def test_confirmed_it_says_what_came_in_when_and_that_the_receipt_comes(
    state: PaymentPageState, root: rx.State, desk: Desk
) -> None:
    await show(state, desk, PIX)
    desk.open = 5

    await news(
        state,
        desk,
        replace(PIX, state=PaymentState.CONFIRMED, paid_on=date(2026, 11, 22)),
    )

    outcome = state.outcome
    assert (state.facts.state, outcome.look, outcome.leads_back) == ("confirmed", "paid", False)
    assert (outcome.amount, outcome.how) == ("R$\xa0347,38", "22/11/2026 · Pix")
    assert (state.receipt.status, state.checkout.look) == ("on_its_way", "")
    assert state._expects_news(), "the receipt is made in a moment"
    assert not state.facts.may_replace
    assert (await root.get_state(CountState)).open == "5"


async def test_the_receipt_is_there_as_soon_as_it_is_made(
    state: PaymentPageState, desk: Desk
) -> None:
    paid = replace(PIX, state=PaymentState.CONFIRMED, paid_on=date(2026, 11, 22))
    back = RefundView("REC 2026/8", "r8", Money(8000, "BRL"), date(2026, 11, 23))
    await show(state, desk, paid)

    desk.receipt = ReceiptView("issued", "REC 2026/7", "r7", (back,))
    await news(state, desk, paid)

    receipt = state.receipt
    assert (receipt.text, receipt.pdf) == ("Recibo REC 2026/7", "/files/receipts/r7.pdf")
    assert [(each.text, each.pdf) for each in receipt.refunds] == [
        ("REC 2026/8: estorno de R$\xa080,00", "/files/receipts/r8.pdf")
    ]
    assert not state._expects_news()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("generic_decline", "sem dizer por quê"),
        ("card_declined", "o banco do cartão recusou"),
        ("insufficient_funds", "saldo ou limite insuficiente"),
        ("expired_card", "o cartão está vencido"),
        ("incorrect_cvc", "código de segurança"),
        ("authentication_required", "autenticação que não foi feita"),
        ("processing_error", "falha ao processar"),
        ("payment_intent_authentication_failure", "autenticação no banco não foi concluída"),
        ("do_not_know_this_one", "o pagamento foi recusado"),
        ("", "o pagamento foi recusado"),
    ],
)
async def test_why_it_failed_is_said_in_words(
    state: PaymentPageState, desk: Desk, code: str, words: str
) -> None:
    await show(state, desk, replace(PAYMENT, state=PaymentState.FAILED, failure=code))

    assert words in state.outcome.text
    assert (state.outcome.look, state.outcome.may_try_again) == ("failed", True)


@pytest.mark.parametrize(
    ("ended", "headline", "may_try_again"),
    [
        (PaymentState.EXPIRED, "O prazo terminou", True),
        (PaymentState.CANCELLED, "Pagamento cancelado", True),
        (PaymentState.SUPERSEDED, "Você escolheu outra forma", False),
        (PaymentState.DISPUTED, "Pagamento em contestação", False),
        (PaymentState.REFUNDED, "Pagamento devolvido", False),
    ],
)
async def test_each_end_has_words_of_its_own(
    state: PaymentPageState,
    desk: Desk,
    ended: PaymentState,
    headline: str,
    may_try_again: bool,
) -> None:
    await show(state, desk, replace(PIX, state=ended))

    assert (state.outcome.headline, state.outcome.may_try_again) == (headline, may_try_again)
    assert (state.checkout.look, state.receipt.status) == ("", "")


async def test_what_was_made_anew_is_not_tried_again(state: PaymentPageState, desk: Desk) -> None:
    await show(state, desk, replace(PAYMENT, state=PaymentState.FAILED, replaced_by="p2"))

    assert not state.outcome.may_try_again
    assert state.facts.replaced_by == "/pay/p2"


async def test_trying_again_ticks_its_documents_and_asks_how_in_its_place(
    state: PaymentPageState, root: rx.State, desk: Desk
) -> None:
    await show(state, desk, replace(PAYMENT, state=PaymentState.FAILED, failure="card_declined"))

    await PaymentPageState.again.fn(state)

    method, banks = await root.get_state(MethodState), await root.get_state(ChoiceState)
    assert ("save_selection", [1, 2]) in desk.asked
    assert ("ways", (1, 2)) in desk.asked
    assert (method._ids, method._replaces, banks.shown) == ((1, 2), "p1", True)


@pytest.mark.parametrize(
    "refusal",
    [
        PaymentStillOpen(payment="p1"),
        ProviderUnavailable(reason="timeout"),
        AlreadyPaid(payment="p1"),
    ],
)
async def test_why_it_is_not_given_up_is_said_in_place_and_the_page_stays(
    state: PaymentPageState, desk: Desk, refusal: PortalError
) -> None:
    await show(state, desk, PIX)
    await PaymentPageState.ask_to_replace.fn(state)
    desk.refuses["supersede"] = refusal
    if isinstance(refusal, AlreadyPaid):
        desk.payment = replace(PIX, state=PaymentState.CONFIRMED, paid_on=date(2026, 11, 22))

    led = [event async for event in PaymentPageState.replace.fn(state) if event is not None]

    assert led == []
    assert (state.refused.code, state.asks, state.giving_up) == (refusal.code, False, False)
    assert state.refused.text
    assert state.status == "ready"
    assert state.facts.state == desk.payment.state.value
    assert not any(name == "save_selection" for name, *_ in desk.asked)
