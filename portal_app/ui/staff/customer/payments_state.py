"""A customer's payments as staff see them, and money of one sent back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import reflex as rx
from reflex.event import EventSpec

from portal_app.domain.errors import InvalidField, PortalError, RefundChanged
from portal_app.domain.grants import StaffFeature
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentState
from portal_app.domain.refunds import part_of
from portal_app.services import refunds
from portal_app.services.refunds import PAGE, Listed, Page, Wanted
from portal_app.services.rules import STAFF, permitted
from portal_app.ui import formats
from portal_app.ui.choices import typed
from portal_app.ui.components.status_badge import AMBER, GRAY, JADE, RED
from portal_app.ui.errors import NoticeState
from portal_app.ui.people.state import customer_on
from portal_app.ui.session import Answer, attempt, current, opens_to, still_here
from portal_app.ui.texts import say, say_many, why

TABLE: Final = "payments-table"

_EVERY: Final = 1.0
_LOOKS: Final = 60
_TONES: Final = {
    PaymentState.CREATED: AMBER,
    PaymentState.PENDING: AMBER,
    PaymentState.CONFIRMED: JADE,
    PaymentState.DISPUTED: RED,
}
# Said with an example of the currency, as the reader is about to write one.
_UNREADABLE: Final = {"AMOUNT_INVALID", "AMOUNT_AMBIGUOUS"}


@dataclass(frozen=True)
class PaidLine:
    """A payment in words. `news`: what of it went back or is about to; `can`: some of it may."""

    id: str
    day: str
    method: str
    documents: str
    amount: str
    state: str
    tone: str
    news: str
    can: bool

    @classmethod
    def of(cls, listed: Listed) -> PaidLine:
        payment, zone = listed.payment, current().company.zone
        paid = formats.day(payment.paid_on) if payment.paid_on else ""
        return cls(
            id=payment.public_id,
            day=paid or formats.moment(payment.created_at, zone),
            method=say(f"payment.method.{payment.method}"),
            documents=say_many("links.documents", len(payment.items)) if payment.items else "",
            amount=formats.money(payment.received or payment.amount),
            state=say(f"payment.state.{payment.state}"),
            tone=_TONES.get(payment.state, GRAY),
            news=_news(listed),
            can=bool(listed.left) and current().may(StaffFeature.REFUND),
        )


def _news(listed: Listed) -> str:
    gone = say("refunds.gone", amount=listed.gone) if listed.gone else ""
    key = "refunds.stuck" if listed.is_stuck else "refunds.asked"
    coming = say(key, amount=listed.coming) if listed.coming else ""
    refused = say("refunds.refused") if listed.is_refused and not listed.coming else ""
    came_back = say("refunds.came_back") if listed.came_back else ""
    return " · ".join(filter(None, (gone, coming, refused, came_back)))


@opens_to(permitted(StaffFeature.FIND_CUSTOMERS), load=STAFF)
class PaidState(rx.State):
    """`said` tells what was asked for; `status` is 'loading', 'ready', 'not_granted' or 'failed'."""

    status: str = "loading"
    rows: list[PaidLine] = []
    said: str = ""
    where: str = ""
    has_previous: bool = False
    has_next: bool = False
    _page: int = 0
    _customer: str = ""
    _waits: bool = False
    _round: int = 0

    @rx.event
    async def load(self) -> EventSpec | None:
        wanted = customer_on(self.router.url.path)
        if wanted != self._customer:
            self._customer, self._page, self.status, self.rows = wanted, 0, "loading", []
        self.said = ""
        (await self.get_state(RefundState))._close()
        await self._show(self._page)
        return PaidState.follow if self._waits else None  # pyright: ignore[reportReturnType]

    @rx.event
    async def newer(self) -> None:
        await self._show(self._page - 1)

    @rx.event
    async def older(self) -> None:
        await self._show(self._page + 1)

    @rx.event(background=True)
    async def follow(self) -> None:
        """Look again each second while something is on its way, but not for ever."""
        async with self:
            self._round += 1
            mine, customer = self._round, self._customer
        for _ in range(_LOOKS):
            await asyncio.sleep(_EVERY)
            if not await still_here(self):
                return
            found = await attempt(self, refunds.list_payments, customer, self._page)
            async with self:
                if (self._round, self._customer) != (mine, customer) or not self._seen(found):
                    return

    def _seen(self, found: Answer[Page]) -> bool:
        """Show how it stands by now; whether something is on its way still."""
        if found.value is not None and found.value.page == self._page:
            self._put(found.value)
        if self.said and not self._waits:
            self.said = say("refunds.said.over")
        return self._waits

    async def _show(self, page: int) -> None:
        answer = await attempt(self, refunds.list_payments, self._customer, page)
        self.status = answer.status
        self._put(answer.value or Page("", [], 0, has_next=False))

    def _put(self, found: Page) -> None:
        self._page, rows = found.page, [PaidLine.of(row) for row in found.rows]
        if rows != self.rows:  # setting a var sends it, changed or not
            self.rows = rows
        self._waits = any(row.coming and not row.is_stuck for row in found.rows)
        self.has_previous, self.has_next = found.page > 0, found.has_next
        first = found.page * PAGE + 1
        last = found.page * PAGE + len(found.rows)
        self.where = say("refunds.where", first=first, last=last) if found.rows else ""


@dataclass(frozen=True)
class Asked:
    """What the dialog says of the payment; `part` stands in the field at first."""

    by: str = ""
    came: str = ""
    gone: str = ""
    left: str = ""
    hint: str = ""
    part: str = ""

    @classmethod
    def of(cls, customer: str, listed: Listed) -> Asked:
        payment = listed.payment
        day = formats.day(payment.paid_on)
        return cls(
            by=say(f"refunds.by.{payment.method}", name=customer),
            came=say("refunds.came.on", amount=payment.received or payment.amount, day=day),
            gone=formats.money(listed.gone) if listed.gone else "",
            left=formats.money(listed.left),
            hint=say("refunds.part.hint", example=_written(listed.left), left=listed.left),
            part=_written(listed.left),
        )


@dataclass(frozen=True)
class Wrong:
    """What is wrong, beside the field it is about; `text` where it is about neither."""

    part: str = ""
    reason: str = ""
    text: str = ""
    code: str = ""


@opens_to(permitted(StaffFeature.REFUND))
class RefundState(rx.State):
    """The dialog. Its fields are the browser's own: a new `version` draws them anew.

    `give` is what the last button says: the sum that goes back if it is pressed, '' for none.
    """

    shown: bool = False
    asked: Asked = Asked()
    give: str = ""
    wrong: Wrong = Wrong()
    version: int = 0
    _payment: str = ""
    _left: Money = Money(0, "")

    @rx.event
    async def choose(self, payment: str) -> None:
        answer = await attempt(self, refunds.view, self._customer(), payment)
        if answer.value is None:
            (await self.get_state(NoticeState))._show(answer.refusal)
        elif answer.value.rows[0].left:
            self._payment, self.shown = payment, True
            self._take(answer.value)
        else:
            # Somebody sent it back since: the list says so.
            page = await self.get_state(PaidState)
            await page._show(page._page)

    @rx.event
    async def weigh(self, text: str) -> None:
        self.give, self.wrong = _give(text, self._left), Wrong()

    @rx.event
    async def send(self, form: dict[str, Any]) -> list[EventSpec]:
        if not self.shown:
            return []
        wanted = Wanted(typed(form, "part"), self._left, typed(form, "reason"))
        answer = await attempt(self, refunds.ask, self._customer(), self._payment, wanted)
        if answer.refusal or answer.value is None:
            await self._refused(answer)
            return []
        self._close()
        page = await self.get_state(PaidState)
        await page._show(page._page)
        page.said = say("refunds.said", amount=answer.value)
        # Its button is gone: the cursor must not be lost with it.
        return [PaidState.follow, rx.set_focus(TABLE)]  # pyright: ignore[reportReturnType]

    @rx.event
    async def close(self) -> None:
        self._close()

    def _close(self) -> None:
        self.shown, self._payment, self.wrong = False, "", Wrong()

    def _customer(self) -> str:
        return customer_on(self.router.url.path)

    def _take(self, page: Page) -> None:
        (listed,) = page.rows
        self._left, self.asked = listed.left, Asked.of(page.customer, listed)
        self.give = _give(self.asked.part, self._left)
        self.wrong = Wrong()
        self.version += 1

    async def _refused(self, answer: Answer[Money]) -> None:
        """Say why in the dialog, with the sum that is left now if it is another."""
        if isinstance(answer.refusal, RefundChanged):
            again = await attempt(self, refunds.view, self._customer(), self._payment)
            if again.value:
                self._take(again.value)
        self.wrong = _wrong(answer.refusal, self._left)


def _give(text: str, left: Money) -> str:
    """The words of the last button; '' while nothing stands there that could go back."""
    try:
        return say("refunds.give", amount=part_of(text, left))
    except InvalidField:
        return ""


def _wrong(refusal: PortalError | None, left: Money) -> Wrong:
    text, code = why(refusal)
    if code in _UNREADABLE:
        text = say("refunds.wrong.amount", example=_written(left))
    match refusal.details.get("field") if refusal else None:
        case "amount":
            return Wrong(part=text, code=code)
        case "reason":
            return Wrong(reason=text, code=code)
        case _:
            return Wrong(text=text, code=code)


def _written(amount: Money) -> str:
    """'347,38': as whoever lives with the currency writes it, without what is no digit's."""
    return str(amount.decimal()).replace(".", ",")
