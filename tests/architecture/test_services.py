"""A use case asks first whether the actor may: before it reads or writes anything."""

import ast
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from portal_app import services

FOLDER: Final = Path(services.__path__[0])
# Which ask something else than a feature, and why.
EXCEPTIONS: Final = {
    "actors.require": "is what all others ask",
    "access.act_for": "asks whether he is a member of that customer",
    "access.stop_viewing": "asks whether he is viewing; back to himself anybody may",
    "account.set_locale": "one's own language; a link's and a viewer's stay as they are",
    "audit.opened": "enters in the audit what another use case asked for",
    "checkouts.give_up": "of a payment that payments.supersede asked for",
    "staff_roles.ensure_within": "asks whether he has himself what he would give",
    # These ask `_whose`, which finds out which of two features it takes before it reads anything.
    **dict.fromkeys(
        (
            *("people.list_people", "people.invite", "people.invite_again", "people.change"),
            *("people.remove", "people.end_sessions", "people.switch"),
        ),
        "asks _whose",
    ),
}


@cache
def _functions() -> dict[str, ast.FunctionDef]:
    """Every function of a service by 'file.name'."""
    return {
        f"{file.stem}.{node.name}": node
        for file in sorted(FOLDER.glob("*.py"))
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }


def _use_cases() -> list[str]:
    return [
        name
        for name, node in _functions().items()
        if not node.name.startswith("_") and node.args.args and node.args.args[0].arg == "actor"
    ]


def asks_first(name: str, functions: dict[str, ast.FunctionDef]) -> bool:
    """Whether `require` comes before any transaction, in it or in what it calls as the actor."""
    module = name.partition(".")[0]
    for statement in functions[name].body:
        # What is written above it is called before it, what is written inside it after.
        for call in _calls(statement):
            called = ast.unparse(call.func)
            if called == "require":
                return True
            if called == "transaction":
                return False
            if _is_asked_by_the_actor(call) and f"{module}.{called}" in functions:
                return asks_first(f"{module}.{called}", functions)
    return False


def _calls(statement: ast.stmt) -> list[ast.Call]:
    """In the order they are written; an argument before the call it is for."""
    found = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return sorted(found, key=lambda call: (call.end_lineno or 0, call.end_col_offset or 0))


def _is_asked_by_the_actor(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Name) and call.args[0].id == "actor"


@pytest.mark.parametrize("name", _use_cases())
def test_every_use_case_asks_first(name: str) -> None:
    if name not in EXCEPTIONS:
        asks = asks_first(name, _functions())
        assert asks, "require(actor, …) first, or say here why not"


def test_those_that_ask_whose_ask_it_before_all_else() -> None:
    functions = _functions()
    for name in (name for name, why in EXCEPTIONS.items() if why == "asks _whose"):
        called = [
            ast.unparse(call.func)
            for statement in functions[name].body
            for call in _calls(statement)
        ]
        assert "_whose" in called or "_somebody" in called, name
    assert asks_first("people._whose", functions)


def test_no_exception_is_named_that_no_longer_exists() -> None:
    assert EXCEPTIONS.keys() <= set(_use_cases())


@pytest.mark.parametrize(
    ("body", "asks"),
    [
        ("require(actor, Feature.PRINT)\n    with transaction() as s:\n        pass", True),
        ("with transaction() as s:\n        require(actor, Feature.PRINT)", False),
        ("rows = other(actor)", True),
        ("return 1", False),
    ],
)
def test_asking_too_late_is_noticed(body: str, asks: bool) -> None:
    source = f"def it(actor):\n    {body}\n\ndef other(actor):\n    require(actor, x)\n"
    functions = {
        f"m.{node.name}": node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
    }

    assert asks_first("m.it", functions) is asks
