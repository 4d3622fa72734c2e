"""A CNAB 400 retorno read: one line is one fact. Of a bank unknown here every line is reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from portal_app.domain.boleto.bank import plain
from portal_app.domain.boleto.check_digits import is_number
from portal_app.domain.boleto.events import NOTHING, BankEvent, EventKind
from portal_app.domain.errors import (
    AmountNotPositive,
    CountMismatch,
    FieldMissing,
    FileBroken,
    FileHeaderMissing,
    InvalidFile,
    MovementUnknown,
    OutOfOrder,
    PortalError,
    RecordIgnored,
    RecordUnknown,
    UnknownBank,
)
from portal_app.domain.imports import LineWarning, RefusedLine
from portal_app.domain.money import Money
from portal_app.files.cnab240.identity import ensure_nosso_numero, seu_numero_of
from portal_app.files.cnab240.movements import kind_of, reasons_of
from portal_app.files.cnab400.layouts import DETAIL, HEADER, LAYOUTS, LENGTH, Layout
from portal_app.files.fixed_width import amount_of, day_of, whole, without_zeros
from portal_app.files.headers import framed, stated_count, stated_day
from portal_app.files.reported import (
    MONEY,
    NAMELESS,
    Amounts,
    Header,
    Reported,
    Retorno,
    told_apart,
)
from portal_app.files.source import Line

_RETORNO: Final = "02RETORNO"
_REMESSA: Final = "01REMESSA"
_TRAILER: Final = "9"


def read_retorno(lines: Iterable[Line]) -> Retorno:
    """Every fact of a retorno, every line refused, every warning, in the order of the file.

    Raises InvalidFile at once where the header is none of a retorno.
    """
    following = iter(lines)
    first = next(following, None)
    if first is None:
        raise InvalidFile(reason="empty")
    record = _header(first)
    bank = HEADER["bank"].of(record)
    layout = LAYOUTS.get(bank)
    header = Header(
        bank,
        _agreement(record, layout) if layout else "",
        stated_count(record, layout.sequence, first) if layout and layout.sequence else 0,
        stated_day(record, HEADER, "made_on", first),
    )
    reading = _Reading(header, layout, line=first.number)
    return Retorno(header, told_apart(reading.items(following)))


def _header(line: Line) -> str:
    direction = HEADER["direction"].of(line.text)
    if direction == _REMESSA:
        raise InvalidFile(reason="remessa", line=line.number)
    if direction != _RETORNO:
        raise FileHeaderMissing(line=line.number)
    return framed(line, LENGTH)


def _agreement(header: str, layout: Layout) -> str:
    """The convênio; where the bank states none, the account stands for it."""
    convenio = without_zeros(layout.convenio.of(header)) if layout.convenio else ""
    if convenio or layout.conta is None:
        return convenio
    agencia, conta = HEADER["agencia"].of(header), layout.conta.of(header)
    return f"{without_zeros(agencia)}/{without_zeros(conta)}"


@dataclass(slots=True)
class _Reading:
    """Where in the file we are. `last` is the number of the last line that was understood."""

    header: Header
    layout: Layout | None
    line: int
    records: int = 1
    last: int = 1
    ended: bool = False

    def items(self, lines: Iterable[Line]) -> Iterator[Reported]:
        for line in lines:
            self.line = line.number
            if self.ended:
                raise FileBroken(reason="after_trailer", line=line.number)
            self.records += 1
            if DETAIL["record"].of(line.text) == _TRAILER:
                self.ended = True
                yield from self._count(line)
            else:
                yield from self._detail(line)
        if not self.ended:
            raise FileBroken(reason="file_trailer", line=self.line)

    def _count(self, line: Line) -> Iterator[RefusedLine]:
        stated = DETAIL["sequence"].of(framed(line, LENGTH))
        if not (is_number(stated) and int(stated) == self.records):
            refusal = CountMismatch(stated=stated, found=self.records)
            yield RefusedLine.of(line.number, refusal)

    def _detail(self, line: Line) -> Iterator[Reported]:
        try:
            record = whole(line, LENGTH)
            if self.layout is None:
                raise UnknownBank(field="bank", value=self.header.bank)
            self._ensure_order(record)
            kind = DETAIL["record"].of(record)
            if kind == self.layout.record:
                yield from self._fact(line, record, self.layout)
            elif kind in self.layout.others:
                yield LineWarning.of(line.number, RecordIgnored(record=kind))
            else:
                raise RecordUnknown(record=kind)
        except PortalError as refusal:
            yield RefusedLine.of(line.number, refusal)

    def _ensure_order(self, record: str) -> None:
        """Raise OutOfOrder at a line that was there before: it must not pay twice."""
        text = DETAIL["sequence"].of(record)
        number = int(text) if is_number(text) else 0
        if number and number <= self.last:
            raise OutOfOrder(number=number, after=self.last)
        # A number beyond all lines so far is a slip that must not condemn those to come.
        if number <= self.records:
            self.last = number or self.last

    def _fact(self, line: Line, record: str, layout: Layout) -> Iterator[Reported]:
        table = layout.detail
        movement, reasons = table["movement"].of(record), _reasons(record, layout)
        known = kind_of(movement, reasons, layout.kinds, layout.over)
        kind = known or EventKind.NOTED
        nosso_numero = plain(ensure_nosso_numero(layout.nosso_numero(record)))
        seu_numero = seu_numero_of(record, table)
        if not (nosso_numero or seu_numero or kind in NAMELESS):
            raise FieldMissing(field="nosso_numero")
        fee = _fee(record, layout)
        amounts = _amounts(record, layout, fee) if kind in MONEY else Amounts()
        if kind is EventKind.PAID and not amounts.paid:
            raise AmountNotPositive(field="paid", value="0.00")
        event = BankEvent(
            kind=kind,
            bank=self.header.bank,
            agreement=self.header.agreement,
            nosso_numero=nosso_numero,
            movement=movement,
            seu_numero=seu_numero,
            occurred_on=day_of(record, table, "occurred_on"),
            credited_on=day_of(record, table, "credited_on"),
            due=day_of(record, table, "due"),
            face=amount_of(record, table, "face"),
            paid=amounts.paid,
            net=amounts.net,
            fee=fee,
            charges=amounts.charges,
            discount=amounts.discount,
            reasons=reasons,
            line=line.number,
            raw=record,
        )
        if known is None:
            yield LineWarning.of(line.number, MovementUnknown(movement=movement))
        yield event


def _reasons(record: str, layout: Layout) -> tuple[str, ...]:
    return tuple(
        reason
        for position in layout.reasons
        for reason in reasons_of(position.place(record), layout.reason_width)
    )


def _fee(record: str, layout: Layout) -> Money:
    fee = amount_of(record, layout.detail, "fee")
    if "other_fees" not in layout.detail:
        return fee
    return fee + amount_of(record, layout.detail, "other_fees")


def _amounts(record: str, layout: Layout, fee: Money) -> Amounts:
    table = layout.detail
    paid, charges = amount_of(record, table, "paid"), amount_of(record, table, "charges")
    net = amount_of(record, table, "net") if "net" in table else NOTHING
    if layout.states_net and paid:
        paid, net = paid + fee, paid
    off = amount_of(record, table, "discount") + amount_of(record, table, "abatement")
    return Amounts(paid, net, charges, off)
