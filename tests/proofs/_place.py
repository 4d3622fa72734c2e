"""Where a proof plays: a database, a data folder, the other programs it meets."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

import pytest

from portal_app.db import engine, migrate
from portal_app.settings import ROOT, settings
from tests.postgres import private_postgres

DATABASES: Final = ("sqlite", "postgres")

Database = Literal["sqlite", "postgres"]


@dataclass(frozen=True, slots=True)
class Place:
    """What every process of a proof must know to stand on the same ground.

    `url` is a migrated database's, `more` holds settings besides.
    """

    url: str
    folder: Path
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return "sqlite" if self.url.startswith("sqlite") else "postgres"

    def having(self, **more: str) -> Place:
        return replace(self, more={**self.more, **more})

    def enter(self) -> None:
        """For good, in a process of its own."""
        for name in [name for name in os.environ if name.startswith("PORTAL_")]:
            del os.environ[name]
        os.environ.update(self.environment)
        settings.cache_clear()
        engine.configure(None)

    @contextmanager
    def entered(self) -> Iterator[pytest.MonkeyPatch]:
        """For a while; what is changed with the answer meanwhile is changed back as well."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with pytest.MonkeyPatch.context() as monkeypatch:
            for name in [name for name in os.environ if name.startswith("PORTAL_")]:
                monkeypatch.delenv(name)
            for name, value in self.environment.items():
                monkeypatch.setenv(name, value)
            settings.cache_clear()
            engine.configure(None)
            yield monkeypatch
        engine.configure(None)
        settings.cache_clear()

    @property
    def whole_environment(self) -> dict[str, str]:
        """For programs that are started."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")}
        return inherited | self.environment | {"PYTHONPATH": str(ROOT)}

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PORTAL_MODE": "demo",
            # All people of all tests come from one address.
            "PORTAL_LIMITS_TIMES": "1000",
            "PORTAL_DATA_DIR": str(self.folder),
            "PORTAL_DATABASE_URL": self.url,
            **self.more,
        }


@contextmanager
def place_on(database: Database) -> Iterator[Place]:
    """A place of its own, gone afterwards."""
    with TemporaryDirectory(prefix="portal-proof-") as name:
        folder = Path(name)
        if database == "sqlite":
            yield _migrated(Place(f"sqlite:///{folder / 'portal.db'}", folder))
        else:
            with private_postgres() as cluster:
                yield _migrated(Place(cluster.create("proof"), folder))


def processes() -> ForkServerContext:
    """Forked from one that has imported everything, so that starting one costs milliseconds."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.proofs._players", "tests.proofs._clients"])
    return context


def _migrated(place: Place) -> Place:
    migrate.upgrade(place.url)
    return place
