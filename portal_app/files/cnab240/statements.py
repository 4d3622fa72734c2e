"""What a remessa says of a title, field by field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from portal_app.domain.boleto.order import Order
from portal_app.domain.errors import (
    FieldMissing,
    InvalidAmount,
    InvalidDate,
    InvalidField,
    UnknownCurrency,
)
from portal_app.domain.imports import MOST_OF_A_TITLE, ensure_amount, is_tax_id
from portal_app.domain.money import Money
from portal_app.files.bank_text import bank_text
from portal_app.files.cnab240.banks import Writing
from portal_app.files.fixed_width import CURRENCY

Say = Callable[[Order, Writing], str]

_NUMBER: Final = re.compile(r"[0-9A-Z][0-9A-Z ./-]*")
_NOSSO_NUMERO: Final = re.compile(r"[0-9A-Z]+")
_TAX_ID: Final = re.compile(r"[0-9]{11}|[0-9A-Z]{12}[0-9]{2}")
_POSTCODE: Final = re.compile(r"[0-9]{8}")
_STATE: Final = re.compile(r"[A-Z]{2}")
_ACEITE: Final = {"A": "A", "S": "A", "N": "N"}


@lru_cache(maxsize=4096)
def ddmmyyyy(day: date) -> str:
    return f"{day:%d%m}{day.year:04}"


def tax_id_type(tax_id: str) -> str:
    return "2" if len(tax_id) == len("12ABC34501DE35") else "1"


def ensure_tax_id(tax_id: str) -> str:
    """A CPF or CNPJ without punctuation whose check digits are right."""
    if not tax_id:
        raise FieldMissing(field="tax_id")
    if not (_TAX_ID.fullmatch(tax_id) and is_tax_id(tax_id, "BR")):
        raise InvalidField(field="tax_id")
    return tax_id


def _nosso_numero(order: Order, writing: Writing) -> str:
    if not order.nosso_numero:
        raise FieldMissing(field="nosso_numero")
    stated = writing.nosso_numero(order)
    if not _NOSSO_NUMERO.fullmatch(stated):
        raise InvalidField(field="nosso_numero", value=order.nosso_numero)
    return stated


def _carteira(order: Order, writing: Writing) -> str:
    return writing.carteira(order.title)


def _seu_numero(order: Order, _: Writing) -> str:
    number = order.title.seu_numero.upper()
    if not number:
        raise FieldMissing(field="number")
    if not _NUMBER.fullmatch(number):
        raise InvalidField(field="number", value=number)
    return number


def _amount(order: Order, _: Writing) -> str:
    amount = order.amount
    if amount.currency != CURRENCY:
        raise UnknownCurrency(field="currency", value=amount.currency)
    return str(ensure_amount(amount, MOST_OF_A_TITLE, "amount").cents)


def _due(order: Order, _: Writing) -> str:
    if order.due < order.document_date:
        raise InvalidDate(field="due_date", value=order.due.isoformat())
    return ddmmyyyy(order.due)


def _especie(order: Order, writing: Writing) -> str:
    code = writing.especies.get(order.especie_doc)
    if code is None:
        raise InvalidField(field="especie_doc", value=order.especie_doc)
    return code


def _aceite(order: Order, _: Writing) -> str:
    if order.aceite not in _ACEITE:
        raise InvalidField(field="aceite", value=order.aceite)
    return _ACEITE[order.aceite]


def _issued(order: Order, _: Writing) -> str:
    return ddmmyyyy(order.document_date)


def _interest_code(order: Order, writing: Writing) -> str:
    if not writing.codes:
        return ""
    return _interest(order, writing)[0] or writing.no_interest


def _interest_from(order: Order, writing: Writing) -> str:
    return ddmmyyyy(order.late_from) if _interest(order, writing)[1] else ""


def _interest_amount(order: Order, writing: Writing) -> str:
    return _interest(order, writing)[1]


def _fine_code(order: Order, _: Writing) -> str:
    return _fine(order)[0]


def _fine_from(order: Order, _: Writing) -> str:
    return ddmmyyyy(order.late_from) if _fine(order)[1] else ""


def _fine_amount(order: Order, _: Writing) -> str:
    return _fine(order)[1]


def _interest(order: Order, writing: Writing) -> tuple[str, str]:
    rate = order.late.interest_rate if writing.rates else None
    return _charge("interest", rate, order.late.interest_a_day)


def _fine(order: Order) -> tuple[str, str]:
    return _charge("fine", order.late.fine_rate, order.late.fine)


def _charge(field: str, rate: Decimal | None, amount: Money) -> tuple[str, str]:
    """Code and number: '2' and hundredths of a percent, '1' and cents, or nothing at all.

    A rate that two decimals cannot say is stated as the amount it comes to.
    """
    if amount.cents < 0 or (rate is not None and rate < 0):
        raise InvalidAmount(field=field)
    hundredths = _hundredths(rate) if rate is not None else None
    if hundredths:
        return "2", hundredths
    return ("1", str(amount.cents)) if amount else ("", "")


@lru_cache(maxsize=256)
def _hundredths(rate: Decimal) -> str:
    number = rate.scaleb(4)
    return str(int(number)) if number and number == number.to_integral_value() else ""


def _discount_code(order: Order, writing: Writing) -> str:
    return "1" if order.discount and writing.codes else ""


def _discount_until(order: Order, _: Writing) -> str:
    if order.discount is None:
        return ""
    if order.discount.until > order.due:
        raise InvalidDate(field="discount_until", value=order.discount.until.isoformat())
    return ddmmyyyy(order.discount.until)


def _discount_amount(order: Order, _: Writing) -> str:
    if order.discount is None:
        return ""
    cents = order.discount.amount.cents
    if not 0 < cents < order.amount.cents:
        raise InvalidAmount(field="discount")
    return str(cents)


def _write_off_code(_: Order, writing: Writing) -> str:
    return "1" if writing.gives_up else ""


def _write_off_days(order: Order, writing: Writing) -> str:
    if not writing.gives_up:
        return ""
    if order.write_off_days < 1:
        raise InvalidField(field="write_off_days", value=order.write_off_days)
    return str(order.write_off_days)


def _tax_id_type(order: Order, _: Writing) -> str:
    return tax_id_type(order.payer.tax_id)


def _tax_id(order: Order, _: Writing) -> str:
    return ensure_tax_id(order.payer.tax_id)


def _name(order: Order, _: Writing) -> str:
    return _needed("customer_name", order.payer.name)


def _street(order: Order, _: Writing) -> str:
    return _needed("street", order.payer.street)


def _district(order: Order, _: Writing) -> str:
    return bank_text(order.payer.district)


def _city(order: Order, _: Writing) -> str:
    return _needed("city", order.payer.city)


def _state(order: Order, _: Writing) -> str:
    return _shaped("state", order.payer.state.upper(), _STATE)


def _postcode(order: Order, _: Writing) -> str:
    return _shaped("postcode", order.payer.postcode, _POSTCODE)


def _needed(field: str, text: str) -> str:
    written = bank_text(text)
    if not written:
        raise FieldMissing(field=field)
    return written


def _shaped(field: str, text: str, shape: re.Pattern[str]) -> str:
    if not text:
        raise FieldMissing(field=field)
    if not shape.fullmatch(text):
        raise InvalidField(field=field, value=text)
    return text


SEGMENT_P: Final[Mapping[str, Say]] = {
    "nosso_numero": _nosso_numero,
    "carteira": _carteira,
    "number": _seu_numero,
    "due": _due,
    "amount": _amount,
    "especie": _especie,
    "aceite": _aceite,
    "issued": _issued,
    "interest_code": _interest_code,
    "interest_from": _interest_from,
    "interest": _interest_amount,
    "discount_code": _discount_code,
    "discount_until": _discount_until,
    "discount": _discount_amount,
    "company_reference": _seu_numero,
    "write_off_code": _write_off_code,
    "write_off_days": _write_off_days,
}
SEGMENT_Q: Final[Mapping[str, Say]] = {
    "tax_id_type": _tax_id_type,
    "tax_id": _tax_id,
    "name": _name,
    "street": _street,
    "district": _district,
    "postcode": _postcode,
    "city": _city,
    "state": _state,
}
SEGMENT_R: Final[Mapping[str, Say]] = {
    "fine_code": _fine_code,
    "fine_from": _fine_from,
    "fine": _fine_amount,
}
# All that may be shortened to fit. Anything else that is too long is refused.
SHORTENED: Final = frozenset({"name", "street", "district", "city"})
