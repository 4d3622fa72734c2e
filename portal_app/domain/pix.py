"""Pix "copia e cola": the BR Code a payer's app reads, written and taken apart.

Source: Banco Central's "Manual de padrões para iniciação do Pix" upon EMVCo's "QR Code
Specification for Payment Systems – Merchant-Presented Mode". A field is id 2 · length 2, in
characters · value; some values are fields again. The code of a boleto comes from its bank.
"""

from __future__ import annotations

import re
import unicodedata
from binascii import crc_hqx
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from portal_app.domain.errors import (
    FieldMissing,
    FieldTooLong,
    InvalidAmount,
    InvalidField,
    InvalidPix,
)
from portal_app.domain.money import Money

GUI: Final = "br.gov.bcb.pix"
_START: Final = "000201"
_CRC_HEAD: Final = "6304"
_REAIS: Final = "986"
_COUNTRY: Final = "BR"
_ONCE: Final = "12"
_NO_TXID: Final = "***"
_PLACES: Final = 99

_HEAD: Final = re.compile(r"([0-9]{2})([0-9]{2})")
_AMOUNT: Final = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")
_TXID: Final = re.compile(r"[A-Za-z0-9]+")

_GUI_NAME: Final = MappingProxyType({"00": "GUI"})
_PIX_NAMES: Final = MappingProxyType(
    {**_GUI_NAME, "01": "chave", "02": "infoAdicional", "25": "url"}
)
_ADDITIONAL_NAMES: Final = MappingProxyType({"05": "Reference Label (txid)"})
_NAMES: Final = MappingProxyType(
    {
        "00": "Payload Format Indicator",
        "01": "Point of Initiation Method",
        **{f"{id_:02}": "Merchant Account Information" for id_ in range(2, 52)},
        "52": "Merchant Category Code",
        "53": "Transaction Currency",
        "54": "Transaction Amount",
        "58": "Country Code",
        "59": "Merchant Name",
        "60": "Merchant City",
        "61": "Postal Code",
        "62": "Additional Data Field Template",
        "63": "CRC",
        "64": "Merchant Information – Language Template",
        **{str(id_): "Unreserved Template" for id_ in range(80, 100)},
    }
)


@dataclass(frozen=True, slots=True)
class Field:
    """A field as it stands; `fields` are those its value consists of, where it does."""

    id: str
    value: str
    fields: tuple[Field, ...] = ()

    def inner(self, id_: str) -> str:
        """The value of a field in this one, empty where it is not there."""
        return _value(self.fields, id_)

    @property
    def is_pix_account(self) -> bool:
        return "26" <= self.id <= "51" and self.inner("00").lower() == GUI


@dataclass(frozen=True, slots=True, kw_only=True)
class BRCode:
    """What a payer's app reads: whom to pay and, perhaps, how much.

    Either `key`, the payee's Pix key (static), or `url` without 'https://', where the charge
    itself is read (dynamic). `amount` is None where the payer or the charge says it. `txid` is
    empty for '***', none of its own. `info` is a message to the payer. `fields` is all that a
    text had in it, also what has no name here; `encode` does not ask for it.
    """

    name: str
    city: str
    key: str = ""
    url: str = ""
    amount: Money | None = None
    txid: str = ""
    postcode: str = ""
    info: str = ""
    single_use: bool = False
    fields: tuple[Field, ...] = field(default=(), compare=False, repr=False)


def encode(code: BRCode) -> str:
    """The text to copy or to draw. A part too long for its field is refused, never cut.

    Accents are taken off name, city and info; the other parts stand as they are.

    >>> whom = BRCode(key="teste@exemplo.com", name="EMPRESA", city="SÃO PAULO")
    >>> encode(whom)[49:]
    '5204000053039865802BR5907EMPRESA6009SAO PAULO62070503***6304B102'
    """
    parts = (
        ("01", _ONCE if code.single_use else ""),
        ("26", _account(code)),
        ("52", "0000"),
        ("53", _REAIS),
        ("54", _amount_text(code.amount)),
        ("58", _COUNTRY),
        ("59", _text("name", _unaccented(code.name), 25)),
        ("60", _text("city", _unaccented(code.city), 15)),
        ("61", _text("postcode", code.postcode, 10) if code.postcode else ""),
        ("62", _written("05", _txid_text(code.txid))),
    )
    body = _START + "".join(_written(id_, value) for id_, value in parts if value) + _CRC_HEAD
    return body + crc16(body)


def decode(text: str) -> BRCode:
    """Read a BR Code strictly; InvalidPix where it is none, with the reason.

    >>> decode("00020126390014br.gov.bcb.pix0117teste@exemplo.com52040000530398654043.005802BR"
    ...        "5907EMPRESA6009SAO PAULO62070503***63040D06").amount
    Money(cents=300, currency='BRL')
    """
    if not text.startswith(_START):
        raise InvalidPix(reason="order", field="00")
    if text[-8:-4] == _CRC_HEAD and text[-4:] != crc16(text[:-4]):
        raise InvalidPix(reason="crc")
    fields = tuple(_read(text))
    last = fields[-1]
    if (last.id, len(last.value)) != ("63", 4):
        raise InvalidPix(reason="order", field="63")
    return _br_code(fields)


def crc16(text: str) -> str:
    """CRC-16/CCITT-FALSE of the UTF-8 text, always in four digits.

    >>> crc16("123456789")
    '29B1'
    """
    return f"{crc_hqx(text.encode('utf-8', 'surrogatepass'), 0xFFFF):04X}"


def described(
    fields: Iterable[Field], names: Mapping[str, str] = _NAMES
) -> Iterator[tuple[int, Field, str]]:
    """Depth, field and its name in the manuals ('' if it has none), each before its inner ones."""
    for each in fields:
        yield 0, each, names.get(each.id, "")
        for depth, inner, name in described(each.fields, _names_inside(each)):
            yield depth + 1, inner, name


def _br_code(fields: tuple[Field, ...]) -> BRCode:
    _ensure(fields, "53", _REAIS)
    _ensure(fields, "58", _COUNTRY)
    account, additional = _pix_account(fields), _found(fields, "62")
    txid = additional.inner("05") if additional else ""
    return BRCode(
        name=_needed(fields, "59"),
        city=_needed(fields, "60"),
        key=account.inner("01"),
        url=account.inner("25"),
        amount=_amount(_value(fields, "54")),
        txid="" if txid == _NO_TXID else txid,
        postcode=_value(fields, "61"),
        info=account.inner("02"),
        single_use=_is_single_use(_value(fields, "01")),
        fields=fields,
    )


def _pix_account(fields: Iterable[Field]) -> Field:
    """The one account that is Pix's, with either a key or a URL."""
    accounts = [each for each in fields if each.is_pix_account]
    if len(accounts) != 1:
        raise InvalidPix(reason="gui")
    if bool(accounts[0].inner("01")) == bool(accounts[0].inner("25")):
        raise InvalidPix(reason="field", field=accounts[0].id)
    return accounts[0]


def _amount(text: str) -> Money | None:
    if not text:
        return None
    if not _AMOUNT.fullmatch(text):
        raise InvalidPix(reason="field", field="54")
    return Money.parse(text, "BRL")


def _is_single_use(text: str) -> bool:
    if text not in {"", "11", _ONCE}:
        raise InvalidPix(reason="field", field="01")
    return text == _ONCE


def _ensure(fields: Iterable[Field], id_: str, expected: str) -> None:
    if _needed(fields, id_) != expected:
        raise InvalidPix(reason="field", field=id_)


def _needed(fields: Iterable[Field], id_: str) -> str:
    found = _found(fields, id_)
    if found is None:
        raise InvalidPix(reason="order", field=id_)
    return found.value


def _value(fields: Iterable[Field], id_: str) -> str:
    found = _found(fields, id_)
    return found.value if found else ""


def _found(fields: Iterable[Field], id_: str) -> Field | None:
    return next((each for each in fields if each.id == id_), None)


def _read(text: str, outer: str = "") -> Iterator[Field]:
    """The fields of a text one after the other; none stands there twice."""
    seen: set[str] = set()
    position = 0
    while position < len(text):
        head = _HEAD.match(text, position)
        if head is None:
            raise InvalidPix(reason="length", field=outer or text[position : position + 2])
        id_, end = head[1], head.end() + int(head[2])
        path, value = f"{outer}.{id_}".lstrip("."), text[head.end() : end]
        if not value or end > len(text):
            raise InvalidPix(reason="length", field=path)
        if id_ in seen or not value.isprintable():
            raise InvalidPix(reason="field", field=path)
        seen.add(id_)
        yield Field(id_, value, tuple(_read(value, path)) if _has_fields(path) else ())
        position = end


def _has_fields(path: str) -> bool:
    """Accounts, additional data, languages and the unreserved; of the additional ones from 50."""
    match path.split("."):
        case [id_]:
            return "26" <= id_ <= "51" or id_ in {"62", "64"} or id_ >= "80"
        case ["62", id_]:
            return id_ >= "50"
        case _:
            return False


def _account(code: BRCode) -> str:
    """GUI, key or URL, and the message to the payer in what is left of the field."""
    if code.url and (code.key or "://" in code.url):
        raise InvalidField(field="url", value=code.url[:40])
    id_, name, whom = ("25", "url", code.url) if code.url else ("01", "key", code.key)
    account = _written("00", GUI)
    account += _written(id_, _text(name, whom, _left(account)))
    if code.info:
        account += _written("02", _text("info", _unaccented(code.info), _left(account)))
    return account


def _left(value: str) -> int:
    """Characters that one more field within the value may have."""
    return max(0, _PLACES - len(value) - len("0000"))


def _amount_text(amount: Money | None) -> str:
    """'123.45'."""
    if amount is None:
        return ""
    if amount.currency != "BRL" or amount.cents < 1:
        raise InvalidAmount(field="amount")
    return _text("amount", str(amount.decimal()), 13)


def _txid_text(txid: str) -> str:
    if not txid:
        return _NO_TXID
    if not _TXID.fullmatch(txid):
        raise InvalidField(field="txid", value=txid[:40])
    return _text("txid", txid, 25)


def _unaccented(text: str) -> str:
    """'Sao Joao' for 'São João'."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _text(name: str, value: str, longest: int) -> str:
    if not value.strip():
        raise FieldMissing(field=name)
    if not (value.isascii() and value.isprintable()):
        raise InvalidField(field=name, value=value[:40])
    if len(value) > longest:
        raise FieldTooLong(field=name, longest=longest)
    return value


def _written(id_: str, value: str) -> str:
    return f"{id_}{len(value):02}{value}"


def _names_inside(outer: Field) -> Mapping[str, str]:
    if outer.id == "62":
        return _ADDITIONAL_NAMES
    return _PIX_NAMES if outer.is_pix_account else _GUI_NAME
