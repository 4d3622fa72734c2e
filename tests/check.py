"""What `./portal check` runs: everything that needs neither browser nor server."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from alembic.util import CommandError

from portal_app import locales
from portal_app.build import tools
from portal_app.db import migrate
from portal_app.settings import ROOT

# pyright runs on our node, and must not ask the network for a newer version of itself.
_ENVIRONMENT: Final = tools() | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
_LINT_IMPORTS: Final = Path(sys.executable).parent / "lint-imports"


def main() -> int:
    """Run every check, the later ones also when an earlier one fails."""
    start = time.monotonic()
    failed = [name for name, passes in CHECKS.items() if not _passes(name, passes)]
    seconds = f"{time.monotonic() - start:.1f} s"
    _say(
        f"check failed in {seconds}: {', '.join(failed)}" if failed else f"check passed, {seconds}"
    )
    return 1 if failed else 0


def _tool(*command: str) -> Callable[[], bool]:
    return lambda: subprocess.run(command, cwd=ROOT, env=_ENVIRONMENT, check=False).returncode == 0


def _module(*arguments: str) -> Callable[[], bool]:
    return _tool(sys.executable, "-m", *arguments)


def _migrations_agree() -> bool:
    """Upgrade an empty database; alembic must then find nothing left to change in it."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        migrate.upgrade(url)
        try:
            migrate.check(url)
        except CommandError as found:
            _say(str(found))
            return False
    return True


def _catalogs_complete() -> bool:
    """A sentence said in one of the complete languages is said in all, with the same values."""
    complaints = locales.check()
    for complaint in complaints:
        _say(complaint)
    return not complaints


CHECKS: Final = {
    "format": _module("ruff", "format", "--check", "."),
    "lint": _module("ruff", "check", "."),
    "types": _module("pyright"),
    "imports": _tool(str(_LINT_IMPORTS), "--no-cache"),
    "migrations": _migrations_agree,
    "catalogs": _catalogs_complete,
}


def _passes(name: str, passes: Callable[[], bool]) -> bool:
    _say(f"check: {name}")
    return passes()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
