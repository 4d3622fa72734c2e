"""E-mails that carry no paper, in words: an invitation, a code, what changed and how to undo it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Final

from portal_app.domain.companies import Company
from portal_app.domain.emails import MailKind, Recipient
from portal_app.domain.proofs import GOOD_FOR, Purpose
from portal_app.gateways import clock
from portal_app.locales import minute, text
from portal_app.services.messages import Envelope, Words, written
from portal_app.settings import settings

# What each carries, and the page its link leads to.
_PURPOSES: Final = {
    MailKind.INVITATION: Purpose.INVITE,
    MailKind.NEW_PASSWORD: Purpose.RESET,
    MailKind.SIGN_IN_CODE: Purpose.CODE,
}
_PAGES: Final = {MailKind.INVITATION: "/i/", MailKind.NEW_PASSWORD: "/r/"}
_ACCOUNT: Final = "/account"
# A code is typed where it was asked for; whose data is deleted has no account any more.
_WITHOUT_LINK: Final = frozenset({MailKind.SIGN_IN_CODE, MailKind.DELETION_DONE})
_CODE_HALF: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An e-mail to a user or, about his address, to a customer of this `name`.

    `secret` is what it carries, '' for none; `sender` an address.
    """

    recipient: Recipient
    company: Company
    sender: str
    name: str
    secret: str


def notice_of(notice: Notice, now: datetime) -> EmailMessage:
    """The whole message; said again it has the same Message-ID."""
    return written(Envelope(notice.recipient, notice.company, notice.sender), _words(notice), now)


def link_of(kind: MailKind, secret: str) -> str:
    """The address an invitation or a new password leads to."""
    return f"{settings().public_url}{_PAGES[kind]}{secret}"


def _words(notice: Notice) -> Words:
    mail, company = notice.recipient.mail, notice.company
    locale, key = mail.locale, f"mail.{mail.kind}"
    values = {"company": company.name, "name": notice.name}
    return Words(
        subject=text(f"{key}.subject", locale, **values),
        company=company.name,
        intro=text(_intro(notice), locale, **values),
        facts=_facts(notice),
        codes=_codes(notice),
        link=_link(notice),
        closing=_closing(notice),
        language=text("language.tag", locale),
    )


def _intro(notice: Notice) -> str:
    """The key of what happened: without a new address, nothing is said to go there."""
    mail = notice.recipient.mail
    key = f"mail.{mail.kind}.intro"
    return f"{key}.emptied" if mail.facts.get("change") == "email_emptied" else key


def _facts(notice: Notice) -> tuple[tuple[str, str], ...]:
    mail, zone = notice.recipient.mail, notice.company.zone
    purpose = _PURPOSES.get(mail.kind)
    ends = mail.created_at + GOOD_FOR[purpose] if purpose else None
    facts = (
        ("mail.login", notice.recipient.address if mail.user is not None else ""),
        ("mail.customer", notice.name if mail.user is None else ""),
        ("mail.device", mail.facts.get("device", "")),
        ("mail.address", mail.facts.get("address", "")),
        ("mail.change", _change(notice)),
        ("mail.email_before", mail.facts.get("before", "")),
        ("mail.email_now", mail.facts.get("now", "")),
        ("mail.reason", mail.facts.get("reason", "")),
        ("mail.when", "" if ends else minute(clock.local(mail.created_at, zone), mail.locale)),
        ("mail.until", minute(clock.local(ends, zone), mail.locale) if ends else ""),
    )
    return tuple((text(name, mail.locale), fact) for name, fact in facts if fact)


def _change(notice: Notice) -> str:
    change = notice.recipient.mail.facts.get("change", "")
    return text(f"mail.change.{change}", notice.recipient.mail.locale) if change else ""


def _codes(notice: Notice) -> tuple[tuple[str, str], ...]:
    """Half and half, as people read it out; typed, what stands between is no matter."""
    mail = notice.recipient.mail
    if mail.kind is not MailKind.SIGN_IN_CODE:
        return ()
    shown = f"{notice.secret[:_CODE_HALF]} {notice.secret[_CODE_HALF:]}"
    return ((text("mail.code", mail.locale), shown),)


def _link(notice: Notice) -> tuple[str, str] | None:
    """None where there is nothing to press: who asked for a code sees where it goes."""
    mail = notice.recipient.mail
    if mail.kind in _WITHOUT_LINK:
        return None
    if mail.kind in _PAGES:
        return text(f"mail.{mail.kind}.link", mail.locale), link_of(mail.kind, notice.secret)
    return text("mail.account.link", mail.locale), f"{settings().public_url}{_ACCOUNT}"


def _closing(notice: Notice) -> tuple[str, ...]:
    company, mail = notice.company, notice.recipient.mail
    contact = company.contact
    facts = {
        "company": company.name,
        "contact": " · ".join(filter(None, (contact.name, contact.phone, contact.email))),
    }
    lines = (
        (f"mail.{mail.kind}.not_you", True),
        ("mail.questions", bool(facts["contact"])),
        ("mail.owed", True),
    )
    return tuple(text(key, mail.locale, **facts) for key, holds in lines if holds)
