"""Transactions: what a reader sees, and that it leaves nothing behind in the pool."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal_app.db import engine, users
from portal_app.db.engine import transaction
from tests.company import World


def locale_of(world: World) -> str:
    with transaction(write=False) as session:
        found = users.by_login(session, "ana@example.com")
        assert found is not None
        return found.locale


def set_locale(world: World, locale: str) -> None:
    with transaction() as session:
        found = users.by_login(session, "ana@example.com")
        assert found is not None
        users.set_locale(session, world.company, found.id, locale)


def test_a_reader_sees_one_state_however_often_it_asks(world: World) -> None:
    query = text("SELECT locale FROM portal_user WHERE login = 'ana@example.com'")
    with transaction(write=False) as session:
        before = session.execute(query).scalar_one()
        set_locale(world, "en")
        after = session.execute(query).scalar_one()

    assert before == after == ""
    assert locale_of(world) == "en"


def test_a_writer_after_a_reader_on_the_same_connection_writes(world: World) -> None:
    for locale in ("en", "pt_BR") * 3:
        locale_of(world)
        set_locale(world, locale)

        assert locale_of(world) == locale


def test_reading_and_writing_transactions_begin_as_they_should(postgres_database: str) -> None:
    def standing() -> tuple[str, str]:
        ask = "SELECT current_setting(:name)"
        names = ("transaction_isolation", "transaction_read_only")
        isolation, read_only = (
            session.execute(text(ask), {"name": name}).scalar_one() for name in names
        )
        return isolation, read_only

    seen: list[tuple[str, str]] = []
    # One after the other on one connection of the pool.
    for write in (True, False, True, False, False, True):
        with transaction(write=write) as session:
            seen.append(standing())

    writing, reading = ("read committed", "off"), ("repeatable read", "on")
    assert seen == [writing, reading, writing, reading, reading, writing]


def test_postgresql_refuses_to_write_where_only_reading_was_said(postgres_database: str) -> None:
    with pytest.raises(DBAPIError), transaction(write=False) as session:
        session.execute(text("DELETE FROM company"))

    with transaction() as session:
        session.execute(text("DELETE FROM company"))


def test_readers_and_writers_share_one_pool(world: World) -> None:
    with transaction() as writer, transaction(write=False) as reader:
        assert writer.get_bind().engine.pool is reader.get_bind().engine.pool
        assert reader.get_bind().engine.pool is engine.engine().pool
