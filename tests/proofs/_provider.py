"""A payment provider that says whatever a real one may: other sums, late money, races, silence."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from portal_app.domain.checkout import (
    CheckoutOrder,
    CheckoutRef,
    CheckoutReport,
    CheckoutStatus,
    Dispute,
    DisputeStatus,
    Provider,
    ProviderEvent,
    Refund,
    RefundStatus,
)
from portal_app.domain.errors import ProviderRefused, ProviderUnavailable
from portal_app.domain.money import Money
from portal_app.gateways import clock
from portal_app.gateways.stripe import API_VERSION
from tests.proofs._model import Told

OPEN: Final = frozenset({"open", "awaited"})
ENDED: Final = frozenset({"failed", "expired"})
UNPAID: Final = OPEN | ENDED


@dataclass
class Checkout:
    """`on_close`: what happens when the portal wants it closed: 'ends', 'pays' or 'stays'."""

    payment: str
    session: str
    asked: int
    currency: str
    status: str = "open"
    paid: int | None = None
    fee: int = 0
    refunds: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    disputes: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    on_close: str = "ends"

    def told(self) -> Told:
        return Told(
            self.payment,
            self.status,
            self.paid,
            self.fee,
            tuple((name, *facts) for name, facts in self.refunds.items()),
            tuple((name, *facts) for name, facts in self.disputes.items()),
        )


class ScriptedProvider:
    """A gateway that says what it is told to say.

    `silence`: '', or every call is lost 'before' or 'after' it worked, or the answer to a 'close'
    alone is. `refuses` to open anything new.

    `answers` are what it said, in order, and `unanswered` who was asked about in vain; both wait
    there until they are taken.
    """

    @property
    def provider(self) -> Provider:
        return Provider.STRIPE

    def __init__(self) -> None:
        self.checkouts: dict[str, Checkout] = {}
        self.silence = ""
        self.refuses = False
        self.answers: list[Told] = []
        self.unanswered: list[str] = []
        self.asked_wrongly: list[str] = []
        self._by_key: dict[str, Checkout] = {}

    def open(self, order: CheckoutOrder, /) -> CheckoutReport:
        self._lose("before", order.payment)
        known = self._by_key.get(order.key)
        if known is None and self.refuses:
            self.answers.append(Told(order.payment, "failed"))
            raise ProviderRefused(reason="account_invalid")
        if known is None:
            known = self._opened(order)
        self._lose("after", order.payment)
        return self._answer(known)

    def look(self, ref: CheckoutRef, /) -> CheckoutReport:
        self._lose_any(ref.payment)
        return self._answer(self.checkouts[ref.payment])

    def find(self, order: CheckoutOrder, _since: datetime, /) -> CheckoutReport | None:
        self._lose_any(order.payment)
        known = self._by_key.get(order.key)
        if known is not None:
            return self._answer(known)
        if clock.now() >= order.expires_at:
            # Not there, and not to be opened any more: that is its end.
            self.answers.append(Told(order.payment, "expired"))
        return None

    def close(self, ref: CheckoutRef, /) -> CheckoutReport:
        known = self.checkouts[ref.payment]
        if known.status in OPEN and known.on_close == "pays":
            known.status, known.paid = "paid", known.asked
        elif known.status in OPEN and known.on_close == "ends":
            known.status = "expired"
        self._lose("close", ref.payment)
        return self._answer(known)

    def refund(self, ref: CheckoutRef, amount: Money, key: str, /) -> Refund:
        self.checkouts[ref.payment].refunds[key] = (amount.cents, "done")
        return Refund(key, amount, RefundStatus.DONE)

    def read_event(self, raw: bytes, _signature: str, /) -> ProviderEvent:
        facts = json.loads(raw)
        return ProviderEvent(
            id=facts["id"],
            type="checkout",
            account="",
            api_version=API_VERSION,
            payment=facts["payment"],
            session="",
            intent="",
        )

    def _opened(self, order: CheckoutOrder) -> Checkout:
        if order.payment in self.checkouts:
            self.asked_wrongly.append(f"a second checkout for {order.payment}")
        if sum(line.amount.cents for line in order.lines) != order.amount.cents:
            self.asked_wrongly.append(f"lines of {order.payment} are not its amount")
        session = f"session_{len(self._by_key)}"
        made = Checkout(order.payment, session, order.amount.cents, order.amount.currency)
        self.checkouts[order.payment] = self._by_key[order.key] = made
        return made

    def _answer(self, checkout: Checkout) -> CheckoutReport:
        told = checkout.told()
        self.answers.append(told)
        return report_of(told, checkout)

    def _lose_any(self, payment: str) -> None:
        """Of a question nobody can tell whether it was heard."""
        self._lose("before", payment)
        self._lose("after", payment)

    def _lose(self, when: str, payment: str) -> None:
        if self.silence == when:
            self.unanswered.append(payment)
            raise ProviderUnavailable(reason="timeout")


def report_of(told: Told, checkout: Checkout) -> CheckoutReport:
    """The same as a gateway says it."""

    def money(cents: int) -> Money:
        return Money(cents, checkout.currency)

    return CheckoutReport(
        payment=told.payment,
        session=checkout.session,
        status=CheckoutStatus(told.status),
        amount=money(checkout.asked),
        intent=f"{checkout.session}_intent",
        paid=None if told.paid is None else money(told.paid),
        paid_at=None if told.paid is None else clock.now(),
        fee=money(told.fee) if told.fee else None,
        refunds=tuple(
            Refund(name, money(cents), RefundStatus(status)) for name, cents, status in told.refunds
        ),
        disputes=tuple(
            Dispute(name, money(cents), DisputeStatus(status), "fraudulent")
            for name, cents, status in told.disputes
        ),
    )
