"""A file is looked at before it is read."""

import os
from pathlib import Path

import pytest

from portal_app.domain.errors import InvalidFile
from portal_app.files import source
from portal_app.files.source import Direction


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.rem", "03300000" + " " * 232, "cnab240"),
        ("a", "75600001R" + " " * 231, "cnab240"),
        ("cut.rem", "0330000", "cnab240"),
        ("a.rem", "01REMESSA01COBRANCA", "cnab400"),
        ("a.ret", "02RETORNO01COBRANCA", "cnab400"),
        ("a.ret", "34100000" + " " * 219, "cnab240"),
        ("a.400", "0", "cnab400"),
        ("a.xml", "<?xml version='1.0'?>", "saft-pt"),
        ("a", "type;number", "csv"),
        ("a.csv", "type", "csv"),
    ],
)
def test_the_format_is_told_from_the_content_then_from_the_suffix(
    tmp_path: Path, name: str, content: str, expected: str
) -> None:
    file = tmp_path / name
    file.write_text(content)

    with source.open_file(file) as stream:
        assert source.detect(source.opening(stream), file.suffix) == expected


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        ("03300000" + " " * 134 + "1", "cnab240", Direction.REMESSA),
        ("03300000" + " " * 134 + "2", "cnab240", Direction.RETORNO),
        ("03300000", "cnab240", None),
        ("01REMESSA", "cnab400", Direction.REMESSA),
        ("02RETORNO", "cnab400", Direction.RETORNO),
    ],
)
def test_a_bank_file_says_which_way_it_goes(
    content: str, kind: str, expected: Direction | None
) -> None:
    assert source.direction(content, kind) is expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        (b"PK\x03\x04\x00", "binary"),
        ("utf-16".encode("utf-16"), "binary"),
        (b"hello", "format_unknown"),
    ],
)
def test_what_is_no_file_of_ours_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "a"
    file.write_bytes(content)

    with pytest.raises(InvalidFile) as refused, source.open_file(file) as stream:
        source.detect(source.opening(stream), file.suffix)
    assert refused.value.details["reason"] == reason


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as stream:
        stream.truncate(source.LARGEST + 1)
    os.mkfifo(tmp_path / "pipe")

    for path, reason in (
        (tmp_path / "none.csv", "missing"),
        (huge / "below.csv", "missing"),
        (tmp_path, "directory"),
        (tmp_path / "pipe", "unreadable"),
        (tmp_path / ("x" * 300), "unreadable"),
        (huge, "too_large"),
    ):
        with pytest.raises(InvalidFile) as refused:
            source.open_file(path)
        assert refused.value.details["reason"] == reason


def test_an_endless_line_is_not_kept_in_memory(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"x" * (3 * source.LONGEST_LINE) + b"\nlast")

    with file.open("rb") as stream:
        first, last = source.lines(stream)

    assert not first.whole
    assert len(first.text) == source.LONGEST_LINE
    assert last == source.Line(2, "last")
