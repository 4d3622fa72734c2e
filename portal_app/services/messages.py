"""E-mails in words: subject, text and HTML, with their paper, as messages ready to be handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Final

from portal_app.domain.boleto.sheet import BoletoSheet
from portal_app.domain.companies import Company
from portal_app.domain.customers import Customer
from portal_app.domain.emails import MailKind, Recipient, address_of
from portal_app.domain.receipts import ReceiptFacts
from portal_app.locales import day, money, text
from portal_app.pdf.boleto import draw_boleto
from portal_app.pdf.document import draw_document
from portal_app.pdf.receipt import draw_receipt
from portal_app.pdf.style import tax_id
from portal_app.services.enclosures import Enclosure

# Letters outside ASCII are encoded: not every server on the way takes eight bits.
_POLICY: Final = SMTP.clone(cte_type="7bit")
_MOST_NUMBERS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An e-mail to one address, and all it says. `sender` is an address."""

    recipient: Recipient
    company: Company
    customer: Customer
    sender: str
    enclosure: Enclosure


@dataclass(frozen=True, slots=True)
class Words:
    """The same for the text and for the HTML. `codes` are copied whole by their reader.

    `link` is its label and its address, None where there is nowhere to go.
    """

    subject: str
    company: str
    intro: str
    facts: tuple[tuple[str, str], ...]
    codes: tuple[tuple[str, str], ...]
    link: tuple[str, str] | None
    closing: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """To whom a message goes and from whom it comes. `sender` is an address."""

    recipient: Recipient
    company: Company
    sender: str


def message_of(outgoing: Outgoing, now: datetime) -> EmailMessage:
    """The whole message; said again it has the same Message-ID."""
    envelope = Envelope(outgoing.recipient, outgoing.company, outgoing.sender)
    message = written(envelope, _words(outgoing), now)
    message.add_attachment(
        _drawn(outgoing),
        maintype="application",
        subtype="pdf",
        filename=outgoing.enclosure.file_name,
    )
    return message


def written(envelope: Envelope, said: Words, now: datetime) -> EmailMessage:
    """A message of these words, as text and as HTML."""
    message = EmailMessage(policy=_POLICY)
    _address(message, envelope, now)
    message["Subject"] = _one_line(said.subject)
    message.set_content(_plain(said))
    message.add_alternative(_html(said), subtype="html")
    return message


def _address(message: EmailMessage, envelope: Envelope, now: datetime) -> None:
    """Headers of address objects only: nothing in a name can become another header or address."""
    recipient, company, sender = envelope.recipient, envelope.company, envelope.sender
    message["From"] = Address(_one_line(company.name), addr_spec=sender)
    message["To"] = Address(addr_spec=recipient.address)
    answers = address_of(company.contact.email)
    if answers:
        message["Reply-To"] = Address(_one_line(company.contact.name), addr_spec=answers)
    message["Date"] = format_datetime(now)
    asked = recipient.mail.created_at
    own = f"{asked:%Y%m%d%H%M%S}.{recipient.mail.id}.{recipient.id}"
    message["Message-ID"] = f"<{own}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"


def _words(outgoing: Outgoing) -> Words:
    mail, carried = outgoing.recipient.mail, outgoing.enclosure
    locale = mail.locale
    # A boleto made outside the portal belongs to its document, and is a boleto all the same.
    is_boleto = mail.kind is MailKind.DOCUMENT and carried.line
    key = f"mail.{MailKind.BOLETO if is_boleto else mail.kind}"
    facts = {
        "company": outgoing.company.name,
        "customer": outgoing.customer.name,
        "number": carried.number,
        "bank": carried.bank,
        "amount": carried.amount,
        "due": day(carried.due, locale) if carried.due else "—",
    }
    return Words(
        subject=text(f"{key}.subject", locale, **facts),
        company=outgoing.company.name,
        intro=text(f"{key}.intro", locale, **facts),
        facts=_facts(outgoing),
        codes=_codes(carried, locale),
        link=(text("mail.link", locale), carried.link),
        closing=_closing(outgoing),
        language=text("language.tag", locale),
    )


def _facts(outgoing: Outgoing) -> tuple[tuple[str, str], ...]:
    carried, locale = outgoing.enclosure, outgoing.recipient.mail.locale
    paper = carried.paper
    facts = (
        ("mail.customer", outgoing.customer.name),
        ("mail.amount", money(carried.amount, locale)),
        ("mail.due", day(carried.due, locale) if carried.due else ""),
        ("mail.bank", carried.bank),
        *(_stated(paper, locale) if isinstance(paper, ReceiptFacts) else ()),
        ("mail.documents", _listed(carried.numbers, locale)),
    )
    return tuple((text(key, locale), value) for key, value in facts if value)


def _stated(facts: ReceiptFacts, locale: str) -> tuple[tuple[str, str], ...]:
    """How and when the money went, and what it left owed or as credit."""
    return (
        (f"receipt.day.{facts.kind}", day(facts.paid_on, locale)),
        ("receipt.method", text(f"payment.method.{facts.method}", locale)),
        (f"receipt.owed.{facts.kind}", money(facts.owed, locale) if facts.lines else ""),
        (f"receipt.credit.{facts.kind}", money(facts.credit, locale) if facts.credit else ""),
    )


def _codes(carried: Enclosure, locale: str) -> tuple[tuple[str, str], ...]:
    codes = (("mail.line", carried.line), ("mail.pix", carried.pix))
    return tuple((text(key, locale), code) for key, code in codes if code)


def _closing(outgoing: Outgoing) -> tuple[str, ...]:
    company, locale = outgoing.company, outgoing.recipient.mail.locale
    contact = company.contact
    facts = {
        "company": company.name,
        "tax_id": tax_id(company.tax_id),
        "customer": outgoing.customer.name,
        "contact": " · ".join(filter(None, (contact.name, contact.phone, contact.email))),
    }
    lines = (
        ("mail.check", bool(outgoing.enclosure.line)),
        ("mail.questions", bool(facts["contact"])),
        ("mail.asked", bool(outgoing.recipient.mail.asked_by)),
        ("mail.owed", not outgoing.recipient.mail.asked_by),
    )
    return tuple(text(key, locale, **facts) for key, holds in lines if holds)


def _listed(numbers: tuple[str, ...], locale: str) -> str:
    shown, more = ", ".join(numbers[:_MOST_NUMBERS]), len(numbers) - _MOST_NUMBERS
    return text("mail.and_more", locale, numbers=shown, count=more) if more > 0 else shown


def _plain(said: Words) -> str:
    parts = (
        said.intro,
        "\n".join(f"{name}: {value}" for name, value in said.facts),
        *(f"{name}\n{code}" for name, code in said.codes),
        *(["\n".join(said.link)] if said.link else []),
        "\n".join(said.closing),
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def _html(said: Words) -> str:
    """Of the few elements and inline styles that programs for mail agree on."""
    facts = "".join(_fact(name, value) for name, value in said.facts)
    codes = "".join(_code(name, code) for name, code in said.codes)
    closing = "<br>".join(map(escape, said.closing))
    link = _link(*said.link) if said.link else ""
    return (
        f'<!doctype html><html lang="{said.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(said.subject)}</title></head>"
        f'<body style="{_BODY}"><div style="{_SHEET}">'
        f'<p style="{_COMPANY}">{escape(said.company)}</p>'
        f'<p style="{_INTRO}">{escape(said.intro)}</p>'
        f'<table role="presentation" style="{_TABLE}">{facts}</table>{codes}{link}'
        f'<p style="{_CLOSING}">{closing}</p>'
        "</div></body></html>\n"
    )


def _fact(name: str, value: str) -> str:
    return (
        f'<tr><td style="{_NAME}">{escape(name)}</td><td style="{_VALUE}">{escape(value)}</td></tr>'
    )


def _code(name: str, code: str) -> str:
    return f'<p style="{_LABEL}">{escape(name)}</p><p style="{_CODE}">{escape(code)}</p>'


def _link(label: str, address: str) -> str:
    href = f'<a href="{escape(address)}" style="{_BUTTON}">{escape(label)}</a>'
    return f'<p style="margin:24px 0">{href}</p>'


def _drawn(outgoing: Outgoing) -> bytes:
    paper = outgoing.enclosure.paper
    if isinstance(paper, ReceiptFacts):
        return draw_receipt(paper, outgoing.recipient.mail.locale)
    return draw_boleto(paper) if isinstance(paper, BoletoSheet) else draw_document(paper)


def _one_line(words: str) -> str:
    """As a header needs it: nothing that cannot be seen, and no encoded word of RFC 2047.

    The email package decodes what looks like one, to line breaks too.
    """
    seen = "".join(sign if sign.isprintable() else " " for sign in words)
    return " ".join(seen.split()).replace("=?", "= ?")


_BODY: Final = (
    "margin:0;padding:24px 12px;background:#f9f9fb;color:#1c2024;"
    "font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
)
_SHEET: Final = (
    "max-width:560px;margin:0 auto;padding:28px;background:#ffffff;"
    "border:1px solid #e8e8ec;border-radius:16px"
)
_COMPANY: Final = "margin:0 0 12px;color:#1d3b31;font-weight:700"
_INTRO: Final = "margin:0 0 20px;font-size:17px"
_TABLE: Final = "width:100%;border-collapse:collapse"
_NAME: Final = "padding:8px 12px 8px 0;color:#60646c;vertical-align:top;white-space:nowrap"
_VALUE: Final = "padding:8px 0;text-align:right;font-weight:600"
_LABEL: Final = "margin:20px 0 6px;color:#60646c;font-size:14px"
_CODE: Final = (
    "margin:0;padding:12px 14px;background:#f0f0f3;border-radius:10px;"
    "font:15px/1.5 ui-monospace,Menlo,Consolas,monospace;word-break:break-word"
)
_BUTTON: Final = (
    "display:inline-block;padding:12px 24px;background:#1d3b31;color:#ffffff;"
    "border-radius:8px;font-weight:600;text-decoration:none"
)
_CLOSING: Final = (
    "margin:24px 0 0;padding-top:16px;border-top:1px solid #e8e8ec;color:#60646c;font-size:13px"
)
