"""The portal's settings: read once from the environment and refused before anything starts.

Each field is the variable of its name with the prefix `PORTAL_`. Whatever may hold a password
stays out of `repr`, so that no log line or traceback shows it.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal_app.domain.emails import address_of

ROOT: Final = Path(__file__).resolve().parent.parent
"""The project's folder. A relative path in a setting starts here, not where the command was typed."""

SECRET_KEY_BYTES: Final = 32

_PREFIX: Final = "PORTAL_"
_SQLITE: Final = "sqlite:///"
_MAIL_PORTS: Final = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_HOST: Final = re.compile(r"([a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}|[0-9a-f:.]+")
_MAIL_SERVER: Final = (
    "must be smtp://, smtps:// or smtp+starttls:// with a host, and with a user and a password or "
    "neither, such as smtp://user:password@mail.example:587"
)


class SettingsRefused(Exception):
    """The portal does not start with these settings; each line of the text names one."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mails are handed over.

    `encryption`: from the first byte ("tls"), by STARTTLS before anything else is said
    ("starttls"), or by STARTTLS where the server offers it ("offered"). A password never leaves
    this machine without the first or the second.
    """

    host: str
    port: int
    encryption: Literal["tls", "starttls", "offered"]
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> MailServer:
        """The server of an address such as 'smtps://user:password@mail.example'; else ValueError."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError(_MAIL_SERVER) from None
        scheme, host = parts.scheme, parts.hostname or ""
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        extra = parts.path.strip("/") or parts.query or parts.fragment
        known = scheme in _MAIL_PORTS and _HOST.fullmatch(host)
        who = bool(user) == bool(password) and (user + password).isascii()
        if not known or extra or port == 0 or not who:
            raise ValueError(_MAIL_SERVER)
        secret = scheme == "smtp+starttls" or (password and not _is_this_machine(host))
        encryption = "tls" if scheme == "smtps" else "starttls" if secret else "offered"
        return cls(host, port or _MAIL_PORTS[scheme], encryption, user, password)


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _local_address(known: dict[str, Any]) -> str:
    return f"http://localhost:{known['port']}"


def _database_file(known: dict[str, Any]) -> str:
    return f"{_SQLITE}{known['data_dir'] / 'portal.db'}"


def _credentials_folder(known: dict[str, Any]) -> Path:
    return known["data_dir"] / "bank-credentials"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, frozen=True, validate_default=True
    )

    mode: Literal["demo", "production"] = "demo"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str = Field(default_factory=_local_address)
    data_dir: Path = Path("var")
    database_url: str = Field(default_factory=_database_file, repr=False)
    redis_url: str = Field(default="", repr=False)
    secret_key: SecretStr = SecretStr("")
    stripe_secret_key: SecretStr = SecretStr("")
    stripe_webhook_secret: SecretStr = SecretStr("")
    """One secret, or while one replaces another several, with commas."""
    stripe_api_base: str = ""
    smtp_url: SecretStr = SecretStr("")
    mail_from: str = ""
    """The sender's address where it is not each company's own."""
    bank_credentials: Path = Field(default_factory=_credentials_folder)
    """A folder of secrets for banks, `NAME.toml` each, never in the database."""
    trusted_proxies: str = ""
    """Addresses or networks, with commas, whose word on where a request comes from counts."""
    limits_times: int = Field(default=1, ge=1)
    """Limits on what one address or one socket may ask are multiplied by it."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    demo_bank_seconds: float = Field(default=20, ge=0)

    @property
    def is_production(self) -> bool:
        return self.mode == "production"

    @property
    def origins(self) -> list[str]:
        """The sites whose pages may open our websocket; localhost answers to its number too."""
        local = self.public_url.replace("//localhost", "//127.0.0.1")
        return list(dict.fromkeys((self.public_url, local)))

    @property
    def trusted_networks(self) -> list[IPv4Network | IPv6Network]:
        named = filter(None, (each.strip() for each in self.trusted_proxies.split(",")))
        return [ip_network(each) for each in named]

    @property
    def signing_keys(self) -> list[str]:
        """The first signs, all of them are accepted: one replaces the other as 'new,old'."""
        return self.secret_key.get_secret_value().split(",")

    @property
    def stripe_webhook_secrets(self) -> list[str]:
        secrets = self.stripe_webhook_secret.get_secret_value().split(",")
        return [secret.strip() for secret in secrets if secret.strip()]

    @property
    def mail_server(self) -> MailServer | None:
        """None: e-mails are written as files instead."""
        url = self.smtp_url.get_secret_value()
        return MailServer.of(url) if url else None

    @field_validator("public_url")
    @classmethod
    def _address_of_a_site(cls, url: str) -> str:
        if not re.fullmatch(r"https?://[^/\s]+/?", url):
            raise ValueError("must be an address without a path, such as https://portal.example")
        return url.rstrip("/")

    @field_validator("data_dir", "bank_credentials")
    @classmethod
    def _from_the_root(cls, folder: Path) -> Path:
        return ROOT / folder

    @field_validator("database_url")
    @classmethod
    def _file_from_the_root(cls, url: str) -> str:
        file = url.removeprefix(_SQLITE)
        if file == url or file in {"", ":memory:"}:
            return url
        return f"{_SQLITE}{ROOT / file}"

    @field_validator("smtp_url")
    @classmethod
    def _address_of_a_mail_server(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value():
            MailServer.of(url.get_secret_value())
        return url

    @field_validator("mail_from")
    @classmethod
    def _one_address(cls, sender: str) -> str:
        address = address_of(sender) if sender else ""
        if address is None:
            raise ValueError("must be one e-mail address, such as cobranca@portal.example")
        return address

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, proxies: str) -> str:
        try:
            [ip_network(each.strip()) for each in proxies.split(",") if each.strip()]
        except ValueError:
            raise ValueError("must be addresses or networks, such as 10.0.0.0/8,::1") from None
        return proxies

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, level: str) -> str:
        return level.upper()

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, key: SecretStr) -> SecretStr:
        given = key.get_secret_value()
        shortest = min(len(each.encode()) for each in given.split(","))
        if given and shortest < SECRET_KEY_BYTES:
            raise ValueError(f"must have at least {SECRET_KEY_BYTES} bytes, found {shortest}")
        return key


@lru_cache(maxsize=1)
def settings() -> Settings:
    """This process's settings; raises SettingsRefused if the portal must not start with them."""
    try:
        read = Settings()
    except ValidationError as refused:
        raise SettingsRefused("\n".join(_sentences(refused))) from None
    if read.is_production:
        _ensure_production(read)
    elif not read.secret_key.get_secret_value():
        key = SecretStr(_demo_key(read.data_dir / "secret_key"))
        return read.model_copy(update={"secret_key": key})
    return read


def _sentences(refused: ValidationError) -> list[str]:
    return [
        f"{_PREFIX}{str(error['loc'][0]).upper()}: {error['msg'].removeprefix('Value error, ')}."
        for error in refused.errors(include_input=False, include_url=False)
        if error["type"] != "default_factory_not_called"  # only says that another field failed
    ]


def _ensure_production(read: Settings) -> None:
    """Refuse what only the demo may do: live without a secret, without Stripe, with a fast bank."""
    refused = [
        f"{_PREFIX}{name.upper()} must be set when PORTAL_MODE is production{reason}."
        for name, reason in (
            ("secret_key", ""),
            ("stripe_secret_key", "; without it the demo gateway would take the payments"),
            ("stripe_webhook_secret", ""),
        )
        if not getattr(read, name).get_secret_value()
    ]
    if "demo_bank_seconds" in read.model_fields_set:
        refused.append(
            f"{_PREFIX}DEMO_BANK_SECONDS must not be set when PORTAL_MODE is production."
        )
    if refused:
        raise SettingsRefused("\n".join(refused))


def _demo_key(file: Path) -> str:
    """The key kept in `file`, made the first time; two processes starting together agree on one."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=file.parent)  # mode 600
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(SECRET_KEY_BYTES))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    return file.read_text(encoding="ascii").strip()
