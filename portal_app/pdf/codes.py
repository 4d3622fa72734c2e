"""What machines read off a paper: the ITF-25 barcode and the QR code of a Pix.

Each is one path of rectangles: vectors, so that any printer draws clean edges, and one path,
so that no light shows between rectangles that touch.
"""

import re
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from typing import Final

import segno

from portal_app.domain.boleto.barcode import MODULES, PAIRS, START_BARS, STOP_BARS, pair_bars
from portal_app.pdf.operators import filled

BARCODE_WIDTH: Final = 103.0
BARCODE_HEIGHT: Final = 13.0

_BAR: Final = (BARCODE_WIDTH / MODULES, BARCODE_HEIGHT)
_QUIET_ZONE: Final = 4
_DARK: Final = re.compile(b"\x01+")


def barcode(at: tuple[float, float], digits: str) -> bytes:
    """44 digits, the lower left corner of the bars in mm."""
    pairs = [_pair(place, digits[2 * place : 2 * place + 2]) for place in range(PAIRS)]
    return filled(at, _BAR, _ENDS + b"".join(pairs))


def qr_code(at: tuple[float, float], side: float, text: str) -> bytes:
    """`text` in a square of `side` mm, its quiet zone included, from the lower left corner."""
    rows = segno.make_qr(text, error="m", boost_error=False).matrix
    module = side / (len(rows) + 2 * _QUIET_ZONE)
    left, top = at[0] + _QUIET_ZONE * module, at[1] + side - _QUIET_ZONE * module
    runs = [
        b"%d %d %d 1 re\n" % (run.start(), -number, run.end() - run.start())
        for number, row in enumerate(rows, start=1)
        for run in _DARK.finditer(row)
    ]
    return filled((left, top), (module, module), b"".join(runs))


def qr_svg(text: str) -> bytes:
    """`text` as a picture for a page, its quiet zone white whatever the page's colours are."""
    picture = BytesIO()
    segno.make_qr(text, error="m", boost_error=False).save(
        picture, kind="svg", light="#fff", border=_QUIET_ZONE, xmldecl=False, omitsize=True
    )
    return picture.getvalue()


@cache
def _pair(place: int, pair: str) -> bytes:
    return _rectangles(pair_bars(place, pair))


def _rectangles(bars: Iterable[tuple[int, int]]) -> bytes:
    return b"".join(b"%d 0 %d 1 re\n" % bar for bar in bars)


_ENDS: Final = _rectangles((*START_BARS, *STOP_BARS))
