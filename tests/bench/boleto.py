"""Boletos as PDF: one each, all in one file, three on a page, beside two floors in the same run.

The floors put the very same marks, and are told where: `reportlab` on a bare canvas, `raw` as
operators joined by hand around a frame made once. What we do besides is to find them: words,
widths, what has to shrink. Each app draws each layout in a process of its own, in turn.
"""

from __future__ import annotations

import re
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from io import BytesIO
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import BinaryIO, Final, TypeVar

from portal_app.domain.boleto.bank import Title, barcode_of
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.sheet import BoletoSheet, Party, SheetItem
from portal_app.domain.money import Money
from portal_app.pdf.boleto import draw_boleto, write_boletos, write_carne
from tests.bench._figures import say
from tests.bench._marks import Paper, carnes, slips
from tests.bench._paper_floors import by_hand, by_reportlab

BOLETOS = 300
ROUNDS = 7
LENGTHS = (1_000, 10_000)
AIMS = {"single": 500, "merged": 2_000}

# As many in whole pages of a carnê.
_DIFFERENT: Final = 99
_LAYOUTS: Final = ("single", "merged", "carne")
_BANK: Final = BANKS["341"]
_DUE: Final = date(2026, 12, 15)
_PAYEE: Final = Party(
    "Nordeste Telecom Serviços de Comunicação Ltda.",
    "12ABC34501DE35",
    ("Av. Boa Viagem, 1.200", "51011-000 Recife/PE"),
)
_PIX: Final = (
    "00020101021226730014br.gov.bcb.pix2551pix.example.com/qr/v2/cobv/93598be01bd0499783188177"
    "5204000053039865802BR5913NORDESTE TELE6006RECIFE62070503***6304E2CA"
)

T = TypeVar("T")
Draw = Callable[[int], int]
"""Draws so many boletos and returns how many bytes they take."""


@dataclass(frozen=True)
class Job:
    app: str
    layout: str
    qr: bool = False


@dataclass(frozen=True)
class Round:
    per_cpu_second: float
    bytes_each: float
    peak_mb: float


def main(argv: list[str]) -> None:
    parser = ArgumentParser(prog="./portal bench boleto")
    parser.add_argument("--boletos", type=int, default=BOLETOS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    wanted = parser.parse_args(argv)
    portal = [Job("portal", layout, qr) for qr in (False, True) for layout in _LAYOUTS]
    floors = [Job(app, layout) for app in ("reportlab-floor", "raw-floor") for layout in _LAYOUTS]
    for job, rounds in _in_turn([*portal, *floors], wanted.boletos, wanted.rounds).items():
        _report(job, rounds, wanted.boletos)
    for length in LENGTHS:
        (alone,) = _in_turn([Job("portal", "merged")], length, 1).values()
        say("boleto: one file of so many", "MB", length, peak_mb=alone[0].peak_mb)


def _in_turn(jobs: Sequence[Job], boletos: int, rounds: int) -> dict[Job, list[Round]]:
    """A round of each, then another, so that whatever else the machine does meets all alike."""
    found: dict[Job, list[Round]] = {job: [] for job in jobs}
    with ExitStack() as stack:
        processes = {
            job: stack.enter_context(ProcessPoolExecutor(1, get_context("spawn"))) for job in jobs
        }
        for _ in range(rounds):
            for job, process in processes.items():
                found[job].append(process.submit(_round, job, boletos).result())
    return found


def _report(job: Job, rounds: Sequence[Round], boletos: int) -> None:
    rates = [each.per_cpu_second for each in rounds]
    say(
        f"boleto: {job.layout}",
        "boletos per CPU second",
        boletos * len(rounds),
        app=job.app,
        qr=job.qr,
        per_cpu_second=median(rates),
        best=max(rates),
        bytes=rounds[-1].bytes_each,
        peak_mb=rounds[-1].peak_mb,
        **({"aim": AIMS[job.layout]} if job.app == "portal" and job.layout in AIMS else {}),
    )


def _round(job: Job, boletos: int) -> Round:
    draw = _prepared(job)
    draw(1)
    started = time.process_time()
    length = draw(boletos)
    took = time.process_time() - started
    return Round(boletos / took, length / boletos, _peak_mb())


def _peak_mb() -> float:
    """Of this process; `getrusage` would still know the peak of the one that started it."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("utf-8"))
    assert found, "Linux says it"
    return int(found[1]) / 1_024


@cache
def _prepared(job: Job) -> Draw:
    sheets = _sheets(job.qr)
    if job.app == "portal":
        return _portal(job.layout, sheets)
    return _floor(job, carnes(sheets) if job.layout == "carne" else slips(sheets))


def _portal(layout: str, sheets: Sequence[BoletoSheet]) -> Draw:
    if layout == "single":
        return lambda count: sum(len(draw_boleto(sheet)) for sheet in _first(sheets, count))
    write = write_carne if layout == "carne" else write_boletos
    return lambda count: _length(lambda target: write(_first(sheets, count), target))


def _floor(job: Job, paper: Paper) -> Draw:
    write = by_reportlab if job.app == "reportlab-floor" else by_hand(paper.frame)
    if job.layout == "single":
        alone = [replace(paper, pages=(page,)) for page in paper.pages]
        return lambda count: sum(_drawn(write, each) for each in _first(alone, count))
    a_page = 3 if job.layout == "carne" else 1

    def draw(count: int) -> int:
        pages = tuple(_first(paper.pages, -(-count // a_page)))
        return _length(lambda target: write(replace(paper, pages=pages), target))

    return draw


def _drawn(write: Callable[[Paper, BinaryIO], object], paper: Paper) -> int:
    target = BytesIO()
    write(paper, target)
    return len(target.getvalue())


def _length(write: Callable[[BinaryIO], object]) -> int:
    with tempfile.TemporaryFile() as target:
        write(target)
        return target.tell()


def _first(some: Sequence[T], count: int) -> Iterator[T]:
    return islice(cycle(some), count)


def _sheets(qr: bool) -> list[BoletoSheet]:
    return [_sheet(1_000 + number, _PIX if qr else "") for number in range(_DIFFERENT)]


def _sheet(sequence: int, pix: str) -> BoletoSheet:
    """Three documents, and a payer of its own."""
    parts = [Money(cents, "BRL") for cents in (12_990 + sequence, 260, 199)]
    items = tuple(
        SheetItem(f"FT 2026/{sequence + number}", date(2026, 10 + number, 10), *parts)
        for number in range(3)
    )
    amount = Money.total((item.total for item in items), "BRL")
    title = Title(
        sequence=sequence,
        amount=amount,
        due=_DUE,
        agencia="0810",
        conta="53678",
        carteira="109",
    )
    return BoletoSheet(
        bank_code=_BANK.code,
        bank_dv=_BANK.dv,
        bank_name=_BANK.name,
        barcode=barcode_of(_BANK, title),
        payee=_PAYEE,
        payer=Party(
            f"Ana Beatriz de Albuquerque {sequence}",
            f"{sequence:011}",
            (f"Rua da Aurora, {sequence}", "Boa Vista", "50050-000 Recife - PE"),
        ),
        agencia_codigo=_BANK.agencia_codigo(title),
        nosso_numero=_BANK.nosso_numero(title),
        document_number=f"BOL-{sequence:06}",
        document_date=date(2026, 11, 22),
        processing_date=date(2026, 11, 22),
        due=_DUE,
        amount=amount,
        carteira="109",
        payment_place="Pagável em qualquer banco",
        instructions=(
            "Após o vencimento, multa de R$\u00a07,94 (2\u00a0% sobre R$\u00a0396,93).",
            "Após o vencimento, juros de 1\u00a0% ao mês por dia de atraso, sobre R$\u00a0396,93.",
        ),
        items=items,
        contact="Financeiro: cobranca@nordeste.example, (81) 4000-1234",
        pix=pix,
    )
