"""Take customers and documents from a bank's or an ERP's file; retornos go to `retornos`.

Each line is kept or named with its reason; the good ones are kept although others
are refused. A document and its customer are one unit, the file one transaction:
a crash, a broken frame or a dry run leaves nothing behind. An operator's command.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from portal_app.db import companies, imports
from portal_app.db.documents import printed_number
from portal_app.db.engine import Session, transaction
from portal_app.db.imports import KnownContract, NewDocument
from portal_app.domain.companies import PAYABLE_BY_BOLETO, Company
from portal_app.domain.documents import DocumentType
from portal_app.domain.errors import (
    ConflictingCustomer,
    ConflictingDocument,
    FormatNotSupported,
    InvalidFile,
    NumberTaken,
    OwnDataKept,
    PortalError,
    TaxIdInvalid,
)
from portal_app.domain.imports import (
    ImportedCustomer,
    ImportedDocument,
    KnownCustomer,
    KnownDocument,
    LineWarning,
    RefusedLine,
    Registration,
    contradiction,
    is_tax_id,
    said_of,
    tax_id_of,
)
from portal_app.files import cnab240, csv, source
from portal_app.gateways import clock
from portal_app.services import retornos
from portal_app.services.retornos import RetornoReport

_BATCH: Final = 500
_Item = ImportedDocument | RefusedLine | LineWarning
_Number = tuple[DocumentType, str, str]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a file brought.

    `updated` counts customers whose facts changed and documents that turned out to
    be a bank's title; `unchanged` documents that were known already.
    """

    format: str
    created_customers: int
    created_documents: int
    updated: int
    unchanged: int
    warnings: tuple[LineWarning, ...]
    refused: tuple[RefusedLine, ...]

    @property
    def created(self) -> int:
        return self.created_documents


@dataclass(slots=True)
class _Tally:
    created_customers: int = 0
    created_documents: int = 0
    updated: int = 0
    unchanged: int = 0
    warnings: list[LineWarning] = field(default_factory=list[LineWarning])
    refused: list[RefusedLine] = field(default_factory=list[RefusedLine])
    warned: set[str] = field(default_factory=set[str])
    kept: set[str] = field(default_factory=set[str])

    def report(self, format_: str) -> ImportReport:
        return ImportReport(
            format_,
            self.created_customers,
            self.created_documents,
            self.updated,
            self.unchanged,
            tuple(sorted(self.warnings, key=lambda warning: warning.line)),
            tuple(sorted(self.refused, key=lambda refused: refused.line)),
        )


@dataclass(slots=True)
class _Known:
    """What the database, and the batch so far, know of the batch's keys."""

    customers: dict[str, KnownCustomer]
    contracts: dict[str, KnownContract]
    titles: dict[Registration, KnownDocument]
    numbers: dict[_Number, KnownDocument]


@dataclass(frozen=True, slots=True)
class _Import:
    """One file on its way into one company."""

    session: Session
    company: Company
    now: datetime
    tally: _Tally


def import_file(
    company_slug: str,
    path: Path,
    format: str | None = None,  # noqa: A002  the option's name
    dry_run: bool = False,
) -> ImportReport | RetornoReport:
    """Import a file into a company; `dry_run` reports the same and keeps nothing.

    Raises InvalidFile where the file is refused whole, NotFound for an unknown company.
    """
    with source.open_file(path) as stream:
        opening = source.opening(stream)
        kind = format or source.detect(opening, path.suffix)
        if _is_retorno(opening, kind):
            return retornos.take(company_slug, stream, kind, dry_run=dry_run)
        tally = _Tally()
        with transaction() as session:
            company = companies.by_slug(session, company_slug)
            imports.wait_alone(session, company.id)
            importing = _Import(session, company, clock.now(), tally)
            for batch in _batches(_read(kind, stream, company), tally):
                _keep(importing, batch)
            if dry_run:
                session.rollback()
    return tally.report(kind)


def _is_retorno(opening: str, kind: str) -> bool:
    """Of 400 positions only retornos are read; a remessa of these is refused by their reader."""
    if kind == "cnab400":
        return True
    return kind == "cnab240" and source.direction(opening, kind) is source.Direction.RETORNO


def _read(kind: str, stream: BinaryIO, company: Company) -> Iterator[_Item]:
    if kind == "csv":
        return csv.read(source.lines(stream), company.currency)
    if kind != "cnab240":
        raise FormatNotSupported(format=kind[:40])
    if company.currency != PAYABLE_BY_BOLETO:
        raise InvalidFile(reason="currency", currency=company.currency)
    return cnab240.read(source.lines(stream), company.tax_id)


def _batches(items: Iterable[_Item], tally: _Tally) -> Iterator[list[ImportedDocument]]:
    batch: list[ImportedDocument] = []
    for item in items:
        if isinstance(item, RefusedLine):
            tally.refused.append(item)
        elif isinstance(item, LineWarning):
            tally.warnings.append(item)
        else:
            batch.append(item)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


def _keep(importing: _Import, batch: Sequence[ImportedDocument]) -> None:
    known = _look_up(importing, batch)
    new: list[NewDocument] = []
    for document in batch:
        try:
            new += _place(importing, known, document)
        except PortalError as refusal:
            importing.tally.refused.append(RefusedLine.of(document.line, refusal))
    imports.add_documents(importing.session, importing.company.id, new, importing.now)
    importing.tally.created_documents += len(new)


def _look_up(importing: _Import, batch: Sequence[ImportedDocument]) -> _Known:
    session, company = importing.session, importing.company.id
    contracts = {document.contract for document in batch if document.contract}
    known = _Known(
        _customers(importing, batch), imports.contracts(session, company, contracts), {}, {}
    )
    agreements: dict[tuple[str, str], set[str]] = {}
    series: dict[tuple[DocumentType, str], set[str]] = {}
    for document in batch:
        numbers = series.setdefault((document.type, document.series), set())
        numbers.add(document.number)
        title = document.registration
        if title and title.nosso_numero:
            agreements.setdefault((title.bank, title.convenio), set()).add(title.nosso_numero)
            numbers.add(_other_number(document.number, title))
    for (bank, convenio), wanted in agreements.items():
        for number, found in imports.titles(session, company, bank, convenio, wanted).items():
            known.titles[Registration(bank, convenio, number)] = found
    for (kind, of_series), wanted in series.items():
        for number, found in imports.numbered(session, company, kind, of_series, wanted).items():
            known.numbers[kind, of_series, number] = found
    return known


def _customers(importing: _Import, batch: Sequence[ImportedDocument]) -> dict[str, KnownCustomer]:
    """By code; where the file has none, also the one customer known with that tax id."""
    session, company = importing.session, importing.company.id
    found = imports.customers_by_code(session, company, {each.customer.key for each in batch})
    without = {each.customer.key for each in batch if not each.customer.code} - found.keys()
    return found | (imports.customers_by_tax_id(session, company, without) if without else {})


def _place(importing: _Import, known: _Known, document: ImportedDocument) -> Iterator[NewDocument]:
    """The document if it is new, its customer kept; all is checked before anything is written."""
    customer = known.customers.get(document.customer.key)
    _ensure_same_customer(customer, document.customer)
    same, number = _find(known, document)
    printed = printed_number(document.type, document.series, document.number)
    if same is not None:
        field_ = contradiction(same, document, customer.id if customer else 0)
        if field_ is not None:
            raise ConflictingDocument(document=printed, field=field_)
    elif document.contract in known.contracts and (
        customer is None or known.contracts[document.contract].customer != customer.id
    ):
        raise ConflictingDocument(document=printed, field="contract")
    customer = _keep_customer(importing, known, document)
    if same is not None:
        _keep_known(importing, same, document)
        return
    if number != document.number:
        notice = NumberTaken(number=document.number, kept_as=number)
        importing.tally.warnings.append(LineWarning.of(document.line, notice))
    contract = _keep_contract(importing, known, document.contract, customer)
    _remember(known, document, number, customer)
    yield NewDocument(document, number, customer, contract)


def _find(known: _Known, document: ImportedDocument) -> tuple[KnownDocument | None, str]:
    """The document we already have, if any, and the number a new one would get.

    A title is known by its nosso número. Where only its number is known, it is that
    document if the latter has no nosso número yet, else another title, which needs
    a number of its own.
    """
    title, kind, series = document.registration, document.type, document.series
    by_number = known.numbers.get((kind, series, document.number))
    if title is None or not title.nosso_numero:
        return by_number, document.number
    if title in known.titles:
        return known.titles[title], document.number
    if by_number is None or (by_number.id and not by_number.nosso_numero):
        return by_number, document.number
    other = _other_number(document.number, title)
    if (kind, series, other) in known.numbers:
        raise ConflictingDocument(
            document=printed_number(kind, series, document.number), field="number"
        )
    return None, other


def _other_number(number: str, title: Registration) -> str:
    return f"{number}/{title.nosso_numero.lstrip('0')}"


def _ensure_same_customer(known: KnownCustomer | None, new: ImportedCustomer) -> None:
    """A valid tax id is never replaced by another one; a wrong one may be put right."""
    if known is None or not new.tax_id or not known.tax_id_valid:
        return
    stored = tax_id_of(known.facts.tax_id)
    if stored and stored != new.tax_id:
        raise ConflictingCustomer(customer=new.key, field="tax_id")


def _keep_customer(importing: _Import, known: _Known, document: ImportedDocument) -> int:
    session, company, tally = importing.session, importing.company, importing.tally
    new = document.customer
    present = known.customers.get(new.key)
    valid = not new.tax_id or is_tax_id(new.tax_id, company.country)
    if not valid and new.key not in tally.warned:
        tally.warned.add(new.key)
        tally.warnings.append(LineWarning.of(document.line, TaxIdInvalid(customer=new.key)))
    if present is None:
        present = imports.add_customer(session, company.id, new, tax_id_valid=valid)
        tally.created_customers += 1
    else:
        present = _take_word(importing, document, present, valid=valid)
    known.customers[new.key] = present
    return present.id


def _take_word(
    importing: _Import, document: ImportedDocument, present: KnownCustomer, *, valid: bool
) -> KnownCustomer:
    """Write what the file says newly of a customer, but what he changed himself."""
    session, company, tally = importing.session, importing.company.id, importing.tally
    new = document.customer
    said = said_of(present, new)
    if said.changed or said.own_fields != present.own_fields:
        # Since he was looked up he may have changed it himself.
        present = imports.locked_customer(session, company, present.id)
        said = said_of(present, new)
        valid = valid if new.tax_id else present.tax_id_valid
        present = imports.change_customer(session, company, present, said, tax_id_valid=valid)
        tally.updated += bool(said.changed)
    if said.kept and new.key not in tally.kept:
        tally.kept.add(new.key)
        notice = OwnDataKept(customer=new.key, fields=said.kept)
        tally.warnings.append(LineWarning.of(document.line, notice))
    return present


def _keep_contract(importing: _Import, known: _Known, number: str, customer: int) -> int | None:
    if not number:
        return None
    if number not in known.contracts:
        known.contracts[number] = imports.add_contract(
            importing.session, importing.company.id, customer, number
        )
    return known.contracts[number].id


def _keep_known(importing: _Import, same: KnownDocument, document: ImportedDocument) -> None:
    title = document.registration
    if title and title.nosso_numero and not same.nosso_numero:
        imports.register(importing.session, importing.company.id, same.id, title)
        importing.tally.updated += 1
    else:
        importing.tally.unchanged += 1


def _remember(known: _Known, document: ImportedDocument, number: str, customer: int) -> None:
    """So that a second line of the same batch meets the first."""
    title = document.registration
    nosso_numero = title.nosso_numero if title else ""
    met = KnownDocument(0, customer, document.total, document.issued, document.due, nosso_numero)
    known.numbers[document.type, document.series, number] = met
    if title and nosso_numero:
        known.titles[title] = met
