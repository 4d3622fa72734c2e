"""Our CSV of documents; its columns are told in docs/import.md.

One document a line. A cell is text and nothing else: what looks like a formula
is kept as it stands and never evaluated.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from portal_app.domain.errors import (
    CellCount,
    FieldMissing,
    FileHeaderMissing,
    InvalidFile,
    LineTooLong,
    LineUnreadable,
    PortalError,
)
from portal_app.domain.imports import (
    LONGEST,
    ImportedCustomer,
    ImportedDocument,
    RefusedLine,
    amount_of,
    currency_of,
    day_of,
    ensure_email,
    ensure_length,
    tax_id_of,
    type_of,
)
from portal_app.files.source import LONGEST_LINE, Line, has_control

COLUMNS: Final = (
    "customer_code",
    "customer_name",
    "tax_id",
    "email",
    "street",
    "district",
    "city",
    "state",
    "postcode",
    "type",
    "series",
    "number",
    "description",
    "issue_date",
    "due_date",
    "amount",
    "currency",
    "contract",
)
REQUIRED: Final = ("customer_name", "type", "number", "issue_date", "amount")
# One of them names the customer.
_IDENTITY: Final = ("customer_code", "tax_id")


def read(lines: Iterable[Line], currency: str) -> Iterator[ImportedDocument | RefusedLine]:
    """Every document and every line refused. `currency` is meant where the file names none.

    Raises InvalidFile if the first line is not a header of our columns.
    """
    columns: list[str] = []
    delimiter = ";"
    for line in lines:
        if not columns:
            delimiter = ";" if ";" in line.text else ","
            columns = _header(line, delimiter)
            continue
        try:
            yield _document(line.number, _row(line, delimiter, columns), currency)
        except PortalError as refusal:
            yield RefusedLine.of(line.number, refusal)
    if not columns:
        raise InvalidFile(reason="empty")


def _header(line: Line, delimiter: str) -> list[str]:
    try:
        columns = [name.lower() for name in _cells(line, delimiter)]
    except PortalError:
        raise FileHeaderMissing(line=line.number) from None
    missing = [name for name in REQUIRED if name not in columns]
    if not any(name in columns for name in _IDENTITY):
        missing.insert(0, _IDENTITY[0])
    if missing:
        raise FileHeaderMissing(reason="columns", line=line.number, missing=missing)
    # A column we do not know may be one we do, misspelt: its cells would be lost unseen.
    unknown = [name[:40] for name in columns if name not in COLUMNS]
    if unknown:
        raise InvalidFile(reason="column_unknown", column=unknown[0])
    repeated = [name for name in columns if columns.count(name) > 1]
    if repeated:
        raise InvalidFile(reason="column_repeated", column=repeated[0])
    return columns


def _row(line: Line, delimiter: str, columns: Sequence[str]) -> Mapping[str, str]:
    cells = _cells(line, delimiter)
    if len(cells) != len(columns):
        raise CellCount(found=len(cells), expected=len(columns))
    return dict(zip(columns, cells, strict=True))


def _cells(line: Line, delimiter: str) -> list[str]:
    if not line.whole:
        raise LineTooLong(expected=LONGEST_LINE)
    if has_control(line.text.replace("\t", " ")):
        raise LineUnreadable()
    try:
        (cells,) = csv.reader([line.text], delimiter=delimiter, strict=True)
    except csv.Error:
        raise LineUnreadable() from None
    return [cell.strip() for cell in cells]


def _document(line: int, row: Mapping[str, str], currency: str) -> ImportedDocument:
    cells = {name: ensure_length(name, row.get(name, "")) for name in LONGEST}
    for name in ("customer_name", "type", "number"):
        if not row[name]:
            raise FieldMissing(field=name)
    due = row.get("due_date", "")
    used = currency_of(row.get("currency", "") or currency)
    return ImportedDocument(
        line=line,
        customer=_customer(cells),
        type=type_of(row["type"]),
        series=cells["series"],
        number=cells["number"],
        description=cells["description"],
        issued=day_of(row["issue_date"], "issue_date"),
        due=day_of(due, "due_date") if due else None,
        total=amount_of(row["amount"], used, "amount"),
        contract=cells["contract"],
    )


def _customer(cells: Mapping[str, str]) -> ImportedCustomer:
    tax_id = tax_id_of(cells["tax_id"])
    if not (cells["customer_code"] or tax_id):
        raise FieldMissing(field="customer_code")
    return ImportedCustomer(
        code=cells["customer_code"],
        name=cells["customer_name"],
        tax_id=tax_id,
        email=ensure_email(cells["email"]),
        street=cells["street"],
        district=cells["district"],
        city=cells["city"],
        state=cells["state"],
        postcode=cells["postcode"],
    )
