"""Two floors: the same marks put by a bare reportlab canvas, and as operators joined by hand."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO, Final

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from tests.bench._marks import Bars, Mark, Page, Paper, Rule, Text

_SIZE: Final = b"[0 0 %.2f %.2f]" % A4
_FONT_NAMES: Final = b"/Font<</F1 1 0 R/F2 2 0 R>>"
_FONTS: Final = {b"/F1": "Helvetica", b"/F2": "Helvetica-Bold"}


def by_reportlab(paper: Paper, target: BinaryIO) -> None:
    canvas = Canvas(target, pagesize=A4, pageCompression=1, invariant=1)
    for page in paper.pages:
        for up in page.frames:
            canvas.saveState()
            canvas.translate(0, up)
            _put(canvas, paper.frame)
            canvas.restoreState()
        _put(canvas, page.marks)
        canvas.showPage()
    canvas.save()


def _put(canvas: Canvas, marks: Iterable[Mark]) -> None:
    for mark in marks:
        _PUT[type(mark)](canvas, mark)


def _put_text(canvas: Canvas, text: Text) -> None:
    letters = text.letters.decode("cp1252")
    if text.narrow == 1:
        canvas.setFont(_FONTS[text.font], text.size)
        canvas.drawString(text.left, text.foot, letters)
    else:
        narrow = canvas.beginText(text.left, text.foot)
        narrow.setFont(_FONTS[text.font], text.size)
        narrow.setHorizScale(text.narrow * 100)
        narrow.textOut(letters)
        narrow.setHorizScale(100)
        canvas.drawText(narrow)


def _put_rule(canvas: Canvas, rule: Rule) -> None:
    width, grey, dash = rule.pen
    canvas.setLineWidth(width)
    canvas.setStrokeGray(grey)
    canvas.setDash([int(part) for part in dash.split()])
    (canvas.rect if rule.is_box else canvas.line)(*rule.numbers)


def _put_bars(canvas: Canvas, bars: Bars) -> None:
    wide, high, left, foot = bars.unit
    path = canvas.beginPath()
    for x, y, width, height in bars.rectangles:
        path.rect(left + x * wide, foot + y * high, width * wide, height * high)
    canvas.drawPath(path, stroke=0, fill=1)


_PUT: Final = {Text: _put_text, Rule: _put_rule, Bars: _put_bars}


def by_hand(frame: Iterable[Mark]) -> Callable[[Paper, BinaryIO], None]:
    """What writes header, fonts, frame, a page and its stream each, and the table at the end."""
    packed = zlib.compress(_operators(frame))
    return lambda paper, target: _by_hand(packed, paper.pages, target)


def _by_hand(frame: bytes, pages: Sequence[Page], target: BinaryIO) -> None:
    offsets: list[int] = []
    written = target.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")

    def put(body: bytes) -> None:
        nonlocal written
        offsets.append(written)
        written += target.write(b"%d 0 obj\n%s\nendobj\n" % (len(offsets), body))

    for name in _FONTS.values():
        put(b"<</Type/Font/Subtype/Type1/BaseFont/%s/Encoding/WinAnsiEncoding>>" % name.encode())
    put(_stream(b"/Subtype/Form/BBox%s/Resources<<%s>>" % (_SIZE, _FONT_NAMES), frame))
    tree = 2 * len(pages) + 4
    for number, page in enumerate(pages):
        put(_stream(b"", zlib.compress(_page(page))))
        put(b"<</Type/Page/Parent %d 0 R/Contents %d 0 R>>" % (tree, 2 * number + 4))
    kids = b" ".join(b"%d 0 R" % (2 * number + 5) for number in range(len(pages)))
    shared = b"/MediaBox%s/Resources<<%s/XObject<</Frame 3 0 R>>>>" % (_SIZE, _FONT_NAMES)
    put(b"<</Type/Pages%s/Count %d/Kids[%s]>>" % (shared, len(pages), kids))
    put(b"<</Type/Catalog/Pages %d 0 R>>" % tree)
    size = len(offsets) + 1
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    target.write(b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table))
    target.write(b"trailer\n<</Size %d/Root %d 0 R>>\n" % (size, size - 1))
    target.write(b"startxref\n%d\n%%%%EOF\n" % written)


def _stream(entries: bytes, packed: bytes) -> bytes:
    head = b"<<%s/Filter/FlateDecode/Length %d>>" % (entries, len(packed))
    return b"%s\nstream\n%s\nendstream" % (head, packed)


def _page(page: Page) -> bytes:
    frames = b"".join(b"q 1 0 0 1 0 %.2f cm/Frame Do Q\n" % up for up in page.frames)
    return frames + _operators(page.marks)


def _operators(marks: Iterable[Mark]) -> bytes:
    return b"".join([_WRITTEN[type(mark)](mark) for mark in marks])


def _text(text: Text) -> bytes:
    letters = text.letters.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    placed = (text.font, text.size, text.narrow, text.left, text.foot, letters)
    return b"BT %s %.4g Tf %.4g 0 0 1 %.2f %.2f Tm(%s)Tj ET\n" % placed


def _rule(rule: Rule) -> bytes:
    width, grey, dash = rule.pen
    drawn = b"%.2f %.2f %.2f %.2f re S" if rule.is_box else b"%.2f %.2f m %.2f %.2f l S"
    return b"%.4g w %.4g G [%s] 0 d %s\n" % (width, grey, dash, drawn % rule.numbers)


def _bars(bars: Bars) -> bytes:
    wide, high, left, foot = bars.unit
    rectangles = b"".join([b"%d %d %d %d re\n" % four for four in bars.rectangles])
    return b"q %.6f 0 0 %.6f %.2f %.2f cm\n%sf Q\n" % (wide, high, left, foot, rectangles)


_WRITTEN: Final = {Text: _text, Rule: _rule, Bars: _bars}
