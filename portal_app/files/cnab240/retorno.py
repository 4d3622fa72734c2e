"""A retorno read: what a bank reports of its titles, segments T and U."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from portal_app.domain.boleto.bank import plain
from portal_app.domain.boleto.check_digits import is_number
from portal_app.domain.boleto.events import BankEvent, EventKind
from portal_app.domain.errors import (
    AmountNotPositive,
    FieldMissing,
    InvalidFile,
    MovementUnknown,
    OtherBank,
    OtherLote,
    OutOfOrder,
    PortalError,
    RecordUnknown,
    SegmentAlone,
    SegmentIgnored,
    SegmentUnknown,
    TitleIncomplete,
)
from portal_app.domain.imports import LineWarning, RefusedLine
from portal_app.domain.money import Money
from portal_app.files.cnab240.banks import Profile, profile_of
from portal_app.files.cnab240.frame import Frame, Part, file_header
from portal_app.files.cnab240.identity import agreement_of, nosso_numero_of, seu_numero_of
from portal_app.files.cnab240.movements import kind_of, reasons_of
from portal_app.files.cnab240.records import COMMON, DETAIL, FILE_HEADER, LENGTH
from portal_app.files.fixed_width import amount_of, day_of, last_position, whole
from portal_app.files.headers import stated_count, stated_day
from portal_app.files.reported import (
    MONEY,
    NAMELESS,
    Amounts,
    Header,
    Reported,
    Retorno,
    told_apart,
)
from portal_app.files.source import Direction, Line

# What optional segments add (cheques, a Pix code, shares) is no fact about the title.
_IGNORED: Final = frozenset({"Y", "S"})


def read_retorno(lines: Iterable[Line]) -> Retorno:
    """Every fact of a retorno, every line refused, every warning, in the order of the file.

    A pair of T and U is one fact; each line that is part of none is reported by its number.
    Raises InvalidFile at once where the header is none of a retorno.
    """
    following = iter(lines)
    first = next(following, None)
    if first is None:
        raise InvalidFile(reason="empty")
    record = file_header(first, Direction.RETORNO, FILE_HEADER["file_sequence"].last)
    bank = COMMON["bank"].of(record)
    profile = profile_of(bank)
    header = Header(
        bank,
        agreement_of(record, profile.layout.retorno_convenio),
        stated_count(record, FILE_HEADER["file_sequence"], first),
        stated_day(record, FILE_HEADER, "made_on", first),
    )
    reading = _Reading(
        Frame(bank, Direction.RETORNO, first.number, shortest=True),
        profile,
        header,
        least_t=last_position(profile.layout.segment_t),
        least_u=last_position(profile.layout.segment_u),
    )
    return Retorno(header, told_apart(reading.items(following)))


@dataclass(frozen=True, slots=True)
class _Told:
    """Segment T: which title, and what happened to it."""

    line: int
    record: str
    movement: str
    kind: EventKind | None
    reasons: tuple[str, ...]
    nosso_numero: str
    seu_numero: str
    due: date | None
    face: Money
    fee: Money


@dataclass(slots=True)
class _Reading:
    """Where in the file we are, and the T whose U is still to come.

    `refused` is the line of a T that was not understood: its U is reported with it. `least_t`
    and `least_u`: the last positions we read, which the lines must reach.
    """

    frame: Frame
    profile: Profile
    header: Header
    least_t: int
    least_u: int
    told: _Told | None = None
    refused: int = 0
    last: int = 0

    def items(self, lines: Iterable[Line]) -> Iterator[Reported]:
        for line in lines:
            part = self.frame.enter(line)
            match part:
                case Part.DETAIL:
                    yield from self._detail(line)
                case Part.OPENS_LOTE:
                    self.last = 0
                case _:
                    yield from self._unpaired()
                    yield from self.frame.mismatches(line, part)
        self.frame.ensure_ended()

    def _detail(self, line: Line) -> Iterator[Reported]:
        segment = DETAIL["segment"].of(line.text)
        try:
            if segment == "T":
                yield from self._unpaired()
                self.refused = line.number
                self.told = self._tell(line)
                self.refused = 0
            elif segment == "U":
                yield from self._complete(line)
            elif segment in _IGNORED:
                self._whole(line, LENGTH)
                yield LineWarning.of(line.number, SegmentIgnored(segment=segment))
            else:
                self._whole(line, LENGTH)
                raise SegmentUnknown(segment=segment)
        except PortalError as refusal:
            yield RefusedLine.of(line.number, refusal)

    def _unpaired(self) -> Iterator[RefusedLine]:
        told, self.told, self.refused = self.told, None, 0
        if told is not None:
            yield RefusedLine.of(told.line, SegmentAlone(segment="T"))

    def _tell(self, line: Line) -> _Told:
        table = self.profile.layout.segment_t
        record = self._whole(line, self.least_t)
        self._ensure_order(record, 1)
        movement = DETAIL["movement"].of(record)
        reasons = reasons_of(table["reasons"].place(record))
        return _Told(
            line=line.number,
            record=record,
            movement=movement,
            kind=kind_of(movement, reasons, self.profile.kinds),
            reasons=reasons,
            nosso_numero=plain(nosso_numero_of(record, table["nosso_numero"])),
            seu_numero=seu_numero_of(record, table),
            due=day_of(record, table, "due"),
            face=amount_of(record, table, "face"),
            fee=amount_of(record, table, "fee"),
        )

    def _complete(self, line: Line) -> Iterator[Reported]:
        told, refused = self.told, self.refused
        self.told, self.refused = None, 0
        if told is None:
            raise TitleIncomplete(other_line=refused) if refused else SegmentAlone(segment="U")
        try:
            event = self._event(told, line)
        except PortalError:
            yield RefusedLine.of(told.line, TitleIncomplete(other_line=line.number))
            raise
        if told.kind is None:
            yield LineWarning.of(told.line, MovementUnknown(movement=told.movement))
        yield event

    def _event(self, told: _Told, line: Line) -> BankEvent:
        table = self.profile.layout.segment_u
        record = self._whole(line, self.least_u)
        self._ensure_order(record, 0)
        if DETAIL["movement"].of(record) != told.movement:
            raise SegmentAlone(segment="U")
        kind = told.kind or EventKind.NOTED
        if not (told.nosso_numero or told.seu_numero or kind in NAMELESS):
            raise FieldMissing(field="nosso_numero")
        fee = told.fee + amount_of(record, table, "other_fees")
        amounts = self._amounts(record, fee)
        if kind is EventKind.PAID and not amounts.paid:
            raise AmountNotPositive(field="paid", value="0.00")
        money = amounts if kind in MONEY else Amounts()
        return BankEvent(
            kind=kind,
            bank=self.header.bank,
            agreement=self.header.agreement,
            nosso_numero=told.nosso_numero,
            movement=told.movement,
            seu_numero=told.seu_numero,
            occurred_on=day_of(record, table, "occurred_on"),
            credited_on=day_of(record, table, "credited_on"),
            due=told.due,
            face=told.face,
            paid=money.paid,
            net=money.net,
            fee=fee,
            charges=money.charges,
            discount=money.discount,
            reasons=told.reasons,
            line=told.line,
            raw=f"{told.record}\n{record}",
        )

    def _amounts(self, record: str, fee: Money) -> Amounts:
        table = self.profile.layout.segment_u
        paid, net = amount_of(record, table, "paid"), amount_of(record, table, "net")
        off = amount_of(record, table, "discount") + amount_of(record, table, "abatement")
        if self.profile.states_net and paid:
            paid = paid + fee
        return Amounts(paid, net, amount_of(record, table, "charges"), off)

    def _whole(self, line: Line, least: int) -> str:
        """A detail of this bank and this lote that reaches the last position we read."""
        record = whole(line, LENGTH, least)
        kind, bank = COMMON["record"].of(record), COMMON["bank"].of(record)
        if kind != "3":
            raise RecordUnknown(record=kind)
        if bank != self.frame.bank:
            raise OtherBank(bank=bank, expected=self.frame.bank)
        lote = COMMON["lote"].of(record)
        if lote != self.frame.lote:
            raise OtherLote(lote=lote, expected=self.frame.lote)
        return record

    def _ensure_order(self, record: str, step: int) -> None:
        """Raise OutOfOrder at a line that was there before: it must not pay twice."""
        text = DETAIL["sequence"].of(record)
        number = int(text) if is_number(text) else 0
        if number and number < self.last + step:
            raise OutOfOrder(number=number, after=self.last)
        # A number beyond all lines so far is a slip that must not condemn those to come.
        if number <= self.frame.lote_records:
            self.last = number or self.last
