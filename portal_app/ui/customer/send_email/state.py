"""What the e-mail dialog remembers: what goes out and from whom, what is wrong, to whom it went."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import reflex as rx
from reflex.event import EventSpec

from portal_app.domain.emails import MOST_RECIPIENTS, About, MailKind, RecipientState
from portal_app.domain.errors import InvalidRecipient, PortalError
from portal_app.domain.grants import Feature
from portal_app.services import mail
from portal_app.services.mail import Preview, SentMail
from portal_app.services.rules import CUSTOMERS, granted
from portal_app.ui import formats
from portal_app.ui.components.status_badge import AMBER, BLUE, JADE, RED
from portal_app.ui.session import Answer, ask, attempt, current, opens_to, still_here
from portal_app.ui.texts import say, why

FIELDS: Final = range(1, MOST_RECIPIENTS + 1)
EVERY: Final = 1.0
LOOKS: Final = 20

_ON_ITS_WAY: Final = {RecipientState.QUEUED, RecipientState.SENDING}
_TONES: Final = {
    RecipientState.QUEUED: BLUE,
    RecipientState.SENDING: BLUE,
    RecipientState.SENT: JADE,
    RecipientState.REFUSED: RED,
    RecipientState.UNKNOWN: AMBER,
}


@dataclass(frozen=True)
class Draft:
    """What goes out and who sends it, in words."""

    what: str = ""
    terms: str = ""
    file: str = ""
    sender: str = ""

    @classmethod
    def of(cls, preview: Preview) -> Draft:
        terms = formats.money(preview.amount)
        if preview.due:
            terms = say("email.terms", amount=preview.amount, due=formats.day(preview.due))
        return cls(
            what=say("pay.boleto_at", bank=preview.bank) if preview.bank else preview.number,
            terms=terms,
            file=preview.file_name,
            sender=f"{preview.sender} · {preview.address}",
        )


@dataclass(frozen=True)
class Wrong:
    """Why nothing was sent, and at which field that is to be read; 0: beneath them all."""

    field: int = 0
    text: str = ""
    code: str = ""

    @classmethod
    def of(cls, refused: PortalError | None) -> Wrong:
        field = 0
        if isinstance(refused, InvalidRecipient):
            number = int(str(refused.details["field"]).rpartition("_")[2])
            field = number if number in FIELDS else 0
        return cls(field, *why(refused))


@opens_to(granted(Feature.EMAIL))
class EmailState(rx.State):
    """The dialog. Its fields are the browser's own: a new `version` draws them empty."""

    shown: bool = False
    draft: Draft = Draft()
    wrong: Wrong = Wrong()
    busy: bool = False
    sent: str = ""
    version: int = 0
    _about: About | None = None
    _page: str = ""

    @rx.event
    async def open_document(self, document: str) -> None:
        await self._open(About(MailKind.DOCUMENT, str(document)))

    @rx.event
    async def open_receipt(self, receipt: str) -> None:
        await self._open(About(MailKind.RECEIPT, str(receipt)))

    @rx.event
    async def send(self, form: dict[str, Any]) -> AsyncIterator[EventSpec | None]:
        """Say at once that it is being sent. A double click's second half finds it sent."""
        about = self._about
        if about is None or self.sent:
            return
        self.busy, self.wrong = True, Wrong()
        yield None
        answer = await attempt(self, mail.send, about, typed(form))
        self.busy = False
        yield await self._answer(about, answer)

    @rx.event
    async def close(self) -> None:
        self.shown, self._about = False, None

    async def _arrive(self) -> None:
        """A page was opened, or came back: a dialog belongs to the page it was opened on."""
        if self.shown and self.router.url.path != self._page:
            await self.close()

    async def _open(self, about: About) -> None:
        preview = await ask(self, mail.preview, about)
        self._about, self._page, self.draft = about, self.router.url.path, Draft.of(preview)
        self.wrong, self.busy, self.sent = Wrong(), False, ""
        self.version += 1
        self.shown = True

    async def _answer(self, about: About, answer: Answer[tuple[str, ...]]) -> EventSpec | None:
        """To whom it went; or what is wrong, with the cursor where that is."""
        if answer.value is None:
            self.wrong = Wrong.of(answer.refusal)
            field = self.wrong.field
            return rx.set_focus(f"email-recipient-{field}") if field else None
        self.sent = ", ".join(answer.value)
        looked_at = await self.get_state(SentState)
        return await looked_at._look(about) if looked_at._about == about else None


@dataclass(frozen=True)
class Sent:
    """An address, masked, and what became of it."""

    address: str
    status: str
    tone: str

    @classmethod
    def of(cls, sent: SentMail) -> Sent:
        return cls(sent.address, say(f"email.state.{sent.state}"), _TONES[sent.state])


@opens_to(CUSTOMERS)
class SentState(rx.State):
    """Where the e-mails about the payment on the page went."""

    mails: list[Sent] = []
    _about: About | None = None
    _round: int = 0

    @rx.event(background=True)
    async def follow(self) -> None:
        """Look again each second while an e-mail is on its way, for a little while."""
        async with self:
            self._round += 1
            mine, about = self._round, self._about
        for _ in range(LOOKS):
            await asyncio.sleep(EVERY)
            if about is None or not await still_here(self):
                return
            found = await attempt(self, mail.sent_mails, about)
            async with self:
                if self._round != mine or self._about != about or not self._show(found):
                    return

    async def _look(self, about: About) -> EventSpec | None:
        """Where they went so far; the event that follows them while one is on its way."""
        self._about = about
        found = await attempt(self, mail.sent_mails, about)
        return SentState.follow if self._show(found) else None  # pyright: ignore[reportReturnType]

    def _show(self, found: Answer[tuple[SentMail, ...]]) -> bool:
        """Whether one of them is still on its way."""
        shown = [Sent.of(each) for each in found.value or ()]
        if shown != self.mails:  # setting a var sends it, changed or not
            self.mails = shown
        return any(each.state in _ON_ITS_WAY for each in found.value or ())


def may_send() -> bool:
    """Whether the company opened sending to the present reader; what is sent is printed for somebody."""
    return current().may(Feature.EMAIL) and current().may(Feature.PRINT)


def typed(form: object) -> list[str]:
    """The fields as they came; one more than there are, so that a fourth is refused, not left out."""
    given: Mapping[Any, object] = form if isinstance(form, dict) else {}
    fields = [given.get(f"recipient_{number}") for number in (*FIELDS, MOST_RECIPIENTS + 1)]
    return ["" if text is None else str(text) for text in fields]
