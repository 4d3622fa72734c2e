"""Credentials of banks: read whole or refused with the reason, and never shown."""

import os
from pathlib import Path

import pytest

from portal_app.domain.errors import BankAccessDenied
from portal_app.gateways.registration import credentials
from portal_app.settings import settings

COMPLETE = """
base_url = "https://bank.example/api/v2"
token_url = "https://login.bank.example/oauth/token"
client_id = "the-client"
client_secret = "the-secret"
app_key = "the-key"
conta_corrente = "123456"
certificate = "ours.crt"
private_key = "ours.key"
"""


@pytest.fixture
def folder() -> Path:
    made = settings().bank_credentials
    made.mkdir(parents=True)
    for name in ("ours.crt", "ours.key"):
        put(made, name, "pem")
    return made


def put(folder: Path, name: str, content: str, mode: int = 0o600) -> None:
    (folder / name).write_text(content)
    (folder / name).chmod(mode)


def test_a_complete_file_is_read_and_its_paths_begin_at_the_folder(folder: Path) -> None:
    put(folder, "inter.toml", COMPLETE)

    read = credentials.read("inter", "077", frozenset({"certificate"}))

    assert (read.base_url, read.client_secret) == ("https://bank.example/api/v2", "the-secret")
    assert (read.app_key, read.conta_corrente) == ("the-key", "123456")
    assert (read.certificate, read.private_key) == (folder / "ours.crt", folder / "ours.key")
    assert read.ca is None


def test_no_secret_is_shown(folder: Path) -> None:
    put(folder, "inter.toml", COMPLETE)

    shown = repr(credentials.read("inter", "077"))

    assert "https://bank.example/api/v2" in shown
    assert not [secret for secret in ("the-client", "the-secret", "the-key") if secret in shown]


def test_what_was_read_is_another_once_a_file_changed(folder: Path) -> None:
    put(folder, "inter.toml", COMPLETE)
    first = credentials.read("inter", "077")
    again = credentials.read("inter", "077")

    # Copied with the time it had elsewhere, which is an earlier one.
    os.utime(folder / "ours.key", (1_700_000_000, 1_700_000_000))

    assert first == again
    assert credentials.read("inter", "077") != first


@pytest.mark.parametrize(
    "name", ["", "../inter", "a/b", "Inter", ".inter", "inter.toml", "a" * 65, "inter\n", "ünter"]
)
def test_a_name_that_is_no_plain_one_reads_nothing(folder: Path, name: str) -> None:
    put(folder, "inter.toml", COMPLETE)

    with pytest.raises(BankAccessDenied) as refused:
        credentials.read(name, "077")

    assert refused.value.details == {"bank": "077", "reason": "name"}


@pytest.mark.parametrize(
    ("line", "replaced", "field", "reason"),
    [
        ('client_secret = "the-secret"', "", "client_secret", "incomplete"),
        ('app_key = "the-key"', "", "app_key", "incomplete"),
        ('private_key = "ours.key"', "", "private_key", "incomplete"),
        ('client_id = "the-client"', 'client_id = ""', "client_id", "invalid"),
        ('client_id = "the-client"', "client_id = 5", "client_id", "invalid"),
        ('app_key = "the-key"', 'app_key = "the-key"\napp-key = "x"', "app-key", "invalid"),
        ('"https://bank.example/api/v2"', '"http://bank.example"', "base_url", "invalid"),
        ('"https://bank.example/api/v2"', '"https://bank.example/"', "base_url", "invalid"),
        ('"https://bank.example/api/v2"', '"https://a@bank.example"', "base_url", "invalid"),
        ('"123456"', '"0123"', "conta_corrente", "invalid"),
    ],
)
def test_a_file_that_lacks_something_is_refused_by_the_fields_name(
    folder: Path, line: str, replaced: str, field: str, reason: str
) -> None:
    assert line in COMPLETE
    put(folder, "bb.toml", COMPLETE.replace(line, replaced))

    with pytest.raises(BankAccessDenied) as refused:
        credentials.read("bb", "001", frozenset({"app_key"}))

    assert refused.value.details == {"bank": "001", "reason": reason, "field": field}
    assert "the-secret" not in str(refused.value)


@pytest.mark.parametrize("content", ["client_id = ", "\x00", "client_id = 'a'\nclient_id = 'b'"])
def test_what_is_no_toml_is_unreadable(folder: Path, content: str) -> None:
    put(folder, "bb.toml", content)

    with pytest.raises(BankAccessDenied) as refused:
        credentials.read("bb", "001")

    assert refused.value.details["reason"] == "unreadable"


def test_a_file_that_is_not_there_is_missing(folder: Path) -> None:
    with pytest.raises(BankAccessDenied) as refused:
        credentials.read("bb", "001")
    put(folder, "bb.toml", COMPLETE)
    (folder / "ours.crt").unlink()
    with pytest.raises(BankAccessDenied) as without_certificate:
        credentials.read("bb", "001")

    assert refused.value.details == {"bank": "001", "reason": "missing", "file": "bb.toml"}
    assert without_certificate.value.details["file"] == "ours.crt"


@pytest.mark.parametrize(
    ("file", "mode", "is_refused"),
    [
        ("bb.toml", 0o600, False),
        ("bb.toml", 0o640, False),
        ("bb.toml", 0o644, True),
        ("ours.key", 0o604, True),
        ("ours.key", 0o602, True),
        ("ours.crt", 0o644, False),
    ],
)
def test_a_secret_that_everybody_on_the_machine_may_read_is_refused(
    folder: Path, file: str, mode: int, is_refused: bool
) -> None:
    put(folder, "bb.toml", COMPLETE)
    (folder / file).chmod(mode)

    if is_refused:
        with pytest.raises(BankAccessDenied) as refused:
            credentials.read("bb", "001")
        assert refused.value.details == {"bank": "001", "reason": "exposed", "file": file}
    else:
        assert credentials.read("bb", "001").client_id == "the-client"
