"""What is said in one language is said in all, and what the program wants to say is in them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal_app import locales
from portal_app.domain.documents import Block
from portal_app.domain.errors import PortalError
from portal_app.settings import ROOT

_SAYING = {"t", "say", "say_many", "locales.text", "locales.plural"}
_COUNTING = {"say_many", "locales.plural"}
# What can be a key and nothing else, wherever in the screens it stands: 'open.title'.
_KEY = re.compile(r"[a-z][a-z_0-9]*(\.[a-z_0-9]+)+")
_NOT_KEYS = re.compile(r".*\.(css|svg|ico|png|woff2|html|js|mjs|pdf)")


def test_all_complete_languages_have_the_same_keys_and_placeholders() -> None:
    assert locales.check() == []


@pytest.mark.parametrize("locale", locales.COMPLETE)
def test_every_refusal_has_a_sentence(locale: str) -> None:
    codes = {error.code for error in _with_children(PortalError)} | {"UNEXPECTED"}

    assert sorted(code for code in codes if not locales.has(code, locale)) == []


@pytest.mark.parametrize("locale", locales.COMPLETE)
def test_no_refusal_shows_its_code_in_place_of_words(locale: str) -> None:
    for error in _with_children(PortalError):
        assert error.code not in locales.refusal(error(), locale)


@pytest.mark.parametrize("locale", locales.COMPLETE)
def test_every_key_the_program_says_is_in_the_catalogs(locale: str) -> None:
    known = locales.keys(locale)

    missing = [
        f"{file}:{line} {pattern}"
        for file, line, pattern, _ in _said()
        if not any(re.fullmatch(pattern, key) for key in known)
    ]

    assert missing == []


@pytest.mark.parametrize("locale", locales.COMPLETE)
def test_what_is_counted_has_a_sentence_for_one_and_for_many(locale: str) -> None:
    counted = [pattern for _, _, pattern, function in _said() if function in _COUNTING]

    for key in (key for key in locales.keys(locale) for p in counted if re.fullmatch(p, key)):
        assert locales.plural(key, 1, locale, **_anything(key, locale))
        assert locales.plural(key, 7, locale, **_anything(key, locale))


def test_whatever_looks_like_a_key_on_the_screens_is_one() -> None:
    known = locales.keys(locales.DEFAULT)

    strangers = {
        f"{file}:{node.lineno} {node.value}"
        for file, tree in _modules("portal_app/ui")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _KEY.fullmatch(node.value)
        and not _NOT_KEYS.fullmatch(node.value)
        and node.value not in known
        and not file.endswith("ui/session.py")  # names Reflex's own events
    }

    assert strangers == set()


@pytest.mark.parametrize("locale", locales.COMPLETE)
def test_no_two_sentences_share_a_key(locale: str) -> None:
    catalog = ROOT / "portal_app" / "locales" / locale / "LC_MESSAGES" / "portal.po"
    written = re.findall(r'^msgid "(.+)"$', catalog.read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted({key for key in written if written.count(key) > 1}) == []


@pytest.mark.parametrize("block", Block)
def test_a_document_that_cannot_be_paid_says_why(block: Block) -> None:
    in_an_attempt = {Block.IN_REGISTRATION, Block.IN_PAYMENT}  # refused as DOCUMENT_IN_ATTEMPT

    said = locales.has(f"DOCUMENT_NOT_PAYABLE.{block.value}", locales.DEFAULT)

    assert said is (block not in in_an_attempt)


def _with_children(root: type[PortalError]) -> list[type[PortalError]]:
    return [root, *(each for child in root.__subclasses__() for each in _with_children(child))]


def _said() -> Iterator[tuple[str, int, str, str]]:
    """File, line, the key as a pattern and the function, of each call that says something."""
    for file, tree in _modules("portal_app"):
        ours = _taken_from_locales(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                function = _name(node.func)
                function = f"locales.{function}" if function in ours else function
                pattern = _pattern(node.args[0])
                if function in _SAYING and pattern:
                    yield file, node.lineno, pattern, function


def _taken_from_locales(tree: ast.Module) -> set[str]:
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "portal_app.locales"
        for alias in node.names
    }


def _modules(folder: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        yield str(path.relative_to(ROOT)), ast.parse(Path(path).read_text(encoding="utf-8"))


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return f"{_name(function.value)}.{function.attr}"
    return function.id if isinstance(function, ast.Name) else ""


def _pattern(argument: ast.expr) -> str:
    """The key an argument names, its computed parts as 'anything'; '' where all is computed."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return re.escape(argument.value)
    if not isinstance(argument, ast.JoinedStr):
        return ""
    parts = [
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w.]+"
        for part in argument.values
    ]
    return "".join(parts) if any(isinstance(p, ast.Constant) for p in argument.values) else ""


def _anything(key: str, locale: str) -> dict[str, object]:
    """A value for each placeholder of the key."""
    said = locales.placeholders(key, locale)
    return {name: name for name in said if name != "count"}
