"""A bank that reads our remessas and answers with retornos of 240 positions, as its layout has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from portal_app.files.cnab240.banks import profile_of
from portal_app.files.cnab240.records import DETAIL, FILE_HEADER, LOTE_HEADER
from portal_app.files.fixed_width import Field, Fields, Kind


@dataclass(frozen=True)
class Asked:
    """What a remessa asks: a movement about a title, in the words of its bank."""

    movement: str
    nosso_numero: str
    number: str
    due: date
    cents: int


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the bank says of a title it was asked about. Amounts in cents."""

    movement: str
    asked: Asked
    paid: int = 0
    charges: int = 0
    discount: int = 0
    fee: int = 0
    due: date | None = None
    reasons: str = ""
    on: date = date(2026, 11, 25)
    credited_on: date | None = None


def asked_in(remessa: bytes) -> list[Asked]:
    return list(_asked(remessa.decode("ascii").splitlines()))


def retorno(remessa: bytes, told: Iterable[Told], convenio: str = "", sequence: int = 1) -> bytes:
    """The bank's file about these titles. `convenio`: where its header states another than ours."""
    lines = remessa.decode("ascii").splitlines()
    layout = profile_of(lines[0][:3]).layout
    header = _put(lines[0], FILE_HEADER["direction"], "2")
    header = _put(header, FILE_HEADER["file_sequence"], str(sequence))
    if convenio:
        header = _put(header, layout.retorno_convenio, convenio)
    body = [header, _put(lines[1], LOTE_HEADER["operation"], "T")]
    for at, each in enumerate(told):
        body += _pair(lines[1][:7], 2 * at, each, layout.segment_t, layout.segment_u)
    details = len(body) - 2
    body.append(f"{lines[1][:7]}5{'':9}{details + 2:06}".ljust(240))
    body.append(f"{lines[0][:3]}99999{'':9}000001{len(body) + 1:06}".ljust(240))
    return "".join(f"{line}\r\n" for line in body).encode("ascii")


def _asked(lines: list[str]) -> Iterator[Asked]:
    layout = profile_of(lines[0][:3]).layout
    for line in lines:
        if line[7] == "3" and DETAIL["segment"].of(line) == "P":
            due = layout.segment_p["due"].of(line)
            yield Asked(
                movement=DETAIL["movement"].of(line),
                nosso_numero=layout.nosso_numero.of(line),
                number=layout.segment_p["number"].of(line),
                due=date(int(due[4:]), int(due[2:4]), int(due[:2])),
                cents=int(layout.segment_p["amount"].of(line)),
            )


def _pair(start: str, at: int, told: Told, t: Fields, u: Fields) -> Iterator[str]:
    asked = told.asked
    values: dict[str, object] = {
        "nosso_numero": asked.nosso_numero,
        "number": asked.number,
        "due": told.due or asked.due,
        "face": asked.cents,
        "fee": told.fee,
        "reasons": told.reasons,
        "paid": told.paid,
        "net": told.paid - told.fee,
        "charges": told.charges,
        "discount": told.discount,
        "occurred_on": told.on,
        "credited_on": told.credited_on or told.on,
    }
    for step, (letter, table) in enumerate((("T", t), ("U", u)), start=1):
        line = f"{start}3{at + step:05}{letter} {told.movement}".ljust(240)
        for name, value in values.items():
            if name in table:
                line = _put(line, table[name], value)
        yield line


def _put(line: str, field: Field, value: object) -> str:
    text = f"{value:%d%m%Y}" if isinstance(value, date) else str(value)
    filled = text.ljust(field.width) if field.kind is Kind.TEXT else text.zfill(field.width)
    assert len(filled) == field.width, (text, field)
    return line[: field.first - 1] + filled + line[field.last :]
