"""The matrix in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal_app.domain.grants import COMING, IN_ORDER, Feature, Level, Standing
from portal_app.services.grants import Matrix, Row
from portal_app.ui.texts import say


@dataclass(frozen=True)
class Cell:
    """How one feature stands. `own`: this very row says so; `label` says all of it.

    `mark` is the letter of the level it is inherited from, '' for its own and for nobody's word.
    """

    allowed: bool
    own: bool
    mark: str
    label: str


@dataclass(frozen=True)
class Line:
    """A row of the matrix, already in words. `id` is the customer's, 0 for any other row."""

    key: str
    id: int
    kind: str
    name: str
    about: str
    cells: list[Cell]


@dataclass(frozen=True)
class Choice:
    """A group somebody may choose."""

    id: str
    name: str


def key_of(row: Row) -> str:
    """What a row is called between page and server, e.g. 'customer:12'."""
    return f"{row.owner.level}:{row.owner.id or 0}"


def names_of(matrix: Matrix) -> dict[int, str]:
    """The groups' names by id."""
    return {group.owner.id: group.name for group in matrix.groups if group.owner.id}


def line_of(row: Row, groups: Mapping[int, str]) -> Line:
    level, within = row.owner.level, group_of(row, groups)
    about = (row.code, within if level is Level.CUSTOMER else "")
    return Line(
        key=key_of(row),
        id=(row.owner.id or 0) if level is Level.CUSTOMER else 0,
        kind=level.value,
        name=_name(row),
        about=" · ".join(part for part in about if part),
        cells=[
            Cell(
                standing.allowed,
                standing.level is level,
                _mark(standing.level, level),
                said(called(feature), standing, within),
            )
            for feature, standing in zip(IN_ORDER, row.standings, strict=True)
        ],
    )


def group_of(row: Row, groups: Mapping[int, str]) -> str:
    """The name of the group a row stands under, or is; '' without one."""
    return row.name if row.owner.level is Level.GROUP else groups.get(row.group or 0, "")


def called(feature: Feature) -> str:
    """'Ver a análise'; 'Ver o extrato (em breve)' where the portal does not do it yet."""
    name = say(f"feature.{feature}")
    return say("feature.coming", feature=name) if feature in COMING else name


def said(feature: str, standing: Standing, group: str) -> str:
    """'Ver a análise: permitido, pelo grupo Empresas'."""
    key = "grant.cell.allowed" if standing.allowed else "grant.cell.taken"
    return say(key, feature=feature, level=say(f"grant.level.{standing.level}", group=group))


def _mark(said_by: Level, level: Level) -> str:
    if said_by in {level, Level.PRODUCT}:
        return ""
    return say(f"grant.level.{said_by}.mark")


def _name(row: Row) -> str:
    if row.owner.level is Level.COMPANY:
        return say("grants.company")
    return say("grants.group.of", name=row.name) if row.owner.level is Level.GROUP else row.name
