"""The rules of Reflex states that no linter knows: what they publish, and what they let in.

Every public method of a state is an endpoint that anybody may call with anything, and every
public var is sent to the browser.
"""

import ast
import dataclasses
import inspect
import textwrap
import types
import typing
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
import reflex as rx

from portal_app.domain.documents import Document
from portal_app.domain.money import Money
from portal_app.settings import ROOT
from portal_app.ui import pages
from portal_app.ui.texts import LanguageState

LONGEST_HANDLER: Final = 15
# A visitor chooses; he names neither a price nor a person.
NOT_FROM_THE_BROWSER: Final = {
    *("actor", "amount", "balance", "cents", "company", "customer", "customer_id", "owner"),
    *("price", "role", "shown", "subject", "tenant", "total", "user", "user_id", "value"),
}
CHOICES: Final = {"int", "str", "bool", "dict[str, Any]", "dict[str, str]"}
SHOWN: Final = (str, int, bool)
# A handler's answer that the browser would have to evaluate, which the pages' policy forbids; and
# scripts and markup that are no part of the built page (portal_app/api/csp.py).
EVALUATED: Final = {
    *("back", "call_function", "call_script", "clear_local_storage", "clear_session_storage"),
    *("console_log", "download", "html", "run_script", "script", "scroll_to", "set_clipboard"),
    *("toast", "upload", "window_alert"),
}
UI: Final = sorted((ROOT / "portal_app" / "ui").rglob("*.py"))


def all_states() -> list[type[rx.State]]:
    assert pages.PAGES, "importing the pages imports their states"
    found = _below(rx.State)
    return sorted((s for s in found if s.__module__.startswith("portal_app.")), key=str)


def _below(state: type[rx.State]) -> Iterator[type[rx.State]]:
    for child in state.__subclasses__():
        yield child
        yield from _below(child)


def body_of(state: type[rx.State]) -> ast.ClassDef:
    (parsed,) = ast.parse(textwrap.dedent(inspect.getsource(state))).body
    assert isinstance(parsed, ast.ClassDef)
    return parsed


def handlers_of(state: type[rx.State]) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        each
        for each in body_of(state).body
        if isinstance(each, functions) and not each.name.startswith("_")
    ]


@pytest.fixture(params=all_states(), ids=lambda state: state.__qualname__)
def state(request: pytest.FixtureRequest) -> type[rx.State]:
    return request.param


def test_there_are_states_to_look_at() -> None:
    assert LanguageState in all_states()


@pytest.mark.parametrize("file", UI, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_page_asks_the_browser_to_evaluate(file: Path) -> None:
    used = evaluated_in(ast.parse(file.read_text(encoding="utf-8")))

    assert not used, "a strict policy forbids it: portal_app/api/csp.py says what works instead"


@pytest.mark.parametrize(
    "source",
    [
        "import reflex as rx\nrx.call_script('1')",
        "import reflex\nreflex.toast.info('x')",
        "from reflex.event import run_script",
        "import reflex as rx\nx = [rx.set_clipboard('x')]",
        "import reflex as rx\nrx.el.script('x')",
    ],
)
def test_what_is_evaluated_is_found(source: str) -> None:
    assert evaluated_in(ast.parse(source))


def evaluated_in(tree: ast.Module) -> list[str]:
    """Names of Reflex's that do what the pages' policy forbids."""
    of_reflex = {"rx", "reflex", "rx.el", "reflex.el", "rx.event", "reflex.event"}
    used = [
        f"{ast.unparse(each)} in line {each.lineno}"
        for each in ast.walk(tree)
        if isinstance(each, ast.Attribute)
        and each.attr in EVALUATED
        and ast.unparse(each.value) in of_reflex
    ]
    imported = [
        f"{name.name} in line {each.lineno}"
        for each in ast.walk(tree)
        if isinstance(each, ast.ImportFrom) and (each.module or "").startswith("reflex")
        for name in each.names
        if name.name in EVALUATED
    ]
    return used + imported


def test_every_public_method_is_declared_a_handler(state: type[rx.State]) -> None:
    undeclared = [
        each.name
        for each in handlers_of(state)
        if not any(ast.unparse(d).startswith(("rx.event", "rx.var")) for d in each.decorator_list)
    ]

    assert not undeclared, f"{undeclared} may be called by anybody: @rx.event, or a leading _"


def test_no_handler_takes_money_or_identities(state: type[rx.State]) -> None:
    for each in handlers_of(state):
        for argument in each.args.args[1:]:
            annotation = ast.unparse(argument.annotation) if argument.annotation else "nothing"
            assert argument.arg not in NOT_FROM_THE_BROWSER, f"{each.name}({argument.arg})"
            assert annotation in CHOICES, f"{each.name}({argument.arg}: {annotation})"


def test_handlers_are_short(state: type[rx.State]) -> None:
    for each in handlers_of(state):
        first = each.body[1] if ast.get_docstring(each) and len(each.body) > 1 else each.body[0]
        lines = (each.body[-1].end_lineno or 0) - first.lineno + 1
        assert lines <= LONGEST_HANDLER, f"{each.name} has {lines} lines: more than one thing?"


def test_states_hold_no_try(state: type[rx.State]) -> None:
    tries = [each for each in ast.walk(body_of(state)) if isinstance(each, ast.Try)]

    assert not tries, "refusals rise to ui/errors.py, or are `attempt`'s answer"


def test_states_inherit_the_root_directly(state: type[rx.State]) -> None:
    assert state.__bases__ == (rx.State,), "a child's change redraws what reads its parent"


def test_vars_are_ready_to_show(state: type[rx.State]) -> None:
    hints = typing.get_type_hints(state)
    own = [name for name in inspect.get_annotations(state) if not name.startswith("_")]

    unready = {name: hints[name] for name in own if not is_ready(hints[name])}

    assert not unready, "only text, numbers and frozen dataclasses of them are published"


def test_money_and_rows_are_not_ready_to_show() -> None:
    assert is_ready(str | None)
    assert not is_ready(Money)
    assert not is_ready(list[Document])
    assert not is_ready(Decimal)


def is_ready(kind: Any) -> bool:
    if kind in SHOWN or kind is type(None):
        return True
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        frozen = kind.__dataclass_params__.frozen  # pyright: ignore[reportAttributeAccessIssue]
        fields = typing.get_type_hints(kind)
        # A domain object, Money above all, is not ready: only the screens' own words are.
        own = kind.__module__.startswith("portal_app.ui.")
        return (
            own and frozen and all(is_ready(fields[each.name]) for each in dataclasses.fields(kind))
        )
    parts = [part for part in typing.get_args(kind) if part is not Ellipsis]
    holds_parts = typing.get_origin(kind) in {list, tuple, dict, typing.Union, types.UnionType}
    return holds_parts and all(is_ready(part) for part in parts)
