"""A PDF file written while its pages are made: of a page nothing is kept but numbers.

What a file consists of: PDF 32000-1:2008 §7.5 (header, numbered objects, the table of their
offsets, trailer) and §7.7 (catalog, pages). Its fonts are the standard ones every reader has.
"""

import zlib
from array import array
from collections.abc import Iterable, Mapping
from typing import BinaryIO, Final

from reportlab.lib.pagesizes import A4

from portal_app.pdf import style
from portal_app.pdf.operators import FONTS, escaped

_PAGES_A_NODE: Final = 64
_HEADER: Final = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
_PRODUCT: Final = "Em Dia"


def compressed(content: bytes) -> bytes:
    return zlib.compress(content)


class PdfWriter:
    """A file being written: its pages one after the other, all A4, then `close`.

    `forms`: what pages have in common, compressed, by the name under which `Do` draws it.
    """

    def __init__(self, target: BinaryIO, forms: Mapping[bytes, bytes]) -> None:
        self._target = target
        self._length = 0
        self._offsets = array("Q")
        self._nodes = array("L")
        self._pages_of_node = array("L")
        self._pages = 0
        self._write(_HEADER)
        self._tree = self._reserve()
        fonts = _named({name: self._add(_font(font)) for font, name in FONTS.items()})
        drawings = {name: self._add(_form(drawing, fonts)) for name, drawing in forms.items()}
        self._resources = self._add(b"<</Font%s/XObject%s>>" % (fonts, _named(drawings)))

    def page(self, content: bytes) -> None:
        """A page of these operators; it leaves for the target at once."""
        if not self._pages_of_node:
            self._nodes.append(self._reserve())
        stream = self._add(_stream(b"", compressed(content)))
        entry = b"<</Type/Page/Parent %d 0 R/Contents %d 0 R>>" % (self._nodes[-1], stream)
        self._pages_of_node.append(self._add(entry))
        self._pages += 1
        if len(self._pages_of_node) == _PAGES_A_NODE:
            self._close_node()

    def close(self, title: str, author: str, subject: str) -> None:
        """Write the tree of pages, what the file says of itself, and the table of objects."""
        if self._pages_of_node:
            self._close_node()
        shared = b"/Resources %d 0 R/MediaBox[0 0 %.2f %.2f]" % (self._resources, *A4)
        self._put(self._tree, _pages(shared, self._pages, self._nodes))
        facts = {b"Title": title, b"Author": author, b"Subject": subject, b"Creator": _PRODUCT}
        info = self._add(b"<<%s>>" % b"".join(b"/%s%s" % (k, _text(v)) for k, v in facts.items()))
        catalog = self._add(b"<</Type/Catalog/Pages %d 0 R/Lang (pt-BR)>>" % self._tree)
        start, size = self._length, len(self._offsets) + 1
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
        self._target.writelines(b"%010d 00000 n \n" % offset for offset in self._offsets)
        trailer = b"<</Size %d/Root %d 0 R/Info %d 0 R>>" % (size, catalog, info)
        self._write(b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (trailer, start))

    def _close_node(self) -> None:
        parent = b"/Parent %d 0 R" % self._tree
        kids = self._pages_of_node
        self._put(self._nodes[-1], _pages(parent, len(kids), kids))
        del kids[:]

    def _reserve(self) -> int:
        """The number of an object that others name before it is written."""
        self._offsets.append(0)
        return len(self._offsets)

    def _add(self, body: bytes) -> int:
        number = self._reserve()
        self._put(number, body)
        return number

    def _put(self, number: int, body: bytes) -> None:
        self._offsets[number - 1] = self._length
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    def _write(self, content: bytes) -> None:
        self._target.write(content)
        self._length += len(content)


def _font(name: str) -> bytes:
    return b"<</Type/Font/Subtype/Type1/BaseFont/%s/Encoding/WinAnsiEncoding>>" % name.encode()


def _form(drawing: bytes, fonts: bytes) -> bytes:
    entries = b"/Type/XObject/Subtype/Form/BBox[0 0 %.2f %.2f]" % A4
    return _stream(entries + b"/Resources<</Font%s>>" % fonts, drawing)


def _stream(entries: bytes, content: bytes) -> bytes:
    head = b"<<%s/Filter/FlateDecode/Length %d>>" % (entries, len(content))
    return b"%s\nstream\n%s\nendstream" % (head, content)


def _pages(entries: bytes, count: int, kids: Iterable[int]) -> bytes:
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    return b"<</Type/Pages%s/Count %d/Kids[%s]>>" % (entries, count, listed)


def _named(objects: Mapping[bytes, int]) -> bytes:
    return b"<<%s>>" % b"".join(b"%s %d 0 R" % named for named in objects.items())


def _text(text: str) -> bytes:
    """A text string outside the pages, whose own encoding agrees with Latin-1 on what is printed."""
    shown = style.printable(text)
    try:
        return b"(%s)" % escaped(shown.encode("latin-1"))
    except UnicodeEncodeError:
        return b"<FEFF%s>" % shown.encode("utf-16-be").hex().encode()
