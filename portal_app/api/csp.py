"""What a page may load and run: one Content-Security-Policy a page, from its built HTML.

Reflex's pages are static and start themselves by a few inline scripts. Their hashes, read from the
files that are served, stand in the policy of that very page; nothing else inline runs, and nothing
is compiled from text. What therefore does not work in a page, and tests/architecture/test_states.py
forbids:

- `rx.call_script`, `rx.call_function` and `rx.run_script`, and what is made of them: `rx.toast`,
  `rx.scroll_to`, `rx.set_clipboard`, `rx.console_log`, `rx.window_alert`, `rx.back`. Sent by a
  handler they reach the browser as text, which it would have to evaluate. A script that belongs to
  a page is compiled into it (ui/components/copy.py, dialog.py); what a handler wants said is a var.
- `rx.script` and `rx.html`, and `on…=` attributes in text: inline scripts nobody counted.
- Anything from another host.

`rx.redirect`, `rx.set_focus` and `rx.set_value` evaluate nothing and work.

Styles: the sheet is a file. emotion, which Reflex uses for `style=`, puts its rules into empty
`<style>` elements by script, for which the hash of nothing is enough; those it wrote into the HTML
are counted like scripts. React sets an element's style by script too: no attribute needs leave.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from portal_app.settings import settings

# What is no page of ours: answers to programs, files, pictures.
NOTHING: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# A browser's reader of PDFs is a page of its own, which a ban on everything would break.
PAPER: Final = "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# Served where no page lies: for addresses with an id in them, and for unknown ones.
FALLBACK: Final = "404.html"


def policies(folder: Path) -> dict[str, str]:
    """The policy of each page built into `folder` by its path, such as '/history'; FALLBACK's too."""
    pages = {_path(folder, file): file for file in sorted(folder.rglob("index.html"))}
    if (fallback := folder / FALLBACK).exists():
        pages[FALLBACK] = fallback
    return {path: policy(file.read_text(encoding="utf-8")) for path, file in pages.items()}


def policy(html: str) -> str:
    """The policy under which this page runs, and nothing but it."""
    inline = _Inline()
    inline.feed(html)
    inline.close()
    directives = {
        "default-src": "'none'",
        "script-src": _joined(["'self'", *map(_hash, inline.scripts)]),
        "style-src": _joined(["'self'", _hash(""), *map(_hash, inline.styles)]),
        "img-src": "'self' data:",
        "font-src": "'self'",
        # 'self' means the socket as well, but not to every browser in use.
        "connect-src": _joined(["'self'", *map(_socket, settings().origins)]),
        "manifest-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        # A payment provider's page is opened by script, which asks no leave of this.
        "form-action": "'self'",
        "frame-src": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


class _Inline(HTMLParser):
    """The text of each inline script and style, exactly as it stands there."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "style" or (tag == "script" and "src" not in dict(attrs)):
            self._into = self.styles if tag == "style" else self.scripts
            self._into.append("")

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._into = None


def _path(folder: Path, file: Path) -> str:
    return f"/{file.parent.relative_to(folder).as_posix()}".removesuffix("/.").rstrip("/") or "/"


def _hash(text: str) -> str:
    """As a policy names what it lets run.

    >>> _hash("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _joined(sources: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(sources))


def _socket(origin: str) -> str:
    """'wss://portal.example' of 'https://portal.example'."""
    return "ws" + origin.removeprefix("http")
