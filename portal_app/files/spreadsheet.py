"""A table for a spreadsheet program: CSV as a Brazilian Excel opens it with two clicks."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

# What a spreadsheet program takes for a formula, which would run on the reader's machine.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write(rows: Iterable[Sequence[str]]) -> bytes:
    r"""UTF-8 with its mark, semicolons, every cell quoted; a cell that looks like a formula is text.

    >>> write([["a", "=1+1"]]).decode("utf-8-sig")
    '"a";"\'=1+1"\r\n'
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerows([_text(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _text(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
