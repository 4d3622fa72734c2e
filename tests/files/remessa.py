"""Remessas for tests, written by the same positions the reader uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from portal_app.files.cnab240 import records
from portal_app.files.fixed_width import Field, Kind

TITLE = {
    "movement": "01",
    "agencia": "3128",
    "conta": "28114",
    "nosso_numero": "28831470000000101",
    "carteira": "7",
    "number": "1001",
    "due": "15122026",
    "amount": "12990",
    "especie": "02",
    "aceite": "N",
    "issued": "20112026",
    "currency": "09",
}
PAYER = {
    "movement": "01",
    "tax_id_type": "1",
    "tax_id": "52998224725",
    "name": "MARINA ALVES",
    "street": "RUA DO SOL 10",
    "district": "CENTRO",
    "postcode": "50030230",
    "city": "RECIFE",
    "state": "PE",
}
TERMS = {"movement": "01", "fine_code": "2", "fine_from": "16122026", "fine": "200"}

Segments = Sequence[tuple[str, Mapping[str, str]]]


def record(fields: Mapping[str, Field], values: Mapping[str, str]) -> str:
    """240 positions: the values in their places, the other numbers zero, the rest blank."""
    places = list(" " * records.LENGTH)
    unknown = values.keys() - fields.keys()
    assert not unknown, unknown
    for name, field in fields.items():
        width = field.last - field.first + 1
        value = values.get(name, "")
        text = value.ljust(width) if field.kind is Kind.TEXT else value.rjust(width, "0")
        assert len(text) == width, name
        places[field.first - 1 : field.last] = text
    return "".join(places)


def title(
    title: Mapping[str, str] | None = None,
    payer: Mapping[str, str] | None = None,
    terms: Mapping[str, str] | None = None,
) -> Segments:
    """Segments P, Q and R of one title; each argument changes some of its fields."""
    return (
        ("P", TITLE | dict(title or {})),
        ("Q", PAYER | dict(payer or {})),
        ("R", TERMS | dict(terms or {})),
    )


def lines(
    *titles: Segments, bank: str = "001", header: Mapping[str, str] | None = None
) -> list[str]:
    """A whole file of one lote."""
    details = [segment for each in titles for segment in each]
    count = len(details) + 2
    common = {"bank": bank, "lote": "1"}
    company = {"tax_id_type": "2", "tax_id": "12345678000195"}
    heading = company | {
        "convenio": "0028831470014",
        "agencia": "3128",
        "conta": "28114",
        "conta_dv": "X",
        "company": "NORDESTE TELECOM",
        "bank_name": "BANCO DO BRASIL",
        "direction": "1",
        "made_on": "20112026",
        "file_sequence": "1",
        "layout": "103",
    }
    lote = common | company | {"record": "1", "operation": "R", "service": "1"}
    written = [
        _write("FILE_HEADER", {"bank": bank, "record": "0"} | heading | dict(header or {})),
        _write("LOTE_HEADER", lote | {"tax_id": "012345678000195", "company": "NORDESTE TELECOM"}),
    ]
    for number, (segment, values) in enumerate(details, start=1):
        own = {"record": "3", "sequence": str(number), "segment": segment}
        written.append(_write(f"SEGMENT_{segment}", common | own | dict(values)))
    written += [
        _write("LOTE_TRAILER", common | {"record": "5", "records": str(count)}),
        _write(
            "FILE_TRAILER",
            {"bank": bank, "lote": "9999", "record": "9", "lotes": "1", "records": str(count + 2)},
        ),
    ]
    return written


def content(written: Sequence[str], end: str = "\r\n") -> bytes:
    return "".join(line + end for line in written).encode("latin-1")


def _write(name: str, values: Mapping[str, str]) -> str:
    own: Mapping[str, Field] = getattr(records, name)
    shared = dict(records.COMMON) | (dict(records.DETAIL) if name.startswith("SEGMENT") else {})
    filled = dict(values)
    if name == "SEGMENT_Q":
        filled["tax_id"] = filled["tax_id"].rjust(15, "0")
    return record(shared | dict(own), filled)
