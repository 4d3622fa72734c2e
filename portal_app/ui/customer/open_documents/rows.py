"""Open documents → rows in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Final

from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.registration import BoletoState
from portal_app.domain.documents import SOON_DAYS, Attempt, Block, Document, days_late
from portal_app.domain.grants import Feature
from portal_app.domain.money import Money
from portal_app.domain.payments import VOUCHERS, PaymentMethod
from portal_app.services.documents import OpenPage, OpenRow
from portal_app.ui import formats, routes
from portal_app.ui.components.status_badge import AMBER, BLUE, GRAY, JADE, RED
from portal_app.ui.session import current
from portal_app.ui.texts import say, say_many

_MINUTE: Final = 60


@dataclass(frozen=True)
class Row:
    """A document, already in words. An empty text is not shown.

    `why` is the short reason a row cannot be ticked, `reason` the whole sentence;
    `open` names the page of the payment it stands in, at `href`.
    """

    id: int
    public_id: str
    number: str
    about: str
    why: str
    reason: str
    due: str
    badge: str
    tone: str
    total: str
    balance: str
    today: str
    free: str
    paid: str
    currency: str
    can_tick: bool
    is_credit: bool
    open: str
    href: str
    pdf: str


def rows_of(page: OpenPage) -> list[Row]:
    return [_row(row, page) for row in page.rows]


def _row(row: OpenRow, page: OpenPage) -> Row:
    document = row.document
    badge, tone = _badge(row, page.today, page.now)
    why, reason = _why(row)
    attempt = document.attempt
    return Row(
        id=document.id,
        public_id=document.public_id,
        number=document.number,
        about=document.description,
        why=why,
        reason=reason,
        due=formats.day(document.due),
        badge=badge,
        tone=tone,
        total=_signed(document.total, document),
        balance=_signed(document.balance, document),
        today=say("open.today", amount=row.today) if row.today else "",
        free=say("open.free_until", day=formats.short_day(row.free_until))
        if row.free_until
        else "",
        paid=_paid(document),
        currency=document.balance.currency,
        can_tick=row.block is None,
        is_credit=document.is_credit,
        open=_open(attempt) if attempt else "",
        href=routes.pay(attempt.payment) if attempt else "",
        pdf=_pdf(row),
    )


def _signed(amount: Money, document: Document) -> str:
    """A credit note's amounts with a minus."""
    return formats.money(-amount if document.is_credit else amount)


def _paid(document: Document) -> str:
    paid = document.total - document.balance
    return say("open.paid", amount=paid) if paid.cents > 0 else ""


def _open(attempt: Attempt) -> str:
    """A boleto and a reference are looked at again; whatever else was left half done is gone on with."""
    if attempt.method == PaymentMethod.BOLETO:
        return say("open.see_boleto")
    return say("open.see_payment" if attempt.method in VOUCHERS else "open.continue")


def _pdf(row: OpenRow) -> str:
    """The boleto that can be paid, else the paper of the document itself."""
    document, attempt = row.document, row.document.attempt
    if not current().may(Feature.PRINT):
        return ""
    if attempt and attempt.boleto_state == BoletoState.REGISTERED:
        return routes.boleto_pdf(attempt.payment)
    if row.printable:
        return routes.title_pdf(document.public_id)
    return routes.document_pdf(document.public_id)


def _badge(row: OpenRow, today: date, now: datetime) -> tuple[str, str]:
    """What the row's badge says, and its colour."""
    document = row.document
    if row.block is Block.IN_REGISTRATION and document.attempt:
        return _registration(document.attempt, now), BLUE
    if row.block is Block.IN_PAYMENT and document.attempt:
        at_bank = bool(document.attempt.bank)
        return (say("open.boleto_ready"), JADE) if at_bank else (say("open.in_payment"), BLUE)
    if document.due is None or document.is_credit:
        return "", GRAY
    late = days_late(document, today)
    if late > 0:
        return say_many("open.late", late), RED
    if late == 0:
        return say("open.due_today"), AMBER
    return say_many("open.due_in", -late), AMBER if -late <= SOON_DAYS else GRAY


def _registration(attempt: Attempt, now: datetime) -> str:
    left = (attempt.available_at - now).total_seconds() if attempt.available_at else 0
    if left <= 0:
        return say("open.in_registration")
    return say("open.registration_left", minutes=ceil(left / _MINUTE))


def _why(row: OpenRow) -> tuple[str, str]:
    """Why it cannot be ticked: short for the row, and as a sentence."""
    document, block = row.document, row.block
    if block is None:
        return "", ""
    if block is Block.TYPE:
        kind = say(f"document.type.{document.type}")
        return say("blocked.type", kind=kind), say("blocked.type.reason", kind=kind)
    bank, attempt = _bank(document.attempt), document.attempt
    key = "blocked.in_payment.other" if attempt and not bank else f"blocked.{block}"
    facts = {"bank": bank, "method": say(f"payment.method.{attempt.method}") if attempt else ""}
    return say(key, **facts), say(f"{key}.reason", **facts)


def _bank(attempt: Attempt | None) -> str:
    code = attempt.bank if attempt else None
    return BANKS[code].name if code and code in BANKS else ""
