"""What the bank choice remembers: whose boleto it may be, what each would say, what was agreed to.

It stands beneath the ways to pay (choose_method), and alone on a rejected payment's page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from portal_app.domain.errors import (
    InAttempt,
    NotFound,
    PortalError,
    QuoteChanged,
    SeparatePayments,
)
from portal_app.domain.grants import Feature
from portal_app.domain.money import Money
from portal_app.services import boletos, payments
from portal_app.services.boletos import BankOffer, Offer
from portal_app.services.rules import granted
from portal_app.ui import formats, routes
from portal_app.ui.session import ask, attempt, opens_to
from portal_app.ui.texts import say, why

BANKS = "banks"
CHANGED = "changed"
SEPARATE = "separate"
REFUSED = "refused"


@dataclass(frozen=True)
class BankChoice:
    """A bank as it is offered. `id` is its carteira's."""

    id: int
    bank: str
    short: str
    name: str
    terms: str
    price: str
    discount: str


@dataclass(frozen=True)
class Picked:
    """The bank that is picked, in words; before that only what holds for all."""

    id: int = 0
    confirm: str = ""
    wait: str = ""


@dataclass(frozen=True)
class Group:
    """Documents that can be paid together."""

    index: int
    numbers: str


@opens_to(granted(Feature.PAY_BOLETO))
class ChoiceState(rx.State):
    """`step` is empty while no bank is being chosen; `shown` while the dialog it may stand in is."""

    step: str = ""
    shown: bool = False
    today: str = ""
    banks: list[BankChoice] = []
    picked: Picked = Picked()
    before: str = ""
    now: str = ""
    problem: str = ""
    code: str = ""
    href: str = ""
    groups: list[Group] = []
    _ids: tuple[int, ...] = ()
    _groups: tuple[tuple[int, ...], ...] = ()
    _offered: tuple[BankOffer, ...] = ()
    _replaces: str | None = None

    @rx.event
    async def pick(self, carteira: int) -> None:
        self.picked = _picked(self._bank(carteira))

    @rx.event
    async def confirm(self) -> EventSpec | None:
        """Make the boleto at the picked bank, at the price that was shown.

        A double click's second half finds nothing left to choose.
        """
        if self.step != BANKS:
            return None
        bank = self._bank(self.picked.id)
        asked = (self._ids, bank.carteira, bank.total, self._replaces)
        issued = await attempt(self, boletos.issue, *asked)
        if issued.value is None:
            await self._answer(issued.refusal)
            return None
        self.reset()
        return rx.redirect(routes.pay(issued.value))  # pyright: ignore[reportReturnType]

    @rx.event
    async def accept(self) -> None:
        """The reader has seen that the price is another one now."""
        self.step = BANKS

    async def _begin(self, ids: Sequence[int], replaces: str | None) -> None:
        """Offer the banks for these documents."""
        self.reset()
        self._ids, self._replaces = tuple(ids), replaces
        await self._offer()

    async def _instead(self, payment: str, ids: Sequence[int], rejecting: str) -> None:
        """Offer the other banks on the page of a payment that its bank rejected."""
        await self._begin(ids, payment)
        others = tuple(bank for bank in self._offered if bank.bank != rejecting)
        if others:
            self._show(others)

    async def _offer(self) -> None:
        offered = await attempt(self, boletos.offer, self._ids)
        if offered.value is None:
            await self._answer(offered.refusal)
            return
        offer: Offer = offered.value
        self.step = BANKS
        self.today = _today(offer)
        self._show(offer.banks)

    def _show(self, banks: tuple[BankOffer, ...]) -> None:
        self._offered = banks
        self.banks = [_choice(bank) for bank in banks]
        one = len(banks) == 1
        self.picked = _picked(banks[0]) if one else Picked(wait=_wait(banks))

    async def _answer(self, refused: PortalError | None) -> None:
        """Say in place why it does not go on, and what can be done instead."""
        if isinstance(refused, QuoteChanged):
            await self._offer_again(refused)
            return
        self.step = REFUSED
        self.problem, self.code = why(refused)
        if isinstance(refused, InAttempt):
            self.href = routes.pay(str(refused.details["payment"]))
        if isinstance(refused, SeparatePayments):
            await self._separate(refused)

    async def _offer_again(self, changed: QuoteChanged) -> None:
        picked = self.picked.id
        await self._offer()
        if any(bank.carteira == picked for bank in self._offered):
            self.picked = _picked(self._bank(picked))
        shown, now = changed.details["shown"], changed.details["now"]
        if self.step == BANKS and isinstance(shown, Money) and isinstance(now, Money):
            self._differs(shown, now)

    def _differs(self, before: Money, now: Money) -> None:
        self.step = CHANGED
        self.before, self.now = formats.money(before), formats.money(now)

    async def _separate(self, refused: SeparatePayments) -> None:
        self.step = SEPARATE
        quote = await ask(self, payments.quote, self._ids)
        ids = {item.number: item.document for item in quote.items}
        groups: list[list[str]] = refused.details["groups"]  # pyright: ignore[reportAssignmentType]
        self._groups = tuple(tuple(ids[number] for number in group) for group in groups)
        self.groups = [Group(index, ", ".join(group)) for index, group in enumerate(groups)]

    def _group(self, index: int) -> tuple[int, ...]:
        if not 0 <= index < len(self._groups):
            raise NotFound(kind="group")
        return self._groups[index]

    def _bank(self, carteira: int) -> BankOffer:
        found = next((bank for bank in self._offered if bank.carteira == carteira), None)
        if found is None:
            raise NotFound(kind="bank")
        return found


def _choice(bank: BankOffer) -> BankChoice:
    return BankChoice(
        id=bank.carteira,
        bank=bank.bank,
        short=_short(bank.name),
        name=bank.name,
        terms=_terms(bank),
        price=say("banks.price", total=bank.total, due=formats.day(bank.due)),
        discount=_discount(bank),
    )


def _terms(bank: BankOffer) -> str:
    key = "banks.terms" if bank.convenio else "banks.carteira"
    terms = say(key, carteira=bank.carteira_code, convenio=bank.convenio)
    return say("banks.with_pix", terms=terms) if bank.with_pix else terms


def _discount(bank: BankOffer) -> str:
    """What paying early lets off; empty where nothing."""
    off = bank.discount
    if off is None:
        return ""
    return say("banks.discount", amount=off.amount, until=formats.short_day(off.until))


def _short(name: str) -> str:
    """'BB' for Banco do Brasil, 'SI' for Sicoob."""
    capitals = "".join(letter for letter in name if letter.isupper())
    return capitals[:2] if len(capitals) > 1 else name[:2].upper()


def _picked(bank: BankOffer) -> Picked:
    return Picked(bank.carteira, say("banks.confirm", bank=bank.name), _wait((bank,)))


def _wait(banks: tuple[BankOffer, ...]) -> str:
    longest = max((bank.wait_minutes for bank in banks), default=0)
    return say("banks.wait", wait=formats.wait(longest)) if longest else ""


def _today(offer: Offer) -> str:
    """What paying today would cost, where a boleto says something else."""
    total = offer.today.total
    if all(bank.total == total for bank in offer.banks):
        return ""
    return say("banks.today", amount=total)
