"""A remessa written: titles to register, withdraw or move, for one account at one bank."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

from portal_app.domain.boleto.check_digits import is_number
from portal_app.domain.boleto.gateway import Problem
from portal_app.domain.boleto.order import Order
from portal_app.domain.boleto.remessa import Instruction, Movement
from portal_app.domain.errors import (
    FieldMissing,
    FieldNotNumeric,
    InvalidField,
    InvalidFile,
    UnknownBank,
)
from portal_app.files.bank_text import bank_text, shortened
from portal_app.files.cnab240 import statements
from portal_app.files.cnab240.banks import Beneficiary, Writing, profile_of
from portal_app.files.cnab240.layouts import Layout
from portal_app.files.cnab240.records import COMMON, DETAIL, LENGTH
from portal_app.files.cnab240.statements import Say, ddmmyyyy
from portal_app.files.fixed_width import Fields, Record

# Five positions number the lines of a lote.
MOST_DETAILS: Final = 99_999
_SEGMENTS: Final = 3


def write(
    account: Beneficiary, instructions: Iterable[Instruction], sequence: int, now: datetime
) -> Iterator[bytes]:
    """The file, piece by piece: nothing of it is kept in memory.

    `now` is in the company's zone. Raises InvalidField at a title that cannot be stated, and
    InvalidFile where there is none: what was written before is no file then. A full lote is
    followed by another.
    """
    pen = _Pen.of(account, sequence, now)
    yield _bytes(pen.header)
    lote: _Lote | None = None
    for instruction in instructions:
        if lote is None or lote.details + _SEGMENTS > MOST_DETAILS:
            if lote is not None:
                yield _bytes(pen.close(lote))
            lote = _Lote(number=lote.number + 1 if lote else 1)
            yield _bytes(pen.open(lote))
        yield _bytes(*pen.title(lote, instruction))
    if lote is None:
        raise InvalidFile(reason="empty")
    yield _bytes(pen.close(lote))
    yield _bytes(pen.end(lote))


def ensure_account(account: Beneficiary) -> None:
    """Raise InvalidField unless remessas can be written for this account."""
    _Hand.of(account)


def problems(account: Beneficiary, order: Order) -> list[Problem]:
    """All that keeps an order from being written into a remessa of this account."""
    try:
        return checker(account)(order)
    except InvalidField as refusal:
        return [_problem(refusal)]


def checker(account: Beneficiary) -> Callable[[Order], list[Problem]]:
    """`problems` for many orders of one account."""
    hand = _Hand.of(account)

    def check(order: Order) -> list[Problem]:
        try:
            hand.ensure_ours(order)
        except InvalidField as refusal:
            return [_problem(refusal)]
        found = (segment.problems(order, hand.writing) for segment in (hand.p, hand.q, hand.r))
        return list(dict.fromkeys(chain.from_iterable(found)))

    return check


@dataclass(slots=True)
class _Lote:
    """A lote being written. `total` in cents."""

    number: int
    details: int = 0
    titles: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class _Segment:
    """A segment with its unchanging fields in place, and what is said of each title."""

    record: Record
    says: Mapping[str, Say]

    @classmethod
    def of(
        cls, letter: str, table: Fields, says: Mapping[str, Say], fixed: Mapping[str, str]
    ) -> _Segment:
        said = {
            name: _short(say, table[name].width) if name in statements.SHORTENED else say
            for name, say in says.items()
            if name in table
        }
        given = ("lote", "sequence", "movement", *said)
        own = {**fixed, "record": "3", "segment": letter}
        return cls(_record({**DETAIL, **table}, own, *given), said)

    def write(self, lote: _Lote, movement: Movement, order: Order, writing: Writing) -> str:
        lote.details += 1
        values: dict[str, str | int] = {
            name: say(order, writing) for name, say in self.says.items()
        }
        values["lote"], values["sequence"] = lote.number, lote.details
        values["movement"] = movement.value
        return self.record.write(values)

    def problems(self, order: Order, writing: Writing) -> Iterator[Problem]:
        for name, say in self.says.items():
            try:
                self.record.ensure_fits(name, say(order, writing))
            except InvalidField as refusal:
                yield _problem(refusal)


@dataclass(frozen=True, slots=True)
class _Hand:
    """How this account's titles are written. `named`: what its bank is told of the account."""

    account: Beneficiary
    writing: Writing
    layout: Layout
    named: Mapping[str, str]
    p: _Segment
    q: _Segment
    r: _Segment

    @classmethod
    def of(cls, account: Beneficiary) -> _Hand:
        bank = account.carteira.bank
        profile = profile_of(bank)
        layout, writing = profile.layout, profile.writing
        if writing is None:
            raise UnknownBank(field="bank", value=bank)
        named = _named(account, writing, layout)
        own = {**named, **writing.fixed}
        return cls(
            account,
            writing,
            layout,
            named,
            p=_Segment.of("P", layout.segment_p, statements.SEGMENT_P, own),
            q=_Segment.of("Q", layout.segment_q, statements.SEGMENT_Q, {"bank": bank}),
            r=_Segment.of("R", layout.segment_r, statements.SEGMENT_R, {"bank": bank}),
        )

    def ensure_ours(self, order: Order) -> None:
        """Raise InvalidField where the title is collected by another account than the file's."""
        for field in ("agencia", "conta", "convenio"):
            stated = getattr(order.title, field)
            if stated != getattr(self.account.carteira, field):
                raise InvalidField(field=field, value=stated)


@dataclass(slots=True)
class _Pen:
    """Writes the lines of one file and counts them."""

    hand: _Hand
    header: str
    lote_header: Record
    records: int = 1

    @classmethod
    def of(cls, account: Beneficiary, sequence: int, now: datetime) -> _Pen:
        if sequence < 1:
            raise InvalidField(field="file_sequence", value=sequence)
        hand = _Hand.of(account)
        made = {
            "file_sequence": str(sequence),
            "made_on": ddmmyyyy(now.date()),
            "made_at": f"{now:%H%M%S}",
            "recorded_on": ddmmyyyy(now.date()),
        }
        file = {"record": "0", "direction": "1", "layout": hand.writing.layout}
        lote = {"record": "1", "operation": "R", "service": "1", "layout": hand.writing.lote_layout}
        header, lote_header = hand.layout.file_header, hand.layout.lote_header
        return cls(
            hand,
            _record(header, {**hand.named, **made, **file}).write({}),
            _record(lote_header, {**hand.named, **made, **lote}, "lote"),
        )

    def open(self, lote: _Lote) -> str:
        self.records += 1
        return self.lote_header.write({"lote": lote.number})

    def title(self, lote: _Lote, instruction: Instruction) -> Iterator[str]:
        """P and Q; R only with an entry: at Itaú it makes any other instruction invalid."""
        hand, movement, order = self.hand, instruction.movement, instruction.stated
        hand.ensure_ours(order)
        segments = (hand.p, hand.q, hand.r) if movement is Movement.ENTRY else (hand.p, hand.q)
        for segment in segments:
            yield segment.write(lote, movement, order, hand.writing)
        lote.titles += 1
        lote.total += order.amount.cents

    def close(self, lote: _Lote) -> str:
        self.records += lote.details + 1
        stated = {
            "record": "5",
            "lote": str(lote.number),
            "records": str(lote.details + 2),
            "titles": str(lote.titles),
            "total": str(lote.total),
        }
        return self._trailer(self.hand.layout.lote_trailer, stated)

    def end(self, last: _Lote) -> str:
        stated = {
            "record": "9",
            "lote": "9999",
            "lotes": str(last.number),
            "records": str(self.records + 1),
        }
        return self._trailer(self.hand.layout.file_trailer, stated)

    def _trailer(self, table: Fields, stated: Mapping[str, str]) -> str:
        return _record(table, {"bank": self.hand.named["bank"], **stated}).write({})


def _named(account: Beneficiary, writing: Writing, layout: Layout) -> dict[str, str]:
    """Whatever the headers and segment P say of the account, by the names of their fields."""
    carteira = account.carteira
    if not account.name:
        raise FieldMissing(field="company")
    convenio = writing.convenio(carteira)
    # Caixa knows the account by agência and beneficiário alone.
    conta = _number("conta", carteira.conta) if "conta" in layout.segment_p else ""
    conta_dv = _check_digit(carteira.conta_dv)
    return {
        "bank": carteira.bank,
        "tax_id_type": statements.tax_id_type(account.tax_id),
        "tax_id": statements.ensure_tax_id(account.tax_id),
        "convenio": convenio,
        "beneficiary": convenio,
        "agencia": _number("agencia", carteira.agencia),
        "agencia_dv": _check_digit(carteira.agencia_dv),
        "conta": conta,
        "conta_dv": conta_dv,
        "collecting_conta": conta,
        "collecting_conta_dv": conta_dv,
        "account_dv": writing.account_dv(carteira),
        "company": shortened(bank_text(account.name), 30),
        "bank_name": writing.bank_name,
        "situation": writing.situation[0 if account.is_testing else 1],
    }


def _number(field: str, text: str) -> str:
    if not text:
        raise FieldMissing(field=field)
    if not is_number(text):
        raise FieldNotNumeric(field=field, value=text)
    return text


def _check_digit(text: str) -> str:
    """One digit or letter, or none."""
    if text and not (len(text) == 1 and text.isascii() and text.isalnum()):
        raise InvalidField(field="check_digit", value=text)
    return text.upper()


def _record(table: Fields, fixed: Mapping[str, str], *given: str) -> Record:
    return Record.of({**COMMON, **table}, LENGTH, fixed, given)


def _short(say: Say, width: int) -> Say:
    return lambda order, writing: shortened(say(order, writing), width)


def _problem(refusal: InvalidField) -> Problem:
    return Problem(str(refusal.details["field"]), refusal.code)


def _bytes(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")
