"""What machines read off a paper: the ITF-25 barcode.

One path of rectangles: vectors, so that any printer draws clean edges.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final

from portal_app.domain.boleto.barcode import MODULES, PAIRS, START_BARS, STOP_BARS, pair_bars
from portal_app.pdf.operators import filled

BARCODE_WIDTH: Final = 103.0
BARCODE_HEIGHT: Final = 13.0

_BAR: Final = (BARCODE_WIDTH / MODULES, BARCODE_HEIGHT)


def barcode(at: tuple[float, float], digits: str) -> bytes:
    """44 digits, the lower left corner of the bars in mm."""
    pairs = [_pair(place, digits[2 * place : 2 * place + 2]) for place in range(PAIRS)]
    return filled(at, _BAR, _ENDS + b"".join(pairs))


@cache
def _pair(place: int, pair: str) -> bytes:
    return _rectangles(pair_bars(place, pair))


def _rectangles(bars: Iterable[tuple[int, int]]) -> bytes:
    return b"".join(b"%d 0 %d 1 re\n" % bar for bar in bars)


_ENDS: Final = _rectangles((*START_BARS, *STOP_BARS))
