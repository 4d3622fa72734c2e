"""Whatever a manager may grant opens something, or says that it comes later."""

import ast
from pathlib import Path

from portal_app import services
from portal_app.domain.grants import COMING, Feature
from portal_app.domain.methods import FEATURE_OF

# They load what is shown, and ask nobody.
_LOADERS = {"demo.py", "seed.py"}
_ASKING = {"require", "may"}


def asked() -> set[Feature]:
    """The features some use case asks for: `require(actor, Feature.X)`, `actor.may(Feature.X)`."""
    files = (file for file in Path(services.__path__[0]).glob("*.py") if file.name not in _LOADERS)
    return {
        Feature[node.attr]
        for file in files
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] in _ASKING
        for argument in call.args
        for node in ast.walk(argument)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Feature"
    }


def test_every_feature_opens_something_or_comes_later() -> None:
    # Ways to pay are asked for by their method.
    by_method = set(FEATURE_OF.values())

    assert set(Feature) - COMING <= asked() | by_method


def test_what_comes_later_opens_nothing_yet() -> None:
    assert not COMING & asked()
