"""docs/security.md: every file it calls a proof is there, every point of ASVS it names is one."""

import re
from typing import Final

from portal_app.settings import ROOT

LIST: Final = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
_FILE: Final = re.compile(r"`((?:\w+/)*\w+\.(?:py|toml|lock))`")
_POINT: Final = re.compile(
    r"^\| ((?:\d+\.\d+\.\d+(?:–\d+\.\d+\.\d+)?(?:, )?)+) \| (\S*)", re.MULTILINE
)


def test_every_proof_is_there() -> None:
    named = set(_FILE.findall(LIST))
    missing = {
        name
        for name in named
        if not any((at / name).exists() for at in (ROOT, ROOT / "portal_app"))
    }

    assert len(named) > 50
    assert not missing


def test_every_point_is_proved_or_says_why_not() -> None:
    points = _POINT.findall(LIST)

    assert len(points) > 100
    assert all(verdict in {"✓", "–", "gap:", "operator:"} for _, verdict in points), points


def test_no_point_is_named_in_anothers_chapter() -> None:
    for chapter in re.split(r"^## V", LIST, flags=re.MULTILINE)[1:]:
        number = chapter.split()[0]
        for points, _ in _POINT.findall(chapter):
            assert all(
                each.startswith(f"{number}.") for each in re.findall(r"\d+\.\d+\.\d+", points)
            )
