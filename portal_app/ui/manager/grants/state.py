"""What the manager's matrix remembers: which customers, which of them are ticked, what is to change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import reflex as rx

from portal_app.domain.customers import NO_GROUP, CustomerSearch
from portal_app.domain.errors import InvalidField, NotFound
from portal_app.domain.grants import IN_ORDER, Feature, Level, StaffFeature
from portal_app.services import grants
from portal_app.services.grants import Matrix, Row
from portal_app.services.rules import STAFF, permitted
from portal_app.ui.choices import chosen
from portal_app.ui.errors import NoticeState
from portal_app.ui.manager.grants.rows import (
    Choice,
    Line,
    called,
    group_of,
    key_of,
    line_of,
    names_of,
    said,
)
from portal_app.ui.session import ask, attempt, opens_to
from portal_app.ui.texts import refusal, say, say_many

ANY_GROUP: Final = ""
GIVE: Final = "give"
TAKE: Final = "take"
INHERIT: Final = "inherit"
CHOICES: Final = {GIVE: True, TAKE: False, INHERIT: None}

MANAGING: Final = permitted(StaffFeature.MANAGE_GRANTS)


@opens_to(MANAGING, load=STAFF)
class GrantsState(rx.State):
    """The rows. A tick changes nothing here, so it redraws none of them.

    `open` is the key of the customer whose people are shown beneath him; `cleared` counts how
    often the search was emptied for somebody.
    """

    status: str = "loading"
    problem: str = ""
    top: list[Line] = []
    lines: list[Line] = []
    groups: list[Choice] = []
    text: str = ""
    cleared: int = 0
    group: str = ANY_GROUP
    open: str = ""
    count: str = ""
    position: str = ""
    is_empty: bool = False
    has_previous: bool = False
    has_next: bool = False
    _wanted: CustomerSearch = CustomerSearch()
    _rows: tuple[Row, ...] = ()
    _names: dict[int, str] = {}

    @rx.event
    async def load(self) -> None:
        """Everything anew, as the database has it; safe to repeat."""
        await (await self.get_state(MarkedState))._forget()
        (await self.get_state(ChangeState))._close()
        await self._list()

    @rx.event
    async def search(self, form: dict[str, Any]) -> None:
        text, group = str(form.get("text", ""))[:100], str(form.get("group", ANY_GROUP))
        await self._find(CustomerSearch(text, _group(group)))

    @rx.event
    async def show_all(self) -> None:
        self.cleared += 1
        await self._find(CustomerSearch())

    @rx.event
    async def previous(self) -> None:
        await self._turn(self._wanted.page - 1)

    @rx.event
    async def next(self) -> None:
        await self._turn(self._wanted.page + 1)

    @rx.event
    async def show_people(self, row: str) -> None:
        """Or, pressed again, hide them."""
        self.open = "" if self.open == row else row
        await self._list()

    async def _find(self, wanted: CustomerSearch) -> None:
        await (await self.get_state(MarkedState))._forget()
        self._wanted, self.open = wanted, ""
        await self._list()

    async def _turn(self, page: int) -> None:
        self._wanted, self.open = replace(self._wanted, page=page), ""
        await self._list()

    async def _list(self) -> None:
        answer = await attempt(self, grants.matrix, self._wanted)
        self.status, self.problem = answer.status, answer.sentence
        if answer.value is None:
            return
        people = await self._people(answer.value)
        self._fill(answer.value, people)
        marks = await self.get_state(MarksState)
        marks._draw(self.lines, await self.get_state(MarkedState))

    async def _people(self, matrix: Matrix) -> list[Row]:
        customer = next((row for row in matrix.customers if key_of(row) == self.open), None)
        if customer is None or customer.owner.id is None:
            self.open = ""
            return []
        return list(await ask(self, grants.people, customer.owner.id))

    def _fill(self, matrix: Matrix, people: list[Row]) -> None:
        names = names_of(matrix)
        above = [matrix.company, *matrix.groups]
        self._rows = (*above, *matrix.customers, *people)
        self._names = names
        self.top = [line_of(row, names) for row in above]
        self.lines = list(self._lines(matrix, people))
        self.groups = [Choice(str(id_), name) for id_, name in names.items()]
        self.text = self._wanted.text
        self.group = ANY_GROUP if self._wanted.group is None else str(self._wanted.group)
        self._place(matrix)

    def _lines(self, matrix: Matrix, people: list[Row]) -> Iterable[Line]:
        for row in matrix.customers:
            yield line_of(row, self._names)
            if key_of(row) == self.open:
                yield from (line_of(person, self._names) for person in people)

    def _place(self, matrix: Matrix) -> None:
        self._wanted = replace(self._wanted, page=matrix.page)
        self.is_empty = matrix.matching == 0
        self.count = say_many("grants.count", matrix.matching)
        self.position = say("list.page", page=matrix.page + 1, pages=matrix.pages)
        self.has_previous, self.has_next = matrix.page > 0, matrix.page + 1 < matrix.pages

    def _row(self, key: str) -> Row:
        """A row of those shown; NotFound for whatever else a visitor may say."""
        found = next((row for row in self._rows if key_of(row) == key), None)
        if found is None:
            raise NotFound(kind="row")
        return found


class MarksState(rx.State):
    """What the boxes show when they are drawn; after that the browser knows better."""

    ticked: list[int] = []
    everything: bool = False
    version: int = 0
    _ids: frozenset[int] = frozenset()

    def _draw(self, lines: list[Line], marked: MarkedState) -> None:
        self._ids = frozenset(line.id for line in lines if line.id)
        self._redraw(marked)

    def _redraw(self, marked: MarkedState) -> None:
        self.ticked = sorted(self._ids & marked._ids)
        self.everything = marked._everything
        self.version += 1


@opens_to(MANAGING)
class MarkedState(rx.State):
    """Which customers are ticked, and what is to become of them. The ids never travel."""

    count: int = 0
    words: str = ""
    question: str = ""
    done: str = ""
    feature: str = IN_ORDER[0].value
    group: str = str(NO_GROUP)
    _ids: frozenset[int] = frozenset()
    _everything: bool = False
    _proposed: tuple[Any, ...] = ()

    @rx.event
    async def tick(self, id_: int, ticked: bool) -> None:
        self._take(self._ids | {int(id_)} if ticked else self._ids - {int(id_)})
        if self._everything:
            self._everything = False
            (await self.get_state(MarksState))._redraw(self)

    @rx.event
    async def everything(self, ticked: bool) -> None:
        """All that the search finds, on all its pages; or nobody."""
        page = await self.get_state(GrantsState)
        answer = await attempt(self, grants.matching, page._wanted) if ticked else None
        self._everything = bool(answer and answer.value)
        self._take(answer.value if answer and answer.value else ())
        (await self.get_state(MarksState))._redraw(self)
        if answer and answer.value is None:
            (await self.get_state(NoticeState))._show(answer.refusal)

    @rx.event
    async def clear(self) -> None:
        await self._forget()

    @rx.event
    async def choose_feature(self, feature: str) -> None:
        self.feature = chosen(Feature, feature).value

    @rx.event
    async def choose_group(self, group: str) -> None:
        self.group = group

    @rx.event
    async def propose(self, choice: str) -> None:
        """Ask whether the ticked are to be given the chosen feature, or it taken from them."""
        feature, allowed = chosen(Feature, self.feature), _allowed(choice)
        ids = sorted(self._ids)
        self._proposed = (grants.set_many, ids, feature, allowed)
        self.question = say_many(f"grants.propose.{choice}", len(ids), feature=called(feature))

    @rx.event
    async def propose_group(self) -> None:
        group, page = _group(self.group) or None, await self.get_state(GrantsState)
        ids = sorted(self._ids)
        self._proposed = (grants.move, ids, group)
        name = page._names.get(group or NO_GROUP, "")
        key = "grants.move.group" if group else "grants.move.no_group"
        self.question = say_many(key, len(ids), name=name)

    @rx.event
    async def back(self) -> None:
        self._proposed, self.question = (), ""

    @rx.event
    async def confirm(self) -> None:
        proposed, self._proposed, self.question = self._proposed, (), ""
        if not proposed:
            return
        answer = await attempt(self, *proposed)
        if answer.value is not None:
            await self._forget()
            self.done = say_many("grants.done", answer.value)
        await (await self.get_state(GrantsState))._list()
        if answer.value is None:
            (await self.get_state(NoticeState))._show(answer.refusal)

    async def _forget(self) -> None:
        self._everything, self.done = False, ""
        self._take(())
        (await self.get_state(MarksState))._redraw(self)

    def _take(self, ids: Iterable[int]) -> None:
        self._ids = frozenset(ids)
        self.count = len(self._ids)
        self.words = say_many("grants.marked", self.count) if self._ids else ""


@dataclass(frozen=True)
class Asked:
    """One cell and what may become of it, in words. `present` is the choice that holds now."""

    feature: str = ""
    whose: str = ""
    now: str = ""
    inherit: str = ""
    present: str = ""
    may_give: bool = True


@opens_to(MANAGING)
class ChangeState(rx.State):
    """The small menu of a cell: give, take, leave it to the levels above."""

    asked: Asked = Asked()
    shown: bool = False
    _row: Row | None = None
    _feature: Feature = IN_ORDER[0]

    @rx.event
    async def choose(self, row: str, column: int) -> None:
        if not 0 <= column < len(IN_ORDER):
            raise InvalidField(field="column")
        page = await self.get_state(GrantsState)
        self._row, self._feature = page._row(row), IN_ORDER[column]
        line = next(line for line in (*page.top, *page.lines) if line.key == row)
        self.asked, self.shown = _asked(self._row, column, line, page._names), True

    @rx.event
    async def decide(self, choice: str) -> None:
        row, allowed = self._row, _allowed(choice)
        self._close()
        if row is None:
            return
        shown, feature = row.given.get(self._feature.value), self._feature
        answer = await attempt(self, grants.set_grant, row.owner, feature, allowed, shown=shown)
        await (await self.get_state(GrantsState))._list()
        if answer.status != "ready":
            (await self.get_state(NoticeState))._show(answer.refusal)

    @rx.event
    async def close(self) -> None:
        self._close()

    def _close(self) -> None:
        self._row, self.shown = None, False


@opens_to(MANAGING)
class GroupsState(rx.State):
    """The groups themselves: made, renamed, removed. `removing` is the one somebody is asked about."""

    shown: bool = False
    error: str = ""
    removing: str = ""
    version: int = 0

    @rx.event
    async def open(self) -> None:
        self.shown, self.error, self.removing = True, "", ""

    @rx.event
    async def close(self) -> None:
        self.shown = False

    @rx.event
    async def add(self, form: dict[str, Any]) -> None:
        await self._do(grants.add_group, str(form.get("name", "")))

    @rx.event
    async def rename(self, form: dict[str, Any]) -> None:
        group, name = _group(str(form.get("group", ""))) or NO_GROUP, str(form.get("name", ""))
        await self._do(grants.rename_group, group, name)

    @rx.event
    async def ask_to_remove(self, group: str) -> None:
        self.removing, self.error = group, ""

    @rx.event
    async def remove(self, group: str) -> None:
        await self._do(grants.remove_group, _group(group) or NO_GROUP)

    async def _do(self, service: Callable[..., object], *args: object) -> None:
        """A refusal is said in the dialog, which covers the page's notice."""
        answer = await attempt(self, service, *args)
        self.removing = ""
        self.error = refusal(answer.refusal) if answer.refusal else ""
        if answer.status == "ready":
            self.version += 1
            await (await self.get_state(GrantsState))._list()


def _asked(row: Row, column: int, line: Line, names: dict[int, str]) -> Asked:
    feature = called(IN_ORDER[column])
    given = row.given.get(IN_ORDER[column].value)
    return Asked(
        feature=feature,
        whose=line.name,
        now=line.cells[column].label,
        inherit=said(feature, row.above[column], group_of(row, names)),
        present=next(choice for choice, allowed in CHOICES.items() if allowed is given),
        may_give=row.owner.level is not Level.USER,
    )


def _allowed(choice: str) -> bool | None:
    if choice not in CHOICES:
        raise InvalidField(field="choice")
    return CHOICES[choice]


def _group(text: str) -> int | None:
    """A group's id as a form says it; None for any group, and for what is no number at all."""
    return int(text) if text.isdecimal() else None
