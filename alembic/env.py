"""Runs migrations with the engine the app itself uses."""

import sys
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from alembic import context

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from portal_app.db import models  # noqa: F401  fills the metadata
from portal_app.db.engine import make_engine


def run() -> None:
    engine = make_engine(context.config.attributes["url"])
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                # It changes a table by making it anew, and would take what refers to it for
                # orphans. Within a transaction the setting does nothing.
                connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
            context.configure(
                connection=connection,
                target_metadata=SQLModel.metadata,
                render_as_batch=True,
                compare_type=True,
                transaction_per_migration=True,
                on_version_apply=_ensure_whole,
            )
            with context.begin_transaction():
                context.run_migrations()
    finally:
        engine.dispose()


def _ensure_whole(ctx: MigrationContext, *_also: object, **_: object) -> None:
    """Undo a migration after which a row of SQLite's would refer to nothing."""
    connection = ctx.connection
    if connection is not None and connection.dialect.name == "sqlite":
        orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if orphan is not None:
            raise RuntimeError(f"a row of {orphan[0]} would refer to nothing in {orphan[2]}")


run()
