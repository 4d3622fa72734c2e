"""Write what waits to be said to banks by file. An operator's command.

A file is written beside its place while its number is taken and its titles are moved, in one
transaction, and put in its place afterwards: whatever is in the folder was said, and a file that a
crash lost between the two is written again from its number.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from portal_app.db import bank_files, boletos, carteiras, companies, tasks
from portal_app.db.bank_files import REMESSA, NewFile, Queued
from portal_app.db.engine import Session, transaction
from portal_app.domain.boleto.issued import Boleto
from portal_app.domain.boleto.registration import BoletoState, may_follow
from portal_app.domain.boleto.remessa import Instruction, Movement
from portal_app.domain.companies import BankCarteira, Company
from portal_app.domain.errors import InvalidFile, NotFound
from portal_app.files import cnab240
from portal_app.gateways import clock
from portal_app.services import titles
from portal_app.services.bank_gateways import beneficiary
from portal_app.settings import settings

T = TypeVar("T")

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A title the file could not state. `reason`: codes and fields."""

    nosso_numero: str
    reason: str


@dataclass(frozen=True, slots=True)
class Written:
    """A remessa in its place. `same`: written again, it is what it was the first time."""

    path: Path
    sequence: int
    instructions: int
    left_out: tuple[LeftOut, ...] = ()
    same: bool = True


@dataclass(slots=True)
class _Draft:
    """A file beside its place."""

    path: Path
    place: Path
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class _Making:
    """The transaction in which files of a company are made, and those made so far."""

    session: Session
    company: Company
    folder: Path
    drafts: list[_Draft]


@dataclass(slots=True)
class _Sorted:
    """What waits at a carteira: to be said, not needed any more, not to be stated."""

    said: list[Queued] = field(default_factory=list[Queued])
    over: list[int] = field(default_factory=list[int])
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])


def write_waiting(
    company_slug: str, out: Path | None = None, name: str | None = None
) -> Iterator[Written]:
    """One file for each carteira with something to say; only that of `name` if it is given."""
    with transaction(write=False) as session:
        company = companies.by_slug(session, company_slug)
        accounts = bank_files.accounts_waiting(session, company.id)
        if name is not None:
            wanted = _stored(session, company, name).account
            accounts = [account for account in accounts if account == wanted]
    folder = _folder(company, out)
    for account in accounts:
        yield from _write(company, account, folder)


def write_again(company_slug: str, name: str, sequence: int, out: Path | None = None) -> Written:
    """The file of this number of the carteira's account, from the same facts."""
    with _drafts() as drafts, transaction(write=False) as session:
        company = companies.by_slug(session, company_slug)
        account = _stored(session, company, name).account
        file = bank_files.remessa(session, company.id, account, sequence)
        said = bank_files.said_in(session, company.id, file.id)
        making = _Making(session, company, _folder(company, out), drafts)
        carteira = _carteira_of(session, company, said)
        draft = _draw_up(making, carteira, said, sequence, file.made_at)
    return Written(draft.place, sequence, len(said), same=draft.sha256 == file.sha256)


def _write(company: Company, account: int, folder: Path) -> list[Written]:
    """All files of an account: each is in its place, or none was ever made."""
    with _drafts() as drafts, transaction() as session:
        waiting = bank_files.waiting(session, company.id, account)
        making = _Making(session, company, folder, drafts)
        groups = _by_carteira(session, company, waiting)
        written = [_write_one(making, carteira, queued) for carteira, queued in groups]
    return [each for each in written if each is not None]


@contextmanager
def _drafts() -> Generator[list[_Draft]]:
    """Files written within are put in their places at the end, or none of them is."""
    drafts: list[_Draft] = []
    try:
        yield drafts
    except BaseException:
        for draft in drafts:
            draft.path.unlink(missing_ok=True)
        raise
    for draft in drafts:
        draft.path.replace(draft.place)


def _write_one(making: _Making, carteira: BankCarteira, queued: Sequence[Queued]) -> Written | None:
    session, company, now = making.session, making.company, clock.now()
    sorted_ = _sort(session, company, carteira, queued)
    bank_files.leave_out(session, company.id, sorted_.over)
    if not sorted_.said:
        return None
    sequence = bank_files.next_file(session, company.id, carteira.account)
    draft = _draw_up(making, carteira, sorted_.said, sequence, now)
    new = NewFile(REMESSA, carteira.account, sequence, draft.sha256, now, len(sorted_.said))
    file = bank_files.add(session, company.id, new)
    bank_files.put_in(session, company.id, [each.id for each in sorted_.said], file)
    for some in _parts([each.boleto for each in sorted_.said]):
        boletos.set_sent(session, company.id, some, now + timedelta(minutes=carteira.wait_minutes))
    return Written(draft.place, sequence, len(sorted_.said), tuple(sorted_.left_out))


def _sort(
    session: Session, company: Company, carteira: BankCarteira, queued: Sequence[Queued]
) -> _Sorted:
    """A title that cannot be stated any more is rejected here: its documents are free again."""
    found = _Sorted()
    check = cnab240.checker(beneficiary(company, carteira))
    for each, boleto in _with_boletos(session, company, queued):
        if not _is_wanted(boleto, each):
            found.over.append(each.id)
            continue
        assert boleto.order is not None, "only titles with an order are queued"
        problems = check(boleto.order)
        if not problems:
            found.said.append(each)
            continue
        reason = " ".join(f"{problem.code}:{problem.field}" for problem in problems)
        found.over.append(each.id)
        found.left_out.append(LeftOut(boleto.nosso_numero, reason))
        _refuse(session, company, boleto, each, reason)
    return found


def _is_wanted(boleto: Boleto, queued: Queued) -> bool:
    """Whether the title still stands where it stood when this was asked for."""
    match queued.movement:
        case Movement.ENTRY:
            return boleto.state is BoletoState.QUEUED
        case Movement.WITHDRAW:
            rejected = boleto.state is BoletoState.REJECTED
            return not rejected and may_follow(boleto.state, BoletoState.CANCELLED)
        case Movement.MOVE_DUE:
            return boleto.state is BoletoState.REGISTERED


def _refuse(
    session: Session, company: Company, boleto: Boleto, queued: Queued, reason: str
) -> None:
    if queued.movement is Movement.ENTRY:
        titles.reject(session, company, boleto, reason)
        return
    facts = {
        "bank": boleto.bank,
        "nosso_numero": boleto.nosso_numero,
        "movement": queued.movement.value,
        "reasons": [reason],
    }
    about, now = titles.subject(boleto), clock.now()
    tasks.put(session, company.id, "instruction_refused", about, now, details=facts)


def _draw_up(
    making: _Making,
    carteira: BankCarteira,
    said: Sequence[Queued],
    sequence: int,
    made_at: datetime,
) -> _Draft:
    """The file beside its place, for its owner's eyes alone."""
    company, folder = making.company, making.folder
    there = made_at.astimezone(ZoneInfo(company.zone))
    instructions = _instructions(making.session, company, said)
    pieces = cnab240.write(beneficiary(company, carteira), instructions, sequence, there)
    number = carteira.convenio or f"{carteira.agencia}-{carteira.conta}"
    name = f"{carteira.bank}-{number}-{sequence:06}"
    try:
        descriptor, path = tempfile.mkstemp(dir=folder, prefix=f".{name}-")
    except OSError:
        raise InvalidFile(reason="out_dir_unusable") from None
    draft = _Draft(Path(path), folder / f"{name}.rem")
    making.drafts.append(draft)
    digest = hashlib.sha256()
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
        os.fsync(file.fileno())
    draft.sha256 = digest.hexdigest()
    return draft


def _instructions(
    session: Session, company: Company, said: Sequence[Queued]
) -> Iterator[Instruction]:
    for each, boleto in _with_boletos(session, company, said):
        assert boleto.order is not None, "only titles with an order are queued"
        yield Instruction(each.movement, boleto.order, each.due)


def _with_boletos(
    session: Session, company: Company, queued: Iterable[Queued]
) -> Iterator[tuple[Queued, Boleto]]:
    """Some at a time: a remessa may be of a hundred thousand titles."""
    for some in _parts(list(queued)):
        ids = [each.boleto for each in some]
        found = {boleto.id: boleto for boleto in boletos.by_ids(session, company.id, ids)}
        for each in some:
            yield each, found[each.boleto]


def _by_carteira(
    session: Session, company: Company, waiting: Sequence[Queued]
) -> Iterator[tuple[BankCarteira, list[Queued]]]:
    """What an account has to say, by the carteira it is said for: some headers name it."""
    of_boleto: dict[int, int] = {}
    for some in _parts([each.boleto for each in waiting]):
        of_boleto |= boletos.carteiras_of(session, company.id, some)
    groups: dict[int, list[Queued]] = {}
    for each in waiting:
        groups.setdefault(of_boleto[each.boleto], []).append(each)
    found = companies.bank_carteiras(session, company.id, list(groups))
    yield from ((found[id_], queued) for id_, queued in groups.items())


def _carteira_of(session: Session, company: Company, said: Sequence[Queued]) -> BankCarteira:
    (id_,) = boletos.carteiras_of(session, company.id, [said[0].boleto]).values()
    return companies.bank_carteiras(session, company.id, [id_])[id_]


def _stored(session: Session, company: Company, name: str) -> carteiras.Stored:
    found = carteiras.find(session, company.id, name)
    if found is None:
        raise NotFound(kind="carteira", name=name)
    return found


def _folder(company: Company, out: Path | None) -> Path:
    folder = out or settings().data_dir / "remessas" / company.slug
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        raise InvalidFile(reason="out_dir_unusable") from None
    return folder


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    following = iter(items)
    while part := list(islice(following, _BATCH)):
        yield part
