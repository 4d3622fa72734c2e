"""Building the page: Reflex compiles it, npm and vite bundle it, a finished build is kept whole.

Each build lies in a folder named after its sources, so that a server in use never sees
another build's files, and going back to earlier sources (or to another port) builds nothing.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from portal_app.settings import ROOT, settings

WEB: Final = ROOT / ".web"
BUILDS: Final = WEB / "served"
KEPT: Final = 4

_SOURCES: Final = (
    "assets",
    "portal_app/domain",
    "portal_app/locales",
    "portal_app/portal_app.py",
    "portal_app/ui",
    "requirements.lock",
    "requirements.txt",
    "rxconfig.py",
)
_LOCK: Final = "reflex.lock"
_NOT_SOURCES: Final = {".pyc", ".mo"}
_SERVED: Final = ("build/client", "backend", "env.json", "reflex.json", "routes.json")
_LINES_SHOWN: Final = 60


class BuildFailed(Exception):
    """The page could not be built; the text is the end of what the tools said."""


def ready() -> Path | None:
    """The folder of the build of the present sources, if there is one."""
    build = BUILDS / _fingerprint(_content(*_SOURCES))
    return build if build.exists() else None


def build() -> Path:
    """The folder of the build of the present sources, made now if need be.

    The port and the public address are compiled into the page and count as sources.
    """
    with _alone():
        found = ready()
        if found is None:
            # The sources are read before the build (they may be edited meanwhile), the frontend's
            # lock file after it, since installing writes that.
            sources = _content(*_SOURCES)
            _export()
            found = _keep(_fingerprint(sources))
        os.utime(found)
        return found


def _fingerprint(sources: bytes) -> str:
    address = f"{settings().public_url} {settings().port}".encode()
    return hashlib.sha256(sources + _content(_LOCK) + address).hexdigest()[:32]


def _content(*names: str) -> bytes:
    content = hashlib.sha256()
    for file in sorted(file for name in names for file in _files(ROOT / name)):
        content.update(os.fsencode(file.relative_to(ROOT)))
        content.update(hashlib.sha256(file.read_bytes()).digest())
    return content.digest()


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        yield from (f for f in path.rglob("*") if f.is_file() and f.suffix not in _NOT_SOURCES)


@contextmanager
def _alone() -> Iterator[None]:
    """One build at a time in this folder, whoever started it."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _export() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "reflex", "export", "--no-zip", "--frontend-only"],
        cwd=ROOT,
        env=tools(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise BuildFailed("\n".join(done.stdout.splitlines()[-_LINES_SHOWN:]))


def tools() -> dict[str, str]:
    """The caller's environment, with our node first on the PATH and his registry kept.

    Left to itself Reflex measures two public registries and overrules npm's own configuration.
    """
    beside_python = str(Path(sys.executable).parent)
    tools = os.environ | {
        "PATH": f"{beside_python}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        # The lock file is committed and must not name the registry it came from.
        "npm_config_omit_lockfile_registry_resolved": "true",
    }
    if not tools.get("NPM_CONFIG_REGISTRY"):
        asked = [f"{beside_python}/npm", "config", "get", "registry"]
        answer = subprocess.run(
            asked,
            cwd=ROOT,
            env=tools,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.stdout.startswith("http"):
            tools["NPM_CONFIG_REGISTRY"] = answer.stdout.strip()
    return tools


def _keep(name: str) -> Path:
    draft, kept = BUILDS / f"{name}.new", BUILDS / name
    shutil.rmtree(draft, ignore_errors=True)
    for part in _SERVED:
        source, target = WEB / part, draft / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copy2(source, target)
    draft.rename(kept)
    for old in sorted(BUILDS.iterdir(), key=lambda build: build.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old)
    return kept
