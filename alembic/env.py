"""Runs migrations with the engine the app itself uses."""

import sys
from pathlib import Path

from sqlmodel import SQLModel

from alembic import context

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from portal_app.db import models  # noqa: F401  fills the metadata
from portal_app.db.engine import make_engine


def run() -> None:
    engine = make_engine(context.config.attributes["url"])
    try:
        with engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=SQLModel.metadata,
                render_as_batch=True,
                compare_type=True,
                transaction_per_migration=True,
            )
            with context.begin_transaction():
                context.run_migrations()
    finally:
        engine.dispose()


run()
