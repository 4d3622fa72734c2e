from pathlib import Path

import pytest

from portal_app import build
from portal_app.settings import settings


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one source, whose export only writes what Reflex's would."""
    root = tmp_path / "project"
    (root / "assets").mkdir(parents=True)
    (root / "assets" / "portal.css").write_text("body {}")
    monkeypatch.setattr(build, "ROOT", root)
    monkeypatch.setattr(build, "WEB", root / ".web")
    monkeypatch.setattr(build, "BUILDS", root / ".web" / "served")

    def export() -> None:
        client = root / ".web" / "build" / "client"
        client.mkdir(parents=True, exist_ok=True)
        (client / "index.html").write_text((root / "assets" / "portal.css").read_text())
        (root / "reflex.lock").mkdir(exist_ok=True)
        (root / "reflex.lock" / "package-lock.json").write_text("{}")

    monkeypatch.setattr(build, "_export", export)
    return root


@pytest.mark.usefixtures("project")
def test_what_was_built_is_not_built_again() -> None:
    assert build.ready() is None

    built = build.build()

    # Installing has written the lock file, a source, meanwhile.
    assert build.ready() == built
    assert build.build() == built


def test_a_changed_source_is_another_build_and_leaves_the_first_in_place(project: Path) -> None:
    first = build.build()

    (project / "assets" / "portal.css").write_text("body { margin: 0 }")
    second = build.build()

    assert (first / "build/client/index.html").read_text() == "body {}"
    assert (second / "build/client/index.html").read_text() == "body { margin: 0 }"


@pytest.mark.usefixtures("project")
def test_another_port_is_another_build(monkeypatch: pytest.MonkeyPatch) -> None:
    built = build.build()

    monkeypatch.setenv("PORTAL_PORT", "8123")
    settings.cache_clear()
    assert build.ready() is None
    other = build.build()

    monkeypatch.delenv("PORTAL_PORT")
    settings.cache_clear()
    assert build.ready() == built != other


def test_only_the_last_builds_are_kept(project: Path) -> None:
    built: list[Path] = []
    for number in range(build.KEPT + 2):
        (project / "assets" / "portal.css").write_text(f"body {{ order: {number} }}")
        built.append(build.build())

    assert sorted(build.BUILDS.iterdir()) == sorted(built[-build.KEPT :])
