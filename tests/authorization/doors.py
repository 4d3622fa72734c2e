"""Every door of the app, read from the app itself: a new one is here unasked."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from reflex.event import EventHandler
from reflex.state import BaseState, State
from reflex.utils.format import format_event_handler

from portal_app.api import app as api
from portal_app.ui import pages

_LONGEST_KEY: Final = 24
# What stands on pages of other packages, by its own.
_STANDS_ON: Final = {"portal_app.ui.people": ("/account", "/staff/customers/[customer]")}


@dataclass(frozen=True)
class Event:
    """A handler anybody may call. `pages` are patterns of the addresses it stands on, or '/'.

    `arguments` by name, with the type they are declared to have; `keys` are what a form might hold.
    """

    name: str
    full_name: str
    arguments: Mapping[str, str]
    keys: tuple[str, ...]
    pages: tuple[str, ...]

    def takes_ids(self) -> bool:
        return self.has_id_in_address() or any(kind != "bool" for kind in self.arguments.values())

    def payload(self, guess: int | str) -> dict[str, Any]:
        """All arguments, each as this guess."""
        return {name: self._value(kind, guess) for name, kind in self.arguments.items()}

    def has_id_in_address(self) -> bool:
        return any("[" in page for page in self.pages)

    def paths(self, guess: int | str) -> list[str]:
        """The addresses it stands on, with this guess where one has an id."""
        parts = [page.partition("[") for page in self.pages]
        return [f"{head}{guess}" if bracket else head for head, bracket, _ in parts]

    def _value(self, kind: str, guess: int | str) -> object:
        if kind.startswith("dict"):
            return dict.fromkeys(self.keys, str(guess))
        if kind == "bool":
            return True
        return str(guess) if kind == "str" else guess


@dataclass(frozen=True)
class Route:
    """A route. `parts` are its path's parameters, `fields` its form's and its query's."""

    method: str
    path: str
    parts: tuple[str, ...]
    fields: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def filled(self, guess: int | str) -> str:
        path = self.path
        for part in self.parts:
            path = path.replace(f"{{{part}}}", str(guess)).replace(f"{{{part}:path}}", str(guess))
        return path


@cache
def events() -> tuple[Event, ...]:
    found = [
        _event(state, handler)
        for state in _below(State)
        if state.__module__.startswith("portal_app.")
        for handler in state.event_handlers.values()
        if handler.fn.__module__.startswith("portal_app.")
    ]
    assert len({event.name for event in found}) == len(found), "two states share a name"
    return tuple(sorted(found, key=lambda event: event.full_name))


@cache
def routes() -> tuple[Route, ...]:
    found = iter_route_contexts(api.build().routes)
    return tuple(_route(each, method) for each in found for method in sorted(each.methods or ()))


def _event(state: type[BaseState], handler: EventHandler) -> Event:
    signature = inspect.signature(handler.fn, eval_str=False)
    arguments = {
        name: each.annotation if isinstance(each.annotation, str) else str(each.annotation)
        for name, each in list(signature.parameters.items())[1:]
    }
    return Event(
        name=f"{state.__name__}.{handler.fn.__name__}",
        full_name=format_event_handler(handler),
        arguments={name: _plain(kind) for name, kind in arguments.items()},
        keys=_keys(state.__module__),
        pages=_pages(state.__module__),
    )


def _plain(annotation: str) -> str:
    """'int' for int as it is written and as Python prints it."""
    return annotation.removeprefix("<class '").removesuffix("'>")


@cache
def _keys(module: str) -> tuple[str, ...]:
    """Whatever a form of this page might call a field: every word its state's source holds."""
    source = inspect.getsource(__import__(module, fromlist=["_"]))
    words = {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    fields = {word for word in words if word.isidentifier() and len(word) <= _LONGEST_KEY}
    return tuple(sorted(fields | {"recipient_1", "first", "last"}))


def _pages(module: str) -> tuple[str, ...]:
    """The pages that a state's package draws; '/' for what stands on many."""
    package = module.rpartition(".")[0]
    own = [
        route if route.startswith("/") else f"/{route}"
        for route, add_to in pages.PAGES
        if add_to.__module__.rpartition(".")[0] == package
    ]
    return _STANDS_ON.get(package, tuple(own[:1]) or ("/",))


def _below(state: type[BaseState]) -> Iterator[type[BaseState]]:
    for child in state.__subclasses__():
        yield child
        yield from _below(child)


def _route(route: RouteContext, method: str) -> Route:
    path = route.path or ""
    if not isinstance(route.original_route, APIRoute):
        return Route(method, path, (), ())
    known = route.dependant
    fields = (*known.body_params, *known.query_params)
    parts = tuple(param.name for param in known.path_params)
    return Route(method, path, parts, tuple(param.name for param in fields))
