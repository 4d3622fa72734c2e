"""Whether the installation can serve."""

from portal_app.db import engine


def is_ready() -> bool:
    """Whether the database answers and has its tables."""
    return engine.answers()
