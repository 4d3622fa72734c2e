import stat
from pathlib import Path

import pytest

from portal_app.settings import ROOT, SECRET_KEY_BYTES, MailServer, SettingsRefused, settings

KEY = "k" * SECRET_KEY_BYTES
PRODUCTION = {
    "PORTAL_MODE": "production",
    "PORTAL_SECRET_KEY": KEY,
    "PORTAL_STRIPE_SECRET_KEY": "sk_live_x",
    "PORTAL_STRIPE_WEBHOOK_SECRET": "whsec_x",
}


def _set(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_production_starts_with_all_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, PRODUCTION)

    assert settings().secret_key.get_secret_value() == KEY


@pytest.mark.parametrize("missing", [name for name in PRODUCTION if name != "PORTAL_MODE"])
def test_production_without_a_secret_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    _set(monkeypatch, PRODUCTION | {missing: ""})

    with pytest.raises(SettingsRefused, match=f"^{missing} must be set"):
        settings()


@pytest.mark.parametrize(
    ("value", "secrets"),
    [
        ("whsec_a", ["whsec_a"]),
        ("whsec_new, whsec_old", ["whsec_new", "whsec_old"]),
        (" ,whsec_a,", ["whsec_a"]),
        ("", []),
    ],
)
def test_several_webhook_secrets_are_good_at_once(
    monkeypatch: pytest.MonkeyPatch, value: str, secrets: list[str]
) -> None:
    monkeypatch.setenv("PORTAL_STRIPE_WEBHOOK_SECRET", value)

    assert settings().stripe_webhook_secrets == secrets


def test_production_refuses_the_demo_banks_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, PRODUCTION | {"PORTAL_DEMO_BANK_SECONDS": "2"})

    with pytest.raises(SettingsRefused, match=r"^PORTAL_DEMO_BANK_SECONDS must not be set"):
        settings()


def test_the_demo_makes_its_key_once_for_its_owner_alone(tmp_path: Path) -> None:
    key = settings().secret_key.get_secret_value()
    settings.cache_clear()

    assert settings().secret_key.get_secret_value() == key
    assert len(key.encode()) >= SECRET_KEY_BYTES
    (file,) = (tmp_path / "var").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_short_key_is_refused_in_any_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", "hunter2")

    with pytest.raises(SettingsRefused, match="PORTAL_SECRET_KEY") as refused:
        settings()
    assert "hunter2" not in str(refused.value)


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(
        monkeypatch,
        PRODUCTION
        | {
            "PORTAL_SMTP_URL": "smtp://user:hidden@mail.example",
            "PORTAL_DATABASE_URL": "postgresql+psycopg://user:hidden@db.example/portal",
            "PORTAL_REDIS_URL": "redis://:hidden@cache.example",
        },
    )

    shown = repr(settings()) + str(settings())

    assert not [secret for secret in (KEY, "sk_live_x", "whsec_x", "hidden") if secret in shown]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_PORT", "eighty"),
        ("PORTAL_PORT", "70000"),
        ("PORTAL_PUBLIC_URL", "portal.example"),
        ("PORTAL_PUBLIC_URL", "https://portal.example/billing"),
        ("PORTAL_MODE", "staging"),
        ("PORTAL_LOG_LEVEL", "loud"),
        ("PORTAL_DEMO_BANK_SECONDS", "-1"),
        ("PORTAL_SMTP_URL", "mail.example"),
        ("PORTAL_SMTP_URL", "http://mail.example"),
        ("PORTAL_SMTP_URL", "smtp://"),
        ("PORTAL_SMTP_URL", "smtp://mail example"),
        ("PORTAL_SMTP_URL", "smtp://mail..example"),
        ("PORTAL_SMTP_URL", "smtp://mail.example:25x"),
        ("PORTAL_SMTP_URL", "smtp://mail.example:0"),
        ("PORTAL_SMTP_URL", "smtp://mail.example:70000"),
        ("PORTAL_SMTP_URL", "smtp://[::1"),
        ("PORTAL_SMTP_URL", "smtp://user@mail.example"),
        ("PORTAL_SMTP_URL", "smtp://user:pass%C3%A9@mail.example"),
        ("PORTAL_SMTP_URL", "smtp://mail.example/inbox"),
        ("PORTAL_SMTP_URL", "smtp://mail.example?tls=no"),
        ("PORTAL_MAIL_FROM", "Portal <cobranca@portal.example>"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsRefused) as refused:
        settings()
    assert str(refused.value).startswith(f"{name}: ")
    assert "\n" not in str(refused.value)


def test_relative_paths_start_at_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, {"PORTAL_DATABASE_URL": "sqlite:///var/other.db"})

    assert settings().database_url == f"sqlite:///{ROOT / 'var/other.db'}"


def test_addresses_follow_the_port_and_the_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _set(monkeypatch, {"PORTAL_PORT": "8123", "PORTAL_DATA_DIR": str(tmp_path / "data")})

    assert settings().public_url == "http://localhost:8123"
    assert settings().origins == ["http://localhost:8123", "http://127.0.0.1:8123"]
    assert settings().database_url == f"sqlite:///{tmp_path / 'data' / 'portal.db'}"


def test_without_a_mail_server_there_is_none() -> None:
    assert settings().mail_server is None


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://relay.example", MailServer("relay.example", 25, "offered")),
        ("smtp://relay.example:2525/", MailServer("relay.example", 2525, "offered")),
        ("smtp://u:p%40ss@relay.example", MailServer("relay.example", 25, "starttls", "u", "p@ss")),
        ("smtp://u:p@localhost", MailServer("localhost", 25, "offered", "u", "p")),
        ("smtp://u:p@[::1]:26", MailServer("::1", 26, "offered", "u", "p")),
        ("smtp+starttls://relay.example", MailServer("relay.example", 587, "starttls")),
        ("smtps://u:p@relay.example", MailServer("relay.example", 465, "tls", "u", "p")),
    ],
)
def test_a_mail_server_is_read_from_its_address(
    monkeypatch: pytest.MonkeyPatch, url: str, server: MailServer
) -> None:
    monkeypatch.setenv("PORTAL_SMTP_URL", url)

    assert settings().mail_server == server


def test_a_wrong_mail_server_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORTAL_SMTP_URL", "smtp://user:hidden@mail.example:port")

    with pytest.raises(SettingsRefused, match="PORTAL_SMTP_URL") as refused:
        settings()
    assert "hidden" not in str(refused.value) + repr(MailServer("h", 25, "tls", "u", "hidden"))


@pytest.mark.parametrize("keys", ["k" * 40 + ",short", "short," + "k" * 40, "k" * 40 + ","])
def test_every_signing_key_is_long_enough(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", keys)

    with pytest.raises(SettingsRefused, match="PORTAL_SECRET_KEY"):
        settings()
