"""The table as a page to read: docs/authorization.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from portal_app.settings import ROOT
from tests.authorization.table import (
    COMPANY,
    EVENTS_OF,
    FEATURES,
    HOLDERS,
    NARROWED,
    OUT,
    OWN,
    PERMISSIONS,
    READERS,
    ROUTES_OF,
    UNDECIDED,
    May,
    holders,
)

PAGE: Final = ROOT / "docs" / "authorization.md"
# Those who stand for all others: head of the column, and who it is.
_COLUMNS: Final = {
    "nobody": "nobody",
    "link": "link",
    "one": "link to one document",
    "owner": "owner",
    "acct.": "accountant",
    "view": "manager viewing",
    "none": "nothing granted",
    "choice": "two customers, none chosen",
    "staff": "staff",
    "role –": "no permission",
    "role +": "every permission",
    "mgr": "manager",
}
_HEAD: Final = """\
# Who may what

Drawn from `tests/authorization/table.py` by `python -m tests.authorization --write`; do not edit.
The tests beside it hold the portal against that table: every door below is tried by everybody
named here, with ids of their own, of another customer, of another company and of nobody.

**●** may · **○** may come in and is told nothing of documents or tasks · blank: for him it is not
there (404, a notice that there is no such thing; without a session 401 or the sign-in page).
Whatever somebody may, he may with his own only: another's id is answered as one that never was.
"""


def drawn() -> str:
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "## People\n"
    yield from _people()
    yield "\n## Features\n"
    yield from _features()
    yield "\n## Events\n"
    yield from _doors("Event", EVENTS_OF)
    yield "\n## Routes\n"
    yield from _doors("Route", ROUTES_OF)


def _people() -> Iterator[str]:
    groups: Mapping[str, Mapping[str, str]] = {
        "Nobody, whatever they bring": OUT,
        "Act for a customer": HOLDERS,
        "Something was taken from them": {
            name: words for name, words in NARROWED.items() if not name.startswith("without ")
        }
        | {"without …": "for each of a customer's features, a user who has all but that"},
        "Narrower by what they are": READERS,
        "Have not said for whom": UNDECIDED,
        "The company's own": {
            name: words for name, words in COMPANY.items() if not name.startswith("only ")
        }
        | {"only …": "for each permission, somebody whose role is that alone"},
    }
    for title, people in groups.items():
        yield f"- {title}:"
        yield from (f"  - **{name}** – {words}" for name, words in people.items())


def _features() -> Iterator[str]:
    yield from _head("Feature")
    for feature in (*FEATURES, *sorted(OWN), *PERMISSIONS):
        has = holders(feature)
        marks = ("●" if name in has else "" for name in _COLUMNS.values())
        yield _row(f"`{feature}`", marks)


def _doors(title: str, groups: Mapping[str, Mapping[str, May]]) -> Iterator[str]:
    for page, doors in groups.items():
        yield f"\n### {page}\n"
        yield from _head(title, "Needs")
        for name, may in doors.items():
            marks = (_mark(may, person) for person in _COLUMNS.values())
            yield _row(f"`{name}` | {may.words}", marks)


def _mark(may: May, person: str) -> str:
    if person not in may.people:
        return ""
    return "●" if may.told is None or person in may.told else "○"


def _head(*titles: str) -> Iterator[str]:
    yield _row(" | ".join(titles), _COLUMNS)
    yield _row(" | ".join("---" for _ in titles), (":-:" for _ in _COLUMNS))


def _row(first: str, cells: Iterator[str] | Mapping[str, str]) -> str:
    return f"| {first} | {' | '.join(cells)} |"
