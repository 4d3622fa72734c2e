"""What the page of one payment remembers: how it stands, until its bank or provider has answered."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import reflex as rx
from reflex.event import EventSpec

from portal_app.domain.boleto.registration import Stage
from portal_app.domain.companies import Overdue
from portal_app.domain.emails import About, MailKind
from portal_app.domain.errors import PortalError
from portal_app.domain.grants import Feature
from portal_app.domain.payments import LIVE, Payment, PaymentItem, PaymentMethod, PaymentState
from portal_app.locales import has
from portal_app.services import boletos, documents, mail, payments, receipts
from portal_app.services.boletos import BoletoView
from portal_app.services.payments import Seen
from portal_app.services.receipts import ReceiptView
from portal_app.services.rules import CUSTOMERS, PAYING, granted
from portal_app.ui import formats, routes
from portal_app.ui.components.status_badge import AMBER, BLUE, GRAY, JADE, RED
from portal_app.ui.customer.choose_bank.state import ChoiceState
from portal_app.ui.customer.choose_method.state import MethodState
from portal_app.ui.customer.pay.checkout import Checkout, checkout_of, is_late_for
from portal_app.ui.customer.pay.outcome import Outcome, outcome_of
from portal_app.ui.customer.send_email.state import EmailState, SentState, may_send
from portal_app.ui.session import (
    Answer,
    ask,
    attempt,
    attempt_outside,
    locale,
    opens_to,
    still_here,
)
from portal_app.ui.shell import CountState
from portal_app.ui.texts import say, why

EVERY: Final = 1.0
# A receipt that is not there by then waits for a person.
RECEIPT_LOOKS: Final = 60
# A page that is come back to waits for its provider's word, but not for a provider that is slow.
AT_MOST: Final = 1.5

_CODES: Final = re.compile(r"[0-9A-Z]{2}( [0-9A-Z]{2})*")
_FIELDS: Final = re.compile(r"[A-Z_]+:[a-z_]+( [A-Z_]+:[a-z_]+)*")
_OWN_CODES: Final = frozenset({"033", "341"})

# What the registration notice is told apart by; a bank that keeps silent is still waited for.
NOTICES: Final = {
    Stage.WAITING: "waiting",
    Stage.OVERDUE_SILENT: "waiting",
    Stage.REGISTERED: "registered",
    Stage.REJECTED: "rejected",
    Stage.CLOSED: "",
}
_STAGE_TONES: Final = {
    Stage.WAITING: BLUE,
    Stage.OVERDUE_SILENT: AMBER,
    Stage.REGISTERED: JADE,
    Stage.REJECTED: RED,
}
_OUTCOMES: Final = {PaymentState.CONFIRMED, PaymentState.DISPUTED, PaymentState.REFUNDED}
_TONES: Final = {
    PaymentState.CREATED: BLUE,
    PaymentState.PENDING: BLUE,
    PaymentState.FAILED: RED,
    PaymentState.CONFIRMED: JADE,
    PaymentState.DISPUTED: AMBER,
}


@dataclass(frozen=True)
class Item:
    """A document of the payment; `charges` is empty where there are none."""

    number: str
    total: str
    charges: str

    @classmethod
    def of(cls, item: PaymentItem) -> Item:
        charges = item.fine + item.interest
        return cls(
            item.number,
            formats.money(item.total),
            say("pay.charges", amount=charges) if charges else "",
        )


@dataclass(frozen=True)
class Fact:
    name: str
    value: str


@dataclass(frozen=True)
class Facts:
    """A payment, already in words. `status` and `tone` are the badge's, `state` is for programs."""

    title: str = ""
    state: str = ""
    status: str = ""
    tone: str = ""
    rows: list[Fact] = field(default_factory=list)
    is_boleto: bool = False
    documents: list[Item] = field(default_factory=list)
    replaces: str = ""
    replaced_by: str = ""
    may_replace: bool = False


@dataclass(frozen=True)
class Waiting:
    """How a boleto stands at its bank.

    `notice` is 'waiting', 'registered', 'rejected' or empty; `seen` is the stage behind it and
    `look` the picture shown with it. `left` and `whole` are seconds, counted when they were asked
    for. `action` is what can be done about an overdue one: 'amend', 'reissue' or nothing.
    """

    notice: str = ""
    seen: str = ""
    look: str = ""
    headline: str = ""
    text: str = ""
    left: int = 0
    whole: int = 0
    line: str = ""
    pdf: str = ""
    pix: str = ""
    qr: str = ""
    action: str = ""
    can_email: bool = False


@dataclass(frozen=True)
class Paper:
    """A receipt, or what was stated of money that went back. `pdf` is empty where it may not be had."""

    text: str
    pdf: str


@dataclass(frozen=True)
class Receipt:
    """`status` is 'issued', 'on_its_way' or '' where none is owed; `id` is what an e-mail is about."""

    status: str = ""
    text: str = ""
    pdf: str = ""
    id: str = ""
    refunds: list[Paper] = field(default_factory=list)

    @classmethod
    def of(cls, view: ReceiptView) -> Receipt:
        if view.status == "none":
            return cls()
        key = f"pay.receipt.{view.status}"
        return cls(
            status=view.status,
            text=say(key, number=view.number),
            pdf=routes.receipt_pdf(view.pdf) if view.pdf else "",
            id=view.pdf if view.pdf and may_send() else "",
            refunds=[
                Paper(
                    say("pay.receipt.refund", number=each.number, amount=each.total),
                    routes.receipt_pdf(each.pdf) if each.pdf else "",
                )
                for each in view.refunds
            ],
        )


@dataclass(frozen=True)
class Refused:
    """Why a payment could not be given up."""

    text: str = ""
    code: str = ""

    @classmethod
    def of(cls, error: PortalError | None) -> Refused:
        return cls(*why(error))


@opens_to(
    CUSTOMERS,
    replace=PAYING,
    move_due=granted(Feature.PAY_BOLETO),
    email=granted(Feature.EMAIL),
    email_receipt=granted(Feature.EMAIL),
)
class PaymentPageState(rx.State):
    """One payment, looked at again each second while its bank or provider is expected to answer.

    `asks`: whether to give it up is being asked; `giving_up` while that is done.
    """

    status: str = "loading"
    problem: str = ""
    facts: Facts = Facts()
    waiting: Waiting = Waiting()
    checkout: Checkout = Checkout()
    outcome: Outcome = Outcome()
    receipt: Receipt = Receipt()
    asks: bool = False
    giving_up: bool = False
    refused: Refused = Refused()
    _payment: str = ""
    _round: int = 0

    @rx.event
    async def load(self) -> list[EventSpec]:
        """Safe to repeat: whoever followed this page before stops, and one follows it anew."""
        await (await self.get_state(EmailState))._arrive()
        self._round += 1
        self.asks, self.giving_up, self.refused = False, False, Refused()
        wanted = self._asked_for()
        if wanted != self._payment:
            self._payment, self.status, self.facts = wanted, "loading", Facts()
        await self._look()
        sent = await self.get_state(SentState)
        mails = await sent._look(About(MailKind.BOLETO, wanted))
        followed = PaymentPageState.follow if self._expects_news() else None
        return [event for event in (followed, mails) if event]  # pyright: ignore[reportReturnType]

    @rx.event(background=True)
    async def follow(self) -> None:
        """Look again each second, until there is an outcome or nobody looks any more."""
        async with self:
            mine, payment, at_bank = self._round, self._payment, bool(self.waiting.notice)
        look = boletos.view if at_bank else payments.watch
        receipt_until = RECEIPT_LOOKS
        while await still_here(self) and receipt_until:
            await asyncio.sleep(EVERY)
            found = await attempt_outside(self, look, payment)
            async with self:
                if not self._is_looked_at(mine):
                    return
                await self._take(found.value)
                if not self._expects_news():
                    return
                receipt_until -= self.receipt.status == "on_its_way"

    @rx.event
    async def email(self) -> None:
        dialog = await self.get_state(EmailState)
        await dialog._open(About(MailKind.BOLETO, self._payment))

    @rx.event
    async def email_receipt(self) -> None:
        if self.receipt.id:
            dialog = await self.get_state(EmailState)
            await dialog._open(About(MailKind.RECEIPT, self.receipt.id))

    @rx.event
    async def move_due(self) -> None:
        """Ask the bank of an overdue boleto for a later due date."""
        await ask(self, boletos.move_due, self._payment)
        await self._look()

    @rx.event
    async def ask_to_replace(self) -> None:
        self.asks = True

    @rx.event
    async def keep(self) -> None:
        self.asks = False

    @rx.event
    async def replace(self) -> AsyncIterator[EventSpec | None]:
        """Give this payment up; its documents are free and ticked on the first page."""
        if not self.asks:
            return
        self.giving_up, self.refused = True, Refused()
        yield
        freed = await attempt_outside(self, payments.supersede, self._payment)
        self.asks = self.giving_up = False
        if freed.value is None:
            self.refused = Refused.of(freed.refusal)
            await self._look()
            return
        await ask(self, documents.save_selection, list(freed.value))
        self._payment, self.status = "", "loading"
        yield rx.redirect(routes.OPEN)  # pyright: ignore[reportReturnType]

    @rx.event
    async def again(self) -> EventSpec:
        """Its documents ticked again, and the question how to pay them asked, on the first page."""
        ended = await ask(self, payments.view, self._payment)
        ids = [item.document for item in ended.items]
        await ask(self, documents.save_selection, ids)
        method = await self.get_state(MethodState)
        await method._start(ids, None, ended.public_id)
        return rx.redirect(routes.OPEN)  # pyright: ignore[reportReturnType]

    def _is_looked_at(self, round_: int) -> bool:
        return self._round == round_ and self._payment == self._asked_for()

    def _asked_for(self) -> str:
        return self.router.url.path.rstrip("/").rpartition("/")[2]

    def _expects_news(self) -> bool:
        is_waiting = self.waiting.notice == "waiting" or bool(self.checkout.look)
        return self.status == "ready" and (is_waiting or self.receipt.status == "on_its_way")

    async def _look(self) -> None:
        seen = await self._arrive()
        self.status, self.problem = _status(seen), seen.sentence
        if seen.value is None:
            return
        payment = seen.value.payment
        if payment.method is not PaymentMethod.BOLETO or payment.hosted is not None:
            # Counted anew: a page that is loaded again begins to count from what it is told.
            self.checkout = Checkout()
            await self._show_payment(seen.value)
            return
        found = await attempt(self, boletos.view, self._payment)
        self.status, self.problem = _status(found), found.sentence
        if found.value:
            await self._show(found.value)

    async def _arrive(self) -> Answer[Seen]:
        """The payment, its provider asked if he answers soon; who follows hears him later."""
        asking = asyncio.ensure_future(
            attempt_outside(self, payments.watch, self._payment, arrived=True),
        )
        await asyncio.wait({asking}, timeout=AT_MOST)
        if asking.done():
            return asking.result()
        return await attempt(self, payments.seen, self._payment)

    async def _take(self, news: BoletoView | Seen | None) -> None:
        if isinstance(news, Seen):
            await self._show_payment(news)
        elif news is not None and news.stage.value != self.waiting.seen:
            await self._show(news)
        elif news is not None:
            await self._show_receipt(news.payment)

    async def _show_payment(self, seen: Seen) -> None:
        """Set only what is different: the browser counts the seconds, and a var that is set is sent."""
        if seen.payment.state.value != self.facts.state:
            await self._recount()
        checkout = checkout_of(seen)
        if replace(checkout, left=self.checkout.left) == self.checkout:
            checkout = self.checkout
        shown = {
            "facts": _facts(seen.payment, None, is_slow=is_late_for(seen)),
            "waiting": Waiting(),
            "checkout": checkout,
            "outcome": outcome_of(seen.payment),
        }
        for name, words in shown.items():
            if words != getattr(self, name):
                setattr(self, name, words)
        await self._show_receipt(seen.payment)

    async def _show_receipt(self, payment: Payment) -> None:
        """What was stated of the money; a job makes it, so it may be on its way for a while."""
        told = await attempt(self, receipts.view, payment.public_id) if payment.paid_on else None
        shown = Receipt.of(told.value) if told and told.value else Receipt()
        if shown != self.receipt:
            self.receipt = shown

    async def _recount(self) -> None:
        """How many documents are open, beside the tab: fewer once they are paid."""
        counts = await attempt(self, documents.counts)
        if counts.value:
            (await self.get_state(CountState))._show(counts.value.all)

    async def _show(self, view: BoletoView) -> None:
        told = await attempt(self, mail.reaches) if view.stage is Stage.WAITING else None
        by_mail = told is not None and bool(told.value)
        self.facts = _facts(view.payment, view)
        self.waiting = _waiting(view, by_mail=by_mail)
        self.checkout = Checkout()
        await self._show_receipt(view.payment)
        self.outcome = outcome_of(view.payment, is_part_paid=view.is_part_paid)
        if view.stage is Stage.REJECTED and not view.payment.replaced_by:
            ids = [item.document for item in view.payment.items]
            choice = await self.get_state(ChoiceState)
            await choice._instead(view.payment.public_id, ids, view.bank)


def _status(answer: Answer[Seen] | Answer[BoletoView]) -> str:
    is_missing = answer.refusal is not None and answer.refusal.code == "NOT_FOUND"
    return "not_found" if is_missing else answer.status


def _facts(payment: Payment, view: BoletoView | None, *, is_slow: bool = False) -> Facts:
    status, tone = _badge(payment, view)
    if is_slow:
        status = say("pay.stage.still_pending")
    return Facts(
        title=say("pay.boleto_at", bank=view.bank_name)
        if view
        else say(f"payment.method.{payment.method}"),
        state=payment.state.value,
        status=status,
        tone=tone,
        rows=[Fact(say(f"pay.{name}"), value) for name, value in _rows(payment, view)],
        is_boleto=view is not None,
        documents=[Item.of(item) for item in payment.items],
        replaces=routes.pay(payment.replaces) if payment.replaces else "",
        replaced_by=routes.pay(payment.replaced_by) if payment.replaced_by else "",
        may_replace=payment.state in LIVE,
    )


def _rows(payment: Payment, view: BoletoView | None) -> Iterator[tuple[str, str]]:
    yield "amount", formats.money(payment.amount)
    if view is not None:
        yield "new_due" if view.amended else "due", formats.day(view.due)
        if view.discount is not None:
            off = {"amount": view.discount.amount, "until": formats.day(view.discount.until)}
            yield "discount", say("pay.discount.until", **off)
        if view.charges is not None:
            yield "charges_today", formats.money(view.charges)
            yield "total_today", formats.money(payment.amount + view.charges)
    if payment.paid_on is not None:
        yield "paid_on", formats.day(payment.paid_on)
    if payment.received is not None and payment.received != payment.amount:
        yield "received", formats.money(payment.received)
    if view is not None and view.nosso_numero:
        yield "nosso_numero", view.nosso_numero


def _badge(payment: Payment, view: BoletoView | None) -> tuple[str, str]:
    if view is None or view.stage not in _STAGE_TONES or payment.state in _OUTCOMES:
        return say(f"payment.state.{payment.state}"), _TONES.get(payment.state, GRAY)
    if view.overdue is not None:
        return say("pay.stage.overdue"), RED
    return say(f"pay.stage.{view.stage}"), _STAGE_TONES[view.stage]


def _waiting(view: BoletoView, *, by_mail: bool) -> Waiting:
    notice = NOTICES[view.stage]
    headline, text = _said(view, by_mail=by_mail) if notice else ("", "")
    return Waiting(
        notice=notice,
        seen=view.stage.value,
        look="overdue" if view.overdue else view.stage.value,
        headline=headline,
        text=text,
        left=max(0, round((view.available_at - view.now).total_seconds())),
        whole=max(1, round((view.available_at - view.requested_at).total_seconds())),
        line=view.linha_digitavel or "",
        pdf=routes.boleto_pdf(view.payment.public_id) if view.may_print else "",
        pix=view.pix or "",
        qr=routes.boleto_pix(view.payment.public_id) if view.pix else "",
        action=_action(view),
        can_email=view.may_print and may_send(),
    )


def _said(view: BoletoView, *, by_mail: bool) -> tuple[str, str]:
    """Headline and text of the notice."""
    if view.overdue is not None:
        policy = "asked" if view.asked_due else view.overdue.value
        due = formats.day(view.asked_due) if view.asked_due else ""
        return say("pay.notice.overdue.title"), say(f"pay.notice.overdue.{policy}", due=due)
    facts = {"bank": view.bank_name, "reason": _reason(view.bank, view.reject_reason)}
    key = f"pay.notice.{view.stage}"
    variants = {
        Stage.WAITING: ("mail", by_mail),
        Stage.REGISTERED: ("pix", bool(view.pix)),
        Stage.REJECTED: ("went_on", bool(view.payment.replaced_by)),
    }
    variant, holds = variants.get(view.stage, ("", False))
    return say(f"{key}.title", **facts), say(f"{key}.{variant}" if holds else key, **facts)


def _action(view: BoletoView) -> str:
    if view.overdue is Overdue.AMEND and view.asked_due is None:
        return "amend"
    return "reissue" if view.overdue is Overdue.REISSUE else ""


def _reason(bank: str, reason: str) -> str:
    """A bank's reason in words: ours for what we know, else the bank's own."""
    if not reason:
        return say("rejected.unknown")
    if has(f"rejected.{reason}", locale()):
        return say(f"rejected.{reason}")
    if _CODES.fullmatch(reason):
        return ", ".join(_of_a_file(bank, code) for code in reason.split())
    if _FIELDS.fullmatch(reason):
        named = ", ".join(part.partition(":")[2] for part in reason.split())
        return say("rejected.fields", fields=named)
    return reason


def _of_a_file(bank: str, code: str) -> str:
    """FEBRABAN's code of two digits; a bank with codes of its own means something else by it."""
    key = f"rejected.cnab.{code}"
    known = bank not in _OWN_CODES and has(key, locale())
    return say(key) if known else say("rejected.code", code=code)
