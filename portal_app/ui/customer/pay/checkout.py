"""A payment at a provider in words: what is waited for and until when, what the customer pays by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal_app.domain.money import Money
from portal_app.domain.multibanco import spaced
from portal_app.domain.payments import LIVE, Hosted, Payment, PaymentMethod, PaymentState
from portal_app.locales import has
from portal_app.services.payments import Seen
from portal_app.ui import formats, routes
from portal_app.ui.session import current, locale
from portal_app.ui.texts import say

OPENING: Final = "opening"
PAGE: Final = "page"
PIX: Final = "pix"
PUSH: Final = "push"
REFERENCE: Final = "reference"
LINE: Final = "line"
OVER: Final = "over"

# How long a MB WAY request can be accepted.
PUSH_FOR: Final = timedelta(minutes=4)
PATIENCE: Final = timedelta(minutes=2)
# Paid some day; the others at once, so that whoever waits longer wonders.
_UNHURRIED: Final = {REFERENCE, LINE}
_WAITING: Final = {PAGE, PIX, PUSH}
_GROUPING: Final = re.compile(r"\D(?=.*\D)")


@dataclass(frozen=True)
class Reference:
    """What is typed at a Multibanco machine: as it is read, and as it is copied."""

    entity: str = ""
    number: str = ""
    plain_number: str = ""
    amount: str = ""
    plain_amount: str = ""


@dataclass(frozen=True)
class Checkout:
    """A payment that its provider is waited for; `look` is what is waited for, '' for nothing.

    `left` and `whole` are seconds, counted when they were asked for. `still` says that it takes
    longer than it does as a rule, `declined` that the last try was, `url` where to go on.
    """

    look: str = ""
    method: str = ""
    headline: str = ""
    text: str = ""
    still: str = ""
    declined: str = ""
    url: str = ""
    left: int = 0
    whole: int = 0
    until: str = ""
    pix: str = ""
    qr: str = ""
    reference: Reference = Reference()
    line: str = ""
    page: str = ""


def checkout_of(seen: Seen) -> Checkout:
    """How it stands; nothing for what has ended, and for what no provider has."""
    payment, hosted = seen.payment, seen.payment.hosted
    if hosted is None or payment.state not in LIVE:
        return Checkout()
    look = _look(payment, hosted, seen.now)
    voucher, ends = hosted.voucher, _ends(hosted)
    is_slow = is_late_for(seen)
    key = f"checkout.page.{payment.method}" if look == PAGE else f"checkout.{look}"
    if look == OPENING and is_slow:
        key = "checkout.opening.slow"
    return Checkout(
        look=look,
        method=payment.method.value,
        headline=say(f"{key}.title"),
        text=say(key),
        still=say("checkout.still") if is_slow and look in _WAITING and not payment.failure else "",
        declined=say("checkout.declined", reason=failure_in_words(payment.failure))
        if payment.failure
        else "",
        url="" if look == OVER else routes.here(hosted.url),
        left=max(0, round((ends - seen.now).total_seconds())),
        whole=_whole(look, ends - payment.created_at),
        until=formats.day(_local_day(ends)),
        pix=voucher.pix if look == PIX else "",
        qr=routes.payment_pix(payment.public_id) if look == PIX else "",
        reference=_reference(hosted, payment.amount) if look == REFERENCE else Reference(),
        line=voucher.line if look == LINE else "",
        page=voucher.page,
    )


def is_late_for(seen: Seen) -> bool:
    """Whether an outcome would as a rule have come by now. It is pending all the same."""
    payment, hosted = seen.payment, seen.payment.hosted
    if hosted is None or payment.state not in LIVE:
        return False
    is_unhurried = _look(payment, hosted, seen.now) in _UNHURRIED
    return not is_unhurried and seen.now - payment.created_at >= PATIENCE


def failure_in_words(code: str) -> str:
    """Why it was declined: ours for the codes we know; of others nothing is guessed."""
    key = f"failure.{code}"
    return say(key if code and has(key, locale()) else "failure.unknown")


def _look(payment: Payment, hosted: Hosted, now: datetime) -> str:
    if payment.state is PaymentState.CREATED:
        return OPENING
    voucher = hosted.voucher
    pushed = payment.method is PaymentMethod.MB_WAY and voucher.expires_at is not None
    looks = (
        (OVER, now >= _ends(hosted)),
        (PIX, bool(voucher.pix)),
        (REFERENCE, bool(voucher.reference)),
        (LINE, bool(voucher.line)),
        (PUSH, pushed),
    )
    return next((look for look, holds in looks if holds), PAGE)


def _ends(hosted: Hosted) -> datetime:
    return hosted.voucher.expires_at or hosted.expires_at


def _whole(look: str, since_start: timedelta) -> int:
    whole = PUSH_FOR if look == PUSH else since_start
    return max(1, round(whole.total_seconds()))


def _reference(hosted: Hosted, amount: Money) -> Reference:
    number = hosted.voucher.reference
    return Reference(
        entity=hosted.voucher.entity,
        number=spaced(number),
        plain_number=number,
        amount=formats.money(amount),
        # A bank's form takes the decimals, and no signs between the thousands.
        plain_amount=_GROUPING.sub("", formats.amount(amount)),
    )


def _local_day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(current().company.zone)).date()
