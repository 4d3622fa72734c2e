"""Take a bank's retorno: every fact of it is kept, then dealt with; a second time changes nothing.

The facts are one transaction: a crash, a broken frame or a dry run keeps none of them. What was
kept and not dealt with yet is dealt with by the worker, or when the file comes again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, Final

from portal_app.db import bank_files, companies, imports
from portal_app.db.bank_events import Came as Way
from portal_app.db.bank_files import RETORNO, NewFile
from portal_app.db.engine import Session, transaction
from portal_app.domain.boleto.agreements import agreements
from portal_app.domain.boleto.events import BankEvent, EventKind, Source
from portal_app.domain.companies import PAYABLE_BY_BOLETO, Company
from portal_app.domain.errors import AccountAmbiguous, AccountUnknown, InvalidFile, TitleUnknown
from portal_app.domain.imports import LineWarning, RefusedLine
from portal_app.domain.settlement import Outcome
from portal_app.files import retorno
from portal_app.files.reported import Header, Retorno
from portal_app.gateways import clock
from portal_app.services import bank_reports
from portal_app.services.bank_reports import Became

_BATCH: Final = 500
_CHUNK: Final = 1024 * 1024
_HEADER: Final = 1


@dataclass(frozen=True, slots=True)
class RetornoReport:
    """What a retorno brought. `outcomes`: what became of its new facts.

    `known`: facts reported before. `untaken`: facts of an account that is not the company's.
    """

    format: str
    outcomes: Mapping[Outcome, int]
    known: int
    untaken: int
    warnings: tuple[LineWarning, ...]
    refused: tuple[RefusedLine, ...]

    @property
    def new(self) -> int:
        return sum(self.outcomes.values())


@dataclass(slots=True)
class _Tally:
    known: int = 0
    untaken: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter[Outcome])
    warnings: list[LineWarning] = field(default_factory=list[LineWarning])
    refused: list[RefusedLine] = field(default_factory=list[RefusedLine])

    def note(self, became: Became) -> None:
        event, self.outcomes[became.outcome] = became.event, self.outcomes[became.outcome] + 1
        if became.outcome is Outcome.UNKNOWN and event.kind is EventKind.PAID:
            notice = TitleUnknown(nosso_numero=event.nosso_numero, movement=event.movement)
            self.warnings.append(LineWarning.of(event.line, notice))

    def report(self, format_: str) -> RetornoReport:
        return RetornoReport(
            format_,
            self.outcomes,
            self.known,
            self.untaken,
            tuple(sorted(self.warnings, key=lambda warning: warning.line)),
            tuple(sorted(self.refused, key=lambda refused: refused.line)),
        )


def take(company_slug: str, stream: BinaryIO, format_: str, *, dry_run: bool) -> RetornoReport:
    """Import a retorno of 240 or 400 positions; `dry_run` reports the same and keeps nothing.

    Of an account that is not the company's nothing is kept; what its file says is counted all the
    same, so that a bank's files can be tried. Raises InvalidFile where the file is refused whole,
    NotFound for an unknown company.
    """
    tally = _Tally()
    with transaction() as session:
        company = companies.by_slug(session, company_slug)
        if company.currency != PAYABLE_BY_BOLETO:
            raise InvalidFile(reason="currency", currency=company.currency)
        imports.wait_alone(session, company.id)
        sha256 = _sha256(stream)
        read = retorno.read(stream)
        account = _account_of(session, company, read.header, tally)
        if account is None:
            tally.untaken = sum(len(events) for events in _events(read, tally))
        else:
            _keep(session, company, account, sha256, read, tally)
        if dry_run and account is not None:
            _deal_with_all(session, company, account, tally)
        if dry_run:
            session.rollback()
    if account is not None and not dry_run:
        bank_reports.handle_all(company, account, tally.note)
    return tally.report(format_)


def _keep(
    session: Session, company: Company, account: int, sha256: str, read: Retorno, tally: _Tally
) -> None:
    """Store whatever the file reports."""
    now = clock.now()
    file = bank_files.known(session, company.id, RETORNO, sha256) or bank_files.add(
        session, company.id, NewFile(RETORNO, account, read.header.sequence, sha256, now, 0)
    )
    way, records = Way(account, Source.RETORNO, now, file), 0
    for events in _events(read, tally):
        tally.known += len(events) - bank_reports.store(session, company, way, events)
        records += len(events)
    bank_files.count(session, company.id, file, records)


def _events(read: Retorno, tally: _Tally) -> Iterator[list[BankEvent]]:
    """The facts, some at a time; what was refused or warned of goes into the tally."""
    left = iter(read)
    while items := list(islice(left, _BATCH)):
        tally.refused += (item for item in items if isinstance(item, RefusedLine))
        tally.warnings += (item for item in items if isinstance(item, LineWarning))
        yield [item for item in items if isinstance(item, BankEvent)]


def _sha256(stream: BinaryIO) -> str:
    """Of all of it; back at its start."""
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
    stream.seek(0)
    return digest.hexdigest()


def _account_of(session: Session, company: Company, header: Header, tally: _Tally) -> int | None:
    """The company's account at the bank that the header names."""
    accounts = {
        carteira.account
        for carteira in companies.all_bank_carteiras(session, company.id)
        if carteira.bank == header.bank and header.agreement in agreements(carteira)
    }
    if len(accounts) == 1:
        return accounts.pop()
    if header.agreement:
        kind = AccountAmbiguous if accounts else AccountUnknown
        refusal = kind(bank=header.bank, agreement=header.agreement)
        tally.refused.append(RefusedLine.of(_HEADER, refusal))
    return None


def _deal_with_all(session: Session, company: Company, account: int, tally: _Tally) -> None:
    while became := bank_reports.handle_waiting(session, company, account):
        for each in became:
            tally.note(each)
