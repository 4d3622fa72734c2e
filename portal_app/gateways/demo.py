"""The demo payment provider: every method without keys or money, and every way one can end.

A gateway of ours, refused outside demo mode. What it knows it keeps in files of its own, apart
from the portal's database as any provider's memory is: one file a checkout, named after its key,
so that a key asked for twice is one checkout. The page on which somebody plays the customer and
his bank is the portal's (`services/demo_checkouts.py`).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

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
from portal_app.domain.errors import EventInvalid, ProviderRefused
from portal_app.domain.money import Money
from portal_app.domain.multibanco import reference
from portal_app.domain.payments import VOUCHERS, PaymentMethod, Voucher
from portal_app.domain.pix import BRCode, encode
from portal_app.gateways import clock

VOUCHER_FOR: Final = timedelta(days=3)
PUSH_FOR: Final = timedelta(minutes=4)
DECLINED: Final = "card_declined"
DECLINED_OTHERWISE: Final = "generic_decline"

_ENTITY: Final = "99999"
_NAME_LENGTH: Final = 24


class Decision(StrEnum):
    """What was decided on the page. CLOSED: the portal had it closed before anybody paid."""

    NONE = ""
    APPROVED = "approved"
    DECLINED = "declined"
    LATER = "later"
    NEVER = "never"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class _Checkout:
    """One file. Moments in ISO, amounts in cents."""

    payment: str
    method: str
    cents: int
    currency: str
    opened_at: str
    expires_at: str
    decision: str = Decision.NONE.value
    decided_at: str = ""
    refunds: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    disputes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@dataclass(frozen=True, slots=True)
class DemoGateway:
    """`base_url` is where its page is served; 'later' means after so many `seconds`."""

    folder: Path
    base_url: str
    seconds: float
    provider: Provider = Provider.DEMO

    def open(self, order: CheckoutOrder, /) -> CheckoutReport:
        """The same checkout for the same key, however often it is asked for."""
        session = _session(order.key)
        with self._alone():
            if self._read(session) is None:
                new = _Checkout(
                    payment=order.payment,
                    method=order.method.value,
                    cents=order.amount.cents,
                    currency=order.amount.currency,
                    opened_at=clock.now().isoformat(),
                    expires_at=order.expires_at.isoformat(),
                )
                self._write(session, new)
        return self._report(session)

    def look(self, ref: CheckoutRef, /) -> CheckoutReport:
        return self._report(ref.session)

    def find(self, order: CheckoutOrder, _since: datetime, /) -> CheckoutReport | None:
        session = _session(order.key)
        return None if self._read(session) is None else self._report(session)

    def close(self, ref: CheckoutRef, /) -> CheckoutReport:
        with self._alone():
            known = self._known(ref.session)
            if _status(known, clock.now(), self.seconds) in _OPEN:
                self._write(ref.session, _decided(known, Decision.CLOSED))
        return self._report(ref.session)

    def refund(self, ref: CheckoutRef, amount: Money, key: str, /) -> Refund:
        """Done at once; ProviderRefused for more than came in."""
        name = f"{ref.session}_{hashlib.sha256(key.encode()).hexdigest()[:12]}"
        with self._alone():
            known = self._known(ref.session)
            before = next((each for each in known.refunds if each["ref"] == name), None)
            if before is None:
                left = known.cents - sum(int(each["cents"]) for each in known.refunds)
                if self._status_now(known) is not CheckoutStatus.PAID or amount.cents > left:
                    raise ProviderRefused(reason="charge_already_refunded")
                refunds = [*known.refunds, {"ref": name, "cents": amount.cents}]
                self._write(ref.session, replace(known, refunds=refunds))
        return Refund(name, amount, RefundStatus.DONE)

    def read_event(self, _raw: bytes, _signature: str, /) -> ProviderEvent:
        """It never calls."""
        raise EventInvalid(reason="signature")

    def decide(self, session: str, decision: Decision) -> bool:
        """What the customer, or his bank, did on the page; False where it was too late."""
        with self._alone():
            known = self._known(session)
            if self._status_now(known) not in _OPEN:
                return False
            self._write(session, _decided(known, decision))
        return True

    def dispute(self, session: str, status: DisputeStatus, cents: int | None = None) -> None:
        """The customer's bank asks the money back, or it is decided whose it is."""
        with self._alone():
            known = self._known(session)
            amount = known.cents if cents is None else cents
            dispute = {"ref": f"{session}_d", "cents": amount, "status": status.value}
            self._write(session, replace(known, disputes=[dispute]))

    def _report(self, session: str) -> CheckoutReport:
        known = self._known(session)
        status = self._status_now(known)
        amount = Money(known.cents, known.currency)
        is_paid = status is CheckoutStatus.PAID
        return CheckoutReport(
            payment=known.payment,
            session=session,
            status=status,
            amount=amount,
            intent=f"{session}_i",
            url=f"{self.base_url}/demo/{known.payment}" if _is_undecided(known, status) else "",
            paid=amount if is_paid else None,
            paid_at=self._paid_at(known) if is_paid else None,
            failure=_declined(known) if status is CheckoutStatus.FAILED else "",
            voucher=_voucher(known, session),
            refunds=tuple(
                Refund(each["ref"], Money(each["cents"], known.currency), RefundStatus.DONE)
                for each in known.refunds
            ),
            disputes=tuple(
                Dispute(
                    each["ref"],
                    Money(each["cents"], known.currency),
                    DisputeStatus(each["status"]),
                    "fraudulent",
                )
                for each in known.disputes
            ),
        )

    def _status_now(self, known: _Checkout) -> CheckoutStatus:
        return _status(known, clock.now(), self.seconds)

    def _paid_at(self, known: _Checkout) -> datetime:
        decided = datetime.fromisoformat(known.decided_at)
        later = known.decision == Decision.LATER
        return decided + timedelta(seconds=self.seconds) if later else decided

    def _known(self, session: str) -> _Checkout:
        known = self._read(session)
        if known is None:
            raise ProviderRefused(reason="resource_missing")
        return known

    def _read(self, session: str) -> _Checkout | None:
        try:
            return _Checkout(**json.loads(self._file(session).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def _write(self, session: str, checkout: _Checkout) -> None:
        """Whole or not at all, whoever is killed meanwhile."""
        file = self._file(session)
        draft = file.with_suffix(f".{os.getpid()}.draft")
        draft.write_text(json.dumps(asdict(checkout)), encoding="utf-8")
        draft.replace(file)

    def _file(self, session: str) -> Path:
        if not session.removeprefix("demo_").isalnum():
            raise ProviderRefused(reason="resource_missing")
        return self.folder / f"{session}.json"

    @contextmanager
    def _alone(self) -> Generator[None]:
        """One change at a time, of all processes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


_OPEN: Final = frozenset({CheckoutStatus.OPEN, CheckoutStatus.AWAITED})


def _declined(known: _Checkout) -> str:
    return DECLINED if known.method == PaymentMethod.CARD else DECLINED_OTHERWISE


def _is_undecided(known: _Checkout, status: CheckoutStatus) -> bool:
    """Whether there is a page to go on at: who never answers may still change his mind."""
    return status in _OPEN and known.decision in {Decision.NONE, Decision.NEVER}


def _session(key: str) -> str:
    return f"demo_{hashlib.sha256(key.encode()).hexdigest()[:_NAME_LENGTH]}"


def _decided(known: _Checkout, decision: Decision) -> _Checkout:
    return replace(known, decision=decision.value, decided_at=clock.now().isoformat())


def _status(known: _Checkout, now: datetime, seconds: float) -> CheckoutStatus:
    decision = Decision(known.decision)
    ended = {
        Decision.APPROVED: CheckoutStatus.PAID,
        Decision.DECLINED: CheckoutStatus.FAILED,
        Decision.CLOSED: CheckoutStatus.EXPIRED,
    }
    if decision in ended:
        return ended[decision]
    if decision is Decision.LATER:
        due = datetime.fromisoformat(known.decided_at) + timedelta(seconds=seconds)
        return CheckoutStatus.PAID if now >= due else CheckoutStatus.AWAITED
    if now >= _ends_at(known):
        return CheckoutStatus.EXPIRED
    # A reference can be paid at any machine as soon as it is there.
    is_out = decision is Decision.NEVER or known.method in VOUCHERS
    return CheckoutStatus.AWAITED if is_out else CheckoutStatus.OPEN


def _ends_at(known: _Checkout) -> datetime:
    """When nobody can pay it any more."""
    if known.method in VOUCHERS:
        return datetime.fromisoformat(known.opened_at) + VOUCHER_FOR
    if known.method == PaymentMethod.MB_WAY and known.decided_at:
        return datetime.fromisoformat(known.decided_at) + PUSH_FOR
    return datetime.fromisoformat(known.expires_at)


def _voucher(known: _Checkout, session: str) -> Voucher | None:
    """What the customer pays by: known at once, as the demo has no page of its own to show it."""
    ends = _ends_at(known)
    if known.method == PaymentMethod.PIX:
        return Voucher(pix=_pix(known, session), expires_at=ends)
    if known.method == PaymentMethod.MULTIBANCO:
        own = f"{int(session[-_NAME_LENGTH:], 16) % 10**7:07d}"
        amount = Money(known.cents, known.currency)
        return Voucher(entity=_ENTITY, reference=reference(_ENTITY, own, amount), expires_at=ends)
    if known.method == PaymentMethod.MB_WAY and known.decided_at:
        return Voucher(expires_at=ends)
    return None


def _pix(known: _Checkout, session: str) -> str:
    """A code every bank's app can read, and none can pay."""
    code = BRCode(
        name="Pagamento de demonstração",
        city="Recife",
        key="demonstracao@example.com",
        amount=Money(known.cents, known.currency),
        txid=session.removeprefix("demo_"),
    )
    return encode(code)
