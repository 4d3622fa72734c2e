"""Remessas and retornos of many titles: lines a second, CPU and memory, beside plain Python.

Each work has a process of its own, so that its peak memory is its own. The floor formats or
slices the same lines by hand and checks nothing.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from portal_app.domain.boleto.bank import title_of
from portal_app.domain.boleto.events import BankEvent
from portal_app.domain.boleto.order import Late, Order, Payer
from portal_app.domain.boleto.remessa import Instruction, Movement
from portal_app.domain.companies import BankCarteira
from portal_app.domain.imports import ImportedDocument
from portal_app.domain.money import Money
from portal_app.files import cnab240, retorno, source
from portal_app.files.cnab240 import Beneficiary
from tests.bench._figures import say

TITLES: Final = 100_000
FEW: Final = 1_000
ROUNDS: Final = 3

_ISSUED: Final = date(2026, 11, 20)
_NOW: Final = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_CARTEIRA: Final = BankCarteira(
    id=1,
    bank="237",
    carteira="09",
    modalidade="",
    agencia="1234",
    agencia_dv="5",
    conta="123456",
    conta_dv="7",
    convenio="4466911",
    account=1,
    confirms=True,
    wait_minutes=30,
    days_to_pay=3,
)
_ACCOUNT: Final = Beneficiary("Nordeste Telecom S/A", "12345678000195", _CARTEIRA)
_PAYERS: Final = tuple(
    Payer(
        f"{name} de Moura Conceição",
        tax_id,
        "Rua da Concórdia, 310, apto. 12",
        "São José",
        "Recife",
        "PE",
        "50020055",
    )
    for name, tax_id in (("Marina Alves", "52998224725"), ("João Batista", "12ABC34501DE35"))
)


@dataclass(frozen=True, slots=True)
class Work:
    """`run` goes through the file and returns how many lines it had."""

    name: str
    run: Callable[[Path, int], int]
    floor: Callable[[Path, int], int]


@dataclass(frozen=True, slots=True)
class Spent:
    """`peak` is the most memory its process ever held, in MB."""

    lines: int
    seconds: float
    cpu: float
    peak: float


def main(argv: list[str]) -> None:
    parser = ArgumentParser(prog="./portal bench cnab")
    parser.add_argument("--titles", type=int, default=TITLES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    wanted = parser.parse_args(argv)
    with TemporaryDirectory() as folder:
        for work in _WORKS:
            file = Path(folder) / work.name.replace(" ", "-")
            _prepare(work, file, wanted.titles)
            ours = [_alone(work.run, file, wanted.titles) for _ in range(wanted.rounds)]
            floors = [_alone(work.floor, file, wanted.titles) for _ in range(wanted.rounds)]
            few = Path(folder) / "few"
            _prepare(work, few, FEW)
            _say(work, wanted.titles, ours, floors, _alone(work.run, few, FEW))


def _say(work: Work, titles: int, ours: list[Spent], floors: list[Spent], few: Spent) -> None:
    best, floor = min(ours, key=_by_cpu), min(floors, key=_by_cpu)
    say(
        work.name,
        "lines a CPU second",
        titles,
        lines=best.lines,
        portal=round(best.lines / best.cpu),
        floor=round(floor.lines / floor.cpu),
        ratio=best.cpu / floor.cpu,
        cpu_seconds=best.cpu,
        seconds=best.seconds,
        peak_mb=best.peak,
        peak_mb_of_1000=few.peak,
    )


def _by_cpu(spent: Spent) -> float:
    return spent.cpu


def _alone(run: Callable[[Path, int], int], file: Path, titles: int) -> Spent:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_measured, run, file, titles).result()


def _measured(run: Callable[[Path, int], int], file: Path, titles: int) -> Spent:
    began, cpu = time.perf_counter(), time.process_time()
    lines = run(file, titles)
    took, used = time.perf_counter() - began, time.process_time() - cpu
    return Spent(lines, took, used, _peak())


def _peak() -> float:
    """MB. Not `ru_maxrss`, which remembers the process this one was started from."""
    status = Path("/proc/self/status").read_text()
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes.split()[1]) / 1024


def _prepare(work: Work, file: Path, titles: int) -> None:
    """The file a work reads; a work that writes makes its own."""
    if work.name == "read remessa":
        _write(file, titles)
    elif work.name == "read retorno 240":
        _lines(file, _retorno_240(titles))
    elif work.name == "read retorno 400":
        _lines(file, _retorno_400(titles))


def _lines(file: Path, lines: Iterator[str]) -> None:
    with file.open("w", encoding="ascii") as stream:
        stream.writelines(f"{line}\n" for line in lines)


def _orders(titles: int) -> Iterator[Order]:
    title = title_of(_CARTEIRA, 1, Money(12990, "BRL"), _ISSUED, "1")
    late = Late(Money(260, "BRL"), Decimal("0.02"), Money(4, "BRL"), Decimal("0.01"))
    first = Order(
        title=title,
        nosso_numero="09/00000000001-0",
        payer=_PAYERS[0],
        document_date=_ISSUED,
        late=late,
    )
    for number in range(1, titles + 1):
        yield replace(
            first,
            title=replace(
                title,
                sequence=number,
                amount=Money(1000 + number, "BRL"),
                due=_ISSUED + timedelta(number % 90),
                seu_numero=str(number),
            ),
            nosso_numero=f"09/{number:011}-0",
            payer=_PAYERS[number % 2],
        )


def _write(file: Path, titles: int) -> int:
    said = (Instruction(Movement.ENTRY, order) for order in _orders(titles))
    with file.open("wb") as stream:
        for piece in cnab240.write(_ACCOUNT, said, 1, _NOW):
            stream.write(piece)
    return 3 * titles


def _write_floor(file: Path, titles: int) -> int:
    with file.open("wb") as stream:
        for at, order in enumerate(_orders(titles)):
            due, payer, number = order.due, order.payer, order.title.seu_numero
            late = order.late_from
            p = (
                f"23700013{3 * at % 99999:05}P 01012345000000123456 7009000000{order.title.sequence:011}0"
                f"11122{number:<15}{due:%d%m%Y}{order.amount.cents:015}00000 02N"
                f"{order.document_date:%d%m%Y}2{late:%d%m%Y}{100:015}{0:024}{0:030}{number:<25}"
                f"3001{order.write_off_days:03}090000000000 "
            )
            q = (
                f"23700013{3 * at % 99999:05}Q 01{1 + payer.is_company}{payer.tax_id:0>15}"
                f"{payer.name.upper():<40}{payer.street.upper():<40}{payer.district.upper():<15}"
                f"{payer.postcode}{payer.city.upper():<15}{payer.state}{0:016}{'':<40}000{'':<28}"
            )
            r = f"23700013{3 * at % 99999:05}R 01{0:048}2{late:%d%m%Y}{200:015}{'':<151}"
            stream.write(f"{p}\r\n{q}\r\n{r}\r\n".encode("latin-1"))
    return 3 * titles


def _read(file: Path, _: int) -> int:
    titles = 0
    with file.open("rb") as stream:
        for item in cnab240.read(source.lines(stream)):
            titles += isinstance(item, ImportedDocument)
    return 3 * titles


def _read_floor(file: Path, _: int) -> int:
    return _sliced(file, 13, {"P": _slices_p, "Q": _slices_q, "R": _slices_r})


def _sliced(file: Path, at: int, slices: Mapping[str, Callable[[str], object]]) -> int:
    """Slice each line by the letter it has at this place; how many had one."""
    lines = 0
    with file.open(encoding="ascii") as stream:
        for line in stream:
            by_hand = slices.get(line[at])
            if by_hand is not None:
                by_hand(line)
                lines += 1
    return lines


def _day(line: str, at: int) -> date:
    return date(int(line[at + 4 : at + 8]), int(line[at + 2 : at + 4]), int(line[at : at + 2]))


def _slices_p(line: str) -> object:
    return (
        line[15:17],
        line[37:57].strip(),
        line[62:77].strip(),
        _day(line, 77),
        _day(line, 109),
        _day(line, 118),
        int(line[85:100]),
        int(line[126:141]),
        int(line[150:165]),
        int(line[165:180]),
        int(line[180:195]),
    )


def _slices_q(line: str) -> object:
    return (
        line[17],
        line[18:33].lstrip("0"),
        line[33:73].strip(),
        line[73:113].strip(),
        line[113:128].strip(),
        line[128:136],
        line[136:151].strip(),
        line[151:153],
    )


def _slices_r(line: str) -> object:
    return line[65], _day(line, 66), int(line[26:41]), int(line[50:65]), int(line[74:89])


def _retorno_240(titles: int) -> Iterator[str]:
    """Payments, in lotes that their five-digit numbers can count."""
    company = "2012345678000195"
    yield f"23700000{'':9}{company[0]}{company[2:]}{4466911:020}{'':90}2{'20112026'}120000{1:06}084".ljust(
        240
    )
    in_lote, lotes, lines = 49_999, 0, 2
    for first in range(0, titles, in_lote):
        lotes += 1
        some = range(first, min(first + in_lote, titles))
        yield f"237{lotes:04}1T01  042".ljust(240)
        for at, number in enumerate(some):
            start = f"237{lotes:04}3"
            t = f"{start}{2 * at + 1:05}T 06{'':20}00900000{number:011}01{number:<15}15122026{12990:015}"
            yield f"{t:<105}{number:<25}{'':68}{190:015}04{'':25}"
            u = f"{start}{2 * at + 2:05}U 06{264:015}{0:045}{13254:015}{13064:015}{0:030}"
            yield f"{u}1612202617122026".ljust(240)
        yield f"237{lotes:04}5{'':9}{2 * len(some) + 2:06}".ljust(240)
        lines += 2 * len(some) + 2
    yield f"23799999{'':9}{lotes:06}{lines:06}".ljust(240)


def _retorno_400(titles: int) -> Iterator[str]:
    yield (
        f"02RETORNO01{'COBRANCA':<15}{4466911:020}{'NORDESTE':<30}237{'':15}161226".ljust(394)
        + f"{1:06}"
    )
    for number in range(1, titles + 1):
        start = f"10212345678000195000000900000012345 7{number:<25}{0:08}{number:011}0".ljust(107)
        money = f"{190:013}{0:013}{0:026}{0:013}{0:013}{13254:013}{264:013}{0:013}"
        line = f"{start}906161226{number:<10}{'':20}151226{12990:013}23700001  {money}"
        yield f"{line}{'':3}171226".ljust(394) + f"{number + 1:06}"
    yield "9201237".ljust(394) + f"{titles + 2:06}"


def _facts(file: Path, _: int) -> int:
    facts = 0
    with file.open("rb") as stream:
        for item in retorno.read(stream):
            assert isinstance(item, BankEvent), item
            facts += 1
    return facts


def _read_240(file: Path, titles: int) -> int:
    return 2 * _facts(file, titles)


def _read_240_floor(file: Path, _: int) -> int:
    return _sliced(file, 13, {"T": _slices_t, "U": _slices_u})


def _slices_t(line: str) -> object:
    return (
        line[15:17],
        line[37:57].strip(),
        line[58:73].strip(),
        _day(line, 73),
        int(line[81:96]),
        line[105:130].strip(),
        int(line[198:213]),
        line[213:223].split(),
    )


def _slices_u(line: str) -> object:
    return (
        int(line[17:32]),
        int(line[32:47]),
        int(line[47:62]),
        int(line[77:92]),
        int(line[92:107]),
        int(line[107:122]),
        _day(line, 137),
        _day(line, 145),
    )


def _read_400_floor(file: Path, _: int) -> int:
    return _sliced(file, 0, {"1": _slices_400})


def _short_day(line: str, at: int) -> date:
    return date(
        2000 + int(line[at + 4 : at + 6]), int(line[at + 2 : at + 4]), int(line[at : at + 2])
    )


def _slices_400(line: str) -> object:
    return (
        line[108:110],
        line[21:24] + line[70:82],
        line[37:62].strip(),
        line[116:126].strip(),
        _short_day(line, 110),
        _short_day(line, 146),
        _short_day(line, 295),
        int(line[152:165]),
        int(line[175:188]),
        int(line[188:201]),
        int(line[227:240]),
        int(line[240:253]),
        int(line[253:266]),
        int(line[266:279]),
        line[318:328].split(),
    )


_WORKS: Final = (
    Work("write remessa", _write, _write_floor),
    Work("read remessa", _read, _read_floor),
    Work("read retorno 240", _read_240, _read_240_floor),
    Work("read retorno 400", _facts, _read_400_floor),
)
