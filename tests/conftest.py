"""What every test stands on: settings of its own and, if it asks, a database of its own."""

import inspect
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel
from xdist.scheduler import LoadScopeScheduling

from portal_app.db import engine, migrate
from portal_app.settings import settings
from tests.postgres import Cluster, private_postgres
from tests.served import Server, free_port

_MIGRATED = "migrated"
_BROWSER = Path(__file__).parent / "browser"


def pytest_configure() -> None:
    # Some modules read the settings when they are imported; none may see the caller's.
    for name in [name for name in os.environ if name.startswith("PORTAL_")]:
        del os.environ[name]
    os.environ["PORTAL_DATA_DIR"] = tempfile.mkdtemp(prefix="portal-tests-")


def pytest_unconfigure() -> None:
    shutil.rmtree(os.environ["PORTAL_DATA_DIR"], ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the browser's tests, and put each kind where it harms no other.

    Playwright keeps an event loop running, beside which no test can have its own: those that need
    one come first, those that need none fill the other processes meanwhile.
    """
    for item in items:
        if _in_browser(item):
            item.add_marker(pytest.mark.browser)
    items.sort(key=_turn)


class _BrowserInOneProcess(LoadScopeScheduling):
    """Any other test goes to whichever process is free. The browser's share a server and its port.

    xdist's own groups do not hold: they are a part of a test's name that pytest 9.2 does not keep.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return _BrowserInOneProcess(config, log)


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Demo mode and a data folder of the test's own; nothing cached comes in or goes out."""
    monkeypatch.setenv("PORTAL_MODE", "demo")
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path / "var"))
    _forget()
    yield
    _forget()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    """The address of an empty, migrated database that the engine uses: the test runs on both."""
    return request.getfixturevalue(f"{request.param}_database")


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
    file = shutil.copyfile(sqlite_template, tmp_path / "portal.db")
    yield from _used(f"sqlite:///{file}")


@pytest.fixture
def postgres_database(postgres_shared: str) -> Iterator[str]:
    yield from _used(postgres_shared)
    _empty_postgres(postgres_shared)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "portal.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_shared(postgres: Cluster) -> str:
    """One migrated database, emptied after each test: making one takes 300 ms, emptying it 1."""
    url = postgres.create(_MIGRATED)
    migrate.upgrade(url)
    return url


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL of the session's own, for tests that need more than `database`."""
    with private_postgres() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The running portal with the demo company, the page built if its sources changed."""
    served = Server(tmp_path_factory.mktemp("served"), free_port())
    served.start()
    yield served
    served.stop()


def _used(url: str) -> Iterator[str]:
    engine.configure(url)
    yield url
    engine.configure(None)


def _empty_postgres(url: str) -> None:
    """Delete every row whatever refers to it, and count ids from 1 again."""
    tables = SQLModel.metadata.sorted_tables
    made = engine.make_engine(url)
    with made.begin() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '20s'")
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in tables:
            connection.execute(table.delete())
        connection.exec_driver_sql(
            "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"
        )
    made.dispose()


def _forget() -> None:
    settings.cache_clear()
    engine.configure(None)


def _in_browser(item: pytest.Item) -> bool:
    return item.path.is_relative_to(_BROWSER)


def _turn(item: pytest.Item) -> int:
    if _in_browser(item):
        return 1 if _has_own_loop(item) else 2
    return 0 if _has_own_loop(item) else 3


def _has_own_loop(item: pytest.Item) -> bool:
    """Whether it may run an event loop itself: it is a coroutine, or its module knows asyncio."""
    if not isinstance(item, pytest.Function):
        return False
    return inspect.iscoroutinefunction(item.function) or hasattr(item.module, "asyncio")
