"""Secrets that open a bank's API: one TOML file each, in a folder outside the database.

What a file holds and who may read it: docs/banks/api.md.
"""

import re
import stat
import tomllib
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from portal_app.domain.errors import BankAccessDenied
from portal_app.settings import settings

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_ADDRESS: Final = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._-]+)*")
_SECRET: Final = re.compile(r"[!-~]{1,1000}")
_FILE: Final = re.compile(r"[^\x00-\x1f]{1,1000}")
_FIELDS: Final[Mapping[str, re.Pattern[str]]] = {
    "base_url": _ADDRESS,
    "token_url": _ADDRESS,
    "client_id": _SECRET,
    "client_secret": _SECRET,
    "app_key": _SECRET,
    "certificate": _FILE,
    "private_key": _FILE,
    "ca": _FILE,
    "conta_corrente": re.compile(r"[1-9][0-9]{0,19}"),
}
_ALWAYS: Final = frozenset({"base_url", "token_url", "client_id", "client_secret"})
_PAIR: Final = frozenset({"certificate", "private_key"})
_PATHS: Final = _PAIR | {"ca"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Addresses, secrets and certificate of one agreement; its `repr` shows no secret.

    `certificate` and `private_key` say to the bank who we are; `ca` stands in for the usual
    roots where a test system has its own. `version` is another one once any of the files is.
    """

    base_url: str
    token_url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    app_key: str = field(default="", repr=False)
    certificate: Path | None = None
    private_key: Path | None = None
    ca: Path | None = None
    conta_corrente: str = ""
    version: tuple[int, ...] = ()


def read(name: str, bank: str, needed: Set[str] = frozenset()) -> Credentials:
    """What `NAME.toml` holds; BankAccessDenied says why there is nothing to use.

    `needed`: what this bank asks for besides addresses, client id and client secret.
    """
    if not _NAME.fullmatch(name):
        raise BankAccessDenied(bank=bank, reason="name")
    folder = settings().bank_credentials
    file = folder / f"{name}.toml"
    stated = _stated(file, bank)
    _ensure_fields(stated, needed, bank)
    paths = {key: folder / stated[key] for key in _PATHS & stated.keys()}
    if "private_key" in paths:
        _ensure_private(paths["private_key"], bank)
    version = tuple(_changed(path, bank) for path in (file, *sorted(paths.values())))
    return Credentials(**{**stated, **paths}, version=version)


def _stated(file: Path, bank: str) -> dict[str, Any]:
    _ensure_private(file, bank)
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise BankAccessDenied(bank=bank, reason="unreadable", file=file.name) from None


def _ensure_fields(stated: Mapping[str, Any], needed: Set[str], bank: str) -> None:
    """A misspelt name is refused: read as nothing it would only fail at the bank."""
    for name, value in stated.items():
        form = _FIELDS.get(name)
        if form is None or not isinstance(value, str) or not form.fullmatch(value):
            raise BankAccessDenied(bank=bank, reason="invalid", field=name)
    # A certificate is of no use without its key, nor the key without it.
    pair = _PAIR if _PAIR & stated.keys() else frozenset[str]()
    for name in sorted((_ALWAYS | needed | pair) - stated.keys()):
        raise BankAccessDenied(bank=bank, reason="incomplete", field=name)


def _ensure_private(file: Path, bank: str) -> None:
    """Refuse a secret that any account on the machine may read or change."""
    try:
        mode = file.stat().st_mode
    except OSError:
        raise BankAccessDenied(bank=bank, reason="missing", file=file.name) from None
    if mode & stat.S_IRWXO:
        raise BankAccessDenied(bank=bank, reason="exposed", file=file.name)


def _changed(file: Path, bank: str) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        raise BankAccessDenied(bank=bank, reason="missing", file=file.name) from None
