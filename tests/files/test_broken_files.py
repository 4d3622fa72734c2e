"""Broken bank files are refused or reported line by line; nothing but our own refusals comes out.

`FUZZ_LINES=100000` breaks so many lines instead of the few thousand of a usual run.
"""

import io
import os
from collections.abc import Callable, Iterator
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.boleto.events import BankEvent, EventKind
from portal_app.domain.errors import PortalError
from portal_app.domain.imports import ImportedDocument
from portal_app.files import cnab240, retorno, source
from tests.files.samples import GOLDEN, samples

LINES = int(os.environ.get("FUZZ_LINES", "4000"))
SEED = int(os.environ.get("FUZZ_SEED", "7"))
FILES = [
    file.read_bytes().splitlines()
    for file in [*sorted(GOLDEN.glob("*.re[mt]")), *samples("*.re[mt]")]
]

RETORNOS = [
    file.read_bytes().splitlines() for file in [*sorted(GOLDEN.glob("*.ret")), *samples("*.ret")]
]

Break = Callable[[bytes, Random], bytes]


def _cut(line: bytes, random: Random) -> bytes:
    return line[: random.randrange(len(line) + 1)]


def _swap(line: bytes, random: Random) -> bytes:
    at = random.randrange(len(line) + 1)
    return line[at:] + line[:at]


def _bytes(line: bytes, random: Random) -> bytes:
    return _put(line, random.randbytes(random.randrange(1, 9)), random)


def _letters(line: bytes, random: Random) -> bytes:
    at = random.randrange(len(line) + 1)
    part = line[at : at + 15].translate(bytes.maketrans(b"0123456789", b"ABCDEFGHIJ"))
    return line[:at] + part + line[at + 15 :]


def _blanks(line: bytes, random: Random) -> bytes:
    return _put(line, b" " * random.randrange(1, 40), random)


def _digits(line: bytes, random: Random) -> bytes:
    return _put(line, b"9" * random.randrange(1, 40), random)


def _shift(line: bytes, random: Random) -> bytes:
    at = random.randrange(len(line) + 1)
    return line[:at] + random.choice((b" ", b"0", b"\xc3\xa9", b"")) + line[at + 1 :]


def _other_record(line: bytes, random: Random) -> bytes:
    at = random.choice((0, 7, 13))
    return line[:at] + random.choice((b"0", b"1", b"3", b"5", b"9", b"P", b"U")) + line[at + 1 :]


def _put(line: bytes, new: bytes, random: Random) -> bytes:
    at = random.randrange(len(line) + 1)
    return line[:at] + new + line[at + len(new) :]


BREAKS: tuple[Break, ...] = (
    _cut,
    _swap,
    _bytes,
    _letters,
    _blanks,
    _digits,
    _shift,
    _other_record,
)


def broken(lines: list[bytes], random: Random) -> tuple[bytes, int]:
    """The file with some of its lines broken, repeated, gone or exchanged; how many."""
    written = list(lines)
    # With a whole frame its details are reached; now and then it breaks too.
    first, last = (0, len(written)) if random.random() < 0.2 else (2, len(written) - 2)
    chosen = [at for at in range(first, max(last, first)) if random.random() < 0.5]
    for at in chosen:
        written[at] = random.choice(BREAKS)(written[at], random)
    if random.random() < 0.3 and len(written) > 3:
        one, other = random.randrange(len(written)), random.randrange(len(written))
        written[one], written[other] = written[other], written[one]
        written.insert(one, written[other])
    return random.choice((b"\r\n", b"\n")).join(written), len(chosen)


def read_by_all(data: bytes) -> Iterator[object]:
    """What each reader makes of it; a refusal of the whole file ends that reader's part."""
    readers: tuple[Callable[[], Iterator[object]], ...] = (
        lambda: cnab240.read(source.lines(io.BytesIO(data))),
        lambda: iter(retorno.read(io.BytesIO(data))),
    )
    for reader in readers:
        try:
            yield from reader()
        except PortalError as refusal:
            yield refusal


def ensure_sound(item: object) -> None:
    if isinstance(item, BankEvent):
        assert item.bank.isdigit()
        assert item.kind is not EventKind.PAID or item.paid.cents > 0
        assert item.kind in {EventKind.FEE, EventKind.NOTED} or item.nosso_numero or item.seu_numero
        assert item.key
    elif isinstance(item, ImportedDocument):
        assert item.total.cents > 0


def test_broken_lines_are_refused_never_an_accident() -> None:
    random = Random(SEED)
    done = 0

    while done < LINES:
        data, lines = broken(random.choice(FILES), random)
        for item in read_by_all(data):
            ensure_sound(item)
        done += lines


def test_no_line_of_a_retorno_is_lost() -> None:
    random = Random(SEED)
    whole_files = 0

    for _ in range(LINES // 20):
        data, _lines = broken(random.choice(RETORNOS), random)
        try:
            found = retorno.read(io.BytesIO(data))
            items = list(found)
        except PortalError:
            continue
        whole_files += 1
        events = sum(isinstance(item, BankEvent) for item in items)
        others = [
            item
            for item in items
            if not isinstance(item, BankEvent)
            and item.code not in {"COUNT_MISMATCH", "MOVEMENT_UNKNOWN"}
        ]
        assert details(data) == events * (2 if is_240(data) else 1) + len(others)

    assert whole_files > LINES // 100


def is_240(data: bytes) -> bool:
    return source.detect(source.opening(io.BytesIO(data)), "") == "cnab240"


def details(data: bytes) -> int:
    """The lines that are no header and no trailer."""
    at, frame = (7, {"0", "1", "5", "9"}) if is_240(data) else (0, {"9"})
    lines = list(source.lines(io.BytesIO(data)))[1:]
    return sum(line.text[at : at + 1] not in frame for line in lines)


@given(st.binary(max_size=2000))
def test_any_bytes_are_refused(data: bytes) -> None:
    for item in read_by_all(data):
        ensure_sound(item)


@given(st.sampled_from(FILES), st.data())
def test_lines_of_any_text_in_a_whole_frame_are_reported(
    lines: list[bytes], data: st.DataObject
) -> None:
    details = data.draw(st.lists(st.text(max_size=420).map(str.encode), max_size=5))
    kept = data.draw(st.lists(st.sampled_from(lines[2:-2] or lines), max_size=5))

    written = [*lines[:2], *details, *kept, *lines[-2:]]

    for item in read_by_all(b"\r\n".join(written)):
        ensure_sound(item)
