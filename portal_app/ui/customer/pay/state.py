"""What the page of one payment remembers: how it stands, until its bank has answered."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import reflex as rx
from reflex.event import EventSpec

from portal_app.domain.boleto.registration import Stage
from portal_app.domain.companies import Overdue
from portal_app.domain.emails import About, MailKind
from portal_app.domain.payments import LIVE, Payment, PaymentItem, PaymentMethod, PaymentState
from portal_app.locales import has
from portal_app.services import boletos, documents, mail, payments
from portal_app.services.boletos import BoletoView
from portal_app.ui import formats, routes
from portal_app.ui.components.status_badge import AMBER, BLUE, GRAY, JADE, RED
from portal_app.ui.customer.choose_bank.state import ChoiceState
from portal_app.ui.customer.send_email.state import EmailState, SentState, may_send
from portal_app.ui.session import Answer, ask, attempt, locale, still_here
from portal_app.ui.texts import say

EVERY: Final = 1.0

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
_ENDS: Final = frozenset(
    {
        PaymentState.CONFIRMED,
        PaymentState.EXPIRED,
        PaymentState.CANCELLED,
        PaymentState.SUPERSEDED,
        PaymentState.REFUNDED,
    }
)
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
class Outcome:
    """How a payment ended. `look` is the picture; `leads_back`: its documents are open again."""

    look: str = ""
    headline: str = ""
    text: str = ""
    leads_back: bool = False


class PaymentPageState(rx.State):
    """One payment, looked at again each second while its bank is expected to answer."""

    status: str = "loading"
    problem: str = ""
    facts: Facts = Facts()
    waiting: Waiting = Waiting()
    outcome: Outcome = Outcome()
    asks: bool = False
    _payment: str = ""
    _round: int = 0

    @rx.event
    async def load(self) -> list[EventSpec]:
        """Safe to repeat: whoever followed this page before stops, and one follows it anew."""
        await (await self.get_state(EmailState))._arrive()
        self._round += 1
        self.asks = False
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
            mine, payment, seen = self._round, self._payment, self.waiting.seen
        while await still_here(self):
            await asyncio.sleep(EVERY)
            found = await attempt(self, boletos.view, payment)
            async with self:
                if not self._is_looked_at(mine):
                    return
                if found.value and found.value.stage.value != seen:
                    seen = found.value.stage.value
                    await self._show(found.value)
                if not self._expects_news():
                    return

    @rx.event
    async def email(self) -> None:
        dialog = await self.get_state(EmailState)
        await dialog._open(About(MailKind.BOLETO, self._payment))

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
    async def replace(self) -> EventSpec:
        """Give this payment up; its documents are free and ticked on the first page."""
        freed = await ask(self, payments.supersede, self._payment)
        await ask(self, documents.save_selection, list(freed))
        self._payment, self.status = "", "loading"
        return rx.redirect(routes.OPEN)  # pyright: ignore[reportReturnType]

    def _is_looked_at(self, round_: int) -> bool:
        return self._round == round_ and self._payment == self._asked_for()

    def _asked_for(self) -> str:
        return self.router.url.path.rstrip("/").rpartition("/")[2]

    def _expects_news(self) -> bool:
        return self.status == "ready" and self.waiting.notice == "waiting"

    async def _look(self) -> None:
        payment = await attempt(self, payments.view, self._payment)
        self.status, self.problem = _status(payment), payment.sentence
        if payment.value is None:
            return
        if payment.value.method is not PaymentMethod.BOLETO:
            self.facts, self.waiting = _facts(payment.value, None), Waiting()
            self.outcome = _outcome(payment.value)
            return
        found = await attempt(self, boletos.view, self._payment)
        self.status, self.problem = _status(found), found.sentence
        if found.value:
            await self._show(found.value)

    async def _show(self, view: BoletoView) -> None:
        told = await attempt(self, mail.reaches) if view.stage is Stage.WAITING else None
        by_mail = told is not None and bool(told.value)
        self.facts = _facts(view.payment, view)
        self.waiting = _waiting(view, by_mail=by_mail)
        self.outcome = _outcome(view.payment, is_part_paid=view.is_part_paid)
        if view.stage is Stage.REJECTED and not view.payment.replaced_by:
            ids = [item.document for item in view.payment.items]
            choice = await self.get_state(ChoiceState)
            await choice._instead(view.payment.public_id, ids, view.bank)


def _status(answer: Answer[Payment] | Answer[BoletoView]) -> str:
    is_missing = answer.refusal is not None and answer.refusal.code == "NOT_FOUND"
    return "not_found" if is_missing else answer.status


def _facts(payment: Payment, view: BoletoView | None) -> Facts:
    status, tone = _badge(payment, view)
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
        may_replace=view is not None and payment.state in LIVE,
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


def _outcome(payment: Payment, *, is_part_paid: bool = False) -> Outcome:
    """How it ended, where it did and no notice says so."""
    if payment.state not in _ENDS:
        return Outcome()
    key = "part_paid" if is_part_paid else payment.state.value
    received = payment.received or payment.amount
    return Outcome(
        look="paid" if payment.state is PaymentState.CONFIRMED else "ended",
        headline=say(f"pay.ended.{key}.title"),
        text=say(f"pay.ended.{key}", received=received),
        leads_back=payment.state is not PaymentState.CONFIRMED or is_part_paid,
    )


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
