"""Views hold no logic, whatever their file is called: what makes components asks no service.

pyproject.toml says so of `view.py` and `ui/components`; here it is said of all that is built.
"""

import ast
from pathlib import Path
from typing import Final

import pytest

from portal_app import ui

FOLDER: Final = Path(ui.__path__[0])
_SERVICES: Final = "portal_app.services"


def _name(file: Path) -> str:
    return file.relative_to(FOLDER).with_suffix("").as_posix()


def is_view(source: str) -> bool:
    """Whether a module makes components and has no state of its own."""
    tree = ast.parse(source)
    states = (
        ast.unparse(base) == "rx.State"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    )
    components = (
        node.returns is not None and "rx.Component" in ast.unparse(node.returns)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    )
    return any(components) and not any(states)


def services_of(source: str) -> set[str]:
    """What a module imports of the services, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{each.name}" for each in node.names}
    return {name for name in found if f"{name}.".startswith(f"{_SERVICES}.")}


_SOURCES: Final = {
    _name(file): file.read_text(encoding="utf-8") for file in sorted(FOLDER.rglob("*.py"))
}
VIEWS: Final = [name for name, source in _SOURCES.items() if is_view(source)]


def test_views_of_other_names_are_found_too() -> None:
    assert {"sign_in/code_view", "manager/grants/dialogs", "components/form"} <= set(VIEWS)
    assert {name for name in _SOURCES if name.endswith("/view")} <= set(VIEWS)
    assert "sign_in/state" not in VIEWS


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_asks_no_service(view: str) -> None:
    assert not services_of(_SOURCES[view])


@pytest.mark.parametrize(
    "source",
    [
        "from portal_app.services import account",
        "from portal_app.services.account import show",
        "import portal_app.services.account",
        "def page():\n    from portal_app import services",
    ],
)
def test_every_way_to_import_a_service_is_seen(source: str) -> None:
    assert services_of(source)
