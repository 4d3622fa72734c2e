"""A remessa read: titles entrusted to a bank, segments P, Q and R."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from portal_app.domain.documents import DocumentType
from portal_app.domain.errors import (
    AbatementIgnored,
    DueDateMissing,
    FieldMissing,
    InvalidFile,
    IssueDateMissing,
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
    ensure_amount,
    tax_id_of,
)
from portal_app.domain.money import Money
from portal_app.files.cnab240.banks import profile_of
from portal_app.files.cnab240.frame import Frame, Part, file_header
from portal_app.files.cnab240.identity import agreement_of, nosso_numero_of
from portal_app.files.cnab240.layouts import Layout
from portal_app.files.cnab240.records import (
    COMMON,
    DETAIL,
    FILE_HEADER,
    LENGTH,
    LOTE_HEADER,
    SEGMENT_P,
    SEGMENT_Q,
    SEGMENT_R,
)
from portal_app.files.fixed_width import (
    Fields,
    Kind,
    amount_of,
    day_of,
    numbers,
    text_of,
    whole,
    without_zeros,
)
from portal_app.files.headers import stated_day
from portal_app.files.source import Direction, Line

_ENTRY: Final = "01"
# What optional segments add (messages, a guarantor, a Pix code) the portal does not keep.
_IGNORED: Final = frozenset({"S", "Y"})
_REAIS: Final = frozenset({"09", "00", ""})
_P_NUMBERS: Final = numbers(SEGMENT_P)
_R_NUMBERS: Final = numbers(SEGMENT_R)
_TAX_ID_LENGTH: Final = {"1": 11, "2": 14}

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
    reading.frame.ensure_ended()


@dataclass(slots=True)
class _Reading:
    """Where in the file we are, and the title whose segments are still coming."""

    frame: Frame
    layout: Layout
    convenio: str
    made_on: date | None
    company_tax_id: str
    title: _Title | None = None
    # The title at hand was refused at its first segment: its others were named with it.
    skipping: bool = False

    @classmethod
    def of_header(cls, line: Line, company_tax_id: str) -> _Reading:
        record = file_header(line, Direction.REMESSA)
        bank = COMMON["bank"].of(record)
        layout = profile_of(bank).layout
        return cls(
            frame=Frame(bank, Direction.REMESSA, line.number),
            layout=layout,
            convenio=agreement_of(record, layout.remessa_convenio),
            made_on=stated_day(record, FILE_HEADER, "made_on", line),
            company_tax_id=tax_id_of(company_tax_id),
        )

    def next(self, line: Line) -> Iterator[Item]:
        part = self.frame.enter(line)
        match part:
            case Part.DETAIL:
                yield from self._detail(line)
            case Part.OPENS_LOTE:
                beneficiary = _padded_tax_id(line.text, LOTE_HEADER)
                if self.company_tax_id and beneficiary != self.company_tax_id:
                    yield LineWarning.of(line.number, OtherBeneficiary(tax_id=beneficiary))
            case _:
                yield from self._finish_title()
                yield from self.frame.mismatches(line, part)

    def _detail(self, line: Line) -> Iterator[Item]:
        segment = DETAIL["segment"].of(line.text)
        # A line cut before its segment may have been the first of a title.
        if segment in {"P", ""}:
            yield from self._finish_title()
            self.skipping = True
        try:
            yield from self._segment(line, segment)
        except SegmentWithoutTitle as stray:
            yield RefusedLine.of(line.number, stray)
        except PortalError as refusal:
            yield RefusedLine.of(line.number, refusal)
            if self.title and segment in {"Q", "R"}:
                self.title.refused_line = self.title.refused_line or line.number

    def _segment(self, line: Line, segment: str) -> Iterator[Item]:
        record = whole(line, LENGTH)
        record_type = COMMON["record"].of(record)
        if record_type != "3":
            raise RecordUnknown(record=record_type)
        bank = COMMON["bank"].of(record)
        if bank != self.frame.bank:
            raise OtherBank(bank=bank, expected=self.frame.bank)
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
        _check(record, _P_NUMBERS)
        nosso_numero = nosso_numero_of(record, self.layout.nosso_numero)
        number = without_zeros(SEGMENT_P["number"].of(record)) or without_zeros(nosso_numero)
        if not number:
            raise FieldMissing(field="number")
        notices: list[LineWarning] = []
        due = day_of(record, SEGMENT_P, "due")
        if due is None:
            notices.append(LineWarning.of(line, DueDateMissing()))
        issued = day_of(record, SEGMENT_P, "issued")
        if issued is None:
            if self.made_on is None:
                raise FieldMissing(field="issue_date")
            issued = self.made_on
            notices.append(LineWarning.of(line, IssueDateMissing(day=issued.isoformat())))
        abatement = amount_of(record, SEGMENT_P, "abatement")
        if abatement:
            notices.append(LineWarning.of(line, AbatementIgnored(amount=abatement)))
        amount = ensure_amount(amount_of(record, SEGMENT_P, "amount"), MOST_OF_A_TITLE, "amount")
        registration = Registration(self.frame.bank, self.convenio, nosso_numero)
        return _Title(line, number, registration, issued, due, amount, notices)

    def _complete_title(self, segment: str, record: str) -> None:
        if self.title is None:
            if self.skipping:
                return
            raise SegmentWithoutTitle(segment=segment)
        if segment == "R":
            _check(record, _R_NUMBERS)
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


def _payer(record: str) -> ImportedCustomer:
    tax_id = _padded_tax_id(record, SEGMENT_Q)
    if not tax_id.strip("0"):
        # Without it nobody could tell whose title it is.
        raise FieldMissing(field="tax_id")
    name = text_of(record, SEGMENT_Q["name"])
    if not name:
        raise FieldMissing(field="customer_name")
    postcode = SEGMENT_Q["postcode"].of(record)
    return ImportedCustomer(
        code="",
        name=name,
        tax_id=tax_id,
        street=text_of(record, SEGMENT_Q["street"]),
        district=text_of(record, SEGMENT_Q["district"]),
        city=text_of(record, SEGMENT_Q["city"]),
        state=text_of(record, SEGMENT_Q["state"]),
        postcode=_postcode(postcode),
    )


def _postcode(text: str) -> str:
    """'50070-050'; empty where the field is only filled up."""
    if not text.strip("0"):
        return ""
    return f"{text[:5]}-{text[5:]}" if re.fullmatch(r"[0-9]{8}", text) else text


def _padded_tax_id(record: str, table: Fields) -> str:
    """The tax id without the zeros that only fill the field. A CNPJ's letters stay."""
    text = tax_id_of(table["tax_id"].of(record))
    length = _TAX_ID_LENGTH.get(table["tax_id_type"].of(record), 14)
    surplus, rest = text[:-length], text[-length:]
    return text if surplus.strip("0") else rest


def _check(record: str, table: Fields) -> None:
    """Refuse a date or amount that is none, also among those that are not kept."""
    for name, position in table.items():
        if position.kind is Kind.DAY:
            day_of(record, table, name)
        else:
            amount_of(record, table, name)
