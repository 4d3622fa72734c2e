"""How a customer is reached: e-mail, phone, address; what may stand there, by country.

Brazil: a state of IBGE's 27 and a CEP of eight digits (Correios), kept as 50070-050. Portugal: a
código postal of seven digits (CTT), kept as 4050-038, and no state. Elsewhere only lengths count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from portal_app.domain.boleto.order import ADDRESS
from portal_app.domain.customers import Customer
from portal_app.domain.emails import address_of
from portal_app.domain.errors import (
    FieldMissing,
    FieldsInvalid,
    FieldTooLong,
    InvalidAddress,
    InvalidField,
)
from portal_app.domain.imports import LONGEST as LONGEST_OF_FILE

STATES: Final = (
    *("AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "MS", "MT", "PA"),
    *("PB", "PE", "PI", "PR", "RJ", "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO"),
)
_DIGITS_OF_A_PHONE: Final = range(8, 16)
_PHONE: Final = re.compile(r"\+?[0-9 ()-]+")


@dataclass(frozen=True, slots=True)
class ContactData:
    """What is not known is empty."""

    email: str = ""
    phone: str = ""
    street: str = ""
    district: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""


NOTHING_KNOWN: Final = ContactData()
FIELDS: Final = tuple(field.name for field in fields(ContactData))
LONGEST: Final[Mapping[str, int]] = {"phone": 30} | {
    name: LONGEST_OF_FILE[name] for name in FIELDS if name in LONGEST_OF_FILE
}


@dataclass(frozen=True, slots=True)
class _Country:
    """What an address must be. Without `states` it names none; `needed` is not to be emptied."""

    postcode: re.Pattern[str]
    states: tuple[str, ...]
    needed: tuple[str, ...] = ()


_COUNTRIES: Final[Mapping[str, _Country]] = {
    # A bank takes no boleto without its payer's address.
    "BR": _Country(re.compile(r"([0-9]{5})-?([0-9]{3})"), STATES, ADDRESS),
    "PT": _Country(re.compile(r"([0-9]{4})-?([0-9]{3})"), ()),
}


def contact_of(customer: Customer) -> ContactData:
    return ContactData(**{name: getattr(customer, name) for name in FIELDS})


def differing(one: ContactData, other: ContactData) -> tuple[str, ...]:
    """The names of the fields that are not the same, in their order."""
    return tuple(name for name in FIELDS if getattr(one, name) != getattr(other, name))


def states_of(country: str) -> tuple[str, ...] | None:
    """Which states an address there may name, none of them in some; None where nobody counted."""
    known = _COUNTRIES.get(country)
    return known.states if known else None


def needed_in(country: str) -> tuple[str, ...]:
    """What may be corrected and not be emptied there."""
    known = _COUNTRIES.get(country)
    return known.needed if known else ()


def checked(wanted: ContactData, seen: ContactData, country: str) -> ContactData:
    """`wanted` as it is kept: without surplus blanks, addresses and postcodes in their one form.

    What does not differ from `seen` is nobody's mistake here, and stays as it was. Raises
    FieldsInvalid with all that is wrong.
    """
    kept: dict[str, str] = {}
    refused: list[InvalidField] = []
    for name in FIELDS:
        before, typed = getattr(seen, name), _tidy(getattr(wanted, name))
        try:
            kept[name] = before if typed == _tidy(before) else _kept(name, typed, before, country)
        except InvalidField as refusal:
            refused.append(refusal)
    if refused:
        raise FieldsInvalid(refused=tuple(refused))
    return ContactData(**kept)


def _kept(name: str, typed: str, before: str, country: str) -> str:
    """A field as it is kept; `before` is what stood in it."""
    if not typed:
        return _emptied(name, before, country)
    if not typed.isprintable():
        raise InvalidField(field=name, reason="unprintable")
    if len(typed) > LONGEST[name]:
        raise FieldTooLong(field=name, longest=LONGEST[name], reason="here")
    shaped = _shaped(name, typed, country)
    if shaped is None:
        raise InvalidAddress(field=name) if name == "email" else _misshapen(name, country)
    return shaped


def _emptied(name: str, before: str, country: str) -> str:
    if before and name in needed_in(country):
        raise FieldMissing(field=name, reason="boleto")
    return ""


def _misshapen(name: str, country: str) -> InvalidField:
    reason = f"postcode_{country}" if name == "postcode" else name
    return InvalidField(field=name, reason=reason)


def _shaped(name: str, typed: str, country: str) -> str | None:
    """In its one form, or as typed where any will do; None if it is not what it should be."""
    known = _COUNTRIES.get(country)
    if name == "email":
        return address_of(typed)
    if name == "phone":
        return typed if _is_phone(typed) else None
    if name == "postcode" and known is not None:
        found = known.postcode.fullmatch(typed)
        return "-".join(found.groups()) if found else None
    if name == "state" and known is not None:
        return typed.upper() if typed.upper() in known.states else None
    return typed


def _is_phone(text: str) -> bool:
    digits = sum(sign.isdigit() for sign in text)
    return bool(_PHONE.fullmatch(text)) and digits in _DIGITS_OF_A_PHONE


def _tidy(text: str) -> str:
    r"""In one line, letters with accents as one sign each.

    >>> _tidy("  Rua   do Sol\n")
    'Rua do Sol'
    """
    return " ".join(unicodedata.normalize("NFC", text).split())
