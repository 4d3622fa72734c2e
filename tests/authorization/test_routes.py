"""Every route asked by everybody: the status the table says, and nothing of anybody else's."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from typing import Final

import httpx
import pypdfium2
import pytest

from portal_app.gateways import passwords
from tests.authorization import doors
from tests.authorization.doors import Route
from tests.authorization.people import OTHERS, Town
from tests.authorization.table import OUT, PEOPLE, ROUTES, holders
from tests.authorization.wire import GUESSERS, UNTOUCHED, Kept, browser

# Of what a route may say to those it lets in: refused as a whole, moved, not there, too late.
FINE: Final = {200, 303, 400, 404, 405, 409, 422}


def files() -> list[Route]:
    """Those of papers and pictures, by their ids."""
    return [route for route in doors.routes() if route.path.startswith("/files/") and route.parts]


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """No password is right here, and each would be looked at for a twentieth of a second."""
    monkeypatch.setattr(passwords, "matches", lambda _hash, _password: False)


def test_every_route_answers_as_the_table_says(town: Town, kept: Kept) -> None:
    wrong: list[str] = []

    async def ask() -> None:
        for name in PEOPLE:
            async with browser(town.people[name].token) as http:
                for route in doors.routes():
                    for guess in _guesses(town, name, route):
                        answer = await _send(http, route, guess)
                        wrong.extend(_misjudged(town, name, route, answer))
                    wrong.extend(_touched(kept, name, route))

    asyncio.run(ask())

    assert not wrong


@pytest.mark.parametrize("name", GUESSERS)
def test_a_file_of_somebody_elses_is_answered_as_one_that_never_was(town: Town, name: str) -> None:
    wrong: list[str] = []

    async def ask() -> None:
        async with browser(town.people[name].token) as http:
            for route in files():
                none = {_said(await _send(http, route, id_)) for id_ in town.ids["nobody"]}
                for owner in filter(UNTOUCHED[name].__contains__, ("ana", *OTHERS)):
                    said = {_said(await _send(http, route, id_)) for id_ in town.ids[owner]}
                    if len(none) != 1 or said != none:
                        wrong.append(f"{route.name} tells {name} an id of {owner} from none")

    asyncio.run(ask())

    assert not wrong


@pytest.mark.parametrize("route", files(), ids=lambda route: route.path)
def test_its_owner_gets_each_file_and_so_does_whoever_else_may(town: Town, route: Route) -> None:
    """So that what others do not get is not missing for all."""
    (feature,) = ROUTES[route.name].words.replace("`", "").split(" or ")
    has_it: set[str] = set()

    async def ask() -> None:
        for name in PEOPLE:
            async with browser(town.people[name].token) as http:
                answers = [await _send(http, route, id_) for id_ in town.ids["ana"]]
                if any(answer.status_code == 200 for answer in answers):
                    has_it.add(name)

    asyncio.run(ask())

    not_hers = {"other customer", "other company", "link to one document"}
    assert has_it - not_hers == holders(feature) - not_hers
    assert not has_it & {"other customer", "other company"}


def test_a_link_to_one_document_opens_the_paper_of_that_one(town: Town) -> None:
    opened: list[str] = []

    async def ask() -> None:
        async with browser(town.people["link to one document"].token) as http:
            for route in files():
                for id_ in town.ids["ana"]:
                    answer = await _send(http, route, id_)
                    if answer.status_code == 200:
                        opened.append(f"{route.path} {id_}")

    asyncio.run(ask())

    first, boleto = town.ids["ana"][0], town.ids["ana"][4]
    assert set(opened) == {
        f"/files/documents/{{document}}.pdf {first}",
        f"/files/boletos/{{payment}}.pdf {boleto}",
        f"/files/boletos/{{payment}}/pix.svg {boleto}",
    }


def _guesses(town: Town, name: str, route: Route) -> list[str]:
    """What to put into a path and into every field."""
    if not route.parts and not route.fields:
        return [""]
    if name in OUT or not route.parts or name not in GUESSERS:
        return [town.ids["ana"][0]]
    return [id_ for owner in ("ana", *OTHERS, "nobody") for id_ in town.ids[owner]]


async def _send(http: httpx.AsyncClient, route: Route, guess: str) -> httpx.Response:
    fields = dict.fromkeys(route.fields, guess)
    form = fields if route.method == "POST" else None
    http.cookies.delete("portal_flash")
    return await http.request(route.method, route.filled(guess), data=form, params=fields)


def _misjudged(town: Town, name: str, route: Route, answer: httpx.Response) -> Iterator[str]:
    may, status = ROUTES[route.name], answer.status_code
    if name in may.people:
        if status not in FINE:
            yield f"{route.name} answers {name} {status}"
    elif not _is_refused(name, route, answer):
        yield f"{route.name} answers {name} {status}"
    said = _said(answer) + _words(answer)
    yield from (f"{route.name} tells {name} {word}" for word in town.foreign(name) if word in said)


def _is_refused(name: str, route: Route, answer: httpx.Response) -> bool:
    """A form sent by nobody leads to where one signs in; else nobody is told 401, others 404."""
    if name in OUT and route.path.startswith("/auth/"):
        return (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    return answer.status_code == (401 if name in OUT else 404)


def _said(answer: httpx.Response) -> str:
    """Everything of an answer but its date."""
    headers = sorted((key, value) for key, value in answer.headers.items() if key != "date")
    return f"{answer.status_code} {headers} {answer.content!r}"


def _words(answer: httpx.Response) -> str:
    """What is printed on a paper."""
    if answer.headers.get("content-type") != "application/pdf":
        return ""
    with pypdfium2.PdfDocument(io.BytesIO(answer.content)) as paper:
        return "".join(page.get_textpage().get_text_bounded() for page in paper)


def _touched(kept: Kept, name: str, route: Route) -> Iterator[str]:
    changed = kept.changed()
    for owner in UNTOUCHED.get(name, ()):
        if owner in changed:
            yield f"{route.name} lets {name} change {changed[owner]} of {owner}"
