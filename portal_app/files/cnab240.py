"""CNAB 240 remessa: titles entrusted to a bank, segments P, Q and R.

Positions: FEBRABAN's "Layout padrão 240 posições", cobrança, checked field by
field as docs/import.md says; where a bank reads a field its own way it has a profile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from portal_app.domain.documents import DocumentType
from portal_app.domain.errors import (
    AbatementIgnored,
    CountMismatch,
    DueDateMissing,
    FieldMissing,
    FieldNotNumeric,
    FileBroken,
    FileHeaderMissing,
    InvalidDate,
    InvalidField,
    InvalidFile,
    IssueDateMissing,
    LineCut,
    LineTooLong,
    LineUnreadable,
    MovementNotImported,
    OtherBank,
    OtherBeneficiary,
    PayerMissing,
    PortalError,
    RecordUnknown,
    SegmentIgnored,
    SegmentUnknown,
    SegmentWithoutTitle,
    TitleIncomplete,
    UnknownCurrency,
)
from portal_app.domain.imports import (
    MOST_OF_A_TITLE,
    ImportedCustomer,
    ImportedDocument,
    LineWarning,
    RefusedLine,
    Registration,
    calendar_day,
    ensure_amount,
    tax_id_of,
)
from portal_app.domain.money import Money
from portal_app.files.source import Line, has_control

LENGTH: Final = 240
CURRENCY: Final = "BRL"


class Kind(StrEnum):
    """TEXT is filled up with blanks, NUMBER with zeros; AMOUNT is in cents, DAY is DDMMAAAA."""

    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Field:
    """Positions from 1, both included, as the manuals write them."""

    first: int
    last: int
    kind: Kind = Kind.TEXT

    def of(self, record: str) -> str:
        return record[self.first - 1 : self.last].strip()


def _record(**positions: tuple[int, int] | tuple[int, int, Kind]) -> Mapping[str, Field]:
    return MappingProxyType(
        {
            name: Field(position[0], position[1], position[2] if len(position) == 3 else Kind.TEXT)
            for name, position in positions.items()
        }
    )


_NUMBER, _AMOUNT, _DAY = Kind.NUMBER, Kind.AMOUNT, Kind.DAY

COMMON: Final = _record(bank=(1, 3, _NUMBER), lote=(4, 7, _NUMBER), record=(8, 8, _NUMBER))
DETAIL: Final = _record(sequence=(9, 13, _NUMBER), segment=(14, 14), movement=(16, 17, _NUMBER))
FILE_HEADER: Final = _record(
    tax_id_type=(18, 18, _NUMBER),
    tax_id=(19, 32),
    convenio=(33, 52),
    agencia=(53, 57, _NUMBER),
    agencia_dv=(58, 58),
    conta=(59, 70, _NUMBER),
    conta_dv=(71, 71),
    company=(73, 102),
    bank_name=(103, 132),
    direction=(143, 143, _NUMBER),
    made_on=(144, 151, _DAY),
    made_at=(152, 157, _NUMBER),
    file_sequence=(158, 163, _NUMBER),
    layout=(164, 166, _NUMBER),
)
LOTE_HEADER: Final = _record(
    operation=(9, 9),
    service=(10, 11, _NUMBER),
    layout=(14, 16, _NUMBER),
    tax_id_type=(18, 18, _NUMBER),
    tax_id=(19, 33),
    convenio=(34, 53),
    company=(74, 103),
    recorded_on=(192, 199, _DAY),
)
SEGMENT_P: Final = _record(
    agencia=(18, 22, _NUMBER),
    agencia_dv=(23, 23),
    conta=(24, 35, _NUMBER),
    conta_dv=(36, 36),
    nosso_numero=(38, 57),
    carteira=(58, 58, _NUMBER),
    registration=(59, 59, _NUMBER),
    document_kind=(60, 60),
    issued_by=(61, 61, _NUMBER),
    distributed_by=(62, 62),
    number=(63, 77),
    due=(78, 85, _DAY),
    amount=(86, 100, _AMOUNT),
    especie=(107, 108, _NUMBER),
    aceite=(109, 109),
    issued=(110, 117, _DAY),
    interest_code=(118, 118, _NUMBER),
    interest_from=(119, 126, _DAY),
    interest=(127, 141, _AMOUNT),
    discount_code=(142, 142, _NUMBER),
    discount_until=(143, 150, _DAY),
    discount=(151, 165, _AMOUNT),
    iof=(166, 180, _AMOUNT),
    abatement=(181, 195, _AMOUNT),
    company_reference=(196, 220),
    protest_code=(221, 221, _NUMBER),
    protest_days=(222, 223, _NUMBER),
    write_off_code=(224, 224, _NUMBER),
    write_off_days=(225, 227, _NUMBER),
    currency=(228, 229, _NUMBER),
)
SEGMENT_Q: Final = _record(
    tax_id_type=(18, 18, _NUMBER),
    tax_id=(19, 33),
    name=(34, 73),
    street=(74, 113),
    district=(114, 128),
    postcode=(129, 136, _NUMBER),
    city=(137, 151),
    state=(152, 153),
    final_tax_id_type=(154, 154, _NUMBER),
    final_tax_id=(155, 169),
    final_name=(170, 209),
)
SEGMENT_R: Final = _record(
    discount_2_code=(18, 18, _NUMBER),
    discount_2_until=(19, 26, _DAY),
    discount_2=(27, 41, _AMOUNT),
    discount_3_code=(42, 42, _NUMBER),
    discount_3_until=(43, 50, _DAY),
    discount_3=(51, 65, _AMOUNT),
    fine_code=(66, 66, _NUMBER),
    fine_from=(67, 74, _DAY),
    fine=(75, 89, _AMOUNT),
)
LOTE_TRAILER: Final = _record(records=(18, 23, _NUMBER))
FILE_TRAILER: Final = _record(lotes=(18, 23, _NUMBER), records=(24, 29, _NUMBER))


@dataclass(frozen=True, slots=True)
class Profile:
    """Where a bank departs from the common layout."""

    nosso_numero: Field = SEGMENT_P["nosso_numero"]
    convenio: Field = FILE_HEADER["convenio"]


COMMON_PROFILE: Final = Profile()
PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        # The convênio's nine digits; produto, carteira and variação follow them.
        "001": Profile(convenio=Field(33, 41, _NUMBER)),
        # The field begins with the collecting account.
        "033": Profile(nosso_numero=Field(45, 57), convenio=Field(33, 47)),
        # Parcela, modalidade and kind of paper follow the ten digits.
        "756": Profile(nosso_numero=Field(38, 47)),
    }
)

_ENTRY: Final = "01"
_REMESSA: Final = "1"
_COLLECTION: Final = "R01"
# What optional segments add (messages, a guarantor, a Pix code) the portal does not keep.
_IGNORED: Final = frozenset({"S", "Y"})
_REAIS: Final = frozenset({"09", "00", ""})
_TAX_ID_LENGTH: Final = {"1": 11, "2": 14}
_NO_DAY: Final = frozenset({"", "0", "00000000"})
_DIGITS: Final = re.compile(r"[0-9]*")
_EIGHT_DIGITS: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_NOSSO_NUMERO: Final = re.compile(r"[0-9A-Z/-]+")

Item = ImportedDocument | RefusedLine | LineWarning


@dataclass(slots=True)
class _Title:
    """A title whose segments are still being read."""

    line: int
    number: str
    registration: Registration
    issued: date
    due: date | None
    amount: Money
    notices: list[LineWarning]
    payer: ImportedCustomer | None = None
    refused_line: int | None = None


def read(lines: Iterable[Line], company_tax_id: str = "") -> Iterator[Item]:
    """Every title of a remessa, every line refused, every warning, in the order of the file.

    Raises InvalidFile where headers and trailers do not frame the file: what came
    before must then not be kept.
    """
    reading: _Reading | None = None
    for line in lines:
        if reading is None:
            reading = _Reading.of_header(line, company_tax_id)
        else:
            yield from reading.next(line)
    if reading is None:
        raise InvalidFile(reason="empty")
    if not reading.ended:
        raise FileBroken(reason="file_trailer", line=reading.line)


@dataclass(slots=True)
class _Reading:
    """Where in the file we are: lote, open title, counts for the trailers."""

    bank: str
    convenio: str
    made_on: date | None
    company_tax_id: str
    line: int
    records: int = 1
    lotes: int = 0
    in_lote: bool = False
    lote_records: int = 0
    title: _Title | None = None
    # The title at hand was refused at its first segment: its others were named with it.
    skipping: bool = False
    ended: bool = False
    profile: Profile = field(default=COMMON_PROFILE)

    @classmethod
    def of_header(cls, line: Line, company_tax_id: str) -> _Reading:
        record = line.text
        if COMMON["record"].of(record) != "0" or not _DIGITS.fullmatch(record[:8]):
            raise FileHeaderMissing(line=line.number)
        record = _frame(line)
        bank = COMMON["bank"].of(record)
        profile = PROFILES.get(bank, COMMON_PROFILE)
        direction = FILE_HEADER["direction"].of(record)
        if direction != _REMESSA:
            reason = "retorno" if direction == "2" else "not_collection"
            raise InvalidFile(reason=reason, line=line.number)
        return cls(
            bank=bank,
            convenio=_convenio(record, profile),
            made_on=_day(record, FILE_HEADER, "made_on"),
            company_tax_id=tax_id_of(company_tax_id),
            line=line.number,
            profile=profile,
        )

    def next(self, line: Line) -> Iterator[Item]:
        self.line = line.number
        if self.ended:
            raise FileBroken(reason="after_trailer", line=line.number)
        self.records += 1
        self.lote_records += 1
        match COMMON["record"].of(line.text):
            case "1":
                yield from self._open_lote(line)
            case "5":
                yield from self._close_lote(line)
            case "9":
                yield from self._end(line)
            case "0":
                raise FileBroken(reason="file_trailer", line=line.number)
            case record:
                yield from self._detail(line, record)

    def _open_lote(self, line: Line) -> Iterator[Item]:
        record = self._framed(line)
        if self.in_lote:
            raise FileBroken(reason="lote_trailer", line=line.number)
        kind = LOTE_HEADER["operation"].of(record) + LOTE_HEADER["service"].of(record)
        if kind != _COLLECTION:
            raise InvalidFile(reason="not_collection", line=line.number)
        self.in_lote, self.lote_records = True, 1
        self.lotes += 1
        beneficiary = _padded_tax_id(record, LOTE_HEADER)
        if self.company_tax_id and beneficiary != self.company_tax_id:
            yield LineWarning.of(line.number, OtherBeneficiary(tax_id=beneficiary))

    def _close_lote(self, line: Line) -> Iterator[Item]:
        record = self._framed(line)
        if not self.in_lote:
            raise FileBroken(reason="lote_header", line=line.number)
        yield from self._finish_title()
        self.in_lote = False
        yield from _count(line, record, LOTE_TRAILER["records"], self.lote_records)

    def _end(self, line: Line) -> Iterator[Item]:
        record = self._framed(line)
        if self.in_lote:
            raise FileBroken(reason="lote_trailer", line=line.number)
        self.ended = True
        yield from _count(line, record, FILE_TRAILER["lotes"], self.lotes)
        yield from _count(line, record, FILE_TRAILER["records"], self.records)

    def _framed(self, line: Line) -> str:
        record = _frame(line)
        if COMMON["bank"].of(record) != self.bank:
            raise FileBroken(reason="bank", line=line.number)
        return record

    def _detail(self, line: Line, record_type: str) -> Iterator[Item]:
        if not self.in_lote:
            raise FileBroken(reason="lote_header", line=line.number)
        segment = DETAIL["segment"].of(line.text)
        # A line cut before its segment may have been the first of a title.
        if segment in {"P", ""}:
            yield from self._finish_title()
            self.skipping = True
        try:
            yield from self._segment(line, record_type, segment)
        except SegmentWithoutTitle as stray:
            yield RefusedLine.of(line.number, stray)
        except PortalError as refusal:
            yield RefusedLine.of(line.number, refusal)
            if self.title and segment in {"Q", "R"}:
                self.title.refused_line = self.title.refused_line or line.number

    def _segment(self, line: Line, record_type: str, segment: str) -> Iterator[Item]:
        record = _whole(line)
        if record_type != "3":
            raise RecordUnknown(record=record_type)
        bank = COMMON["bank"].of(record)
        if bank != self.bank:
            raise OtherBank(bank=bank, expected=self.bank)
        if segment == "P":
            self.title = self._open_title(line.number, record)
            self.skipping = False
        elif segment in {"Q", "R"}:
            self._complete_title(segment, record)
        elif segment in _IGNORED:
            yield LineWarning.of(line.number, SegmentIgnored(segment=segment))
        else:
            raise SegmentUnknown(segment=segment)

    def _open_title(self, line: int, record: str) -> _Title:
        movement = DETAIL["movement"].of(record)
        if movement != _ENTRY:
            raise MovementNotImported(movement=movement)
        if SEGMENT_P["currency"].of(record) not in _REAIS:
            raise UnknownCurrency(field="currency", value=SEGMENT_P["currency"].of(record))
        _check_numbers(record, SEGMENT_P)
        nosso_numero = _nosso_numero(record, self.profile)
        number = _without_zeros(SEGMENT_P["number"].of(record)) or _without_zeros(nosso_numero)
        if not number:
            raise FieldMissing(field="number")
        notices: list[LineWarning] = []
        due = _day(record, SEGMENT_P, "due")
        if due is None:
            notices.append(LineWarning.of(line, DueDateMissing()))
        issued = _day(record, SEGMENT_P, "issued")
        if issued is None:
            if self.made_on is None:
                raise FieldMissing(field="issue_date")
            issued = self.made_on
            notices.append(LineWarning.of(line, IssueDateMissing(day=issued.isoformat())))
        abatement = _amount(record, SEGMENT_P, "abatement")
        if abatement:
            notices.append(LineWarning.of(line, AbatementIgnored(amount=abatement)))
        amount = ensure_amount(_amount(record, SEGMENT_P, "amount"), MOST_OF_A_TITLE, "amount")
        registration = Registration(self.bank, self.convenio, nosso_numero)
        return _Title(line, number, registration, issued, due, amount, notices)

    def _complete_title(self, segment: str, record: str) -> None:
        if self.title is None:
            if self.skipping:
                return
            raise SegmentWithoutTitle(segment=segment)
        if segment == "R":
            _check_numbers(record, SEGMENT_R)
            return
        if self.title.payer is not None:
            raise SegmentWithoutTitle(segment=segment)
        self.title.payer = _payer(record)

    def _finish_title(self) -> Iterator[Item]:
        title, self.title, self.skipping = self.title, None, False
        if title is None:
            return
        if title.refused_line is not None:
            refusal = TitleIncomplete(other_line=title.refused_line)
            yield RefusedLine.of(title.line, refusal)
        elif title.payer is None:
            yield RefusedLine.of(title.line, PayerMissing())
        else:
            yield from title.notices
            yield ImportedDocument(
                line=title.line,
                customer=title.payer,
                type=DocumentType.TIT,
                series="",
                number=title.number,
                issued=title.issued,
                due=title.due,
                total=title.amount,
                registration=title.registration,
            )


def _whole(line: Line) -> str:
    """The record, of its exact length; blanks beyond it are no harm."""
    record, surplus = line.text[:LENGTH], line.text[LENGTH:]
    if len(record) < LENGTH:
        raise LineCut(length=len(record), expected=LENGTH)
    if surplus.strip() or not line.whole:
        raise LineTooLong(expected=LENGTH)
    if has_control(record):
        raise LineUnreadable()
    return record


def _frame(line: Line) -> str:
    """A header or trailer: without it the file is not whole."""
    try:
        return _whole(line)
    except PortalError:
        raise FileBroken(reason="cut", line=line.number) from None


def _count(line: Line, record: str, stated: Field, found: int) -> Iterator[RefusedLine]:
    # The titles that were read are good, and reading the file again is harmless; the
    # refused trailer tells that others may be missing.
    text = stated.of(record)
    if not (text and _DIGITS.fullmatch(text) and int(text) == found):
        yield RefusedLine.of(line.number, CountMismatch(stated=text, found=found))


def _convenio(header: str, profile: Profile) -> str:
    """The convênio; where the bank leaves it blank (Sicoob), the account stands for it."""
    convenio = profile.convenio.of(header)
    if profile.convenio.kind is Kind.NUMBER:
        convenio = _without_zeros(convenio)
    if convenio.strip("0"):
        return convenio
    agencia = _without_zeros(FILE_HEADER["agencia"].of(header))
    conta = _without_zeros(FILE_HEADER["conta"].of(header))
    return f"{agencia}/{conta}"


def _nosso_numero(record: str, profile: Profile) -> str:
    """As it stands in the file; empty where the bank is to give the number."""
    text = profile.nosso_numero.of(record)
    if not text.strip("0"):
        return ""
    if not _NOSSO_NUMERO.fullmatch(text):
        raise InvalidField(field="nosso_numero", value=text)
    return text


def _payer(record: str) -> ImportedCustomer:
    tax_id = _padded_tax_id(record, SEGMENT_Q)
    if not tax_id.strip("0"):
        # Without it nobody could tell whose title it is.
        raise FieldMissing(field="tax_id")
    name = _text(record, SEGMENT_Q["name"])
    if not name:
        raise FieldMissing(field="customer_name")
    postcode = SEGMENT_Q["postcode"].of(record)
    return ImportedCustomer(
        code="",
        name=name,
        tax_id=tax_id,
        street=_text(record, SEGMENT_Q["street"]),
        district=_text(record, SEGMENT_Q["district"]),
        city=_text(record, SEGMENT_Q["city"]),
        state=_text(record, SEGMENT_Q["state"]),
        postcode=_postcode(postcode),
    )


def _postcode(text: str) -> str:
    """'50070-050'; empty where the field is only filled up."""
    if not text.strip("0"):
        return ""
    return f"{text[:5]}-{text[5:]}" if re.fullmatch(r"[0-9]{8}", text) else text


def _padded_tax_id(record: str, fields: Mapping[str, Field]) -> str:
    """The tax id without the zeros that only fill the field. A CNPJ's letters stay."""
    text = tax_id_of(fields["tax_id"].of(record))
    length = _TAX_ID_LENGTH.get(fields["tax_id_type"].of(record), 14)
    surplus, rest = text[:-length], text[-length:]
    return text if surplus.strip("0") else rest


def _check_numbers(record: str, fields: Mapping[str, Field]) -> None:
    """Refuse a date or amount that is none, also among those that are not kept."""
    for name, position in fields.items():
        if position.kind is Kind.DAY:
            _day(record, fields, name)
        elif position.kind is Kind.AMOUNT:
            _amount(record, fields, name)


def _day(record: str, fields: Mapping[str, Field], name: str) -> date | None:
    """The day, None where it is left blank or zero."""
    text = fields[name].of(record)
    if text in _NO_DAY:
        return None
    found = _EIGHT_DIGITS.fullmatch(text)
    if found is None:
        raise InvalidDate(field=_PUBLIC.get(name, name), value=text)
    day, month, year = found.groups()
    return calendar_day(year, month, day, _PUBLIC.get(name, name))


def _amount(record: str, fields: Mapping[str, Field], name: str) -> Money:
    """Cents; blank counts as zero, a blank in between as no number."""
    text = fields[name].of(record)
    if not _DIGITS.fullmatch(text):
        raise FieldNotNumeric(field=name, value=text)
    return Money(int(text or "0"), CURRENCY)


# The names the CSV and the sentences use.
_PUBLIC: Final = {"due": "due_date", "issued": "issue_date"}


def _text(record: str, position: Field) -> str:
    return " ".join(position.of(record).split())


def _without_zeros(text: str) -> str:
    return text.lstrip("0") if _DIGITS.fullmatch(text) else text
