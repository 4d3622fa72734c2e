"""What the page of one payment remembers: how it stands, until its bank has answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

import reflex as rx
from reflex.event import EventSpec

from portal_app.domain.boleto.registration import Stage
from portal_app.domain.emails import About, MailKind
from portal_app.domain.payments import LIVE, Payment, PaymentItem, PaymentMethod, PaymentState
from portal_app.locales import has
from portal_app.services import boletos, documents, payments
from portal_app.services.boletos import BoletoView
from portal_app.ui import formats, routes
from portal_app.ui.components.status_badge import AMBER, BLUE, GRAY, JADE, RED
from portal_app.ui.customer.choose_bank.state import ChoiceState
from portal_app.ui.customer.send_email.state import EmailState, SentState, may_send
from portal_app.ui.session import Answer, ask, attempt, locale, still_here
from portal_app.ui.texts import say

EVERY: Final = 1.0

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
class Facts:
    """A payment, already in words. `status` and `tone` are the badge's, `state` is for programs."""

    title: str = ""
    state: str = ""
    status: str = ""
    tone: str = ""
    amount: str = ""
    day_name: str = ""
    day: str = ""
    is_boleto: bool = False
    nosso_numero: str = ""
    documents: list[Item] = field(default_factory=list)
    replaces: str = ""
    replaced_by: str = ""
    may_replace: bool = False


@dataclass(frozen=True)
class Waiting:
    """The registration of a boleto. `notice` is 'waiting', 'registered', 'rejected' or empty.

    `seen` is the stage behind it; `left` and `whole` are seconds, counted when they were asked for.
    """

    notice: str = ""
    seen: str = ""
    headline: str = ""
    text: str = ""
    left: int = 0
    whole: int = 0
    line: str = ""
    pdf: str = ""
    can_email: bool = False


class PaymentPageState(rx.State):
    """One payment, looked at again each second while its bank is expected to answer."""

    status: str = "loading"
    problem: str = ""
    facts: Facts = Facts()
    waiting: Waiting = Waiting()
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
            return
        found = await attempt(self, boletos.view, self._payment)
        self.status, self.problem = _status(found), found.sentence
        if found.value:
            await self._show(found.value)

    async def _show(self, view: BoletoView) -> None:
        self.facts, self.waiting = _facts(view.payment, view), _waiting(view)
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
        amount=formats.money(payment.amount),
        day_name=say("pay.due") if view else say("pay.paid_on"),
        day=formats.day(view.due if view else payment.paid_on),
        is_boleto=view is not None,
        nosso_numero=view.nosso_numero if view else "",
        documents=[Item.of(item) for item in payment.items],
        replaces=routes.pay(payment.replaces) if payment.replaces else "",
        replaced_by=routes.pay(payment.replaced_by) if payment.replaced_by else "",
        may_replace=view is not None and payment.state in LIVE,
    )


def _badge(payment: Payment, view: BoletoView | None) -> tuple[str, str]:
    if view and view.stage in _STAGE_TONES and payment.state not in _OUTCOMES:
        return say(f"pay.stage.{view.stage}"), _STAGE_TONES[view.stage]
    return say(f"payment.state.{payment.state}"), _TONES.get(payment.state, GRAY)


def _waiting(view: BoletoView) -> Waiting:
    notice = NOTICES[view.stage]
    facts = {"bank": view.bank_name, "reason": _reason(view.reject_reason)}
    key = f"pay.notice.{view.stage}"
    went_on = ".went_on" if view.stage is Stage.REJECTED and view.payment.replaced_by else ""
    return Waiting(
        notice=notice,
        seen=view.stage.value,
        headline=say(f"{key}.title", **facts) if notice else "",
        text=say(f"{key}{went_on}", **facts) if notice else "",
        left=max(0, round((view.available_at - view.now).total_seconds())),
        whole=max(1, round((view.available_at - view.requested_at).total_seconds())),
        line=view.linha_digitavel or "",
        pdf=routes.boleto_pdf(view.payment.public_id) if view.may_print else "",
        can_email=view.may_print and may_send(),
    )


def _reason(code: str) -> str:
    """A bank's reason in words; the bank's own code where it is a new one."""
    key = f"rejected.{code}"
    return say(key) if code and has(key, locale()) else code or say("rejected.unknown")
