"""What a file may say: customers, documents, and the lines that were not understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from stdnum.br import cnpj, cpf
from stdnum.pt import nif

from portal_app.domain.customers import compact
from portal_app.domain.documents import DocumentType
from portal_app.domain.errors import (
    AmountAmbiguous,
    AmountNotPositive,
    AmountTooLarge,
    FieldMissing,
    FieldTooLong,
    InvalidAddress,
    InvalidAmount,
    InvalidDate,
    PortalError,
    UnknownCurrency,
    UnknownType,
)
from portal_app.domain.money import Money

# A year outside these is a slip of the keyboard, not a bill.
FIRST_DAY: Final = date(1990, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)
# What a barcode can carry, 99.999.999,99; beyond it no bank takes a title.
MOST_OF_A_TITLE: Final = 9_999_999_999
# 99.999.999.999,99: sums over hundreds of thousands of documents still fit 64 bits.
MOST_OF_A_DOCUMENT: Final = 9_999_999_999_999
# Currencies with two decimals: Money counts hundredths.
CURRENCIES: Final = frozenset({"BRL", "EUR", "USD", "GBP", "CHF"})

LONGEST: Final[Mapping[str, int]] = {
    "customer_code": 40,
    "customer_name": 120,
    "tax_id": 20,
    "email": 254,
    "street": 120,
    "district": 60,
    "city": 60,
    "state": 30,
    "postcode": 12,
    "series": 30,
    "number": 40,
    "description": 300,
    "contract": 40,
}

_SEPARATORS: Final = str.maketrans("", "", " .-/")
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DAY_FIRST: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_POINT: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,2})?")
_COMMA: Final = re.compile(r"-?([0-9]{1,20}|[0-9]{1,3}(\.[0-9]{3}){1,6}),[0-9]{1,2}")
_THOUSANDS: Final = re.compile(r"-?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*", re.ASCII)
_EMAIL: Final = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")


@dataclass(frozen=True, slots=True)
class ImportedCustomer:
    """A customer as a file names it. `code` is empty where the file has none."""

    code: str
    name: str
    tax_id: str
    email: str = ""
    street: str = ""
    district: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""

    @property
    def key(self) -> str:
        """The file's code, else the tax id."""
        return self.code or self.tax_id


@dataclass(frozen=True, slots=True)
class Registration:
    """Where an imported title is registered: what makes it unique."""

    bank: str
    convenio: str
    nosso_numero: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedDocument:
    """A document as a file states it. `line` is where it begins."""

    line: int
    customer: ImportedCustomer
    type: DocumentType
    series: str
    number: str
    issued: date
    due: date | None
    total: Money
    description: str = ""
    contract: str = ""
    registration: Registration | None = None


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line of which nothing was kept, and why."""

    line: int
    code: str
    details: Mapping[str, object]

    @classmethod
    def of(cls, line: int, refusal: PortalError) -> RefusedLine:
        return cls(line, refusal.code, refusal.details)


@dataclass(frozen=True, slots=True)
class LineWarning:
    """A line that was kept and that somebody should look at. `code` is a LineNotice's."""

    line: int
    code: str
    details: Mapping[str, object]

    @classmethod
    def of(cls, line: int, notice: PortalError) -> LineWarning:
        return cls(line, notice.code, notice.details)


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A stored document, as far as a file can contradict it."""

    id: int
    customer: int
    total: Money
    issued: date
    due: date | None
    nosso_numero: str


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """`own_fields` names what he changed himself in the portal."""

    id: int
    tax_id_valid: bool
    facts: ImportedCustomer
    own_fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Said:
    """What becomes of a file's word on a known customer.

    `changed` is written. `own_fields` stay his: `kept` those the file says otherwise, and those of
    which it says nothing.
    """

    changed: Mapping[str, str]
    own_fields: frozenset[str]
    kept: tuple[str, ...]


def tax_id_of(text: str) -> str:
    """The tax id without its punctuation; the letters of an alphanumeric CNPJ stay.

    >>> tax_id_of("12.abc.345/01de-35"), tax_id_of("821.367.605-05")
    ('12ABC34501DE35', '82136760505')
    """
    return text.translate(_SEPARATORS).upper()


def is_tax_id(tax_id: str, country: str) -> bool:
    """Whether a bank or tax office of this country would take it. Elsewhere anything goes.

    >>> is_tax_id("12ABC34501DE35", "BR"), is_tax_id("12345678901", "BR")
    (True, False)
    """
    if country == "BR":
        # The check digits of 111.111.111-11 are right; no such CPF is ever given out.
        return len(set(tax_id)) > 1 and (cpf.is_valid(tax_id) or cnpj.is_valid(tax_id))
    if country == "PT":
        return nif.is_valid(tax_id)
    return bool(tax_id)


def amount_of(text: str, currency: str, field: str) -> Money:
    """Read '1234.56', '1234,56' or '1.234,56'; '1.234' could be two amounts and is refused.

    >>> amount_of("1.234,56", "BRL", "amount")
    Money(cents=123456, currency='BRL')
    """
    if not text:
        raise FieldMissing(field=field)
    if _COMMA.fullmatch(text):
        plain = text.replace(".", "").replace(",", ".")
    elif _POINT.fullmatch(text):
        plain = text
    elif _THOUSANDS.fullmatch(text):
        raise AmountAmbiguous(field=field, value=text[:40])
    else:
        raise InvalidAmount(field=field, value=text[:40])
    if len(plain.partition(".")[0].lstrip("-0")) > len(str(MOST_OF_A_DOCUMENT)):
        raise AmountTooLarge(field=field, most=Money(MOST_OF_A_DOCUMENT, currency))
    whole, _, decimals = plain.partition(".")
    sign = "-" if whole.startswith("-") else ""
    digits = whole.lstrip("-0") or "0"
    amount = Money.parse(f"{sign}{digits}.{decimals or '0'}", currency, field)
    return ensure_amount(amount, MOST_OF_A_DOCUMENT, field)


def ensure_amount(amount: Money, most: int, field: str) -> Money:
    """The amount, if it is more than nothing and at most so many cents."""
    if amount.cents <= 0:
        raise AmountNotPositive(field=field, value=str(amount.decimal()))
    if amount.cents > most:
        raise AmountTooLarge(field=field, most=Money(most, amount.currency))
    return amount


def day_of(text: str, field: str) -> date:
    """Read '2026-11-22' or '22/11/2026'."""
    if not text:
        raise FieldMissing(field=field)
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = found.groups()
    else:
        raise InvalidDate(field=field, value=text[:40])
    return calendar_day(year, month, day, field)


def calendar_day(year: str, month: str, day: str, field: str) -> date:
    """A day that exists and that a bill can bear."""
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise InvalidDate(field=field, value=f"{day}/{month}/{year}") from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise InvalidDate(field=field, value=f"{day}/{month}/{year}")
    return found


def type_of(text: str) -> DocumentType:
    try:
        return DocumentType(text.upper())
    except ValueError:
        raise UnknownType(field="type", value=text[:40]) from None


def currency_of(text: str) -> str:
    if text.upper() not in CURRENCIES:
        raise UnknownCurrency(field="currency", value=text[:40])
    return text.upper()


def ensure_email(text: str) -> str:
    """One address, or none at all."""
    if text and not _EMAIL.fullmatch(text):
        raise InvalidAddress(field="email", value=text[:60])
    return text


def ensure_length(field: str, text: str) -> str:
    if len(text) > LONGEST[field]:
        raise FieldTooLong(field=field, longest=LONGEST[field])
    return text


def contradiction(known: KnownDocument, new: ImportedDocument, customer: int) -> str | None:
    """The first fact a file states otherwise than what is stored; None if they agree."""
    facts = (
        ("customer_code", known.customer, customer),
        ("currency", known.total.currency, new.total.currency),
        ("amount", known.total.cents, new.total.cents),
        ("issue_date", known.issued, new.issued),
        ("due_date", known.due, new.due),
    )
    return next((field for field, stored, stated in facts if stored != stated), None)


def said_of(known: KnownCustomer, new: ImportedCustomer) -> Said:
    """A customer's own word stands until a file says the same; from then on the last file wins."""
    changed = changes(known.facts, new)
    kept = tuple(
        name
        for name, stated in changed.items()
        if name in known.own_fields and compact(stated) != compact(getattr(known.facts, name))
    )
    silent = {name for name in known.own_fields if not getattr(new, name, "")}
    return Said(
        changed={name: stated for name, stated in changed.items() if name not in known.own_fields},
        own_fields=frozenset({*kept, *silent}),
        kept=kept,
    )


def changes(known: ImportedCustomer, new: ImportedCustomer) -> dict[str, str]:
    """What a file says newly of a customer. What it leaves empty stays as it was."""
    return {
        field.name: stated
        for field in fields(new)
        if field.name != "code"
        and (stated := getattr(new, field.name))
        and stated != getattr(known, field.name)
    }
